"""One frame with the results that belong to it, to be exported.

In preview the picture of a live source is newer than the results over it: boxes would be some frames off. So a frame is
waited for that shows its own.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop_app.core.frame import Bgr
from desktop_app.core.picture import Picture
from desktop_app.core.records import record
from desktop_app.core.results import Classification, Result
from desktop_app.exporting.item import ExportItem
from desktop_app.gui.pipeline_controller import PipelineController

PATIENCE_MS = 4000
TOP = 10

Then = Callable[[ExportItem | None], None]
"""Gets the frame with its records, or `None` where there is none."""


class TakeFrame(QObject):
    """Calls `then` once, now or a moment later."""

    def __init__(self, controller: PipelineController, then: Then) -> None:
        super().__init__(controller)
        self._controller, self._then = controller, then
        self._synced = controller.synced
        self._waits = False
        if self._look():
            return
        if controller.info is None or not controller.info.live or controller.phase != "live":
            self._end(None)
            return
        self._waits = True
        controller.views.append(self._look_again)
        controller.set_synced(True)
        QTimer.singleShot(PATIENCE_MS, self, lambda: self._end(None))

    def _look_again(self) -> None:
        if self._waits:
            self._look()

    def _look(self) -> bool:
        """Takes what is on the screen, where the results are those of the picture."""
        controller = self._controller
        picture = controller.frame
        if picture is None or not controller.results or controller.info is None or controller.is_batch:
            return False
        if any(result.frame_index != picture.index for result in controller.results.values()):
            return False
        self._stop_waiting()
        self._take(picture)
        return True

    def _take(self, picture: Picture) -> None:
        controller = self._controller
        info = controller.info
        assert info is not None
        local = info.kind in ("image", "video") and ("://" not in info.spec or info.spec.startswith("file:"))
        source = info.spec if local else info.title
        # What was spoiled on purpose goes along as it was recognised, not as it lies in the file.
        from_file = local and all(result.stress is None for result in controller.results.values())
        frame = picture.index if info.kind == "video" else 0
        size = (picture.width, picture.height)
        names = controller.names
        records = tuple(
            record(source, frame, picture.media_time, size, result, _all_names(result, names.get(key, ())), TOP)
            for key, result in controller.results.items()
        )
        if from_file:
            number = picture.index if info.kind == "video" else None
            self._end(ExportItem(records, source, number, rotation=controller.rotation, mirror=controller.mirror))
            return

        def answered(bgr: Bgr | None) -> None:
            self._end(None if bgr is None else ExportItem(records, source, bgr=bgr))

        controller.whole_frames.ask(picture, answered)

    def _stop_waiting(self) -> None:
        if self._waits:
            self._waits = False
            self._controller.set_synced(self._synced)
            self._controller.views.remove(self._look_again)

    def _end(self, item: ExportItem | None) -> None:
        self._stop_waiting()
        then, self._then = self._then, lambda _item: None
        then(item)
        self.deleteLater()


def _all_names(result: Result, names: tuple[str, ...]) -> tuple[str, ...]:
    """A network may have more outputs than its description has names."""
    prediction = result.prediction
    if isinstance(prediction, Classification):
        count = len(prediction.logits)
    else:
        count = int(max(prediction.class_id, default=-1)) + 1
    return (*names, *(f"class {i}" for i in range(len(names), count)))
