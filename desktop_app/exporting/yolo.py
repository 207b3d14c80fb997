"""YOLO: `images/train`, `labels/train`, the same for `val`, and a `data.yaml` that Ultralytics trains on.

A label file has a line a box: class, centre and size as shares of the picture. It has no place for confidences: with a
sixth column Ultralytics refuses the file. They are in `results.jsonl`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desktop_app.exporting.files import write_new, write_text
from desktop_app.exporting.labelled import Labelled


def label(root: Path, picture: Labelled, _names: Sequence[str]) -> None:
    width, height = picture.width, picture.height
    lines = [
        f"{box.class_id} {(box.x1 + box.x2) / 2 / width:.6f} {(box.y1 + box.y2) / 2 / height:.6f} "
        f"{box.width / width:.6f} {box.height / height:.6f}\n"
        for box in picture.boxes
    ]
    write_new(root / "labels" / picture.split / f"{picture.stem}.txt", "".join(lines))


def index(root: Path, _pictures: Sequence[Labelled], names: Sequence[str]) -> None:
    """No `path`: Ultralytics then takes the folder of the file, wherever it is moved to.

    Both parts must be named. Where there is no validation part yet it is the training part. What the user wrote into
    the file stays.
    """
    import yaml

    path = root / "data.yaml"
    split = "val" if (root / "images" / "val").is_dir() else "train"
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    wanted = {
        "train": data.get("train", "images/train"),
        "val": data.get("val") if data.get("val", "images/train") != "images/train" else f"images/{split}",
        "names": dict(enumerate(names)),
    }
    if any(data.get(key) != value for key, value in wanted.items()):
        write_text(path, yaml.safe_dump({**data, **wanted}, sort_keys=False, allow_unicode=True, width=1000))
