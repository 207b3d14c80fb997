"""How a data set comes into being and grows: names, pictures, parts, and what must never happen."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop_app.errors import AppError
from desktop_app.exporting import data_set
from desktop_app.exporting.data_set import DataSet
from desktop_app.exporting.export import export
from desktop_app.exporting.formats import DATA_SETS, FORMATS, find_format
from desktop_app.exporting.item import ExportItem
from desktop_app.exporting.split import Splitter
from desktop_app.exporting.target import RESULTS, free_target, is_free, what_lies_there
from desktop_app.sources.image_file import read_picture
from tests.exporting import samples
from tests.sources.corpus import number_of, numbered, write_video

ROW: samples.Row = (4.0, 6.0, 20.0, 30.0, 0.9, 0)


def one(folder: Path, name: str = "a.jpg", *rows: samples.Row) -> ExportItem:
    return samples.item(samples.picture(folder / name), *(rows or (ROW,)))


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_a_plain_picture_is_copied_byte_by_byte(tmp_path: Path) -> None:
    made = one(tmp_path / "in")
    samples.write(tmp_path / "out", "yolo", [made])
    assert (tmp_path / "out/images/train/a.jpg").read_bytes() == Path(made.path).read_bytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_turned_by_exif_is_written_upright(tmp_path: Path, orientation: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = samples.picture(tmp_path / f"p.{kind.lower()}", (64, 40), format=kind, exif=exif)
    shown = read_picture(str(path))
    size = (shown.shape[1], shown.shape[0])
    assert size == ((64, 40) if orientation < 5 else (40, 64))
    samples.write(tmp_path / "out", "yolo", [samples.item(path, ROW, size=size)])
    (written,) = (tmp_path / "out/images/train").iterdir()
    with Image.open(written) as picture:
        assert picture.getexif().get(0x0112, 1) == 1
        pixels = np.asarray(picture.convert("RGB"))[:, :, ::-1]
    assert pixels.shape == shown.shape
    assert np.abs(pixels.astype(int) - shown).mean() < 3


@pytest.mark.parametrize(
    ("suffix", "becomes"), [(".webp", ".jpg"), (".bmp", ".png"), (".tiff", ".png"), (".gif", ".png")]
)
def test_formats_that_some_tools_do_not_list_are_written_anew(tmp_path: Path, suffix: str, becomes: str) -> None:
    made = one(tmp_path / "in", f"a{suffix}")
    samples.write(tmp_path / "out", "yolo", [made])
    (written,) = (tmp_path / "out/images/train").iterdir()
    assert written.suffix == becomes
    assert np.abs(read_picture(str(written)).astype(int) - read_picture(made.path)).mean() < 3


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    path = samples.picture(tmp_path / "in" / "a.jpg", format="PNG")
    samples.write(tmp_path / "out", "yolo", [samples.item(path, ROW)])
    assert (tmp_path / "out/images/train/a.png").exists()


def test_a_jpeg_with_something_behind_it_is_written_anew(tmp_path: Path) -> None:
    """Telephones append what they like. Ultralytics would write over it, and through a link over the user's own."""
    path = samples.picture(tmp_path / "in" / "a.jpg")
    path.write_bytes(path.read_bytes() + b"trailer")
    samples.write(tmp_path / "out", "yolo", [samples.item(path, ROW)], pictures="hardlink")
    written = tmp_path / "out/images/train/a.jpg"
    assert written.read_bytes().endswith(b"\xff\xd9")
    assert not written.samefile(path)
    samples.write(tmp_path / "copy", "yolo", [samples.item(path, ROW)])
    assert (tmp_path / "copy/images/train/a.jpg").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("rotation", "mirror"), [(90, False), (180, True), (270, False), (0, True)])
