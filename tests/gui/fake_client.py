"""Stands in for the recogniser: keeps the commands, and the test says what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from desktop_app.core.picture import Picture
from desktop_app.core.results import Classification, Detections, Result, Timings
from desktop_app.core.source import SourceInfo
from desktop_app.recogniser import messages as m

Kind = TypeVar("Kind", bound=m.Command)
COCO = ("person", "bicycle", "car", "motorcycle", "airplane", "bus")


class FakeClient:
    """The `Client` protocol without a process."""

    def __init__(self) -> None:
        self.commands: list[m.Command] = []
        self.events: list[m.Event] = []
        self.frame: Picture | None = None
        self.arrived: Callable[[], None] = lambda: None
        self.started = self.stopped = False

    def start(self) -> None:
        self.started = True

    def send(self, command: m.Command) -> None:
        # What cannot travel must fail here too.
        assert m.decode_command(m.encode(command)) == command
        self.commands.append(command)

    def poll(self) -> list[m.Event]:
        events, self.events = self.events, []
        return events

    def newest_frame(self) -> Picture | None:
        frame, self.frame = self.frame, None
        return frame

    def listen(self, arrived: Callable[[], None]) -> None:
        self.arrived = arrived

    def stop(self, timeout: float = 1.5) -> None:
        self.stopped = True

    @property
    def pid(self) -> int | None:
        return 4242 if self.started and not self.stopped else None

    def sent(self, kind: type[Kind]) -> list[Kind]:
        return [command for command in self.commands if isinstance(command, kind)]

    def last(self, kind: type[Kind]) -> Kind:
        return self.sent(kind)[-1]

    def push(self, *events: m.Event) -> None:
        self.events.extend(events)

    def push_opened(self, kind: str = "demo", **fields: object) -> SourceInfo:
        """As if the last `OpenSource` had succeeded."""
        live = kind in ("camera", "network", "demo")
        values: dict[str, object] = {
            "spec": "demo:",
            "kind": kind,
            "title": "Demo",
            "live": live,
            "width": 640,
            "height": 480,
            **fields,
        }
        info = SourceInfo(**values)  # type: ignore[arg-type]
        request = self.last(m.OpenSource).request
        self.push(m.SourceOpened(request, info), m.SourceState(request, "live" if live else "playing"))
        return info

    def push_result(self, result: Result) -> None:
        self.push(m.ResultReady(self.last(m.OpenSource).request, m.PackedResult.of(result)))

    def push_loaded(self, key: str = "yolov3-tiny", task: str = "detect", names: tuple[str, ...] = COCO) -> None:
        self.push(m.ModelLoaded(key, task, names, "openvino", "CPU", "fp32"))


def frame(index: int = 0, width: int = 640, height: int = 480, value: int = 90, shrunk: int = 1) -> Picture:
    """`shrunk`: how many pixels of the frame one of the picture stands for."""
    pixels = np.full((height // shrunk, width // shrunk, 4), value, np.uint8)
    pixels[:, :, 3] = 255
    return Picture(pixels, width, height, index, time.perf_counter(), number=1000 + index)


def detections(*rows: tuple[float, float, float, float, float, int]) -> Detections:
    """Rows of (x1, y1, x2, y2, confidence, class id)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4].copy(), table[:, 4].copy(), table[:, 5].astype(np.int64))


def classification(*logits: float) -> Classification:
    values = np.array(logits, np.float32)
    exponentials = np.exp(values - values.max())
    return Classification(values, (exponentials / exponentials.sum()).astype(np.float32))


def result(
    prediction: Detections | Classification, index: int = 0, key: str = "yolov3-tiny", captured_at: float | None = None
) -> Result:
    when = time.perf_counter() if captured_at is None else captured_at
    return Result(index, when, key, prediction, Timings(2.0, 14.0, 0.6), "openvino", "CPU")
