"""The lesson in hand: takes examples, learns, and keeps it all on the disk, so that nothing that was shown is lost.

One thread uses it (`teacher`). Nothing of it is imported before somebody teaches.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import numpy as np

from desktop_app.core.example_map import plane_of
from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.linear_layer import USUAL_PENALTY, Floats, LeftOut, Link
from desktop_app.core.teaching import (
    SUFFIX,
    Example,
    Knowledge,
    Lesson,
    answer,
    examining,
    prepared,
    sheet_of,
    study,
)
from desktop_app.errors import AppError, ModelError
from desktop_app.i18n import tr
from desktop_app.models import catalog, taught, taught_file
from desktop_app.models.features import FeatureReader, is_here
from desktop_app.models.labels import clean_label
from desktop_app.paths import cache_dir, models_dir
from desktop_app.recogniser import messages as m

KEPT_SIDE = 288
"""Shorter side of the picture of an example, in pixels: enough to teach it on another network."""
SHOWN_SIDE = 96
"""… and of the one that the window shows."""
_QUALITY = 88
_UNDONE = 200

Send = Callable[[m.Event], None]
_NO_FEATURES = np.zeros(0, np.float32)


def lesson_file() -> Path:
    """Where the lesson in hand lies."""
    return models_dir() / f"teaching{SUFFIX}"


class TeachDesk:
    def __init__(self, send: Send, list_changed: Callable[[], None]) -> None:
        self._send, self._list_changed = send, list_changed
        self.lesson = Lesson()
        self.edition = 0
        self.knowledge: Knowledge | None = None
        self._before: list[Lesson] = []
        self._after: list[Lesson] = []
        self._numbers = itertools.count(1)
        self._told: set[int] = set()
        self._newest = 0
        self._shots: dict[int, float] = {}
        """When the picture of an example was grabbed, by its number."""
        self._reader: FeatureReader | None = None
        self._own_model = self._digest = ""
        self._input_size = 0
        self._link: Link = "softmax"
        self._may_be_none = True
        self._wish = m.Teach(0)
        self._penalty = USUAL_PENALTY
        self._learnt = self._mapped = False
        self._examination: Generator[None, None, LeftOut | None] | None = None
        self._files: deque[tuple[int, str]] = deque()
        self._files_total = 0
        self._files_failed: list[str] = []
        self._unsaved = False
        self._last: tuple[Frame, Floats] | None = None
        self._load()

    # --- the network --------------------------------------------------------------------------------------------

    def follow(self, wish: m.Teach) -> None:
        """What the window wants now. Raises `AppError` where the network cannot be had."""
        before, self._wish = self._wish, wish
        first = self._reader is None
        self._use(wish.model or self._usual(wish.usual))
        link = self._link if wish.link is None else wish.link
        may_be_none = self._may_be_none if wish.may_be_none is None else wish.may_be_none
        other = (link, may_be_none) != (self._link, self._may_be_none)
        if other:
            self._link, self._may_be_none, self._unsaved = link, may_be_none, True
            self._changed_what_is_learnt()
        if first or other or wish.model != before.model:
            self.tell()
        if (wish.map, wish.pair) != (before.map, before.pair):
            self._mapped = False

    def _usual(self, usual: str) -> str:
        """The network of the lesson, as long as there is one and it is here."""
        if not self.lesson.examples or not self._own_model:
            return usual
        return self._own_model if is_here(self._own_model) else usual

    def _use(self, key: str) -> None:
        """The features of this network; the examples are looked at with it where it is another one."""
        if self._reader is not None and self._reader.info.key == key:
            return
        reader = FeatureReader(catalog.find(key))
        if self.lesson.examples and self._own_model != key:
            bare = sum(not example.picture for example in self.lesson.examples)
            if bare:
                raise ModelError(
                    tr("{count} examples were saved without their pictures.", count=bare),
                    tr("They can only be taught on {model}.", model=self._own_model),
                )
            self.lesson = self._seen_with(reader)
            self._before, self._after = [], []
            self._unsaved = True
        self._take_reader(reader)
        self._changed_what_is_learnt()

    def _seen_with(self, reader: FeatureReader) -> Lesson:
        """The same examples, as another network sees their pictures."""
        from desktop_app.sources.image_file import decode

        seen: list[Example] = []
        for example in self.lesson.examples:
            self._send(m.Adding(len(seen), len(self.lesson.examples)))
            features = reader.views(decode(example.picture, tr("an example")))
            seen.append(replace(example, features=features))
        self._send(m.Adding(len(seen), len(seen)))
        return replace(self.lesson, examples=tuple(seen))

    def _take_reader(self, reader: FeatureReader) -> None:
        self._reader, self._last = reader, None
        self._own_model, self._digest, self._input_size = reader.info.key, reader.digest, reader.info.input_size

    def leave(self) -> None:
        """Nobody looks: the network goes, the lesson stays."""
        self.save()
        self._reader = self._last = self._examination = None

    @property
    def looks(self) -> bool:
        return self._reader is not None

    # --- what is to be done -------------------------------------------------------------------------------------

    def do(self, command: m.Command, frame: Frame | None) -> None:
        """Raises `AppError`. `frame`: what was on the screen when it was asked for."""
        match command:
            case m.TakeExample(slot):
                self._take(slot, frame)
            case m.AddExamples(slot, paths):
                self._add(slot, paths)
            case m.NameClass(slot, name):
                clean = clean_label(name) or self.lesson.name_of(slot) or default_name(slot)
                if clean != self.lesson.name_of(slot):
                    self._change(self.lesson.with_class(slot, clean))
            case m.RemoveClass(slot):
                self._change(self.lesson.without_class(slot))
            case m.MoveExample(example, slot):
                lesson = self.lesson
                self._change(lesson.moved(example, slot) if slot else lesson.without_example(example))
            case m.ClearLesson():
                self._change(Lesson())
            case m.UndoTeaching(redo):
                self._undo(redo)
            case m.CancelAdding():
                self._files.clear()
                self._tell_adding()
            case m.OpenLesson(path):
                self._open(Path(path))
            case m.SaveLesson(path, title, pictures):
                self._save_as(path, title, pictures)

    def _change(self, lesson: Lesson, *, undo: bool = True) -> None:
        if undo:
            self._before = [*self._before, self.lesson][-_UNDONE:]
            self._after = []
        self.lesson = lesson
        self._unsaved = True
        self._changed_what_is_learnt()
        self.tell()

    def _undo(self, redo: bool) -> None:
        source, target = (self._after, self._before) if redo else (self._before, self._after)
        if source:
            target.append(self.lesson)
            self._change(source.pop(), undo=False)

    def _changed_what_is_learnt(self) -> None:
        self.edition += 1
        self._learnt = self._mapped = False
        self._examination = None

    def _take(self, slot: int, frame: Frame | None) -> None:
        if frame is None:
            raise ModelError(
                tr("There is no picture to learn from."), tr("Start a camera, or open a picture or a video.")
            )
        at = frame.captured_at
        if any(e.slot == slot and self._shots.get(e.number) == at for e in self.lesson.examples):
            return  # the key is held, and the picture stands still
        self._change(self._with_picture(self.lesson, slot, frame.bgr, at))

    def _with_picture(self, lesson: Lesson, slot: int, bgr: Bgr, grabbed_at: float | None = None) -> Lesson:
        reader = self._reader
        if reader is None:
            raise ModelError(
                tr("There is no network to teach on."), tr("Choose a classifier that is on this computer.")
            )
        if not lesson.name_of(slot):
            lesson = lesson.with_class(slot, default_name(slot))
        example = Example(next(self._numbers), slot, reader.views(bgr), _small_jpeg(bgr))
        self._newest = example.number
        if grabbed_at is not None:
            self._shots[example.number] = grabbed_at
        return lesson.with_example(example)

    # --- files --------------------------------------------------------------------------------------------------

    def _add(self, slot: int, paths: tuple[str, ...]) -> None:
        from desktop_app.recogniser.teach_files import classes_of, pictures_of

        lesson, found = self.lesson, []
        for name, members in classes_of(paths) if slot == 0 else [("", list(paths))]:
            place = slot or next((c.slot for c in lesson.classes if c.name == name), 0) or lesson.free_slot
            pictures = pictures_of(members)
            if place is None:
                raise ModelError(tr("There is room for nine classes."), tr("Remove one, or add to one that is there."))
            if pictures and not lesson.name_of(place):
                lesson = lesson.with_class(place, name or default_name(place))
            found += [(place, path) for path in pictures]
        if not found:
            raise ModelError(
                tr("There are no pictures among what was dropped."), tr("Drop photographs, or a folder of them.")
            )
        self._change(lesson)
        self._files.extend(found)
        self._files_total = len(self._files)
        self._tell_adding()

    @property
    def has_files(self) -> bool:
        return bool(self._files)

    def add_next_file(self) -> None:
        from desktop_app.sources.image_file import read_picture

        slot, path = self._files.popleft()
        try:
            self._change(self._with_picture(self.lesson, slot, read_picture(path)), undo=False)
        except AppError as error:
            self._files_failed.append(error.message)
        self._tell_adding()
        if not self._files and self._files_failed:
            failed, self._files_failed = self._files_failed, []
            message = failed[0] if len(failed) == 1 else tr("{count} files could not be read.", count=len(failed))
            self._send(m.TeachFailed(message, "" if len(failed) == 1 else failed[0]))

    def _tell_adding(self) -> None:
        self._send(m.Adding(self._files_total - len(self._files), self._files_total))

    # --- learning -----------------------------------------------------------------------------------------------

    @property
    def is_behind(self) -> bool:
        """Something is to be learnt, or the map to be drawn."""
        return not self._learnt or not self._mapped

    def catch_up(self) -> None:
        if not self._learnt:
            self._learn()
        self._draw_map()
        if self._last is not None:
            self._tell_answer(*self._last, 0.0)

    def _learn(self) -> None:
        begun = time.perf_counter()
        known = self.knowledge = study(self.lesson, self._link, self._may_be_none, self._penalty)
        self._learnt = True
        took = (time.perf_counter() - begun) * 1e3
        slots = tuple(c.slot for c in self.lesson.taught)
        if known is None:
            self._send(m.Learnt(self.edition, slots))
            return
        self._send(m.Learnt(self.edition, slots, known.layer, known.far, known.penalty, took))
        self._examination = examining(self.lesson, self._link)

    def _draw_map(self) -> None:
        self._mapped = True
        known = self.knowledge
        if known is None:
            return
        views = prepared(np.stack([example.features[0] for example in self.lesson.examples]))
        plane = plane_of(self._wish.map, views, sheet_of(self.lesson), known.layer, self._wish.pair)
        numbers = np.array([example.number for example in self.lesson.examples], np.int64)
        self._send(m.Mapped(self.edition, plane, numbers))

    @property
    def has_examination(self) -> bool:
        return self._examination is not None and self._learnt

    def examine_one(self) -> None:
        """Leaves one example more out; at the end the penalty that did best is used."""
        assert self._examination is not None
        try:
            next(self._examination)
            return
        except StopIteration as end:
            found: LeftOut | None = end.value
        self._examination = None
        nothing = np.zeros(0, np.int64)
        if found is None:
            self._send(m.Examined(self.edition, nothing, nothing, nothing))
            return
        slots = np.array([c.slot for c in self.lesson.taught], np.int64)
        numbers = np.array([example.number for example in self.lesson.examples], np.int64)
        self._send(m.Examined(self.edition, numbers[found.examples], slots[found.truth], slots[found.said]))
        if found.penalty != self._penalty:
            self._penalty = found.penalty
            self._learn()
            self._examination = None  # it would say the same
            self._draw_map()

    # --- live ---------------------------------------------------------------------------------------------------

    def look(self, frame: Frame) -> None:
        assert self._reader is not None
        x = prepared(self._reader.of(frame.bgr))
        self._last = frame, x
        self._tell_answer(frame, x, self._reader.milliseconds)

    def _tell_answer(self, frame: Frame, x: Floats, milliseconds: float) -> None:
        where = (self.edition, frame.index, frame.captured_at)
        if self.knowledge is None:
            self._send(m.TeachLive(*where, x, _NO_FEATURES, _NO_FEATURES, -1, 0.0, milliseconds))
            return
        said = answer(self.knowledge, self.lesson, x)
        self._send(m.TeachLive(*where, x, said.logits, said.probabilities, said.nearest, said.distance, milliseconds))

    # --- what the window hears ----------------------------------------------------------------------------------

    def tell(self) -> None:
        shown = []
        for example in self.lesson.examples:
            new = example.number not in self._told
            shown.append(m.ShownExample(example.number, example.slot, _thumbnail(example) if new else b""))
        self._told |= {example.number for example in self.lesson.examples}
        classes = tuple((known.slot, known.name) for known in self.lesson.classes)
        self._send(
            m.LessonChanged(
                self.edition,
                self._own_model,
                self._link,
                self._may_be_none,
                classes,
                tuple(shown),
                bool(self._before),
                bool(self._after),
                self._newest,
            )
        )
        self._newest = 0

    # --- the disk -----------------------------------------------------------------------------------------------

    @property
    def is_unsaved(self) -> bool:
        return self._unsaved

    def save(self) -> None:
        """The lesson in hand, for the next time."""
        if self._unsaved and self._digest:
            self._unsaved = False
            self._write(lesson_file(), self.lesson, pictures=True)

    def _write(self, path: Path, lesson: Lesson, *, pictures: bool) -> None:
        about = taught_file.About(
            taught_file.VERSION, self._own_model, self._digest, self._input_size, self._link, self._may_be_none
        )
        if not self._learnt:
            self._learn()
        taught_file.write(path, about, lesson, self.knowledge, pictures=pictures)

    def _load(self) -> None:
        """What was taught the last time; what cannot be read is set aside, not deleted."""
        path = lesson_file()
        if not path.is_file():
            return
        try:
            self._take_over(taught_file.read(path))
        except ModelError as error:
            with contextlib.suppress(OSError):
                path.replace(path.with_name(f"{path.name}.damaged"))
            self._send(m.TeachFailed(error.message, tr("It was set aside, and a new lesson begins.")))

    def _take_over(self, found: taught_file.Taught) -> None:
        """New numbers: those of the file may be in use for what was undone."""
        fresh = tuple(replace(example, number=next(self._numbers)) for example in found.lesson.examples)
        self.lesson = replace(found.lesson, examples=fresh)
        about = found.about
        self._own_model, self._digest, self._input_size = about.backbone, about.digest, about.input_size
        self._link, self._may_be_none = about.link, about.may_be_none
        if about.penalty > 0:
            self._penalty = about.penalty

    def _open(self, path: Path) -> None:
        found = taught_file.read(path)
        backbone = taught.backbone_of(found.about, path.stem)
        reader = FeatureReader(backbone)
        self._before, self._after = [], []
        self._take_over(found)
        self._take_reader(reader)
        self._change(self.lesson, undo=False)

    def _save_as(self, path: str, title: str, pictures: bool) -> None:
        from desktop_app.models import importing

        if len(self.lesson.taught) < 2:
            raise ModelError(tr("Two things must be shown before there is a model."), tr("Show another one."))
        if path:
            self._write(Path(path), self.lesson, pictures=pictures)
            self._send(m.LessonSaved(path))
            return
        name = clean_label(title).replace("/", "-").replace("\\", "-").strip(". ") or tr("My model")
        folder = Path(tempfile.mkdtemp(prefix="taught-", dir=cache_dir()))
        try:
            file = folder / f"{name}{SUFFIX}"
            self._write(file, self.lesson, pictures=pictures)
            info = importing.import_file(file)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._list_changed()
        self._send(m.LessonSaved("", info.key))


def default_name(slot: int) -> str:
    return tr("Thing {number}", number=slot)


def _thumbnail(example: Example) -> bytes:
    """For the window, which decodes nothing that comes from elsewhere: decoded here and made anew."""
    from desktop_app.sources.image_file import decode

    try:
        return _small_jpeg(decode(example.picture, tr("an example")), SHOWN_SIDE)
    except AppError:
        return b""


def _small_jpeg(bgr: Bgr, side: int = KEPT_SIDE) -> bytes:
    """`side`: what the shorter one of the picture becomes, at most."""
    import cv2

    from desktop_app.recogniser.scaling import scaled_down

    height, width = bgr.shape[:2]
    scale = min(1.0, side / min(height, width))
    small = scaled_down(bgr, max(1, round(width * scale)), max(1, round(height * scale)))
    _, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return jpeg.tobytes()
