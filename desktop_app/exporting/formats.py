"""The table of formats. Plain data with small functions: the window reads it too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from desktop_app.errors import AppError
from desktop_app.exporting import coco, labelme, voc, yolo
from desktop_app.exporting.labelled import Labelled
from desktop_app.i18n import tr

Text = Callable[[], str]
What = TypeVar("What")
Write = Callable[[Path, What, Sequence[str]], None]
"""Called with the root, what is to be written, and the class names by id."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a data set lies on the disk.

    `folder`: of a picture below the root; `{split}` is its part, `{name}` the folder of its class. `whole`: the same
    where there is no validation part. `label`: writes down one picture that is there. `index`: writes or adds to the
    files that name all, when the new pictures are there. `splits`: it knows a training and a validation part.
    `cuts`: the label is of the whole picture, so of a detector each box is cut out and becomes one.
    """

    folder: str
    whole: str
    label: Write[Labelled] | None = None
    index: Write[Sequence[Labelled]] | None = None
    splits: bool = True
    cuts: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """`opens`: the tools that read it. `tasks`: whose results it can hold. A table has a `suffix` and no layout."""

    key: str
    title: Text
    opens: Text
    tasks: frozenset[str]
    layout: Layout | None = None
    suffix: str = ""


_BOXES, _BOTH = frozenset(["detect"]), frozenset(["detect", "classify"])

FORMATS: tuple[Format, ...] = (
    Format(
        "yolo",
        lambda: "YOLO",
        lambda: tr("Opens in: Ultralytics YOLO, Roboflow, Label Studio, FiftyOne"),
        _BOXES,
        Layout("images/{split}", "images/{split}", yolo.label, yolo.index),
    ),
    Format(
        "coco",
        lambda: "COCO",
        lambda: tr("Opens in: pycocotools, Detectron2, MMDetection, CVAT, FiftyOne"),
        _BOXES,
        Layout("images/{split}", "images/{split}", index=coco.index),
    ),
    Format(
        "voc",
        lambda: "Pascal VOC",
        lambda: tr("Opens in: torchvision, LabelImg, CVAT, MMDetection"),
        _BOXES,
        Layout("JPEGImages", "JPEGImages", voc.label, voc.index),
    ),
    Format(
        "labelme",
        lambda: "labelme",
        lambda: tr("Opens in: labelme, X-AnyLabeling, to correct by hand"),
        _BOTH,
        Layout("", "", labelme.label, labelme.index, splits=False),
    ),
    Format(
        "imagefolder",
        lambda: "ImageFolder",
        lambda: tr("Opens in: torchvision, Keras, fastai, Ultralytics; a folder a class"),
        _BOTH,
        Layout("{split}/{name}", "{name}", cuts=True),
    ),
    Format(
        "jsonl",
        lambda: tr("JSON Lines"),
        lambda: tr("A text file, one JSON object a picture: pandas, DuckDB, jq; no pictures"),
        _BOTH,
        suffix=".jsonl",
    ),
    Format(
        "csv",
        lambda: tr("Table (CSV)"),
        lambda: tr("A text file, one line a box or class: spreadsheets, R; no pictures"),
        _BOTH,
        suffix=".csv",
    ),
)

DATA_SETS: tuple[str, ...] = tuple(each.key for each in FORMATS if each.layout is not None)


def find_format(key: str) -> Format:
    """Raises `AppError` for a key that no line has."""
    for each in FORMATS:
        if each.key == key:
            return each
    raise AppError(tr("There is no format “{key}”.", key=key), tr("Choose one of {keys}.", keys=", ".join(DATA_SETS)))
