"""Formats and controls of cameras in words."""

from __future__ import annotations

from desktop_app.core.camera import CameraControl, CameraFormat
from desktop_app.core.source import SourceInfo
from desktop_app.gui import texts
from desktop_app.i18n import tr


def rate_text(fps: float) -> str:
    return tr("{rate} fps", rate=texts.number(fps, 0 if abs(fps - round(fps)) < 0.05 else 1))


def format_text(chosen: CameraFormat) -> str:
    """ "1280×720 · 30 fps · MJPG"; what is not known is left out."""
    parts = [texts.size(chosen.width, chosen.height)]
    if chosen.fps:
        parts.append(rate_text(chosen.fps))
    return " · ".join([*parts, *([chosen.pixel_format] if chosen.pixel_format else [])])


def granted_format(info: SourceInfo) -> CameraFormat:
    return CameraFormat(info.width, info.height, info.fps or 0.0, info.detail)


def differs(asked: CameraFormat, granted: CameraFormat) -> bool:
    """Whether the camera gives something else than it was asked for."""
    return (
        (asked.width, asked.height) != (granted.width, granted.height)
        or (granted.fps > 0 and abs(asked.fps - granted.fps) > 0.5)
        or (asked.pixel_format not in ("", granted.pixel_format) and bool(granted.pixel_format))
    )


def control_name(control: CameraControl) -> str:
    """In the user's language where it is a usual one, else the driver's own word."""
    names = {
        "exposure_auto": tr("Automatic exposure"),
        "exposure_absolute": tr("Exposure time"),
        "exposure": tr("Exposure"),
        "exposure_priority": tr("Longer exposure at a lower rate"),
        "exposure_dynamic_framerate": tr("Longer exposure at a lower rate"),
        "gain_auto": tr("Automatic gain"),
        "gain": tr("Gain"),
        "backlight": tr("Backlight compensation"),
        "focus_auto": tr("Automatic focus"),
        "focus": tr("Focus"),
        "zoom": tr("Zoom"),
        "pan": tr("Pan"),
        "tilt": tr("Tilt"),
        "white_balance_auto": tr("Automatic white balance"),
        "white_balance": tr("White balance"),
        "brightness": tr("Brightness"),
        "contrast": tr("Contrast"),
        "saturation": tr("Saturation"),
        "hue": tr("Hue"),
        "sharpness": tr("Sharpness"),
        "gamma": tr("Gamma"),
        "power_line": tr("Against flicker of lamps"),
    }
    return names.get(control.key) or control.title[:64]


def choice_name(text: str) -> str:
    """Of an entry of a menu: translated where drivers agree on the word."""
    names = {
        "Auto Mode": tr("Automatic"),
        "Manual Mode": tr("By hand"),
        "Shutter Priority Mode": tr("Shutter priority"),
        "Aperture Priority Mode": tr("Aperture priority"),
        "Disabled": tr("Off"),
        "Auto": tr("Automatic"),
    }
    return names.get(text, text)[:64]


ORDER = (
    "exposure_auto",
    "exposure_absolute",
    "exposure",
    "exposure_priority",
    "exposure_dynamic_framerate",
    "gain_auto",
    "gain",
    "focus_auto",
    "focus",
    "white_balance_auto",
    "white_balance",
    "brightness",
    "contrast",
    "saturation",
    "hue",
    "sharpness",
    "gamma",
    "backlight",
    "power_line",
    "zoom",
    "pan",
    "tilt",
)


def in_order(controls: tuple[CameraControl, ...]) -> list[CameraControl]:
    """What is looked for most often first; what nobody knows last, as the driver has it."""
    place = {key: number for number, key in enumerate(ORDER)}
    return sorted(controls, key=lambda control: place.get(control.key, len(place)))


def value_text(control: CameraControl, value: float) -> str:
    if control.key == "white_balance" and control.low >= 1000:
        return f"{texts.number(value)}{texts.NBSP}K"
    return texts.number(value)
