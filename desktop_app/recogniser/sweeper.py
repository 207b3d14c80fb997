"""Spoils one picture in every way, from none to strong, and asks a model each time: a thread beside recognition with a
model of its own, which takes at most a quarter of the time while frames move."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.model import Model, Placement, predict
from desktop_app.core.picture import fitted
from desktop_app.core.results import Classification, Prediction, Result
from desktop_app.core.stress import CORRUPTIONS, NONE
from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.beside import Beside

if TYPE_CHECKING:
    from desktop_app.models.sweeping import Clean

REST = 3.0
"""So many times as long as it worked it rests, so that recognition loses a quarter at most."""

LoadModel = Callable[[str, Placement, threading.Event], Model]


def load(key: str, placement: Placement, cancel: threading.Event) -> Model:
    """In full precision, as for stills."""
    from desktop_app.models import catalog, loading

    return loading.load_model(catalog.find(key), placement, cancel=cancel, use="still")


@dataclass(slots=True, eq=False)
class _Subject:
    """The picture of the last sweep."""

    wish: m.Sweep
    frame: Frame
    clean: Clean


class Sweeper(Beside):
    """`set` and `get_picture` never wait. `clean`: the frame that is there now, as its source gave it."""

    name = "sweeper"

    def __init__(
        self, send: Callable[[m.Event], None], clean: Callable[[], Frame | None], load: LoadModel = load
    ) -> None:
        super().__init__()
        self._send, self._clean, self._load = send, clean, load
        self._wish = m.Sweep(0)
        self._begun = 0
        self._picture: m.GetSpoiled | None = None
        self._model: tuple[str, Placement, Model] | None = None
        self._subject: _Subject | None = None

    def set(self, command: m.Sweep) -> None:
        with self._changed:
            if command.number < self._wish.number or self._stopped:
                return
            self._wish = command
            self._cancel.set()
            self._wake(begin=bool(command.model))

    def get_picture(self, command: m.GetSpoiled) -> None:
        with self._changed:
            self._picture = command
            self._changed.notify_all()

    # --- the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (wish := self._next()) is not None:
            try:
                if isinstance(wish, m.GetSpoiled):
                    self._give_picture(wish)
                else:
                    self._sweep(wish)
            except AppError as error:
                self._send(m.SweepEnded(wish.number, error.message, error.hint))
            except Exception as error:
                self._send(m.SweepEnded(wish.number, f"{type(error).__name__}: {error}"))
                self._send(m.Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))

    def _next(self) -> m.Sweep | m.GetSpoiled | None:
        """What is to be done; `None` where nobody looks any more: then model and picture go, and the thread ends."""
        with self._changed:
            while not self._stopped and self._wish.model:
                picture, self._picture = self._picture, None
                if picture is not None:
                    return picture
                if self._wish.number != self._begun and not self._wish.stop:
                    self._begun = self._wish.number
                    self._cancel.clear()
                    return self._wish
                self._changed.wait()
            self._model = self._subject = self._picture = None
            self._thread = None
            return None

    def _sweep(self, wish: m.Sweep) -> None:
        from desktop_app.models.sweeping import Clean
        from desktop_app.sources.spoiling import spoil

        frame = self._clean()
        if frame is None:
            raise AppError(tr("There is no picture to change."), tr("Open a camera, a picture or a video first."))
        if self._model is None or self._model[:2] != (wish.model, wish.placement):
            self._subject = self._model = None
            self._model = (wish.model, wish.placement, self._load(wish.model, wish.placement, self._cancel))
        clean = Clean.of(self._ask(frame.bgr, wish)[0], wish.thresholds, (frame.width, frame.height))
        self._subject = _Subject(wish, frame, clean)
        total = sum(len(corruption.sweep) for corruption in CORRUPTIONS)
        self._send(m.SweepBegun(wish.number, clean.subjects, total, frame.index, (frame.width, frame.height)))
        for corruption in CORRUPTIONS:
            for strength in corruption.outwards():
                begun = time.perf_counter()
                stress = NONE.with_value(corruption.key, strength)
                found, _ = self._ask(spoil(frame.bgr, stress, frame.index), wish)
                answer = clean.answer(found, stress, strength)
                if self._cancel.is_set():
                    return
                self._send(m.SweepAnswered(wish.number, corruption.key, answer))
                self._rest(frame, time.perf_counter() - begun)
        self._send(m.SweepEnded(wish.number))

    def _ask(self, bgr: Bgr, wish: m.Sweep) -> tuple[Prediction, Result]:
        """The answer with boxes far below the threshold, and the result as it is shown."""
        from desktop_app.models.sweeping import WEAKEST

        assert self._model is not None
        model = self._model[2]
        thresholds = replace(wish.thresholds, confidence=min(WEAKEST, wish.thresholds.confidence))
        prediction, _, timings = predict(model, bgr, thresholds)
        shown = prediction
        if not isinstance(prediction, Classification):
            shown = prediction.pick(prediction.confidence >= wish.thresholds.confidence)
        result = Result(0, time.perf_counter(), wish.model, shown, timings, model.engine, model.device, model.precision)
        return prediction, result

    def _rest(self, frame: Frame, worked: float) -> None:
        """Where frames move, recognition comes first. Pictures that are asked for do not wait for the end."""
        rest_until = time.perf_counter() + (0.0 if self._clean() is frame else REST * worked)
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._cancel.is_set() or self._picture is not None,
                    max(0.0, rest_until - time.perf_counter()),
                )
                picture, self._picture = self._picture, None
            if picture is None:
                return
            self._give_picture(picture)

    def _give_picture(self, wanted: m.GetSpoiled) -> None:
        from desktop_app.recogniser.scaling import scaled_down
        from desktop_app.sources.spoiling import spoil

        subject = self._subject
        if subject is None or subject.wish.number != wanted.number or self._model is None:
            return
        frame = subject.frame
        bgr = frame.bgr if wanted.stress == NONE else spoil(frame.bgr, wanted.stress, frame.index)
        _, result = self._ask(bgr, subject.wish)
        size = fitted(frame.width, frame.height, (max(1, wanted.width), max(1, wanted.height)))
        result = replace(result, frame_size=(frame.width, frame.height), stress=wanted.stress)
        packed = m.PackedResult.of(result)
        self._send(m.SpoiledPicture(wanted.number, wanted.stress, scaled_down(bgr, *size, hasty=False), packed))
