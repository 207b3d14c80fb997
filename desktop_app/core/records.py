"""Results as other programs read them: one plain object a frame and model. Fields are only ever added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from desktop_app.core.results import Classification, Result

CSV_COLUMNS = (
    "source",
    "frame",
    "time_s",
    "model",
    "task",
    "class_id",
    "label",
    "confidence",
    "x1",
    "y1",
    "x2",
    "y2",
    "probability",
    "logit",
    "track_id",
)


def _number(value: float, digits: int) -> float:
    """`value` with so many significant digits: enough to compute with, short enough to read."""
    return float(f"{value:.{digits}g}")


def record(
    source: str,
    frame: int,
    time_s: float | None,
    size: tuple[int, int],
    result: Result,
    names: Sequence[str],
    top: int = 5,
) -> dict[str, Any]:
    """`size` is (width, height) of the frame; coordinates are its pixels. Class names are the English ones. `stress`
    stands only where the frame was spoiled on purpose."""
    prediction = result.prediction
    classify = isinstance(prediction, Classification)
    common = {
        "source": source,
        "frame": frame,
        "time_s": None if time_s is None else round(time_s, 6),
        "width": size[0],
        "height": size[1],
        "model": result.model_key,
        "task": "classify" if classify else "detect",
        "engine": result.engine,
        "device": result.device,
        "precision": result.precision,
        "input": list(result.input_size),
        "ms": {
            "preprocess": round(result.timings.preprocess, 3),
            "forward": round(result.timings.forward, 3),
            "postprocess": round(result.timings.postprocess, 3),
        },
    }
    if result.stress is not None:
        common["stress"] = result.stress.changes
    if isinstance(prediction, Classification):
        classes = [
            {
                "class_id": class_id,
                "label": names[class_id],
                "probability": _number(float(prediction.probabilities[class_id]), 7),
                "logit": _number(float(prediction.logits[class_id]), 7),
            }
            for class_id in prediction.top(top)
        ]
        return {**common, "classes": classes}
    # Lists first: a number at a time out of an array takes longer than all the rest.
    columns = prediction.class_id.tolist(), prediction.confidence.tolist(), prediction.xyxy.tolist()
    detections = [
        {
            "class_id": class_id,
            "label": names[class_id],
            "confidence": _number(confidence, 6),
            "xyxy": [round(value, 2) for value in xyxy],
        }
        for class_id, confidence, xyxy in zip(*columns, strict=True)
    ]
    if prediction.track_id is not None:
        for detection, track in zip(detections, prediction.track_id.tolist(), strict=True):
            detection["track_id"] = track if track >= 0 else None
    return {**common, "detections": detections}


_as_utf8 = json.JSONEncoder(ensure_ascii=False).encode


def json_line(row: dict[str, Any]) -> str:
    """One line of JSON. A file name that is not valid text is escaped, so that the line itself always is."""
    line = _as_utf8(row)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(row)
    return line


def csv_rows(row: dict[str, Any]) -> list[list[object]]:
    """One line a box or class, in the order of `CSV_COLUMNS`; a picture without any gives none."""
    head = [row["source"], row["frame"], row["time_s"], row["model"], row["task"]]
    boxes = [
        [*head, d["class_id"], d["label"], d["confidence"], *d["xyxy"], None, None, d.get("track_id")]
        for d in row.get("detections", ())
    ]
    classes = [
        [*head, c["class_id"], c["label"], None, None, None, None, None, c["probability"], c["logit"], None]
        for c in row.get("classes", ())
    ]
    return boxes + classes
