"""The middle of the window: start page, picture or batch, with toasts, signal card and transport bar."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, QRectF, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.core.marks import Marks
from desktop_app.core.progress import Progress
from desktop_app.gui import texts
from desktop_app.gui.batch_model import BatchModel
from desktop_app.gui.box_picking import BoxPicking
from desktop_app.gui.freshness import Freshness
from desktop_app.gui.hud import HudState, Phase
from desktop_app.gui.opening_card import OpeningCard
from desktop_app.gui.privacy import privacy_address
from desktop_app.gui.session import Session
from desktop_app.gui.shape_tool import ShapeTool
from desktop_app.gui.signal_card import SignalCard
from desktop_app.gui.stage_views import VIEWS, WITHOUT_PICTURE
from desktop_app.gui.start_page import StartPage
from desktop_app.gui.stress_warning import stress_warning
from desktop_app.gui.texts import follow_language
from desktop_app.gui.transport_bar import TransportBar
from desktop_app.gui.video_tools import video_tools
from desktop_app.gui.video_view import VideoView
from desktop_app.i18n import tr
from desktop_app.models.catalog import STARTER_MODELS
from desktop_app.recogniser import messages as m
from desktop_app.render.heat import heat_image
from desktop_app.render.overlay import OverlayOptions

if TYPE_CHECKING:
    from desktop_app.gui.batch_view import BatchView

ZOOM_STEP = 1.25
# The number in the corner is read, not watched: it changes at most so often.
AGE_EVERY = 0.25
HEAT_STRENGTH = 0.6
BEHIND = (64, 64)


class Stage(QWidget):
    page_changed = Signal()
    batch_made = Signal()
    """There is a view of batches from now on."""

    def __init__(self, pages: QStackedWidget, session: Session, batch: BatchModel) -> None:
        super().__init__()
        self._session, self._batch_model = session, batch
        self._controller, self._preferences = session.controller, session.preferences
        self.pages = pages
        self.start, self.video = StartPage(), VideoView()
        self.picking = BoxPicking(self.video, session.controller)
        self.shapes = ShapeTool(self.video, session.controller.counting)
        self.shapes.editor.changed.connect(self.show_marks)
        session.controller.counting.shapes_changed.connect(self.show_marks)
        session.controller.counting.counts_reset.connect(self.show_marks)
        self._batch: BatchView | None = None
        for page in (self.start, self.video):
            pages.addWidget(page)
        self.card = SignalCard(self.video)
        self.trouble = SignalCard(pages)
        self.opening = OpeningCard(pages, session.controller)
        self.freshness = Freshness(session.controller, self)
        tools = video_tools(session.controller)
        self.transport = TransportBar(session, tools.analysis, tools.thumbnails)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(pages, 1)
        layout.addWidget(self.transport)
        self.setMinimumSize(320, 240)
        self._scale = 1.0
        self._wants_batch = False
        self.views: dict[str, QWidget] = {}
        """Those of `VIEWS` that were made."""
        self._wanted_view = ""
        self._age: float | None = None
        self._age_at = 0.0
        self._last_picture_at = self._lost_at = 0.0
        starters = [info for info in STARTER_MODELS if info.starter]
        self._starters = {info.key for info in starters}
        self.start.set_starter_models([(info.key, info.task) for info in starters])
        controller = session.controller
        self._room = (0, 0)
        self.video.view_changed.connect(self._room_changed)
        controller.explain.heated.connect(self._show_heat)
        controller.views.append(self._show_newest)
        controller.source_changed.connect(self._source_changed)
        controller.stats_changed.connect(self._show_state)
        controller.recording.ticked.connect(self._show_state)
        controller.recording.changed.connect(self._show_state)
        controller.stress.changed.connect(self._show_state)
        controller.progressed.connect(lambda p: self.start.set_progress(p, controller.work.share(p.key)))
        controller.catalogue_changed.connect(self._show_ready)
        session.cameras.changed.connect(self._show_camera)
        self.card.retry_requested.connect(controller.retry_now)
        self.trouble.retry_requested.connect(lambda: controller.open(controller.failed_specs))
        self.trouble.other_requested.connect(self._dismiss_trouble)
        controller.open_failed.connect(self._open_failed)
        self.freshness.changed.connect(self._show_state)
        self.start.retry_requested.connect(lambda key: controller.prepare((key,)))
        session.preferences.changed.connect(lambda _: self.show_options())
        # The decimal mark follows the language, which changes after the settings did.
        follow_language(self, self.show_options)

    @property
    def toast_place(self) -> QWidget:
        return self.pages

    @property
    def batch_shown(self) -> bool:
        return self._batch is not None and self.pages.currentWidget() is self._batch

    @property
    def batch(self) -> BatchView:
        """Made when it is needed: most people never see it."""
        if self._batch is None:
            from desktop_app.gui.batch_view import BatchView

            self._batch = BatchView(self._session, self._batch_model, self.overlay_options)
            self.pages.addWidget(self._batch)
            self.batch_made.emit()
        return self._batch

    @property
    def view_shown(self) -> str:
        """The key of the view that is in the place of the picture; empty for none."""
        shown = self.pages.currentWidget()
        return next((key for key, view in self.views.items() if view is shown), "")

    def toggle_view(self, key: str) -> None:
        """To one of `VIEWS`, and back to the picture."""
        if key not in self.views:
            self.views[key] = VIEWS[key](self, self._session)
            self.pages.addWidget(self.views[key])
            self._scale_views()
        self._wanted_view = "" if self.view_shown == key else key
        self._wants_batch = self._wants_batch and key not in WITHOUT_PICTURE
        self._choose_page()

    def snapshot_of_view(self) -> tuple[QImage, str, dict[str, Any]] | None:
        """What a snapshot takes where a view is shown that has one of its own: image, title, facts."""
        view = self.views.get(self.view_shown)
        return view.snapshot() if view is not None and hasattr(view, "snapshot") else None

    def _room_changed(self, width: int, height: int) -> None:
        self._room = (width, height)
        self._tell_view()

    def _tell_view(self) -> None:
        """How large pictures are to come. Behind a view they go on, tiny: by them it is known where a file is, and
        which frame a snapshot or an export is of."""
        behind = self._room == (0, 0) and bool(self.view_shown)
        self._controller.set_view(*(BEHIND if behind else self._room))

    @property
    def explain_shown(self) -> bool:
        return self.view_shown == "explain"

    def _show_heat(self) -> None:
        explain = self._controller.explain
        if explain.heat is None or not explain.keep_heat:
            self.video.set_heat(QImage(), QRectF())
            return
        left, top, right, bottom = explain.heat.region
        image = heat_image(explain.heat.values, HEAT_STRENGTH)
        self.video.set_heat(image, QRectF(left, top, right - left, bottom - top))

    @property
    def start_shown(self) -> bool:
        return self.pages.currentWidget() is self.start

    # --- what is shown ------------------------------------------------------------------------------------------

    def overlay_options(self) -> OverlayOptions:
        values = self._preferences.values
        return OverlayOptions(
            values.overlay, palette=values.palette, scale=self._scale, locale=QLocale(), marks=self.marks()
        )

    def marks(self) -> Marks | None:
        results = list(self._controller.results.values())
        return self._controller.counting.marks(results, self._preferences.values.trails)

    def show_marks(self) -> None:
        """Lines, zones and trails as they are now."""
        self.video.set_marks(self.marks())

    def show_options(self) -> None:
        self.video.set_options(self.overlay_options())
        if self._batch is not None:
            self._batch.show_options()
        for view in self.views.values():
            if hasattr(view, "show_options"):
                view.show_options()
        self.show_marks()

    def set_projector(self, on: bool) -> None:
        self._scale = 1.5 if on else 1.0
        self._scale_views()
        self.show_options()

    def _scale_views(self) -> None:
        for view in self.views.values():
            if hasattr(view, "set_scale"):
                view.set_scale(self._scale)

    def zoom(self, direction: int) -> None:
        view = self.views.get(self.view_shown)
        if view is not None:
            if hasattr(view, "zoom"):
                view.zoom(direction)
        elif direction == 0:
            self.video.fit()
        else:
            self.video.zoom_by(ZOOM_STEP**direction)

    def _show_newest(self) -> None:
        controller = self._controller
        if controller.frame is not self.video.frame:
            self._last_picture_at = time.perf_counter()
        self.video.set_frame(controller.frame)
        self.video.set_results(list(controller.results.values()), controller.names)
        self.show_marks()
        self._show_state()
        self._choose_page()

    def _show_state(self) -> None:
        now = time.perf_counter()
        if now - self._age_at > AGE_EVERY or self._lost:
            self._age, self._age_at = self._controller.result_age(), now
        phase = self._hud_phase()
        lost = now - self._last_picture_at if phase == "lost" else None
        recording = self._controller.recording
        told_here = recording.runs and (self._scale != 1.0 or self.window().isFullScreen())
        time_of = texts.clock(recording.seconds) if told_here else ""
        changed = stress_warning(self._controller)
        self.video.set_state(HudState(phase, self._age, lost, *self._gear_words(), changed=changed, recording=time_of))

    @property
    def _lost(self) -> bool:
        """No picture comes, whether the source says so or nobody says anything."""
        return self._controller.phase == "lost" or self.freshness.stale

    def _open_failed(self, event: m.SourceState) -> None:
        """A card where nothing else goes on; otherwise it is a toast."""
        controller, cameras = self._controller, self._session.cameras
        if not event.cause or controller.info is not None:
            return
        cameras.when_it_comes(controller.failed_specs[0])
        hint = event.hint
        if event.cause == "missing":
            hint = tr("It opens by itself as soon as it is plugged in.")
        privacy = event.cause == "forbidden" and bool(privacy_address())
        self.trouble.show_trouble(event.message, hint, privacy=privacy)

    def _dismiss_trouble(self) -> None:
        self._session.cameras.when_it_comes("")
        self.trouble.hide()

    def _gear_words(self) -> tuple[str, bool]:
        controller = self._controller
        if controller.stats is None or controller.info is None or not controller.info.live:
            return "", True
        return controller.gears.words(
            controller.running, controller.stats.captured_fps, controller.stats.recognised_fps
        )

    def _hud_phase(self) -> Phase:
        controller = self._controller
        if controller.info is None:
            return "none"
        if controller.opening and (controller.frame is None or self.opening.isVisible()):
            return "opening"
        if controller.info.kind == "image":
            return "none"
        phases: dict[str, Phase] = {"paused": "paused", "ended": "ended", "lost": "lost", "live": "live"}
        phase = phases.get(controller.phase, "playing")
        if phase == "live" and (self._last_picture_at < self._lost_at or self.freshness.stale):
            return "lost"  # until there is a picture of after
        return "synced" if phase in ("live", "playing") and (controller.synced or not controller.info.live) else phase

    def _source_changed(self) -> None:
        controller = self._controller
        state = controller.state
        if controller.phase == "lost":
            self._lost_at = time.perf_counter()
        if controller.opening or controller.alive:
            self.trouble.hide()
        if controller.phase == "lost" and state is not None and not controller.opening:
            self.card.show_trouble(state.message, state.hint, state.retry_at)
        else:
            self.card.hide()
        if controller.is_batch and controller.info is not self._seen:
            self._wants_batch = True
        elif controller.info is not None and controller.info is not self._seen:
            self._wants_batch = False
        self._seen = controller.info
        self._show_state()
        self._choose_page()

    _seen: object = None

    def _choose_page(self) -> None:
        controller = self._controller
        has_picture = controller.frame is not None and not controller.is_batch
        if self._wants_batch:
            page: QWidget = self.batch
        elif self._wanted_view in WITHOUT_PICTURE or (
            self._wanted_view and (has_picture or (controller.alive and not controller.is_batch))
        ):
            page = self.views[self._wanted_view]
        elif has_picture or (controller.alive and not controller.is_batch):
            page = self.video
        else:
            page = self.start
        if page is not self.pages.currentWidget():
            focus = QApplication.focusWidget()
            had_focus = focus is not None and self.pages.isAncestorOf(focus)
            self.pages.setCurrentWidget(page)
            if had_focus:
                page.setFocus()
            self._tell_view()
            self.page_changed.emit()

    def toggle_batch(self) -> None:
        """To the pictures of the last batch and back to the picture. A batch that was going on when something else was
        opened goes on where it was."""
        if not self._batch_model.title:
            return
        self._wants_batch = not self.batch_shown
        if self._wants_batch:
            self._controller.batch.come_back()
        self._choose_page()

    @property
    def has_batch(self) -> bool:
        return bool(self._batch_model.title)

    def set_drop_hint(self, text: str | None) -> None:
        self.video.set_drop_hint(text)
        self.start.set_drop_hint(text)

    # --- the start page -----------------------------------------------------------------------------------------

    def _show_camera(self) -> None:
        camera = self._session.cameras.favourite()
        self.start.set_camera(camera.name if camera is not None else None)

    def _show_ready(self) -> None:
        for key in self._starters & self._controller.ready:
            if key not in self._controller.progress:
                self.start.set_progress(Progress(key, "ready"))
