"""The panels round the picture. A new one is a file here and a line in `PANELS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop_app.gui.commands import Commands
from desktop_app.gui.made_when_shown import MadeWhenShown
from desktop_app.gui.panels.find import FindPanel
from desktop_app.gui.panels.input import InputPanel
from desktop_app.gui.panels.model import ModelPanel
from desktop_app.gui.panels.results import ResultsPanel
from desktop_app.gui.panels.thresholds import ThresholdsPanel
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import PanelTitle
from desktop_app.i18n import tr

LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea


@dataclass(frozen=True, slots=True)
class Panel:
    """`build` makes its content; the content writes its own title. `tab_of`: hidden until it is wanted, and then a tab
    of this panel."""

    key: str
    text: Callable[[], str]
    area: Qt.DockWidgetArea
    build: Callable[[Session, Commands, PanelTitle], QWidget]
    tab_of: str = ""


def _counting(session: Session, commands: Commands, title: PanelTitle) -> QWidget:
    def make() -> QWidget:
        from desktop_app.gui.panels.counting import CountingPanel

        return CountingPanel(session, commands, title)

    return MadeWhenShown(make)


def _stress(session: Session, commands: Commands, title: PanelTitle) -> QWidget:
    def make() -> QWidget:
        from desktop_app.gui.panels.stress import StressPanel

        return StressPanel(session, commands, title)

    return MadeWhenShown(make)


def _inspector(session: Session, commands: Commands, title: PanelTitle) -> QWidget:
    def make() -> QWidget:
        from desktop_app.gui.inspector_panel import InspectorPanel

        return InspectorPanel(session, commands, title)

    return MadeWhenShown(make)


PANELS: tuple[Panel, ...] = (
    Panel("input", lambda: tr("Input"), LEFT, InputPanel),
    Panel("model", lambda: tr("Model"), LEFT, ModelPanel),
    Panel("thresholds", lambda: tr("Thresholds"), LEFT, ThresholdsPanel),
    Panel("results", lambda: tr("Results"), RIGHT, ResultsPanel),
    Panel("counting", lambda: tr("Counting"), RIGHT, _counting, tab_of="results"),
    Panel("stress", lambda: tr("Stress test"), RIGHT, _stress, tab_of="results"),
    Panel("inspector", lambda: tr("Inspector"), RIGHT, _inspector, tab_of="results"),
    Panel("find", lambda: tr("Find in the video"), RIGHT, FindPanel, tab_of="results"),
)
