"""Animations as short videos: every frame composed, at its own time, forwards, backwards and again."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from desktop_app.core.source import Notify, SeekableSource, SourceNotice
from desktop_app.errors import SourceUnreadable
from desktop_app.sources import likely_use, open_source
from desktop_app.sources.animation import is_animation_file
from desktop_app.sources.image_file import ImageFile
from tests.sources import corpus

COLOURS = ("red", "lime", "blue", "white")
BGR = np.array([(0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255)])
STAYS = (100, 300, 50, 200)
KINDS = ["GIF", "WEBP", "PNG", *(["AVIF"] if features.check("avif") else [])]


def animation(kind: str, size: tuple[int, int] = (32, 24), stays: tuple[int, ...] = STAYS) -> bytes:
    pictures = [Image.new("RGB", size, colour) for colour in COLOURS]
    return corpus.encode(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=list(stays), loop=0)


@pytest.fixture(params=KINDS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"moving.{request.param.lower()}"
    path.write_bytes(animation(request.param))
    return path


def test_each_frame_comes_at_its_own_time(path: Path, notify: Notify, stop: threading.Event) -> None:
    assert is_animation_file(str(path))
    assert likely_use([str(path)]) == "video"
    with open_source([str(path)], notify, stop) as source:
        info = source.info
        frames = list(source)
    assert (info.kind, info.width, info.height, info.frame_count, info.live) == ("video", 32, 24, 4, False)
    assert info.duration == pytest.approx(0.65)
    assert info.fps == pytest.approx(4 / 0.65)
    assert [frame.media_time for frame in frames] == pytest.approx([0, 0.1, 0.4, 0.45])
    assert np.abs(np.array([frame.bgr[12, 16] for frame in frames], int) - BGR).max() < 12


def test_one_can_go_to_any_frame(path: Path, notify: Notify, stop: threading.Event) -> None:
    with open_source([str(path)], notify, stop) as source:
        assert isinstance(source, SeekableSource)
        for first in (3, 1, 0, 2):
            source.seek(first)
            frames = list(source)
            assert [frame.index for frame in frames] == list(range(first, 4))
            assert np.abs(frames[0].bgr[12, 16].astype(int) - BGR[first]).max() < 12


def test_frames_that_do_not_fit_into_memory_are_decoded_again(
    path: Path, notify: Notify, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.sources.animation._KEPT_BYTES", 0)
    test_one_can_go_to_any_frame(path, notify, stop)


def test_parts_of_frames_are_laid_over_what_was_there(tmp_path: Path, notify: Notify, stop: threading.Event) -> None:
    """A GIF that stores only what changes: a white square that wanders over black."""
    pictures = [Image.new("P", (40, 10), 0) for _ in range(4)]
    for place, picture in enumerate(pictures):
        picture.putpalette([0, 0, 0, 255, 255, 255])
        picture.paste(1, (place * 10, 0, place * 10 + 10, 10))
    data = corpus.encode(pictures[0], "GIF", save_all=True, append_images=pictures[1:], optimize=True)
    (tmp_path / "x.gif").write_bytes(data)
    with open_source([str(tmp_path / "x.gif")], notify, stop) as source:
        bright = [np.flatnonzero(frame.bgr[5, :, 0] > 128) for frame in source]
    assert [(int(b[0]), len(b)) for b in bright] == [(0, 10), (10, 10), (20, 10), (30, 10)]


def test_a_frame_that_is_to_stay_no_time_stays_as_in_a_browser(
    tmp_path: Path, notify: Notify, stop: threading.Event
) -> None:
    (tmp_path / "x.gif").write_bytes(animation("GIF", stays=(0, 10, 20, 0)))
    with open_source([str(tmp_path / "x.gif")], notify, stop) as source:
        assert [frame.media_time for frame in source] == pytest.approx([0, 0.1, 0.2, 0.22])


def test_one_that_is_cut_short_plays_as_far_as_it_goes(
    tmp_path: Path, notify: Notify, notices: list[SourceNotice], stop: threading.Event
) -> None:
    data = animation("PNG", (200, 200))
    (tmp_path / "x.png").write_bytes(data[: data.rindex(b"fdAT") + 20])
    with open_source([str(tmp_path / "x.png")], notify, stop) as source:
        assert [frame.index for frame in source] == [0, 1, 2]
    assert "frame 3 of 4" in str(notices[0].error)


def test_a_bomb_is_refused_by_its_header(tmp_path: Path, notify: Notify, stop: threading.Event) -> None:
    data = bytearray(animation("GIF"))
    data[6:10] = (20_000).to_bytes(2, "little") * 2
    (tmp_path / "x.gif").write_bytes(data)
    with pytest.raises(SourceUnreadable, match="400 megapixels"), open_source([str(tmp_path / "x.gif")], notify, stop):
        pass


@pytest.mark.parametrize("kind", KINDS)
def test_a_still_is_no_animation(kind: str, tmp_path: Path, stop: threading.Event) -> None:
    (tmp_path / "x").write_bytes(corpus.encode(Image.new("RGB", (8, 8)), kind))
    assert not is_animation_file(str(tmp_path / "x"))
    assert isinstance(open_source([str(tmp_path / "x")], print, stop), ImageFile)


def test_what_is_no_file_is_no_animation(tmp_path: Path) -> None:
    assert not is_animation_file(str(tmp_path))
    assert not is_animation_file(str(tmp_path / "absent.gif"))
    (tmp_path / "x.gif").write_bytes(b"GIF89a")
    assert not is_animation_file(str(tmp_path / "x.gif"))
