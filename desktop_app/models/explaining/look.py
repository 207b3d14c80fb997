"""A model that can be looked into: the same pre- and postprocessing as recognition, on a network with windows in it."""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.explain import Heat, Input, Map, Station
from desktop_app.core.frame import Bgr, Pixels
from desktop_app.core.input_steps import InputSteps
from desktop_app.core.model import ModelInfo, Thresholds
from desktop_app.core.results import Classification, Prediction
from desktop_app.models.catalog import class_names
from desktop_app.models.explaining.evidence import Evidence
from desktop_app.models.explaining.inside import InsideRunner
from desktop_app.models.explaining.looked import Looked
from desktop_app.models.explaining.steps import steps_of
from desktop_app.models.explaining.tiles import strongest_places
from desktop_app.models.loading import family_and_network, named


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
        self.evidence = Evidence(info, network, self._model, self._runner)

    @property
    def stations(self) -> tuple[Station, ...]:
        """Of the last frame."""
        return tuple(self._runner.stations)

    def at(self, pixels: Pixels, *, steps: bool = False) -> Looked:
        begun = time.perf_counter()
        scaled = self._model.steps(pixels) if steps else None
        tensor = self._model.preprocess(pixels).copy() if scaled is None else scaled.tensor
        outputs = self._model.forward(tensor)
        seen = self._runner.split(outputs)
        prediction = self._model.postprocess(seen.outputs, pixels.shape, self._thresholds)
        region = self._model.region(pixels.shape)
        took = (time.perf_counter() - begun) * 1e3
        return Looked(seen, tensor, prediction, region, pixels.shape, took, scaled)

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

    @cached_property
    def filters(self) -> NDArray[np.float32] | None:
        """The weights of the first convolution, (filters, 3, height, width), red-green-blue, if it has one."""
        return self._runner.filters()

    def map_of(self, looked: Looked, bgr: Bgr, station: int, channel: int) -> Map | None:
        """`bgr`: the frame that was looked at."""
        if station >= len(looked.seen.maps) or channel >= len(looked.seen.maps[station]):
            return None
        values = looked.seen.maps[station][channel]
        places = strongest_places(values, self._runner.stations[station], bgr, looked.region)
        return Map(station, channel, values, places)

    def save(self, looked: Looked, path: Path, heat: Heat | None) -> None:
        """Everything that was computed of a frame, float32, as NumPy reads it (.npz): `pixels` and `tensor` (before and
        after normalisation), `filters`, `maps_0_<layer>` …, `output_0` …, of a classifier `logits` and `probabilities`,
        and the heat map with what it covers of the frame. Raises `OSError`."""
        arrays: dict[str, NDArray[np.float32] | NDArray[np.uint8]] = {
            "pixels": looked.tensor[0],
            "tensor": looked.seen.tensor,
        }
        filters = self.filters
        if filters is not None:
            arrays["filters"] = filters
        for place, (station, maps) in enumerate(zip(self._runner.stations, looked.seen.maps, strict=True)):
            arrays[f"maps_{place}_{station.layer}".replace("/", ".")] = maps
        for place, output in enumerate(looked.seen.outputs):
            arrays[f"output_{place}"] = output
        if isinstance(looked.prediction, Classification):
            arrays |= {"logits": looked.prediction.logits, "probabilities": looked.prediction.probabilities}
        if heat is not None:
            arrays |= {"heat": heat.values, "heat_region": np.array(heat.region, np.float32)}
        with path.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
