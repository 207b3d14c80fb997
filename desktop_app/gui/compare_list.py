"""The models of a comparison, in their order, as the user changes them; remembered for the next time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop_app.core.comparing import MOST_SIDES, Side
from desktop_app.gui.compare_choices import Choice, first_choices, partner, unlike
from desktop_app.gui.session import Session


class CompareList(QObject):
    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._controller, self._preferences = session.controller, session.preferences
        self.choices: list[Choice] = []

    def begin(self) -> None:
        """When it is first needed: only then is it known which models there are."""
        if not self.choices:
            self.choices = self._sorted_out(first_choices(self._controller, self._preferences.values))

    def sides(self) -> list[Side]:
        return [choice.side(self._preferences.values) for choice in self.choices]

    def put(self, choices: Sequence[Choice]) -> None:
        self.choices = self._sorted_out(choices)
        self._preferences.change(compare_models=tuple(choice.row() for choice in self.choices))
        self.changed.emit()

    def placement_changed(self) -> None:
        """Of all models: two sides may run alike now."""
        self.put(self.choices)

    def _sorted_out(self, choices: Sequence[Choice]) -> list[Choice]:
        """Two at least, and none that runs exactly as another does: it would only say the same twice."""
        values = self._preferences.values
        first = {choice.side(values): choice for choice in reversed(choices)}
        kept = list(dict.fromkeys(choice for choice in choices if first[choice.side(values)] == choice))[:MOST_SIDES]
        if len(kept) == 1:
            kept.append(partner(self._controller, values, kept[0]))
        return kept

    def add(self, key: str) -> None:
        """A model that is there already comes in another precision."""
        self.put([*self.choices, self._unlike(Choice(key), self.choices)])

    def replace(self, place: int, choice: Choice) -> None:
        others = [each for number, each in enumerate(self.choices) if number != place]
        if choice == Choice(choice.key):
            choice = self._unlike(choice, others)
        self.put([choice if number == place else each for number, each in enumerate(self.choices)])

    def remove(self, place: int) -> None:
        """Two always stay."""
        if len(self.choices) > 2:
            self.put([each for number, each in enumerate(self.choices) if number != place])

    def _unlike(self, choice: Choice, others: Sequence[Choice]) -> Choice:
        return unlike(self._controller, self._preferences.values, choice, others)
