"""What models said of the pictures of a batch: small enough for 100,000, as it travels and as it is kept."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop_app.core.model import Thresholds
from desktop_app.core.results import Classification, Detections, Floats, Result, Timings

TOP = 10
"""So many classes of a classifier are kept."""
FLOOR, LOWEST_FLOOR = 0.05, 0.01
"""Boxes are kept from this confidence on, so that the user's threshold can move without a second inference."""
MOST_BOXES = 300

BOX = np.dtype([("class_id", "<i4"), ("confidence", "<f4"), ("xyxy", "<f4", (4,))])
SCORE = np.dtype([("class_id", "<i4"), ("probability", "<f4"), ("logit", "<f4")])


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What one model said of one picture. `size`: width and height of the picture. `ms`: see `Timings`.

    `rows`: of a detector `BOX`, by falling confidence; of a classifier `SCORE`, the most probable first, and `others`
    is how many classes there are beside those. `animated`: the picture is the first frame of an animation.
    """

    model: str
    detects: bool
    size: tuple[int, int]
    engine: str
    device: str
    precision: str
    input_size: tuple[int, int]
    ms: tuple[float, float, float]
    rows: bytes
    others: int = 0
    animated: bool = False

    @property
    def boxes(self) -> NDArray[np.void]:
        return np.frombuffer(self.rows, BOX if self.detects else SCORE)


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A picture of a batch that is done. `answers`: encoded, one a model. `failed`: why there is none."""

    index: int
    answers: tuple[bytes, ...] = ()
    failed: str = ""


def widened(thresholds: Thresholds) -> Thresholds:
    """What a batch is recognised with: the boxes of every threshold that the user may choose afterwards."""
    return Thresholds(floor_of(thresholds.confidence), thresholds.iou, None, MOST_BOXES)


def floor_of(confidence: float) -> float:
    return FLOOR if confidence >= FLOOR else LOWEST_FLOOR


def answer_of(result: Result, size: tuple[int, int], *, animated: bool = False) -> Answer:
    prediction, times = result.prediction, result.timings
    if isinstance(prediction, Classification):
        top = prediction.top(TOP)
        table = np.empty(len(top), SCORE)
        table["class_id"] = top
        table["probability"], table["logit"] = prediction.probabilities[top], prediction.logits[top]
        others = len(prediction.logits) - len(top)
    else:
        table = np.empty(len(prediction), BOX)
        table["class_id"], table["confidence"] = prediction.class_id, prediction.confidence
        table["xyxy"], others = prediction.xyxy, 0
    return Answer(
        result.model_key,
        not isinstance(prediction, Classification),
        size,
        result.engine,
        result.device,
        result.precision,
        result.input_size,
        (times.preprocess, times.forward, times.postprocess),
        table.tobytes(),
        others,
        animated,
    )


def result_of(answer: Answer, index: int, thresholds: Thresholds) -> Result:
    """As if the picture had just been recognised. Of a classifier the classes that were not kept have no
    probability."""
    table = answer.boxes
    prediction: Detections | Classification
    if answer.detects:
        table = table[passing(table["class_id"], table["confidence"], thresholds)][: thresholds.max_boxes]
        prediction = Detections(table["xyxy"].copy(), table["confidence"].copy(), table["class_id"].astype(np.int64))
    else:
        prediction = _spread(table, answer.others)
    return Result(
        index,
        0.0,
        answer.model,
        prediction,
        Timings(*answer.ms),
        answer.engine,
        answer.device,
        answer.precision,
        answer.input_size,
    )


def _spread(table: NDArray[np.void], others: int) -> Classification:
    count = max(len(table) + others, int(table["class_id"].max(initial=-1)) + 1)
    logits: Floats = np.full(count, -np.inf, np.float32)
    probabilities: Floats = np.zeros(count, np.float32)
    logits[table["class_id"]], probabilities[table["class_id"]] = table["logit"], table["probability"]
    return Classification(logits, probabilities)


def passing(class_id: NDArray[np.int32], confidence: Floats, thresholds: Thresholds) -> NDArray[np.bool_]:
    """Which boxes the user wants to see."""
    mask: NDArray[np.bool_] = confidence >= np.float32(thresholds.confidence)
    if thresholds.classes is not None:
        mask &= np.isin(class_id, thresholds.classes)
    return mask


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Answer).decode


def encode_answer(answer: Answer) -> bytes:
    return _encode(answer)


def decode_answer(data: bytes) -> Answer | None:
    """`None` for what is not an answer (a file that was damaged, say)."""
    try:
        answer = _decode(data)
        answer.boxes  # noqa: B018  (a length that does not fit raises)
    except (msgspec.DecodeError, ValueError):
        return None
    return answer
