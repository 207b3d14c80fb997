from __future__ import annotations

from itertools import pairwise

from desktop_app.core.progress import Progress
from desktop_app.gui.whole_work import WholeWork
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program

STEPS = (
    Progress("a", "fetch", 0, 100),
    Progress("a", "fetch", 100, 100),
    Progress("a", "fetch", 3, 10),
    Progress("a", "convert", 0, 3),
    Progress("a", "convert", 2, 3),
    Progress("a", "load"),
)


def test_one_bar_never_goes_back() -> None:
    work = WholeWork()
    shares = []
    for step in STEPS:
        work.add(step)
        shares.append(work.share("a"))
    known = [share for share in shares if share is not None]
    assert len(known) == len(STEPS)
    assert known[0] == 0.0
    assert known[-1] > 0.9
    assert all(later >= earlier for earlier, later in pairwise(known))
    work.add(Progress("a", "ready"))
    assert work.share("a") is None


def test_a_conversion_without_a_fetch_has_the_whole_bar() -> None:
    work = WholeWork()
    work.add(Progress("a", "convert", 0, 3))
    assert work.share("a") == 0.0


def test_nothing_known_is_no_number() -> None:
    work = WholeWork()
    work.add(Progress("a", "fetch"))
    assert work.share("a") is None
    work.add(Progress("b", "load"))
    assert work.share("b") is None


def test_every_bar_of_the_window_shows_the_whole_work(program: Program) -> None:
    program.controller.set_models(("resnet50",))
    for step in (Progress("resnet50", "fetch", 1, 1), Progress("resnet50", "convert", 0, 3)):
        program.client.push(m.ModelProgress(step))
        program.tick()
        assert program.window.toolbar.model._progress == 0.8
    program.client.push(m.ModelFailed("resnet50", "No.", "", True))
    program.tick()
    assert program.window.toolbar.model._progress is None
