from __future__ import annotations

import io
import logging
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import _fill, _frame, _Surprises
from desktop_app.gui.main_window import MainWindow
from desktop_app.gui.single_instance import Listener, hand_over
from desktop_app.logs import log_file, scrub, start_logging, stop_logging
from tests.gui.conftest import Program
from tests.gui.fake_client import FakeClient


def test_a_second_start_hands_its_sources_to_the_first(qapp: QApplication, qtbot: QtBot) -> None:
    assert not hand_over(["a.jpg"])
    opened: list[tuple[str, ...]] = []
    listener = Listener(opened.append)
    code = (
        "import sys\nfrom desktop_app.gui.single_instance import hand_over\nsys.exit(0 if hand_over(['b.jpg']) else 9)"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as second:
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)
    assert second.returncode == 0
    assert opened == [("b.jpg",)]
    listener.close()


def test_a_name_left_by_a_killed_first_is_freed(qapp: QApplication, qtbot: QtBot) -> None:
    code = (
        "import os, signal\nfrom PySide6.QtCore import QCoreApplication\napp = QCoreApplication([])\n"
        "from desktop_app.gui.single_instance import Listener\nlistener = Listener(print)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert not hand_over([])
    listener = Listener(lambda specs: None)
    assert listener._server.isListening()
    listener.close()


@pytest.mark.logs_warnings
def test_surprises_are_told_and_nothing_opens(qapp: QApplication, qtbot: QtBot) -> None:
    surprises = _Surprises()
    restore = surprises.install()
    try:
        with qtbot.waitSignal(surprises.caught) as caught:
            sys.excepthook(ValueError, ValueError("boom"), None)
        assert caught.args is not None
        assert caught.args[0].message == "ValueError: boom"

        def fail() -> None:
            raise KeyError("in a thread")

        with qtbot.waitSignal(surprises.caught) as caught:
            thread = threading.Thread(target=fail)
            thread.start()
            thread.join()
        assert caught.args is not None
        assert "in a thread" in caught.args[0].traceback
    finally:
        restore()


def test_the_log_holds_no_home_and_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    handler = start_logging()
    logging.getLogger("desktop_app.test").info("open rtsp://me:hush@cam/live")
    stop_logging(handler)
    text = log_file().read_text(encoding="utf-8")
    assert "rtsp://…@cam/live" in text
    assert "hush" not in text


def test_scrub_knows_only_addresses() -> None:
    assert scrub("mail me@example.org") == "mail me@example.org"
    assert scrub("http://a:b@c/d") == "http://…@c/d"
    assert io.StringIO(scrub("x")).read() == "x"


def _shown_then_filled(qtbot: QtBot) -> MainWindow:
    """As the program starts: the frame is on the screen before anything is in it."""
    _, window, dropped = _frame()
    with qtbot.waitSignal(window.painted):
        window.show()
    assert not window.filled
    _fill(window, FakeClient(), (), dropped)
    qtbot.waitUntil(lambda: window.docks.docks["results"].width() > 100)
    return window


def _close(window: MainWindow, qtbot: QtBot) -> None:
    window.close()
    qtbot.waitUntil(lambda: not window.controller._clock._idle.isActive())


def test_docks_that_come_after_the_frame_are_as_they_were(qapp: QApplication, qtbot: QtBot) -> None:
    first = _shown_then_filled(qtbot)
    assert first.docks.docks["input"].isVisible()
    first.docks.docks["thresholds"].hide()
    _close(first, qtbot)
    second = _shown_then_filled(qtbot)
    assert second.docks.docks["thresholds"].isHidden()
    assert second.docks.docks["input"].isVisible()
    assert second.docks.docks["results"].isVisible()
    _close(second, qtbot)


def test_docks_in_a_frame_that_is_shown_are_as_wide_as_in_one_that_is_not(
    qapp: QApplication, qtbot: QtBot, make_program: Callable[..., Program]
) -> None:
    before = make_program().window
    after = _shown_then_filled(qtbot)
    for window in (before, after):
        window.resize(1500, 900)
    qtbot.waitUntil(lambda: before.stage.width() > 800 and after.stage.width() == before.stage.width())
    for key, dock in before.docks.docks.items():
        assert after.docks.docks[key].width() == dock.width()
    _close(after, qtbot)


def test_the_left_docks_leave_room_for_the_stage(qapp: QApplication, qtbot: QtBot) -> None:
    window = _shown_then_filled(qtbot)
    assert 230 <= window.docks.docks["model"].width() <= 290
    _close(window, qtbot)


def test_a_frame_that_is_closed_before_it_is_filled_keeps_the_layout(qapp: QApplication, qtbot: QtBot) -> None:
    first = _shown_then_filled(qtbot)
    first.docks.docks["thresholds"].hide()
    _close(first, qtbot)
    _, empty, _ = _frame()
    empty.show()
    empty.close()
    second = _shown_then_filled(qtbot)
    assert second.docks.docks["thresholds"].isHidden()
    _close(second, qtbot)
