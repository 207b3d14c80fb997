"""Drawing lines and zones with the mouse and the keyboard, through the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.core.shapes import Point, Shape
from desktop_app.gui.counting_store import CountingStore, counting_file, source_key
from desktop_app.gui.shape_editor import GRAB, ShapeEditor
from desktop_app.gui.video_view import VideoView
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program
from tests.gui.walking import walk

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def film(program: Program) -> Program:
    """A video with a running detector, and the counting panel in front."""
    program.client.push_loaded()
    program.window.controller.open(("/film.mp4",))
    program.client.push_opened("video", spec="/film.mp4", frame_count=100, seekable=True)
    walk(program, 0)
    program.window.show_panel("counting")
    return program


def view_of(program: Program) -> VideoView:
    return program.window.stage.video


def editor_of(program: Program) -> ShapeEditor:
    return program.controller.counting.editor


def shapes(program: Program) -> tuple[Shape, ...]:
    return program.controller.counting.shapes


def at(program: Program, x: float, y: float) -> QPoint:
    """The pixel of the view under a share of the picture."""
    picture = view_of(program).picture_rect()
    return QPointF(picture.x() + x * picture.width(), picture.y() + y * picture.height()).toPoint()


def click(program: Program, x: float, y: float) -> None:
    QTest.mouseClick(view_of(program), LEFT, Qt.KeyboardModifier.NoModifier, at(program, x, y))


def drag(program: Program, start: Point, end: Point) -> None:
    view = view_of(program)
    QTest.mousePress(view, LEFT, Qt.KeyboardModifier.NoModifier, at(program, *start))
    for share in (0.3, 0.7, 1.0):
        x, y = (start[i] + share * (end[i] - start[i]) for i in (0, 1))
        QTest.mouseMove(view, at(program, x, y))
    QTest.mouseRelease(view, LEFT, Qt.KeyboardModifier.NoModifier, at(program, *end))


def key(program: Program, which: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(view_of(program), which, modifier)


def near(points: tuple[Point, ...], *expected: Point) -> bool:
    """Within two pixels of the view."""
    return len(points) == len(expected) and all(
        abs(a - b) < 0.01
        for found, wanted in zip(points, expected, strict=True)
        for a, b in zip(found, wanted, strict=True)
    )


def begin(program: Program, kind: str) -> None:
    program.window.actions_.by_key[f"count_{kind}"].trigger()


def test_two_clicks_draw_a_line_and_turn_tracking_on(film: Program) -> None:
    begin(film, "line")
    assert view_of(film).cursor().shape() == Qt.CursorShape.CrossCursor
    click(film, 0.2, 0.5)
    assert shapes(film) == ()
    click(film, 0.8, 0.6)
    (line,) = shapes(film)
    assert (line.kind, line.name) == ("line", "Line 1")
    assert near(line.points, (0.2, 0.5), (0.8, 0.6))
    assert editor_of(film).selected == line.key
    film.tick()
    assert film.client.last(m.SetTracking).tracker == "bytetrack"


def test_a_drag_draws_a_line_too(film: Program) -> None:
    begin(film, "line")
    drag(film, (0.3, 0.2), (0.3, 0.9))
    (line,) = shapes(film)
    assert near(line.points, (0.3, 0.2), (0.3, 0.9))


@pytest.mark.parametrize("how", ["enter", "double click", "first corner"])
def test_corners_are_clicked_and_closed(film: Program, how: str) -> None:
    begin(film, "zone")
    corners = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8)]
    for corner in corners:
        click(film, *corner)
    if how == "enter":
        key(film, Qt.Key.Key_Return)
    elif how == "double click":
        corners.append((0.3, 0.9))
        click(film, *corners[-1])
        QTest.mouseDClick(view_of(film), LEFT, Qt.KeyboardModifier.NoModifier, at(film, *corners[-1]))
    else:
        click(film, 0.2 + 0.4 * GRAB / view_of(film).picture_rect().width(), 0.2)
    (zone,) = shapes(film)
    assert zone.kind == "zone"
    assert near(zone.points, *corners)
    assert editor_of(film).drawing is None


def test_two_corners_are_no_zone(film: Program) -> None:
    begin(film, "zone")
    click(film, 0.2, 0.2)
    click(film, 0.8, 0.2)
    key(film, Qt.Key.Key_Return)
    assert shapes(film) == ()
    assert editor_of(film).drawing == "zone"


def test_escape_cancels_and_backspace_takes_a_point_back(film: Program) -> None:
    begin(film, "zone")
    click(film, 0.2, 0.2)
    click(film, 0.8, 0.2)
    key(film, Qt.Key.Key_Backspace)
    assert len(editor_of(film).points) == 1
    key(film, Qt.Key.Key_Escape)
    assert editor_of(film).drawing is None
    assert shapes(film) == ()
    assert view_of(film).cursor().shape() == Qt.CursorShape.ArrowCursor


def test_enter_makes_a_line_without_a_mouse_and_arrows_move_its_ends(film: Program) -> None:
    begin(film, "line")
    key(film, Qt.Key.Key_Return)
    (line,) = shapes(film)
    assert line.points == ((0.25, 0.5), (0.75, 0.5))
    width = view_of(film).picture_rect().width()
    for _ in range(3):
        key(film, Qt.Key.Key_Right)
    key(film, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert shapes(film)[0].points[0][0] == pytest.approx(0.25 + 13 / width)
    key(film, Qt.Key.Key_PageDown)
    key(film, Qt.Key.Key_Up)
    assert shapes(film)[0].points[1][1] < 0.5
    before = shapes(film)[0].points
    key(film, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    moved = shapes(film)[0].points
    assert [b[0] - a[0] for a, b in zip(before, moved, strict=True)] == pytest.approx([-1 / width] * 2)


def test_a_handle_is_dragged_and_undone(film: Program) -> None:
    begin(film, "line")
    drag(film, (0.2, 0.5), (0.8, 0.5))
    original = shapes(film)
    drag(film, (0.8, 0.5), (0.7, 0.9))
    assert near(shapes(film)[0].points, (0.2, 0.5), (0.7, 0.9))
    key(film, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert shapes(film) == original
    key(film, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert near(shapes(film)[0].points, (0.2, 0.5), (0.7, 0.9))


def test_a_shape_is_moved_by_its_edge_and_stays_in_the_picture(film: Program) -> None:
    begin(film, "line")
    drag(film, (0.2, 0.5), (0.8, 0.5))
    drag(film, (0.5, 0.5), (0.6, 0.4))
    assert near(shapes(film)[0].points, (0.3, 0.4), (0.9, 0.4))
    drag(film, (0.5, 0.4), (0.9, 0.1))
    assert near(shapes(film)[0].points, (0.4, 0.1), (1.0, 0.1))


def test_handles_are_as_large_as_a_finger_tip(film: Program) -> None:
    begin(film, "line")
    drag(film, (0.2, 0.5), (0.8, 0.5))
    editor, place = editor_of(film), QPointF(at(film, 0.8, 0.5))
    assert editor.hit(place + QPointF(9, 9)) == (1, "handle", 1)
    assert editor.hit(place + QPointF(GRAB + 2, GRAB)) is None
    assert 2 * GRAB >= 28


def test_hovering_shows_a_hand_and_leaves_pan_and_boxes_alone(film: Program) -> None:
    begin(film, "line")
    drag(film, (0.2, 0.5), (0.8, 0.5))
    view = view_of(film)
    QTest.mouseMove(view, at(film, 0.8, 0.5))
    assert view.cursor().shape() == Qt.CursorShape.PointingHandCursor
    QTest.mouseMove(view, at(film, 0.5, 0.5))
    assert view.cursor().shape() == Qt.CursorShape.SizeAllCursor
    QTest.mouseMove(view, at(film, 0.5, 0.9))
    assert view.cursor().shape() == Qt.CursorShape.ArrowCursor
    view.zoom_by(4, QPointF(at(film, 0.5, 0.5)))
    assert view.cursor().shape() == Qt.CursorShape.OpenHandCursor
    before = view.picture_rect()
    QTest.mousePress(view, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(view.width() // 2, 40))
    QTest.mouseMove(view, QPoint(view.width() // 2 - 50, 60))
    QTest.mouseRelease(view, LEFT)
    assert view.picture_rect() != before
    assert near(shapes(film)[0].points, (0.2, 0.5), (0.8, 0.5))


def glowing(program: Program) -> tuple[str, int] | None:
    return view_of(program)._options.hovered


def test_no_box_glows_under_a_handle_or_while_drawing(film: Program) -> None:
    walk(film, 1, (1, 512.0, 250.0))  # a box around the end of the line
    view = view_of(film)
    QTest.mouseMove(view, at(film, 0.8, 0.49))
    assert glowing(film) == ("yolov3-tiny", 0)
    begin(film, "line")
    drag(film, (0.2, 0.5), (0.8, 0.5))
    QTest.mouseMove(view, at(film, 0.8, 0.49))
    assert glowing(film) is None
    walk(film, 2, (1, 512.0, 250.0))
    assert glowing(film) is None


def test_delete_removes_and_a_double_click_on_an_edge_makes_a_corner(film: Program) -> None:
    begin(film, "zone")
    key(film, Qt.Key.Key_Return)
    QTest.mouseDClick(view_of(film), LEFT, Qt.KeyboardModifier.NoModifier, at(film, 0.5, 0.3))
    assert near(shapes(film)[0].points, (0.3, 0.3), (0.5, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))
    key(film, Qt.Key.Key_Backspace)  # the new corner is the chosen one
    assert near(shapes(film)[0].points, (0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))
    key(film, Qt.Key.Key_Delete)
    assert shapes(film) == ()
    key(film, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(shapes(film)) == 1


def test_without_the_panel_shapes_are_only_shown(film: Program, qtbot: QtBot) -> None:
    begin(film, "line")
    drag(film, (0.2, 0.5), (0.8, 0.5))
    film.window.docks.docks["counting"].hide()
    qtbot.waitUntil(lambda: not editor_of(film).active)
    drag(film, (0.8, 0.5), (0.8, 0.9))
    assert near(shapes(film)[0].points, (0.2, 0.5), (0.8, 0.5))
    marks = film.window.stage.marks()
    assert marks is not None
    assert len(marks.shapes) == 1


def test_shapes_are_kept_for_their_source(film: Program) -> None:
    begin(film, "line")
    drag(film, (0.2, 0.5), (0.8, 0.5))
    kept = shapes(film)
    film.window.controller.open(("/other.mp4",))
    film.client.push_opened("video", spec="/other.mp4", frame_count=100)
    film.tick()
    assert shapes(film) == ()
    film.window.controller.open(("/film.mp4",))
    film.client.push_opened("video", spec="/film.mp4", frame_count=100)
    film.tick()
    assert near(shapes(film)[0].points, *kept[0].points)


def test_a_picture_has_nothing_to_count(film: Program) -> None:
    film.window.controller.open(("/still.jpg",))
    film.client.push_opened("image", spec="/still.jpg")
    film.tick()
    assert not film.window.actions_.by_key["count_line"].isEnabled()
    begin(film, "line")
    assert editor_of(film).drawing is None


# --- where they are kept --------------------------------------------------------------------------------------------


def test_a_password_is_not_written_and_a_camera_is_known_by_its_identity(program: Program) -> None:
    from desktop_app.core.camera import CameraInfo
    from desktop_app.core.source import SourceInfo

    stream = SourceInfo("rtsp://user:secret@host:554/live?x=1", "network", "host", True, 1, 1)
    assert source_key(stream, ()) == "rtsp://host:554/live?x=1"
    camera = SourceInfo("camera:2", "camera", "Webcam", True, 1, 1)
    cameras = (CameraInfo(2, "usb-1.4", "Webcam"),)
    assert source_key(camera, cameras) == "camera:usb-1.4"
    assert source_key(SourceInfo("camera:usb-1.4", "camera", "Webcam", True, 1, 1), cameras) == "camera:usb-1.4"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sources": 3}', '{"sources": {"a": 3}}', "\x00"])
def test_a_damaged_file_costs_only_itself(text: str) -> None:
    counting_file().parent.mkdir(parents=True, exist_ok=True)
    counting_file().write_text(text, encoding="utf-8")
    store = CountingStore()
    assert store.of("a") == ()
    store.keep("a", [Shape(1, "line", "Door", ((0.1, 0.2), (0.3, 0.4)))])
    assert CountingStore().of("a") == (Shape(1, "line", "Door", ((0.1, 0.2), (0.3, 0.4))),)


def test_bad_shapes_are_left_out() -> None:
    counting_file().parent.mkdir(parents=True, exist_ok=True)
    counting_file().write_text(
        '{"sources": {"a": [{"kind": "line", "name": "ok", "points": [[0, 0], [1, 1]]},'
        '{"kind": "line", "name": "one point", "points": [[0, 0]]}, {"kind": "circle", "name": "", "points": []},'
        '{"kind": "line", "name": "outside", "points": [[0, 0], [2, 1]]}, 7,'
        '{"kind": "line", "name": "nan", "points": [[0, NaN], [1, 1]]}]}}',
        encoding="utf-8",
    )
    assert [shape.name for shape in CountingStore().of("a")] == ["ok"]


def test_a_folder_that_cannot_be_written_is_told_and_the_shape_stays(film: Program, tmp_path: Path) -> None:
    counting_file().mkdir(parents=True)  # a folder in its place
    begin(film, "line")
    drag(film, (0.2, 0.5), (0.8, 0.5))
    assert len(shapes(film)) == 1
    assert any("could not be written" in title for title in film.toast_titles())


def test_shapes_turn_with_the_picture_and_are_kept_as_the_source_gives_it(film: Program) -> None:
    begin(film, "line")
    drag(film, (0.2, 0.5), (0.8, 0.6))
    original = shapes(film)[0].points
    film.window.preferences.change(rotation=90)
    (a, b) = shapes(film)[0].points
    assert near((a, b), (1 - original[0][1], original[0][0]), (1 - original[1][1], original[1][0]))
    film.controller.counting.rename(1, "Door")
    assert near(CountingStore().of("/film.mp4")[0].points, *original)
    film.window.preferences.change(rotation=0)
    assert near(shapes(film)[0].points, *original)
