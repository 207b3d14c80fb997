"""OpenVINO: CPU, Intel GPU, NPU."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.model import Outputs
from desktop_app.core.progress import ReportProgress
from desktop_app.errors import InferenceFailed, ModelLoadFailed
from desktop_app.i18n import tr
from desktop_app.models.conversion import ir_of
from desktop_app.models.engines import Network, Notify
from desktop_app.models.engines.silent_openvino import openvino
from desktop_app.paths import cache_dir

log = logging.getLogger(__name__)

# A camera gives one shape, a folder of photographs a few.
SHAPES_KEPT = 4
HINTS = {"fp32": "f32", "fp16": "f16", "bf16": "bf16"}
PRECISIONS = {"f32": "fp32", "f16": "fp16", "bf16": "bf16"}


@cache
def core() -> Any:
    return openvino().Core()


def _with_preprocessing(model: Any, network: Network) -> Any:
    """The same network, taking uint8 (1, h, w, 3): layout and normalisation become part of it."""
    from openvino import Layout, Type
    from openvino.preprocess import PrePostProcessor

    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(Type.u8).set_layout(Layout("NHWC"))
    steps.input().model().set_layout(Layout("NCHW"))
    chain = steps.input().preprocess().convert_element_type(Type.f32)
    if any(network.mean):
        chain = chain.mean([255.0 * value for value in network.mean])
    chain.scale([255.0 * value for value in network.std])
    for index in range(len(model.outputs)):
        steps.output(index).tensor().set_element_type(Type.f32)
    return steps.build()


class OpenVinoRunner:
    """See `Runner`. Compiles once per shape of the input and keeps the last few."""

    engine = "openvino"

    def __init__(self, network: Network, device: str, precision: str, report: ReportProgress, notify: Notify) -> None:
        self._network = network
        self._notify = notify
        self._asked = (device, precision)
        self.device = device
        self.precision = precision
        self.facts: Mapping[str, int] = {}
        self._source = self._find_source(report)
        self._requests: OrderedDict[tuple[int, int], Any] = OrderedDict()
        self.fixed_shape = self._read_fixed_shape()
        self._request((network.height, network.width) if self.fixed_shape is None else self.fixed_shape)

    def _find_source(self, report: ReportProgress) -> Path:
        if self._network.onnx is not None:
            return self._network.onnx
        converted = ir_of(self._network, report)
        self.facts = converted.facts
        return converted.path

    def _read_model(self) -> Any:
        try:
            return core().read_model(self._source)
        except RuntimeError as error:
            log.info("OpenVINO cannot read %s: %s", self._source, error)
            raise ModelLoadFailed(
                tr("{model} could not be read by OpenVINO.", model=self._network.key),
                tr("Export the model again, or try another one."),
            ) from error

    def _read_fixed_shape(self) -> tuple[int, int] | None:
        shape = self._read_model().input(0).partial_shape
        if len(shape) != 4 or not (shape[1].is_dynamic or shape[1].get_length() == 3):
            raise ModelLoadFailed(
                tr("{model} takes {shape}, not one colour picture.", model=self._network.key, shape=shape),
                tr("The input must be (1, 3, height, width)."),
            )
        if shape[2].is_dynamic or shape[3].is_dynamic:
            return None
        return shape[2].get_length(), shape[3].get_length()

    def _compile(self, shape: tuple[int, int]) -> Any:
        model = self._read_model()
        model.reshape([1, 3, *shape])
        device, precision = self._asked
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            # Never left to OpenVINO, which takes bf16 on processors that have it.
            "INFERENCE_PRECISION_HINT": HINTS[precision],
        }
        if device != "CPU":  # there compiling takes a tenth of a second, and each shape would be kept with all weights
            settings["CACHE_DIR"] = str(cache_dir() / "compiled")
        return core().compile_model(_with_preprocessing(model, self._network), device, settings)

    def _request(self, shape: tuple[int, int]) -> Any:
        """The compiled network for this shape. Where the device fails, the CPU takes over."""
        if shape in self._requests:
            self._requests.move_to_end(shape)
            return self._requests[shape]
        try:
            compiled = self._compile(shape)
        except RuntimeError as error:
            log.info("OpenVINO cannot compile %s for %s: %s", self._network.key, self._asked, error)
            if self._asked[0] == "CPU":
                raise ModelLoadFailed(
                    tr("{model} could not be prepared by OpenVINO.", model=self._network.key),
                    tr("Choose the engine torch, or another model."),
                ) from error
            self._fall_back()
            compiled = self._compile(shape)
        self.device = ",".join(compiled.get_property("EXECUTION_DEVICES"))
        self.precision = PRECISIONS.get(compiled.get_property("INFERENCE_PRECISION_HINT").to_string(), self._asked[1])
        self._requests[shape] = compiled.create_infer_request()
        while len(self._requests) > SHAPES_KEPT:
            self._requests.popitem(last=False)
        return self._requests[shape]

    def _fall_back(self) -> None:
        self._notify(
            tr("{device} failed; {model} now runs on the CPU.", device=self.device, model=self._network.key),
            tr("It is slower there. Choose the device again to go back."),
        )
        self._asked = ("CPU", "fp32")
        self._requests.clear()

    def run(self, tensor: NDArray[np.uint8]) -> Outputs:
        shape = (int(tensor.shape[1]), int(tensor.shape[2]))
        try:
            return self._infer(shape, tensor)
        except RuntimeError as error:
            log.info("OpenVINO failed on %s: %s", self._network.key, error)
            if self._asked[0] == "CPU":
                raise InferenceFailed(
                    tr("{model} failed on a frame.", model=self._network.key), tr("Choose another model.")
                ) from error
        self._fall_back()
        return self._infer(shape, tensor)

    def _infer(self, shape: tuple[int, int], tensor: NDArray[np.uint8]) -> Outputs:
        request = self._request(shape)
        request.infer([tensor], share_inputs=True)
        # Copies: the next run writes over the tensors of the request.
        return tuple(np.array(output.data, dtype=np.float32) for output in request.output_tensors)