def test_what_was_turned_before_recognition_is_turned_in_the_data_set(
    tmp_path: Path, rotation: int, mirror: bool
) -> None:
    from desktop_app.sources.orientation import OpenCvOrientation

    path = samples.picture(tmp_path / "in" / "a.jpg")
    shown = OpenCvOrientation(mirror, rotation).turn(read_picture(str(path)))
    made = samples.item(path, ROW, size=(shown.shape[1], shown.shape[0]))
    samples.write(tmp_path / "out", "coco", [replace(made, rotation=rotation, mirror=mirror)])
    written = read_picture(str(tmp_path / "out/images/train/a.jpg"))
    assert np.abs(written.astype(int) - shown).mean() < 3


def test_a_picture_that_changed_since_is_told_and_left_out(tmp_path: Path) -> None:
    made = one(tmp_path / "in")
    samples.picture(Path(made.path), (30, 30))
    report = samples.write(tmp_path / "out", "yolo", [made, one(tmp_path / "in", "b.jpg")])
    assert report.pictures == 1
    assert [name for name, _ in report.failed] == ["a.jpg"]
    assert "30×30" in report.failed[0][1]
    assert not list((tmp_path / "out").rglob("a.*"))


def test_a_picture_that_is_gone_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    made = one(tmp_path / "in")
    Path(made.path).unlink()
    report = samples.write(tmp_path / "out", "coco", [made, one(tmp_path / "in", "b.jpg")])
    assert report.pictures == 1
    assert "does not exist" in report.failed[0][1]


@pytest.mark.parametrize("mode", ["hardlink", "symlink"])
def test_pictures_can_be_linked(tmp_path: Path, mode: str) -> None:
    made = one(tmp_path / "in")
    report = samples.write(tmp_path / "out", "yolo", [made], pictures=mode)
    written = tmp_path / "out/images/train/a.jpg"
    assert written.samefile(made.path)
    assert written.is_symlink() == (mode == "symlink")
    assert report.copied == 0


def test_where_links_cannot_be_made_pictures_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    made = one(tmp_path / "in")
    report = samples.write(tmp_path / "out", "yolo", [made], pictures="hardlink")
    assert report.copied == 1
    assert (tmp_path / "out/images/train/a.jpg").read_bytes() == Path(made.path).read_bytes()


def test_pixels_without_a_file(tmp_path: Path) -> None:
    record = samples.record_of(samples.detections(ROW), "HD Webcam", (320, 240))
    made = ExportItem((record,), "HD Webcam: front", bgr=numbered(77))
    samples.write(tmp_path / "out", "yolo", [made, made])
    assert samples.names_in(tmp_path / "out/images") == {"train/HD_Webcam_front.jpg", "train/HD_Webcam_front-2.jpg"}
    assert number_of(read_picture(str(tmp_path / "out/images/train/HD_Webcam_front.jpg"))) == 77


def test_frames_of_a_video_are_the_ones_that_were_recognised(tmp_path: Path) -> None:
    video = write_video(tmp_path / "film.mkv", "mpeg4", 90)
    record = samples.record_of(samples.detections(ROW), str(video), (320, 240))
    wanted = (0, 1, 7, 60, 89, 30)
    made = [ExportItem((record,), str(video), frame=number) for number in wanted]
    samples.write(tmp_path / "out", "coco", made)
    found = {
        int(path.stem.rpartition("-")[2]): number_of(read_picture(str(path)))
        for path in (tmp_path / "out/images/train").iterdir()
    }
    assert found == {number: number for number in wanted}
    assert (tmp_path / "out/images/train/film-000060.jpg").exists()


