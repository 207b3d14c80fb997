from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from desktop_app.core.capture import Orientation, Playback
from desktop_app.core.lane import LoadModel
from desktop_app.core.model import Model, Thresholds
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.results import Classification, Detections, Result
from desktop_app.core.source import Notify, Source
from desktop_app.errors import AppError, ModelLoadFailed, SourceUnreadable
from tests.core.fakes import FakeModel, FakeSource, Recorder


@pytest.fixture
def seen() -> Recorder:
    return Recorder()


@pytest.fixture
def pipeline(seen: Recorder) -> Iterator[Pipeline]:
    made = Pipeline(seen)
    yield made
    assert made.stop(3.0)


def use(pipeline: Pipeline, seen: Recorder, *models: FakeModel) -> None:
    before = len(seen.of("ready"))

    def loading(model: FakeModel) -> LoadModel:
        return lambda cancel: model

    pipeline.set_models([((id(model),), model.key, loading(model)) for model in models])
    seen.wait("ready", before + len(models))


def show(pipeline: Pipeline, source: FakeSource, request: int = 1, *, paused: bool = False) -> None:
    def opener(notify: Notify, stop: threading.Event) -> Source:
        source.stop = stop
        return source

    pipeline.open(request, opener, paused=paused)


def logit(result: Result) -> float:
    assert isinstance(result.prediction, Classification)
    return float(result.prediction.logits[0])


def test_each_frame_of_a_file_arrives_once_in_order_with_its_own_result(pipeline: Pipeline, seen: Recorder) -> None:
    use(pipeline, seen, FakeModel("a"), FakeModel("b"))
    source = FakeSource(40)
    show(pipeline, source)
    done = seen.wait("done", 40)
    assert [entry[2].index for entry in done] == list(range(40))
    for _, _, frame, results in done:
        assert {logit(r) for r in results} == {float(frame.index)}
        assert [result.model_key for result in results] == ["a", "b"]
    assert pipeline.stats().dropped == 0


def test_a_camera_shows_every_frame_and_recognises_the_newest(pipeline: Pipeline, seen: Recorder) -> None:
    gate = threading.Semaphore(0)
    model = FakeModel(gate=gate)
    use(pipeline, seen, model)
    source = FakeSource(live=True)
    show(pipeline, source)
    source.step.release(1)
    seen.wait("newest", 1)
    source.step.release(9)
    seen.wait("newest", 10)
    gate.release(20)
    # The lane may have begun with the first frame or come too late for it; the newest it must see.
    seen.wait_for(lambda: any(logit(entry[2]) == 9.0 for entry in seen.of("recognised")))
    assert pipeline.stats().dropped == 10 - len(seen.of("recognised"))


def test_synced_camera_shows_a_frame_only_with_its_results(pipeline: Pipeline, seen: Recorder) -> None:
    gate = threading.Semaphore(0)
    use(pipeline, seen, FakeModel(gate=gate))
    pipeline.set_synced_live(True)
    source = FakeSource(live=True)
    show(pipeline, source)
    source.step.release(5)
    seen.wait("phase", 2)
    assert not seen.of("newest")
    gate.release(10)
    done = seen.wait("done", 1)
    assert all(logit(results[0]) == frame.index for _, _, frame, results in done)


def test_the_source_is_opened_read_and_released_in_one_thread(pipeline: Pipeline, seen: Recorder) -> None:
    source = FakeSource(3)
    show(pipeline, source)
    seen.wait_phase("ended")
    pipeline.close()
    pipeline.stop(3.0)
    assert source.released
    assert source.opened_in == source.released_in != threading.get_ident()


def test_the_old_source_goes_on_until_the_new_one_gives_a_frame(pipeline: Pipeline, seen: Recorder) -> None:
    old, new = FakeSource(live=True), FakeSource(live=True)
    show(pipeline, old, 1)
    old.step.release(1)
    seen.wait("newest", 1)
    show(pipeline, new, 2)
    seen.wait("opened", 2)
    old.step.release(1)
    assert seen.wait("newest", 2)[-1][1] == 1
    new.step.release(1)
    assert seen.wait("newest", 3)[-1][1] == 2
    pipeline.stop(3.0)
    assert old.released


