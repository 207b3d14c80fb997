"""Items to export: pictures with boxes where it is known what must be read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from desktop_app.core.records import record
from desktop_app.core.results import Classification, Detections, Result, Timings
from desktop_app.exporting.export import export
from desktop_app.exporting.item import ExportItem, ExportJob, ExportReport

NAMES = ("person", "tea cup", "chien d’été", "=cmd")
Row = tuple[float, float, float, float, float, int]
SIZE = (64, 48)


def detections(*rows: Row) -> Detections:
    """Rows of (x1, y1, x2, y2, confidence, class id)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4].copy(), table[:, 4].copy(), table[:, 5].astype(np.int64))


def classification(*probabilities: float) -> Classification:
    values = np.array(probabilities, np.float32)
    return Classification(np.log(values), values)


def record_of(
    prediction: Detections | Classification,
    source: str = "a.jpg",
    size: tuple[int, int] = SIZE,
    names: Sequence[str] = NAMES,
    model: str = "m",
) -> dict[str, Any]:
    result = Result(0, 0.0, model, prediction, Timings(1, 1, 1), "openvino", "CPU")
    return record(source, 0, None, size, result, names)


def picture(path: Path, size: tuple[int, int] = SIZE, **options: Any) -> Path:
    """Red at the left, blue at the right, so that turning shows."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[:, : size[0] // 2] = (255, 0, 0)
    pixels[:, size[0] // 2 :] = (0, 0, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def item(path: Path, *rows: Row, size: tuple[int, int] = SIZE) -> ExportItem:
    return ExportItem((record_of(detections(*rows), str(path), size),), str(path))


def job(target: Path, key: str, **fields: Any) -> ExportJob:
    made = ExportJob(str(target), key, "m", "classify" if key == "imagefolder" else "detect", NAMES)
    return replace(made, **fields)


def write(target: Path, key: str, items: Sequence[ExportItem], **fields: Any) -> ExportReport:
    report = export(job(target, key, **fields), items)
    assert report is not None
    return report


def names_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
