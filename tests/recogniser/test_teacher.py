"""The thread that is taught beside recognition."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pytest

from desktop_app.core.frame import Frame
from desktop_app.core.teaching import NONE
from desktop_app.models import taught_file
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.teach_desk import lesson_file
from desktop_app.recogniser.teach_files import classes_of, pictures_of
from desktop_app.recogniser.teacher import Teacher

Kind = TypeVar("Kind", bound=m.Event)
PATIENCE = 60.0
KEY = "efficientnet-lite0"


class Heard:
    """What the window would hear; each message travels as it would."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[m.Event] = queue.SimpleQueue()

    def put(self, event: m.Event) -> None:
        self._events.put(m.decode_event(m.encode(event)))

    def next(self, kind: type[Kind]) -> Kind:
        """The next of this kind; others are passed over, but no failure."""
        while True:
            event = self._events.get(timeout=PATIENCE)
            if isinstance(event, kind):
                return event
            assert not isinstance(event, m.Failure | m.TeachFailed), event

    def nothing(self) -> bool:
        return self._events.empty()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def teacher(heard: Heard) -> Iterator[Teacher]:
    made = Teacher(heard.put, lambda: None)
    yield made
    made.stop()


def picture(kind: int, shift: int = 0) -> np.ndarray:
    """Stripes, rings, noise: three things that any network tells apart."""
    y, x = np.mgrid[:240, :320].astype(np.float32) + shift
    rng = np.random.default_rng(shift)
    plain = (
        127 + 127 * np.sin(x / 9),
        127 + 127 * np.sin(np.hypot(x - 160, y - 120) / 5),
        rng.integers(0, 256, (240, 320)).astype(np.float32),
    )[kind]
    return np.ascontiguousarray(np.repeat(plain[:, :, None], 3, axis=2).astype(np.uint8))


def frame(kind: int, index: int) -> Frame:
    return Frame(picture(kind, index), index, float(index))


def test_nothing_runs_until_somebody_teaches(teacher: Teacher, heard: Heard) -> None:
    teacher.offer(frame(0, 0))
    teacher.do(m.Teach(1))
    assert teacher._thread is None
    assert heard.nothing()


def test_a_network_that_is_not_there_is_told(teacher: Teacher, heard: Heard) -> None:
    teacher.offer(frame(0, 0))
    teacher.do(m.Teach(1, True, usual="resnet50"))
    event = heard._events.get(timeout=PATIENCE)
    assert isinstance(event, m.TeachFailed)
    assert "resnet50" in event.message
    teacher.do(m.TakeExample(1))
    found = heard._events.get(timeout=PATIENCE)
    while not isinstance(found, m.TeachFailed):
        found = heard._events.get(timeout=PATIENCE)
    assert "no network" in found.message


class TestFiles:
    def test_each_folder_is_a_class(self, tmp_path: Path) -> None:
        for name in ("cup", "key"):
            (tmp_path / "all" / name).mkdir(parents=True)
            cv2.imwrite(str(tmp_path / "all" / name / "1.png"), picture(0))
        loose = tmp_path / "loose.png"
        cv2.imwrite(str(loose), picture(1))
        whole = str(tmp_path / "all")
        inside = [("cup", [f"{whole}/cup"]), ("key", [f"{whole}/key"])]
        assert classes_of([whole]) == inside
        assert classes_of([f"{whole}/cup", str(loose)]) == [inside[0], ("", [str(loose)])]

    def test_pictures_only(self, tmp_path: Path, bus: Path) -> None:
        (tmp_path / "a" / "b").mkdir(parents=True)
        (tmp_path / "a" / "notes.txt").write_text("no picture")
        (tmp_path / "a" / "b" / "bus.jpg").write_bytes(bus.read_bytes())
        assert pictures_of([str(tmp_path / "a")]) == [str(tmp_path / "a" / "b" / "bus.jpg")]


