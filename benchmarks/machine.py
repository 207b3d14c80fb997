"""Where and with what the figures were measured."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import re
from pathlib import Path
from typing import Any

PACKAGES = (
    "openvino",
    "torch",
    "torchvision",
    "timm",
    "ultralytics",
    "opencv-python",
    "onnxruntime",
    "PySide6",
    "av",
    "numpy",
    "pillow",
)
_PRECISIONS = {"amx_bf16": "bf16 (AMX)", "avx512_bf16": "bf16", "avx512_vnni": "int8 (VNNI)", "avx_vnni": "int8 (VNNI)"}


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return ""


def _field(name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(.+)$", _cpuinfo(), re.MULTILINE)
    return found[1].strip() if found else ""


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def record() -> dict[str, Any]:
    """Nothing in it names the computer or its user."""
    import psutil

    flags = _field("flags").split()
    return {
        "cpu": _field("model name") or platform.processor() or platform.machine(),
        "cores": cores(),
        "native": sorted({title for flag, title in _PRECISIONS.items() if flag in flags}),
        "memory_mib": psutil.virtual_memory().total // 2**20,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "load": round(psutil.getloadavg()[0], 2),
        "date": datetime.date.today().isoformat(),
    }


def name(machine: dict[str, Any]) -> str:
    """Of the file that holds the figures: "amd-epyc-2-cores"."""
    short = re.sub(r"\(r\)|\(tm\)|\bcpu\b|\bprocessor\b|@.*", "", machine["cpu"].lower())
    words = re.findall(r"[a-z0-9]+", short)
    return "-".join([*words[:6], str(machine["cores"]), "cores"])
