"""What was exported, read by the tools that the formats are for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.exporting.item import ExportItem
from tests.exporting import samples

ROWS: dict[str, tuple[samples.Row, ...]] = {
    "one": ((1.2, 2.4, 30.7, 40.1, 0.95, 0), (10.0, 5.0, 50.5, 47.0, 0.61, 2)),
    "two": ((-3.0, -2.0, 70.0, 20.0, 0.5, 1),),
    "none": (),
}
CUT = {"one": ROWS["one"], "two": ((0.0, 0.0, 64.0, 20.0, 0.5, 1),), "none": ()}


@pytest.fixture
def items(tmp_path: Path) -> list[ExportItem]:
    paths = {stem: samples.picture(tmp_path / "in" / f"{stem}.jpg") for stem in ROWS}
    return [samples.item(path, *ROWS[stem]) for stem, path in paths.items()]


def agree(found: Any, expected: Sequence[samples.Row], tolerance: float) -> None:
    """`found`: supervision's `Detections`."""
    table = np.array(expected, np.float32).reshape(-1, 6)
    assert found.xyxy == pytest.approx(table[:, :4], abs=tolerance)
    assert np.asarray(found.class_id).tolist() == table[:, 5].astype(int).tolist()


def all_agree(data_set: Any, tolerance: float) -> None:
    assert {Path(path).stem for path in data_set.image_paths} == set(ROWS)
    for path, picture, found in data_set:
        assert picture.shape[:2] == samples.SIZE[::-1]
        agree(found, CUT[Path(path).stem], tolerance)


def test_supervision_reads_yolo(items: list[ExportItem], tmp_path: Path) -> None:
    import supervision

    samples.write(tmp_path / "out", "yolo", items)
    root = tmp_path / "out"
    read = supervision.DetectionDataset.from_yolo(
        str(root / "images" / "train"), str(root / "labels" / "train"), str(root / "data.yaml")
    )
    assert tuple(read.classes) == samples.NAMES
    all_agree(read, 0.001)


def test_supervision_reads_coco(items: list[ExportItem], tmp_path: Path) -> None:
    import supervision

    samples.write(tmp_path / "out", "coco", items)
    root = tmp_path / "out"
    read = supervision.DetectionDataset.from_coco(
        str(root / "images" / "train"), str(root / "annotations" / "instances_train.json")
    )
    assert tuple(read.classes) == samples.NAMES
    all_agree(read, 0.02)


def test_supervision_reads_voc(items: list[ExportItem], tmp_path: Path) -> None:
    import supervision

    samples.write(tmp_path / "out", "voc", items)
    root = tmp_path / "out"
    read = supervision.DetectionDataset.from_pascal_voc(str(root / "JPEGImages"), str(root / "Annotations"))
    for path, _, found in read:
        expected = np.array(CUT[Path(path).stem], np.float32).reshape(-1, 6)
        assert found.xyxy == pytest.approx(expected[:, :4], abs=0.51)
        names = [read.classes[i] for i in np.asarray(found.class_id)]
        assert names == [samples.NAMES[int(i)] for i in expected[:, 5]]


def test_supervision_reads_labelme(items: list[ExportItem], tmp_path: Path) -> None:
    import supervision

    if not hasattr(supervision.DetectionDataset, "from_labelme"):
        pytest.skip("this supervision does not read labelme")
    samples.write(tmp_path / "out", "labelme", items)
    read = supervision.DetectionDataset.from_labelme(str(tmp_path / "out"), str(tmp_path / "out"))
    for path, _, found in read:
        expected = np.array(CUT[Path(path).stem], np.float32).reshape(-1, 6)
        assert found.xyxy == pytest.approx(expected[:, :4], abs=0.02)


def test_pycocotools_reads_coco_and_evaluates_its_predictions(items: list[ExportItem], tmp_path: Path) -> None:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    samples.write(tmp_path / "out", "coco", items)
    root = tmp_path / "out"
    truth = COCO(str(root / "annotations" / "instances_train.json"))
    assert len(truth.getImgIds()) == 3
    assert [c["name"] for c in truth.loadCats(truth.getCatIds())] == list(samples.NAMES)
    two = next(image["id"] for image in truth.loadImgs(truth.getImgIds()) if image["file_name"] == "two.jpg")
    (box,) = truth.loadAnns(truth.getAnnIds(imgIds=[two]))
    assert box["bbox"] == [0, 0, 64, 20]
    assert box["area"] == 64 * 20
    assert box["score"] == pytest.approx(0.5)
    measured = COCOeval(truth, truth.loadRes(str(root / "predictions_train.json")), "bbox")
    measured.evaluate()
    measured.accumulate()
    measured.summarize()
    assert measured.stats[0] == pytest.approx(1.0)


