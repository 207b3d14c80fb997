"""Opens and closes the pixel inspector: panel, tool on the picture, and the line of the menu go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from desktop_app.gui.session import Session

if TYPE_CHECKING:
    from desktop_app.gui.explain_page import ExplainPage
    from desktop_app.gui.inspector_tool import InspectorTool
    from desktop_app.gui.main_window import MainWindow


def follow_inspector(session: Session, window: MainWindow) -> None:
    state = session.controller.inspector
    dock = window.docks.docks["inspector"]
    made: list[InspectorTool] = []

    def toggled() -> None:
        if state.on and not made:
            from desktop_app.gui.inspector_copy import copy_numpy
            from desktop_app.gui.inspector_tool import InspectorTool

            view, editor = window.stage.video, window.stage.shapes.editor
            made.append(InspectorTool(view, state, lambda: editor.drawing is not None, lambda: copy_numpy(session)))
        if state.on:
            window.show_panel("inspector")
            if window.isFullScreen():
                window.docks.hide([dock])  # it is there when full screen ends
            window.stage.video.setFocus()
        else:
            window.docks.bring_back([dock])
            dock.hide()
        window.actions_.refresh()

    def page_changed() -> None:
        """A view beside the picture has more to say in the results."""
        if state.on and not window.isFullScreen():
            window.docks.docks["results" if window.stage.view_shown else "inspector"].raise_()

    state.toggled.connect(toggled)
    window.stage.page_changed.connect(page_changed)
    window.actions_.checks["inspect"] = lambda: state.on if (page := steps_page(window)) is None else page.steps_shown
    window.actions_.checks["steps"] = lambda: (page := steps_page(window)) is not None and page.steps_shown
    # By the menu of panels, not where full screen hides it for a while.
    dock.toggleViewAction().triggered.connect(lambda shown: state.set_on(shown and session.controller.alive))


def steps_page(window: MainWindow) -> ExplainPage | None:
    """The page that shows the way into the network, where it is in front: there the inspector means tensors."""
    stage = window.stage
    return cast("ExplainPage", stage.views["explain"]) if stage.explain_shown else None


def inspect(window: MainWindow, session: Session) -> None:
    """The pixels of the picture; beside the layers of a network, its input step by step. And back."""
    page = steps_page(window)
    if page is not None:
        page.toggle_steps()
    elif window.stage.view_shown:  # another view, which hides the picture
        window.stage.toggle_view(window.stage.view_shown)
        session.controller.inspector.set_on(True)
    else:
        session.controller.inspector.set_on(not session.controller.inspector.on)


def show_steps(window: MainWindow) -> None:
    """From anywhere to the input of the network step by step, and back to the picture."""
    stage = window.stage
    shown = stage.explain_shown
    if not shown:
        stage.toggle_view("explain")
    page = steps_page(window)
    if page is None:
        return
    if not page.steps_shown:
        page.toggle_steps()
    elif shown:
        stage.toggle_view("explain")
