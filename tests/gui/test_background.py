"""Answers of threads, and owners that are gone before they come."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from desktop_app.gui.background import in_background


def test_the_answer_comes_in_the_windows_thread(qtbot: QtBot) -> None:
    owner = QObject()
    answers: list[tuple[int, int]] = []
    here = threading.get_ident()
    in_background(threading.get_ident, lambda there: answers.append((there, threading.get_ident())), owner)
    qtbot.waitUntil(lambda: bool(answers))
    there, came = answers[0]
    assert there != here
    assert came == here


def test_an_owner_that_is_gone_hears_nothing(qtbot: QtBot) -> None:
    parent, go = QObject(), threading.Event()
    heard: list[object] = []
    last: list[object] = []
    for _ in range(50):
        owner = QObject(parent)
        in_background(go.wait, heard.append, owner)
    stays = QObject()
    del parent, owner  # its children go with it
    go.set()
    in_background(lambda: 1, last.append, stays)
    qtbot.waitUntil(lambda: last == [1])
    QThread.yieldCurrentThread()
    assert not heard
