"""Collects the licences of everything that a bundle holds into one file, which Help → About shows."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_NAMES = ("licen", "copying", "notice", "authors", "copyright")
# Not installed by pip, and inside nevertheless.
_OTHERS = (
    ("Python", "PSF-2.0", "https://www.python.org"),
    ("Phosphor Icons", "MIT", "https://phosphoricons.com"),
    ("DejaVu fonts", "Bitstream Vera, public domain", "https://dejavu-fonts.github.io"),
    ("EfficientNet-Lite0 (weights)", "Apache-2.0", "https://github.com/RangiLyu/EfficientNet-Lite"),
    ("YOLOv3-tiny (weights)", "public domain", "https://pjreddie.com/darknet/yolo/"),
    ("Photographs of the demo (Ultralytics)", "AGPL-3.0", "https://github.com/ultralytics/ultralytics"),
    ("FFmpeg (in PyAV and OpenCV)", "LGPL-2.1-or-later", "https://ffmpeg.org"),
)


def _licence_of(about: Any) -> str:
    """What the package says of itself, shortest first."""
    if about.get("License-Expression"):
        return str(about["License-Expression"])
    classifiers = about.get_all("Classifier") or ()
    classes = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    if classes:
        return ", ".join(classes)
    return str(about.get("License") or "").strip().split("\n")[0][:80]


def _home_of(about: Any) -> str:
    links = dict(line.split(", ", 1) for line in about.get_all("Project-URL") or () if ", " in line)
    lower = {name.lower(): link for name, link in links.items()}
    chosen = (lower.get(name) for name in ("homepage", "home", "source", "source code", "repository"))
    return str(about.get("Home-page") or next(filter(None, chosen), "") or next(iter(links.values()), ""))


def _texts_of(distribution: importlib.metadata.Distribution) -> list[str]:
    found = []
    for file in distribution.files or ():
        inside = ".dist-info" in str(file) or len(file.parts) == 2
        if inside and file.name.lower().startswith(_NAMES) and file.suffix.lower() in ("", ".txt", ".md", ".rst"):
            path = Path(str(distribution.locate_file(file)))
            if path.is_file():
                found.append(path.read_text(encoding="utf-8", errors="replace").strip())
    return list(dict.fromkeys(found))


def _python_licence() -> str:
    places = (Path(sys.base_prefix, "LICENSE.txt"), Path(os.__file__).parent / "LICENSE.txt")
    return next((place.read_text(encoding="utf-8") for place in places if place.is_file()), "")


def collect(names: Iterable[str]) -> list[dict[str, object]]:
    """One entry a package: name, version, licence, address, and the texts that it carries."""
    rows: list[dict[str, object]] = []
    for name in names:
        distribution = importlib.metadata.distribution(name)
        about = distribution.metadata
        rows.append(
            {
                "name": about["Name"],
                "version": distribution.version,
                "licence": _licence_of(about),
                "address": _home_of(about),
                "texts": _texts_of(distribution),
            }
        )
    rows += [
        {"name": name, "version": "", "licence": licence, "address": address, "texts": []}
        for name, licence, address in _OTHERS
    ]
    next(row for row in rows if row["name"] == "Python")["texts"] = [_python_licence()]
    return sorted(rows, key=lambda row: str(row["name"]).lower())


def write(names: Iterable[str], target: Path) -> None:
    target.write_text(json.dumps(collect(names), ensure_ascii=False, indent=1), encoding="utf-8")
