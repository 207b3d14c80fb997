"""The list of models: a group a task, rows with accuracy and with size, progress or measured time."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from desktop_app.core.model import ModelInfo
from desktop_app.gui import texts
from desktop_app.gui.about_dialog import accuracy_text, task_name
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.gui.rows import ROW_ROLE, Row
from desktop_app.i18n import tr

TASKS = ("detect", "classify", "segment", "pose", "obb")
GROUP = "group:"


def state_of(controller: PipelineController, info: ModelInfo) -> tuple[str, str, float | None]:
    """Text and icon at the right of a row, and how far the work on the model is: per tokens measured time first."""
    progress = controller.progress.get(info.key)
    if progress is not None and progress.stage in ("fetch", "convert"):
        fraction = progress.fraction
        return ("…" if fraction is None else texts.percent(fraction, 0)), "", fraction
    measured = controller.milliseconds(info.key)
    if measured is not None:
        return texts.milliseconds(measured), "", None
    if controller.on_disk(info.key):
        return tr("ready"), "", None
    return (texts.file_size(info.bytes) if info.bytes else ""), "download-simple", None


def model_row(controller: PipelineController, info: ModelInfo) -> Row:
    right, icon, fraction = state_of(controller, info)
    accuracy = "" if info.accuracy is None else texts.number(info.accuracy, 1)
    chosen = info.key in (controller.running or controller.asked)
    return Row(info.key, info.key, "", "", "", right, icon, accuracy, chosen, False, fraction)


def heading(task: str) -> Row:
    column = {"classify": tr("top-1 %"), "detect": tr("mAP")}.get(task, "")
    return Row(task_name(task), GROUP + task, middle=column, heading=True)


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
            group = QStandardItem(task_name(task))
            self._put(group, heading(task))
            self.appendRow(group)
            for info in by_task[task]:
                item = QStandardItem(f"{info.key} {info.title}")
                self._put(item, model_row(self._controller, info), info)
                self._items[info.key] = item
                group.appendRow(item)

    def rebuild_headings(self) -> None:
        """In the language in use."""
        for place in range(self.rowCount()):
            item = self.item(place)
            self._put(item, heading(item.data(ROW_ROLE).value.removeprefix(GROUP)))

    def refresh(self) -> None:
        """Writes what changed."""
        for info in self._controller.catalogue():
            item = self._items.get(info.key)
            if item is not None:
                row = model_row(self._controller, info)
                if item.data(ROW_ROLE) != row:
                    self._put(item, row, info)

    def _put(self, item: QStandardItem, row: Row, info: ModelInfo | None = None) -> None:
        item.setData(row, ROW_ROLE)
        item.setData(row.spoken(), Qt.ItemDataRole.AccessibleTextRole)
        if info is not None:
            item.setToolTip("\n".join(part for part in (info.title, accuracy_text(info)) if part))

    def item_of(self, key: str) -> QStandardItem | None:
        return self._items.get(key)


class ModelFilter(QSortFilterProxyModel):
    """Every word of the search must occur in key, title or task; ready and running models come first within a group."""

    def __init__(self, tree: ModelTree) -> None:
        super().__init__(tree)
        self.setSourceModel(tree)
        self.setRecursiveFilteringEnabled(True)
        self._words: list[str] = []

    def search(self, text: str) -> None:
        self._words = text.casefold().split()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        if not parent.isValid():
            return not self._words  # a group stays where one of its rows does: recursive filtering
        index = self.sourceModel().index(row, 0, parent)
        text = f"{index.data()} {parent.data()}".casefold()
        return all(word in text for word in self._words)
