from __future__ import annotations

import multiprocessing
import secrets
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from desktop_app.core.frame import Bgr, Frame
from desktop_app.recogniser.frame_ring import FrameRingReader, FrameRingWriter
from desktop_app.recogniser.scaling import paint_bgrx


@pytest.fixture
def name() -> str:
    return f"regard-test-{secrets.token_hex(4)}"


def frame(index: int, height: int = 20, width: int = 31, media_time: float | None = None) -> Frame:
    return Frame(np.full((height, width, 3), index % 256, np.uint8), index, 1.5, media_time)


@pytest.fixture
def ring(name: str) -> Iterator[tuple[FrameRingWriter, FrameRingReader]]:
    writer = FrameRingWriter(name, 31, 20)
    reader = FrameRingReader(name)
    yield writer, reader
    reader.close()
    writer.close()


def write(writer: FrameRingWriter, number: int, whole: Frame, small: Bgr | None = None) -> None:
    bgr = whole.bgr if small is None else small
    writer.write(number, whole, (bgr.shape[1], bgr.shape[0]), partial(paint_bgrx, bgr))


def test_the_newest_frame_is_read_once_and_whole(ring: tuple[FrameRingWriter, FrameRingReader]) -> None:
    writer, reader = ring
    assert reader.newest() is None
    for index in range(9):
        write(writer, 70 + index, frame(index, media_time=index / 10))
    newest = reader.newest()
    assert newest is not None
    assert (newest.number, newest.index, newest.captured_at, newest.media_time) == (78, 8, 1.5, 0.8)
    assert newest.pixels.shape == (20, 31, 4)
    assert (newest.pixels == (8, 8, 8, 255)).all()
    assert newest.whole
    assert reader.newest() is None


def test_a_smaller_picture_says_how_large_the_frame_is(ring: tuple[FrameRingWriter, FrameRingReader]) -> None:
    writer, reader = ring
    write(writer, 1, frame(0, 200, 310), np.full((20, 31, 3), 9, np.uint8))
    found = reader.newest()
    assert found is not None
    assert (found.width, found.height) == (310, 200)
    assert found.pixels.shape == (20, 31, 4)
    assert not found.whole


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 20), (31, 1), (7, 13)])
def test_odd_sizes_keep_every_pixel(ring: tuple[FrameRingWriter, FrameRingReader], width: int, height: int) -> None:
    writer, reader = ring
    bgr = np.arange(width * height * 3, dtype=np.uint32).astype(np.uint8).reshape(height, width, 3)
    write(writer, 1, Frame(bgr, 0, 0.0))
    found = reader.newest()
    assert found is not None
    np.testing.assert_array_equal(found.pixels[:, :, :3], bgr)


def test_a_frame_without_a_place_in_time_keeps_none(ring: tuple[FrameRingWriter, FrameRingReader]) -> None:
    writer, reader = ring
    write(writer, 1, frame(0))
    found = reader.newest()
    assert found is not None
    assert found.media_time is None


def test_the_copy_is_private_as_long_as_the_picture_is_kept(ring: tuple[FrameRingWriter, FrameRingReader]) -> None:
    writer, reader = ring
    kept = []
    for index in range(3, 20):
        write(writer, index, frame(index))
        kept.append(reader.newest())
    for index, found in enumerate(kept, 3):
        assert found is not None
        assert (found.pixels[:, :, 0] == index).all()


def test_the_memory_of_a_picture_that_is_gone_is_used_again(ring: tuple[FrameRingWriter, FrameRingReader]) -> None:
    writer, reader = ring
    places = set()
    for index in range(20):
        write(writer, index, frame(index))
        found = reader.newest()
        assert found is not None
        places.add(found.pixels.ctypes.data)
    assert len(places) <= 2


def test_the_writer_knows_what_was_taken(ring: tuple[FrameRingWriter, FrameRingReader]) -> None:
    writer, reader = ring
    told = [writer.taken]
    write(writer, 1, frame(0))
    told.append(writer.taken)
    reader.newest()
    told.append(writer.taken)
    assert told == [True, False, True]


def test_a_ring_suits_pictures_that_fit_and_are_not_far_too_small(name: str) -> None:
    writer = FrameRingWriter(name, 3840, 2160)
    assert writer.suits(3840, 2160)
    assert writer.suits(2000, 2160)
    assert not writer.suits(7680, 4320)
    assert not writer.suits(960, 540)
    writer.close()


def _write_for_a_while(name: str, count: int) -> None:
    writer = FrameRingWriter(name, 1280, 720)
    ready.set()
    for index in range(count):
        write(writer, index, frame(index, 720, 1280))
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
            pixels = found.pixels
            assert (pixels[:, :, :3] == pixels[0, 0, 0]).all()
            assert found.index > last
            assert pixels[0, 0, 0] == found.index % 256
            last = found.index
            seen += 1
    stop.set()
    child.join(10)
    assert child.exitcode == 0
    assert seen > 5
    reader.close()
    with pytest.raises(FileNotFoundError):
        FrameRingReader(name)
