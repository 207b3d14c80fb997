"""Results made by hand, and an application object for text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop_app.core.results import Classification, Detections, Result, Timings

NAMES = {"detector": ("person", "bicycle", "car"), "classifier": ("tabby", "tiger cat", "lynx")}


@pytest.fixture(autouse=True)
def application() -> QGuiApplication:
    """A QApplication, because one process has one application object and other tests need widgets."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QGuiApplication)
    return app


def detections(*rows: tuple[Sequence[float], float, int], tracks: Sequence[int] | None = None) -> Result:
    """Each row: xyxy, confidence, class id."""
    prediction = Detections(
        np.array([row[0] for row in rows], np.float32).reshape(len(rows), 4),
        np.array([row[1] for row in rows], np.float32),
        np.array([row[2] for row in rows], np.int64),
        None if tracks is None else np.array(tracks, np.int64),
    )
    return Result(0, 0.0, "detector", prediction, Timings(1, 1, 1), "openvino", "CPU")


def classification(*probabilities: float, model_key: str = "classifier") -> Result:
    p = np.array(probabilities, np.float32)
    return Result(0, 0.0, model_key, Classification(np.log(p), p), Timings(1, 1, 1), "openvino", "CPU")
