"""What the tests of the models share: a download server on loopback, checkpoints with random weights."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.mirror import Mirror, serve

_MAKE = """
import sys
from pathlib import Path
from ultralytics import YOLO

for name in ("yolo26n", "yolov8n", "yolo11n-cls"):
    model = YOLO(f"{name}.yaml")
    model.ckpt = {"train_args": {"imgsz": 224 if name.endswith("cls") else 640, "task": model.task}}
    model.save(Path(sys.argv[1]) / f"{name}.pt")
"""


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serve() as server:
        yield server


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints with random weights, saved by Ultralytics itself in a process of its own."""
    folder = tmp_path_factory.mktemp("made")
    quiet = {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "0", "YOLO_VERBOSE": "0", "YOLO_CONFIG_DIR": str(folder)}
    subprocess.run([sys.executable, "-c", _MAKE, str(folder)], env={**os.environ, **quiet}, check=True, cwd=folder)
    return folder
