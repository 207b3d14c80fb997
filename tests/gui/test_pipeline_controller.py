from __future__ import annotations

import dataclasses
import threading
import time

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.core.model import Thresholds
from desktop_app.core.progress import Progress
from desktop_app.core.results import Classification
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.recogniser import messages as m
from tests.gui.fake_client import FakeClient, classification, detections, frame, result

BOX = (10.0, 10.0, 50.0, 80.0, 0.9, 0)


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def controller(qapp: QApplication, client: FakeClient) -> PipelineController:
    made = PipelineController(client)
    made.set_models(("yolov3-tiny",))
    client.push_loaded()
    made.open(("demo:",))
    client.push_opened("demo")
    made.tick()
    return made


def shown_index(controller: PipelineController) -> int | None:
    return None if controller.frame is None else controller.frame.index


def test_a_live_frame_is_shown_at_once_with_the_newest_result(
    controller: PipelineController, client: FakeClient
) -> None:
    shown = []
    controller.views.append(lambda: shown.append((controller.frame, dict(controller.results))))
    first = frame(1)
    client.frame = first
    controller.tick()
    client.push_result(result(detections(BOX), 1))
    client.frame = frame(2)
    controller.tick()
    assert shown[0] == (first, {})
    assert shown_index(controller) == 2
    assert shown[1][1]["yolov3-tiny"].frame_index == 1


def test_nothing_new_calls_no_view(controller: PipelineController, client: FakeClient) -> None:
    client.frame = frame(1)
    controller.tick()
    calls = []
    controller.views.append(lambda: calls.append(1))
    controller.tick()
    assert calls == []


def test_synced_shows_each_frame_with_its_own_result(controller: PipelineController, client: FakeClient) -> None:
    controller.set_synced(True)
    client.frame = frame(7)
    controller.tick()
    assert shown_index(controller) is None
    client.push_result(result(detections(BOX), 6))
    controller.tick()
    assert shown_index(controller) is None
    client.push_result(result(detections(BOX), 7))
    controller.tick()
    assert shown_index(controller) == 7
    assert controller.results["yolov3-tiny"].frame_index == 7


