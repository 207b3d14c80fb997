"""COCO: `images/train` with `annotations/instances_train.json`, the same for `val`.

Category ids: those of COCO itself (1 to 90 with gaps) where the classes are its eighty, so that the file can be
compared with COCO's own; otherwise the class id plus one, for many tools take 0 for the background. Annotations carry
the confidence as `score`, and `predictions_train.json` holds them as `COCO.loadRes` of pycocotools wants results.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from desktop_app.exporting.files import read_json, write_text
from desktop_app.exporting.labelled import Box, Labelled

# Of the 91 things of the COCO paper eleven were never labelled.
_UNUSED = frozenset((12, 26, 29, 30, 45, 66, 68, 69, 71, 83))
_OFFICIAL = tuple(number for number in range(1, 91) if number not in _UNUSED)


def category_ids(names: Sequence[str]) -> tuple[int, ...]:
    """By class id."""
    from desktop_app.models.catalog import class_names, find

    is_coco = tuple(names) == class_names(find("yolov3-tiny"))
    return _OFFICIAL if is_coco else tuple(range(1, len(names) + 1))


def index(root: Path, pictures: Sequence[Labelled], names: Sequence[str]) -> None:
    """Adds to what is there: ids go on, and what others wrote stays."""
    for split in ("train", "val"):
        new = [picture for picture in pictures if picture.split == split]
        if new:
            _add(root, split, new, names)


def _add(root: Path, split: str, pictures: Sequence[Labelled], names: Sequence[str]) -> None:
    # Not both in one folder: CVAT takes whatever lies in `annotations` for one of its own.
    path, results_path = root / "annotations" / f"instances_{split}.json", root / f"predictions_{split}.json"
    data = read_json(path) if path.exists() else _empty()
    results = read_json(results_path) if results_path.exists() else []
    ids = category_ids(names)
    data["categories"] = [
        {"id": number, "name": name, "supercategory": "none"} for number, name in zip(ids, names, strict=True)
    ]
    image_id = max((image["id"] for image in data["images"]), default=0)
    annotation_id = max((each["id"] for each in data["annotations"]), default=0)
    for picture in pictures:
        image_id += 1
        size = {"width": picture.width, "height": picture.height}
        data["images"].append({"id": image_id, "file_name": picture.name, **size})
        for box in picture.boxes:
            annotation_id += 1
            annotation = _annotation(box, image_id, ids[box.class_id])
            data["annotations"].append({"id": annotation_id, **annotation})
            results.append({key: annotation[key] for key in ("image_id", "category_id", "bbox", "score")})
    write_text(path, msgspec.json.encode(data).decode())
    write_text(results_path, msgspec.json.encode(results).decode())


def _empty() -> dict[str, Any]:
    info = {"description": "Recognised by Regard", "version": "1.0"}
    return {"info": info, "licenses": [], "images": [], "annotations": [], "categories": []}


def _annotation(box: Box, image_id: int, category_id: int) -> dict[str, Any]:
    bbox = [round(value, 2) for value in (box.x1, box.y1, box.width, box.height)]
    made = {
        "image_id": image_id,
        "category_id": category_id,
        "bbox": bbox,
        "area": round(bbox[2] * bbox[3], 2),
        "iscrowd": 0,
        "segmentation": [],
        "score": box.confidence,
    }
    return made if box.track_id is None else {**made, "track_id": box.track_id}
