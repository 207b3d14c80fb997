"""Pascal VOC: `JPEGImages`, `Annotations` with an XML file a picture, `ImageSets/Main` with the lists of names, and
CVAT's `labelmap.txt` with the classes.

Coordinates as in the development kit: whole pixels that count from 1, and the last one belongs to the box. The
confidence is an element of its own, which readers that do not know it pass over.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from desktop_app.exporting.files import write_new, write_text
from desktop_app.exporting.labelled import Box, Labelled


def label(root: Path, picture: Labelled, names: Sequence[str]) -> None:
    tree = Element("annotation")
    _put(tree, "folder", "JPEGImages")
    _put(tree, "filename", picture.name)
    _put(SubElement(tree, "source"), "database", "Regard")
    size = SubElement(tree, "size")
    for tag, value in (("width", picture.width), ("height", picture.height), ("depth", 3)):
        _put(size, tag, value)
    _put(tree, "segmented", 0)
    for box in picture.boxes:
        _object(tree, box, picture, names[box.class_id])
    indent(tree)
    write_new(root / "Annotations" / f"{picture.stem}.xml", tostring(tree, encoding="unicode") + "\n")


def _object(tree: Element, box: Box, picture: Labelled, name: str) -> None:
    found = SubElement(tree, "object")
    _put(found, "name", name)
    _put(found, "pose", "Unspecified")
    _put(found, "truncated", 0)
    _put(found, "difficult", 0)
    _put(found, "confidence", box.confidence)
    if box.track_id is not None:
        _put(found, "track_id", box.track_id)
    bounds = SubElement(found, "bndbox")
    left, top = min(round(box.x1) + 1, picture.width), min(round(box.y1) + 1, picture.height)
    corners = (left, top, max(left, round(box.x2)), max(top, round(box.y2)))
    for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True):
        _put(bounds, tag, value)


def _put(parent: Element, tag: str, value: object) -> None:
    SubElement(parent, tag).text = str(value)


def index(root: Path, pictures: Sequence[Labelled], names: Sequence[str]) -> None:
    """Adds to the lists; `trainval` is both parts together."""
    for name, parts in (("train", ("train",)), ("val", ("val",)), ("trainval", ("train", "val"))):
        path = root / "ImageSets" / "Main" / f"{name}.txt"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before and not before.endswith("\n"):
            before += "\n"
        write_text(path, before + "".join(f"{each.stem}\n" for each in pictures if each.split in parts))
    # Without it CVAT takes the twenty classes of the challenge to be all there are.
    labels = "".join(f"{name}:::\n" for name in names)
    write_text(root / "labelmap.txt", f"# label:color_rgb:parts:actions\n{labels}")
