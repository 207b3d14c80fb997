"""Whether there is a newer Regard. Asked only when the user asks, or once a week where the user said so.

The place is an address that answers with JSON: a list of releases as GitHub gives it, newest first or not
(`tag_name`, `body`, `html_url`, `prerelease`, `draft`). Nothing about this computer is sent, and nothing is installed.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from typing import Any

from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.models import http_reader

_LIMIT = 4 << 20
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Release:
    """`notes`: plain text in Markdown. `page`: where it is fetched by hand, https or ""."""

    version: str
    notes: str
    page: str


def numbers(version: str) -> tuple[int, ...] | None:
    """(1, 2, 3) of "v1.2.3"; `None` of what is no final version."""
    found = re.fullmatch(r"v?(\d+(?:\.\d+){1,3})", version.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else None


def _own_numbers(version: str) -> tuple[int, ...]:
    """Of a development version ("0.2.1.dev5") what it is on the way to, less a bit: 0.2.1 itself is newer."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", version)
    parts = tuple(int(part) for part in found[1].split(".")) if found else (0,)
    if re.search(r"dev|rc|a\d|b\d", version) and parts[-1]:
        return (*parts[:-1], parts[-1] - 1)
    return parts


def newer(answer: object, own: str) -> list[Release]:
    """What is newer than `own` among the releases of `answer`, the newest first."""
    if not isinstance(answer, list):
        raise ValueError("not a list of releases")
    found: list[tuple[tuple[int, ...], Release]] = []
    mine = _own_numbers(own)
    for row in answer:
        version = numbers(str(row.get("tag_name", ""))) if isinstance(row, dict) else None
        if version is None or row.get("prerelease") or row.get("draft") or version <= mine:
            continue
        found.append((version, _release(row)))
    return [release for _, release in sorted(found, key=lambda pair: pair[0], reverse=True)]


def _release(row: dict[str, Any]) -> Release:
    page = str(row.get("html_url") or "")
    notes = "".join(c for c in str(row.get("body") or "") if c.isprintable() or c == "\n")
    return Release(
        str(row["tag_name"]).removeprefix("v"), notes[:_LONGEST], page if page.startswith("https://") else ""
    )


def check(address: str, own: str, cancel: threading.Event | None = None) -> list[Release]:
    """Asks `address`. Raises `AppError` where it does not answer, or not with releases."""
    if not address:
        raise AppError(
            tr("This Regard was not told where new versions are announced."),
            tr("Set the address in the settings, or ask whoever gave you Regard."),
        )
    answer = http_reader.read_small(address, cancel, accept="application/json", limit=_LIMIT)
    try:
        if answer is None:
            raise ValueError("nothing there")
        return newer(json.loads(answer[1]), own)
    except ValueError as error:
        raise AppError(
            tr("{address} does not tell which versions there are.", address=http_reader.shown(address)),
            tr("Check the address in the settings."),
        ) from error
