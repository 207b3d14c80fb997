"""What the actions do. One short method a line of the table; the work lies elsewhere.

Dialogs are imported when they open: the window is there sooner without.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog

from desktop_app.core.model import ModelInfo
from desktop_app.core.shapes import ShapeKind
from desktop_app.gui import inspector_wiring
from desktop_app.gui.copying import results_as_text
from desktop_app.gui.dialog import ask
from desktop_app.gui.drop import MODELS, PICTURES, VIDEOS, Offer, offer_of, offer_of_paths, save_picture
from desktop_app.gui.recording import Recording
from desktop_app.gui.session import Session
from desktop_app.gui.snapshot import Snapshots
from desktop_app.gui.video_tools import video_tools
from desktop_app.i18n import tr
from desktop_app.paths import models_dir

if TYPE_CHECKING:
    from desktop_app.gui.export_commands import ExportCommands
    from desktop_app.gui.main_window import MainWindow
    from desktop_app.gui.network_cameras import NetworkCamera


class Commands:
    """`handler` of each action names a method here."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        self._window = window
        self._session = session
        self._controller = session.controller
        self._preferences = session.preferences
        self._notifier = session.notifier
        self.recording = Recording(window, session)
        self.snapshots = Snapshots(window, session)
        session.controller.turbo.done.connect(lambda report: self._turbo_ended(report.key))
        session.controller.turbo.failed.connect(lambda event: self._turbo_ended(event.key, event.message, event.hint))

    # --- inputs -------------------------------------------------------------------------------------------------

    def open(self, specs: Sequence[str]) -> None:
        if specs:
            self._controller.open(specs)

    def accept(self, offer: Offer) -> None:
        """What was dropped or pasted."""
        for path in offer.models:
            self.import_model(path)
        if offer.specs:
            self.open(offer.specs)
        elif not offer.models:
            self._notifier.tell(
                "info",
                tr("Nothing here that Regard can open"),
                tr("Pictures, videos, folders, models and http or rtsp addresses can be dropped or pasted."),
            )

    def open_files(self) -> None:
        suffixes = " ".join(f"*{s}" for s in sorted(PICTURES | VIDEOS | MODELS))
        filters = ";;".join(
            (tr("Pictures, videos, models ({suffixes})", suffixes=suffixes), tr("All files ({all})", all="*"))
        )
        paths, _ = QFileDialog.getOpenFileNames(self._window, tr("Open files"), self._last_folder(), filters)
        if paths:
            self.accept(offer_of_paths(paths))

    def open_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._window, tr("Open a folder"), self._last_folder())
        if folder:
            self.open((folder,))

    def _last_folder(self) -> str:
        recent = (Path(spec) for spec in self._preferences.values.recent_sources if "://" not in spec)
        return next((str(path.parent) for path in recent if path.is_absolute()), str(Path.home()))

    def open_address(self) -> None:
        self.edit_address(None)

    def edit_address(self, camera: NetworkCamera | None) -> None:
        """`camera`: one that is kept, or is to be kept."""
        from desktop_app.gui.address_dialog import AddressDialog

        dialog = AddressDialog(self._session, self._window, camera)
        dialog.accepted.connect(lambda: self.open(dialog.specs if camera is None else ()))
        dialog.open()

    def open_screen(self) -> None:
        from desktop_app.gui.screen_dialog import ScreenDialog

        dialog = ScreenDialog(self._session, self._window)
        dialog.accepted.connect(lambda: self.open((dialog.spec,)))
        dialog.open()

    def open_demo(self) -> None:
        self.open(("demo:",))

    def open_camera(self) -> None:
        """The first camera, or the one that was used last."""
        camera = self._session.cameras.favourite()
        if camera is not None:
            self.open((f"camera:{camera.stable_id}",))
        else:
            self._controller.list_cameras()
            self._notifier.tell(
                "warning",
                tr("No camera found"),
                tr("Connect one, or check that this program may use it."),
                (tr("Look again"), self.find_cameras),
                key="no-camera",
            )

    def next_camera(self) -> None:
        cameras = self._controller.cameras
        running = self._session.cameras.running
        if not running:
            self.open_camera()
            return
        place = next((i for i, camera in enumerate(cameras) if camera.stable_id == running), -1)
        if cameras:
            self.open((f"camera:{cameras[(place + 1) % len(cameras)].stable_id}",))

    def find_cameras(self) -> None:
        self._controller.list_cameras()

    def paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        offer = offer_of(mime)
        if offer.kind == "picture" and not offer.specs:
            path = save_picture(QGuiApplication.clipboard().image())
            offer = Offer("picture", (str(path),)) if path else Offer("nothing")
        self.accept(offer)

    def toggle_pause(self) -> None:
        self._controller.toggle_pause()

    def step(self, frames: int) -> None:
        self._controller.step(frames)

    def to_start(self) -> None:
        self._controller.seek(0)

    def range_first(self) -> None:
        if self._controller.frame is not None:
            self._controller.playback.set_first(self._controller.frame.index)

    def range_last(self) -> None:
        if self._controller.frame is not None:
            self._controller.playback.set_last(self._controller.frame.index)

    def range_none(self) -> None:
        self._controller.playback.forget_range()

    def find_video(self) -> None:
        self._window.show_panel("find")

    def analyse(self) -> None:
        self.find_video()
        video_tools(self._controller).analysis.start()

    def go_to_hit(self, direction: int) -> None:
        analysis = video_tools(self._controller).analysis
        hit = analysis.next_hit(direction)
        if hit is not None:
            analysis.go(hit)

    def close_source(self) -> None:
        self._controller.close()

    def mirror(self) -> None:
        self._session.cameras.toggle_mirror()

    def rotate(self) -> None:
        self._session.cameras.rotate()

    def camera_settings(self) -> None:
        """Beside the window, so that the picture shows what each of them does."""
        from desktop_app.gui.camera_dialog import CameraDialog

        dialog = self._window.findChild(CameraDialog) or CameraDialog(self._session, self._window)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def synced(self) -> None:
        self._preferences.change(synced_live=not self._preferences.values.synced_live)

    # --- models -------------------------------------------------------------------------------------------------

    def use_model(self, key: str) -> None:
        self._controller.set_models((key,))

    def use_recent_model(self, place: int) -> None:
        recent = self._preferences.values.recent_models
        if place < len(recent):
            self.use_model(recent[place])

    def toggle_beside(self, key: str) -> None:
        """Runs the model beside those that run, or no longer; one always stays."""
        asked = self._controller.asked
        if key not in asked:
            self._controller.set_models((*asked, key))
        elif len(asked) > 1:
            self._controller.set_models(tuple(k for k in asked if k != key))

    def find_model(self) -> None:
        self._window.show_panel("model")

    def choose_model_file(self) -> None:
        suffixes = " ".join(f"*{s}" for s in sorted(MODELS))
        filters = ";;".join((tr("Models ({suffixes})", suffixes=suffixes), tr("All files ({all})", all="*")))
        path, _ = QFileDialog.getOpenFileName(self._window, tr("Import a model"), self._last_folder(), filters)
        if path:
            self.import_model(path)

    def import_model(self, path: str) -> None:
        from desktop_app.gui.import_dialog import ImportDialog

        dialog = ImportDialog(path, self._window)
        dialog.accepted.connect(lambda: self._controller.import_model(path))
        dialog.open()

    def remove_model(self, key: str) -> None:
        ask(
            self._window,
            tr("Remove from this computer"),
            tr("The files of {key} are deleted. The model can be fetched or imported again.", key=key),
            tr("Remove model"),
            lambda: self._controller.remove_model(key),
        )

    def turbo(self, key: str = "") -> None:
        """The dialog of a model's int8 copy: of the one at work, of `key`, or of the first that runs."""
        from desktop_app.gui.turbo_dialog import TurboDialog

        work = self._controller.turbo.work
        key = work.key if work is not None else key or next(iter(self._controller.running), "")
        for shown in self._window.findChildren(TurboDialog):
            if shown.key == key and shown.isVisible():
                shown.raise_()
                shown.activateWindow()
                return
        if key:
            TurboDialog(self._session, key, self._window).show()

    def pytorch_pack(self) -> None:
        self._window.pack_flow.open()

    def _turbo_ended(self, key: str, message: str = "", hint: str = "") -> None:
        """Told where the dialog does not tell it."""
        from desktop_app.gui import turbo_texts
        from desktop_app.gui.turbo_dialog import TurboDialog

        if any(shown.key == key and shown.isVisible() for shown in self._window.findChildren(TurboDialog)):
            return
        show = (tr("Show"), lambda: self.turbo(key))
        report = self._controller.turbo.reports.get(key)
        if message:
            self._notifier.error(message, hint, show, answer=True)
        elif report is not None:
            title = tr("The int8 copy of {model} is ready", model=key)
            self._notifier.tell("success", title, turbo_texts.verdict(report), show, key="turbo")

    def set_precision(self, precision: str) -> None:
        """int8 needs a network of its own: where no model that was asked for has one, it is offered to make it."""
        asked = self._controller.asked
        if precision != "int8":
            self._preferences.change(precision=precision)
        elif any(key in self._controller.turbo.reports for key in asked):
            from desktop_app.gui.turbo_dialog import use_int8

            use_int8(self._session)
        elif asked:
            self.turbo(asked[0])

    def about_model(self, key: str = "") -> None:
        key = key or next(iter(self._controller.running), "")
        info = self._controller.model_info(key)
        if info is not None:
            from desktop_app.gui.about_dialog import ModelDialog

            ModelDialog(info, self._controller.milliseconds(key), self._window).open()

    def measure_machine(self) -> None:
        """Beside the window, which stays usable; one at a time."""
        from desktop_app.gui.bench_dialog import BenchDialog
        from desktop_app.recogniser.bench_client import BenchProcess

        dialog = self._window.findChild(BenchDialog) or BenchDialog(
            self._session, BenchProcess(), self.use_model, self._window
        )
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    # --- the picture --------------------------------------------------------------------------------------------

    def snapshot(self) -> None:
        self.snapshots.save()

    def copy(self) -> None:
        """What is looked at: the results where the focus is among them, otherwise the picture."""
        focus = QApplication.focusWidget()
        among_results = focus is not None and self._window.results.isAncestorOf(focus)
        if among_results or self._controller.frame is None:
            self.copy_results()
        else:
            self.snapshots.copy()

    def record(self) -> None:
        self.recording.toggle()

    def recording_options(self) -> None:
        self.recording.options()

    def copy_results(self) -> None:
        controller = self._controller
        text = results_as_text(controller.results, controller.names, self._preferences.values.top_k)
        QGuiApplication.clipboard().setText(text)
        self._notifier.tell("success", tr("Results copied"), tr("Tab-separated text, on the clipboard."), key="copied")

    @cached_property
    def _exports(self) -> ExportCommands:
        from desktop_app.gui.export_commands import ExportCommands

        return ExportCommands(self._window, self._session)

    def export(self) -> None:
        self._exports.export()

    def add_frame(self) -> None:
        self._exports.add_frame()

    def overlay(self) -> None:
        if self._window.in_projector:
            self._window.toggle_results_in_projector()
        else:
            self._preferences.change(overlay=not self._preferences.values.overlay)

    def explain(self) -> None:
        self._window.stage.toggle_view("explain")

    def compare(self) -> None:
        self._window.stage.toggle_view("compare")

    def inspect(self) -> None:
        inspector_wiring.inspect(self._window, self._session)

    def teach(self) -> None:
        self._window.stage.toggle_view("teach")

    def steps(self) -> None:
        inspector_wiring.show_steps(self._window)

    def go_on_teaching(self, info: ModelInfo) -> None:
        """What was taught and imported; the lesson in hand gives way to it."""
        if self._window.stage.view_shown != "teach":
            self._window.stage.toggle_view("teach")
        self._controller.teaching.open(str(models_dir() / info.file_name))

    def heat(self) -> None:
        running = list(self._controller.running.values())
        model = next((model for model in running if model.task == "classify"), running[0])
        self._controller.explain.toggle_heat(model.key, "influence" if model.task == "classify" else "occlusion")

    # --- stress -------------------------------------------------------------------------------------------------

    def stress(self) -> None:
        from desktop_app.gui import stress_commands

        stress_commands.toggle(self._window)

    def enlarge_sweep(self) -> None:
        from desktop_app.gui import stress_commands

        stress_commands.enlarge_sweep(self._window, self._session)

    def export_sweep(self) -> None:
        from desktop_app.gui import stress_commands

        stress_commands.export_sweep(self._window, self._session)

    def put_away(self, panel: str) -> bool:
        """Whether a panel is hidden for a while only, for full screen say."""
        return self._window.docks.put_away(panel)

    # --- what the stage shows -----------------------------------------------------------------------------------

    def batch(self) -> None:
        self._window.stage.toggle_batch()

    def fullscreen(self) -> None:
        self._window.set_fullscreen(not self._window.isFullScreen())

    def projector(self) -> None:
        self._window.set_projector(not self._window.in_projector)

    def zoom(self, direction: int) -> None:
        self._window.stage.zoom(direction)

    # --- tracking and counting ----------------------------------------------------------------------------------

    def draw_shape(self, kind: ShapeKind) -> None:
        from desktop_app.gui import count_commands

        count_commands.draw_shape(self._window, self._session, kind)

    def reset_counts(self) -> None:
        from desktop_app.gui import count_commands

        count_commands.reset_counts(self._session)

    def export_counts(self) -> None:
        from desktop_app.gui import count_commands

        count_commands.export_counts(self._window, self._session)

    def trails(self) -> None:
        self._preferences.change(trails=not self._preferences.values.trails)

    # --- the program --------------------------------------------------------------------------------------------

    def timings(self) -> None:
        self._window.status.show_timings()

    def show_settings(self) -> None:
        from desktop_app.gui.settings_dialog import SettingsDialog

        SettingsDialog(self._preferences, self._window).open()

    def show_keys(self) -> None:
        from desktop_app.gui.keys_dialog import KeysDialog

        KeysDialog(self._window).open()

    def show_errors(self) -> None:
        from desktop_app.gui.error_log import ErrorLogDialog

        ErrorLogDialog(self._notifier.troubles, self._window).open()

    def check_update(self) -> None:
        self._window.updates.ask()

    def show_about(self) -> None:
        from desktop_app.gui.about_dialog import AboutDialog

        AboutDialog(self._window).open()

    def quit(self) -> None:
        self._window.close()