def test_categories_of_coco_have_its_own_ids() -> None:
    from desktop_app.exporting.coco import category_ids
    from desktop_app.models.catalog import class_names, find

    names = class_names(find("yolov3-tiny"))
    ids = dict(zip(names, category_ids(names), strict=True))
    # From instances_val2017.json of COCO.
    assert (ids["person"], ids["stop sign"], ids["cat"], ids["dining table"], ids["toothbrush"]) == (1, 13, 17, 67, 90)
    assert category_ids(("cat", "dog")) == (1, 2)


_ULTRALYTICS = """
import json, sys
from desktop_app.recogniser.environment import secure_environment
secure_environment()
from ultralytics.data import utils
utils.check_font = lambda *_: None  # would be fetched
data = utils.check_det_dataset(sys.argv[1])
found = {}
from ultralytics.data.dataset import YOLODataset
for part in ("train", "val"):
    read = YOLODataset(img_path=data[part], data=data, task="detect", augment=False, imgsz=64)
    for label in read.labels:
        rows = [[int(c), *box] for c, box in zip(label["cls"][:, 0].tolist(), label["bboxes"].tolist())]
        found.setdefault(part, {})[label["im_file"].rsplit("/", 1)[-1]] = {"shape": label["shape"], "rows": rows}
print(json.dumps({"names": list(data["names"].values()), "found": found}))
"""


@pytest.mark.torch
def test_the_data_loader_of_ultralytics_reads_yolo(items: list[ExportItem], tmp_path: Path) -> None:
    """From another folder, as it will be; the validation part is not empty, or it would not train."""
    samples.write(tmp_path / "out", "yolo", items, val_share=0.34, total=3)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", _ULTRALYTICS, str(tmp_path / "out" / "data.yaml")],
        capture_output=True,
        text=True,
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": root},
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout.splitlines()[-1])
    assert read["names"] == list(samples.NAMES)
    assert {len(read["found"]["train"]), len(read["found"]["val"])} == {1, 2}
    both = {**read["found"]["train"], **read["found"]["val"]}
    assert set(both) == {"one.jpg", "two.jpg", "none.jpg"}
    for name, each in both.items():
        assert each["shape"] == [48, 64]
        expected = sorted(
            (row[5], (row[0] + row[2]) / 128, (row[1] + row[3]) / 96, (row[2] - row[0]) / 64, (row[3] - row[1]) / 48)
            for row in CUT[name.removesuffix(".jpg")]
        )
        assert sorted(map(tuple, each["rows"])) == [pytest.approx(row, abs=1e-5) for row in expected]


def test_voc_is_as_the_development_kit_has_it(items: list[ExportItem], tmp_path: Path) -> None:
    samples.write(tmp_path / "out", "voc", items, val_share=0.34, total=3)
    root = tmp_path / "out"
    tree = ET.parse(root / "Annotations" / "two.xml").getroot()
    assert tree.findtext("filename") == "two.jpg"
    assert [tree.findtext(f"size/{tag}") for tag in ("width", "height", "depth")] == ["64", "48", "3"]
    box = tree.find("object/bndbox")
    assert box is not None
    assert [int(box.findtext(tag) or "") for tag in ("xmin", "ymin", "xmax", "ymax")] == [1, 1, 64, 20]
    assert float(tree.findtext("object/confidence") or "") == pytest.approx(0.5)
    parts = {part: (root / "ImageSets" / "Main" / f"{part}.txt").read_text().split() for part in ("train", "val")}
    assert sorted(parts["train"] + parts["val"]) == ["none", "one", "two"]
    assert len(parts["val"]) == 1
    lines = (root / "labelmap.txt").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == [f"{name}:::" for name in samples.NAMES]


@pytest.mark.torch
def test_torchvision_reads_voc(items: list[ExportItem], tmp_path: Path) -> None:
    samples.write(tmp_path / "VOCdevkit" / "VOC2012", "voc", items)
    from torchvision.datasets import VOCDetection

    read = VOCDetection(str(tmp_path), year="2012", image_set="trainval")
    assert len(read) == 3
    for picture, tree in read:
        stem = Path(tree["annotation"]["filename"]).stem
        assert picture.size == samples.SIZE
        names = [each["name"] for each in tree["annotation"].get("object", [])]
        assert names == [samples.NAMES[row[5]] for row in CUT[stem]]


