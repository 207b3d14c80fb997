"""What the pixel inspector looks at, and what is known of it: the true pixels of the frame, not those of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from desktop_app.core.picture import Picture
from desktop_app.core.pixels import Area, Bytes, Counts, clipped, rgb_part
from desktop_app.recogniser import messages as m

if TYPE_CHECKING:
    from desktop_app.gui.pipeline_controller import PipelineController

REACH = 24
"""So many pixels round the crosshair come with it, so that small steps need no question."""
Pixel = tuple[int, int]
"""Column and row of the frame."""


class InspectorState(QObject):
    """`at`: the pixel under the crosshair. `held`: it stays there when the pointer moves on. `selection`: the region
    that was dragged out. `seen`: the part of the frame that is on the screen. Closed it hears nothing and asks nothing.
    """

    toggled = Signal()
    changed = Signal()
    """Crosshair, selection, or how numbers are shown."""
    measured = Signal()
    """Another frame, or more is known of this one."""
    zoom_wanted = Signal()
    """To where numbers can be read, or back."""

    def __init__(self, controller: PipelineController) -> None:
        super().__init__(controller)
        self._controller = controller
        self.on = self.grey = self.held = False
        self.at: Pixel | None = None
        self.selection: Area | None = None
        self.seen: Area | None = None
        self.counts: Counts | None = None
        self.counted: Area | None = None
        self._near: tuple[Area, Bytes] | None = None
        self._picture: Picture | None = None
        self._size: tuple[int, int] | None = None
        self._shown = True
        self._wish = m.Inspect(0)
        controller.restarting.connect(self._again)

    # --- what the user does -----------------------------------------------------------------------------------------

    def set_on(self, on: bool) -> None:
        if on == self.on:
            return
        self.on = on
        views = self._controller.views
        if on:
            views.append(self._look)
            self._look()
        else:
            views.remove(self._look)
            self._forget()
            self._picture = None
        self._tell()
        self.toggled.emit()

    def set_grey(self, grey: bool) -> None:
        if grey != self.grey:
            self.grey = grey
            self.changed.emit()

    def set_shown(self, shown: bool) -> None:
        """Whether there is a picture to be looked at: on another page nothing is asked."""
        if shown != self._shown:
            self._shown = shown
            self._tell()

    def set_seen(self, seen: Area | None) -> None:
        if seen != self.seen:
            self.seen = seen
            self._tell()

    def point(self, at: Pixel) -> None:
        """The pointer is over that pixel."""
        if not self.held and at != self.at:
            self._move_to(at)

    def hold(self, at: Pixel) -> None:
        """Stays at that pixel, or lets go of it."""
        self.held = not self.held or at != self.at
        self._move_to(at)

    def step(self, right: int, down: int, *, extend: bool = False) -> None:
        """Pixel by pixel; `extend` draws the selection along from where the crosshair was."""
        size = self._size
        if size is None:
            return
        x, y = self.at or (size[0] // 2, size[1] // 2)
        there = (min(max(x + right, 0), size[0] - 1), min(max(y + down, 0), size[1] - 1))
        if extend:
            self.select(self._corner or (x, y), there)
        else:
            self._corner = None
        self.held = True
        self._move_to(there)

    _corner: Pixel | None = None

    def select(self, corner: Pixel, other: Pixel) -> None:
        """The region between two pixels, both included."""
        (x0, x1), (y0, y1) = sorted((corner[0], other[0])), sorted((corner[1], other[1]))
        self._corner = corner
        self.selection = (x0, y0, x1 + 1, y1 + 1)
        self._tell()
        self.changed.emit()

    def select_all(self) -> None:
        if self._size is not None:
            self.select((0, 0), (self._size[0] - 1, self._size[1] - 1))

    def back(self) -> bool:
        """Takes the selection away, or lets go of the pixel; False where there is neither."""
        if self.selection is not None:
            self.selection = self._corner = None
            self._tell()
        elif self.held:
            self.held = False
        else:
            return False
        self.changed.emit()
        return True

    def _move_to(self, at: Pixel) -> None:
        self.at = at
        self._tell()
        self.changed.emit()

    # --- what is known ----------------------------------------------------------------------------------------------

    @property
    def region(self) -> Area | None:
        """What is counted: the selection, or what is seen."""
        return self.selection or self.seen

    @property
    def picture(self) -> Picture | None:
        return self._picture

    def part(self, area: Area) -> Bytes | None:
        """The pixels of the frame there, red-green-blue; `None` where they are not known (yet)."""
        picture = self._picture
        if picture is None or clipped(area, picture.width, picture.height) != area:
            return None
        if picture.whole:
            return rgb_part(picture.pixels, area)
        if self._near is None:
            return None
        (left, top, right, bottom), pixels = self._near
        x0, y0, x1, y1 = area
        if x0 < left or y0 < top or x1 > right or y1 > bottom:
            return None
        return pixels[y0 - top : y1 - top, x0 - left : x1 - left]

    def value(self) -> tuple[int, int, int] | None:
        """Red, green, blue under the crosshair."""
        if self.at is None:
            return None
        x, y = self.at
        part = self.part((x, y, x + 1, y + 1))
        return None if part is None else (int(part[0, 0, 0]), int(part[0, 0, 1]), int(part[0, 0, 2]))

    # --- the recogniser ---------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Another picture on the screen, or another result for it."""
        picture = self._controller.frame
        if picture is self._picture:
            return
        self._picture = picture
        size = None if picture is None else (picture.width, picture.height)
        if size != self._size:
            self._size = size
            self._forget()
            self.changed.emit()
        self._tell()
        self.measured.emit()

    def _forget(self) -> None:
        """Places in a frame of another size, or of a closed inspector, say nothing."""
        self.at = self.selection = self._corner = self.seen = None
        self.counts = self.counted = self._near = None
        self.held = False

    def _tell(self) -> None:
        picture = self._picture
        on = self.on and self._shown and picture is not None
        around = None
        if on and picture is not None and not picture.whole and self.at is not None:
            x, y = self.at
            reach = (x - REACH, y - REACH, x + REACH + 1, y + REACH + 1)
            around = clipped(reach, picture.width, picture.height)
        wish = m.Inspect(self._wish.number, on, around, self.region if on else None)
        if wish != self._wish:
            self._wish = m.Inspect(wish.number + 1, wish.on, wish.around, wish.region)
            self._controller.send_soon(self._wish)

    def _again(self, _: object) -> None:
        """A new recogniser knows nothing of the wish."""
        if self._wish.on:
            self._controller.send(self._wish)

    def on_inspected(self, event: m.Inspected) -> None:
        if not self.on:
            return
        if event.around is not None and event.pixels is not None:
            self._near = (event.around, event.pixels)
        # What is told of a region that is not looked at any more comes too late.
        if event.counts is not None and event.region == self._wish.region:
            self.counts, self.counted = np.asarray(event.counts, np.int64), event.region
        self.measured.emit()
