"""What every source must do, whatever it is."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.source import Notify, SeekableSource, Source
from desktop_app.sources import open_source
from tests.sources.fault_server import FaultServer

# name: (spec, kind, live, number of frames)
_CASES: dict[str, tuple[str, str, bool, int | None]] = {
    "picture": ("{folder}/1.jpg", "image", False, 1),
    "folder": ("{folder}", "images", False, 3),
    "video": ("{media}/clip.mp4", "video", False, 90),
    "demo": ("demo:?frames=40&size=320x240", "demo", False, 40),
    "live demo": ("demo:?fps=200&size=320x240", "demo", True, None),
    "stream": ("{server}/ok", "network", True, None),
    "remote picture": ("{server}/still.jpg", "image", False, 1),
    "remote video": ("{server}/clip.mp4", "video", False, 90),
}
Opened = Callable[[Notify, threading.Event], Source]


@pytest.fixture(params=_CASES)
def case(
    request: pytest.FixtureRequest, media: Path, server: FaultServer, tmp_path: Path, jpegs: list[bytes]
) -> tuple[Opened, str, bool, int | None]:
    spec, kind, live, count = _CASES[request.param]
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (1, 2, 10):
        (folder / f"{number}.jpg").write_bytes(jpegs[number])
    spec = spec.format(folder=folder, media=media, server=server.url("").rstrip("/"))
    return lambda notify, stop: open_source([spec], notify, stop), kind, live, count


Case = tuple[Opened, str, bool, int | None]


def test_frames_are_valid_and_counted(case: Case, notify: Notify, stop: threading.Event) -> None:
    opened, kind, live, count = case
    with opened(notify, stop) as source:
        assert isinstance(source, Source)
        assert isinstance(source, SeekableSource) or not source.info.seekable
        info = source.info
        frames = list(itertools.islice(source, count or 5))
        assert (info.kind, info.live) == (kind, live)
        assert [f.index for f in frames] == list(range(count or 5))
        assert all(f.bgr.dtype == np.uint8 and not f.bgr.flags.writeable for f in frames)
        assert [f.captured_at for f in frames] == sorted(f.captured_at for f in frames)
        if kind != "images":
            assert {(f.width, f.height) for f in frames} == {(info.width, info.height)}
        assert all((f.media_time is None) == (live or kind in ("image", "images")) for f in frames)


def test_finite_ones_end_after_their_last_frame(case: Case, notify: Notify, stop: threading.Event) -> None:
    opened, _, live, count = case
    if live:
        pytest.skip("endless")
    with opened(notify, stop) as source:
        assert len(list(source)) == count == source.info.frame_count


def test_stop_ends_the_iteration(case: Case, notify: Notify, stop: threading.Event) -> None:
    opened, _, _, _ = case
    with opened(notify, stop) as source:
        frames = iter(source)
        next(frames)
        stop.set()
        assert next(frames, None) is None


def test_opens_and_releases_in_another_thread(case: Case, notify: Notify, stop: threading.Event) -> None:
    opened, _, _, _ = case
    before = _descriptors()
    seen: list[int] = []

    def work() -> None:
        with opened(notify, stop) as source:
            seen.extend(frame.index for frame in itertools.islice(source, 1))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [0]
    # The server's end of a connection may close a moment later, so some room.
    assert _descriptors() <= before + 2


def _descriptors() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0
