"""Exposure, focus, white balance and the like of an open camera, whatever the system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from desktop_app.core.camera import CameraControl


class Controls(Protocol):
    def read(self) -> tuple[CameraControl, ...]: ...

    def set(self, key: str, value: int) -> None:
        """Nothing where the driver refuses: whoever reads again sees it."""

    def close(self) -> None: ...


def apply(controls: Controls, wanted: Mapping[str, int]) -> tuple[tuple[CameraControl, ...], tuple[str, ...]]:
    """Sets what is not so yet. What is now, and the keys that the camera offers but did not take.

    Automatics and menus first: while an automatic is on, what it rules cannot be set.
    """
    order = {"switch": 0, "menu": 1, "range": 2}
    there = {control.key: control for control in controls.read()}
    for control in sorted(there.values(), key=lambda c: order[c.kind]):
        if control.key in wanted and wanted[control.key] != control.value:
            controls.set(control.key, _fitted(control, wanted[control.key]))
    now = controls.read()
    refused = tuple(c.key for c in now if c.key in wanted and c.active and not _taken(c, _fitted(c, wanted[c.key])))
    return now, refused


def _fitted(control: CameraControl, value: int) -> int:
    """The nearest value that the driver states to take."""
    value = min(max(value, control.low), control.high)
    return control.low + round((value - control.low) / control.step) * control.step


def _taken(control: CameraControl, value: int) -> bool:
    """Drivers round to steps that they do not always state."""
    room = max(control.step, (control.high - control.low) // 50) if control.kind == "range" else 0
    return abs(control.value - value) <= room
