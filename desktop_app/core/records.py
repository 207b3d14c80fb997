"""A result as the JSON object that the command line and the batch view write: fields are only ever added."""

from __future__ import annotations

from typing import Any

from desktop_app.core.results import Classification, Result


def class_name(names: tuple[str, ...], class_id: int) -> str:
    """A network may have more outputs than its description has names."""
    return names[class_id] if 0 <= class_id < len(names) else f"class {class_id}"


def record(
    source: str,
    result: Result,
    names: tuple[str, ...],
    size: tuple[int, int],
    *,
    time_s: float | None = None,
    top_k: int = 5,
) -> dict[str, Any]:
    """`size`: (width, height) of the frame, whose pixels the coordinates are; labels are the English names."""
    prediction = result.prediction
    timings = result.timings
    fields: dict[str, Any] = {
        "source": source,
        "frame": result.frame_index,
        "time_s": None if time_s is None else round(time_s, 4),
        "width": size[0],
        "height": size[1],
        "model": result.model_key,
        "task": "classify" if isinstance(prediction, Classification) else "detect",
        "engine": result.engine,
        "device": result.device,
        "ms": {
            "preprocess": round(timings.preprocess, 2),
            "forward": round(timings.forward, 2),
            "postprocess": round(timings.postprocess, 2),
        },
    }
    if isinstance(prediction, Classification):
        fields["classes"] = [
            {
                "class_id": i,
                "label": class_name(names, i),
                "probability": round(float(prediction.probabilities[i]), 6),
                "logit": round(float(prediction.logits[i]), 4),
            }
            for i in prediction.top(top_k)
        ]
        return fields
    fields["detections"] = [
        {
            "class_id": int(class_id),
            "label": class_name(names, int(class_id)),
            "confidence": round(float(confidence), 4),
            "xyxy": [round(float(value), 2) for value in box],
        }
        for box, confidence, class_id in zip(
            prediction.xyxy, prediction.confidence, prediction.class_id, strict=True
        )
    ]
    return fields
