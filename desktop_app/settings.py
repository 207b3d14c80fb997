"""What the user chose, kept in the config folder as JSON.

Read field by field: a bad value is dropped with a warning and never stops the start. Only what differs from the
defaults is written; the file is replaced in one step, so a crash or a full disk leaves the old one.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import math
import os
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from desktop_app.errors import SettingsError
from desktop_app.i18n import tr
from desktop_app.paths import config_dir

log = logging.getLogger(__name__)


RELEASES = ""
"""Where new versions are announced (see `models.updates`); whoever publishes Regard writes the address here."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Of one camera, by its stable id. Zeros and empty: Regard chooses; `None`: as all other sources.

    `controls`: only those that the user moved; all others are left as the camera has them.
    """

    stable_id: str
    name: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    pixel_format: str = ""
    mirror: bool | None = None
    rotation: Literal[0, 90, 180, 270] | None = None
    controls: dict[str, int] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults are what a new user gets."""

    language: Literal["system", "en", "fr"] = "system"
    theme: Literal["system", "dark", "light"] = "system"
    palette: Literal["default", "safe"] = "default"
    models: tuple[str, ...] = ("yolov3-tiny",)
    recent_models: tuple[str, ...] = ()
    engine: Literal["auto", "openvino", "torch"] = "auto"
    device: str = "auto"
    precision: Literal["auto", "fp32", "fp16", "bf16", "int8"] = "auto"
    confidence: float = 0.25
    iou: float | None = None
    top_k: int = 5
    smooth_seconds: float = 0.0
    mirror_camera: bool = False
    rotation: int = 0
    overlay: bool = True
    synced_live: bool = False
    live_target_fps: float = 0.0
    tracking: Literal["off", "bytetrack", "botsort"] = "off"
    trails: bool = True
    compare_models: tuple[tuple[str, ...], ...] = ()
    """(key, engine, precision) of each side of the comparison."""
    compare_view: Literal["beside", "split"] = "beside"
    compare_folder: str = ""
    loop: bool = True
    filmstrip: bool = True
    model_mirror: str = ""
    snapshot_folder: str = ""
    snapshot_overlay: bool = True
    snapshot_format: Literal["png", "jpeg", "webp"] = "png"
    export_format: str = "yolo"
    export_folder: str = ""
    export_pictures: Literal["copy", "hardlink", "symlink"] = "copy"
    export_empty: bool = True
    export_val_percent: int = 0
    export_seed: int = 0
    export_every: int = 10
    data_set: str = ""
    recording_folder: str = ""
    recording_format: Literal["mp4", "mkv"] = "mp4"
    recording_overlay: bool = True
    recording_sidecar: bool = True
    recording_subtitles: bool = False
    announce_results: bool = False
    ui_scale: float = 1.0
    update_check: Literal["asked", "weekly"] = "asked"
    update_address: str = RELEASES
    recent_sources: tuple[str, ...] = ()
    network_cameras: tuple[tuple[str, ...], ...] = ()
    """(name, address) of each; name and password of the login are in the keyring of the system."""
    trusted_certificates: tuple[tuple[str, ...], ...] = ()
    """(host:port, SHA-256 in hex) of those that the user accepted although nobody vouches for them."""
    cameras: tuple[CameraSettings, ...] = ()
    last_camera: str = ""


RANGES: dict[str, tuple[float, float]] = {
    "confidence": (0.01, 0.99),
    "iou": (0.05, 0.95),
    "top_k": (1, 10),
    "smooth_seconds": (0.0, 2.0),
    "rotation": (0, 270),
    "live_target_fps": (0.0, 240.0),
    "export_val_percent": (0, 90),
    "export_seed": (0, 9999),
    "export_every": (1, 10_000),
    "ui_scale": (0.8, 2.0),
}


def settings_file() -> Path:
    return config_dir() / "settings.json"


def _fits(value: Any, kind: Any) -> Any:
    """`value` as `kind`, or ValueError. JSON has lists where Python has tuples, and ints where it has floats."""
    origin = get_origin(kind)
    if origin is Literal:
        # By type too: False equals 0.
        if not any(type(value) is type(choice) and value == choice for choice in get_args(kind)):
            raise ValueError(f"not one of {get_args(kind)}")
        return value
    if origin in (Union, types.UnionType):
        if value is None and type(None) in get_args(kind):
            return None
        return _fits(value, next(k for k in get_args(kind) if k is not type(None)))
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ValueError("not a list")
        return tuple(_fits(item, get_args(kind)[0]) for item in value)
    if origin is dict:
        if not isinstance(value, dict):
            raise ValueError("not an object")
        return {_fits(key, get_args(kind)[0]): _fits(item, get_args(kind)[1]) for key, item in value.items()}
    if dataclasses.is_dataclass(kind):
        return _fits_record(value, kind)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"not a {kind.__name__}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def _fits_record(value: Any, kind: Any) -> Any:
    """A bad field of a record costs only itself, unless the record is nothing without it."""
    if not isinstance(value, dict):
        raise ValueError("not an object")
    good: dict[str, Any] = {}
    for name, field_kind in get_type_hints(kind).items():
        try:
            if name in value:
                good[name] = _fits(value[name], field_kind)
        except ValueError as error:
            log.info("%s of %s dropped: %s", name, kind.__name__, error)
    try:
        return kind(**good)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _plain(value: Any) -> Any:
    """As JSON has it; of records only what differs from their defaults."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        empty = {f.name: f.default_factory() for f in dataclasses.fields(value) if callable(f.default_factory)}
        return {
            f.name: _plain(getattr(value, f.name))
            for f in dataclasses.fields(value)
            if getattr(value, f.name) != empty.get(f.name, f.default)
        }
    return value


def load_settings() -> tuple[Settings, list[str]]:
    """The settings, and one sentence for each thing in the file that had to be dropped."""
    path = settings_file()
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(stored, dict):
            raise ValueError("not a JSON object")
    except FileNotFoundError:
        return Settings(), []
    except (OSError, ValueError) as error:
        log.info("settings %s unreadable: %s", path, error)
        return Settings(), [tr("The settings in {path} could not be read; Regard starts with its own.", path=path)]
    kinds = get_type_hints(Settings)
    good: dict[str, Any] = {}
    dropped: list[str] = []
    for name, kind in kinds.items():
        if name not in stored:
            continue
        try:
            value = _fits(stored[name], kind)
            low, high = RANGES.get(name, (-math.inf, math.inf))
            if isinstance(value, int | float) and not low <= value <= high:
                raise ValueError(f"not between {low} and {high}")
            good[name] = value
        except ValueError as error:
            log.info("setting %s dropped: %s", name, error)
            dropped.append(tr("The setting “{name}” had no usable value and is back at its default.", name=name))
    return Settings(**good), dropped


def save_settings(settings: Settings) -> None:
    """Raises `SettingsError` where the file cannot be written; the old file stays then."""
    path = settings_file()
    changed = _plain(settings)
    scratch = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with scratch.open("w", encoding="utf-8") as file:
            json.dump(changed, file, indent=2, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise SettingsError(
            tr("The settings could not be written to {path}: {reason}.", path=path, reason=error.strerror or error),
            tr("Free some space, or make the folder writable."),
        ) from error
