"""What the changelog says of a version: `python packaging/release_notes.py v1.2.3`; without an entry, what is next."""

from __future__ import annotations

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def notes(version: str, text: str) -> str:
    """The section of the version, without its heading. Raises `LookupError` where there is none."""
    headed = r"^## \[([^\]]+)\][^\n]*\n(.*?)(?=^## \[|\Z)"
    sections: dict[str, str] = dict(re.findall(headed, text, re.MULTILINE | re.DOTALL))
    found = sections.get(version.removeprefix("v"), sections.get("Unreleased", "")).strip()
    if not found:
        raise LookupError(f"the changelog says nothing of {version}")
    return found


if __name__ == "__main__":
    print(notes(sys.argv[1], CHANGELOG.read_text(encoding="utf-8")))