def test_a_source_that_fails_to_open_leaves_the_old_one_running(pipeline: Pipeline, seen: Recorder) -> None:
    old = FakeSource(live=True)
    show(pipeline, old, 1)
    old.step.release(1)
    seen.wait("newest", 1)

    def broken(notify: Notify, stop: threading.Event) -> Source:
        raise SourceUnreadable("x.mp4 is empty.")

    pipeline.open(2, broken)
    seen.wait_phase("failed")
    old.step.release(1)
    seen.wait("newest", 2)


def test_a_model_that_fails_to_load_leaves_the_old_one_running(pipeline: Pipeline, seen: Recorder) -> None:
    use(pipeline, seen, FakeModel("good"))

    def broken(cancel: threading.Event) -> Model:
        raise ModelLoadFailed("bad does not fit")

    pipeline.set_models([(("bad",), "bad", broken)])
    assert seen.wait("failed")[0][1] == "bad"
    source = FakeSource(2)
    show(pipeline, source)
    assert [r.model_key for r in seen.wait("done", 2)[-1][3]] == ["good"]


def test_the_old_model_recognises_until_the_new_one_is_ready(pipeline: Pipeline, seen: Recorder) -> None:
    use(pipeline, seen, FakeModel("old"))
    may_load = threading.Event()

    def slow(cancel: threading.Event) -> Model:
        may_load.wait(5)
        return FakeModel("new")

    pipeline.set_models([(("new",), "new", slow)])
    source = FakeSource(live=True)
    show(pipeline, source)
    source.step.release(1)
    assert seen.wait("recognised", 1)[-1][2].model_key == "old"
    may_load.set()
    seen.wait("ready", 2)
    source.step.release(1)
    assert seen.wait("recognised", 2)[-1][2].model_key == "new"


def test_the_latest_wish_for_a_model_wins(pipeline: Pipeline, seen: Recorder) -> None:
    may_load = threading.Event()

    def slow(cancel: threading.Event) -> Model:
        may_load.wait(5)
        return FakeModel("slow")

    pipeline.set_models([(("slow",), "slow", slow)])
    pipeline.set_models([(("quick",), "quick", lambda cancel: FakeModel("quick"))])
    seen.wait("ready", 1)
    may_load.set()
    pipeline.set_models([(("quick",), "quick", lambda cancel: FakeModel("quick"))])
    assert [key for key, _ in pipeline.models()] == ["quick"]
    assert [entry[1] for entry in seen.of("ready")] == ["quick"]


def test_a_model_that_becomes_ready_sees_the_still_that_is_shown(pipeline: Pipeline, seen: Recorder) -> None:
    show(pipeline, FakeSource(1))
    seen.wait_phase("ended")
    use(pipeline, seen, FakeModel("late"))
    assert seen.wait("done", 2)[-1][3][0].model_key == "late"


def test_thresholds_act_on_a_still_without_a_second_inference(pipeline: Pipeline, seen: Recorder) -> None:
    model = FakeModel(boxes=True)
    use(pipeline, seen, model)
    show(pipeline, FakeSource(1))
    seen.wait_phase("ended")
    first = seen.wait("done", 1)[-1][3][0].prediction
    pipeline.set_thresholds(Thresholds(confidence=0.6))
    second = seen.wait("done", 2)[-1][3][0].prediction
    assert isinstance(first, Detections)
    assert isinstance(second, Detections)
    assert (len(first), len(second)) == (2, 1)
    assert model.forwards == [0]


def test_pause_step_and_seek_in_a_file(pipeline: Pipeline, seen: Recorder) -> None:
    use(pipeline, seen, FakeModel())
    show(pipeline, FakeSource(20), paused=True)
    assert [e[2].index for e in seen.wait("done", 1)] == [0]
    pipeline.step(1)
    assert seen.wait("done", 2)[-1][2].index == 1
    pipeline.seek(12)
    assert seen.wait("done", 3)[-1][2].index == 12
    pipeline.step(-1)
    assert seen.wait("done", 4)[-1][2].index == 11
    pipeline.pause(False)
    assert seen.wait("done", 12)[-1][2].index == 19


