"""torch: CUDA, MPS, XPU, CPU."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.model import Outputs, Precision, Tuning
from desktop_app.errors import InferenceFailed, ModelLoadFailed
from desktop_app.i18n import tr
from desktop_app.models import pytorch
from desktop_app.models.engines import Network, Notify

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)


def _dtype(precision: str) -> torch.dtype:
    import torch

    return {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[precision]


def _free_memory(device: str) -> None:
    import torch

    module: Any = getattr(torch, device.partition(":")[0], None)
    if hasattr(module, "empty_cache"):
        module.empty_cache()


def _is_out_of_memory(error: RuntimeError) -> bool:
    return "out of memory" in str(error).lower()


@dataclass(slots=True, eq=False)
class _Pending:
    """See `core.model.Pending`. An accelerator computes from `submit` on, the CPU when it is waited for."""

    runner: TorchRunner
    tensor: NDArray[np.uint8]
    begun: tuple[torch.Tensor, ...] | None
    since: float

    def wait(self) -> tuple[Outputs, float]:
        if self.begun is None:
            self.since = time.perf_counter()
        outputs = self.runner.finish(self.tensor, self.begun)
        return outputs, (time.perf_counter() - self.since) * 1e3


class TorchRunner:
    """See `Runner`. Out of memory: once more, then on the CPU; any other failure of an accelerator: on the CPU."""

    engine = "torch"

    def __init__(self, network: Network, device: str, precision: str, notify: Notify) -> None:
        self._network = network
        self._notify = notify
        self.fixed_shape = None if network.dynamic else (network.height, network.width)
        self.input_shape = (network.height, network.width)
        self._many_at_once = False
        self.facts: Mapping[str, int] = {}
        pytorch.require(network.key)
        try:
            self._place(device, precision)
        except RuntimeError as error:
            if device == "cpu":
                raise ModelLoadFailed(
                    tr("{model} could not be prepared by torch.", model=network.key), tr("Choose another model.")
                ) from error
            self._fall_back(device, error)

    def _place(self, device: str, precision: str) -> None:
        import torch

        if self._network.build is None:
            raise ValueError(f"{self._network.key} is no torch module")
        # Convolutions in TF32 would differ from the makers' answers by more than 1e-3.
        torch.backends.cudnn.allow_tf32 = precision != "fp32"
        dtype = _dtype(precision)
        module = self._network.module()
        self.facts = dict(getattr(module, "facts", {}))
        self._module = module.to(device, dtype).to(memory_format=torch.channels_last)
        shape = (1, 3, 1, 1)
        self._mean = torch.tensor(self._network.mean, device=device).mul(255).reshape(shape)
        self._std = torch.tensor(self._network.std, device=device).mul(255).reshape(shape)
        self._dtype = dtype
        self.device, self.precision = device, precision

    def _fall_back(self, device: str, error: RuntimeError) -> None:
        log.info("torch failed on %s: %s", device, error)
        message = (
            tr("{device} has not enough memory; {model} now runs on the CPU.", device=device, model=self._network.key)
            if _is_out_of_memory(error)
            else tr("{device} failed; {model} now runs on the CPU.", device=device, model=self._network.key)
        )
        self._notify(message, tr("It is slower there. Choose the device again to go back."))
        # Built again: what lies on a lost device cannot be copied back, and half precision would stay half.
        self._place("cpu", "fp32")
        _free_memory(device)

    @property
    def takes_any_size(self) -> bool:
        return self.fixed_shape is None

    @property
    def depth(self) -> int:
        """An accelerator gets the next frame while the last is copied back."""
        return 1 if self.device == "cpu" or not self._many_at_once else 2

    def tune(self, tuning: Tuning) -> None:
        self._many_at_once = tuning.use in ("video", "batch")

    def warm(self, tuning: Tuning, shape: tuple[int, int]) -> None:
        """There is nothing to compile."""

    def live_precisions(self) -> tuple[Precision, ...]:
        return ("auto",)

    def submit(self, tensor: NDArray[np.uint8]) -> _Pending:
        self.input_shape = (int(tensor.shape[1]), int(tensor.shape[2]))
        begun = None
        since = time.perf_counter()
        if self.device != "cpu":
            tensor = tensor.copy()  # the caller may write to its own before this is waited for
            try:
                begun = self._begin(tensor)
            except RuntimeError:  # seen again, and dealt with, when it is waited for
                log.info("torch could not begin on %s", self.device, exc_info=True)
        return _Pending(self, tensor, begun, since)

    def finish(self, tensor: NDArray[np.uint8], begun: tuple[torch.Tensor, ...] | None) -> Outputs:
        """The outputs of what was begun, or of `tensor` from the beginning where nothing was or it failed."""
        if begun is not None:
            try:
                return _on_the_host(begun)
            except RuntimeError:
                log.info("torch failed on %s", self.device, exc_info=True)
                del begun  # its memory may be what is missing
        try:
            return self._run_patiently(tensor)
        except RuntimeError as error:
            if self.device == "cpu":
                log.info("torch failed on %s", self._network.key, exc_info=True)
                raise InferenceFailed(
                    tr("{model} failed on a frame.", model=self._network.key), tr("Choose another model.")
                ) from error
            self._fall_back(self.device, error)
        return self._infer(tensor)

    def _run_patiently(self, tensor: NDArray[np.uint8]) -> Outputs:
        try:
            return self._infer(tensor)
        except RuntimeError as error:
            if self.device == "cpu" or not _is_out_of_memory(error):
                raise
        _free_memory(self.device)
        return self._infer(tensor)

    def _infer(self, tensor: NDArray[np.uint8]) -> Outputs:
        return _on_the_host(self._begin(tensor))

    def _begin(self, tensor: NDArray[np.uint8]) -> tuple[torch.Tensor, ...]:
        """On an accelerator this returns before the outputs are there."""
        import torch

        with torch.inference_mode():
            host = torch.from_numpy(np.require(tensor, requirements="W"))
            if self.device.startswith("cuda"):
                host = host.pin_memory()  # only from pinned memory is a copy asynchronous
            # Permuted, not copied: rows of pixels are what channels_last means.
            pixels = host.to(self.device, non_blocking=True).permute(0, 3, 1, 2)
            found = self._module(((pixels.float() - self._mean) / self._std).to(self._dtype))
            outputs = list(found) if isinstance(found, tuple | list) else [found]
            if self._network.peaks_from is not None:
                outputs.append(outputs[0][:, self._network.peaks_from :].amax(1))
            return tuple(output.float() for output in outputs)


def _on_the_host(outputs: tuple[torch.Tensor, ...]) -> Outputs:
    import torch

    with torch.inference_mode():
        return tuple(output.cpu().numpy() for output in outputs)
