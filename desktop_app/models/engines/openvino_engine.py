"""OpenVINO: CPU, Intel GPU, NPU."""

from __future__ import annotations

import logging
import os
import platform
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.model import Outputs, Precision, Tuning
from desktop_app.core.progress import ReportProgress
from desktop_app.errors import InferenceFailed, ModelLoadFailed
from desktop_app.i18n import tr
from desktop_app.models.conversion import ir_of
from desktop_app.models.engines import Network, Notify
from desktop_app.models.engines.openvino_graph import with_preprocessing
from desktop_app.models.engines.quick_silu import with_quick_silu
from desktop_app.models.engines.silent_openvino import openvino
from desktop_app.models.engines.winograd import with_fewer_products
from desktop_app.paths import cache_dir

log = logging.getLogger(__name__)

# A camera gives one shape, a folder of photographs a few.
SHAPES_KEPT = 4
# Each shape keeps the weights once more; of a network larger than this only the last shape is kept.
LARGE = 64 << 20
X86 = ("x86_64", "amd64")
MOVING = ("live", "video")
MANY_AT_ONCE = ("video", "batch")
PRECISIONS = {"f32": "fp32", "f16": "fp16", "bf16": "bf16"}


@cache
def core() -> Any:
    return openvino().Core()


@cache
def native_bf16() -> bool:
    """Whether the processor computes in bfloat16 without emulating it: then twice as fast as in float32."""
    return "BF16" in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _hint(precision: str) -> str:
    """The type in which OpenVINO computes. What is not int8 in an int8 network need not be exact."""
    if precision == "int8":
        return "bf16" if native_bf16() else "f32"
    return {"fp32": "f32", "fp16": "f16", "bf16": "bf16"}[precision]


class _Request:
    """One request with its own input and outputs, so that nothing is allocated or wrapped again for each frame."""

    def __init__(self, network: Any) -> None:
        self._request = network.create_infer_request()
        rows = self._request.get_input_tensor().data
        self.tensor: NDArray[np.uint8] = rows.reshape(*rows.shape[:2], -1, 3)
        self._outputs: Outputs | None = None
        if not any(output.partial_shape.is_dynamic for output in network.outputs):
            self._outputs = tuple(np.empty(output.shape, np.float32) for output in network.outputs)
            for index, array in enumerate(self._outputs):
                self._request.set_output_tensor(index, openvino().Tensor(array, shared_memory=True))

    def start(self, tensor: NDArray[np.uint8]) -> None:
        if tensor.shape != self.tensor.shape:
            raise RuntimeError(f"the network takes {self.tensor.shape}, not {tensor.shape}")
        np.copyto(self.tensor, tensor)
        self._request.start_async()

    def wait(self) -> tuple[Outputs, float]:
        self._request.wait()
        outputs = self._outputs or tuple(output.data for output in self._request.output_tensors)
        return outputs, self._request.latency


