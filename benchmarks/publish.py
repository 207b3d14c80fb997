"""Puts what has to be reached, and what was, into the README beside: `python -m benchmarks.publish`."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import paths, report

BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def figures(results: Path) -> str:
    """A table for each machine in the folder `results`."""
    parts = []
    for path in sorted(results.glob("*.json")):
        stored = json.loads(path.read_text(encoding="utf-8"))
        rows = [(script, row) for script, row in report.rows_of(stored) if row.must is not None]
        link = f"All figures: [{path.stem}]({results.name}/{path.stem}.md).\n"
        parts.append("\n".join((report.described(stored["machine"]), report.markdown(rows), link)))
    return "\n".join(parts)


def publish(readme: Path, results: Path) -> None:
    """Replaces what stands between the two marks of `readme`."""
    head, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    readme.write_text(f"{head}{BEGIN}\n{figures(results)}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    publish(paths.ROOT / "benchmarks" / "README.md", paths.RESULTS)
