"""The environment in which foreign libraries may be imported: safe loading, no network, their files in our cache."""

from __future__ import annotations

import os

from desktop_app.models import pytorch
from desktop_app.paths import cache_dir

_SWITCHES = {
    "ULTRALYTICS_SAFE_LOAD": "1",
    "TORCH_FORCE_WEIGHTS_ONLY_LOAD": "1",
    "YOLO_AUTOINSTALL": "0",
    "YOLO_OFFLINE": "1",
    "YOLO_VERBOSE": "0",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "OPENCV_IO_MAX_IMAGE_PIXELS": "100000000",
    "OPENCV_LOG_LEVEL": "ERROR",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
}
_FOLDERS = {"YOLO_CONFIG_DIR": "ultralytics", "HF_HOME": "huggingface", "TORCH_HOME": "torch"}


def secure_environment() -> None:
    """Call it before the first import of torch, ultralytics, cv2 or timm: most of them read these only then."""
    os.environ.update(_SWITCHES)
    for variable, folder in _FOLDERS.items():
        path = cache_dir() / folder
        path.mkdir(parents=True, exist_ok=True)
        os.environ[variable] = str(path)
    # Set by a user for some other program, it would make torch run what a checkpoint says, whatever its caller asks.
    os.environ.pop("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", None)
    pytorch.activate()