class _Compiled:
    """The network for one shape, with its requests. They are used in turn: there is one more than run at once, so that
    the outputs of the last stay readable while the others run."""

    def __init__(self, network: Any, at_once: bool) -> None:
        run_at_once = int(network.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")) if at_once else 1
        # One more, so that a core that becomes free finds the next.
        self.depth = run_at_once + 1 if at_once else 1
        self._run_at_once = run_at_once
        self._ended: deque[float] = deque([0.0] * run_at_once, maxlen=2 * run_at_once)
        self.device = ",".join(network.get_property("EXECUTION_DEVICES"))
        self.precision = PRECISIONS.get(network.get_property("INFERENCE_PRECISION_HINT").to_string(), "")
        self._requests = [_Request(network) for _ in range(self.depth + 1)]
        self._next = 0

    def next_request(self) -> _Request:
        request = self._requests[self._next]
        self._next = (self._next + 1) % len(self._requests)
        return request

    def worked(self, started: float, milliseconds: float) -> float:
        """How long the network took for a frame, without the time for which it waited for the frames before."""
        ended = started + milliseconds / 1e3
        # It began when fewer than run at once were left of those before, which may end out of order.
        free_since = sorted(self._ended)[-self._run_at_once]
        self._ended.append(ended)
        return (ended - max(started, min(free_since, ended))) * 1e3


@dataclass(slots=True, eq=False)
class _Pending:
    """See `core.model.Pending`."""

    runner: OpenVinoRunner
    compiled: _Compiled
    request: _Request
    started: float

    def wait(self) -> tuple[Outputs, float]:
        try:
            outputs, milliseconds = self.request.wait()
        except RuntimeError as error:
            self.runner.leave(self.compiled.device, error)
            return self.runner.submit(self.request.tensor).wait()
        return outputs, self.compiled.worked(self.started, milliseconds)


class OpenVinoRunner:
    """See `Runner`. Compiles once per shape of the input and keeps the last few."""

    engine = "openvino"

    def __init__(
        self,
        network: Network,
        device: str,
        precision: str,
        tuning: Tuning,
        report: ReportProgress,
        notify: Notify,
    ) -> None:
        self._network = network
        self._notify = notify
        self._asked = (device, precision)
        self._tuning = tuning
        self.device = device
        self.facts: Mapping[str, int] = {}
        self._sources = {"": self._find_source(report)}
        if precision == "int8" and not self._find_int8():
            notify(
                tr("{model} has no int8 network yet; it runs without.", model=network.key),
                tr("Make one with Turbo."),
            )
            self._asked = (device, "auto")
        self._compiled: OrderedDict[tuple[int, int], _Compiled] = OrderedDict()
        self._warmed: tuple[object, tuple[int, int], _Compiled] | None = None
        self.precision = self._wanted_precision(tuning)
        self.fixed_shape = self._read_fixed_shape()
        self.input_shape = self.fixed_shape or (network.height, network.width)
        self._for_shape(self.input_shape)

    def _find_source(self, report: ReportProgress) -> Path:
        if self._network.onnx is not None:
            return self._network.onnx
        converted = ir_of(self._network, report)
        self.facts = converted.facts
        return converted.path

    def _find_int8(self) -> bool:
        """Looks for the quantised network that the user made."""
        if "int8" not in self._sources:
            from desktop_app.models.turbo import ir_of as quantised_of

            path = quantised_of(self._network)
            if path is None:
                return False
            self._sources["int8"] = path
        return True

    @property
    def depth(self) -> int:
        return self._for_shape(self.input_shape).depth

    def tune(self, tuning: Tuning) -> None:
        if tuning == self._tuning:
            return
        before = self.precision, self._at_once, self._quicker
        self._tuning = tuning
        precision = self._wanted_precision(tuning)
        if (precision, self._at_once, self._quicker) != before:
            self.precision = precision
            self._compiled.clear()

    @property
    def _at_once(self) -> bool:
        """More than one at once pays on the CPU, where each request gets cores of its own."""
        return self._asked[0] == "CPU" and self._tuning.use in MANY_AT_ONCE

    @property
    def _quicker(self) -> bool:
        """A single picture is there sooner without: to change the weights takes a tenth of a second, and memory."""
        return self._asked[0] == "CPU" and platform.machine().lower() in X86 and self._tuning.use != "still"

    def _wanted_precision(self, tuning: Tuning) -> str:
        device, asked = self._asked
        if asked != "auto":
            return asked
        if tuning.precision == "int8" and self._find_int8():
            return "int8"
        if tuning.precision not in ("auto", "int8"):
            return tuning.precision
        return "bf16" if device == "CPU" and tuning.use in MOVING and native_bf16() else "fp32"

    @property
    def _setting(self) -> object:
        """What a compilation depends on besides the shape."""
        return self._asked, self.precision, self._tuning.use

    def warm(self, tuning: Tuning, shape: tuple[int, int]) -> None:
        """Compiles for another shape, where nothing else changes and both are kept."""
        setting = self._setting
        same = self._wanted_precision(tuning) == self.precision and tuning.use == self._tuning.use
        if not same or shape in self._compiled or self._shapes_kept == 1:
            return
        try:
            compiled = self._compile(shape)
        except (RuntimeError, ModelLoadFailed) as error:  # told when a frame needs it
            log.info("OpenVINO cannot warm %s for %s: %s", self._network.key, shape, error)
            return
        if setting == self._setting:
            self._warmed = setting, shape, compiled

    def _take_warmed(self, shape: tuple[int, int]) -> _Compiled | None:
        warmed = self._warmed
        if warmed is None or warmed[:2] != (self._setting, shape):
            return None
        self._warmed = None
        return warmed[2]

    def live_precisions(self) -> tuple[Precision, ...]:
        from desktop_app.models.turbo import agrees

        # Unasked only an int8 network that says nearly the same as the full one.
        may_be_int8 = self._asked == ("CPU", "auto") and agrees(self._network)
        return ("auto", "int8") if may_be_int8 else ("auto",)

    @cached_property
    def takes_any_size(self) -> bool:
        """Also of a network that was converted for one size: most are sums over windows, whatever the size."""
        if self.fixed_shape is None:
            return True
        if self._network.build is None:
            return False
        model = self._read_model()
        shapes = [output.partial_shape for output in model.outputs]
        try:
            model.reshape([1, 3, self.fixed_shape[0] - 32, self.fixed_shape[1] - 32])
        except RuntimeError:
            return False
        return [output.partial_shape for output in model.outputs] == shapes

    def _read_model(self) -> Any:
        source = self._sources["int8" if self.precision == "int8" else ""]
        try:
            model = core().read_model(source)
            return model if self._network.graft is None else self._network.graft.on_graph(model)
        except RuntimeError as error:
            log.info("OpenVINO cannot read %s: %s", source, error)
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

    def _compile(self, shape: tuple[int, int]) -> _Compiled:
        model = self._read_model()
        model.reshape([1, 3, *shape])
        device = self._asked[0]
        settings = {
            "PERFORMANCE_HINT": "THROUGHPUT" if self._at_once else "LATENCY",
            # Never left to OpenVINO, which takes bf16 on processors that have it, for still pictures too.
            "INFERENCE_PRECISION_HINT": _hint(self.precision),
        }
        if device != "CPU":  # there compiling takes a tenth of a second, and each shape would be kept with all weights
            settings["CACHE_DIR"] = str(cache_dir() / "compiled")
        built = with_preprocessing(model, self._network, apart=True)
        if self._quicker:
            with_fewer_products(built, self.precision, threads=1 if self._at_once else os.cpu_count() or 1)
            with_quick_silu(built, self.precision)
        return _Compiled(core().compile_model(built, device, settings), self._at_once)

    def _for_shape(self, shape: tuple[int, int]) -> _Compiled:
        """The compiled network for this shape. Where the device fails, the CPU takes over."""
        if shape in self._compiled:
            self._compiled.move_to_end(shape)
            return self._compiled[shape]
        try:
            compiled = self._take_warmed(shape) or self._compile(shape)
        except RuntimeError as error:
            log.info("OpenVINO cannot compile %s for %s: %s", self._network.key, self._asked, error)
            if self._asked[0] == "CPU":
                raise ModelLoadFailed(
                    tr("{model} could not be prepared by OpenVINO.", model=self._network.key),
                    tr("Choose the engine torch, or another model."),
                ) from error
            self._fall_back()
            compiled = self._compile(shape)
        self.device = compiled.device
        if self.precision != "int8":
            self.precision = compiled.precision or self.precision
        self._compiled[shape] = compiled
        while len(self._compiled) > self._shapes_kept:
            self._compiled.popitem(last=False)
        return compiled

    @cached_property
    def _shapes_kept(self) -> int:
        source = self._sources[""]
        weights = source.with_suffix(".bin") if source.suffix == ".xml" else source
        return SHAPES_KEPT if weights.stat().st_size < LARGE else 1

    def _fall_back(self) -> None:
        self._notify(
            tr("{device} failed; {model} now runs on the CPU.", device=self.device, model=self._network.key),
            tr("It is slower there. Choose the device again to go back."),
        )
        self._asked = ("CPU", "fp32")
        self.precision = "fp32"
        self._compiled.clear()

    def submit(self, tensor: NDArray[np.uint8]) -> _Pending:
        shape = (int(tensor.shape[1]), int(tensor.shape[2]))
        compiled = self._for_shape(shape)
        self.input_shape = shape
        request = compiled.next_request()
        started = time.perf_counter()
        try:
            request.start(tensor)
        except RuntimeError as error:
            self.leave(compiled.device, error)
            return self.submit(tensor)
        return _Pending(self, compiled, request, started)

    def leave(self, device: str, error: RuntimeError) -> None:
        """`device` failed on a frame: from now on the CPU. Raises `InferenceFailed` where it was the CPU."""
        log.info("OpenVINO failed on %s: %s", self._network.key, error)
        if device == "CPU":
            raise InferenceFailed(
                tr("{model} failed on a frame.", model=self._network.key), tr("Choose another model.")
            ) from error
        if self._asked[0] != "CPU":  # not left yet, for another frame that was under way
            self._fall_back()