@pytest.mark.package_index
class TestTeaching:
    @pytest.fixture(autouse=True)
    def own_models(self, starter_models: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The starter is there, and the lesson of another test is not."""
        from desktop_app.models import catalog, store

        weights = store.weights_path(catalog.find(KEY))
        folder = tmp_path / "own"
        folder.mkdir()
        monkeypatch.setenv("REGARD_MODELS_DIR", str(folder))
        (folder / weights.name).write_bytes(weights.read_bytes())

    @pytest.fixture
    def open_(self, teacher: Teacher, heard: Heard) -> Teacher:
        teacher.do(m.Teach(1, True, usual=KEY))
        begun = heard.next(m.LessonChanged)
        assert (begun.model, begun.classes, begun.examples) == (KEY, (), ())
        return teacher

    def take(self, teacher: Teacher, heard: Heard, slot: int, kind: int, index: int) -> m.LessonChanged:
        teacher.offer(frame(kind, index))
        teacher.do(m.TakeExample(slot))
        return heard.next(m.LessonChanged)

    def test_taught_with_one_example_each_it_tells_them_apart(self, open_: Teacher, heard: Heard) -> None:
        first = self.take(open_, heard, 1, 0, 1)
        assert first.classes == ((1, "Thing 1"),)
        assert [(e.slot, bool(e.picture)) for e in first.examples] == [(1, True)]
        second = self.take(open_, heard, 2, 1, 2)
        assert [bool(e.picture) for e in second.examples] == [False, True], "a picture is told of once"
        learnt = heard.next(m.Learnt)
        while learnt.layer is None:
            learnt = heard.next(m.Learnt)
        assert learnt.slots == (1, 2)
        assert heard.next(m.Mapped).examples.tolist() == [e.number for e in second.examples]
        open_.offer(frame(0, 30))
        live = heard.next(m.TeachLive)
        while live.frame_index != 30:
            live = heard.next(m.TeachLive)
        assert int(live.logits[:2].argmax()) == 0
        assert live.nearest == second.examples[0].number
        assert len(live.probabilities) == 3
        np.testing.assert_allclose(learnt.layer.logits(live.x), live.logits[:2], atol=1e-4)
        assert live.probabilities.sum() == pytest.approx(1, abs=1e-5)

    def test_each_example_is_left_out_once(self, open_: Teacher, heard: Heard) -> None:
        for index in range(6):
            self.take(open_, heard, 1 + index % 2, index % 2, 10 + index)
        found = heard.next(m.Examined)
        while len(found.examples) != 6:
            found = heard.next(m.Examined)
        assert sorted(found.truth.tolist()) == [1, 1, 1, 2, 2, 2]
        np.testing.assert_array_equal(found.truth, found.said)

    def test_the_same_picture_is_not_taken_twice(self, open_: Teacher, heard: Heard) -> None:
        self.take(open_, heard, 1, 0, 1)
        open_.do(m.TakeExample(1))
        open_.do(m.TakeExample(2))
        assert [e.slot for e in heard.next(m.LessonChanged).examples] == [1, 2]

    def test_without_a_picture_it_says_so(self, open_: Teacher, heard: Heard) -> None:
        open_.forget()
        open_.do(m.TakeExample(1))
        event = heard._events.get(timeout=PATIENCE)
        while not isinstance(event, m.TeachFailed):
            event = heard._events.get(timeout=PATIENCE)
        assert "no picture" in event.message

    def test_names_moves_and_undoing(self, open_: Teacher, heard: Heard) -> None:
        number = self.take(open_, heard, 1, 0, 1).examples[0].number
        open_.do(m.NameClass(1, "cup"))
        assert heard.next(m.LessonChanged).classes == ((1, "cup"),)
        open_.do(m.NameClass(3, "key"))
        assert heard.next(m.LessonChanged).classes == ((1, "cup"), (3, "key"))
        open_.do(m.MoveExample(number, 3))
        assert heard.next(m.LessonChanged).examples[0].slot == 3
        open_.do(m.MoveExample(number, 0))
        assert heard.next(m.LessonChanged).examples == ()
        open_.do(m.ClearLesson())
        assert heard.next(m.LessonChanged).classes == ()
        for _ in range(3):
            open_.do(m.UndoTeaching())
        assert heard.next(m.LessonChanged).classes == ((1, "cup"), (3, "key"))
        assert heard.next(m.LessonChanged).examples[0].slot == 3
        back = heard.next(m.LessonChanged)
        assert (back.examples[0].slot, back.can_redo) == (1, True)
        open_.do(m.UndoTeaching(redo=True))
        assert heard.next(m.LessonChanged).examples[0].slot == 3

    def test_photographs_of_a_folder_join_and_one_undo_takes_them_back(
        self, open_: Teacher, heard: Heard, tmp_path: Path
    ) -> None:
        for kind, name in enumerate(("stripes", "rings")):
            folder = tmp_path / "shown" / name
            folder.mkdir(parents=True)
            for index in range(3):
                cv2.imwrite(str(folder / f"{index}.png"), picture(kind, index))
        open_.do(m.AddExamples(0, (str(tmp_path / "shown"),)))
        while (adding := heard.next(m.Adding)).done < adding.total:
            pass
        assert adding.total == 6
        open_.do(m.NameClass(1, "lines"))
        lesson = heard.next(m.LessonChanged)
        while lesson.classes[0][1] != "lines":
            lesson = heard.next(m.LessonChanged)
        assert [name for _, name in lesson.classes] == ["lines", "stripes"]
        assert len(lesson.examples) == 6
        open_.do(m.UndoTeaching())
        open_.do(m.UndoTeaching())
        heard.next(m.LessonChanged)
        assert heard.next(m.LessonChanged).classes == ()

    def test_a_file_that_is_no_picture_is_told_and_the_others_join(
        self, open_: Teacher, heard: Heard, tmp_path: Path
    ) -> None:
        bad, good = tmp_path / "bad.png", tmp_path / "good.png"
        bad.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
        cv2.imwrite(str(good), picture(0))
        open_.do(m.AddExamples(2, (str(bad), str(good))))
        event: m.Event = heard.next(m.LessonChanged)
        seen = 0
        while not isinstance(event, m.TeachFailed):
            event = heard._events.get(timeout=PATIENCE)
            if isinstance(event, m.LessonChanged):
                seen = len(event.examples)
        assert "bad.png" in event.message
        assert seen == 1

    def test_the_lesson_is_there_the_next_time(self, open_: Teacher, heard: Heard) -> None:
        self.take(open_, heard, 1, 0, 1)
        open_.do(m.NameClass(1, "cup"))
        heard.next(m.LessonChanged)
        open_.stop()
        assert lesson_file().is_file()
        again = Teacher(heard.put, lambda: None)
        try:
            again.do(m.Teach(1, True, usual=KEY))
            begun = heard.next(m.LessonChanged)
            while not begun.examples or begun.classes != ((1, "cup"),):
                begun = heard.next(m.LessonChanged)
            assert begun.examples[0].picture
        finally:
            again.stop()

    def test_it_is_written_while_the_picture_moves(self, open_: Teacher, heard: Heard) -> None:
        self.take(open_, heard, 1, 0, 1)
        index = 2
        while not lesson_file().is_file():
            open_.offer(frame(1, index))
            heard.next(m.TeachLive)
            index += 1
        assert len(taught_file.read(lesson_file()).lesson.examples) == 1

    @pytest.mark.parametrize("damage", [b"", b"nothing of the kind", b"\x10\0\0\0\0\0\0\0{}"])
    def test_a_damaged_lesson_is_set_aside(self, teacher: Teacher, heard: Heard, damage: bytes) -> None:
        lesson_file().write_bytes(damage)
        teacher.do(m.Teach(1, True, usual=KEY))
        event = heard._events.get(timeout=PATIENCE)
        assert isinstance(event, m.TeachFailed)
        assert heard.next(m.LessonChanged).examples == ()
        assert lesson_file().with_name("teaching.regard.damaged").read_bytes() == damage

    def test_saved_opened_and_used_as_a_model(self, open_: Teacher, heard: Heard, tmp_path: Path) -> None:
        from desktop_app.models import catalog

        self.take(open_, heard, 1, 0, 1)
        open_.do(m.SaveLesson(str(tmp_path / "early.regard")))
        event = heard._events.get(timeout=PATIENCE)
        while not isinstance(event, m.TeachFailed):
            event = heard._events.get(timeout=PATIENCE)
        self.take(open_, heard, 2, 1, 2)
        path = tmp_path / "mine.regard"
        open_.do(m.SaveLesson(str(path)))
        assert heard.next(m.LessonSaved).path == str(path)
        open_.do(m.SaveLesson("", "Mine: stripes/rings"))
        key = heard.next(m.LessonSaved).key
        assert catalog.class_names(catalog.find(key)) == ("Thing 1", "Thing 2", NONE)
        open_.do(m.ClearLesson())
        assert heard.next(m.LessonChanged).examples == ()
        open_.do(m.OpenLesson(str(path)))
        back = heard.next(m.LessonChanged)
        assert [e.slot for e in back.examples] == [1, 2]
        assert all(e.picture for e in back.examples)
        assert taught_file.read(path).knowledge is not None

    def test_who_stops_teaching_frees_the_network_and_keeps_the_lesson(self, open_: Teacher, heard: Heard) -> None:
        self.take(open_, heard, 1, 0, 1)
        open_.do(m.Teach(2))
        open_.do(m.NameClass(1, "afterwards"))
        while heard.next(m.LessonChanged).classes != ((1, "afterwards"),):
            pass
        desk = open_._desk
        assert desk is not None
        with open_._changed:
            open_._changed.wait_for(lambda: not desk.looks, PATIENCE)
        assert not desk.looks
        assert lesson_file().is_file()

    def test_opened_and_closed_two_hundred_times(self, teacher: Teacher, heard: Heard) -> None:
        """One thread, one network at a time, and nothing to hear when it is closed."""
        teacher.offer(frame(0, 1))
        before = threading.active_count()
        for turn in range(200):
            teacher.do(m.Teach(2 * turn + 1, True, usual=KEY))
            teacher.do(m.Teach(2 * turn + 2))
        teacher.do(m.Teach(1000, True, usual=KEY))
        heard.next(m.TeachLive)
        assert threading.active_count() <= before + 1
        teacher.do(m.Teach(1001))
        desk = teacher._desk
        assert desk is not None
        with teacher._changed:
            teacher._changed.wait_for(lambda: not desk.looks, PATIENCE)
        while not heard.nothing():
            heard.next(m.Event)
        teacher.offer(frame(1, 2))
        assert heard.nothing()
