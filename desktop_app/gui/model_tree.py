"""The list of models: a group a task, rows with accuracy and with size, progress or measured time."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from desktop_app.core.model import ModelInfo
from desktop_app.gui import texts
from desktop_app.gui.about_dialog import accuracy_text, task_name
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.rows import ROW_ROLE, Row
from desktop_app.i18n import tr

TASKS = ("detect", "classify", "segment", "pose", "obb")
GROUP, MORE = "group:", ":more"
# Those of the lecture and of most tutorials; all others are one click or one word away.
WELL_KNOWN = ("yolo26n", "yolo11n", "yolo11s", "yolov8n", "resnet50", "inception_v3", "vgg19", "mobilenet_v3_large")
FEW = 3


def state_of(controller: PipelineController, info: ModelInfo) -> tuple[str, str, float | None]:
    """Text and icon at the right of a row, and how far the work on the model is: per tokens measured time first."""
    progress = controller.progress.get(info.key)
    if progress is not None and progress.stage in ("fetch", "convert", "load"):
        fraction = controller.work.share(info.key)
        return ("…" if fraction is None else texts.percent(fraction, 0)), "", fraction
    measured = controller.milliseconds(info.key)
    if measured is not None:
        return texts.milliseconds(measured), "", None
    if controller.on_disk(info.key):
        return tr("ready"), "", None
    size = texts.file_size(info.bytes) if info.bytes else ""
    return size, "wifi-slash" if info.key in controller.unavailable else "download-simple", None


def model_row(controller: PipelineController, info: ModelInfo) -> Row:
    right, icon, fraction = state_of(controller, info)
    accuracy = "" if info.accuracy is None else texts.number(info.accuracy, 1)
    chosen = info.key in (controller.running or controller.asked)
    return Row(info.key, info.key, "", "", "", right, icon, accuracy, chosen, False, fraction)


def heading(task: str) -> Row:
    column = {"classify": tr("top-1 %"), "detect": tr("mAP")}.get(task, "")
    return Row(task_name(task), GROUP + task, middle=column, heading=True)


def more_heading(task: str, count: int) -> Row:
    return Row(tr("{count} more", count=count), f"{GROUP}{task}{MORE}", heading=True)


class ModelTree(QStandardItemModel):
    """Groups hold rows; rows keep their items while they change, so that the view keeps its place."""

    def __init__(self, controller: PipelineController) -> None:
        super().__init__()
        self._controller = controller
        self._items: dict[str, QStandardItem] = {}

    def rebuild(self, infos: Iterable[ModelInfo]) -> None:
        self.clear()
        self._items = {}
        by_task: dict[str, list[ModelInfo]] = {}
        for info in infos:
            by_task.setdefault(info.task, []).append(info)
        for task in TASKS:
            if task not in by_task:
                continue
            group = self._heading(heading(task))
            self.appendRow(group)
            first, others = self._first(by_task[task])
            self._append(group, first)
            if others:
                more = self._heading(more_heading(task, len(others)))
                group.appendRow(more)
                self._append(more, others)

    def _first(self, infos: list[ModelInfo]) -> tuple[list[ModelInfo], list[ModelInfo]]:
        """What is seen at once: models on this computer, then the well-known ones. A short list shows all."""
        ready = [info for info in infos if self._controller.on_disk(info.key) or info.starter]
        known = [info for key in WELL_KNOWN for info in infos if info.key == key and info not in ready]
        first = [*ready, *known]
        others = [info for info in infos if info not in first]
        return (first, others) if len(others) > FEW and first else (infos, [])

    def _heading(self, row: Row) -> QStandardItem:
        item = QStandardItem(row.title)
        self._put(item, row)
        return item

    def _append(self, parent: QStandardItem, infos: list[ModelInfo]) -> None:
        for info in infos:
            item = QStandardItem(f"{info.key} {info.title} {task_name(info.task)}")
            self._put(item, model_row(self._controller, info), info)
            self._items[info.key] = item
            parent.appendRow(item)

    def rebuild_headings(self) -> None:
        """In the language in use."""
        for place in range(self.rowCount()):
            item = self.item(place)
            task = item.data(ROW_ROLE).value.removeprefix(GROUP)
            self._put(item, heading(task))
            last = item.child(item.rowCount() - 1)
            if last.hasChildren():
                self._put(last, more_heading(task, last.rowCount()))

    def refresh(self, keys: Collection[str] | None = None) -> None:
        """Writes what changed, in the rows of `keys` only where they are given."""
        for info in self._controller.catalogue():
            if keys is not None and info.key not in keys:
                continue
            item = self._items.get(info.key)
            if item is not None:
                row = model_row(self._controller, info)
                if item.data(ROW_ROLE) != row:
                    self._put(item, row, info)

    def _put(self, item: QStandardItem, row: Row, info: ModelInfo | None = None) -> None:
        item.setData(row, ROW_ROLE)
        item.setData(row.spoken(), Qt.ItemDataRole.AccessibleTextRole)
        if info is not None:
            trouble = self._controller.unavailable.get(info.key, "")
            how = tr("Click: run · Ctrl+click: run beside the others")
            item.setToolTip("\n".join(part for part in (info.title, accuracy_text(info), trouble, how) if part))

    def item_of(self, key: str) -> QStandardItem | None:
        return self._items.get(key)


class ModelFilter(QSortFilterProxyModel):
    """Every word of the search must occur in key, title or task."""

    def __init__(self, tree: ModelTree) -> None:
        super().__init__(tree)
        self.setSourceModel(tree)
        self.setRecursiveFilteringEnabled(True)
        self._words: list[str] = []

    def search(self, text: str) -> None:
        self._words = text.casefold().split()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        index = self.sourceModel().index(row, 0, parent)
        if index.data(ROW_ROLE).heading:
            return not self._words  # a group stays where one of its rows does: recursive filtering
        text = str(index.data()).casefold()
        return all(word in text for word in self._words)
