"""What speaks for an answer: the heat maps that a model can be asked for, one by one or as it grows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.explain import Heat, HeatMethod, Missing
from desktop_app.core.model import ModelInfo, Thresholds
from desktop_app.core.overlap import overlaps
from desktop_app.core.results import Classification, Detections
from desktop_app.core.scores import group_logit
from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.models.engines import Network
from desktop_app.models.explaining import gradcam, heat
from desktop_app.models.explaining.head import Head
from desktop_app.models.explaining.inside import InsideRunner
from desktop_app.models.explaining.looked import Box, Looked
from desktop_app.models.loading import Loaded

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

GRID = 12
"""Rows and columns of places that are hidden one after the other in a picture."""
BOX_GRID = 9
"""… and round a box, which is looked at with half its size on each side."""
FOUND = 0.5
"""Overlap from which a box is the one that was asked about."""
SHOWN_EVERY = 0.15
"""Seconds between two pictures of a map that grows."""


class Evidence:
    """Not thread-safe; uses the model and the runner of a `Look`."""

    def __init__(self, info: ModelInfo, network: Network, model: Loaded, runner: InsideRunner) -> None:
        self._info, self._network, self._model, self._runner = info, network, model, runner
        self._thresholds = Thresholds()
        self._head: tuple[tuple[int, int], Head | None] | None = None
        self._grad_cam: gradcam.GradCam | None = None
        self._followed: tuple[Box, NDArray[np.float32]] | None = None

    # --- what can be asked --------------------------------------------------------------------------------------------

    def methods(self) -> tuple[HeatMethod, ...]:
        """The quickest first."""
        return tuple(method for method in ("influence", "gradcam", "occlusion") if not self._why_not(method))

    def missing(self) -> tuple[Missing, ...]:
        """Those that this model cannot be asked by here."""
        quick: tuple[HeatMethod, ...] = ("influence", "gradcam")
        return tuple(Missing(method, why) for method in quick if (why := self._why_not(method)))

    def _why_not(self, method: HeatMethod) -> str:
        if method == "occlusion":
            return ""
        if self._info.task != "classify":
            return tr("For classifiers. The evidence for a box is found by hiding place after place.")
        head = self.head()
        if method == "influence":
            return "" if head is not None else tr("The answer of this network does not come from maps alone.")
        return "" if head is not None and head.affine else gradcam.why_not(self._network)

    def head(self) -> Head | None:
        """What comes after the last maps; `None` where the answer hangs on more than these."""
        shape = self._runner.input_shape
        if self._head is None or self._head[0] != shape:
            self._head = (shape, self._runner.head())
        return self._head[1]

    # --- asking -------------------------------------------------------------------------------------------------------

    def heat(
        self, looked: Looked, method: HeatMethod, classes: Sequence[int], box: Box | None, cancel: threading.Event
    ) -> Iterator[Heat]:
        """The heat map, growing where it takes long; ends early when `cancel` is set. `classes`: none for the surest.

        Raises `AppError` where there is nothing to explain: a picture without boxes, a method that is not there.
        """
        begun = told = time.perf_counter()
        if why := self._why_not(method):
            raise AppError(tr("This heat map cannot be made here."), why)
        if isinstance(looked.prediction, Classification):
            wanted = tuple(classes) or (looked.prediction.top(1)[0],)
            steps = self._of_classes(looked, looked.prediction, method, wanted)
        else:
            steps = self._of_box(looked, looked.prediction, classes, box)
        for found in steps:
            if cancel.is_set():
                return
            now = time.perf_counter()
            if found.share == 1 or now - told > SHOWN_EVERY:
                told = now
                yield replace(found, values=found.values.copy(), milliseconds=(now - begun) * 1e3)

    def logits_of(self, answers: Floats, frame_shape: tuple[int, ...]) -> Floats:
        """Of the network's outputs (n, classes), which may be probabilities."""
        found = (self._model.postprocess((row[None],), frame_shape, self._thresholds) for row in answers)
        return np.stack([one.logits for one in found if isinstance(one, Classification)])

    def _of_classes(
        self, looked: Looked, said: Classification, method: HeatMethod, classes: tuple[int, ...]
    ) -> Iterator[Heat]:
        height, width = looked.tensor.shape[1:3]
        region = looked.region.of_frame(width, height)
        answer = float(group_logit(said.logits[None], classes)[0])
        head = self.head()
        if method == "occlusion":

            def ask(tensor: Bytes) -> float:
                found = self._model.postprocess(self._model.forward(tensor), looked.frame_shape, self._thresholds)
                assert isinstance(found, Classification)
                return float(group_logit(found.logits[None], classes)[0])

            for share, fallen in heat.occlusion(ask, looked.tensor, (0, 0, width, height), GRID, GRID):
                yield Heat("occlusion", classes, fallen, region, answer, 0.0, share)
            return
        if method == "influence":
            assert head is not None

            def logit(answers: Floats) -> Floats:
                return group_logit(self.logits_of(answers, looked.frame_shape), classes)

            values = heat.influence(head, looked.seen.maps[-1], logit)
        elif head is not None and head.affine:
            values = heat.grad_cam(head, looked.seen.maps[-1], said.logits, classes)
        else:
            values = self._torch_grad_cam(looked).of(looked.seen.tensor, classes)
        yield Heat(method, classes, values, region, answer, 0.0)

    def _torch_grad_cam(self, looked: Looked) -> gradcam.GradCam:
        if self._grad_cam is None:
            self._grad_cam = gradcam.GradCam(self._network, looked.seen.tensor, looked.seen.maps[-1])
        return self._grad_cam

    def _row_of(self, wanted: Detections, box: Box | None) -> int:
        """The box that is asked about: the surest, or the one that `box` has become since it was chosen."""
        if box is None:
            self._followed = None
            return 0
        here = np.array(box, np.float32)
        if self._followed is not None and self._followed[0] == box:
            here = self._followed[1]
        shared = overlaps(here[None], wanted.xyxy)[0]
        if shared.max() > 0:
            row = int(shared.argmax())
        else:  # it moved by more than its size: the nearest
            middles = (wanted.xyxy[:, :2] + wanted.xyxy[:, 2:]) / 2
            row = int(np.hypot(*(middles - (here[:2] + here[2:]) / 2).T).argmin())
        self._followed = (box, wanted.xyxy[row].copy())
        return row

    def _of_box(self, looked: Looked, found: Detections, classes: Sequence[int], box: Box | None) -> Iterator[Heat]:
        wanted = found if not classes else found.pick(np.isin(found.class_id, list(classes)))
        if not len(wanted):
            raise AppError(tr("There is no box here to explain."), tr("Point at something that is recognised."))
        row = self._row_of(wanted, box)
        target, kind, answer = wanted.xyxy[row], int(wanted.class_id[row]), float(wanted.confidence[row])
        thresholds = replace(self._thresholds, confidence=0.01, classes=(kind,))

        def ask(tensor: Bytes) -> float:
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
            yield Heat("occlusion", (kind,), fallen, area, answer, 0.0, share, shown)
