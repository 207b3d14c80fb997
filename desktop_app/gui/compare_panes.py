"""The panes of a comparison: in a grid, or two of them over one picture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.core.comparing import Side
from desktop_app.gui.compare_choices import Choice
from desktop_app.gui.compare_grid import PaneGrid
from desktop_app.gui.compare_list import CompareList
from desktop_app.gui.compare_painting import arranged, fit_in
from desktop_app.gui.compare_pane import ComparePane, PaneHeader, PaneStatus
from desktop_app.gui.compare_split import SplitView
from desktop_app.gui.compare_state import CompareState, Shot, SideState
from desktop_app.gui.compare_view import CompareView, Lens, Look
from desktop_app.gui.pipeline_controller import PipelineController

Known = tuple[Choice, Side, SideState]


class SplitPane(QWidget):
    """Two headers over one view."""

    def __init__(self, controller: PipelineController, models: CompareList, lens: Lens, look: Look) -> None:
        super().__init__()
        self._controller = controller
        self.headers = (PaneHeader(controller), PaneHeader(controller))
        self.view, self.status = SplitView(lens, look), PaneStatus()
        heads = QHBoxLayout()
        for place, header in enumerate(self.headers):
            header.chosen.connect(partial(models.replace, place))
            heads.addWidget(header, 1)
        self._body = QStackedWidget()
        self._body.addWidget(self.view)
        self._body.addWidget(self.status)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(heads)
        column.addWidget(self._body, 1)

    def show_sides(self, known: Sequence[Known], fixed: bool) -> None:
        for place, (choice, _, state) in enumerate(known):
            self.headers[place].show_side(place, choice, state, removable=False, fixed=fixed)
        unready = [(side, state) for _, side, state in known if state.stage != "ready"]
        # One that failed first: the others only take their time.
        unready.sort(key=lambda each: each[1].stage != "failed")
        self._body.setCurrentWidget(self.status if unready else self.view)
        if unready:
            self.status.show_state(unready[0][0], unready[0][1], self._controller)


class ComparePanes(QStackedWidget):
    """All views show parts of one shot."""

    def __init__(
        self, controller: PipelineController, models: CompareList, state: CompareState, lens: Lens, look: Look
    ) -> None:
        super().__init__()
        self._controller, self._models, self._state = controller, models, state
        self._lens, self._look = lens, look
        self.panes: list[ComparePane] = []
        self.grid = PaneGrid(self._fit)
        self.split = SplitPane(controller, models, lens, look)
        self.split.status.again.connect(state.again)
        self.addWidget(self.grid)
        self.addWidget(self.split)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # its own while no picture can have it
        self._shot: Shot | None = None
        self._count = 0

    @property
    def is_split(self) -> bool:
        return self.currentWidget() is self.split

    def views(self) -> list[CompareView]:
        """Those that are in use."""
        return [self.split.view] if self.is_split else [pane.view for pane in self.panes[: self._count]]

    def show_sides(self, known: Sequence[Known], view: str, *, fixed: bool) -> None:
        """`view`: "beside" or "split", which two models can have. `fixed`: they cannot be changed now."""
        self._count = len(known)
        while len(self.panes) < len(known):
            self.panes.append(self._made(len(self.panes)))
        for place, (choice, side, state) in enumerate(known):
            self.panes[place].show_side(place, choice, side, state, removable=len(known) > 2, fixed=fixed)
        self.grid.show_panes(self.panes[: self._count])
        if view == "split" and len(known) == 2:
            self.split.show_sides(known, fixed)
            self.setCurrentWidget(self.split)
        else:
            self.setCurrentWidget(self.grid)
        seen = [view for view in self.views() if not view.isHidden()]
        # Qt takes none, whatever its stubs say.
        self.setFocusProxy(seen[0] if seen else None)  # type: ignore[arg-type]

    def _made(self, place: int) -> ComparePane:
        pane = ComparePane(self._controller, CompareView(self._lens, self._look))
        pane.header.set_scale(self._look.scale)
        pane.header.chosen.connect(partial(self._models.replace, place))
        pane.header.removed.connect(partial(self._models.remove, place))
        pane.status.again.connect(self._state.again)
        return pane

    def show_shot(self, shot: Shot | None, names: Sequence[tuple[str, ...]]) -> None:
        """`names`: the class names of each side."""
        self._shot = shot
        fits = shot is not None and len(shot.sides) == self._count == len(names)
        shown = shot if fits else None
        if self.is_split:
            both = (names[0], names[1]) if fits else ((), ())
            self.split.view.show_sides(shown, (0, 1), both)
            return
        for place, pane in enumerate(self.panes[: self._count]):
            pane.view.show_shot(shown, place if fits else 0, names[place] if fits else ())

    def show_numbers(self, states: Sequence[SideState]) -> None:
        for place, state in enumerate(states[: self._count]):
            self.panes[place].header.show_numbers(state)
            if self.is_split:
                self.split.headers[place].show_numbers(state)
        for view in self.views():
            view.speak()

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        for header in (*self.split.headers, *(pane.header for pane in self.panes)):
            header.set_scale(scale)
        self.arrange()

    def arrange(self) -> None:
        """After what decides the place of things has changed."""
        self.grid.arrange()
        for view in self.views():
            view.measure()
            view.update()

    def _fit(self, width: float, height: float) -> float:
        size = self._shot.size if self._shot is not None else (16, 9)
        picture, _ = arranged(QRectF(0, 0, width, height), size, self._look.rows, self._look.scale)
        return fit_in(picture, size)