def test_frames_of_an_animation(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    frames = [Image.fromarray(numbered(number)) for number in range(6)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=40)
    record = samples.record_of(samples.detections(ROW), str(path), (320, 240))
    made = [ExportItem((record,), str(path), frame=number) for number in (4, 1)]
    samples.write(tmp_path / "out", "yolo", made)
    found = {path.name: number_of(read_picture(str(path))) for path in (tmp_path / "out/images/train").iterdir()}
    assert found == {"a-000004.jpg": 4, "a-000001.jpg": 1}


# --- names ------------------------------------------------------------------------------------------------------------


def test_pictures_of_one_name_from_several_folders(tmp_path: Path) -> None:
    """Labels are named like their picture without its extension, and some systems do not look at the case."""
    made = [
        one(tmp_path / folder, name)
        for folder, name in (("x", "a.jpg"), ("y", "a.jpg"), ("x", "a.png"), ("y", "A.png"))
    ]
    samples.write(tmp_path / "out", "yolo", made)
    assert samples.names_in(tmp_path / "out/labels") == {f"train/{n}.txt" for n in ("a", "a-2", "a-3", "A-4")}


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("été à la plage (1).jpg", "été_à_la_plage_1.jpg"),
        ("CON.jpg", "_CON.jpg"),
        ("..hidden.jpg", "hidden.jpg"),
        ("日本 語.jpg", "日本_語.jpg"),
        ("a" * 200 + ".jpg", "a" * 100 + ".jpg"),
        ("new\nline.jpg", "new_line.jpg"),
        ("{name}.jpg", "name.jpg"),
    ],
)
def test_odd_names(tmp_path: Path, name: str, becomes: str) -> None:
    samples.write(tmp_path / "out", "voc", [one(tmp_path / "in", name)])
    assert (tmp_path / "out/JPEGImages" / becomes).exists()


def test_a_name_that_is_not_unicode(tmp_path: Path) -> None:
    from desktop_app.core.media import portable

    path = samples.picture(tmp_path / "in" / "a.jpg").rename(os.fsdecode(os.fsencode(tmp_path) + b"/in/\xff\xfe.jpg"))
    made = samples.item(path, ROW)
    report = samples.write(tmp_path / "out", "coco", [replace(made, path=portable(str(path)))])
    assert (report.pictures, report.failed) == (1, [])
    data = json.loads((tmp_path / "out/annotations/instances_train.json").read_text(encoding="utf-8"))
    assert (tmp_path / "out/images/train" / data["images"][0]["file_name"]).exists()


def test_classes_whose_names_make_no_folder(tmp_path: Path) -> None:
    names = ("a/b", "a:b", "..", "CON", "crane", "crane")
    probabilities = np.eye(6) * 0.9 + 0.01
    made = []
    for number, row in enumerate(probabilities):
        path = samples.picture(tmp_path / "in" / f"p{number}.jpg")
        record = samples.record_of(samples.classification(*row), str(path), names=names)
        made.append(ExportItem((record,), str(path)))
    samples.write(tmp_path / "out", "imagefolder", made, names=names)
    folders = {path.name: next(path.iterdir()).name for path in (tmp_path / "out").iterdir() if path.is_dir()}
    assert folders == {
        "a_b": "p0.jpg",
        "a_b-2": "p1.jpg",
        "_": "p2.jpg",
        "_CON": "p3.jpg",
        "crane 4": "p4.jpg",
        "crane 5": "p5.jpg",
    }


# --- labels -----------------------------------------------------------------------------------------------------------


def test_boxes_are_cut_at_the_edges_and_those_outside_are_left_out(tmp_path: Path) -> None:
    rows: tuple[samples.Row, ...] = (
        (-9.0, -9.0, 10.0, 10.0, 0.9, 0),
        (60.0, 40.0, 99.0, 99.0, 0.8, 1),
        (70.0, 5.0, 90.0, 20.0, 0.7, 2),
        (5.0, 5.0, 5.0, 20.0, 0.6, 2),
    )
    samples.write(tmp_path / "out", "coco", [one(tmp_path / "in", "a.jpg", *rows)])
    data = json.loads((tmp_path / "out/annotations/instances_train.json").read_text(encoding="utf-8"))
    assert [each["bbox"] for each in data["annotations"]] == [[0, 0, 10, 10], [60, 40, 4, 8]]


