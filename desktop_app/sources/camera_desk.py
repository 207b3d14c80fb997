"""What the user wants of each camera, for whoever opens one in this process; and what open ones say to it.

Wishes come from the thread that takes commands, and the thread that reads a camera looks for them between two frames:
only it touches the device.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from desktop_app.core.camera import CameraFormat, CameraReport, known_as
from desktop_app.settings import CameraSettings


class CameraDesk:
    def __init__(self) -> None:
        self._wishes: dict[str, CameraSettings] = {}
        self._before: dict[str, str] = {}
        self._resets: frozenset[str] = frozenset()
        self.report: Callable[[CameraReport], None] = lambda _: None
        """Called in the thread that reads the camera."""

    def set_wishes(self, wishes: Sequence[CameraSettings]) -> None:
        kept = {wish.stable_id: wish for wish in wishes}
        # The same object where nothing changed: a reader sees by identity whether there is something to do.
        self._wishes = {key: old if (old := self._wishes.get(key)) == wish else wish for key, wish in kept.items()}

    def meet(self, stable_id: str, strangers: Collection[str]) -> None:
        """This camera was opened. Settings that were made where it was plugged in before are its own, unless they
        belong to one of `strangers`: the ids of the others of its model that are there too."""
        self._before[stable_id] = known_as(stable_id, self._wishes, strangers) or ""

    def wish(self, stable_id: str) -> CameraSettings | None:
        wishes = self._wishes
        return wishes.get(stable_id) or wishes.get(self._before.get(stable_id, ""))

    def reset(self, stable_id: str) -> None:
        """Everything of this camera back to its own values, also what somebody else moved."""
        self._resets |= {stable_id}

    def take_reset(self, stable_id: str) -> bool:
        if stable_id not in self._resets:
            return False
        self._resets -= {stable_id}
        return True


DESK = CameraDesk()


def format_of(wish: CameraSettings | None) -> CameraFormat:
    if wish is None:
        return CameraFormat(0, 0, 0.0, "")
    return CameraFormat(wish.width, wish.height, wish.fps, wish.pixel_format)
