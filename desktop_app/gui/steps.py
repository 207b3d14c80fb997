"""The steps on the way to the network as what is shown of them, and where one pixel is in each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from desktop_app.core.explain import Input
from desktop_app.core.input_steps import InputSteps
from desktop_app.gui import texts
from desktop_app.gui.step_picture import Values, as_bytes, rgb_image
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m

FRAME, SCALED, CUT, TENSOR = range(4)
Pixel = tuple[int, int]
"""Column and row."""


@dataclass(slots=True, eq=False)
class Step:
    """`values`: (h, w, 3), `None` where the step has no array. `size`: (width, height), of a frame that is shown
    smaller its own. `frame`: the part that the next step is made of, in pixels of `values`. `title`, `name`: on the
    card, and in the name of its file."""

    title: str
    name: str
    values: Values | None
    size: tuple[int, int]
    kind: str
    low: float
    high: float
    frame: QRectF | None = None


def steps_of(seen: m.Explained, steps: InputSteps, given: Input) -> list[Step]:
    left, top, right, bottom = seen.region
    shrunk = steps.frame.shape[1] / steps.frame_size[0]
    of_frame = QRectF(left * shrunk, top * shrunk, (right - left) * shrunk, (bottom - top) * shrunk)
    whole = QRectF(0, 0, steps.frame.shape[1], steps.frame.shape[0])
    cut = steps.fit == "cut"
    column, row = steps.corner
    inner = QRectF(-column, -row, *steps.size)
    size = seen.size
    scaled_low, scaled_high = _range(steps.resized if steps.resized is not None else given.pixels)
    return [
        Step(tr("Frame"), "frame", steps.frame, steps.frame_size, "uint8", steps.low, steps.high,
             of_frame.intersected(whole) if cut else None),
        Step(tr("Scaled"), "scaled", steps.resized, steps.size, "uint8", scaled_low, scaled_high,
             QRectF(column, row, *size) if cut else None),
        Step(tr("Cut out") if cut else tr("Letterbox"), "pixels", given.pixels, size, "uint8", *_range(given.pixels),
             None if cut else inner),
        Step(tr("Tensor"), "input", np.moveaxis(given.values, 0, -1), size, "float32", *_range(given.values)),
    ]  # fmt: skip


def _range(values: Values) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def thumbnail(step: Step) -> QImage:
    if step.values is None:
        return QImage()
    low, high = (step.low, step.high) if step.kind == "float32" else (0.0, 255.0)
    every = max(1, max(step.values.shape[:2]) // 320)
    return rgb_image(as_bytes(step.values[::every, ::every], low, high))


def share(step: Step) -> QRectF | None:
    if step.frame is None or step.values is None:
        return None
    high, wide = step.values.shape[:2]
    part = step.frame
    return QRectF(part.x() / wide, part.y() / high, part.width() / wide, part.height() / high)


def lines(step: Step) -> tuple[str, ...]:
    decimals = 2 if step.kind == "float32" else 0
    size = texts.size(*step.size)
    shape = f"3{texts.TIMES}{texts.size(step.size[1], step.size[0])}" if decimals else f"{size}{texts.TIMES}3"
    between = f"{texts.number(step.low, decimals)} … {texts.number(step.high, decimals)}"
    return step.title, shape, step.kind, between


def to_input(place: int, at: Pixel, seen: m.Explained, steps: InputSteps) -> Pixel:
    """The pixel of the input for one of a step; beyond the input where the step was cut."""
    column, row = at
    if place == FRAME:
        left, top, right, bottom = seen.region
        x = (column + 0.5) * steps.frame_size[0] / steps.frame.shape[1]
        y = (row + 0.5) * steps.frame_size[1] / steps.frame.shape[0]
        wide, high = seen.size
        return int((x - left) / (right - left) * wide // 1), int((y - top) / (bottom - top) * high // 1)
    if place == SCALED:
        return column - steps.corner[0], row - steps.corner[1]
    return column, row


def of_input(place: int, at: Pixel, seen: m.Explained, steps: InputSteps) -> Pixel | None:
    """The pixel of a step for one of the input; `None` where the step has none there."""
    column, row = at
    if place == FRAME:
        found = frame_pixel(at, seen, steps)
        if found is None:
            return None
        high, wide = steps.frame.shape[:2]
        return found[0] * wide // steps.frame_size[0], found[1] * high // steps.frame_size[1]
    size = steps.size if place == SCALED else seen.size
    if place == SCALED:
        column, row = column + steps.corner[0], row + steps.corner[1]
    return (column, row) if 0 <= column < size[0] and 0 <= row < size[1] else None


def frame_pixel(at: Pixel, seen: m.Explained, steps: InputSteps) -> Pixel | None:
    """The pixel of the frame under the middle of one of the input; `None` in the grey of a letterbox."""
    left, top, right, bottom = seen.region
    x = int(np.floor(left + (at[0] + 0.5) * (right - left) / seen.size[0]))
    y = int(np.floor(top + (at[1] + 0.5) * (bottom - top) / seen.size[1]))
    inside = 0 <= x < steps.frame_size[0] and 0 <= y < steps.frame_size[1]
    return (x, y) if inside else None


def pixel_rows(
    at: Pixel, seen: m.Explained, steps: InputSteps, exact: Pixel | None = None
) -> list[tuple[str, list[str]]]:
    """Caption and three numbers of each step, for a pixel of the input or beyond it. `exact`: the pixel of the frame,
    where that was pointed at: several of them become one of the input."""
    assert seen.input is not None
    column, row = at
    nothing = ["–"] * 3
    inside = 0 <= column < seen.size[0] and 0 <= row < seen.size[1]
    frame, scaled = exact or frame_pixel(at, seen, steps), of_input(SCALED, at, seen, steps)
    of_frame = nothing
    if frame is not None and steps.whole:
        of_frame = _bytes_at(steps.frame, frame)
    elif frame is not None and inside:
        of_frame = _bytes_at(steps.under, at)
    return [
        (tr("Frame {x}, {y}", x=frame[0], y=frame[1]) if frame is not None else tr("Frame"), of_frame),
        (
            tr("Scaled {x}, {y}", x=scaled[0], y=scaled[1]) if scaled is not None else tr("Scaled"),
            _bytes_at(steps.resized, scaled) if scaled is not None and steps.resized is not None else nothing,
        ),
        (
            tr("Cut out") if steps.fit == "cut" else tr("Letterbox"),
            _bytes_at(seen.input.pixels, at) if inside else nothing,
        ),
        (
            tr("Tensor"),
            [texts.number(float(value), 3) for value in seen.input.values[:, row, column]] if inside else nothing,
        ),
    ]


def _bytes_at(values: Values, place: Pixel) -> list[str]:
    return [str(int(value)) for value in values[place[1], place[0]]]
