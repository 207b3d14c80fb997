"""Which format a camera is asked for."""

from __future__ import annotations

import pytest

from desktop_app.core.camera import CameraFormat
from desktop_app.sources.camera_format import choose_format, falls_short


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], (1280, 720, 30.0, "")),
        ([(1280, 720, 10.0, "YUYV"), (1280, 720, 30.0, "MJPG")], (1280, 720, 30.0, "MJPG")),
        ([(1280, 720, 30.0, "MJPG"), (1280, 720, 30.0, "YUYV")], (1280, 720, 30.0, "YUYV")),
        ([(640, 480, 30.0, "YUYV"), (1920, 1080, 60.0, "MJPG")], (640, 480, 30.0, "YUYV")),
        ([(1280, 720, 120.0, "MJPG")], (1280, 720, 30.0, "MJPG")),
        ([(1280, 720, 0.0, "NV12")], (1280, 720, 30.0, "NV12")),
        ([(640, 480, 30.0, "H264")], (1280, 720, 30.0, "")),
    ],
)
def test_choice_of_format(offered: list[tuple[int, int, float, str]], chosen: tuple[int, int, float, str]) -> None:
    assert choose_format(tuple(CameraFormat(*o) for o in offered)) == CameraFormat(*chosen)


OFFERED = (
    CameraFormat(640, 480, 30.0, "YUYV", (30.0, 15.0, 5.0)),
    CameraFormat(1280, 720, 10.0, "YUYV", (10.0, 5.0)),
    CameraFormat(1280, 720, 60.0, "MJPG", (60.0, 30.0, 15.0)),
    CameraFormat(1920, 1080, 30.0, "H264", (30.0,)),
    CameraFormat(1920, 1080, 30.0, "MJPG", (30.0, 15.0)),
    CameraFormat(1920, 1080, 5.0, "YUYV", (5.0,)),
)


@pytest.mark.parametrize(
    ("wish", "chosen"),
    [
        ((0, 0, 0.0, ""), (1280, 720, 30.0, "MJPG")),  # raw would fall below 30
        ((1280, 720, 10.0, ""), (1280, 720, 10.0, "YUYV")),  # raw is as fast as asked
        ((1280, 720, 60.0, ""), (1280, 720, 60.0, "MJPG")),
        ((640, 480, 15.0, ""), (640, 480, 15.0, "YUYV")),
        ((1920, 1080, 0.0, ""), (1920, 1080, 30.0, "MJPG")),
        ((1920, 1080, 30.0, "YUYV"), (1920, 1080, 5.0, "YUYV")),  # who insists gets it
        ((0, 0, 0.0, "YUYV"), (640, 480, 30.0, "YUYV")),  # rather small than jerky
        ((1280, 720, 0.0, "YUYV"), (1280, 720, 10.0, "YUYV")),
        ((3840, 2160, 0.0, ""), (1920, 1080, 30.0, "MJPG")),
        ((0, 0, 25.0, ""), (1280, 720, 30.0, "MJPG")),
        ((640, 480, 0.0, "NV12"), (640, 480, 30.0, "YUYV")),  # it has none
    ],
)
def test_a_wish_is_met_as_far_as_the_camera_goes(
    wish: tuple[int, int, float, str], chosen: tuple[int, int, float, str]
) -> None:
    assert choose_format(OFFERED, CameraFormat(*wish)) == CameraFormat(*chosen)


def test_a_wish_holds_where_the_camera_says_nothing() -> None:
    assert choose_format((), CameraFormat(640, 480, 60.0, "MJPG")) == CameraFormat(640, 480, 60.0, "MJPG")


@pytest.mark.parametrize(
    ("granted", "asked", "wished", "short"),
    [
        (10.0, "", "", True),
        (30.0, "", "", False),
        (None, "", "", False),
        (10.0, "MJPG", "", False),
        (5.0, "YUYV", "YUYV", False),
    ],
)
def test_mjpg_is_tried_where_raw_turns_out_slow(granted: float | None, asked: str, wished: str, short: bool) -> None:
    wish = CameraFormat(0, 0, 0.0, wished)
    assert falls_short(granted, CameraFormat(1280, 720, 30.0, asked), wish) is short