def test_a_file_begins_again_when_looped_or_played_at_its_end(pipeline: Pipeline, seen: Recorder) -> None:
    show(pipeline, FakeSource(3))
    seen.wait_phase("ended")
    pipeline.pause(False)
    assert [e[2].index for e in seen.wait("done", 6)][:6] == [0, 1, 2, 0, 1, 2]
    pipeline.set_playback(Playback(loop=True))
    pipeline.seek(0)
    seen.wait("done", 12)


def test_a_paused_camera_keeps_its_picture(pipeline: Pipeline, seen: Recorder) -> None:
    source = FakeSource(live=True)
    show(pipeline, source)
    source.step.release(1)
    seen.wait("newest", 1)
    pipeline.pause(True)
    source.step.release(3)
    use(pipeline, seen, FakeModel("late"))
    done = seen.wait("done", 1)
    assert done[-1][2].index == 0
    assert len(seen.of("newest")) == 1
    pipeline.step(1)
    source.step.release(1)
    seen.wait("newest", 2)


def test_turning_acts_on_a_still(pipeline: Pipeline, seen: Recorder) -> None:
    show(pipeline, FakeSource(1))
    seen.wait_phase("ended")
    pipeline.set_orientation(Orientation(mirror=False, rotation=90))
    assert seen.wait("done", 2)[-1][2].bgr.shape == (8, 6, 3)


def test_orientation_turns_clockwise_then_mirrors() -> None:
    from desktop_app.core.frame import Frame

    bgr = np.zeros((2, 3, 3), np.uint8)
    bgr[0, 0] = 255
    turned = Orientation(rotation=90).apply(Frame(bgr, 0, 0.0)).bgr
    assert turned.shape == (3, 2, 3)
    assert turned[0, 1].all()
    assert Orientation(mirror=True, rotation=90).apply(Frame(bgr.copy(), 0, 0.0)).bgr[0, 0].all()


def test_a_frame_that_a_model_cannot_take_is_told_once_and_the_next_goes_on(pipeline: Pipeline, seen: Recorder) -> None:
    use(pipeline, seen, FakeModel(fail_on=(1,)))
    show(pipeline, FakeSource(4))
    done = seen.wait("done", 4)
    assert [len(entry[3]) for entry in done] == [1, 0, 1, 1]
    assert len(seen.of("trouble")) == 1


def test_a_bug_in_a_source_is_reported_and_ends_only_the_source(pipeline: Pipeline, seen: Recorder) -> None:
    def broken(notify: Notify, stop: threading.Event) -> Source:
        raise ZeroDivisionError("bug")

    pipeline.open(1, broken)
    assert isinstance(seen.wait("crashed")[0][1], ZeroDivisionError)
    show(pipeline, FakeSource(1), 2)
    seen.wait("done", 1)


def test_two_hundred_switches_leave_no_thread(pipeline: Pipeline, seen: Recorder) -> None:
    before = threading.active_count()
    for request in range(200):
        show(pipeline, FakeSource(1), request)
    seen.wait("done", 1)
    pipeline.close()
    assert pipeline.stop(5.0)
    for thread in threading.enumerate():
        if thread.name == "capture":
            thread.join(2)
    assert threading.active_count() <= before


def test_unpaced_pipeline_ends_after_the_last_result() -> None:
    seen = Recorder()
    pipeline = Pipeline(seen, paced=False)
    gate = threading.Semaphore(0)
    use(pipeline, seen, FakeModel(gate=gate))
    show(pipeline, FakeSource(3))
    gate.release(3)
    seen.wait_phase("ended")
    told = [entry[0] for entry in seen.log if entry[0] == "done" or entry[2:3] == ("ended",)]
    assert told == ["done", "done", "done", "phase"]
    assert pipeline.stop(3.0)


def test_errors_read_as_message_and_hint() -> None:
    assert str(AppError("a.jpg is empty.", "Choose another.")) == "a.jpg is empty. Choose another."


