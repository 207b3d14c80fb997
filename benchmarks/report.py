"""A line of the table, the table itself, and the files that a run leaves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Verdict = Literal["aim", "must", "missed", ""]
HEAD = ("script", "what", "must", "aim", "measured", "verdict")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `must` and `aim`: what it has to reach, where it has to; `at_most`: less is better.

    `value` is `None` where it could not be measured, and `note` says why.
    """

    what: str
    value: float | None
    unit: str = ""
    must: float | None = None
    aim: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        """The better of the two that was reached; "missed" where neither was, or where nothing was measured."""
        if self.must is None:
            return ""
        limits: list[tuple[Verdict, float]] = [("must", self.must)]
        if self.aim is not None:
            limits.insert(0, ("aim", self.aim))
        for name, limit in limits:
            if self.value is not None and (self.value <= limit if self.at_most else self.value >= limit):
                return name
        return "missed"


def number(value: float) -> str:
    """Three significant digits where the value is small, none behind the point where it is large."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cells(script: str, row: Row) -> tuple[str, ...]:
    unit = f" {row.unit}" if row.unit else ""
    sign = "≤ " if row.at_most else "≥ "
    limits = ["" if limit is None else f"{sign}{number(limit)}{unit}" for limit in (row.must, row.aim)]
    measured = "–" if row.value is None else f"{number(row.value)}{unit}"
    note = f" ({row.note})" if row.note else ""
    return (script, row.what + note, *limits, measured, row.verdict)


def markdown(rows: Iterable[tuple[str, Row]]) -> str:
    lines = [HEAD, tuple("---" for _ in HEAD), *(cells(script, row) for script, row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def text(rows: Iterable[tuple[str, Row]]) -> str:
    lines = [HEAD, *(cells(script, row) for script, row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def rows_of(stored: dict[str, Any]) -> list[tuple[str, Row]]:
    """All rows of a stored report, with their script."""
    return [(name, Row(**row)) for name, part in stored["scripts"].items() for row in part["rows"]]


def store(
    path: Path, machine: dict[str, Any], measured: dict[str, tuple[Sequence[Row], dict[str, Any]]], order: Sequence[str]
) -> dict[str, Any]:
    """Writes `measured` (rows and raw figures by script) into the JSON file, beside the scripts that it has already,
    and the table beside it. Each script keeps the machine record of the run that measured it."""
    try:
        parts = json.loads(path.read_text(encoding="utf-8"))["scripts"]
    except (OSError, ValueError, KeyError):
        parts = {}
    for name, (rows, raw) in measured.items():
        parts[name] = {"machine": machine, "rows": [asdict(row) for row in rows], "raw": raw}
    stored = {"machine": machine, "scripts": {name: parts[name] for name in order if name in parts}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(described(machine) + "\n" + markdown(rows_of(stored)), encoding="utf-8")
    return stored


def described(machine: dict[str, Any]) -> str:
    """The machine in words, for people."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_mib'] / 1024:.0f} GiB, {machine['system']}, "
        f"{machine['date']}; load of one minute at the start {machine['load']:.1f}.  \n"
        f"Python {machine['python']}, {versions}.\n"
    )
