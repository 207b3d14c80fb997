"""How results are printed."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from desktop_app.core.records import CSV_COLUMNS, csv_rows, json_line


class Writer(Protocol):
    def write(self, row: dict[str, Any]) -> None:
        """Prints one record (see `core.records.record`)."""

    def close(self) -> None: ...


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class JsonLines:
    def write(self, row: dict[str, Any]) -> None:
        print(json_line(row), flush=True)

    def close(self) -> None:
        pass


class Csv:
    """The column names come first, even where nothing follows."""

    def __init__(self) -> None:
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        self._writer.writerow(CSV_COLUMNS)

    def write(self, row: dict[str, Any]) -> None:
        row = {**row, "source": _printable(row["source"])}
        self._writer.writerows(csv_rows(row))
        sys.stdout.flush()

    def close(self) -> None:
        pass


class Text:
    """One line a frame and model, for people: `bus.jpg: 4 person, 1 bus (14 ms)`."""

    def write(self, row: dict[str, Any]) -> None:
        what = _classes(row) if row["task"] == "classify" else _counts(row)
        place = "" if row["time_s"] is None else f" {row['time_s']:.2f} s"
        milliseconds = sum(row["ms"].values())
        print(f"{_printable(row['source'])}{place}: {what} ({row['model']}, {milliseconds:.1f} ms)", flush=True)

    def close(self) -> None:
        pass


def _classes(row: dict[str, Any]) -> str:
    return ", ".join(f"{c['label']} {c['probability'] * 100:.1f} % ({c['logit']:.2f})" for c in row["classes"])


def _counts(row: dict[str, Any]) -> str:
    counts = Counter(d["label"] for d in row["detections"])
    words = []
    for label, count in counts.most_common():
        tracks = [d["track_id"] for d in row["detections"] if d["label"] == label and d.get("track_id") is not None]
        words.append(f"{count} {label}" + (f" ({' '.join(f'#{track}' for track in sorted(tracks))})" if tracks else ""))
    return ", ".join(words) or "–"


WRITERS: dict[str, Callable[[], Writer]] = {"text": Text, "jsonl": JsonLines, "csv": Csv}
