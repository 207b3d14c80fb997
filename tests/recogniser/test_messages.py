from __future__ import annotations

import msgspec
import numpy as np
import pytest

from desktop_app.core.model import Placement, Thresholds
from desktop_app.core.results import Classification, Detections, Result, Timings
from desktop_app.recogniser import messages as m

TIMINGS = Timings(1.0, 2.0, 3.0)


def test_a_command_comes_back_as_it_was() -> None:
    for command in (
        m.OpenSource(3, ("a.jpg", "b.jpg"), True, 7),
        m.SetModels(1, ("resnet50", "yolov3-tiny"), Placement("torch", "cuda:0", "fp16")),
        m.SetThresholds(Thresholds(0.4, None, (1, 2))),
        m.Shutdown(),
    ):
        assert m.decode_command(m.encode(command)) == command


def test_detections_come_back_bit_for_bit() -> None:
    boxes = Detections(
        np.array([[1, 2, 3, 4], [5, 6, 7, 8.5]], np.float32), np.array([0.9, 0.3], np.float32), np.array([5, 0])
    )
    result = Result(4, 1.25, "yolov3-tiny", boxes, TIMINGS, "openvino", "CPU")
    event = m.decode_event(m.encode(m.ResultReady(1, m.PackedResult.of(result))))
    assert isinstance(event, m.ResultReady)
    back = event.result.unpack()
    assert isinstance(back.prediction, Detections)
    np.testing.assert_array_equal(back.prediction.xyxy, boxes.xyxy)
    np.testing.assert_array_equal(back.prediction.class_id, boxes.class_id)
    assert (back.frame_index, back.captured_at, back.timings) == (4, 1.25, TIMINGS)


def test_an_empty_result_is_a_result() -> None:
    packed = m.PackedResult.of(Result(0, 0.0, "k", Detections.empty(), TIMINGS, "openvino", "CPU"))
    event = m.decode_event(m.encode(m.ResultReady(1, packed)))
    assert isinstance(event, m.ResultReady)
    prediction = event.result.unpack().prediction
    assert isinstance(prediction, Detections)
    assert len(prediction) == 0


def test_a_classification_keeps_its_logits() -> None:
    logits = np.arange(1000, dtype=np.float32)
    packed = m.PackedResult.of(
        Result(0, 0.0, "k", Classification(logits, logits / logits.sum()), TIMINGS, "torch", "cuda:0", "fp16")
    )
    event = m.decode_event(m.encode(m.ResultReady(1, packed)))
    assert isinstance(event, m.ResultReady)
    prediction = event.result.unpack().prediction
    assert isinstance(prediction, Classification)
    np.testing.assert_array_equal(prediction.logits, logits)


@pytest.mark.parametrize("data", [b"", b"\x00", b"garbage", m.encode(m.Ping()), msgspec.msgpack.encode({"type": "X"})])
def test_bytes_that_are_no_event_are_refused(data: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, ValueError)):
        m.decode_event(data)


def test_an_array_of_objects_is_refused() -> None:
    bad = msgspec.msgpack.Ext(1, msgspec.msgpack.encode(("|O", (1,), b"\0" * 8)))
    good = m.encode(m.ResultReady(1, m.PackedResult(0, 0.0, "k", TIMINGS, "e", "d", "p", (8, 6))))
    raw = msgspec.msgpack.decode(good)
    raw["result"]["classification"] = {"logits": bad, "probabilities": bad}
    with pytest.raises((msgspec.DecodeError, ValueError)):
        m.decode_event(msgspec.msgpack.encode(raw))
