"""Media that many tests of the sources share, made once."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from desktop_app.core.source import SourceNotice
from tests.sources import corpus
from tests.sources.fault_server import FaultServer


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """clip.mp4, clip.mkv (B-frames), clip.avi (MPEG-4), clip.webm, variable.mkv: 90 numbered frames each."""
    folder = tmp_path_factory.mktemp("media")
    corpus.write_video(folder / "clip.mp4", "libx264", b_frames=2)
    corpus.write_video(folder / "clip.mkv", "libx264", b_frames=2)
    corpus.write_video(folder / "clip.ts", "libx264", b_frames=2)
    corpus.write_video(folder / "clip.avi", "mjpeg")
    corpus.write_video(folder / "clip.webm", "libvpx-vp9")
    corpus.write_video(folder / "variable.mkv", "libx264", variable=True)
    return folder


@pytest.fixture(scope="session")
def jpegs() -> list[bytes]:
    return corpus.jpegs(200)


@pytest.fixture
def server(jpegs: list[bytes], media: Path) -> Iterator[FaultServer]:
    files = {"still.jpg": jpegs[7], "clip.mp4": (media / "clip.mp4").read_bytes()}
    with FaultServer(jpegs, files=files) as running:
        yield running


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def notices() -> list[SourceNotice]:
    return []


@pytest.fixture
def notify(notices: list[SourceNotice]) -> Callable[[SourceNotice], None]:
    return notices.append


_EMULATION = Path(__file__).resolve().parents[3] / "shared" / "fakecam"


@pytest.fixture(scope="session")
def fakecam(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The emulation, built in a folder of the tests."""
    tools = all(shutil.which(tool) for tool in ("make", "cc", "gcc"))
    if not _EMULATION.is_dir() or sys.platform != "linux" or not tools:
        pytest.skip("no V4L2 emulation beside the checkout")
    copy = tmp_path_factory.mktemp("fakecam") / "fakecam"
    shutil.copytree(_EMULATION, copy)
    spec = importlib.util.spec_from_file_location("fakecam", copy / "fakecam.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build()
    return module


@pytest.fixture
def webcams(fakecam: ModuleType, tmp_path: Path, jpegs: list[bytes]) -> Path:
    """/dev/video0 "Fake HD Webcam" with its metadata node video1, and video2 "USB Microscope" without MJPG."""
    root = tmp_path / "webcams"
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(jpegs[21])
    fakecam.add(
        str(root), 0, "Fake HD Webcam", str(picture), modes="640x480.yuyv,1280x720@10.yuyv,1280x720.mjpg", count=1
    )
    fakecam.add(str(root), 1, "Fake HD Webcam")
    fakecam.add(str(root), 2, "USB Microscope", str(picture), modes="640x480.yuyv", count=1, vid="abcd")
    return root
