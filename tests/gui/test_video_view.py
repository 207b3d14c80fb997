from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.gui import hud, texts
from desktop_app.gui.hud import HudState
from desktop_app.gui.theme import theme
from desktop_app.gui.video_view import VideoView
from desktop_app.gui.viewport import MAX_ZOOM
from desktop_app.render.overlay import OverlayOptions
from desktop_app.render.qimage import from_qimage
from tests.gui.scenes import NAMES, boxes, frame, picture, turn_wheel


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> VideoView:
    theme().apply(qapp, "dark")
    widget = VideoView()
    qtbot.addWidget(widget)
    widget.resize(664, 504)  # 640×480 inside the margin
    widget.show()
    return widget


def shot(view: VideoView) -> QImage:
    return view.grab().toImage()


def grey(picture: QImage, x: int, y: int) -> int:
    return picture.pixelColor(x, y).green()


def test_the_picture_fits_in_the_middle(view: VideoView) -> None:
    view.set_frame(frame(value=200))
    picture = shot(view)
    assert [grey(picture, *at) for at in ((14, 240), (650, 240), (332, 14), (332, 490))] == [200] * 4
    stage = theme().colour("stage")
    assert picture.pixelColor(5, 250) == stage
    assert picture.pixelColor(332, 498) == stage
    assert view.zoom_text == "Fit 100\u00a0%"


def test_a_frame_of_the_size_of_the_view_is_painted_pixel_by_pixel(view: VideoView) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)
    view.set_frame(picture(noise, (1280, 960)))
    view.set_frame(view.frame)
    shown = from_qimage(shot(view))[12:492, 12:652]
    assert view.zoom_text == "Fit 50\u00a0%"
    np.testing.assert_array_equal(shown[60:], noise[60:])  # the chips lie over the upper edge


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (641, 479), (5, 333)])
def test_odd_sizes_are_not_skewed(view: VideoView, size: tuple[int, int]) -> None:
    """Every row has its own value."""
    rows = np.arange(size[1], dtype=np.uint8)[:, None, None]
    view.set_frame(picture(np.ascontiguousarray(np.broadcast_to(rows, (size[1], size[0], 3)))))
    view.resize(size[0] + 24, size[1] + 24 if size[1] > 240 else 264)
    shown = from_qimage(shot(view))
    place = view.picture_rect().toAlignedRect()
    if size[1] > 240:
        inside = shown[place.top() + 60 : place.bottom(), place.left() + 1 : place.right()]
        assert (inside == inside[:, :1]).all()


def test_the_old_picture_is_scaled_until_the_new_size_arrives(view: VideoView) -> None:
    view.set_frame(frame(value=200))
    view.resize(1000, 800)
    picture = shot(view)
    assert grey(picture, 500, 100) == 200
    assert grey(picture, 980, 400) == 200
    view.set_frame(frame(value=100))
    assert grey(shot(view), 980, 400) == 100


def test_the_view_says_how_large_the_picture_is(view: VideoView, qtbot: QtBot) -> None:
    told: list[tuple[int, int]] = []
    view.view_changed.connect(lambda *size: told.append(size))
    view.set_frame(frame(1280, 960))
    assert told == []  # the room is the same for every frame
    view.resize(844, 744)
    shot(view)
    assert told == [(820, 720)]
    view.zoom_by(1.25)
    zoomed = view.picture_rect()
    assert told[-1] == (round(zoomed.width()), round(zoomed.height()))
    view.zoom_by(8)
    assert told[-1] == (1280, 960)  # there are no more pixels than these
    view.fit()
    view.hide()
    assert told[-2:] == [(820, 720), (0, 0)]
    view.show()
    assert told[-1] == (820, 720)


def test_boxes_are_in_pixels_of_the_frame_however_small_it_comes(view: VideoView, qtbot: QtBot) -> None:
    view.set_frame(frame(1280, 960))
    view.set_results([boxes((200, 200, 400, 400))], NAMES)
    whole = from_qimage(shot(view)).astype(int)
    view.set_frame(picture(np.full((480, 640, 3), 128, np.uint8), (1280, 960)))
    assert view.frame_size == (1280, 960)
    assert np.abs(from_qimage(shot(view)).astype(int) - whole).max() <= 1
    with qtbot.waitSignal(view.hovered) as heard:
        QTest.mouseMove(view, QPoint(12 + 150, 12 + 150))
    assert heard.args == ["detector", 0]


def test_none_empties_the_stage(view: VideoView) -> None:
    view.set_frame(frame(value=255))
    view.set_frame(None)
    assert shot(view).pixelColor(332, 252) == theme().colour("stage")
    assert view.frame_size is None


