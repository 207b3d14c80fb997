"""Media that many tests of the sources share, made once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

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
