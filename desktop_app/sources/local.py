"""Paths: from what the user named to the files, in order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes, urlsplit

from desktop_app.core.natural_order import natural_key
from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.sniff import file_kind

# A single letter is a drive of Windows, not a scheme.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
# Have sources of their own; here they can only come from a list of files.
_OTHER_SOURCES = frozenset(["camera", "demo", "http", "https", "rtsp", "rtsps", "screen", "window"])
_PICTURES = (
    "jpg jpeg jpe jfif png apng gif webp tif tiff bmp dib avif avifs heic heics heif heifs hif "
    "jp2 j2k ppm pgm pbm pnm qoi ico"
)
_VIDEOS = "mp4 m4v mov mkv webm avi mpg mpeg ts m2ts mts wmv asf flv ogv 3gp mxf"
_MEDIA = frozenset(f".{suffix}" for suffix in f"{_PICTURES} {_VIDEOS}".split())
# What lies beside pictures in data sets, often one for each: not worth a look inside.
_COMPANIONS = frozenset([".txt", ".xml", ".json", ".csv", ".md", ".yaml", ".yml", ".html", ".xmp", ".py", ".npy"])


def local_path(spec: str) -> str:
    """The path that a spec without a source of its own names.

    Raises `SourceUnreadable` for an address of another kind, which would make FFmpeg open something else.
    """
    scheme = _SCHEME.match(spec)
    if scheme is None or os.path.lexists(spec):
        return spec
    if scheme[1].lower() != "file":
        if scheme[1].lower() in _OTHER_SOURCES:
            raise SourceUnreadable(
                tr("A “{scheme}:” address is not a file.", scheme=scheme[1]), tr("Open it by itself, not among files.")
            )
        raise SourceUnreadable(
            tr("Regard does not open “{scheme}:” addresses.", scheme=scheme[1]),
            tr("Use a file, a folder, camera:0, http(s)://, rtsp(s):// or demo:."),
        )
    parts = urlsplit(spec)
    if parts.netloc not in ("", "localhost"):
        raise SourceUnreadable(
            tr("{host} is another computer: file addresses work on this one only.", host=parts.netloc),
            tr("Copy the file, or open the folder that holds it."),
        )
    path = os.fsdecode(unquote_to_bytes(spec.split(":", 1)[1].removeprefix("//").removeprefix("localhost")))
    # file:///C:/x.jpg
    return path[1:] if os.name == "nt" and re.match(r"/[A-Za-z]:", path) else path


def expand(specs: Iterable[str]) -> list[str]:
    """The files that `specs` name; a folder gives its pictures and videos, those of its subfolders too.

    Natural order within a folder; hidden files are left out, and so is what neither its name nor its content
    declares to be a picture or video (labels, notes). Other specs stay as they are.
    """
    files: list[str] = []
    for spec in specs:
        path = local_path(spec)
        if os.path.isdir(path):  # noqa: PTH112
            files.extend(_files_of(path))
        else:
            files.append(path)
    return files


def _files_of(folder: str) -> list[str]:
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]  # os.walk goes into what stays
        found += [os.path.join(place, name) for name in names if not name.startswith(".")]  # noqa: PTH118
    found.sort(key=natural_key)
    return [path for path in found if is_media(path)]


def is_media(path: str) -> bool:
    """Whether the name of a file in a folder, or else its content, declares a picture or video."""
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122
    return suffix in _MEDIA or (suffix not in _COMPANIONS and file_kind(path) != "other")
