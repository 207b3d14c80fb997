"""Contestants are real processes; this one counts instead of recognising."""

from __future__ import annotations

import importlib
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks import checkpoints, contest, media, paths
from benchmarks.__main__ import SCRIPTS
from benchmarks.contest import Contestant, ContestantFailed, Turn, alternate, enter_all
from benchmarks.limit import MODELS

COUNTING = """
import os
from benchmarks.contestants.serving import serve, take_stdout

answers = take_stdout()
print("what a library prints must not disturb")
if os.environ.get("BREAK") == "start":
    raise SystemExit("no such network")
calls = []

def go(step):
    if step == 0:
        raise ValueError("nothing to count")
    calls.append(step)
    sum(range(200_000))
    return {"rate": float(sum(calls))}

serve(answers, {"unit": "steps"}, go)
"""


@pytest.fixture
def counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Contestant]:
    """Contestants that run the program above."""
    program = tmp_path / "counting.py"
    program.write_text(COUNTING, encoding="utf-8")
    monkeypatch.setenv("REGARD_BENCH_DIR", str(tmp_path / "bench"))
    monkeypatch.setenv("PYTHONPATH", str(paths.ROOT))

    class Counting(Contestant):
        def __init__(self, broken: str = "") -> None:
            super().__init__("counting", environment={"BREAK": broken})
            self._command = [sys.executable, str(program)]

    return Counting


def test_contestants_take_turns(counting: type[Contestant], capsys: pytest.CaptureFixture[str]) -> None:
    with counting("") as first, counting("") as second:
        assert first.facts == {"unit": "steps"}
        assert first.pid != second.pid
        turns = [Turn("one", first, {"step": 1}), Turn("two", second, {"step": 2})]
        alternate(turns, 3)
    assert turns[0].values() == [1.0, 2.0, 3.0]
    assert turns[1].values() == [2.0, 4.0, 6.0]
    assert all(value >= 0 for value in turns[0].values("cpu"))
    assert all(value > 0 for value in turns[0].values("seconds"))
    told = capsys.readouterr().err
    order = [line.split(": ")[1] for line in told.splitlines()]
    assert order == ["one", "two"] * 3


def test_a_contestant_that_breaks_says_why(counting: type[Contestant]) -> None:
    with counting("") as contestant, pytest.raises(ContestantFailed, match="nothing to count"):
        contestant.go(step=0)


def test_one_that_cannot_start_leaves_the_others_running(
    counting: type[Contestant], capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stack:
        running, failed = enter_all(stack, [("good", counting("")), ("bad", counting("start"))])
        assert list(running) == ["good"]
        assert running["good"].go(step=4)["rate"] == 4.0
    assert "no such network" in failed["bad"]
    assert "bad could not be started" in capsys.readouterr().err


def test_every_script_answers_a_question() -> None:
    for name in SCRIPTS:
        module = importlib.import_module(f"benchmarks.{name}")
        assert callable(module.measure)
        assert module.__doc__
        assert module.__doc__[0].isdigit()
    assert contest.PATIENCE > 60


def test_nothing_of_the_user_is_touched() -> None:
    root = str(paths.cache())
    folders = [value for name, value in paths.ENVIRONMENT.items() if name.startswith("REGARD_")]
    assert len(folders) == 5
    assert all(value.startswith(root) for value in folders)


def test_media_of_a_size_and_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import av

    monkeypatch.setenv("REGARD_BENCH_DIR", str(tmp_path))
    path = media.video("480p", 5)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (854, 480)
        assert sum(1 for _ in container.decode(stream)) == 5
    made = path.stat().st_mtime_ns
    assert media.video("480p", 5).stat().st_mtime_ns == made


def test_folders_of_photographs_in_mixed_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    monkeypatch.setenv("REGARD_BENCH_DIR", str(tmp_path))
    folders = media.folders(2, 6)
    photographs = [path for folder in folders for path in folder.iterdir()]
    assert len(photographs) == 12
    sizes = set()
    for path in photographs:
        with Image.open(path) as photograph:
            sizes.add(photograph.size)
    assert len(sizes) > 2
    assert len({path.read_bytes() for path in photographs}) == 12


def test_the_limit_takes_the_input_that_regard_takes() -> None:
    """A 720p file in the stride of the network, and no more grey than that asks for."""
    assert {key: checkpoints.SIDES[key] for key in MODELS} == {"yolov3-tiny": (416, 416), "yolo26n": (384, 640)}
    for height, width in checkpoints.SIDES.values():
        assert height % 32 == width % 32 == 0
