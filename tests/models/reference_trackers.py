"""The trackers of Ultralytics, asked as their `track` asks them."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from desktop_app.core.results import Detections


class _Boxes:
    """What a tracker of Ultralytics wants to know of `Boxes`."""

    def __init__(self, xyxy: Any, conf: Any, cls: Any) -> None:
        self.xyxy, self.conf, self.cls = xyxy, conf, cls

    @property
    def xywh(self) -> Any:
        middle = (self.xyxy[:, :2] + self.xyxy[:, 2:]) / 2
        return np.concatenate([middle, self.xyxy[:, 2:] - self.xyxy[:, :2]], axis=1)

    def __len__(self) -> int:
        return len(self.conf)

    def __getitem__(self, rows: Any) -> _Boxes:
        return _Boxes(self.xyxy[rows], self.conf[rows], self.cls[rows])


class Reference:
    def __init__(self, name: str, folder: str) -> None:
        os.environ.update(YOLO_OFFLINE="1", YOLO_AUTOINSTALL="0", YOLO_CONFIG_DIR=folder)
        from ultralytics.trackers import BOTSORT, BYTETracker
        from ultralytics.utils import YAML, IterableSimpleNamespace
        from ultralytics.utils.checks import check_yaml

        settings = IterableSimpleNamespace(**YAML.load(check_yaml(f"{name}.yaml")))
        self._tracker: Any = {"bytetrack": BYTETracker, "botsort": BOTSORT}[name](settings)

    def update(self, found: Detections, bgr: Any = None) -> dict[int, tuple[int, list[float]]]:
        """Track id and filtered box by row of `found`."""
        rows = self._tracker.update(_Boxes(found.xyxy, found.confidence, found.class_id.astype(np.float32)), bgr)
        return {int(row[7]): (int(row[4]), row[:4].tolist()) for row in rows}
