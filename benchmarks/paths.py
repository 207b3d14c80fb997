"""Where the benchmarks keep what they make: media, checkpoints, converted networks. Never committed."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def cache() -> Path:
    """`REGARD_BENCH_DIR`, or a folder in the checkout."""
    path = Path(os.environ.get("REGARD_BENCH_DIR") or ROOT / ".make" / "bench").absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


def _folders() -> dict[str, str]:
    names = ("CONFIG", "CACHE", "MODELS", "LOG", "PICTURES")
    return {f"REGARD_{name}_DIR": str(cache() / name.lower()) for name in names}


ENVIRONMENT = {
    **_folders(),
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    # Peers, as an offline user runs them: nothing is looked up, sent or installed.
    "YOLO_OFFLINE": "1",
    "YOLO_AUTOINSTALL": "0",
    "YOLO_VERBOSE": "0",
    "YOLO_CONFIG_DIR": str(cache() / "ultralytics"),
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""Of every program that is measured: folders of its own, so that nothing of the user counts or is touched."""