def test_a_synced_frame_without_result_is_shown_after_a_while(
    controller: PipelineController, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller.set_synced(True)
    client.frame = frame(7)
    controller.tick()
    now = time.perf_counter()
    monkeypatch.setattr(time, "perf_counter", lambda: now + 1.0)
    controller.tick()
    assert controller.frame is not None
    assert controller.results == {}


def test_a_fast_file_whose_results_run_ahead_still_shows_each_frame_with_its_own(
    controller: PipelineController, client: FakeClient
) -> None:
    controller.open(("fast.mp4",))
    client.push_opened("video", spec="fast.mp4")
    controller.tick()
    for index in range(4):
        client.push_result(result(detections(BOX), index))
    client.frame = frame(1)
    controller.tick()
    assert shown_index(controller) == 1
    assert controller.results["yolov3-tiny"].frame_index == 1


def test_results_of_an_older_source_are_not_shown(controller: PipelineController, client: FakeClient) -> None:
    old = m.ResultReady(client.last(m.OpenSource).request, m.PackedResult.of(result(detections(BOX))))
    controller.open(("camera:0",))
    client.push_opened("camera", spec="camera:0")
    client.push(old)
    client.frame = frame(0)
    controller.tick()
    assert controller.results == {}


def test_the_source_goes_on_when_the_next_cannot_be_opened(controller: PipelineController, client: FakeClient) -> None:
    failed: list[m.SourceState] = []
    controller.open_failed.connect(failed.append)
    controller.open(("missing.mp4",))
    client.push(m.SourceState(client.last(m.OpenSource).request, "failed", "missing.mp4 does not exist."))
    controller.tick()
    assert controller.alive
    assert controller.info is not None
    assert controller.info.kind == "demo"
    assert [event.message for event in failed] == ["missing.mp4 does not exist."]
    assert controller.failed_specs == ("missing.mp4",)


def test_the_old_model_goes_on_until_the_new_one_runs(controller: PipelineController, client: FakeClient) -> None:
    controller.set_models(("resnet50",))
    assert list(controller.running) == ["yolov3-tiny"]
    client.push_loaded("resnet50", "classify", ("cat", "dog"))
    controller.tick()
    assert list(controller.running) == ["resnet50"]


def test_a_model_that_fails_leaves_the_old_one(controller: PipelineController, client: FakeClient) -> None:
    asked_at_failure: list[tuple[str, ...]] = []
    controller.model_failed.connect(lambda _: asked_at_failure.append(controller.asked))
    controller.set_models(("resnet50",))
    client.push(m.ModelFailed("resnet50", "resnet50 could not be fetched.", "", True))
    controller.tick()
    assert asked_at_failure == [("resnet50",)]
    assert controller.asked == ("yolov3-tiny",)
    assert list(controller.running) == ["yolov3-tiny"]


def test_a_model_that_fails_while_the_first_is_loading_leaves_the_first(qapp: QApplication) -> None:
    client = FakeClient()
    controller = PipelineController(client)
    controller.set_models(("yolov3-tiny",))
    controller.set_models(("resnet50",))
    client.push(m.ModelFailed("resnet50", "No network.", "", True))
    controller.tick()
    assert controller.asked == ("yolov3-tiny",)
    assert client.last(m.SetModels).keys == ("yolov3-tiny",)
    client.push_loaded()
    controller.tick()
    assert list(controller.running) == ["yolov3-tiny"]


def test_what_could_not_be_fetched_is_known_until_it_can(controller: PipelineController, client: FakeClient) -> None:
    client.push(m.ModelFailed("resnet50", "No network.", "", True))
    controller.tick()
    assert controller.unavailable == {"resnet50": "No network."}
    client.push(m.ModelProgress(Progress("resnet50", "fetch", 0, 100)))
    controller.tick()
    assert controller.unavailable
    client.push(m.ModelProgress(Progress("resnet50", "fetch", 1, 100)))
    controller.tick()
    assert not controller.unavailable


def test_a_second_model_runs_beside(controller: PipelineController, client: FakeClient) -> None:
    controller.set_models(("yolov3-tiny", "efficientnet-lite0"))
    client.push_loaded("efficientnet-lite0", "classify", ("cat", "dog"))
    client.push_result(result(classification(2.0, 1.0), 3, "efficientnet-lite0"))
    client.push_result(result(detections(BOX), 3))
    controller.tick()
    assert set(controller.results) == {"yolov3-tiny", "efficientnet-lite0"}
    controller.set_models(("efficientnet-lite0",))
    controller.tick()
    assert set(controller.results) == {"efficientnet-lite0"}


def test_cancelling_a_fetch_goes_back_to_what_runs(controller: PipelineController, client: FakeClient) -> None:
    controller.set_models(("vgg19",))
    client.push(m.ModelProgress(Progress("vgg19", "fetch", 1, 10)))
    controller.tick()
    controller.cancel_prepare("vgg19")
    assert client.last(m.CancelPrepare).key == "vgg19"
    assert client.last(m.SetModels).keys == ("yolov3-tiny",)
    assert "vgg19" not in controller.progress


def test_a_slider_that_moves_sends_its_last_value_once_a_tick(
    controller: PipelineController, client: FakeClient
) -> None:
    before = len(client.sent(m.SetThresholds))
    for confidence in (0.3, 0.4, 0.5):
        controller.set_thresholds(Thresholds(confidence))
    controller.tick()
    controller.tick()
    sent = client.sent(m.SetThresholds)[before:]
    assert [command.thresholds.confidence for command in sent] == [0.5]


def test_pause_alternates_before_the_recogniser_answers(controller: PipelineController, client: FakeClient) -> None:
    controller.toggle_pause()
    controller.toggle_pause()
    assert [command.paused for command in client.sent(m.Pause)] == [True, False]


def test_at_the_end_of_a_file_space_plays_it_again(controller: PipelineController, client: FakeClient) -> None:
    controller.open(("two.mp4",))
    client.push_opened("video", spec="two.mp4")
    client.push(m.SourceState(client.last(m.OpenSource).request, "ended"))
    controller.tick()
    controller.toggle_pause()
    assert client.last(m.Pause).paused is False


def test_smoothing_is_the_mean_of_the_last_results(controller: PipelineController, client: FakeClient) -> None:
    controller.smoother.seconds = 0.5
    client.push_loaded()
    for at, logits in ((10.0, (0.0, 4.0)), (10.6, (2.0, 0.0)), (10.8, (4.0, 0.0))):
        client.push_result(result(classification(*logits), captured_at=at))
    controller.tick()
    prediction = controller.results["yolov3-tiny"].prediction
    assert isinstance(prediction, Classification)
    assert prediction.logits.tolist() == [3.0, 0.0]


def test_closing_empties_the_picture(controller: PipelineController, client: FakeClient) -> None:
    client.frame = frame(1)
    controller.tick()
    controller.close()
    assert controller.frame is None
    assert not controller.alive
    assert client.sent(m.CloseSource)


def test_a_frame_that_comes_again_in_another_size_is_no_late_one(
    controller: PipelineController, client: FakeClient
) -> None:
    first = frame(1)
    client.frame = first
    controller.tick()
    before = controller.latency.at(100)
    client.frame = dataclasses.replace(first, pixels=first.pixels[:240, :320].copy())
    controller.tick()
    assert controller.frame is not first
    assert controller.latency.at(100) == before


def test_what_arrives_is_shown_without_waiting_for_the_clock(
    controller: PipelineController, client: FakeClient, qtbot: QtBot
) -> None:
    controller.start()
    controller._clock.stop()
    client.frame = frame(1)
    threading.Thread(target=client.arrived).start()
    qtbot.waitUntil(lambda: shown_index(controller) == 1)
    # So soon after that picture the next one waits, and is not forgotten.
    client.frame = frame(2)
    client.arrived()
    qtbot.waitUntil(lambda: shown_index(controller) == 2)
    controller.stop()


def test_what_follows_the_hand_is_sent_soon_and_once(
    controller: PipelineController, client: FakeClient, qtbot: QtBot
) -> None:
    for width in (100, 200, 300):
        controller.set_view(width, 50)
    qtbot.waitUntil(lambda: bool(client.sent(m.SetView)))
    assert client.sent(m.SetView) == [m.SetView(300, 50)]


def test_latency_is_measured_from_the_grab(controller: PipelineController, client: FakeClient) -> None:
    client.push_result(result(detections(BOX), 1, captured_at=time.perf_counter() - 2.0))
    client.frame = frame(1)
    controller.tick()
    measured = controller.latency.at(50)
    assert measured is not None
    assert measured >= 2000
