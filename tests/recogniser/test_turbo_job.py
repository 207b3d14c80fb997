"""Turbo from the recogniser's side: the process, its frames, its end."""

from __future__ import annotations

import importlib.util
import io
import os
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.frame import Frame
from desktop_app.core.turbo import FEWEST, Agreement, TurboReport
from desktop_app.models import turbo
from desktop_app.recogniser import messages as m
from desktop_app.recogniser import turbo_job
from desktop_app.recogniser.turbo_frames import frames_of, read_frame, write_end, write_frame
from desktop_app.recogniser.turbo_job import TurboJobs

needs_nncf = pytest.mark.skipif(importlib.util.find_spec("nncf") is None, reason="NNCF is not installed")
KEY = "efficientnet-lite0"


def frame(index: int, value: int = 7) -> Frame:
    return Frame(np.full((48, 64, 3), value, np.uint8), index, 0.0)


class Heard:
    """Events of a job, with a wait that ends."""

    def __init__(self) -> None:
        self.events: queue.Queue[m.Event] = queue.Queue()
        self.changed: list[str] = []
        self.jobs = TurboJobs(self.events.put, self.changed.append)

    def until(self, wanted: Callable[[m.Event], bool]) -> m.Event:
        while True:
            event = self.events.get(timeout=60)
            if wanted(event):
                return event

    def last_word(self) -> m.Event:
        return self.until(lambda event: not isinstance(event, m.TurboProgress))


@pytest.fixture
def heard() -> Iterator[Heard]:
    made = Heard()
    yield made
    made.jobs.stop()


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_frames_pass_through_a_pipe_unchanged() -> None:
    pipe = io.BytesIO()
    picture = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    write_frame(pipe, picture)
    write_frame(pipe, picture[:, ::-1])
    write_end(pipe)
    pipe.seek(0)
    first, second = read_frame(pipe), read_frame(pipe)
    assert first is not None
    assert second is not None
    assert (first == picture).all()
    assert (second == picture[:, ::-1]).all()
    assert read_frame(pipe) is None
    with pytest.raises(EOFError):
        read_frame(pipe)


def test_frames_are_spread_over_a_film() -> None:
    from desktop_app.sources import open_source

    stop = threading.Event()
    with open_source(("demo:?frames=40",), lambda _: None, stop) as source:
        film = [each.bgr for each in source]
    found = list(frames_of(("demo:?frames=40",), 10, stop))
    assert len(found) == 10
    assert all((a == b).all() for a, b in zip(found, film[::4], strict=True))


def test_folders_give_their_pictures_evenly(tmp_path: Path) -> None:
    from PIL import Image

    for n in range(30):
        Image.new("RGB", (8, 8), (n, 0, 0)).save(tmp_path / f"{n}.png")
    (tmp_path / "31.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    reds = [int(bgr[0, 0, 2]) for bgr in frames_of((str(tmp_path),), 10, threading.Event())]
    assert reds == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]
    every = list(frames_of((str(tmp_path),), 100, threading.Event()))
    assert len(every) == 30, "what cannot be read is left out"


@needs_nncf
def test_a_cancelled_job_is_dead_and_leaves_nothing(heard: Heard, starter_models: None) -> None:
    heard.jobs.make(m.MakeTurbo(KEY))
    pid = heard.jobs.pid
    assert pid is not None
    heard.until(lambda event: isinstance(event, m.TurboProgress))
    scratch = turbo.root() / f"{turbo.scratch_prefix(pid)}x"
    scratch.mkdir(parents=True)
    heard.jobs.cancel()
    assert heard.last_word() == m.TurboFailed(KEY)
    assert is_gone(pid)
    assert not scratch.exists()
    turbo.root().rmdir()  # empty; these folders are shared by all tests
    assert heard.jobs.pid is None
    assert heard.changed == []


@needs_nncf
def test_too_few_frames_of_a_source_are_told(
    heard: Heard, starter_models: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turbo_job, "EVERY", 0.0)
    heard.jobs.make(m.MakeTurbo(KEY, count=FEWEST))
    job = heard.jobs._job
    assert job is not None
    for n in range(3):
        heard.jobs.offer(frame(n))
        heard.until(lambda event, n=n: isinstance(event, m.TurboProgress) and event.done == n + 1)  # type: ignore[misc]
    job._wanted = 0  # the source has ended
    failed = heard.last_word()
    assert isinstance(failed, m.TurboFailed)
    assert failed.message.startswith("3 frames are too few")
    assert failed.hint


@needs_nncf
def test_one_job_at_a_time(heard: Heard, starter_models: None) -> None:
    heard.jobs.make(m.MakeTurbo(KEY))
    heard.jobs.make(m.MakeTurbo("yolov3-tiny"))
    refused = heard.last_word()
    assert isinstance(refused, m.TurboFailed)
    assert refused.key == "yolov3-tiny"
    assert KEY in refused.message


def test_an_unknown_model_is_an_answer_not_a_silence(heard: Heard) -> None:
    heard.jobs.make(m.MakeTurbo("no-such-model"))
    failed = heard.last_word()
    assert isinstance(failed, m.TurboFailed)
    assert "turbo.txt" in failed.hint


def test_frames_come_now_and_then_and_never_wait(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("desktop_app.recogniser.turbo_job.time.monotonic", lambda: clock[0])
    job = object.__new__(turbo_job._Job)
    job._wanted, job._due, job._frames = 10, 0.0, queue.Queue(2)
    taken = frame(0)
    job.offer(taken)
    job.offer(frame(1))
    assert job._frames.qsize() == 1, "the second came too soon"
    for _ in range(3):
        clock[0] += 1
        job.offer(frame(2))
    assert job._frames.qsize() == 2, "nobody takes them: the pipeline goes on"
    assert job._wanted == 8
    assert not np.shares_memory(job._frames.get(), taken.bgr), "the source may use its buffer again"


def test_what_a_process_says_becomes_events() -> None:
    report = TurboReport(KEY, "classify", "0" * 64, 16, Agreement(4, 1.0, 0.01), {"fp32": 2.0, "int8": 1.0})
    import json

    import msgspec

    line = json.dumps({"report": msgspec.to_builtins(report)}).encode()
    assert turbo_job._event(KEY, line) == m.TurboDone(KEY, report)
    assert turbo_job._event(KEY, b'{"stage": "compare", "done": 1, "total": 3}') == m.TurboProgress(
        KEY, "compare", 1, 3
    )
    assert turbo_job._event(KEY, b'{"message": "a", "hint": "b"}') == m.TurboFailed(KEY, "a", "b")
    for noise in (b"", b"Warning: x", b"[1]", b'{"stage": "x"}', b'{"report": {"key": 1}}', b"\xff"):
        assert turbo_job._event(KEY, noise) is None


def test_removal_is_told(heard: Heard) -> None:
    heard.jobs.remove(m.RemoveTurbo(KEY))
    assert heard.changed == [KEY]