def test_the_least_confidence_and_pictures_without_boxes(tmp_path: Path) -> None:
    made = [
        one(tmp_path / "in", "a.jpg", (1.0, 1.0, 9.0, 9.0, 0.3, 0), (1.0, 1.0, 9.0, 9.0, 0.6, 1)),
        one(tmp_path / "in", "b.jpg", (1.0, 1.0, 9.0, 9.0, 0.3, 0)),
    ]
    with_empty = samples.write(tmp_path / "with", "yolo", made, least=0.5)
    assert (with_empty.pictures, with_empty.labels, with_empty.empty) == (2, 1, 0)
    assert (tmp_path / "with/labels/train/b.txt").read_text() == ""
    without = samples.write(tmp_path / "without", "yolo", made, least=0.5, empty=False)
    assert (without.pictures, without.labels, without.empty) == (1, 1, 1)
    assert samples.names_in(tmp_path / "without/images") == {"train/a.jpg"}


@pytest.mark.parametrize("key", DATA_SETS)
def test_every_data_set_has_all_that_was_recognised_beside_it(tmp_path: Path, key: str) -> None:
    """Whatever the format keeps of it."""
    if key == "imagefolder":
        path = samples.picture(tmp_path / "in/a.jpg")
        made = ExportItem((samples.record_of(samples.classification(0.7, 0.1, 0.1, 0.1), str(path)),), str(path))
    else:
        made = one(tmp_path / "in")
    samples.write(tmp_path / "out", key, [made])
    (row,) = [json.loads(line) for line in (tmp_path / "out" / RESULTS).read_text(encoding="utf-8").splitlines()]
    assert (tmp_path / "out" / row["file"]).exists()
    found = (row.get("detections") or row["classes"])[0]
    assert found.get("confidence", found.get("probability")) == pytest.approx(0.7 if key == "imagefolder" else 0.9)


def test_the_records_of_one_model_are_taken(tmp_path: Path) -> None:
    made = one(tmp_path / "in")
    other = samples.record_of(samples.detections((1.0, 1.0, 9.0, 9.0, 0.9, 1)), model="other")
    report = samples.write(tmp_path / "out", "yolo", [replace(made, records=(other, *made.records))])
    assert report.labels == 1
    assert (tmp_path / "out/labels/train/a.txt").read_text().startswith("0 ")


def test_a_class_that_the_description_does_not_name(tmp_path: Path) -> None:
    samples.write(tmp_path / "out", "coco", [one(tmp_path / "in", "a.jpg", ROW)], names=("person",))
    names = (*samples.NAMES, "class 4", "class 5")
    record = samples.record_of(samples.detections((1.0, 1.0, 9.0, 9.0, 0.9, 5)), names=names)
    path = samples.picture(tmp_path / "in" / "b.jpg")
    samples.write(tmp_path / "two", "coco", [ExportItem((record,), str(path))])
    data = json.loads((tmp_path / "two/annotations/instances_train.json").read_text(encoding="utf-8"))
    assert data["annotations"][0]["category_id"] == 6
    assert data["categories"][5]["name"] == "class 5"


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "share", "wanted"), [(10, 0.2, 2), (100, 0.15, 15), (548, 0.2, 110), (5, 0.2, 1), (2, 0.1, 1)]
)
def test_the_validation_part_has_its_share(total: int, share: float, wanted: int) -> None:
    drawn = [Splitter(share, 7, total)]
    parts = [drawn[0].next() for _ in range(total)]
    assert abs(parts.count("val") - wanted) <= 1
    assert parts.count("val") >= 1
    assert parts.count("train") >= 1


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    first, again, other = ([Splitter(0.2, seed).next() for _ in range(1)] for seed in (1, 1, 2))
    splitters = [Splitter(0.2, seed) for seed in (1, 1, 2)]
    first, again, other = ([splitter.next() for _ in range(200)] for splitter in splitters)
    assert first == again
    assert first != other
    assert first.count("val") == other.count("val") == 40


def test_drawing_goes_on_where_it_was() -> None:
    whole = Splitter(0.2, 3)
    parts = [whole.next() for _ in range(57)]
    later = Splitter(0.2, 3, begun=23)
    assert parts[23:] == [later.next() for _ in range(34)]


