"""From a line of the catalogue to a model that runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from desktop_app.core.explain import Region
from desktop_app.core.frame import Pixels
from desktop_app.core.input_steps import Scaled
from desktop_app.core.model import Model, ModelInfo, Outputs, Placement, Tuning, Use
from desktop_app.core.progress import Progress, ReportProgress
from desktop_app.errors import ModelLoadFailed
from desktop_app.i18n import tr
from desktop_app.models import classifier, darknet, pytorch, shipped, taught, yolo
from desktop_app.models.catalog import class_names
from desktop_app.models.engines import Network, Notify, Runner, start
from desktop_app.models.labels import fit_names

if TYPE_CHECKING:
    from torch import nn

# Of a network that does not say how many classes it has, nor their names.
_CLASSES_AT_MOST = 1000

log = logging.getLogger(__name__)


class Loaded(Model, Protocol):
    def classes_of(self, outputs: Outputs) -> int | None: ...

    def region(self, frame_shape: tuple[int, ...]) -> Region:
        """What of such a frame the network's input shows."""

    def steps(self, pixels: Pixels) -> Scaled:
        """What `preprocess` does, with what comes in between."""


@dataclass(frozen=True, slots=True)
class Family:
    network: Callable[[ModelInfo, Path, str], Network]
    model: Callable[[ModelInfo, tuple[str, ...], Runner], Loaded]


FAMILIES: dict[str, Family] = {
    "torchvision": Family(classifier.network, classifier.Classifier),
    "timm": Family(classifier.network, classifier.Classifier),
    "yolo-cls": Family(classifier.network, classifier.Classifier),
    "yolo": Family(yolo.network, yolo.Detector),
    taught.FAMILY: Family(taught.network, taught.TaughtClassifier),
    "darknet": Family(darknet.network, darknet.DarknetDetector),
}


def _silent(_: Progress) -> None:
    pass


def _log_notice(message: str, hint: str) -> None:
    log.info("%s %s", message, hint)


def _digest(info: ModelInfo, path: Path) -> str:
    """The hash of the weights, which `store.ensure` has checked."""
    from desktop_app.models import store

    return info.sha256 if len(info.sha256) == 64 else store.sha256_of(path)


def digest_of(info: ModelInfo) -> str:
    """The hash of the weights of a model that is on the disk."""
    from desktop_app.models import store

    return _digest(info, store.weights_path(info))


def _network(info: ModelInfo, report: ReportProgress, cancel: threading.Event | None) -> tuple[Family, Network]:
    from desktop_app.models import store

    family = FAMILIES.get(info.family)
    if family is None:
        raise ModelLoadFailed(
            tr(
                "{model} is of the family “{family}”, which this version does not know.",
                model=info.key,
                family=info.family,
            ),
            tr("Install a newer version of Regard."),
        )
    if shipped.holds(info):
        return family, _shipped_network(family, info, report, cancel)
    if not store.is_ready(info):
        pytorch.require(info.key)  # before anything is fetched in vain
    path = store.ensure(info, report, cancel)
    return family, family.network(info, path, _digest(info, path))


def _shipped_network(
    family: Family, info: ModelInfo, report: ReportProgress, cancel: threading.Event | None
) -> Network:
    """Its weights are fetched only where the module itself is wanted: by torch, or instead of a damaged network."""
    from desktop_app.models import store

    network = family.network(info, store.weights_path(info), info.sha256)
    build = network.build
    if build is None:
        return network

    def fetch_and_build(many_shapes: bool) -> nn.Module:
        pytorch.require(info.key)
        store.ensure(info, report, cancel)
        return build(many_shapes)

    return replace(network, build=fetch_and_build)


def family_and_network(info: ModelInfo) -> tuple[Family, Network]:
    """What it takes to run a model whose weights are on the disk in another way than `load_model` does."""
    return _network(info, _silent, None)


def named(info: ModelInfo, names: tuple[str, ...], count: int | None) -> tuple[str, ...]:
    """As many names as the network has classes."""
    if count is None:
        return fit_names(names, len(names) or _CLASSES_AT_MOST)
    if count == len(names):
        return fit_names(names, count)
    if info.labels:
        raise ModelLoadFailed(
            tr(
                "The weights of {model} tell {count} classes apart, not the {wanted} of their data set.",
                model=info.key,
                count=count,
                wanted=len(names),
            ),
            tr("Import them as a model of their own, which carries its class names."),
        )
    return fit_names(names, count)


def load_model(
    info: ModelInfo,
    placement: Placement,
    report: ReportProgress = _silent,
    cancel: threading.Event | None = None,
    notify: Notify = _log_notice,
    names: tuple[str, ...] = (),
    use: Use = "still",
) -> Model:
    """The model, warmed up, in the thread that is going to use it. Fetches and converts what is missing.

    `names`: the class names of a model that the catalogue does not list (see `importing.inspect`).
    `use`: what it will most likely run on; being wrong costs a second compilation.
    `report` hears of each stage; `cancel` ends a download; `notify` is called with (message, hint) when something
    failed and the work goes on elsewhere, also later while the model runs. Raises `ModelError`.
    """
    family, network = _network(info, report, cancel)
    report(Progress(info.key, "load"))
    runner = start(network, placement, Tuning(use), report, notify)
    model = family.model(info, (), runner)
    blank = np.zeros((network.height, network.width, 3), np.uint8)
    outputs = model.forward(model.preprocess(blank))
    model.names = named(info, names or class_names(info), model.classes_of(outputs))
    report(Progress(info.key, "ready"))
    return model


def prepare(info: ModelInfo, report: ReportProgress = _silent, cancel: threading.Event | None = None) -> None:
    """Fetch and convert, so that the model starts at once when it is chosen. Raises `ModelError`."""
    from desktop_app.models.engines.devices import choose

    _, network = _network(info, report, cancel)
    engine = choose(Placement(), from_onnx=network.build is None, notify=_log_notice).engine
    if engine == "openvino" and network.build is not None:
        from desktop_app.models.conversion import ir_of

        ir_of(network, report)
    report(Progress(info.key, "ready"))
