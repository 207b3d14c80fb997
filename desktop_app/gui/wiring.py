"""What follows what: events become words, settings become commands. Made once, when the window is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from desktop_app.core.model import Placement
from desktop_app.core.progress import Progress
from desktop_app.gui.about_dialog import task_name
from desktop_app.gui.drop import pasted_folder
from desktop_app.gui.network_cameras import saved_cameras
from desktop_app.gui.privacy import open_privacy_settings, privacy_address
from desktop_app.gui.session import Session
from desktop_app.gui.texts import change_language
from desktop_app.i18n import language, tr
from desktop_app.models.catalog import STARTER_MODELS
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import GaveUp, Restarting

STARTERS = tuple(info.key for info in STARTER_MODELS if info.starter)


def follow_events(session: Session, start_page_shown: Callable[[], bool], use_model: Callable[[str], None]) -> None:
    """Toasts for what the recogniser says. The start page shows the starter models itself."""
    controller, notifier = session.controller, session.notifier

    def open_failed(event: m.SourceState) -> None:
        if event.asks is not None:  # `AccessFlow` answers
            return
        specs = controller.failed_specs
        if event.cause and controller.info is None:
            notifier.keep(event.message, event.hint)  # the stage has a card for it
            return
        if event.cause == "forbidden" and privacy_address():
            open_it = (tr("Privacy settings"), open_privacy_settings)
            notifier.error(event.message, event.hint, open_it, answer=True)
            return
        notifier.error(event.message, event.hint, (tr("Retry"), lambda: controller.open(specs)), answer=True)

    def model_failed(event: m.ModelFailed) -> None:
        asked = controller.asked
        notifier.end_progress(event.key)
        if event.needs_pytorch:  # `PackFlow` answers
            return
        starter_row = event.key in STARTERS and start_page_shown()
        if starter_row and event.key not in asked:
            return
        again = asked if event.key in asked else ()
        retry = (tr("Retry"), lambda: controller.set_models(again) if again else controller.prepare((event.key,)))
        # The maker's address alone does not say what was wanted from there.
        named = event.key in event.message or event.key not in {info.key for info in controller.catalogue()}
        message = event.message if named else tr("{model}: {message}", model=event.key, message=event.message)
        notifier.error(message, event.hint, retry if event.retry else None, answer=True)

    def progressed(progress: Progress) -> None:
        if (progress.key in STARTERS and start_page_shown()) or progress.key not in controller.asked:
            notifier.end_progress(progress.key)
            return
        key = progress.key
        notifier.progress(progress, key, lambda: controller.cancel_prepare(key), controller.work.share(key))

    def imported(event: m.ModelImported) -> None:
        detail = tr("{task} · {count} classes", task=task_name(event.task), count=event.classes)
        use = (tr("Use"), lambda: use_model(event.key))
        notifier.tell("success", tr("{title} imported", title=event.title), detail, use, key="imported")

    def restarting(event: Restarting) -> None:
        notifier.tell("warning", tr("The recogniser stopped and was started again."), event.reason, key="restart")

    def gave_up(_: GaveUp) -> None:
        notifier.error(
            tr("The recogniser stopped too often and was not started again."),
            tr("Choose another input or model, then start Regard again."),
            (tr("Details"), notifier.details_wanted.emit),
        )

    controller.open_failed.connect(open_failed)
    controller.model_failed.connect(model_failed)
    controller.progressed.connect(progressed)
    controller.model_imported.connect(imported)
    controller.restarting.connect(restarting)
    controller.gave_up.connect(gave_up)
    controller.source_opened.connect(notifier.succeeded)
    controller.trouble.connect(lambda event: _trouble(session, event))
    controller.noticed.connect(lambda event: notifier.error(event.message, event.hint, kind="warning"))
    controller.bug.connect(notifier.bug)
    controller.counting.failed.connect(lambda error: notifier.error(error.message, error.hint))
    session.preferences.failed.connect(lambda error: notifier.error(error.message, error.hint))


def _trouble(session: Session, event: m.SourceTrouble) -> None:
    """Of a batch each failed file has its place in the grid; of everything else, a folder say, it is told."""
    if not session.controller.is_batch or event.path is None:
        session.notifier.error(event.message, event.hint, kind="warning")


def follow_settings(session: Session) -> None:
    """A setting that changes reaches the recogniser at once; what runs is remembered as a setting."""
    controller, preferences = session.controller, session.preferences

    def changed(names: frozenset[str]) -> None:
        send_settings(session, names)

    def models_changed() -> None:
        running = tuple(controller.running)
        if running and running == controller.asked:
            preferences.change(models=running)
            for key in running:
                if key not in preferences.values.recent_models[:1]:
                    preferences.remember_model(key)

    def opened() -> None:
        """Remembers what could be opened; cameras and the demo have rows of their own, what was pasted has no name."""
        spec = next(iter(controller.specs), "")
        if spec and not spec.startswith(("camera:", "demo:", str(pasted_folder()))):
            preferences.remember_source(spec)

    preferences.changed.connect(changed)
    controller.models_changed.connect(models_changed)
    controller.source_opened.connect(opened)


def send_settings(session: Session, names: frozenset[str]) -> None:
    controller, values = session.controller, session.preferences.values
    if names & {"confidence", "iou"}:
        thresholds = dataclasses.replace(controller.thresholds, confidence=values.confidence, iou=values.iou)
        controller.set_thresholds(thresholds)
    if names & {"engine", "device", "precision"}:
        controller.set_placement(Placement(values.engine, values.device, values.precision))
    if names & {"mirror_camera", "rotation"}:
        controller.set_orientation(values.mirror_camera, values.rotation)
    if "synced_live" in names:
        controller.set_synced(values.synced_live)
    if "live_target_fps" in names:
        controller.set_target(values.live_target_fps)
    if "tracking" in names:
        controller.set_tracking(values.tracking)
    if "loop" in names:
        controller.playback.set_loop(values.loop)
    if "smooth_seconds" in names:
        controller.smoother.seconds = values.smooth_seconds
    if "network_cameras" in names:
        controller.access.names = {camera.address: camera.name for camera in saved_cameras(session.preferences)}
        if controller.info is not None:
            controller.info = controller.access.named(controller.info)
            controller.source_changed.emit()
    if "trusted_certificates" in names:
        controller.access.set_certificates(values.trusted_certificates)
    if "model_mirror" in names:
        controller.set_mirror_address(values.model_mirror)
    if "language" in names:
        change_language(values.language)
        controller.set_language(language())


def begin(session: Session, sources: tuple[str, ...]) -> None:
    """Tells the recogniser where things stand, then what to do; nothing is fetched that was not picked."""
    controller, values = session.controller, session.preferences.values
    controller.set_language(language())
    if values.model_mirror:
        controller.set_mirror_address(values.model_mirror)
    controller.placement = Placement(values.engine, values.device, values.precision)
    send_settings(session, frozenset(f.name for f in dataclasses.fields(values)) - {"language", "model_mirror"})
    # A login that an older version kept is used once more and leaves the file.
    session.preferences.change(recent_sources=controller.access.take(values.recent_sources))
    # Not a moment later, as what follows the hand: what is opened now must be opened as it was set.
    controller.send(m.SetCameras(values.cameras))
    _begin_models(session)
    if sources:
        controller.open(sources)
    controller.list_cameras()
    controller.prepare(STARTERS)


def _begin_models(session: Session) -> None:
    """The models of the last time, as far as they are still on this computer."""
    controller, wanted = session.controller, session.preferences.values.models
    if all(key in STARTERS for key in wanted):
        controller.set_models(wanted or STARTERS[-1:])
        return

    def known() -> None:
        controller.catalogue_changed.disconnect(known)
        if not controller.asked:
            controller.set_models(
                [key for key in wanted if key in STARTERS or controller.on_disk(key)] or STARTERS[-1:]
            )

    controller.catalogue_changed.connect(known)
