"""Planes of video: halved and then mixed they are what the whole picture halved is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from desktop_app.core.frame import Frame, bgr_of
from desktop_app.models.boxes import Letterbox
from desktop_app.sources.video_picture import Conversion, VideoPicture

_STANDARDS = [
    (Colorspace.DEFAULT, ColorRange.UNSPECIFIED),
    (Colorspace.ITU601, ColorRange.MPEG),
    (Colorspace.ITU601, ColorRange.JPEG),
    (Colorspace.ITU709, ColorRange.MPEG),
    (Colorspace.ITU709, ColorRange.JPEG),
    (Colorspace.SMPTE240M, ColorRange.MPEG),
]


def _decoded(bgr: np.ndarray, standard: tuple[Any, Any] = _STANDARDS[0]) -> Any:
    """As a decoder gives it."""
    picture = av.VideoFrame.from_ndarray(bgr, "bgr24").reformat(format="yuv420p")
    picture.colorspace, picture.color_range = standard
    return picture


def _halved(picture: Any) -> np.ndarray:
    rgb = np.zeros((picture.height // 2, picture.width // 2, 3), np.uint8)
    VideoPicture(picture, Conversion()).scale_into(rgb)
    return rgb


@pytest.mark.parametrize("standard", _STANDARDS, ids=lambda standard: f"{standard[0].name}-{standard[1].name}")
def test_planes_halved_are_the_picture_halved(standard: tuple[Any, Any], zidane: Path) -> None:
    chance = np.random.default_rng(7)
    colours = np.kron(chance.integers(0, 256, (45, 80, 3), np.uint8), np.ones((16, 16, 1), np.uint8))
    for bgr in (colours, np.asarray(cv2.imread(str(zidane)), np.uint8)):
        picture = _decoded(bgr, standard)
        plain = cv2.resize(Conversion().bgr(picture), (640, 360), interpolation=cv2.INTER_LINEAR)[:, :, ::-1]
        off = np.abs(_halved(picture).astype(int) - plain)
        assert off.mean() < 0.5
        assert np.percentile(off, 99.9) <= 3


@pytest.mark.parametrize("size", [(416, 234), (1280, 720), (300, 200), (1500, 900), (361, 203)])
@pytest.mark.parametrize("made", [False, True])
def test_planes_scaled_are_the_picture_scaled(size: tuple[int, int], made: bool, zidane: Path) -> None:
    picture = VideoPicture(_decoded(np.asarray(cv2.imread(str(zidane)), np.uint8)), Conversion())
    if made:
        assert picture.bgr.shape == picture.shape
    rgb = np.zeros((size[1], size[0], 3), np.uint8)
    picture.scale_into(rgb)
    plain = cv2.resize(picture.bgr, size, interpolation=cv2.INTER_LINEAR)[:, :, ::-1]
    assert (rgb == plain).all()


def test_a_letterbox_is_filled_in_place() -> None:
    picture = VideoPicture(_decoded(np.full((720, 1280, 3), (0, 0, 200), np.uint8)), Conversion())
    for side, top, height in ((640, 140, 360), (416, 91, 234)):
        box = Letterbox.fit(picture.shape, side, side)
        canvas = box.canvas()
        box.fill(canvas, picture)
        assert np.abs(canvas[0, top : top + height].astype(int) - (200, 0, 0)).max() <= 3
        assert (canvas[0, :top] == 114).all()
        assert (canvas[0, top + height :] == 114).all()


def test_the_whole_picture_is_made_once_and_read_only() -> None:
    picture = VideoPicture(_decoded(np.full((90, 160, 3), 77, np.uint8)), Conversion())
    frame = Frame(picture, 0, 0.0)
    assert (frame.width, frame.height, frame.shape, frame.nbytes) == (160, 90, (90, 160, 3), 90 * 160 * 3)
    assert frame.bgr is frame.bgr
    assert not frame.bgr.flags.writeable
    assert np.abs(frame.bgr.astype(int) - 77).max() <= 5


@pytest.mark.parametrize("layout", ["yuv444p", "yuv422p", "yuv420p10le", "nv12", "rgb24", "gray"])
def test_other_layouts_are_mixed_at_once(layout: str) -> None:
    picture = av.VideoFrame.from_ndarray(np.full((90, 160, 3), 77, np.uint8), "bgr24").reformat(format=layout)
    pixels = Conversion().pixels(picture)
    assert isinstance(pixels, np.ndarray)
    assert np.abs(pixels.astype(int) - 77).max() <= 3


def test_odd_sides_are_mixed_at_once() -> None:
    picture = av.VideoFrame.from_ndarray(np.full((91, 161, 3), 77, np.uint8), "bgr24").reformat(format="yuv420p")
    assert bgr_of(Conversion().pixels(picture)).shape == (91, 161, 3)


def test_pictures_outlive_their_video(tmp_path: Path) -> None:
    from desktop_app.sources.video_reader import VideoReader

    path = tmp_path / "grey.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in (60, 120, 180):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), shade, np.uint8), "bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    reader = VideoReader(str(path))
    pictures = [reader.pixels(found) for _ in range(3) if (found := reader.next()) is not None]
    reader.close()
    assert all(isinstance(picture, VideoPicture) for picture in pictures)
    assert [round(float(bgr_of(picture).mean()) / 10) for picture in pictures] == [6, 12, 18]
