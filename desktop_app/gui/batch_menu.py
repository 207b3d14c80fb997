"""What can be done with the selected pictures of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QFileInfo, QMimeData, QProcess, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.i18n import tr


def url_of(path: str) -> QUrl:
    """`path`: a path or a `file:` address."""
    return QUrl(path) if path.startswith("file://") else QUrl.fromLocalFile(path)


def copy_paths(paths: Sequence[str]) -> None:
    """As text and as files, so that they can be pasted into an editor and into a folder."""
    mime = QMimeData()
    mime.setText("\n".join(paths))
    mime.setUrls([url_of(path) for path in paths])
    QGuiApplication.clipboard().setMimeData(mime)


def show_in_folder(path: str) -> None:
    """The file is selected where the system's file manager can do that."""
    url = url_of(path)
    local = url.toLocalFile()
    system = QGuiApplication.platformName()
    if system == "windows":
        QProcess.startDetached("explorer", ["/select,", local.replace("/", "\\")])
    elif system == "cocoa":
        QProcess.startDetached("open", ["-R", local])
    else:
        QDesktopServices.openUrl(QUrl.fromLocalFile(QFileInfo(local).absolutePath()))


def picture_menu(
    parent: QWidget,
    paths: Sequence[str],
    open_large: Callable[[], None],
    open_alone: Callable[[str], None],
    export: Callable[[], None] | None,
    anew: Callable[[], None] | None,
    select_all: Callable[[], None],
) -> QMenu:
    """`paths`: what is selected, the current one first. What cannot be done is shown and disabled."""
    menu = QMenu(parent)
    one = bool(paths)

    def add(text: str, run: Callable[[], None] | None, *, enabled: bool) -> None:
        action = menu.addAction(text)
        action.setEnabled(enabled and run is not None)
        if run is not None:
            action.triggered.connect(lambda: run())  # noqa: PLW0108  (without "checked")

    add(tr("Open"), open_large, enabled=one)
    add(tr("Open by itself"), lambda: open_alone(paths[0]), enabled=one)
    add(tr("Show in folder"), lambda: show_in_folder(paths[0]), enabled=one)
    copy = tr("Copy path") if len(paths) < 2 else tr("Copy {count} paths", count=len(paths))
    add(copy, lambda: copy_paths(paths), enabled=one)
    menu.addSeparator()
    add(tr("Export selection…"), export, enabled=one)
    add(tr("Select all"), select_all, enabled=True)
    menu.addSeparator()
    add(tr("Recognise all anew"), anew, enabled=True)
    return menu