def test_labelme_by_its_own_rules(items: list[ExportItem], tmp_path: Path) -> None:
    """`_label_file.py` of labelme: which keys it asks for, of which types."""
    samples.write(tmp_path / "out", "labelme", items)
    data = json.loads((tmp_path / "out" / "one.json").read_text(encoding="utf-8"))
    assert {"version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth"} == set(data)
    assert data["imageData"] is None
    assert data["imagePath"] == "one.jpg"
    assert (data["imageWidth"], data["imageHeight"]) == samples.SIZE
    first = data["shapes"][0]
    assert first["label"] == "person"
    assert first["shape_type"] == "rectangle"
    assert first["points"] == [[pytest.approx(1.2), pytest.approx(2.4)], [pytest.approx(30.7), pytest.approx(40.1)]]
    assert first["group_id"] is None
    assert first["mask"] is None
    assert isinstance(first["flags"], dict)
    assert first["score"] == pytest.approx(0.95)


def classified(tmp_path: Path, *probabilities: tuple[float, float, float, float]) -> list[ExportItem]:
    found = []
    for number, row in enumerate(probabilities):
        path = samples.picture(tmp_path / "in" / f"p{number}.jpg")
        found.append(ExportItem((samples.record_of(samples.classification(*row), str(path)),), str(path)))
    return found


@pytest.mark.torch
def test_torchvision_reads_image_folder(tmp_path: Path) -> None:
    from torchvision.datasets import ImageFolder

    rows = [(0.9, 0.04, 0.03, 0.03), (0.1, 0.7, 0.1, 0.1), (0.05, 0.85, 0.05, 0.05), (0.4, 0.3, 0.2, 0.1)]
    report = samples.write(tmp_path / "out", "imagefolder", classified(tmp_path, *rows), least=0.5)
    read = ImageFolder(str(tmp_path / "out"))
    assert read.classes == ["person", "tea cup"]
    found = {Path(path).name: read.classes[index] for path, index in read.samples}
    assert found == {"p0.jpg": "person", "p1.jpg": "tea cup", "p2.jpg": "tea cup"}
    assert report.empty == 1


def test_supervision_reads_image_folder(tmp_path: Path) -> None:
    import supervision

    rows = [(0.9, 0.04, 0.03, 0.03), (0.1, 0.1, 0.1, 0.7)]
    samples.write(tmp_path / "out", "imagefolder", classified(tmp_path, *rows))
    read = supervision.ClassificationDataset.from_folder_structure(str(tmp_path / "out"))
    assert sorted(read.classes) == ["_cmd", "person"]
    assert len(read) == 2


def test_each_class_has_its_share_in_both_parts(tmp_path: Path) -> None:
    rows = [(0.9, 0.1, 0.0001, 0.0001)] * 20 + [(0.1, 0.9, 0.0001, 0.0001)] * 10
    samples.write(tmp_path / "out", "imagefolder", classified(tmp_path, *rows), val_share=0.2)
    counts = {
        f"{part}/{name}": len(list((tmp_path / "out" / part / name).iterdir()))
        for part in ("train", "val")
        for name in ("person", "tea cup")
    }
    assert counts == {"train/person": 16, "train/tea cup": 8, "val/person": 4, "val/tea cup": 2}


def test_boxes_are_cut_out_into_their_classes(items: list[ExportItem], tmp_path: Path) -> None:
    from PIL import Image

    report = samples.write(tmp_path / "out", "imagefolder", items, task="detect")
    assert (report.pictures, report.labels, report.empty) == (3, 3, 1)
    found = {}
    for path in (tmp_path / "out").glob("*/*.jpg"):
        with Image.open(path) as picture:
            found[path.relative_to(tmp_path / "out").as_posix()] = picture.size
    assert found == {
        "person/one.jpg": (30, 39),
        "chien d’été/one-2.jpg": (41, 42),
        "tea cup/two.jpg": (64, 20),
    }
    again = samples.write(tmp_path / "out", "imagefolder", items, task="detect", add=True)
    assert (again.pictures, again.known) == (0, 2)
    rows = [json.loads(line) for line in (tmp_path / "out/results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["class"] for row in rows] == ["person", "chien d’été", "tea cup"]
    assert rows[2]["cut"] == [0, 0, 64, 20]
