"""A batch from the folder to the window and the disk: interrupted at will, nothing lost, nothing done twice."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop_app.core.results import Classification, Detections, Result, Timings
from desktop_app.core.source import SourceNotice
from desktop_app.errors import SourceUnreadable
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.answers import Row, decode_answer
from desktop_app.recogniser.batch_job import BatchJob, Setups
from desktop_app.recogniser.batch_store import BatchStore
from tests.sources import corpus

ONE = Setups({"cat-finder": "setup 1"})
TWO = Setups({"cat-finder": "setup 1", "boxes": "setup 2"})


def answer(model: str, index: int) -> Result:
    logits = np.arange(12, dtype=np.float32) + index
    prediction: Classification | Detections = Classification(logits, (logits / logits.sum()).astype(np.float32))
    if model == "boxes":
        prediction = Detections(np.array([[1, 2, 3, 4]], np.float32), np.array([0.3], np.float32), np.array([5]))
    return Result(index, 0.0, model, prediction, Timings(1, 2, 3), "openvino", "CPU")


class Batch:
    """Runs jobs over one folder as the session does. `seen`: (file name, model) of what was really recognised."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.troubles: list[str] = []
        self.store = BatchStore(self.troubles.append)
        self.events: list[m.Event] = []
        self.notices: list[SourceNotice] = []

    def run(self, setups: Setups = ONE, most: int | None = None) -> list[tuple[str, str]]:
        """Until the end, or until so many pictures were recognised."""
        self.events.clear()
        stop = threading.Event()
        job = BatchJob(
            1, [str(self.folder)], "photos", self.notices.append, stop, lambda: setups, self.store, self.events.append
        )
        seen: list[tuple[str, str]] = []
        with job:
            for count, frame in enumerate(job):
                if count == most:
                    break
                assert frame.models is not None
                models = [model for model in setups.by_model if model in frame.models]
                name = self.names()[frame.index]
                seen += [(name, model) for model in models]
                job.done(frame, [answer(model, frame.index) for model in models])
        return seen

    def names(self) -> list[str]:
        return [name for e in self.events if isinstance(e, m.BatchListed) for _, names in e.groups for name in names]

    def rows(self, *, known: bool | None = None) -> list[Row]:
        events = [e for e in self.events if isinstance(e, m.BatchRows) and known in (None, e.known)]
        return [row for event in events for row in event.rows]


@pytest.fixture(scope="module")
def jpegs() -> list[bytes]:
    return corpus.jpegs(50)


@pytest.fixture
def batch(tmp_path: Path, jpegs: list[bytes]) -> Iterator[Batch]:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(1, 13):
        (folder / f"p{number}.jpg").write_bytes(jpegs[number])
    made = Batch(folder)
    yield made
    made.store.close()
    assert made.troubles == []


def test_files_come_in_natural_order_and_each_is_recognised_once(batch: Batch) -> None:
    seen = batch.run()
    assert [name for name, _ in seen] == [f"p{n}.jpg" for n in range(1, 13)]
    assert sorted(row.index for row in batch.rows()) == list(range(12))
    first = decode_answer(batch.rows()[0].answers[0])
    assert first is not None
    assert (first.model, first.size, first.others) == ("cat-finder", (320, 240), 2)
    assert first.boxes["class_id"].tolist() == list(range(11, 1, -1))
    last = [e for e in batch.events if isinstance(e, m.BatchListed)][-1]
    assert last.complete


def test_an_interrupted_batch_goes_on_where_it_was(batch: Batch) -> None:
    first = batch.run(most=5)
    assert len(first) == 5
    second = batch.run()
    assert [name for name, _ in first + second] == [f"p{n}.jpg" for n in range(1, 13)]
    assert [row.index for row in batch.rows(known=True)] == [0, 1, 2, 3, 4]
    assert batch.run() == []
    assert len(batch.rows(known=True)) == 12


def test_only_new_and_changed_files_are_recognised_again(batch: Batch, jpegs: list[bytes]) -> None:
    batch.run()
    (batch.folder / "p3.jpg").write_bytes(jpegs[40])
    os.utime(batch.folder / "p5.jpg", ns=(0, 0))
    (batch.folder / "p2b.jpg").write_bytes(jpegs[41])
    (batch.folder / "p7.jpg").unlink()
    assert [name for name, _ in batch.run()] == ["p2b.jpg", "p3.jpg", "p5.jpg"]
    assert len(batch.rows(known=True)) == 9


def test_another_file_in_its_place_is_another_picture(batch: Batch) -> None:
    """Even with the size and the time of the first."""
    batch.run()
    place, other = batch.folder / "p4.jpg", batch.folder.parent / "other.jpg"
    status = place.stat()
    data = bytearray(place.read_bytes())
    other.write_bytes(data)
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    shutil.move(other, place)
    assert [name for name, _ in batch.run()] == ["p4.jpg"]


