"""Two to four models on the same frames: side by side or split by a line, how far they agree, and where they do not.

Every view shows a part of one `Shot`, so that all of them are always of the same frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

import desktop_app
from desktop_app.core.comparing import Side
from desktop_app.core.results import Classification, Detections
from desktop_app.gui import texts
from desktop_app.gui.compare_agreement import AgreementCard
from desktop_app.gui.compare_bar import CompareBanner, CompareBar
from desktop_app.gui.compare_choices import Choice, fill_models
from desktop_app.gui.compare_export import DifferenceExporter
from desktop_app.gui.compare_list import CompareList
from desktop_app.gui.compare_panes import ComparePanes
from desktop_app.gui.compare_state import CompareState, Difference, Shot, SideState
from desktop_app.gui.compare_strip import CompareStrip
from desktop_app.gui.compare_view import Lens, Look
from desktop_app.gui.compare_words import difference_time, phase_text, spoken
from desktop_app.gui.menus import refill
from desktop_app.gui.session import Session
from desktop_app.gui.timeline import exact_clock
from desktop_app.gui.widgets import Label, LabelledSlider
from desktop_app.i18n import tr
from desktop_app.render.overlay import OverlayOptions

_ZOOM = 1.25
_SIDE_WIDTH = 296
_MOST_ANSWERS = 5


class ComparePage(QWidget):
    left_wanted = Signal()
    """Back to the picture."""

    def __init__(self, session: Session, options: Callable[[], OverlayOptions]) -> None:
        super().__init__()
        self._session, self._options = session, options
        self._controller, self._preferences = session.controller, session.preferences
        self.state: CompareState = session.controller.compare
        self.models = CompareList(session, self)
        self._kept: tuple[Difference, Shot] | None = None
        self.setObjectName("compare")
        self.lens, self.look = Lens(self), Look()
        self.panes = ComparePanes(session.controller, self.models, self.state, self.lens, self.look)
        self.bar, self.banner = CompareBar(), CompareBanner()
        self.strip, self.agreement = CompareStrip(self.state), AgreementCard(self.state)
        self.exporter = DifferenceExporter(session, self.state, self)
        self.exporter.working.connect(lambda on: self.strip.export.setEnabled(not on))
        self.where = Label("", "small", "muted", wrap=True)
        self.confidence = LabelledSlider("", 0.01, 0.99, 0.01, lambda value: texts.number(value, 2), margin=0)
        # What is read and not watched: twice a second is enough.
        self._clock = QTimer(self, interval=500)
        self._clock.timeout.connect(self._refresh_numbers)
        self._assemble()
        self._connect()
        self.setFocusProxy(self.panes)
        texts.follow_language(self, self._retext)

    def _assemble(self) -> None:
        middle = QVBoxLayout()
        middle.setContentsMargins(16, 8, 12, 10)
        middle.setSpacing(8)
        middle.addWidget(self.bar)
        middle.addWidget(self.banner)
        middle.addWidget(self.panes, 1)
        middle.addWidget(self.strip)
        side = QWidget()
        facts = QVBoxLayout(side)
        facts.setContentsMargins(14, 14, 14, 14)
        facts.setSpacing(14)
        for part in (self.agreement, self.confidence, self.where):
            facts.addWidget(part)
        facts.addStretch(1)
        side.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        side.setAutoFillBackground(True)
        self._side = QScrollArea()
        self._side.setWidgetResizable(True)
        self._side.setFrameShape(QFrame.Shape.NoFrame)
        self._side.setWidget(side)
        self._side.setFixedWidth(_SIDE_WIDTH)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(middle, 1)
        whole.addWidget(self._side)

    def _connect(self) -> None:
        bar, preferences = self.bar, self._preferences
        self.state.compared.connect(self._show_newest)
        self.state.changed.connect(self.show_sides)
        self.models.changed.connect(self._models_changed)
        self.lens.changed.connect(self._tell_room)
        bar.beside.clicked.connect(lambda: self._choose_view("beside"))
        bar.split.clicked.connect(lambda: self._choose_view("split"))
        bar.only.toggled.connect(self._show_only_differences)
        bar.close_.clicked.connect(self.left_wanted)
        menu = QMenu(bar.add)
        menu.aboutToShow.connect(lambda: refill(menu, self._fill_add))
        bar.add.setMenu(menu)
        self.banner.back.clicked.connect(self.leave_kept)
        self.strip.picked.connect(self.look_at)
        self.strip.export_wanted.connect(self.exporter.export)
        self.confidence.value_changed.connect(lambda value: preferences.change(confidence=round(value, 2)))
        preferences.changed.connect(self._settings_changed)
        self._controller.progressed.connect(lambda _: self.show_sides())
        self._controller.source_opened.connect(self._another_source)
        self._controller.source_changed.connect(self._show_pace)

    def _retext(self) -> None:
        self.setAccessibleName(tr("Compare models"))
        self.confidence.set_name(tr("Confidence"))
        self.show_sides()

    # --- shown and hidden ---------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.models.begin()
        self.show_options()
        self._ask()
        self._clock.start()
        self.show_sides()

    def hideEvent(self, event: QHideEvent) -> None:
        """Not when the window is only minimised: it comes back to what it was."""
        super().hideEvent(event)
        self._clock.stop()
        if not event.spontaneous():
            self.leave_kept()
            self.state.close()
            self.panes.show_shot(None, [])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panes.arrange()

    # --- which models -------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        if self.isVisible():
            self.state.ask(self.models.sides())

    def _models_changed(self) -> None:
        self.leave_kept()
        self.agreement.begin()
        self._ask()
        self.show_sides()

    def _fill_add(self, menu: QMenu) -> None:
        fill_models(menu, self._controller, "", self.models.add)

    # --- what is shown ------------------------------------------------------------------------------------------

    @property
    def shot(self) -> Shot | None:
        """What all views show: a disagreement that is looked at, or the newest frame."""
        return self._kept[1] if self._kept is not None else self.state.shot

    def _known(self) -> list[tuple[Choice, Side, SideState]]:
        """Who is compared, and how far each is; of a disagreement that is looked at, who was then."""
        if self._kept is None:
            found = list(self.state.sides.items())
            choices = self.models.choices if len(self.models.choices) == len(found) else []
            return [(choice, *each) for choice, each in zip(choices, found, strict=False)]
        kept = self._kept[0]
        return [
            (Choice(side.key, side.placement.engine, side.placement.precision), side, SideState.of(names, result))
            for side, names, result in zip(kept.sides, kept.names, kept.results, strict=True)
        ]

    def show_sides(self) -> None:
        if not self.isVisible():
            return
        known = self._known()
        self.panes.show_sides(known, self._preferences.values.compare_view, fixed=self._kept is not None)
        self.bar.show_state(self._preferences.values.compare_view, len(known))
        self._show_shot()

    def _show_newest(self) -> None:
        if not self.isVisible():
            return
        if self._kept is None:
            self._show_shot()
        self.agreement.add()

    def _show_shot(self) -> None:
        shot = self.shot
        results = shot.results if shot is not None else ()
        classifies = any(isinstance(r.prediction, Classification) for r in results if r is not None)
        rows = min(self._preferences.values.top_k, _MOST_ANSWERS) if classifies else 0
        if rows != self.look.rows:
            self.look.rows = rows
            self.panes.arrange()
        self.panes.show_shot(shot, [state.names for _, _, state in self._known()])

    def show_options(self) -> None:
        """Overlay and palette are those of the stage."""
        self.look.options = replace(self._options(), marks=None, hovered=None)
        self.agreement.set_palette(self.look.options.palette)
        self.confidence.set_value(self._preferences.values.confidence)
        self.panes.arrange()

    def set_scale(self, scale: float) -> None:
        """For the projector."""
        self.look.scale = scale
        self.agreement.set_scale(scale)
        self._side.setFixedWidth(round(_SIDE_WIDTH * (1 + 0.5 * (scale - 1))))
        for part in (self.panes, self.strip, self.bar.title, self.bar.pace, self.where):
            part.set_scale(scale)

    def zoom(self, direction: int) -> None:
        if direction == 0:
            self.lens.fit()
        else:
            self.lens.zoom_by(_ZOOM**direction)

    def _refresh_numbers(self) -> None:
        self.agreement.refresh()
        known, shot = self._known(), self.shot
        self.panes.show_numbers([state for _, _, state in known])
        self._show_pace()
        self.bar.pace.setAccessibleName(f"{self.bar.pace.text()} {spoken(shot.verdicts) if shot else ''}".strip())
        self.where.setText(_frame_text(shot) if shot is not None else "")
        self.bar.only.setEnabled(shot is not None and any(each.measure == "boxes" for each in shot.verdicts))
        boxes = (state.last is not None and isinstance(state.last.prediction, Detections) for _, _, state in known)
        self.confidence.setVisible(any(boxes))

    def _show_pace(self) -> None:
        """Whether frames move, how many a second are compared, and how old the one that is seen is."""
        controller, newest = self._controller, self.state.shot
        info, phase = controller.info, controller.phase
        still = info is None or info.kind == "image"
        parts = [] if still else [phase_text(phase)]
        rate = self.state.rate.rate()
        if phase in ("live", "playing") and not still and rate:
            parts.append(tr("{rate} frames/s compared", rate=texts.fps(rate)))
            if phase == "live" and newest is not None:
                age = time.perf_counter() - newest.captured_at
                told = texts.milliseconds(1e3 * age) if age < 1 else texts.duration(age)
                parts.append(tr("result {age} old", age=told))
        self.bar.show_pace(" · ".join(parts), lost=phase == "lost")
        if self.look.dimmed != (phase == "lost"):
            self.look.dimmed = phase == "lost"
            self.panes.arrange()

    def _tell_room(self) -> None:
        """How large frames are to come: as they are seen."""
        if not self.isVisible():
            return
        viewport, ratio = self.lens.viewport, self.devicePixelRatioF()
        room = viewport.room() * ratio
        width, height = max(1, round(room.width())), max(1, round(room.height()))
        if viewport.frame is not None and not viewport.fits:
            width, height = min(width, viewport.frame[0]), min(height, viewport.frame[1])
        self.state.set_room(width, height)

    def _choose_view(self, view: str) -> None:
        self._preferences.change(compare_view=view)
        self.show_sides()  # the button too, where nothing has changed

    def _show_only_differences(self, on: bool) -> None:
        self.look.only_differences = on
        self.panes.arrange()

    def _settings_changed(self, names: frozenset[str]) -> None:
        if not self.isVisible():
            return
        if names & {"overlay", "palette", "confidence", "top_k"}:
            self.show_options()
            self._show_shot()
        if names & {"engine", "device", "precision"}:
            self.models.placement_changed()

    def _another_source(self) -> None:
        self.leave_kept()
        self.agreement.begin()

    def snapshot(self) -> tuple[QImage, str, dict[str, Any]]:
        """The panes as they are seen, a title, and what the file says of itself."""
        shot, info = self.shot, self._controller.info
        facts: dict[str, Any] = {
            "software": f"Regard {desktop_app.__version__}",
            "time": datetime.now().astimezone().isoformat(timespec="milliseconds"),
            "source": info.title if info is not None else "",
        }
        if shot is not None:
            facts |= {"frame": shot.frame_index, "time_s": shot.media_time}
            facts["models"] = [
                {"model": r.model_key, "engine": r.engine, "device": r.device, "precision": r.precision}
                for r in shot.results
                if r is not None
            ]
        return self.panes.grab().toImage(), f"compare-{facts['source']}", facts

    # --- disagreements ------------------------------------------------------------------------------------------

    def look_at(self, difference: Difference) -> None:
        """In the file that is open: there, paused. Everywhere else as it was, until one goes back."""
        controller = self._controller
        if controller.is_file and difference.request == controller.shown_request:
            self.leave_kept()
            if controller.phase == "playing":
                controller.toggle_pause()
            controller.seek(difference.frame_index)
            return
        self._kept = (difference, difference.shot())
        self.banner.show_text(tr("As it was at {time}", time=difference_time(difference)))
        self.show_sides()

    def leave_kept(self) -> None:
        """Back to the newest frame."""
        if self._kept is not None:
            self._kept = None
            self.banner.hide()
            self.strip.list.clearSelection()
            self.show_sides()


def _frame_text(shot: Shot) -> str:
    parts = [tr("Frame {number}", number=texts.number(shot.frame_index))]
    if shot.media_time is not None:
        parts.append(exact_clock(shot.media_time))
    return " · ".join((*parts, texts.size(*shot.size)))
