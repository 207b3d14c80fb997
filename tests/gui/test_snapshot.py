"""Snapshots, and what is copied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import Restarting
from desktop_app.render.annotate import annotate
from desktop_app.render.qimage import from_qimage
from tests.gui.conftest import Program
from tests.gui.fake_client import COCO, detections, frame, result

BOX = (10.0, 20.0, 200.0, 310.0, 0.9, 0)


def saved(program: Program, qtbot: QtBot, tmp_path: Path, count: int = 1, suffix: str = ".png") -> Path:
    """The newest of so many snapshots, once it is told."""

    def found() -> list[Path]:
        return sorted((tmp_path / "pictures").glob(f"*{suffix}"), key=lambda path: path.stat().st_mtime_ns)

    qtbot.waitUntil(lambda: "Snapshot saved" in program.toast_titles() and len(found()) == count, timeout=10_000)
    qtbot.waitUntil(lambda: all(path.stat().st_size for path in found()), timeout=10_000)
    return found()[-1]


def show_a_box(program: Program) -> None:
    program.show_demo()
    program.client.frame = frame(7, 640, 480)
    program.client.push_result(result(detections(BOX)))
    program.tick()


def test_a_snapshot_is_as_large_as_the_frame_and_never_overwrites(
    program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    program.show_demo()
    program.client.frame = frame(0, 640, 480)
    program.client.push_result(result(detections(BOX)))
    program.tick()
    for count in (1, 2):
        program.window.actions_.by_key["snapshot"].trigger()
        saved(program, qtbot, tmp_path, count)
    files = sorted((tmp_path / "pictures").glob("*.png"))
    assert len(files) == 2
    picture = QImage(str(files[0]))
    assert (picture.width(), picture.height()) == (640, 480)
    colours = {picture.pixelColor(x, 150).name() for x in range(640)}
    assert len(colours) > 2  # the box is drawn
    program.window.preferences.change(snapshot_overlay=False)
    program.window.actions_.by_key["snapshot"].trigger()
    saved(program, qtbot, tmp_path, 3)
    plain = QImage(str(next(p for p in (tmp_path / "pictures").glob("*.png") if p not in files)))
    assert {plain.pixelColor(x, 150).name() for x in range(640)} == {"#5a5a5a"}


def test_a_snapshot_is_of_the_frame_that_was_on_the_screen_however_small_it_was(
    program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    """The whole frame comes later, when other frames and results are on the screen."""
    program.show_demo()
    seen = result(detections(BOX))
    program.client.frame = frame(7, 640, 480, shrunk=2)
    program.client.push_result(seen)
    program.tick()
    program.window.actions_.by_key["snapshot"].trigger()
    asked = program.client.last(m.GetFrame).number
    assert program.controller.frame is not None
    assert asked == program.controller.frame.number
    program.client.frame = frame(8, 640, 480, shrunk=2)
    program.client.push_result(result(detections((300.0, 300.0, 400.0, 400.0, 0.9, 2)), 8))
    program.tick()
    bgr = np.random.default_rng(3).integers(0, 255, (480, 640, 3), np.uint8)
    program.client.push(m.WholeFrame(asked, bgr.tobytes(), (480, 640)))
    program.tick()
    picture = QImage(str(saved(program, qtbot, tmp_path)))
    options = program.window.overlay_options()
    names = {"yolov3-tiny": COCO}
    np.testing.assert_array_equal(from_qimage(picture), annotate(bgr, [seen], names, options))


@pytest.mark.parametrize("death", [True, False])
def test_without_the_whole_frame_a_snapshot_says_that_it_is_smaller(
    program: Program, qtbot: QtBot, tmp_path: Path, death: bool
) -> None:
    program.show_demo()
    program.client.frame = frame(7, 640, 480, shrunk=2)
    program.client.push_result(result(detections(BOX)))
    program.tick()
    program.window.actions_.by_key["snapshot"].trigger()
    assert program.toast_titles() == []
    program.client.push(Restarting("killed") if death else m.WholeFrame(program.client.last(m.GetFrame).number))
    program.tick()
    picture = QImage(str(saved(program, qtbot, tmp_path)))
    assert (picture.width(), picture.height()) == (320, 240)
    assert len({picture.pixelColor(x, 75).name() for x in range(320)}) > 2  # the box is where it was
    toast = next(toast for toast in program.window.toasts.toasts if toast.title == "Snapshot saved")
    assert "320×240" in toast.detail
    assert "as large as it was on the screen" in toast.detail


def test_a_snapshot_that_cannot_be_written_says_so(program: Program, tmp_path: Path) -> None:
    program.show_demo()
    program.client.frame = frame(0)
    program.tick()
    blocked = tmp_path / "file"
    blocked.write_text("x")
    program.window.preferences.change(snapshot_folder=str(blocked))
    program.window.actions_.by_key["snapshot"].trigger()
    assert len(program.toast_titles()) == 1
    assert str(blocked) in program.toast_titles()[0]


def test_results_are_copied_as_text(program: Program) -> None:
    program.show_demo()
    program.client.frame = frame(0)
    program.client.push_result(result(detections(BOX)))
    program.tick()
    program.window.actions_.by_key["copy_results"].trigger()
    assert QGuiApplication.clipboard().text() == "yolov3-tiny\nperson\t0.90\t190×290\n"


@pytest.mark.parametrize(("kind", "suffix"), [("png", ".png"), ("jpeg", ".jpg"), ("webp", ".webp")])
def test_a_snapshot_says_which_model_when_and_with_which_settings(
    program: Program, qtbot: QtBot, tmp_path: Path, kind: str, suffix: str
) -> None:
    program.window.preferences.change(snapshot_format=kind, confidence=0.4)
    show_a_box(program)
    program.window.actions_.by_key["snapshot"].trigger()
    with Image.open(saved(program, qtbot, tmp_path, suffix=suffix)) as picture:
        assert picture.format == kind.upper()
        assert picture.size == (640, 480)
        exif = picture.getexif()
        facts: dict[str, Any] = json.loads(exif.get_ifd(0x8769)[0x9286].removeprefix(b"ASCII\0\0\0"))
        assert exif[0x0131].startswith("Regard ")
        assert exif[0x010E] == "Demo (yolov3-tiny)"
        assert exif[0x0132] == exif.get_ifd(0x8769)[0x9003]
        if kind == "png":
            assert json.loads(picture.info["Regard"]) == facts
    assert facts["models"] == [
        {"model": "yolov3-tiny", "engine": "openvino", "device": "CPU", "precision": "fp32", "input": [0, 0]}
    ]
    assert facts["settings"]["confidence"] == 0.4
    assert facts["frame"] == 7
    assert facts["time"][:10].count("-") == 2


def test_no_password_is_in_a_snapshot(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    program.client.push_loaded()
    program.window.commands.open(("rtsp://me:secret@camera/1",))
    program.client.push_opened("network", spec="rtsp://me:secret@camera/1", title="rtsp://camera/1")
    program.client.frame = frame(0)
    program.tick()
    program.window.actions_.by_key["snapshot"].trigger()
    path = saved(program, qtbot, tmp_path)
    assert "secret" not in path.name
    assert b"secret" not in path.read_bytes()


def test_ctrl_c_copies_the_picture_with_what_is_drawn_over_it(program: Program) -> None:
    show_a_box(program)
    program.window.stage.video.setFocus()
    QTest.keyClick(program.window.stage.video, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (640, 480)
    assert len({copied.pixelColor(x, 150).name() for x in range(640)}) > 2


def test_ctrl_c_among_the_results_copies_them_as_text(program: Program) -> None:
    show_a_box(program)
    table = program.window.results.sections["yolov3-tiny"].table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("yolov3-tiny\nperson\t")
