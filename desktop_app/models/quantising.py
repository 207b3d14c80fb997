"""Post-training quantisation to int8 with NNCF, which is an extra of its own and is imported here only."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.turbo import TurboStage
from desktop_app.errors import ModelError
from desktop_app.i18n import tr
from desktop_app.models.engines import Network
from desktop_app.models.engines.silent_openvino import openvino

Report = Callable[[TurboStage, int, int], None]
"""Called with the stage, and how many steps of how many are done (0 of 0 where unknown)."""

INSTALL = 'pip install "regard[turbo]"'
_WITH_WEIGHTS = ("Convolution", "GroupConvolution", "ConvolutionBackpropData", "GroupConvolutionBackpropData", "MatMul")


def is_installed() -> bool:
    return importlib.util.find_spec("nncf") is not None


def demand_nncf() -> None:
    """Raises `ModelError` where it is not installed."""
    if not is_installed():
        raise ModelError(
            tr("Turbo needs the package NNCF, which is not installed."), tr("Type: {command}", command=INSTALL)
        )


@contextlib.contextmanager
def _without_torch() -> Iterator[None]:
    """NNCF imports torch where it finds it, and needs it for torch's own networks only: seconds, and 400 MB."""
    modules = cast(dict[str, Any], sys.modules)
    hidden = "torch" not in modules
    if hidden:
        modules["torch"] = None
    try:
        yield
    finally:
        if hidden:
            del modules["torch"]


def _nncf() -> Any:
    """The package. It speaks to its makers unless told that it is tested, and where openvino_telemetry cannot be
    imported, which `openvino()` sees to."""
    openvino()
    cast(dict[str, Any], sys.modules).setdefault("openvino_telemetry", None)
    os.environ["NNCF_CI"] = "1"
    with _without_torch():
        import nncf
    nncf.set_log_level(logging.ERROR)
    return nncf


def as_network_sees(tensor: NDArray[np.uint8], network: Network) -> NDArray[np.float32]:
    """uint8 (1, h, w, 3) to float32 (1, 3, h, w), normalised: what the engine folds into the network otherwise."""
    scaled = tensor.astype(np.float32) / np.float32(255)
    normal = (scaled - np.array(network.mean, np.float32)) / np.array(network.std, np.float32)
    return np.ascontiguousarray(normal.transpose(0, 3, 1, 2))


def _has_weights(node: Any) -> bool:
    """Whether the node learns from pictures. A convolution to one channel is arithmetic: it takes the mean of a
    distribution, as detectors with distances in bins do."""
    if node.get_type_name() not in _WITH_WEIGHTS:
        return False
    channels = node.output(0).get_partial_shape()
    return not (len(channels) == 4 and channels[1].is_static and channels[1].get_length() == 1)


def decoding_tail(model: Any) -> list[str]:
    """The names of the nodes behind the last weights: sigmoids, exponentials and arithmetic of boxes.

    A box in int8 would have 256 places to be in, and a confidence 256 values.
    """
    before_weights: set[str] = set()
    tail: list[str] = []
    for node in reversed(model.get_ordered_ops()):
        name = node.get_friendly_name()
        readers = (target.get_node() for output in node.outputs() for target in output.get_target_inputs())
        if _has_weights(node) or any(reader.get_friendly_name() in before_weights for reader in readers):
            before_weights.add(name)
        elif node.get_type_name() not in ("Constant", "Parameter", "Result"):
            tail.append(name)
    return tail


def _read_float(path: Path) -> Any:
    """The network with its normalisations folded into the convolutions, where quantisation must find them."""
    package = openvino()
    from openvino._offline_transformations import apply_moc_transformations

    model = package.Core().read_model(path)
    apply_moc_transformations(model, cf=True)
    return model


def quantise(path: Path, network: Network, tensors: Sequence[NDArray[np.uint8]], report: Report) -> Any:
    """The float network at `path` as an int8 model of OpenVINO that takes the same float input.

    `tensors`: what calibrates it, as `Model.preprocess` makes them. Takes seconds to minutes. Raises `ModelError`.
    """
    demand_nncf()
    nncf = _nncf()
    model = _read_float(path)
    seen = 0

    def next_tensor(tensor: NDArray[np.uint8]) -> NDArray[np.float32]:
        nonlocal seen
        seen += 1
        report("calibrate", min(seen, len(tensors)), len(tensors))
        if seen >= len(tensors):
            report("correct", 0, 0)
        return as_network_sees(tensor, network)

    transformer = any(node.get_type_name() == "ScaledDotProductAttention" for node in model.get_ordered_ops())
    report("calibrate", 0, len(tensors))
    try:
        # Its progress bars would go where results go.
        with contextlib.redirect_stdout(io.StringIO()), _without_torch():
            return nncf.quantize(
                model,
                nncf.Dataset(tensors, next_tensor),
                preset=nncf.QuantizationPreset.MIXED,
                model_type=nncf.ModelType.TRANSFORMER if transformer else None,
                subset_size=len(tensors),
                fast_bias_correction=True,
                ignored_scope=nncf.IgnoredScope(names=decoding_tail(model), validate=False),
            )
    except Exception as error:  # whatever NNCF, NumPy or OpenVINO raise
        logging.getLogger(__name__).info("quantisation of %s failed", network.key, exc_info=True)
        raise ModelError(
            tr("{model} cannot be made into an int8 network: {reason}.", model=network.key, reason=error),
            tr("Keep the full model, or choose another one."),
        ) from error
