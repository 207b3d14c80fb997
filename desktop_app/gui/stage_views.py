"""Views that take the place of the picture until it is wanted again. Each is made, and imported, when it is first asked
for, and does nothing while it is hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from desktop_app.gui.session import Session
    from desktop_app.gui.stage import Stage


def _explain(stage: Stage, session: Session) -> QWidget:
    from desktop_app.gui.explain_page import ExplainPage

    page = ExplainPage(session)
    page.set_scale(stage.overlay_options().scale)
    page.steps_toggled.connect(stage.page_changed)
    return page


def _compare(stage: Stage, session: Session) -> QWidget:
    from desktop_app.gui.compare_page import ComparePage

    page = ComparePage(session, stage.overlay_options)
    page.left_wanted.connect(lambda: stage.toggle_view("compare"))
    return page


def _teach(stage: Stage, session: Session) -> QWidget:
    from desktop_app.gui.teach_page import TeachPage

    page = TeachPage(session, stage.overlay_options)
    page.set_scale(stage.overlay_options().scale)
    return page


VIEWS: dict[str, Callable[[Stage, Session], QWidget]] = {"explain": _explain, "compare": _compare, "teach": _teach}

WHOLE_WIDTH = frozenset({"compare", "teach"})
"""Those that take the room of the results too."""
WITHOUT_PICTURE = frozenset({"teach"})
"""Those that are of use without an input too."""
