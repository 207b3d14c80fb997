"""What was dropped or pasted, guessed cheaply from names and first bytes. The recogniser decides finally."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from desktop_app.i18n import tr
from desktop_app.paths import cache_dir

Kind = Literal["picture", "pictures", "folder", "video", "model", "address", "file", "nothing"]
PICTURES = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".apng",
        ".hif",
        ".heics",
        ".heifs",
        ".avifs",
        ".dib",
        ".pbm",
        ".pnm",
        ".j2k",
        ".qoi",
        ".ico",
        ".png",
        ".bmp",
        ".gif",
        ".webp",
        ".tif",
        ".tiff",
        ".avif",
        ".heic",
        ".heif",
        ".ppm",
        ".pgm",
        ".jp2",
    ]
)
VIDEOS = frozenset(
    [
        ".mp4",
        ".m4v",
        ".mov",
        ".mkv",
        ".avi",
        ".webm",
        ".mpg",
        ".mpeg",
        ".wmv",
        ".flv",
        ".ts",
        ".mts",
        ".m2ts",
        ".ogv",
        ".3gp",
        ".mjpeg",
    ]
)
MODELS = frozenset(
    [
        ".onnx",
        ".pt",
        ".pth",
        ".pb",
        ".h5",
        ".hdf5",
        ".keras",
        ".tflite",
        ".safetensors",
        ".engine",
        ".mlmodel",
        ".weights",
        ".caffemodel",
        ".ckpt",
        ".pkl",
        ".regard",
    ]
)
LOOKED_AT = 100
ADDRESS = re.compile(r"(?:https?|rtsps?)://\S+$", re.IGNORECASE)
_MAGIC: tuple[tuple[bytes, int, Kind], ...] = (
    (b"\xff\xd8\xff", 0, "picture"),
    (b"\x89PNG", 0, "picture"),
    (b"GIF8", 0, "picture"),
    (b"BM", 0, "picture"),
    (b"II*\x00", 0, "picture"),
    (b"MM\x00*", 0, "picture"),
    (b"WEBP", 8, "picture"),
    (b"AVI ", 8, "video"),
    (b"\x1a\x45\xdf\xa3", 0, "video"),
    (b"ftypavif", 4, "picture"),
    (b"ftypavis", 4, "picture"),
    (b"ftyphei", 4, "picture"),
    (b"ftypmif1", 4, "picture"),
    (b"ftypmsf1", 4, "picture"),
    (b"ftyphev", 4, "picture"),
    (b"ftyp", 4, "video"),
    (b"PK\x03\x04", 0, "model"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """`specs` open a source; `models` are files to import."""

    kind: Kind
    specs: tuple[str, ...] = ()
    models: tuple[str, ...] = ()

    def hint(self) -> str:
        """What will happen when it is dropped."""
        match self.kind:
            case "picture":
                return tr("Drop to recognise this picture")
            case "pictures":
                return tr("Drop to recognise {count} files", count=len(self.specs))
            case "folder":
                return tr("Drop to recognise the pictures in this folder")
            case "video":
                return tr("Drop to play this video")
            case "model":
                return tr("Drop to import this model")
            case "address":
                return tr("Drop to open this address")
            case "file":
                return tr("Drop to open this file")
            case _:
                return tr("Pictures, videos, folders, models and addresses can be dropped here")


def kind_of(path: Path) -> Kind:
    """By extension, else by the first bytes; never waits on anything that is not a regular file."""
    if path.is_dir():
        return "folder"
    kind = _kind_by_name(str(path))
    if kind != "file":
        return kind
    if not path.is_file():
        return "file"
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return "file"
    return next((kind for magic, at, kind in _MAGIC if head[at:].startswith(magic)), "file")


def _kind_by_name(path: str) -> Kind:
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122  (of 20,000 files it counts)
    if suffix in PICTURES:
        return "picture"
    return "video" if suffix in VIDEOS else "model" if suffix in MODELS else "file"


def offer_of_paths(paths: Sequence[str]) -> Offer:
    """Many files are told apart by their names alone: to look at each would hold up the drag."""
    few = len(paths) <= LOOKED_AT
    kinds = {path: kind_of(Path(path)) if few else _kind_by_name(path) for path in paths}
    models = tuple(path for path, kind in kinds.items() if kind == "model")
    specs = tuple(path for path, kind in kinds.items() if kind != "model")
    if not specs:
        return Offer("model" if models else "nothing", models=models)
    kind: Kind = "pictures" if len(specs) > 1 else kinds[specs[0]]
    return Offer(kind, specs, models)


def offer_of_text(text: str) -> Offer:
    """An address, a camera or demo name, or the paths of files that exist, one a line."""
    lines = [line.strip().strip('"') for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and ADDRESS.match(lines[0]):
        return Offer("address", (lines[0],))
    if len(lines) == 1 and re.fullmatch(r"camera:\S+|demo:\S*|screen:\S*|window:.+", lines[0]):
        return Offer("file", (lines[0],))
    paths = [line.removeprefix("file://") for line in lines]
    if paths and all(_exists(path) for path in paths):
        return offer_of_paths(paths)
    return Offer("nothing")


def offer_of_specs(specs: Sequence[str]) -> Offer:
    """What a command line names: paths, addresses, "camera:0", "demo:"."""
    if len(specs) == 1:
        offer = offer_of_text(specs[0])
        return offer if offer.kind != "nothing" else Offer("file", tuple(specs))
    return offer_of_paths(specs)


def offer_of(mime: QMimeData) -> Offer:
    """What lies on the clipboard or under the pointer. A bare picture has no file yet: see `save_picture`."""
    if mime.hasUrls():
        local = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        remote = [url.toString() for url in mime.urls() if not url.isLocalFile()]
        if local:
            return offer_of_paths(local)
        if remote and ADDRESS.match(remote[0]):
            return Offer("address", (remote[0],))
    if mime.hasImage():
        return Offer("picture")
    return offer_of_text(mime.text()) if mime.hasText() else Offer("nothing")


def pasted_folder() -> Path:
    return cache_dir() / "pasted"


def save_picture(picture: QImage) -> Path | None:
    """A pasted picture as a file, for the recogniser; `None` where it cannot be written."""
    folder = pasted_folder()
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = next(p for n in range(1000) if not (p := folder / f"{stamp}-{n}.png").exists())
    for old in sorted(folder.glob("*.png"))[:-20]:
        old.unlink(missing_ok=True)
    return path if picture.save(str(path), "PNG") else None  # type: ignore[call-overload]


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False
