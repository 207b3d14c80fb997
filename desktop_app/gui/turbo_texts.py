"""What was measured of an int8 network, in words."""

from __future__ import annotations

from desktop_app.core.turbo import TurboReport
from desktop_app.gui.texts import NBSP, number, percent
from desktop_app.i18n import tr


def verdict(report: TurboReport) -> str:
    """ "97 % of the boxes agree"."""
    said = report.agreement
    if said.share is None:
        return tr("Nothing was found: no agreement could be measured")
    share = percent(said.share, 0 if said.share in (0.0, 1.0) else 1)
    if report.task == "classify":
        return tr("{share} of the frames get the same name", share=share)
    return tr("{share} of the boxes agree", share=share)


def evidence(report: TurboReport) -> str:
    """On what the verdict stands."""
    said = report.agreement
    if said.share is None:
        return tr("Neither found anything on the {frames} frames held back. Use other frames.", frames=said.frames)
    if report.task == "classify":
        return tr(
            "On {frames} frames that calibrated nothing. "
            "The probability of the first class differs by {shift} on average.",
            frames=said.frames,
            shift=percent(said.shift or 0.0),
        )
    if said.overlap is None or said.shift is None:
        return tr("{boxes} boxes on {frames} frames that calibrated nothing.", boxes=said.boxes, frames=said.frames)
    return tr(
        "{boxes} boxes on {frames} frames that calibrated nothing. Boxes found by both overlap by {overlap}; "
        "their confidences differ by {shift} on average.",
        boxes=said.boxes,
        frames=said.frames,
        overlap=percent(said.overlap, 0),
        shift=number(said.shift, 2),
    )


def speed(report: TurboReport) -> str:
    """ "1.8 times as fast"; says so too where it is none."""
    times = report.speed_up
    if times is None:
        return ""
    if times < 1.05:
        return tr("Not faster on this machine")
    return tr("{times} times as fast", times=number(times, 1)).replace(" ", NBSP, 1)
