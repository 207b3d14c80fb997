"""What an export is made of, what is wanted, and what became of it. Plain data: travels between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from desktop_app.core.frame import Bgr

Split = Literal["train", "val"]
PictureMode = Literal["copy", "hardlink", "symlink"]
PICTURE_MODES: tuple[PictureMode, ...] = get_args(PictureMode)


@dataclass(frozen=True, slots=True, eq=False)
class ExportItem:
    """One picture with its results.

    `records`: what `core.records.record` makes, one a model; the class lists of classifiers may be cut.
    `path`: the file of the picture (or its `file:` URL), with `frame` that of the video whose frame it is.
    `bgr`: the pixels where there is no file; `path` then only gives the name.
    `rotation`, `mirror`: how the file's picture was turned before it was recognised (see `core.capture.Orientation`).
    `split`: where it goes; empty: as the share of `ExportJob` has it.
    """

    records: tuple[dict[str, Any], ...]
    path: str = ""
    frame: int | None = None
    bgr: Bgr | None = None
    rotation: int = 0
    mirror: bool = False
    split: Split | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class ExportJob:
    """`target`: the folder of a data set, the file of a table. `format`: a key of `FORMATS`.

    `model`: whose results; `task`: "detect" or "classify"; `names`: its English class names, by id.
    `least`: boxes and classes below this confidence or probability are left out.
    `empty`: pictures without any box are taken too, as negatives (not where boxes are cut out).
    `val_share`: of 1, how many go to the validation part, drawn with `seed`. `total`: of the items, 0 where unknown.
    `add`: to the data set that `target` holds; otherwise `target` must not hold anything.
    """

    target: str
    format: str
    model: str
    task: str
    names: tuple[str, ...]
    least: float = 0.0
    empty: bool = True
    pictures: PictureMode = "copy"
    val_share: float = 0.0
    seed: int = 0
    total: int = 0
    add: bool = False


@dataclass(slots=True)
class ExportReport:
    """What became of the items: `pictures` written with `labels` boxes or classes in them.

    `known`: were in the data set already. `empty`: had nothing above the threshold and were left out.
    `copied`: should have been links, which this place does not allow. `failed`: file name and reason.
    `all_pictures`: how many the data set holds now.
    """

    target: str = ""
    pictures: int = 0
    labels: int = 0
    known: int = 0
    empty: int = 0
    copied: int = 0
    all_pictures: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
