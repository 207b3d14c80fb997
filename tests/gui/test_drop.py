from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.gui.address_dialog import AddressDialog
from desktop_app.gui.drop import Kind, offer_of, offer_of_paths, offer_of_text, save_picture
from desktop_app.gui.import_dialog import ImportDialog
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jpg", b"", "picture"),
        ("a.MP4", b"", "video"),
        ("a.onnx", b"", "model"),
        ("a.pt", b"", "model"),
        ("photo", b"\xff\xd8\xff\xe0", "picture"),
        ("photo.dat", b"\x89PNG\r\n", "picture"),
        ("clip", b"\0\0\0\x20ftypisom", "video"),
        ("notes.txt", b"hello", "file"),
        ("a.HEIC", b"", "picture"),
        ("telephone", b"\0\0\0\x18ftypheic", "picture"),
    ],
)
def test_kinds_come_from_name_or_content(tmp_path: Path, name: str, content: bytes, kind: Kind) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert offer_of_paths([str(path)]).kind == kind


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert offer_of_paths([str(tmp_path / "pipe")]).kind == "file"


def test_several_pictures_are_a_batch_and_a_model_among_them_is_imported(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("a.jpg", "b.png", "c.onnx")]
    offer = offer_of_paths(paths)
    assert (offer.kind, offer.specs, offer.models) == ("pictures", tuple(paths[:2]), (paths[2],))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("rtsp://camera.example/live", "address"),
        ("  https://example.org/stream.mjpg\n", "address"),
        ("concat:a|b", "nothing"),
        ("file:///etc/nothing-there", "nothing"),
        ("just words", "nothing"),
        ("", "nothing"),
        ("camera:0", "file"),
    ],
)
def test_only_known_addresses_are_taken_from_text(text: str, kind: Kind) -> None:
    assert offer_of_text(text).kind == kind


def test_a_pasted_picture_becomes_a_file(qapp: QApplication) -> None:
    picture = QImage(30, 20, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    first, second = save_picture(picture), save_picture(picture)
    assert first is not None
    assert first != second
    assert QImage(str(first)).size() == picture.size()


def _drop(program: Program, mime: QMimeData, qtbot: QtBot) -> None:
    at, none = QPointF(300, 300), Qt.KeyboardModifier.NoModifier
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(at.toPoint(), copy, mime, left, none)
    QApplication.sendEvent(program.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(program.window, QDropEvent(at, copy, mime, left, none))
    qtbot.wait(1)


def _files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_a_dropped_picture_is_opened_and_remembered(program: Program, bus: Path, qtbot: QtBot) -> None:
    _drop(program, _files(bus), qtbot)
    assert program.client.last(m.OpenSource).specs == (str(bus),)
    program.client.push_opened("image", spec=str(bus), title="bus.jpg")
    program.tick()
    assert program.window.preferences.values.recent_sources == (str(bus),)


def test_what_cannot_be_opened_is_told_each_time_and_not_remembered(
    program: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "bad.mp4"
    path.write_bytes(b"no video")
    for _ in range(2):
        _drop(program, _files(path), qtbot)
        request = program.client.last(m.OpenSource).request
        program.client.push(m.SourceState(request, "failed", "bad.mp4 is no video.", "Take another."))
        program.tick()
        assert program.toast_titles() == ["bad.mp4 is no video."]
        program.window.toasts.clear()
    assert program.window.preferences.values.recent_sources == ()


def test_dropped_pictures_open_the_batch(program: Program, bus: Path, zidane: Path, qtbot: QtBot) -> None:
    _drop(program, _files(bus, zidane), qtbot)
    assert program.client.last(m.OpenSource).specs == (str(bus), str(zidane))


def test_a_dropped_model_asks_first(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    model = tmp_path / "mine.onnx"
    model.write_bytes(b"x")
    _drop(program, _files(model), qtbot)
    assert not program.client.sent(m.ImportModel)
    dialog = program.window.findChild(ImportDialog)
    assert dialog is not None
    dialog.accept()
    assert program.client.last(m.ImportModel).path == str(model)


def test_a_drop_of_nothing_useful_says_what_can_be_dropped(program: Program, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setText("just words")
    _drop(program, mime, qtbot)
    assert not program.client.sent(m.OpenSource)
    assert program.toast_titles() == ["Nothing here that Regard can open"]


def test_the_stage_says_what_a_drop_will_do(program: Program, bus: Path) -> None:
    offer = offer_of(_files(bus))
    assert offer.hint() == "Drop to recognise this picture"
    program.window.stage.set_drop_hint(offer.hint())
    assert program.window.stage.start._veil.isVisible()
    program.window.stage.set_drop_hint(None)
    assert not program.window.stage.start._veil.isVisible()


def test_paste_opens_an_address(program: Program) -> None:
    QGuiApplication.clipboard().setText("http://127.0.0.1:9/stream")
    program.window.actions_.by_key["paste"].trigger()
    assert program.client.last(m.OpenSource).specs == ("http://127.0.0.1:9/stream",)


def test_paste_opens_a_picture(program: Program) -> None:
    picture = QImage(16, 16, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.blue)
    QGuiApplication.clipboard().setImage(picture)
    program.window.actions_.by_key["paste"].trigger()
    (path,) = program.client.last(m.OpenSource).specs
    assert Path(path).is_file()
    assert program.window.preferences.values.recent_sources == ()


def test_an_address_that_cannot_be_one_is_refused_in_the_dialog(program: Program) -> None:
    program.window.commands.open_address()
    dialog = program.window.findChild(AddressDialog)
    assert dialog is not None
    dialog.line.setText("gopher://x")
    dialog._open()
    assert dialog.isVisible()
    dialog.line.setText("rtsp://127.0.0.1/live")
    dialog._open()
    assert program.client.last(m.OpenSource).specs == ("rtsp://127.0.0.1/live",)


def test_of_many_files_none_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_dir", lambda _: pytest.fail("a file was looked at"))
    offer = offer_of_paths([str(tmp_path / f"{number}.jpg") for number in range(20_000)] + [str(tmp_path / "m.onnx")])
    assert (offer.kind, len(offer.specs), len(offer.models)) == ("pictures", 20_000, 1)
