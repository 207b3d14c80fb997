from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_app.recogniser.environment import secure_environment


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())


def test_switches_and_folders(tmp_path: Path) -> None:
    os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"
    os.environ["YOLO_OFFLINE"] = "0"
    secure_environment()
    assert "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD" not in os.environ
    for name in ("ULTRALYTICS_SAFE_LOAD", "TORCH_FORCE_WEIGHTS_ONLY_LOAD", "YOLO_OFFLINE", "HF_HUB_OFFLINE"):
        assert os.environ[name] == "1"
    assert os.environ["YOLO_AUTOINSTALL"] == "0"
    for name in ("YOLO_CONFIG_DIR", "HF_HOME", "TORCH_HOME"):
        assert Path(os.environ[name]).is_relative_to(tmp_path)
        assert Path(os.environ[name]).is_dir()
