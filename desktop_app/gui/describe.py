"""Inputs and models in the words of the window: what panels, drop-downs and the status bar have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop_app.core.address import safe_title
from desktop_app.core.camera import CameraInfo, known_as
from desktop_app.core.screen_spec import is_screen, screen_title
from desktop_app.core.source import SourceInfo
from desktop_app.gui import texts
from desktop_app.gui.drop import kind_of, pasted_folder
from desktop_app.gui.pipeline_controller import PipelineController, RunningModel
from desktop_app.gui.rows import Row
from desktop_app.i18n import tr

ENGINES = {"openvino": "OpenVINO", "torch": "torch"}
_ICONS = {
    "camera": "video-camera",
    "network": "globe",
    "video": "film-strip",
    "image": "image",
    "images": "folder-open",
    "demo": "play-circle",
    "screen": "monitor",
    "picture": "image",
    "folder": "folder-open",
}


def source_icon(kind: str) -> str:
    return _ICONS.get(kind, "file")


def camera_caption(camera: CameraInfo) -> str:
    """ "1280×720 · 30 fps": the largest format at its highest rate; empty where none is known."""
    if not camera.formats:
        return ""
    best = max(camera.formats, key=lambda f: (f.fps >= 24, f.width * f.height, f.fps))
    return " · ".join((texts.size(best.width, best.height), tr("{rate} fps", rate=texts.number(best.fps))))


def place_of(camera: CameraInfo, cameras: Sequence[CameraInfo]) -> str:
    """Where it is plugged in, for one of several with the same name; else empty."""
    twins = sum(each.name == camera.name for each in cameras)
    port = camera.stable_id.partition("@")[2] or camera.stable_id
    return tr("port {port}", port=port.rpartition("-")[2]) if twins > 1 else ""


def source_caption(info: SourceInfo) -> str:
    parts = [texts.size(info.width, info.height)] if info.width and info.kind != "images" else []
    if info.kind == "images" and info.frame_count:
        parts.append(tr("{count} pictures", count=info.frame_count))
    elif info.fps:
        parts.append(tr("{rate} fps", rate=texts.number(info.fps, 0 if info.fps == round(info.fps) else 1)))
    if info.duration and info.kind == "video":
        parts.append(texts.clock(info.duration))
    return " · ".join(parts)


def opening_title(cameras: Sequence[CameraInfo], spec: str) -> str:
    """Of what is not open yet: a camera's name where it is known."""
    kind, _, which = spec.partition(":")
    if kind != "camera":
        return safe_title(spec)
    known = known_as(which, (camera.stable_id for camera in cameras))
    for camera in cameras:
        if camera.stable_id == known or (which.isdecimal() and camera.index == int(which)):
            return camera.name
    return tr("Camera {index}", index=which) if which.isdecimal() else which


def source_title(info: SourceInfo) -> str:
    if info.spec.startswith(str(pasted_folder())):
        return tr("Pasted picture")
    return tr("Demo") if info.kind == "demo" else info.title


def recent_row(spec: str) -> Row:
    """A file or address that was opened before."""
    if "://" in spec:
        return Row(safe_title(spec), spec, tr("Address"), "globe", "globe-fill")
    if is_screen(spec):
        icon = "monitor" if spec.startswith("screen") else "app-window"
        return Row(screen_title(spec), spec, tr("Screen or window"), icon, f"{icon}-fill")
    path = Path(spec)
    icon = source_icon(kind_of(path))
    parent = str(path.parent).replace(str(Path.home()), "~")
    return Row(path.name or spec, spec, parent, icon, f"{icon}-fill")


def camera_icon(camera: CameraInfo) -> str:
    return "aperture" if "microscop" in camera.name.casefold() else "video-camera"


def placed(model: RunningModel) -> str:
    """ "OpenVINO, CPU"."""
    return f"{ENGINES.get(model.engine, model.engine)}, {model.device}"


def models_text(controller: PipelineController) -> str:
    """The models that run, as the toolbar names them; before the first runs, those asked for."""
    keys = tuple(controller.running) or controller.asked
    return " + ".join(keys) or tr("No model")


def engine_text(controller: PipelineController) -> str:
    """ "yolov3-tiny · OpenVINO, CPU · fp32", then the sizes of inputs that are smaller to hold a rate; nothing while no
    model runs."""
    models = list(controller.running.values())
    if not models:
        return ""
    last = models[0]
    names = " + ".join(model.key for model in models)
    result = controller.results.get(last.key)  # the precision follows the source: pictures are looked at exactly
    smaller = [f"{now.input_size}{texts.NBSP}px" for now in controller.gears.lower(controller.running)]
    precision = last.precision if result is None else result.precision
    if controller.is_batch:
        precision = controller.batch.precisions.get(last.key, precision)
    return " · ".join((names, placed(last), precision, *smaller))
