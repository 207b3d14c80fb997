"""Which devices there are, and which one a request means. Imports torch only where it can find something."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from desktop_app.core.model import Placement
from desktop_app.errors import ModelLoadFailed
from desktop_app.i18n import tr
from desktop_app.models.engines import Notify

_TORCH_DEVICES = ("cuda", "mps", "xpu")
_OPENVINO_DEVICES = ("gpu", "npu")


@dataclass(frozen=True, slots=True)
class Choice:
    """`device` as its engine spells it: "cpu", "cuda:0", "mps" (torch), "CPU", "GPU.0", "NPU" (OpenVINO).

    `precision` is "auto" where the use decides (OpenVINO on the CPU).
    """

    engine: Literal["torch", "openvino"]
    device: str
    precision: str


def _torch_version() -> str:
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return ""


def has_nvidia_driver() -> bool:
    """A sign of it, without loading anything."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    places = (
        "/proc/driver/nvidia/version",
        "/dev/nvidia0",
        "/usr/lib/wsl/lib/libcuda.so.1",
        r"C:\Windows\System32\nvcuda.dll",
    )
    return any(Path(place).exists() for place in places)


def _may_have_accelerator() -> bool:
    """Cheap, and wrong only in saying yes: then torch is imported and asked."""
    version = _torch_version()
    if not version:
        return False
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    amd = "+rocm" in version and Path("/dev/kfd").exists()
    return "+xpu" in version or amd or ("+cpu" not in version and has_nvidia_driver())


@cache
def torch_devices() -> tuple[tuple[str, str], ...]:
    """(device, title) of each accelerator that torch can use, best first."""
    if not _may_have_accelerator():
        return ()
    import torch

    found: list[tuple[str, str]] = []
    if torch.cuda.is_available():
        found += [(f"cuda:{i}", torch.cuda.get_device_name(i)) for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(("mps", "Apple GPU"))
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        found += [(f"xpu:{i}", torch.xpu.get_device_name(i)) for i in range(torch.xpu.device_count())]
    return tuple(found)


@cache
def openvino_devices() -> tuple[tuple[str, str], ...]:
    """(device, title) as OpenVINO names them: "CPU", "GPU", "GPU.1", "NPU"."""
    from desktop_app.models.engines.openvino_engine import core

    return tuple((name, str(core().get_property(name, "FULL_DEVICE_NAME"))) for name in core().available_devices)


def _nvidia_titles() -> list[str]:
    """The names of the NVIDIA devices without torch, or [] where their tool does not answer."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        answer = subprocess.run(
            [tool, "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in answer.stdout.splitlines() if line.strip()]


@cache
def available_devices() -> tuple[tuple[str, str], ...]:
    """(device, title) that a model can be placed on: ("cpu", "Intel Core i7"), ("cuda:0", "NVIDIA RTX 4060").

    Does not import torch for it, except where an accelerator has no cheaper sign.
    """
    titles = dict(openvino_devices())
    found = [("cpu", titles.pop("CPU", platform.processor() or platform.machine()))]
    if _may_have_accelerator():
        names = _nvidia_titles()
        found += [(f"cuda:{i}", name) for i, name in enumerate(names)] if names else list(torch_devices())
    found += [(name.lower(), title) for name, title in titles.items()]
    return tuple(found)


def _find(device: str, among: tuple[tuple[str, str], ...]) -> str | None:
    """The first whose name is `device`, or `device` without a number."""
    return next((name for name, _ in among if name.lower() == device or name.lower().split(":")[0] == device), None)


def _cpu(engine: Literal["torch", "openvino"], precision: str) -> Choice:
    if engine == "openvino":
        return Choice(engine, "CPU", precision)
    return Choice(engine, "cpu", "fp32" if precision == "auto" else precision)


def choose(placement: Placement, from_onnx: bool, notify: Notify) -> Choice:
    """What to run on. A device that is not there is replaced by the CPU, with a notice.

    `from_onnx`: the network is an ONNX file, which torch cannot run. Raises `ModelLoadFailed` where the request
    contradicts itself.
    """
    device = placement.device.lower()
    kind = device.split(":")[0].split(".")[0]
    engine = placement.engine
    if placement.precision == "int8" and (engine == "torch" or kind not in ("auto", "cpu")):
        raise ModelLoadFailed(
            tr("int8 runs on the CPU with OpenVINO only."), tr("Choose another precision, or the CPU and auto.")
        )
    if placement.precision == "int8":
        return _cpu("openvino", "int8")
    if engine == "torch" and from_onnx:
        raise ModelLoadFailed(tr("An ONNX file does not run on torch."), tr("Choose the engine OpenVINO or auto."))
    if kind not in ("auto", "cpu", *_TORCH_DEVICES, *_OPENVINO_DEVICES):
        raise ModelLoadFailed(
            tr("There is no device “{device}”.", device=placement.device),
            tr("Known are auto, cpu, cuda:0, mps, xpu, gpu and npu."),
        )
    if (engine == "openvino" and kind in _TORCH_DEVICES) or (engine == "torch" and kind in _OPENVINO_DEVICES):
        raise ModelLoadFailed(
            tr("{engine} does not run on {device}.", engine=engine, device=placement.device),
            tr("Set the engine to auto, or choose another device."),
        )
    half = "fp16" if placement.precision == "auto" else placement.precision
    if kind in _OPENVINO_DEVICES:
        found = _find(device, openvino_devices())
        if found:
            return Choice("openvino", found, half)
    elif not from_onnx and engine != "openvino" and kind != "cpu":
        found = torch_devices()[0][0] if kind == "auto" and torch_devices() else _find(device, torch_devices())
        if found:
            return Choice("torch", found, half)
    if kind not in ("auto", "cpu"):
        notify(
            tr("The device {device} cannot be used for this model; it runs on the CPU.", device=placement.device),
            tr("“regard doctor” says which devices there are."),
        )
    return _cpu("torch" if engine == "torch" else "openvino", placement.precision)