@pytest.mark.parametrize("at", [QPointF(100, 100), QPointF(332, 252), QPointF(600, 400)])
def test_the_wheel_zooms_about_the_pointer(view: VideoView, at: QPointF) -> None:
    view.set_frame(frame())
    turn_wheel(view, QPointF(332, 252), 6)  # so far in that no edge of the picture holds it back
    before = (at - view.picture_rect().topLeft()) / view.zoom
    turn_wheel(view, at, 2)
    after = (at - view.picture_rect().topLeft()) / view.zoom
    assert (before - after).manhattanLength() < 0.01
    assert view.zoom == pytest.approx(1.25**8)


def test_zoom_ends_somewhere_and_comes_back_to_fit(view: VideoView) -> None:
    view.set_frame(frame())
    turn_wheel(view, QPointF(332, 252), 40)
    assert view.zoom == MAX_ZOOM
    assert view.zoom_text == texts.percent(MAX_ZOOM, 0)
    turn_wheel(view, QPointF(332, 252), -40)
    assert view.zoom_text == "Fit 100\u00a0%"


def test_large_zoom_shows_hard_pixels(view: VideoView) -> None:
    board = np.zeros((480, 640, 3), np.uint8)
    board[:, ::2] = 255
    view.set_frame(picture(board))
    view.zoom_by(8)
    row = {grey(shot(view), x, 252) for x in range(200, 400)}
    assert row == {0, 255}


def test_keys_zoom_and_move(view: VideoView, qtbot: QtBot) -> None:
    view.set_frame(frame())
    QTest.keyClick(view, Qt.Key.Key_Plus)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom == pytest.approx(1.25**2)
    left = view.picture_rect().left()
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.picture_rect().left() < left
    QTest.keyClick(view, Qt.Key.Key_Minus)
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.zoom_text.startswith("Fit")


def test_dragging_pans_but_never_out_of_sight(view: VideoView, qtbot: QtBot) -> None:
    view.set_frame(frame())
    view.zoom_by(2)
    before = view.picture_rect().topLeft()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(300, 200))
    QTest.mouseMove(view, QPoint(340, 230))
    assert view.picture_rect().topLeft() - before == QPointF(40, 30)
    QTest.mouseMove(view, QPoint(5000, 5000))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(5000, 5000))
    assert view.picture_rect().left() <= 0
    assert view.picture_rect().right() >= view.width()


def test_a_double_click_fits(view: VideoView, qtbot: QtBot) -> None:
    view.set_frame(frame())
    view.zoom_by(4)
    with qtbot.waitSignal(view.zoomed) as heard:
        QTest.mouseDClick(view, Qt.MouseButton.LeftButton)
    assert heard.args == ["Fit 100\u00a0%"]


def test_the_box_under_the_pointer_is_told_and_glows(view: VideoView, qtbot: QtBot) -> None:
    view.set_frame(frame())
    view.set_results([boxes((100, 100, 200, 200), (300, 100, 400, 200))], NAMES)
    plain = shot(view)
    with qtbot.waitSignal(view.hovered) as heard:
        QTest.mouseMove(view, QPoint(12 + 350, 12 + 150))
    assert heard.args == ["detector", 1]
    assert shot(view).pixelColor(12 + 350, 12 + 150) != plain.pixelColor(12 + 350, 12 + 150)
    with qtbot.waitSignal(view.hovered) as heard:
        QTest.mouseMove(view, QPoint(12 + 250, 12 + 150))
    assert heard.args == ["", -1]


def test_a_resting_pointer_follows_new_results(view: VideoView, qtbot: QtBot) -> None:
    view.set_frame(frame())
    view.set_results([boxes((100, 100, 200, 200))], NAMES)
    QTest.mouseMove(view, QPoint(12 + 350, 12 + 150))
    with qtbot.waitSignal(view.hovered) as heard:
        view.set_results([boxes((100, 100, 200, 200), (300, 100, 400, 200))], NAMES)
    assert heard.args == ["detector", 1]
    with qtbot.waitSignal(view.hovered) as heard:
        view.set_results([], NAMES)
    assert heard.args == ["", -1]


def test_a_table_lets_a_box_glow(view: VideoView) -> None:
    view.set_frame(frame())
    view.set_results([boxes((100, 100, 200, 200))], NAMES)
    plain = shot(view)
    view.set_hovered("detector", 0)
    assert shot(view) != plain
    view.set_options(OverlayOptions())  # does not forget it
    assert shot(view) != plain
    view.set_hovered("", -1)
    assert shot(view) == plain


