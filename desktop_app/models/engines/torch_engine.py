"""torch: CUDA, MPS, XPU, CPU."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.model import Outputs
from desktop_app.errors import InferenceFailed, ModelLoadFailed
from desktop_app.i18n import tr
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


class TorchRunner:
    """See `Runner`. Out of memory: once more, then on the CPU; any other failure of an accelerator: on the CPU."""

    engine = "torch"

    def __init__(self, network: Network, device: str, precision: str, notify: Notify) -> None:
        self._network = network
        self._notify = notify
        self.fixed_shape = None if network.dynamic else (network.height, network.width)
        self.facts: Mapping[str, int] = {}
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
        module = self._network.build(False)
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

    def run(self, tensor: NDArray[np.uint8]) -> Outputs:
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
        import torch

        with torch.inference_mode():
            # Permuted, not copied: rows of pixels are what channels_last means.
            pixels = torch.from_numpy(np.require(tensor, requirements="W")).to(self.device).permute(0, 3, 1, 2)
            found = self._module(((pixels.float() - self._mean) / self._std).to(self._dtype))
            outputs = found if isinstance(found, tuple | list) else (found,)
            return tuple(output.float().cpu().numpy() for output in outputs)
