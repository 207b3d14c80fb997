from __future__ import annotations

import multiprocessing
import secrets
from collections.abc import Iterator

import numpy as np
import pytest

from desktop_app.core.frame import Frame
from desktop_app.recogniser.frame_ring import FrameRingReader, FrameRingWriter


@pytest.fixture
def name() -> str:
    return f"regard-test-{secrets.token_hex(4)}"


def frame(index: int, height: int = 20, width: int = 31, media_time: float | None = None) -> Frame:
    return Frame(np.full((height, width, 3), index % 256, np.uint8), index, 1.5, media_time)


@pytest.fixture
def ring(name: str) -> Iterator[tuple[FrameRingWriter, FrameRingReader]]:
    writer = FrameRingWriter(name, 20 * 31 * 3)
    reader = FrameRingReader(name)
    yield writer, reader
    reader.close()
    writer.close()


def test_the_newest_frame_is_read_once_and_whole(ring: tuple[FrameRingWriter, FrameRingReader]) -> None:
    writer, reader = ring
    assert reader.newest() is None
    for index in range(9):
        writer.write(7, frame(index, media_time=index / 10))
    found = reader.newest()
    assert found is not None
    request, newest = found
    assert (request, newest.index, newest.captured_at, newest.media_time) == (7, 8, 1.5, 0.8)
    assert newest.bgr.shape == (20, 31, 3)
    assert (newest.bgr == 8).all()
    assert reader.newest() is None


def test_a_frame_without_a_place_in_time_keeps_none(ring: tuple[FrameRingWriter, FrameRingReader]) -> None:
    writer, reader = ring
    writer.write(1, frame(0))
    found = reader.newest()
    assert found is not None
    assert found[1].media_time is None


def test_the_copy_is_private(ring: tuple[FrameRingWriter, FrameRingReader]) -> None:
    writer, reader = ring
    writer.write(1, frame(3))
    found = reader.newest()
    assert found is not None
    for index in range(4, 20):
        writer.write(1, frame(index))
    assert (found[1].bgr == 3).all()


def test_a_larger_frame_does_not_fit(ring: tuple[FrameRingWriter, FrameRingReader]) -> None:
    writer, _ = ring
    assert writer.fits(frame(0, 720, 1280))
    assert not writer.fits(frame(0, 1080, 1920))


def _write_for_a_while(name: str, count: int) -> None:
    writer = FrameRingWriter(name, 1280 * 720 * 3)
    ready.set()
    for index in range(count):
        writer.write(1, frame(index, 720, 1280))
    done.set()
    stop.wait(20)
    writer.close()


context = multiprocessing.get_context("spawn")
ready, done, stop = context.Event(), context.Event(), context.Event()


def _entry(name: str, count: int, *events: object) -> None:
    global ready, done, stop
    ready, done, stop = events  # type: ignore[assignment]
    _write_for_a_while(name, count)


def test_no_torn_frame_between_two_processes(name: str) -> None:
    """Each frame has one value in all of its pixels; a mixture would be a torn copy."""
    child = context.Process(target=_entry, args=(name, 600, ready, done, stop))
    child.start()
    assert ready.wait(20)
    reader = FrameRingReader(name)
    seen = 0
    last = -1
    while not done.is_set() or seen == 0:
        found = reader.newest()
        if found is not None:
            pixels = found[1].bgr
            assert (pixels == pixels[0, 0, 0]).all()
            assert found[1].index > last
            assert pixels[0, 0, 0] == found[1].index % 256
            last = found[1].index
            seen += 1
    stop.set()
    child.join(10)
    assert child.exitcode == 0
    assert seen > 5
    reader.close()
    with pytest.raises(FileNotFoundError):
        FrameRingReader(name)
