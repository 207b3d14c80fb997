"""What the heat map shows: of which class or box, by which method, how strongly; and how far it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.core.explain import HeatMethod
from desktop_app.gui import texts
from desktop_app.gui.class_choices import Choice, choices, title_of
from desktop_app.gui.class_picker import ClassPicker
from desktop_app.gui.explain_parts import ColourScale, method_title, method_words
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import IconButton, Label, LabelledSlider, ProgressBar
from desktop_app.i18n import tr


class HeatControls(QWidget):
    strength_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._controller = session.controller
        self._state = session.controller.explain
        self._before: HeatMethod | None = None
        self.scale = ColourScale()
        self.class_picker, self.method = ClassPicker(self._choices), QComboBox()
        self.strength = LabelledSlider("", 0.0, 1.0, 0.05, lambda value: texts.percent(value, 0), margin=0)
        self.strength.set_value(0.6)
        self.words = Label("", "small", "muted", wrap=True)
        self.progress, self.cancel = ProgressBar(), IconButton("x")
        self.trouble = Label("", "small", "danger", wrap=True)
        self._assemble()
        self.class_picker.chosen.connect(self._choose)
        self.method.activated.connect(self._method_chosen)
        self.cancel.clicked.connect(self._stop)
        self.strength.value_changed.connect(lambda _: self.strength_changed.emit())
        self._state.heated.connect(self._show_heat)
        self._state.changed.connect(self._show_choice)
        self._state.failed.connect(self.show_trouble)
        texts.follow_language(self, self._retext)

    def _assemble(self) -> None:
        self.method.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.method.setMinimumContentsLength(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.scale)
        column.addWidget(self.class_picker)
        column.addWidget(self.method)
        going = QHBoxLayout()
        going.addWidget(self.progress, 1)
        going.addWidget(self.cancel)
        column.addLayout(going)
        for part in (self.words, self.strength, self.trouble):
            column.addWidget(part)
        for hidden in (self.progress, self.cancel, self.trouble):
            hidden.hide()

    def _retext(self) -> None:
        self.strength.set_name(tr("Strength"))
        self.class_picker.setAccessibleName(tr("Class whose evidence is shown"))
        self.method.setAccessibleName(tr("Method of the heat map"))
        self.progress.setAccessibleName(tr("Heat map"))
        self.cancel.set_text(tr("Stop"))
        self.refresh()

    def refresh(self) -> None:
        """The model says which methods there are."""
        self._fill_methods()
        seen, wanted = self._state.last, self._state.wish.heat
        if seen is not None and wanted is not None and wanted not in seen.methods:
            self._state.ask(heat=None)  # it was asked for before it was known what this model can
        self._show_heat()
        if self._state.wish.heat is None:
            self.trouble.hide()

    # --- methods ------------------------------------------------------------------------------------------------

    def _fill_methods(self) -> None:
        seen = self._state.last
        why = {} if seen is None else {one.method: one.why for one in seen.missing}
        methods: list[HeatMethod | None] = [*(seen.methods if seen is not None else ()), *why, None]
        rows = [(method, method_title(method), why.get(method, "") if method else "") for method in methods]
        rows = [(method, tr("{method} – not here", method=title) if no else title, no) for method, title, no in rows]
        if rows != self._rows:
            self._rows = rows
            self.method.clear()
            for place, (method, title, reason) in enumerate(rows):
                self.method.addItem(title, method)
                self.method.setItemData(place, reason or method_words(method), Qt.ItemDataRole.ToolTipRole)
            self._show_choice()

    _rows: list[tuple[HeatMethod | None, str, str]] | None = None

    def _method_chosen(self, place: int) -> None:
        assert self._rows is not None
        method, title, reason = self._rows[place]
        if reason:  # it can be chosen, so that whoever has only keys and ears learns why not
            self._show_choice()
            self.show_trouble(f"{title}.", reason)
            return
        self._before = self._state.wish.heat
        self._state.ask(heat=method)

    def _stop(self) -> None:
        """Back to what was shown before, or to none."""
        before = self._before if self._before != self._state.wish.heat else None
        self._state.ask(heat=before)

    # --- classes ------------------------------------------------------------------------------------------------

    def _choices(self) -> list[Choice]:
        key = self._state.wish.model
        result = self._controller.results.get(key)
        return choices(self._controller.names.get(key, ()), None if result is None else result.prediction)

    def _choose(self, choice: Choice) -> None:
        self._state.ask(classes=choice.classes, box=choice.box)

    def _show_choice(self) -> None:
        wish = self._state.wish
        self.trouble.hide()
        method = self.method.findData(wish.heat)
        if method >= 0:
            self.method.setCurrentIndex(method)
        self.words.setText(method_words(wish.heat))
        self.words.setVisible(bool(self.words.text()))
        self._show_heat()

    def _show_heat(self) -> None:
        """Its class, where that is not what was asked for, and how far it is."""
        wish, heat = self._state.wish, self._state.heat
        names = self._controller.names.get(wish.model, ())
        text = title_of(names, wish.classes) if wish.classes else tr("The surest")
        if heat is not None and not wish.classes:
            text = tr("The surest: {name}", name=title_of(names, heat.classes))
        self.class_picker.show_text(text)
        if heat is not None:
            self.trouble.hide()
        # In its place all the time, so that nothing jumps while frames move.
        grows = wish.heat == "occlusion"
        self.progress.set_fraction(heat.share if heat is not None else 0.0)
        self.progress.setVisible(grows)
        self.cancel.setVisible(grows)
        self.cancel.setEnabled(heat is None or heat.share < 1)

    def show_trouble(self, message: str, hint: str) -> None:
        self.trouble.setText(f"{message} {hint}".strip())
        self.trouble.show()
