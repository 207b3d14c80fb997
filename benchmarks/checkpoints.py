"""The networks that all contestants run: the starter models, and makers' architectures with random weights.

Speed does not depend on the weights, but on how many boxes come out: the yolo26n is scaled until it finds a few.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks import media, paths

SIDES = {
    "yolov3-tiny": (416, 416),
    "yolo26n": (384, 640),
    "efficientnet-lite0": (224, 224),
    "resnet50": (224, 224),
}
"""Height and width of the input; of detectors for a 720p file, without the grey beside it where they need none."""
TORCHVISION = ("resnet50", "vgg19")


def models_dir() -> Path:
    return Path(paths.ENVIRONMENT["REGARD_MODELS_DIR"])


def _run(*command: str) -> None:
    environment = {**os.environ, **paths.ENVIRONMENT}
    # What other libraries advise their users of is not for the reader of the figures.
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *command], env=environment, cwd=paths.ROOT, check=True, stdout=sys.stderr
    )


def ensure_starters() -> None:
    """Fetched as a user would, once."""
    wanted = ("yolov3-tiny/yolov3-tiny.weights", "efficientnet-lite0-57934424.pth")
    if not all((models_dir() / name).is_file() for name in wanted):
        _run("desktop_app", "models", "fetch", "yolov3-tiny", "efficientnet-lite0")


def ensure(*keys: str) -> None:
    """The weights of these models lie where Regard looks for them."""
    ensure_starters()
    for key in keys:
        if key == "yolo26n" and not checkpoint(key).is_file():
            _run("benchmarks.making", key, str(media.video("720p", 60)))
        elif key in TORCHVISION and not checkpoint(key).is_file():
            _run("benchmarks.making", key)


def checkpoint(key: str) -> Path:
    """The file or folder of the weights."""
    from desktop_app.models.catalog import find

    return models_dir() / ("yolov3-tiny" if key == "yolov3-tiny" else find(key).file_name)


def onnx_file(key: str) -> Path:
    """The network as ultralytics takes it, exported once with its metadata."""
    path = paths.cache() / "onnx" / f"{key}.onnx"
    if not path.is_file():
        _run("benchmarks.exporting", key, str(path))
    return path


def network_file(key: str) -> Path:
    """What Regard made of the weights for OpenVINO; the ONNX file before Regard ran them for the first time."""
    from desktop_app.models.catalog import find
    from desktop_app.models.download import sha256_of

    info = find(key)
    digest = info.sha256 if len(info.sha256) == 64 else sha256_of(checkpoint(key))
    root = Path(paths.ENVIRONMENT["REGARD_CACHE_DIR"]) / "ir"
    found = sorted(root.glob(f"{digest[:32]}-*/network.xml"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else onnx_file(key)
