"""What is said of the way from the frame to the network, in sentences made of the model's own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from desktop_app.core.input_steps import Answer, InputSteps
from desktop_app.gui import texts
from desktop_app.i18n import tr
from desktop_app.models.catalog import torchvision_cards
from desktop_app.recogniser import messages as m

KNOWN = ("inception_v3", "vgg19", "resnet50")
"""Those that a course begins with."""


def interpolation_name(name: str) -> str:
    return tr("bicubic") if name == "bicubic" else tr("bilinear")


def why_this_size(seen: m.Explained, steps: InputSteps) -> str:
    """One plain sentence: why the network looks at so many pixels."""
    size, how = texts.size(*seen.size), interpolation_name(steps.interpolation)
    cells = ""
    maps = [station for station in seen.stations if station.width > 1]
    if maps:
        last = texts.size(maps[-1].width, maps[-1].height)
        cells = tr("its last maps then have {cells} cells", cells=last)
    if steps.fit == "cut":
        sentence = tr(
            "{model} learnt from inputs of {size} pixels, so the shorter side of the picture is scaled to {side} "
            "({how}) and the middle {size} is cut out",
            model=seen.model,
            size=size,
            side=steps.side,
            how=how,
        )
    else:
        sentence = tr(
            "{model} takes inputs of {size} pixels here, so the picture is scaled ({how}) until its longer side is "
            "{side} and the rest is filled with grey",
            model=seen.model,
            size=size,
            side=steps.side,
            how=how,
        )
    return tr("{sentence}; {more}.", sentence=sentence, more=cells) if cells else f"{sentence}."


@cache
def _sides() -> tuple[tuple[str, int, int], ...]:
    """Of well-known networks: key, side of the input, and to what the shorter side of a picture is scaled."""
    cards = torchvision_cards()
    return tuple((key, cards[key]["crop"], cards[key]["resize"]) for key in KNOWN if key in cards)


def other_networks(model: str) -> str:
    """What others look at, by their makers' own preprocessing."""
    named = [
        tr("{model} {size} of {side}", model=key, size=texts.size(crop, crop), side=resize)
        for key, crop, resize in _sides()
        if key != model
    ]
    return tr("For comparison: {networks}.", networks=", ".join(named))


def formula(steps: InputSteps) -> str:
    """How a byte becomes a number of the tensor, as a formula that holds for each channel."""
    if not any(steps.mean) and all(value == 1 for value in steps.std):
        return tr("value ÷ 255")
    mean = ", ".join(_short(value) for value in steps.mean)
    std = ", ".join(_short(value) for value in steps.std)
    return tr("(value ÷ 255 − mean) ÷ std, mean {mean}, std {std}", mean=mean, std=std)


def _short(value: float) -> str:
    """With as many decimals as it has, three at most."""
    return texts.number(value, next(n for n in (1, 2, 3) if n == 3 or round(value, n) == round(value, 3)))


def order_verdict(answers: Sequence[Answer], swapped: Sequence[Answer], red_wins: int, looks: int) -> str:
    """Which order of the colours the network is surer with; one picture proves little."""
    as_now = answers[0].value if answers else 0.0
    other = swapped[0].value if swapped else 0.0
    first = tr("red first") if as_now >= other else tr("blue first")
    verdict = tr(
        "Surer with {order}: {high} against {low}.",
        order=first,
        high=texts.number(max(as_now, other), 2),
        low=texts.number(min(as_now, other), 2),
    )
    if looks < 2:
        return f"{verdict} {tr('One picture proves little: look at several.')}"
    return f"{verdict} {tr('Surer with red first in {count} of {looks} looks.', count=red_wins, looks=looks)}"
