import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.publish import BEGIN, END, publish
from benchmarks.report import Row, Verdict, cells, markdown, number, rows_of, store, text

MACHINE: dict[str, Any] = {
    "cpu": "Some CPU",
    "cores": 2,
    "memory_mib": 8192,
    "system": "Linux x86_64",
    "date": "2026-01-31",
    "load": 0.2,
    "python": "3.12.1",
    "versions": {"openvino": "2026.1"},
}


@pytest.mark.parametrize(
    ("value", "at_most", "verdict"),
    [
        (0.97, False, "aim"),
        (0.95, False, "must"),
        (0.90, False, "must"),
        (0.89, False, "missed"),
        (0.95, True, "must"),
        (0.90, True, "must"),
        (0.98, True, "missed"),
        (None, False, "missed"),
    ],
)
def test_verdict(value: float | None, at_most: bool, verdict: Verdict) -> None:
    must, aim = (0.97, 0.5) if at_most else (0.90, 0.97)
    assert Row("what", value, must=must, aim=aim, at_most=at_most).verdict == verdict


def test_a_figure_without_a_limit_has_no_verdict() -> None:
    assert Row("what", 5.0).verdict == ""
    assert Row("what", None).verdict == ""


@pytest.mark.parametrize(("value", "shown"), [(0.904, "0.90"), (12.34, "12.3"), (123.4, "123"), (-74.2, "-74.2")])
def test_numbers_are_as_long_as_they_are_sure(value: float, shown: str) -> None:
    assert number(value) == shown


def test_cells_say_which_way_is_better() -> None:
    assert cells("startup", Row("window", 0.4, "s", 3.0, 1.5, True, "peer 4 s")) == (
        "startup",
        "window (peer 4 s)",
        "≤ 3.00 s",
        "≤ 1.50 s",
        "0.40 s",
        "aim",
    )
    assert cells("file", Row("ratio", None, must=0.9))[2:] == ("≥ 0.90", "", "–", "missed")


def test_tables_hold_every_row() -> None:
    rows = [("file", Row("a | b", 1.0)), ("live", Row("c", 2.0, "ms"))]
    lines = markdown(rows).splitlines()
    assert len(lines) == 4
    assert "a \\| b" in lines[2]
    assert all(line.count("|") - line.count("\\|") == 7 for line in lines)
    assert [line.split()[0] for line in text(rows).splitlines()] == ["script", "file", "live"]


def test_a_script_run_again_replaces_its_own_figures_only(tmp_path: Path) -> None:
    path = tmp_path / "results" / "machine.json"
    order = ("limit", "file")
    store(path, MACHINE, {"file": ([Row("ratio", 0.5, must=0.9)], {"raw": [1.5]})}, order)
    store(path, MACHINE, {"limit": ([Row("rate", 70.0)], {})}, order)
    stored = store(path, {**MACHINE, "load": 0.1}, {"file": ([Row("ratio", 0.95, must=0.9)], {})}, order)
    assert stored == json.loads(path.read_text(encoding="utf-8"))
    assert rows_of(stored) == [("limit", Row("rate", 70.0)), ("file", Row("ratio", 0.95, must=0.9))]
    assert stored["scripts"]["file"]["machine"]["load"] == 0.1
    assert stored["scripts"]["limit"]["machine"]["load"] == 0.2
    assert "| file | ratio | ≥ 0.90 |  | 0.95 | must |" in path.with_suffix(".md").read_text(encoding="utf-8")


def test_damaged_results_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "machine.json"
    path.write_text("{", encoding="utf-8")
    assert rows_of(store(path, MACHINE, {"file": ([Row("ratio", 1.0)], {})}, ("file",)))


def test_publishing_replaces_what_was_there(tmp_path: Path) -> None:
    readme, results = tmp_path / "README.md", tmp_path / "results"
    readme.write_text(f"before\n{BEGIN}old\n{END}after\n", encoding="utf-8")
    store(results / "m.json", MACHINE, {"file": ([Row("ratio", 0.95, must=0.9), Row("rate", 70.0)], {})}, ("file",))
    publish(readme, results)
    publish(readme, results)
    published = readme.read_text(encoding="utf-8")
    assert published.startswith(f"before\n{BEGIN}")
    assert published.endswith(f"{END}after\n")
    assert "old" not in published
    assert published.count("| file | ratio |") == 1
    assert "rate" not in published.replace("ratio", "")
    assert "Some CPU, 2 cores, 8 GiB" in published
