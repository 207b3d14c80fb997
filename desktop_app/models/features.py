"""What a classifier says of pictures before its last layer: what is taught on."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Bgr
from desktop_app.core.linear_layer import Floats
from desktop_app.core.model import ModelInfo, Tuning
from desktop_app.core.progress import Progress
from desktop_app.errors import WeightsUnavailable
from desktop_app.i18n import tr
from desktop_app.models.engines.openvino_engine import OpenVinoRunner
from desktop_app.models.grafting import Graft
from desktop_app.models.loading import family_and_network


class FeatureReader:
    """A network of its own in float32 on the CPU, as recognition of stills runs. Not thread-safe.

    Raises `ModelError`.
    """

    def __init__(self, info: ModelInfo) -> None:
        if not is_here(info.key):
            raise WeightsUnavailable(
                tr("{model} is not on this computer.", model=info.key),
                tr("Fetch {model} in the list of models first.", model=info.key),
            )
        family, network = family_and_network(info)
        self.info, self.digest = info, network.digest
        grafted = replace(network, graft=Graft())
        runner = OpenVinoRunner(grafted, "CPU", "fp32", Tuning("still"), _silent, lambda *_: None)
        self._model = family.model(info, (), runner)
        self.milliseconds = 0.0
        """What the last picture took."""

    def of(self, bgr: Bgr) -> Floats:
        """(features,)"""
        begun = time.perf_counter()
        found = self._features(self._model.preprocess(bgr))
        self.milliseconds = (time.perf_counter() - begun) * 1e3
        return found

    def views(self, bgr: Bgr) -> Floats:
        """(views, features): of the picture as it is, then mirrored.

        Closer, brighter and darker views were tried too: with 1 to 5 photographs a class they teach nothing more.
        """
        tensor = self._model.preprocess(bgr).copy()
        mirrored = np.ascontiguousarray(tensor[:, :, ::-1])
        return np.stack([self._features(view) for view in (tensor, mirrored)])

    def _features(self, tensor: NDArray[np.uint8]) -> Floats:
        return self._model.forward(tensor)[0].reshape(-1).astype(np.float32)


def is_here(key: str) -> bool:
    """Whether this is a classifier on this machine: nothing is fetched for teaching."""
    from desktop_app.models import catalog, store
    from desktop_app.models.taught import can_be_taught_on

    info = next((known for known in catalog.all_models() if known.key == key), None)
    return info is not None and can_be_taught_on(info) and store.is_ready(info)


def _silent(_: Progress) -> None:
    pass
