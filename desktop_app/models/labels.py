"""Class names come out of files that anybody can write: they are shown as plain, short text."""

from __future__ import annotations

import unicodedata

LONGEST = 64


def clean_label(text: str, class_id: int | None = None) -> str:
    """`text` without control, format and bidirectional characters, at most 64 characters.

    Where nothing is left: "class 7" of `class_id` 7.
    """
    # Categories C*: control, format (the bidirectional marks among them), surrogate, private, unassigned.
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    kept = " ".join(kept.split())[:LONGEST].strip()
    if kept or class_id is None:
        return kept
    return f"class {class_id}"


def fit_names(names: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Exactly `count` names: too many are cut, missing ones are "class 7"."""
    return tuple(clean_label(names[i], i) if i < len(names) else f"class {i}" for i in range(count))