# --- one step, or added -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", DATA_SETS)
def test_nothing_is_seen_before_it_is_whole(tmp_path: Path, key: str) -> None:
    target = tmp_path / "out"
    made = DataSet(samples.job(target, key))
    if key != "imagefolder":
        made.add(one(tmp_path / "in"))
    assert not target.exists()
    made.discard()
    assert {path.name for path in tmp_path.iterdir()} <= {"in"}


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "holiday.txt").write_text("mine")
    for add in (False, True):
        with pytest.raises(AppError, match="out"):
            DataSet(samples.job(target, "yolo", add=add))
    assert samples.names_in(target) == {"holiday.txt"}
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    samples.write(tmp_path / "out", "yolo", [one(tmp_path / "in")])
    assert (tmp_path / "out/data.yaml").exists()


def grown(tmp_path: Path, key: str) -> Path:
    """A data set of two pictures to which a third of a known name was added, and one that was there already."""
    target = tmp_path / "out"
    first = [one(tmp_path / "x", "a.jpg"), one(tmp_path / "x", "b.jpg")]
    samples.write(target, key, first, val_share=0.5, total=2)
    report = samples.write(target, key, [first[0], one(tmp_path / "y", "a.jpg")], add=True)
    assert (report.pictures, report.known, report.all_pictures) == (1, 1, 3)
    return target


def test_numbers_go_on_in_coco(tmp_path: Path) -> None:
    folder = grown(tmp_path, "coco") / "annotations"
    for part in ("train", "val"):
        data = json.loads((folder / f"instances_{part}.json").read_text(encoding="utf-8"))
        ids = [image["id"] for image in data["images"]]
        assert ids == list(range(1, len(ids) + 1))
        assert [each["image_id"] for each in data["annotations"]] == ids
        assert [each["id"] for each in data["annotations"]] == ids
        for image in data["images"]:
            assert (folder.parent / "images" / part / image["file_name"]).exists()
    assert (
        samples.names_in(folder.parent / "images") >= {"train/a-2.jpg"}
        or (folder.parent / "images/val/a-2.jpg").exists()
    )


def test_what_others_wrote_into_coco_stays(tmp_path: Path) -> None:
    target = tmp_path / "out"
    samples.write(target, "coco", [one(tmp_path / "x", "a.jpg")])
    path = target / "annotations/instances_train.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["annotations"][0]["bbox"] = [1, 2, 3, 4]
    data["annotations"].append({**data["annotations"][0], "id": 40})
    path.write_text(json.dumps(data), encoding="utf-8")
    samples.write(target, "coco", [one(tmp_path / "x", "b.jpg")], add=True)
    after = json.loads(path.read_text(encoding="utf-8"))
    assert after["annotations"][0]["bbox"] == [1, 2, 3, 4]
    assert [each["id"] for each in after["annotations"]] == [1, 40, 41]


def test_voc_lists_grow(tmp_path: Path) -> None:
    folder = grown(tmp_path, "voc") / "ImageSets/Main"
    assert (folder / "trainval.txt").read_text().split() == ["a", "b", "a-2"]


def test_yolo_names_the_validation_part_as_soon_as_there_is_one(tmp_path: Path) -> None:
    import yaml

    target = tmp_path / "out"
    job = {"val_share": 0.5, "seed": 1}
    made = [one(tmp_path / "x", f"{n}.jpg") for n in range(20)]
    samples.write(target, "yolo", [replace(made[0], split="train")], **job)
    data = yaml.safe_load((target / "data.yaml").read_text(encoding="utf-8"))
    assert (data["train"], data["val"], data["names"][1]) == ("images/train", "images/train", "tea cup")
    (target / "data.yaml").write_text((target / "data.yaml").read_text() + "test: mine\n")
    samples.write(target, "yolo", made[1:], add=True)
    data = yaml.safe_load((target / "data.yaml").read_text(encoding="utf-8"))
    assert (data["val"], data["test"]) == ("images/val", "mine")
    assert len(list((target / "images/val").iterdir())) in (9, 10, 11)


