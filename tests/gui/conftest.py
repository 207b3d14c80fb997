from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.app import create_app
from desktop_app.gui import texts
from desktop_app.gui.main_window import MainWindow
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.recogniser import messages as m
from tests.gui.fake_client import FakeClient


@dataclass
class Program:
    """The window with a stand-in for the recogniser. `tick` lets it hear what was pushed."""

    window: MainWindow
    client: FakeClient

    @property
    def controller(self) -> PipelineController:
        return self.window.controller

    def tick(self) -> None:
        self.controller.tick()

    def show_demo(self) -> None:
        """A running detector on a live source."""
        self.client.push_loaded()
        self.window.commands.open_demo()
        self.client.push_opened("demo")
        self.tick()

    def toast_titles(self) -> list[str]:
        return [toast.title for toast in self.window.toasts.toasts]


@pytest.fixture
def make_program(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[..., Program]]:
    made: list[Program] = []

    def make(*sources: str) -> Program:
        client = FakeClient()
        _, window = create_app(sources, client)
        made.append(Program(window, client))
        # The timer would hear what a test pushes before the test says so.
        window.controller._clock.stop()
        qtbot.waitExposed(window)
        return made[-1]

    yield make
    for program in made:
        program.window.close()
        qtbot.waitUntil(partial(getattr, program.client, "stopped"))
        program.window.deleteLater()
    # What Python made and left there would crash the interpreter's end, where there is no display.
    QGuiApplication.clipboard().clear()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    texts.change_language("en")


@pytest.fixture
def program(make_program: Callable[..., Program]) -> Program:
    made = make_program()
    made.client.push(m.ModelStates(("efficientnet-lite0", "yolov3-tiny")))
    made.tick()
    return made
