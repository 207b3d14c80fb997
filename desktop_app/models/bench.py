"""Which setups there are to measure: models × engines × devices × precisions that the devices have natively."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop_app.core.bench import Setup
from desktop_app.core.model import EngineName, ModelInfo, Placement, Precision
from desktop_app.models import turbo
from desktop_app.models.engines.devices import openvino_devices, torch_devices

TOGETHER = 8
"""So many are loaded and measured in turn; more would fill the memory."""
_WEIGHTS_TOGETHER = 1 << 30
_CAPABILITIES: tuple[tuple[str, Precision], ...] = (("BF16", "bf16"), ("FP16", "fp16"), ("FP32", "fp32"))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where networks can run. `precisions`: those that the device computes in, the one that "auto" takes first."""

    engine: EngineName
    device: str
    precisions: tuple[Precision, ...]


def spots() -> tuple[Spot, ...]:
    """Of this machine, in the order in which "auto" chooses."""
    cpu = _openvino_precisions("CPU")
    found = [Spot("torch", device, _torch_precisions(device)) for device, _ in torch_devices()]
    found.append(Spot("openvino", "cpu", cpu))
    others = [name for name, _ in openvino_devices() if name != "CPU"]
    found += [Spot("openvino", name.lower(), _openvino_precisions(name)) for name in others]
    if importlib.util.find_spec("torch") is not None:
        found.append(Spot("torch", "cpu", tuple(p for p in cpu if p != "fp16")))
    return tuple(found)


def _openvino_precisions(device: str) -> tuple[Precision, ...]:
    from desktop_app.models.engines.openvino_engine import core

    return native_precisions(core().get_property(device, "OPTIMIZATION_CAPABILITIES"))


def native_precisions(capabilities: Sequence[str]) -> tuple[Precision, ...]:
    """Of what OpenVINO says that a device is good at; a device that says nothing computes in float32."""
    return tuple(precision for name, precision in _CAPABILITIES if name in capabilities) or ("fp32",)


def _torch_precisions(device: str) -> tuple[Precision, ...]:
    import torch

    kind, _, number = device.partition(":")
    if kind == "cuda" and torch.cuda.get_device_capability(int(number or 0))[0] >= 8:
        return ("fp16", "bf16", "fp32")
    return ("fp16", "fp32")


def setups(
    infos: Sequence[ModelInfo],
    available: Sequence[Spot],
    wanted: Placement,
    has_int8: Callable[[ModelInfo], bool] = turbo.is_ready,
) -> list[Setup]:
    """By model, then in the order of `available`. What `wanted` leaves "auto" is not restricted. `has_int8`: whether
    the user made an int8 network of a model."""
    found = []
    for info in infos:
        for spot in available:
            if not _fits(spot, wanted) or (spot.engine == "torch" and info.file_name.endswith(".onnx")):
                continue
            precisions = spot.precisions
            if spot.engine == "openvino" and spot.device == "cpu" and has_int8(info):
                precisions = (*precisions, "int8")
            found += [
                Setup(info.key, spot.engine, spot.device, precision)
                for precision in precisions
                if wanted.precision in ("auto", precision)
            ]
    return found


def _fits(spot: Spot, wanted: Placement) -> bool:
    device = wanted.device.lower()
    kind = spot.device.split(":")[0].split(".")[0]
    return wanted.engine in ("auto", spot.engine) and device in ("auto", spot.device, kind)


def groups(wanted: Sequence[Setup], infos: Sequence[ModelInfo]) -> list[list[Setup]]:
    """What is loaded together, and measured in turn so that a noisy moment hits all alike. Setups of a model stay
    together."""
    sizes = {info.key: info.bytes for info in infos}
    found: list[list[Setup]] = []
    for key in dict.fromkeys(setup.model for setup in wanted):
        of_model = [setup for setup in wanted if setup.model == key]
        together = [*found[-1], *of_model] if found else []
        if together and len(together) <= TOGETHER and sum(sizes[s.model] for s in together) <= _WEIGHTS_TOGETHER:
            found[-1] = together
        else:
            found.append(of_model)
    return found
