"""labelme: beside each picture a JSON file of its name, in which the picture is named and not held.

A box is a rectangle by two corners, its confidence the `score` that labelme keeps; a track is its group. What a
classifier says is a flag of the picture.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desktop_app.exporting.files import write_new, write_text
from desktop_app.exporting.labelled import Box, Labelled

_VERSION = "5.5.0"
"""Of labelme, whose fields these are; newer ones read it."""


def label(root: Path, picture: Labelled, names: Sequence[str]) -> None:
    flags = {} if picture.class_id is None else {names[picture.class_id]: True}
    data = {
        "version": _VERSION,
        "flags": flags,
        "shapes": [_shape(box, names[box.class_id]) for box in picture.boxes],
        "imagePath": picture.name,
        "imageData": None,
        "imageHeight": picture.height,
        "imageWidth": picture.width,
    }
    write_new((root / picture.file).with_suffix(".json"), json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def _shape(box: Box, name: str) -> dict[str, Any]:
    return {
        "label": name,
        "points": [[round(box.x1, 2), round(box.y1, 2)], [round(box.x2, 2), round(box.y2, 2)]],
        "group_id": box.track_id,
        "description": "",
        "shape_type": "rectangle",
        "flags": {},
        "mask": None,
        "score": box.confidence,
    }


def index(root: Path, _pictures: Sequence[Labelled], names: Sequence[str]) -> None:
    """What `labelme --labels` takes."""
    write_text(root / "labels.txt", "".join(f"{name}\n" for name in names))
