"""Names of files and folders that every system and every tool takes."""

from __future__ import annotations

import os
import re
import unicodedata
from urllib.parse import unquote

_LONGEST = 100
_ODD = re.compile(r"[^\w.-]+")
# Windows reserves these, with any extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def safe_stem(name: str) -> str:
    """Of a picture's file name without its extension: letters, digits, `_`, `-` and `.`, at most 100 characters.

    No blanks: lists of names, as VOC has them, are parted by them.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    text = _ODD.sub("_", text)[:_LONGEST].strip("._ ")
    return f"_{text}" if _RESERVED.match(text) else text or "picture"


def safe_folder(class_name: str) -> str:
    """Of a class name: as `safe_stem`, but blanks, commas and apostrophes stay."""
    text = re.sub(r"[^\w.,'’() -]+", "_", unicodedata.normalize("NFC", class_name))[:_LONGEST].strip(". ")
    return f"_{text}" if _RESERVED.match(text) else text or "_"


def stem_of(path: str) -> str:
    """The file's name without extension, of a path or an address."""
    if path.startswith("file:"):
        path = unquote(path, errors="replace")
    return os.path.splitext(os.path.basename(path.rstrip("/\\")))[0]  # noqa: PTH119, PTH122


class Names:
    """Gives each picture a name of its own, whatever the folders it comes from.

    Compared without case, as some systems do; without extension, for labels are named like their picture.
    """

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._last: dict[str, int] = {}

    def taken(self, stem: str) -> None:
        self._used.add(stem.casefold())

    def free(self, stem: str) -> str:
        """`stem`, or `stem-2`, `stem-3` …; taken from then on."""
        name, number = stem, self._last.get(stem, 1)
        while name.casefold() in self._used:
            number += 1
            name = f"{stem}-{number}"
        self._last[stem] = number  # of a live source thousands have one name
        self.taken(name)
        return name
