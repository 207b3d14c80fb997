"""Reading pixels of the frame on the screen, in the process that has the whole frame."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from desktop_app.core.frame import Frame
from desktop_app.core.pixels import Area, grey_of
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import RecogniserClient
from desktop_app.recogniser.pixel_reader import PixelReader, histograms
from tests.recogniser.test_client import Watcher

PATIENCE = 20.0
Events = queue.SimpleQueue[m.Event]


def frame(seed: int = 1, size: tuple[int, int] = (64, 48)) -> Frame:
    bgr = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Frame(bgr, seed, float(seed))


@pytest.fixture
def events() -> Events:
    return queue.SimpleQueue()


@pytest.fixture
def reader(events: Events) -> Iterator[PixelReader]:
    made = PixelReader(events.put)
    yield made
    made.stop()


def inspected(events: Events) -> m.Inspected:
    event = events.get(timeout=PATIENCE)
    assert isinstance(event, m.Inspected)
    return event


def bincounts(rgb: np.ndarray) -> np.ndarray:
    channels = [rgb[..., 0], rgb[..., 1], rgb[..., 2], grey_of(rgb)]
    return np.stack([np.bincount(channel.ravel(), minlength=256) for channel in channels])


def test_nothing_runs_until_somebody_looks(reader: PixelReader, events: Events) -> None:
    reader.offer(frame())
    reader.set(m.Inspect(1))
    assert reader._thread is None
    assert events.empty()


def test_true_pixels_and_their_histograms(reader: PixelReader, events: Events) -> None:
    shown = frame()
    rgb = shown.bgr[:, :, ::-1]
    reader.offer(shown)
    reader.set(m.Inspect(1, True, (10, 5, 20, 12), (30, 8, 60, 40)))
    seen = m.decode_event(m.encode(inspected(events)))
    assert isinstance(seen, m.Inspected)
    assert (seen.number, seen.captured_at, seen.around, seen.region) == (1, 1.0, (10, 5, 20, 12), (30, 8, 60, 40))
    assert seen.pixels is not None
    assert seen.counts is not None
    np.testing.assert_array_equal(seen.pixels, rgb[5:12, 10:20])
    np.testing.assert_array_equal(seen.counts, bincounts(np.ascontiguousarray(rgb[8:40, 30:60])))


def test_each_new_frame_is_read(reader: PixelReader, events: Events) -> None:
    reader.set(m.Inspect(1, True, (0, 0, 2, 2)))
    for seed in (1, 2, 3):
        reader.offer(frame(seed))
        assert inspected(events).captured_at == seed
    assert events.empty()


def test_a_new_place_does_not_count_again(reader: PixelReader, events: Events) -> None:
    reader.offer(frame())
    whole: Area = (0, 0, 64, 48)
    reader.set(m.Inspect(1, True, (0, 0, 2, 2), whole))
    first = inspected(events)
    assert first.counts is not None
    reader.set(m.Inspect(2, True, (4, 4, 6, 6), whole))
    second = inspected(events)
    assert second.around == (4, 4, 6, 6)
    assert second.counts is None


def test_what_is_outside_of_the_frame_is_left_out(reader: PixelReader, events: Events) -> None:
    reader.offer(frame())
    reader.set(m.Inspect(1, True, (60, 40, 90, 99), (500, 500, 600, 600)))
    seen = inspected(events)
    assert (seen.around, seen.counts) == ((60, 40, 64, 48), None)


def test_no_frame_no_answer_until_there_is_one(reader: PixelReader, events: Events) -> None:
    reader.set(m.Inspect(1, True, None, (0, 0, 64, 48)))
    assert events.empty()
    reader.offer(frame(4))
    assert inspected(events).captured_at == 4


def test_opened_and_closed_two_hundred_times(reader: PixelReader, events: Events) -> None:
    before = threading.active_count()
    reader.offer(frame())
    for number in range(1, 401, 2):
        reader.set(m.Inspect(number, True, (0, 0, 4, 4), (0, 0, 64, 48)))
        while inspected(events).number != number:
            pass
        thread = reader._thread
        reader.set(m.Inspect(number + 1))
        if thread is not None:
            thread.join(PATIENCE)
    assert reader._thread is None
    assert threading.active_count() == before


def test_counts_of_a_frame_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = frame(3, (300, 211))
    monkeypatch.setattr("desktop_app.recogniser.pixel_reader._ROWS_AT_ONCE", 1000)
    found = histograms(shown.bgr, (1, 2, 299, 211))
    np.testing.assert_array_equal(found, bincounts(np.ascontiguousarray(shown.bgr[2:211, 1:299, ::-1])))


# --- the whole way, from a file to the numbers ----------------------------------------------------------------------


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    client = RecogniserClient()
    client.start()
    yield Watcher(client)
    client.stop()


def known_picture(width: int, height: int) -> np.ndarray:
    """Each pixel says where it is: red its column, green its row (both mod 251), blue both."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x % 251, y % 251, (7 * x + 13 * y) % 251], axis=2).astype(np.uint8)


def numbers_at(watcher: Watcher, number: int, area: Area) -> np.ndarray:
    def of_this() -> list[m.Inspected]:
        found = [event for event in watcher.events if isinstance(event, m.Inspected) and event.number == number]
        return [event for event in found if event.pixels is not None]

    watcher.client.send(m.Inspect(number, True, area))
    watcher.until(of_this)
    pixels = of_this()[-1].pixels
    assert pixels is not None
    return pixels


@pytest.mark.parametrize("orientation", [1, 3, 6, 8, 2, 5])
def test_true_pixels_of_a_4k_still_after_its_orientation(watcher: Watcher, tmp_path: Path, orientation: int) -> None:
    upright = known_picture(3840, 2160)
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "known.png"
    Image.fromarray(np.ascontiguousarray(turned)).save(path, exif=exif, compress_level=1)
    watcher.client.send(m.SetView(640, 480))
    watcher.client.send(m.OpenSource(1, (str(path),)))
    watcher.until(partial(watcher.shows, 3840, 2160))
    assert watcher.frame is not None
    assert not watcher.frame.whole
    for number, (x, y) in enumerate(((0, 0), (3839, 2159), (1234, 567), (2047, 1)), 1):
        area = (x, y, x + 1, y + 1)
        assert numbers_at(watcher, number, area)[0, 0].tolist() == upright[y, x].tolist()


def test_true_pixels_mirrored_and_rotated(watcher: Watcher, tmp_path: Path) -> None:
    rgb = known_picture(800, 600)
    path = tmp_path / "known.png"
    Image.fromarray(rgb).save(path)
    watcher.client.send(m.SetView(200, 150))
    watcher.client.send(m.SetOrientation(True, 90))
    watcher.client.send(m.OpenSource(1, (str(path),)))
    watcher.until(partial(watcher.shows, 600, 800))
    wanted = np.rot90(rgb, -1)[:, ::-1]
    np.testing.assert_array_equal(numbers_at(watcher, 1, (100, 200, 140, 230)), wanted[200:230, 100:140])
