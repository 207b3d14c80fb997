"""Corruptions and answers in words."""

from __future__ import annotations

from desktop_app.core.stress import CorruptionName, Stress
from desktop_app.core.sweep import ALL, NOTHING, Answer
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.gui.stress_state import Sweep
from desktop_app.i18n import tr

IN_A_ROW = 2
"""Corruptions that are named where there is little room."""


def title(key: CorruptionName) -> str:
    titles: dict[CorruptionName, str] = {
        "blur": tr("Blur"),
        "noise": tr("Noise"),
        "brightness": tr("Brightness"),
        "contrast": tr("Contrast"),
        "jpeg": tr("JPEG quality"),
        "rotation": tr("Rotation"),
        "occlusion": tr("Occlusion"),
        "hue": tr("Hue"),
        "resolution": tr("Resolution"),
    }
    return titles[key]


def explanation(key: CorruptionName) -> str:
    explanations: dict[CorruptionName, str] = {
        "blur": tr("A Gaussian with this sigma, in pixels of the frame."),
        "noise": tr("Gaussian noise with this sigma on each value from 0 to 255."),
        "brightness": tr("Added to each value, in per cent of white."),
        "contrast": tr("Distance of each value from middle grey; 100 % is as it was."),
        "jpeg": tr("Compressed as a JPEG of this quality and opened again."),
        "rotation": tr("Turned clockwise about the middle; what comes into sight is grey."),
        "occlusion": tr("This part of the area is hidden by grey tiles."),
        "hue": tr("Every colour turned round the circle of colours."),
        "resolution": tr("This part of the width and height, in pixels as much larger."),
    }
    return explanations[key]


def value_text(key: CorruptionName, value: float) -> str:
    """ "3.5 px", "σ 20", "+15 %", "1/4"."""
    if key == "blur":
        return f"{texts.number(value, 0 if value == int(value) else 1)}{texts.NBSP}px"
    if key == "noise":
        return f"σ{texts.NBSP}{texts.number(value)}"
    if key == "jpeg":
        return tr("off") if value >= 100 else texts.number(value)
    if key == "resolution":
        return "1" if value <= 1 else f"1/{texts.number(value)}"
    if key in ("contrast", "occlusion"):
        return f"{texts.number(value)}{texts.NBSP}%"
    plus = "+" if value > 0 else ""
    return f"{plus}{texts.number(value)}{texts.NBSP}%" if key == "brightness" else f"{plus}{texts.number(value)}°"


def phrase(key: CorruptionName, value: float) -> str:
    """ "blur 3 px": within a sentence."""
    return tr("{name} {value}", name=_within(key), value=value_text(key, value))


def _within(key: CorruptionName) -> str:
    name = title(key)
    return name if name[:2].isupper() else name[0].lower() + name[1:]


def all_phrases(stress: Stress) -> str:
    return ", ".join(phrase(key, value) for key, value in stress.changes.items())


def short_phrases(stress: Stress) -> str:
    """The first ones, and how many more."""
    found = [phrase(key, value) for key, value in stress.changes.items()]
    more = len(found) - IN_A_ROW
    return ", ".join(found[:IN_A_ROW]) + (f" +{more}" if more > 0 else "")


def warning(stress: Stress) -> str:
    """ "Input changed: blur 3 px"; empty where nothing is."""
    return tr("Input changed: {what}", what=short_phrases(stress)) if stress.changes else ""


def sure_text(sweep: Sweep, confidence: float) -> str:
    """As everywhere: probabilities in per cent, confidences of boxes as numbers."""
    return texts.number(confidence, 2) if sweep.detects else texts.percent(confidence)


def answer_text(sweep: Sweep, answer: Answer) -> str:
    """What the model says there, and what of the clean answer is left."""
    if sweep.subject == ALL:
        return tr("F1 {value} with the boxes of the clean picture", value=texts.number(answer.f1, 2))
    subject = sweep.curves.subjects[sweep.subject]
    clean = name_of(sweep.names, subject.class_id)
    now, held = answer.now[sweep.subject], sure_text(sweep, answer.held[sweep.subject])
    if now == subject.class_id:
        return f"{clean} {held}"
    if now == NOTHING:
        return tr("“{clean}” is not found any more ({held})", clean=clean, held=held)
    name, sure = name_of(sweep.names, now), sure_text(sweep, answer.sure[sweep.subject])
    return tr("{now} {sure} instead of {clean} {held}", now=name, sure=sure, clean=clean, held=held)