def test_a_driver_that_hangs_is_noticed(seen: Recorder) -> None:
    """A capture thread that does not end when it is told to; the process around it is then replaced."""
    inside, let_go = threading.Event(), threading.Event()

    class Hanging(FakeSource):
        def __enter__(self) -> Hanging:
            inside.set()
            let_go.wait(20)
            return self

    pipeline = Pipeline(seen)
    show(pipeline, Hanging(1))
    assert inside.wait(5)
    assert not pipeline.stuck(0.0)
    pipeline.close()
    assert pipeline.stuck(0.0)
    assert not pipeline.stuck(60.0)
    assert not pipeline.stop(0.1)
    let_go.set()
    assert pipeline.stop(5.0)
    assert not pipeline.stuck(0.0)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.002)


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_as_many_frames_are_under_way_as_the_model_takes_and_results_keep_their_order(
    depth: int, pipeline: Pipeline, seen: Recorder
) -> None:
    gate = threading.Semaphore(0)
    model = FakeModel(gate=gate, depth=depth)
    use(pipeline, seen, model)
    show(pipeline, FakeSource(60))
    (lane,) = pipeline._lanes
    for _ in range(10):
        until(lambda: len(lane.inbox) == 2)
        gate.release()
    gate.release(50)
    done = seen.wait("done", 60)
    assert [(entry[2].index, logit(entry[3][0])) for entry in done] == [(n, float(n)) for n in range(60)]
    assert min(depth, 2) <= model.most_under_way <= depth
    assert model.under_way == 0


def test_a_frame_that_fails_among_others_under_way_takes_none_with_it(pipeline: Pipeline, seen: Recorder) -> None:
    model = FakeModel(depth=3, fail_on=(4, 5))
    use(pipeline, seen, model)
    show(pipeline, FakeSource(12))
    done = seen.wait("done", 12)
    assert [entry[2].index for entry in done] == list(range(12))
    assert [entry[2].index for entry in done if not entry[3]] == [4, 5]
    assert [str(error) for _, error in seen.of("trouble")] == ["frame 4 is bad", "frame 5 is bad"]
    assert sorted(model.forwards) == list(range(12))  # each was tried once


def test_the_model_is_tuned_for_each_kind_of_source_while_nothing_is_under_way(
    pipeline: Pipeline, seen: Recorder
) -> None:
    model = FakeModel(depth=2)
    use(pipeline, seen, model)
    show(pipeline, FakeSource(5), 1)
    seen.wait("done", 5)
    camera = FakeSource(live=True)
    show(pipeline, camera, 2)
    camera.step.release(3)
    seen.wait("recognised", 1)
    show(pipeline, FakeSource(5), 3)
    seen.wait_for(lambda: len([entry for entry in seen.log if entry[0] == "done" and entry[1] == 3]) == 5)
    assert [tuning.use for tuning in model.tunings] == ["video", "live", "video"]


def test_thresholds_act_on_a_paused_video_of_which_several_frames_were_under_way(
    pipeline: Pipeline, seen: Recorder
) -> None:
    model = FakeModel(depth=3, boxes=True)
    use(pipeline, seen, model)
    pipeline.set_playback(Playback(loop=False))
    show(pipeline, FakeSource(8))
    seen.wait("done", 8)
    seen.wait_phase("ended")
    forwards = len(model.forwards)
    pipeline.set_thresholds(Thresholds(confidence=0.5))
    again = seen.wait("done", 9)[-1]
    assert again[2].index == 7
    boxes = again[3][0].prediction
    assert isinstance(boxes, Detections)
    assert len(boxes) == 1
    assert len(model.forwards) == forwards


def test_the_next_live_frame_is_the_newest_when_the_network_becomes_free(pipeline: Pipeline, seen: Recorder) -> None:
    """Not the one that was newest when the network began."""
    gate = threading.Semaphore(0)
    model = FakeModel(gate=gate)
    use(pipeline, seen, model)
    source = FakeSource(live=True)
    show(pipeline, source)
    source.step.release(1)
    until(lambda: model.most_under_way == 1)
    source.step.release(6)
    until(lambda: pipeline.stats().dropped == 5)
    gate.release(2)
    seen.wait("recognised", 2)
    assert model.forwards == [0, 6]