def test_lost_is_grey_and_dim_and_without_boxes(view: VideoView) -> None:
    red = np.zeros((480, 640, 3), np.uint8)
    red[..., 2] = 255
    view.set_frame(picture(red))
    view.set_results([boxes((100, 100, 200, 200))], NAMES)
    view.set_state(HudState("lost", lost_for=12.0))
    seen = shot(view)
    middle, line = seen.pixelColor(400, 300), seen.pixelColor(12 + 150, 12 + 100)
    assert max(middle.getRgb()[:3]) - min(middle.getRgb()[:3]) < 12  # type: ignore[index]
    assert middle.red() < 80
    assert line == middle


def test_a_large_still_is_averaged_not_skipped(view: VideoView) -> None:
    """Every fifth column is white: skipping would show stripes or nothing."""
    board = np.zeros((2400, 3200, 3), np.uint8)
    board[:, ::5] = 255
    view.set_frame(picture(board))
    seen = shot(view)
    values = [grey(seen, x, 252) for x in range(100, 600)]
    assert max(values) - min(values) < 12
    assert np.mean(values) == pytest.approx(51, abs=4)


def test_a_drag_says_what_will_happen(view: VideoView) -> None:
    view.set_frame(frame())
    plain = shot(view)
    view.set_drop_hint("Show this picture")
    assert shot(view).pixelColor(332, 20).blue() > plain.pixelColor(332, 20).blue() + 40
    view.set_drop_hint(None)
    assert shot(view) == plain


def test_full_screen_uses_all_of_the_stage_and_chips_fade(view: VideoView, qtbot: QtBot) -> None:
    view._hud_clock.setInterval(0)
    view.set_frame(frame(value=200))
    view.set_state(HudState("live", 0.041))
    with qtbot.waitSignal(view._hud_fade.finished):
        view.set_immersive(True)
    assert view.picture_rect().width() == view.width()
    assert grey(shot(view), 20, 20) == 200  # the chip is gone
    view.set_state(HudState("lost", lost_for=3.0))
    assert grey(shot(view), 20, 20) < 60  # warnings stay
    assert not view._hud_clock.isActive()


def test_the_device_pixel_ratio_is_respected(view: VideoView) -> None:
    view.set_frame(frame(value=200))
    target = QImage(1328, 1008, QImage.Format.Format_RGB32)
    target.setDevicePixelRatio(2)
    view.render(target)
    assert grey(target, 26, 500) == 200
    assert grey(target, 1300, 500) == 200
    assert target.pixelColor(20, 500) == theme().colour("stage")


# The chips in the corners


def test_chips_say_state_age_size_and_zoom() -> None:
    live = HudState("live", 0.0412)
    assert [chip.text for chip in hud.left_chips(live)] == ["Live", "result 41\u00a0ms old"]
    assert [chip.text for chip in hud.right_chips(live, (1280, 960), "Fit 66 %")] == ["1280×960", "Fit 66 %"]
    lost = HudState("lost", 0.04, 12.2)
    assert [chip.text for chip in hud.left_chips(lost)] == ["Signal lost"]
    assert [chip.text for chip in hud.right_chips(lost, (1, 1), "")] == ["last picture 12\u00a0s ago"]
    assert hud.left_chips(HudState()) == []
    assert [chip.text for chip in hud.left_chips(HudState("paused", 0.04))] == ["Paused"]


@pytest.mark.parametrize("width", [320, 400, 600, 1400])
def test_chips_never_cover_each_other(qapp: QApplication, width: int) -> None:
    from PySide6.QtCore import QRectF

    live = HudState("live", 0.0412)
    places = hud.lay_out(
        hud.left_chips(live), hud.right_chips(live, (1280, 960), "Fit 66 %"), QRectF(0, 0, width, 300), 1.6
    )
    assert places[0][0].text == "Live"
    for place, (_, rect) in enumerate(places):
        assert rect.left() >= 0
        assert rect.right() <= width - hud.MARGIN + 1
        assert not any(rect.intersects(other) for _, other in places[place + 1 :])


def test_the_ring_shows_where_someone_went_not_where_the_window_went(view: VideoView, qtbot: QtBot) -> None:
    accent = theme().colour("on_stage_accent")
    view.activateWindow()
    view.setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.waitUntil(view.hasFocus)
    assert shot(view).pixelColor(1, 250) != accent
    view.clearFocus()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(view.hasFocus)
    assert shot(view).pixelColor(1, 250) == accent
