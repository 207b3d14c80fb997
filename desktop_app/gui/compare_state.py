"""What the window knows of a comparison: who is compared, the last frame with all answers, agreement, disagreements."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from desktop_app.core.comparing import Agreements, Side, Stage, Verdict
from desktop_app.core.meter import Percentiles, RateMeter
from desktop_app.core.picture import Picture
from desktop_app.core.results import Result
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.frame_ring import FrameRingReader
from desktop_app.render.qimage import image_of_picture

if TYPE_CHECKING:
    from desktop_app.gui.pipeline_controller import PipelineController

KEPT_BYTES = 96 << 20
"""Of whole pictures of disagreements; the oldest go."""
_LAST = 60
_RATE_OVER = 6.0
"""Seconds: four large models may take more than one for a frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One frame with the answers of all sides: every pane shows a part of one of these, and of no other.

    `image`: the frame, maybe smaller than its `size` (width, height); `picture` holds its pixels where they are not the
    image's own. `results`, `troubles`: one a side, in the order of `sides`.
    """

    image: QImage
    size: tuple[int, int]
    frame_index: int
    captured_at: float
    media_time: float | None
    sides: tuple[Side, ...]
    results: tuple[Result | None, ...]
    verdicts: tuple[Verdict, ...]
    troubles: tuple[str, ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """A disagreement that is kept. `png`: the whole frame. `source`: the title of the input. `names`: one tuple of
    class names a side. `when`: of the grab of a live frame, of the moment in which a file was compared."""

    png: bytes
    thumbnail: QImage
    size: tuple[int, int]
    frame_index: int
    media_time: float | None
    captured_at: float
    source: str
    live: bool
    request: int
    when: datetime
    sides: tuple[Side, ...]
    names: tuple[tuple[str, ...], ...]
    results: tuple[Result | None, ...]
    verdicts: tuple[Verdict, ...]

    def shot(self) -> Shot:
        """As it was, to be shown again."""
        image = QImage.fromData(self.png).convertToFormat(QImage.Format.Format_RGB32)
        return Shot(
            image,
            self.size,
            self.frame_index,
            self.captured_at,
            self.media_time,
            self.sides,
            self.results,
            self.verdicts,
        )


@dataclass(slots=True)
class SideState:
    """How far a side is. `ms`: of its last frames."""

    stage: Stage = "loading"
    names: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""
    ms: Percentiles = field(default_factory=lambda: Percentiles(_LAST))
    last: Result | None = None

    @staticmethod
    def of(names: tuple[str, ...], result: Result | None) -> SideState:
        """Of one frame of the past."""
        state = SideState("ready", names, last=result)
        if result is not None:
            state.ms.add(result.timings.total)
        return state


class CompareState(QObject):
    compared = Signal()
    """`shot` is new."""
    changed = Signal()
    """Other sides, or one has loaded or failed."""
    disagreed = Signal()
    """`differences` are others."""

    def __init__(self, controller: PipelineController) -> None:
        super().__init__(controller)
        self._controller = controller
        self.wish = m.Compare(0)
        self.sides: dict[Side, SideState] = {}
        self.shot: Shot | None = None
        self.agreements = Agreements()
        self.differences: list[Difference] = []
        self.dropped = 0
        """Disagreements that were let go for want of room."""
        self.rate = RateMeter(_RATE_OVER)
        self._ring: FrameRingReader | None = None
        self._ahead: Picture | None = None
        controller.restarting.connect(lambda _: self._again())
        controller.source_opened.connect(self._forget_frames)
        controller.stopping.connect(self._let_go)

    @property
    def active(self) -> bool:
        return bool(self.wish.sides)

    # --- what the user asks for ---------------------------------------------------------------------------------

    def ask(self, sides: Sequence[Side]) -> None:
        """These sides; what is known of those that stay is kept."""
        wanted = tuple(dict.fromkeys(sides))
        if wanted == self.wish.sides:
            return
        self.sides = {side: self.sides.get(side) or SideState() for side in wanted}
        self.agreements.clear()
        self._send(wanted, (self.wish.width, self.wish.height))
        if not wanted:
            self._let_go()
        self.changed.emit()

    def set_room(self, width: int, height: int) -> None:
        """What the whole frame may take in a pane, in pixels of the screen."""
        if (width, height) != (self.wish.width, self.wish.height):
            self._send(self.wish.sides, (width, height))

    def close(self) -> None:
        self.ask(())

    def again(self, side: Side) -> None:
        """Tries once more what failed."""
        fresh = Side(side.key, side.placement, side.attempt + 1)
        self.ask([fresh if each == side else each for each in self.wish.sides])

    def forget_differences(self) -> None:
        self.differences, self.dropped = [], 0
        self.disagreed.emit()

    def _send(self, sides: tuple[Side, ...], room: tuple[int, int]) -> None:
        was_active = self.active
        self.wish = m.Compare(self.wish.number + 1, sides, *room)
        if sides or was_active:
            self._controller.send(self.wish)

    # --- what comes to an end -----------------------------------------------------------------------------------

    def _again(self) -> None:
        """A new recogniser knows nothing of the wish."""
        self._close_ring()
        if self.active:
            self.sides = {side: SideState() for side in self.sides}
            self._controller.send(self.wish)
            self.changed.emit()

    def _forget_frames(self) -> None:
        """Another source: what was said of the one before stays in the strip only."""
        self.shot, self._ahead = None, None
        self.agreements.clear()
        self.compared.emit()

    def _let_go(self) -> None:
        self.shot, self._ahead = None, None
        self._close_ring()

    def _close_ring(self) -> None:
        if self._ring is not None:
            self._ring.close()
            self._ring = None

    # --- what the recogniser says -------------------------------------------------------------------------------

    def on_side(self, event: m.SideChanged) -> None:
        state = self.sides.get(event.side)
        if state is None:
            return
        state.stage, state.names, state.message, state.hint = event.stage, event.names, event.message, event.hint
        self.changed.emit()

    def on_compared(self, event: m.Compared) -> None:
        if event.sides != self.wish.sides:
            return
        results = tuple(packed.unpack() if packed is not None else None for packed in event.results)
        frame = (event.frame_index, event.captured_at)
        if self.shot is None or frame != (self.shot.frame_index, self.shot.captured_at):
            self.rate.tick()
            for side, result in zip(event.sides, results, strict=True):
                if result is not None:
                    self.sides[side].ms.add(result.timings.total)
        for side, result in zip(event.sides, results, strict=True):
            self.sides[side].last = result or self.sides[side].last
        self.agreements.add(time.monotonic(), frame, event.verdicts)
        picture = self._picture(event)
        if picture is not None:
            self.shot = Shot(
                image_of_picture(picture),
                (picture.width, picture.height),
                event.frame_index,
                event.captured_at,
                event.media_time,
                event.sides,
                results,
                event.verdicts,
                event.troubles,
                picture,
            )
            self.compared.emit()

    def _picture(self, event: m.Compared) -> Picture | None:
        """The very frame that the answers are of, or none: one that is newer waits for its own."""
        if self._ring is None or self._ring.name != event.ring:
            self._close_ring()
            try:
                self._ring = FrameRingReader(event.ring)
            except (FileNotFoundError, ValueError):  # replaced already by another, whose event follows
                return None
        newest = self._ring.newest()
        if newest is not None:
            self._ahead = newest
        return self._ahead if self._ahead is not None and self._ahead.number == event.picture else None

    def on_disagreed(self, event: m.Disagreed) -> None:
        if event.sides != self.wish.sides:
            return
        info = self._controller.info
        live = info is None or info.live
        age = time.perf_counter() - event.captured_at if live else 0.0
        self.differences.append(
            Difference(
                event.png,
                QImage.fromData(event.jpeg),
                event.size,
                event.frame_index,
                event.media_time,
                event.captured_at,
                info.title if info is not None else "",
                live,
                self._controller.shown_request,
                datetime.fromtimestamp(time.time() - age).astimezone(),
                event.sides,
                tuple(self.sides[side].names for side in event.sides),
                tuple(packed.unpack() if packed is not None else None for packed in event.results),
                event.verdicts,
            )
        )
        while len(self.differences) > 1 and sum(len(each.png) for each in self.differences) > KEPT_BYTES:
            self.differences.pop(0)
            self.dropped += 1
        self.disagreed.emit()