def test_only_the_same_format_and_classes_can_be_added(tmp_path: Path) -> None:
    target = tmp_path / "out"
    samples.write(target, "yolo", [one(tmp_path / "x")])
    with pytest.raises(AppError, match="another format"):
        DataSet(samples.job(target, "coco", add=True))
    with pytest.raises(AppError, match="other classes"):
        DataSet(samples.job(target, "yolo", add=True, names=("cat", "dog")))
    before = samples.names_in(target)
    with pytest.raises(AppError, match="holds something"):
        DataSet(samples.job(target, "yolo"))
    assert samples.names_in(target) == before


def test_a_picture_that_a_crash_left_behind_is_not_written_over(tmp_path: Path) -> None:
    target = tmp_path / "out"
    samples.write(target, "yolo", [one(tmp_path / "x", "a.jpg")])
    (target / "images/train/b.png").write_bytes(b"mine")
    samples.write(target, "yolo", [one(tmp_path / "x", "b.jpg")], add=True)
    assert (target / "images/train/b.png").read_bytes() == b"mine"
    assert (target / "images/train/b-2.jpg").exists()


def test_a_line_that_a_full_disk_cut_short_does_no_harm(tmp_path: Path) -> None:
    target = tmp_path / "out"
    samples.write(target, "yolo", [one(tmp_path / "x", "a.jpg")])
    with (target / RESULTS).open("a") as file:
        file.write('{"file": "ima')
    report = samples.write(target, "yolo", [one(tmp_path / "x", "a.jpg"), one(tmp_path / "x", "b.jpg")], add=True)
    assert (report.known, report.pictures, report.all_pictures) == (1, 1, 2)
    assert json.loads((target / RESULTS).read_text().splitlines()[-1])["file"] == "images/train/b.jpg"


def endless(tmp_path: Path) -> Iterator[ExportItem]:
    number = 0
    while True:
        yield one(tmp_path / "in", f"{number}.jpg")
        number += 1


def test_cancelling_leaves_nothing_behind(tmp_path: Path) -> None:
    stop = threading.Event()

    def progress(done: int) -> None:
        if done == 3:
            stop.set()

    assert export(samples.job(tmp_path / "out", "yolo"), endless(tmp_path), progress, stop) is None
    assert {path.name for path in tmp_path.iterdir()} == {"in"}


def test_cancelling_what_is_added_keeps_it_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    samples.write(target, "coco", [one(tmp_path / "x")])
    stop = threading.Event()

    def progress(done: int) -> None:
        if done == 3:
            stop.set()

    assert export(samples.job(target, "coco", add=True), endless(tmp_path), progress, stop) is None
    data = json.loads((target / "annotations/instances_train.json").read_text(encoding="utf-8"))
    files = {image["file_name"] for image in data["images"]}
    assert files == {path.name for path in (target / "images/train").iterdir()}
    assert len(files) == 4


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(data_set, "write_text", full)
    with pytest.raises(AppError, match="No space left"):
        export(samples.job(tmp_path / "out", "yolo"), [one(tmp_path / "in")])
    assert {path.name for path in tmp_path.iterdir()} == {"in"}


def test_the_manifest_tells_what_it_is(tmp_path: Path) -> None:
    samples.write(tmp_path / "out", "yolo", [one(tmp_path / "in")], val_share=0.25, seed=9)
    held = what_lies_there(tmp_path / "out")
    assert held is not None
    assert (held["format"], held["model"], held["val_share"], held["seed"]) == ("yolo", "m", 0.25, 9)
    assert tuple(held["classes"]) == samples.NAMES
    assert what_lies_there(tmp_path) is None


def test_a_free_name(tmp_path: Path) -> None:
    assert free_target(tmp_path, "x") == tmp_path / "x"
    (tmp_path / "x").mkdir()
    assert is_free(tmp_path / "x")
    (tmp_path / "x/y").touch()
    assert not is_free(tmp_path / "x")
    assert free_target(tmp_path, "x") == tmp_path / "x-2"


def test_every_format_has_words() -> None:
    for each in FORMATS:
        assert each.title()
        assert each.opens()
        assert bool(each.suffix) == (each.layout is None)
        assert find_format(each.key) is each
    with pytest.raises(AppError, match="tfrecord"):
        find_format("tfrecord")
