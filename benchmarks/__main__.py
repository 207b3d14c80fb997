"""Runs the scripts one after the other: `make bench`, or `python -m benchmarks --only file,startup --rounds 5`."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
import traceback
from typing import Any

from benchmarks import machine, options, paths, report
from benchmarks.report import Row

SCRIPTS = ("limit", "file", "window", "peers", "startup", "live", "memory", "folder", "growth")


def _run(name: str, chosen: options.Options) -> tuple[list[Row], dict[str, Any]]:
    """A script that fails says so in the table; the others go on."""
    begun = time.perf_counter()
    print(f"{name}:", file=sys.stderr, flush=True)
    try:
        rows, figures = importlib.import_module(f"benchmarks.{name}").measure(chosen)
    except Exception as error:
        traceback.print_exc()
        rows, figures = [Row(f"{name} failed", None, note=f"{type(error).__name__}: {error}"[:300])], {}
    took = time.perf_counter() - begun
    print(f"{report.text([(name, row) for row in rows])}\n({took:.0f} s)\n", flush=True)
    return rows, {**figures, "seconds": round(took, 1), "rounds": chosen.rounds, "quick": chosen.quick}


def main() -> int:
    chosen = options.read(SCRIPTS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing that was started stays behind
    os.environ.update(paths.ENVIRONMENT)
    record = machine.record()
    print(report.described(record), flush=True)
    names = [name for name in SCRIPTS if name in chosen.only or not chosen.only]
    folder = paths.cache() / "quick" if chosen.quick else paths.RESULTS
    path = folder / f"{machine.name(record)}.json"
    for name in names:
        stored = report.store(path, record, {name: _run(name, chosen)}, SCRIPTS)
    rows = report.rows_of(stored)
    if len(names) > 1:
        print(report.text([(script, row) for script, row in rows if script in names and row.must is not None]))
    print(f"\nAll figures: {path} and {path.with_suffix('.md').name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
