"""A model that can be looked into: the same pre- and postprocessing as recognition, on a network with windows in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.explain import Heat, HeatMethod, Input, Map, Region, Station, Tiles
from desktop_app.core.frame import Bgr
from desktop_app.core.input_steps import InputSteps, Scaled
from desktop_app.core.model import ModelInfo, Thresholds
from desktop_app.core.overlap import overlaps
from desktop_app.core.results import Classification, Detections, Prediction
from desktop_app.models.catalog import class_names
from desktop_app.models.explaining import heat
from desktop_app.models.explaining.head import Head
from desktop_app.models.explaining.inside import InsideRunner, Seen
from desktop_app.models.explaining.steps import steps_of
from desktop_app.models.loading import family_and_network, named

TILE = 64
"""Longest side of a tile in pixels."""
PATCH = 56
"""Side of the small picture of what a map answered to most, in pixels."""
GRID = 12
"""Rows and columns of places that are hidden one after the other in a picture."""
BOX_GRID = 9
"""… and round a box, which is looked at with half its size on each side."""
FOUND = 0.5
"""Overlap from which a box is the one that was asked about."""

Box = tuple[float, float, float, float]


@dataclass(slots=True, eq=False)
class Looked:
    """One frame, looked at. `tensor`: uint8 (1, h, w, 3)."""

    seen: Seen
    tensor: NDArray[np.uint8]
    prediction: Prediction
    region: Region
    frame_shape: tuple[int, ...]
    milliseconds: float
    scaled: Scaled | None = None
    """Where `at` was asked for the steps."""


class Look:
    """Not thread-safe. Raises `ModelError` where the model cannot be loaded on OpenVINO."""

    def __init__(self, info: ModelInfo) -> None:
        family, network = family_and_network(info)
        self.info = info
        self._normalisation = network.mean, network.std
        self._runner = InsideRunner(network)
        self._model = family.model(info, (), self._runner)
        blank = np.zeros((network.height, network.width, 3), np.uint8)
        outputs = self._model.forward(self._model.preprocess(blank))
        self._model.names = named(info, class_names(info), self._model.classes_of(outputs))
        self._thresholds = Thresholds()
        self._head: tuple[tuple[int, int], Head | None] | None = None

    @property
    def stations(self) -> tuple[Station, ...]:
        """Of the last frame."""
        return tuple(self._runner.stations)

    def at(self, bgr: Bgr, *, steps: bool = False) -> Looked:
        begun = time.perf_counter()
        scaled = self._model.steps(bgr) if steps else None
        tensor = self._model.preprocess(bgr).copy() if scaled is None else scaled.tensor
        outputs = self._model.forward(tensor)
        seen = self._runner.split(outputs)
        prediction = self._model.postprocess(seen.outputs, bgr.shape, self._thresholds)
        region = self._model.region(bgr.shape)
        took = (time.perf_counter() - begun) * 1e3
        return Looked(seen, tensor, prediction, region, bgr.shape, took, scaled)

    def input_of(self, looked: Looked) -> Input:
        return Input(looked.tensor[0], looked.seen.tensor)

    def steps_of(self, looked: Looked, bgr: Bgr, *, whole: bool, swap: bool) -> InputSteps | None:
        """`bgr`: the frame that was looked at, with its steps."""
        if looked.scaled is None:
            return None

        def swapped() -> Prediction:
            tensor = np.ascontiguousarray(looked.tensor[..., ::-1])
            outputs = self._runner.split(self._model.forward(tensor)).outputs
            return self._model.postprocess(outputs, looked.frame_shape, self._thresholds)

        return steps_of(
            bgr,
            looked.scaled,
            looked.region,
            self._normalisation,
            looked.prediction,
            whole=whole,
            swap=swapped if swap else None,
        )

    @property
    def filters(self) -> NDArray[np.float32] | None:
        """The weights of the first convolution, (filters, 3, height, width), red-green-blue, if it has one."""
        return self._runner.filters()

    def map_of(self, looked: Looked, bgr: Bgr, station: int, channel: int) -> Map | None:
        """`bgr`: the frame that was looked at."""
        if station >= len(looked.seen.maps) or channel >= len(looked.seen.maps[station]):
            return None
        values = looked.seen.maps[station][channel]
        row, column = (int(place) for place in np.unravel_index(int(values.argmax()), values.shape))
        seen = self._runner.stations[station].seen_by(row, column)
        return Map(station, channel, values, (row, column), _patch(bgr, looked.region, seen))

    # --- heat maps ----------------------------------------------------------------------------------------------------

    def methods(self) -> tuple[HeatMethod, ...]:
        """What this model can be asked, the quickest first."""
        if self.info.task != "classify":
            return ("occlusion",)
        return ("influence", "occlusion") if self._last_part() is not None else ("occlusion",)

    def _last_part(self) -> Head | None:
        shape = self._runner.input_shape
        if self._head is None or self._head[0] != shape:
            self._head = (shape, self._runner.head())
        return self._head[1]

    def heat(
        self, looked: Looked, method: HeatMethod, class_id: int | None, box: Box | None, cancel: threading.Event
    ) -> Iterator[Heat]:
        """The heat map, growing where it takes long; ends early when `cancel` is set. Nothing where there is nothing to
        explain (a picture without boxes)."""
        begun = time.perf_counter()

        def timed(found: Heat) -> Heat:
            return replace(found, milliseconds=(time.perf_counter() - begun) * 1e3)

        if isinstance(looked.prediction, Classification):
            wanted = looked.prediction.top(1)[0] if class_id is None else class_id
            steps = self._of_class(looked, method, wanted)
        else:
            steps = self._of_box(looked, looked.prediction, class_id, box)
        for found in steps:
            if cancel.is_set():
                return
            yield timed(found)

    def _of_class(self, looked: Looked, method: HeatMethod, class_id: int) -> Iterator[Heat]:
        height, width = looked.tensor.shape[1:3]
        region = looked.region.of_frame(width, height)
        assert isinstance(looked.prediction, Classification)
        answer = float(looked.prediction.logits[class_id])
        head = self._last_part() if method == "influence" else None
        if head is not None:
            fallen = heat.influence(head, looked.seen.maps[-1], class_id)
            yield Heat("influence", class_id, fallen, region, answer, 0.0)
            return

        def ask(tensor: NDArray[np.uint8]) -> float:
            found = self._model.postprocess(self._model.forward(tensor), looked.frame_shape, self._thresholds)
            assert isinstance(found, Classification)
            return float(found.logits[class_id])

        for share, fallen in heat.occlusion(ask, looked.tensor, (0, 0, width, height), GRID, GRID):
            yield Heat("occlusion", class_id, fallen.copy(), region, answer, 0.0, share)

    def _of_box(self, looked: Looked, found: Detections, class_id: int | None, box: Box | None) -> Iterator[Heat]:
        """Of the box that overlaps `box` most, or of the surest one; of `class_id` only where it is given."""
        wanted = found if class_id is None else found.pick(found.class_id == class_id)
        if not len(wanted):
            return
        row = 0 if box is None else int(overlaps(np.array([box], np.float32), wanted.xyxy).argmax())
        target, kind, answer = wanted.xyxy[row], int(wanted.class_id[row]), float(wanted.confidence[row])
        thresholds = replace(self._thresholds, confidence=0.01, classes=(kind,))

        def ask(tensor: NDArray[np.uint8]) -> float:
            boxes = self._model.postprocess(self._model.forward(tensor), looked.frame_shape, thresholds)
            assert isinstance(boxes, Detections)
            if not len(boxes):
                return 0.0
            shared = overlaps(target[None], boxes.xyxy)[0]
            return float((boxes.confidence * np.where(shared >= FOUND, shared, 0)).max())

        place = looked.region
        left, top = (target[0] - place.x0) / place.scale_x, (target[1] - place.y0) / place.scale_y
        right, bottom = (target[2] - place.x0) / place.scale_x, (target[3] - place.y0) / place.scale_y
        height, width = looked.tensor.shape[1:3]
        more_x, more_y = (right - left) / 2, (bottom - top) / 2
        around = (
            max(0, round(left - more_x)),
            max(0, round(top - more_y)),
            min(width, round(right + more_x)),
            min(height, round(bottom + more_y)),
        )
        area = replace(
            place, x0=place.x0 + around[0] * place.scale_x, y0=place.y0 + around[1] * place.scale_y
        ).of_frame(around[2] - around[0], around[3] - around[1])
        shown = (float(target[0]), float(target[1]), float(target[2]), float(target[3]))
        for share, fallen in heat.occlusion(ask, looked.tensor, around, BOX_GRID, BOX_GRID):
            yield Heat("occlusion", kind, fallen.copy(), area, answer, 0.0, share, shown)


def _patch(bgr: Bgr, region: Region, seen: Box) -> NDArray[np.uint8]:
    """What of the frame lies under `seen`, in pixels of the input: uint8 (PATCH, PATCH, 3), blue-green-red."""
    import cv2

    height, width = bgr.shape[:2]
    x0, x1 = (np.clip(region.x0 + np.clip(x, -1e6, 1e6) * region.scale_x, 0, width) for x in (seen[0], seen[2]))
    y0, y1 = (np.clip(region.y0 + np.clip(y, -1e6, 1e6) * region.scale_y, 0, height) for y in (seen[1], seen[3]))
    left, top = min(int(x0), width - 1), min(int(y0), height - 1)
    cut = bgr[top : max(int(y1), top + 1), left : max(int(x1), left + 1)]
    method = cv2.INTER_AREA if min(cut.shape[:2]) > PATCH else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(cut, (PATCH, PATCH), interpolation=method), np.uint8)


def tiles_of(maps: NDArray[np.float32], station: int, count: int, order: NDArray[np.int64] | None = None) -> Tiles:
    """`count` maps of (channels, h, w) as small pictures; `order`: the channels to take, `None` for the most active:
    those with the highest mean."""
    if order is None:
        order = activity_order(maps)
    chosen = order[:count].astype(np.int64)
    picked = maps[chosen]
    low, high = picked.min(axis=(1, 2)), picked.max(axis=(1, 2))
    span = np.where(high > low, high - low, 1)
    shown = ((_small(picked) - low[:, None, None]) / span[:, None, None] * 255).clip(0, 255)
    return Tiles(station, chosen, shown.astype(np.uint8), low, high)


def activity_order(maps: NDArray[np.float32]) -> NDArray[np.int64]:
    """Channels by falling mean activity; a channel that is the same everywhere shows nothing and comes last."""
    activity = maps.mean(axis=(1, 2))
    flat = maps.max(axis=(1, 2)) - maps.min(axis=(1, 2)) < 1e-6
    order: NDArray[np.int64] = np.lexsort((-activity, flat))
    return order


def _small(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps with sides of at most `TILE`: means of cells where they are larger."""
    import cv2

    height, width = maps.shape[1:]
    scale = min(1.0, TILE / max(height, width))
    if scale == 1.0:
        return maps
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.stack([np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_AREA), np.float32) for one in maps])