def test_a_second_model_sees_what_the_first_has_seen_and_the_first_rests(batch: Batch) -> None:
    batch.run(most=4)
    seen = batch.run(TWO)
    assert [name for name, model in seen if model == "cat-finder"] == [f"p{n}.jpg" for n in range(5, 13)]
    assert [name for name, model in seen if model == "boxes"] == [f"p{n}.jpg" for n in range(1, 13)]
    assert batch.run(TWO) == []
    assert all(len(row.answers) == 2 for row in batch.rows(known=True))
    assert batch.run(Setups({"cat-finder": "other weights"})) != []


def test_what_cannot_be_read_is_told_with_its_reason_and_tried_again(batch: Batch, jpegs: list[bytes]) -> None:
    (batch.folder / "p2.jpg").write_bytes(b"no picture at all")
    assert "p2.jpg" not in [name for name, _ in batch.run()]
    failed = [row for row in batch.rows() if row.failed]
    assert [(row.index, "p2.jpg" in row.failed) for row in failed] == [(1, True)]
    (batch.folder / "p2.jpg").write_bytes(jpegs[2])
    assert [name for name, _ in batch.run()] == ["p2.jpg"]


def test_what_no_model_could_recognise_failed(batch: Batch) -> None:
    job = BatchJob(1, [str(batch.folder)], "x", print, threading.Event(), lambda: ONE, batch.store, batch.events.append)
    with job:
        for frame in job:
            job.done(frame, [])
    assert len([row for row in batch.rows() if row.failed]) == 12
    assert len(batch.run()) == 12


def test_all_can_be_recognised_anew(batch: Batch) -> None:
    """What the old job still finishes meanwhile does not count as known."""
    batch.run()
    (batch.folder / "p0.jpg").write_bytes((batch.folder / "p1.jpg").read_bytes())
    job = BatchJob(1, [str(batch.folder)], "x", print, threading.Event(), lambda: ONE, batch.store, batch.events.append)
    with job:
        for frame in job:
            job.forget()
            job.done(frame, [answer("cat-finder", frame.index)])
    assert len(batch.run()) == 13


def test_subfolders_odd_names_and_companions(batch: Batch, jpegs: list[bytes]) -> None:
    (batch.folder / "b").mkdir()
    (batch.folder / "b" / "x.jpg").write_bytes(jpegs[0])
    (batch.folder / "p1.txt").write_text("person 0 0 1 1")
    (batch.folder / ".hidden.jpg").write_bytes(jpegs[0])
    if os.name != "nt":
        (batch.folder / "b" / os.fsdecode(b"\xff.jpg")).write_bytes(jpegs[0])
        (batch.folder / "b" / "round").symlink_to(batch.folder)
    seen = [name for name, _ in batch.run()]
    assert seen[0] == "x.jpg"
    assert len(seen) == (13 if os.name == "nt" else 14)
    if os.name != "nt":
        assert seen[1].startswith("file://")
        assert seen[1].endswith("%FF.jpg")
    assert batch.run() == []


def test_an_animation_counts_by_its_first_frame_and_says_so(batch: Batch) -> None:
    pictures = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue")]
    (batch.folder / "a.gif").write_bytes(corpus.encode(pictures[0], "GIF", save_all=True, append_images=pictures[1:]))
    batch.run()
    answers = [decode_answer(row.answers[0]) for row in sorted(batch.rows(), key=lambda row: row.index)]
    assert [a is not None and a.animated for a in answers][:2] == [True, False]


def test_a_folder_without_pictures_is_said_to_be_empty(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    stop = threading.Event()
    job = BatchJob(1, [str(tmp_path / "empty")], "empty", print, stop, lambda: ONE, batch.store, batch.events.append)
    with pytest.raises(SourceUnreadable, match="empty holds no pictures"), job:
        pass


def test_pictures_wait_for_a_model(batch: Batch) -> None:
    """Without one they would run through unseen."""
    asked = threading.Event()
    ready: list[Setups] = []

    def setups() -> Setups | None:
        asked.set()
        return ready[0] if ready else None

    job = BatchJob(1, [str(batch.folder)], "x", print, threading.Event(), setups, batch.store, batch.events.append)
    got: list[int] = []
    with job:
        reader = threading.Thread(target=lambda: got.extend(frame.index for frame in job))
        reader.start()
        assert asked.wait(10)
        assert got == []
        ready.append(ONE)
        reader.join(10)
    assert got == list(range(12))


def test_a_folder_that_may_not_be_read_is_told(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    (batch.folder / "b").mkdir()
    real: Callable[..., object] = os.scandir

    def refusing(path: str) -> object:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("desktop_app.sources.walk.os.scandir", refusing)
    assert len(batch.run()) == 12
    assert "Permission denied" in str(batch.notices[0].error)
