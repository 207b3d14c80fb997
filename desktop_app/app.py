"""Starts the window: an empty frame on the screen first, then the recogniser's process, then what fills the frame."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from desktop_app.logs import start_logging, stop_logging
from desktop_app.settings import load_settings

if TYPE_CHECKING:
    from desktop_app.gui.main_window import MainWindow
    from desktop_app.recogniser.client import Client

log = logging.getLogger(__name__)

FIRST_PAINT_MS = 500
"""The frame is filled after so long, painted or not."""


class _Surprises(QObject):
    """Exceptions that nobody caught, from any thread: logged, and told to the window. No widget is opened here."""

    caught = Signal(object)

    def install(self) -> Callable[[], None]:
        """Returns what takes the hooks away again."""
        before = sys.excepthook, threading.excepthook
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

        def restore() -> None:
            sys.excepthook, threading.excepthook = before

        return restore

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QTimer.singleShot(0, QApplication.quit)
            return
        from desktop_app.recogniser.messages import Failure

        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("unexpected: %s", text)
        self.caught.emit(Failure(f"{kind.__name__}: {error}", text))


def create_app(argv_sources: Sequence[str] = (), client: Client | None = None) -> tuple[QApplication, MainWindow]:
    """The application and its window, shown and connected to a started recogniser. `argv_sources` are opened."""
    app, window, dropped = _frame()
    _fill(window, client, tuple(argv_sources), dropped)
    window.show()
    return app, window


def _frame() -> tuple[QApplication, MainWindow, list[str]]:
    """The empty window, and a sentence for each setting that had no usable value."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("Regard")
    app.setDesktopFileName("org.regard.Regard")
    settings, dropped = load_settings()

    from desktop_app.gui.main_window import MainWindow
    from desktop_app.gui.preferences import Preferences
    from desktop_app.gui.texts import change_language
    from desktop_app.gui.theme import theme

    change_language(settings.language)
    theme().apply(app, settings.theme, settings.ui_scale)
    window = MainWindow(Preferences(settings))
    return app, window, dropped


def _fill(window: MainWindow, client: Client | None, sources: tuple[str, ...], dropped: list[str]) -> None:
    """Starts the recogniser, and builds the inside of the window while that starts."""
    if client is None:
        from desktop_app.recogniser.client import RecogniserClient

        client = RecogniserClient()
    client.start()
    window.fill(client)
    window.begin(sources)
    for sentence in dropped:
        window.notifier.error(sentence, kind="warning")


def run(sources: Sequence[str] = ()) -> int:
    """The program with a window, until it is closed. Exit status: 0, also when a first window took the sources."""
    from desktop_app.gui.single_instance import Listener, hand_over

    handler = start_logging()
    app = QApplication(sys.argv[:1])
    specs = tuple(_absolute(source) for source in sources)
    if hand_over(specs):
        return 0
    surprises = _Surprises()
    restore = surprises.install()
    app, window, dropped = _frame()
    listeners: list[Listener] = []

    def fill() -> None:
        if window.filled or not window.isVisible():
            return
        _fill(window, None, specs, dropped)
        surprises.caught.connect(window.notifier.bug, Qt.ConnectionType.QueuedConnection)
        listeners.append(Listener(window.raise_and_open, window))

    # When the frame is on the screen; a window that is started minimised is never painted.
    window.painted.connect(fill, Qt.ConnectionType.QueuedConnection)
    QTimer.singleShot(FIRST_PAINT_MS, window, fill)
    window.show()
    for name in ("SIGINT", "SIGTERM"):
        # Python runs it between two steps of the window's timer.
        signal.signal(getattr(signal, name), lambda *_: QTimer.singleShot(0, window.close))
    try:
        return app.exec()
    finally:
        for listener in listeners:
            listener.close()
        if window.filled:
            window.controller.stop()
        restore()
        stop_logging(handler)


def _absolute(source: str) -> str:
    """A path as the other process, with another working folder, finds it."""
    path = Path(source)
    return str(path.absolute()) if path.exists() else source
