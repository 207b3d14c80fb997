"""Which models stand in a comparison: as the user chose them, as they are remembered, and the menus to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop_app.core.comparing import Side
from desktop_app.core.model import EngineName, ModelInfo, Placement, Precision
from desktop_app.gui.about_dialog import task_name
from desktop_app.gui.describe import ENGINES
from desktop_app.gui.model_tree import TASKS
from desktop_app.gui.pipeline_controller import PipelineController
from desktop_app.i18n import tr
from desktop_app.settings import Settings

LETTERS = "ABCD"
_ENGINES: tuple[EngineName, ...] = get_args(EngineName)
_PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True, slots=True)
class Choice:
    """A model to compare. "auto": engine and precision as they are set for all models."""

    key: str
    engine: EngineName = "auto"
    precision: Precision = "auto"

    @staticmethod
    def stored(row: Sequence[str]) -> Choice | None:
        """As the settings have it; `None` where a file that was edited has something else."""
        if len(row) != 3 or row[1] not in _ENGINES or row[2] not in _PRECISIONS:
            return None
        engine = next(each for each in _ENGINES if each == row[1])
        return Choice(row[0], engine, next(each for each in _PRECISIONS if each == row[2]))

    def row(self) -> tuple[str, ...]:
        return self.key, self.engine, self.precision

    def side(self, values: Settings) -> Side:
        engine = values.engine if self.engine == "auto" else self.engine
        device = values.device if self.engine in ("auto", values.engine) else "auto"
        precision = values.precision if self.precision == "auto" else self.precision
        return Side(self.key, Placement(engine, device, precision))

    def title(self) -> str:
        """ "yolov3-tiny · int8"."""
        parts = (self.key, ENGINES.get(self.engine, ""), "" if self.precision == "auto" else self.precision)
        return " · ".join(part for part in parts if part)


def at_hand(controller: PipelineController) -> list[ModelInfo]:
    """Models whose weights are on this computer, and the starters, which are fetched with it."""
    return [info for info in controller.catalogue() if info.starter or controller.on_disk(info.key)]


def first_choices(controller: PipelineController, values: Settings) -> list[Choice]:
    """What was compared the last time, as far as it is still there; else the running models."""
    keys = [info.key for info in at_hand(controller)]
    stored = (Choice.stored(row) for row in values.compare_models)
    known = [choice for choice in stored if choice is not None and choice.key in keys]
    if len(known) > 1:
        return known
    running = [key for key in (controller.running or controller.asked) if key in keys]
    return [Choice(key) for key in (running or keys)[:2]]


def partner(controller: PipelineController, values: Settings, choice: Choice) -> Choice:
    """What compares best with this one: another model of the same task, its int8 copy, any other model, or itself in
    another precision."""
    infos = {info.key: info for info in at_hand(controller)}
    task = infos[choice.key].task if choice.key in infos else ""
    others = [info for info in infos.values() if info.key != choice.key]
    same = [info.key for info in others if info.task == task]
    if same or (others and choice.key not in controller.turbo.reports):
        return Choice(same[0] if same else others[0].key)
    return unlike(controller, values, choice, (choice,))


def unlike(controller: PipelineController, values: Settings, choice: Choice, others: Sequence[Choice]) -> Choice:
    """`choice`, or the same model in a precision in which none of the others runs."""
    made: list[Precision] = ["int8"] if choice.key in controller.turbo.reports else []
    ways: list[Precision] = ["auto", *made, "fp32", "bf16", "fp16"]
    taken = {other.side(values) for other in others}
    found = (way for precision in ways if (way := replace(choice, precision=precision)).side(values) not in taken)
    return choice if choice.side(values) not in taken else next(found, replace(choice, engine="torch"))


def fill_models(menu: QMenu, controller: PipelineController, chosen: str, choose: Callable[[str], None]) -> None:
    """The models at hand, by task; `chosen` is marked."""
    infos = at_hand(controller)
    for task in TASKS:
        of_task = [info for info in infos if info.task == task]
        if of_task:
            heading(menu, task_name(task))
        for info in of_task:
            act = menu.addAction(info.key.replace("&", "&&"))
            act.setCheckable(bool(chosen))
            act.setChecked(info.key == chosen)
            act.triggered.connect(lambda _=False, key=info.key: choose(key))


def heading(menu: QMenu, text: str) -> None:
    """A line that only names those below it. The style that the window has draws no text of a section."""
    menu.addAction(text).setEnabled(False)


def fill_ways(menu: QMenu, controller: PipelineController, choice: Choice, choose: Callable[[Choice], None]) -> None:
    """Precision and engine of one side."""
    precisions = menu.addMenu(tr("Precision"))
    for precision in _PRECISIONS:
        text = tr("As for all models") if precision == "auto" else precision
        act = _option(precisions, text, precision == choice.precision)
        act.triggered.connect(lambda _=False, way=precision: choose(replace(choice, precision=way)))
        if precision == "int8" and choice.key not in controller.turbo.reports:
            act.setEnabled(False)
            act.setText(tr("int8 (make it with Turbo first)"))
    engines = menu.addMenu(tr("Engine"))
    for engine in _ENGINES:
        text = tr("As for all models") if engine == "auto" else ENGINES[engine]
        act = _option(engines, text, engine == choice.engine)
        act.triggered.connect(lambda _=False, way=engine: choose(replace(choice, engine=way)))


def _option(menu: QMenu, text: str, chosen: bool) -> QAction:
    act = menu.addAction(text)
    act.setCheckable(True)
    act.setChecked(chosen)
    return act
