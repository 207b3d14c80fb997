"""Analysing a video: all of it, once; cancelled, gone on with, and in pieces."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.analysis import Analysis, AnalysisTask, Way, analysis_path
from desktop_app.core.frame import Pixels, bgr_of
from desktop_app.core.progress import Progress
from desktop_app.core.results import Classification
from desktop_app.errors import AppError, SourceUnreadable
from desktop_app.recogniser.analysing import Analysing, analyse
from tests.core.fakes import INFO, FakeModel
from tests.sources import corpus

COUNT = 90


class _Reader(FakeModel):
    """Says the number that is written in the frame."""

    def preprocess(self, pixels: Pixels) -> np.ndarray:
        return np.full((1, 1, 1, 1), corpus.number_of(bgr_of(pixels)), np.uint8)


def _silent(_: Progress) -> None:
    pass


def _analysing(model: FakeModel) -> Analysing:
    return Analysing(INFO, Way.of(INFO), lambda cancel: model)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(corpus.write_video(tmp_path_factory.mktemp("video") / "clip.mp4", "libx264", COUNT, b_frames=2))


def _numbers(video: str) -> list[tuple[int, float]]:
    analysis = Analysis(analysis_path(video, Way.of(INFO)))
    numbers = []
    for frame, _, (result,) in analysis.frames():
        assert isinstance(result.prediction, Classification)
        numbers.append((frame, float(result.prediction.logits[0])))
    return numbers


def test_every_frame_is_kept_with_its_own_result(video: str) -> None:
    told: list[Progress] = []
    assert analyse(AnalysisTask(video), [_analysing(_Reader())], told.append, threading.Event()) == COUNT
    assert _numbers(video) == [(n, n) for n in range(COUNT)]
    assert (told[-1].done, told[-1].total) == (COUNT, COUNT)
    again = FakeModel()
    assert analyse(AnalysisTask(video), [_analysing(again)], told.append, threading.Event()) == 0
    assert not again.forwards


def test_cancelled_it_keeps_what_was_done_and_goes_on_there(video: str) -> None:
    stop = threading.Event()
    first = _Reader(gate=threading.Semaphore(0))
    work = threading.Thread(target=analyse, args=(AnalysisTask(video), [_analysing(first)], _silent, stop))
    work.start()
    assert first.gate is not None
    first.gate.release(30)
    while len(first.forwards) < 30:
        assert work.is_alive()
        threading.Event().wait(0.01)
    stop.set()
    while work.is_alive():
        first.gate.release()
        threading.Event().wait(0.05)
    done = [frame for frame, _ in _numbers(video)]
    assert done == list(range(len(done)))
    assert 28 <= len(done) < COUNT
    second = _Reader()
    assert analyse(AnalysisTask(video), [_analysing(second)], _silent, threading.Event()) == COUNT - len(done)
    assert sorted(second.forwards) == list(range(len(done), COUNT))
    assert _numbers(video) == [(n, n) for n in range(COUNT)]


def test_a_range_first_and_then_the_rest(video: str) -> None:
    assert analyse(AnalysisTask(video, 40, 49), [_analysing(_Reader())], _silent, threading.Event()) == 10
    assert [frame for frame, _ in _numbers(video)] == list(range(40, 50))
    rest = _Reader()
    assert analyse(AnalysisTask(video), [_analysing(rest)], _silent, threading.Event()) == COUNT - 10
    assert sorted(rest.forwards) == [*range(40), *range(50, COUNT)]
    assert _numbers(video) == [(n, n) for n in range(COUNT)]


def test_what_cannot_be_decoded_is_not_tried_again(video: str, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(corpus.zeroed(Path(video).read_bytes(), 0.3, 0.4))
    done = analyse(AnalysisTask(str(damaged)), [_analysing(_Reader())], _silent, threading.Event())
    assert 0 < done < COUNT
    assert len(_numbers(str(damaged))) == done
    again = FakeModel()
    assert analyse(AnalysisTask(str(damaged)), [_analysing(again)], _silent, threading.Event()) == 0


def test_what_cannot_be_analysed_says_why(video: str, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(corpus.png(4, 4, bytes(4 * 13)))
    with pytest.raises(SourceUnreadable, match=r"a\.png is not a video"):
        analyse(AnalysisTask(str(picture)), [_analysing(FakeModel())], _silent, threading.Event())

    with pytest.raises(SourceUnreadable, match=r"none\.mp4 does not exist"):
        analyse(AnalysisTask(str(tmp_path / "none.mp4")), [_analysing(FakeModel())], _silent, threading.Event())

    def fails(cancel: threading.Event) -> FakeModel:
        raise AppError("no weights", "fetch them")

    with pytest.raises(AppError, match="no weights"):
        analyse(AnalysisTask(video), [Analysing(INFO, Way.of(INFO), fails)], _silent, threading.Event())
