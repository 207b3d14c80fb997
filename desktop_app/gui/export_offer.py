"""What there is to export at the moment, for the dialog to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_app.exporting.item import ExportItem
from desktop_app.exporting.names import safe_stem, stem_of
from desktop_app.gui import texts
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.gui.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Choice:
    """`title`: as on the button, with the count. `items` is called once, in the window's thread, bit by bit.

    `frames`: of a video, of which every nth can be taken (`items` gives all). `files`: pictures that can be linked.
    """

    key: str
    title: Callable[[], str]
    count: int
    items: Callable[[], Iterable[ExportItem]]
    frames: bool = False
    files: bool = True


@dataclass(frozen=True, slots=True)
class ModelResults:
    """A model with results in the offer, its English class names by id."""

    key: str
    task: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """`name`: what a folder may be called. The first choice is the usual one."""

    name: str
    choices: tuple[Choice, ...]
    models: tuple[ModelResults, ...]


def pictures(count: int) -> str:
    return tr("{count} pictures", count=texts.number(count)) if count != 1 else tr("1 picture")


def models_of(window: MainWindow, items: Iterable[ExportItem]) -> tuple[ModelResults, ...]:
    """The models that have records in the items, in their order."""
    from desktop_app.models.catalog import class_names

    controller = window.controller
    found: dict[str, ModelResults] = {}
    for item in items:
        for record in item.records:
            key = record["model"]
            if key not in found:
                info = controller.model_info(key)
                names = controller.names.get(key) or (class_names(info) if info is not None else ())
                found[key] = ModelResults(key, record["task"], names)
    return tuple(found.values())


def frame_offer(window: MainWindow, item: ExportItem) -> Offer:
    """What is on the screen."""
    still = item.bgr is None and item.frame is None
    choice = Choice("frame", lambda: tr("This picture") if still else tr("This frame"), 1, lambda: (item,), files=still)
    return Offer(safe_stem(stem_of(item.path)), (choice,), models_of(window, (item,)))
