"""The bar over the page of teaching: on which network, how it answers, undo, open, save, use."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QMenu, QToolButton, QWidget

from desktop_app.core.teaching import BACKBONES, MOST_CLASSES, ROOM, SUFFIX
from desktop_app.gui import texts
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import IconButton, Label, button
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m


class TeachBar(QWidget):
    save_numbers = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._controller = session, session.controller
        self._state = session.controller.teaching
        self.title = Label("", "section")
        self.network, self.link, self.none = QComboBox(), QComboBox(), QCheckBox()
        self.undo, self.redo = IconButton("arrow-counter-clockwise"), IconButton("arrow-clockwise")
        self.more = QToolButton()
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.more)
        self.more.setMenu(self.menu)
        self.use = button("", "primary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.title)
        row.addSpacing(8)
        self.network.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for choice in (self.network, self.link, self.none):
            row.addWidget(choice)
        row.addStretch(1)
        for act in (self.undo, self.redo, self.more, self.use):
            row.addWidget(act)
        self.network.activated.connect(lambda _: self._state.ask(model=self.network.currentData()))
        self.link.activated.connect(lambda _: self._state.ask(link=self.link.currentData()))
        self.none.clicked.connect(lambda on: self._state.ask(may_be_none=on))
        self.undo.clicked.connect(self._state.undo)
        self.redo.clicked.connect(self._state.redo)
        self.use.clicked.connect(self._make_model)
        self.menu.aboutToShow.connect(self._fill_menu)
        self._fill_menu()
        self._state.saved.connect(self._saved)
        self._controller.catalogue_changed.connect(self.refresh)
        texts.follow_language(self, self._retext)

    def _retext(self) -> None:
        self.title.setText(tr("Teach by showing"))
        self.network.setAccessibleName(tr("Network whose features are taught on"))
        self.network.setToolTip(tr("Network whose features are taught on"))
        self.link.clear()
        self.link.addItem(tr("softmax: one of them"), "softmax")
        self.link.addItem(tr("sigmoid: each by itself"), "sigmoid")
        self.link.setAccessibleName(tr("How numbers become probabilities"))
        self.none.setText(tr("may be none of these"))
        self.none.setToolTip(
            tr(
                "What is further from every example than the examples of a class are from each other is none of these. "
                "Distance is 1 − cosine of the features, with {share} to spare.",
                share=texts.percent(ROOM - 1, 0),
            )
        )
        self.undo.set_text(tr("Undo (Ctrl+Z)"))
        self.redo.set_text(tr("Redo (Ctrl+Shift+Z)"))
        self.more.setText(tr("File"))
        self.more.setAccessibleName(tr("Open, save, begin anew"))
        self.use.setText(tr("Use as a model"))
        self.refresh()

    def can_be_taught_on(self, key: str) -> bool:
        info = self._controller.model_info(key)
        return info is not None and info.task == "classify" and info.family in BACKBONES

    def refresh(self) -> None:
        state, controller = self._state, self._controller
        here = [i.key for i in controller.catalogue() if self.can_be_taught_on(i.key) and controller.on_disk(i.key)]
        key = state.lesson.model
        if key and key not in here:
            here.append(key)
        if [self.network.itemData(place) for place in range(self.network.count())] != here:
            self.network.clear()
            for each in here:
                self.network.addItem(each, each)
        if key:
            self.network.setCurrentIndex(here.index(key))
        self.link.setCurrentIndex(self.link.findData(state.lesson.link))
        self.none.setChecked(state.lesson.may_be_none)
        self.undo.setEnabled(state.lesson.can_undo)
        self.redo.setEnabled(state.lesson.can_redo)
        self.use.setEnabled(state.learnt.layer is not None)
        self.use.setToolTip("" if state.learnt.layer is not None else tr("Two things must be shown first."))

    # --- files --------------------------------------------------------------------------------------------------

    def _fill_menu(self) -> None:
        self.menu.clear()
        taught = self._state.learnt.layer is not None
        self.menu.addAction(tr("Go on teaching a file…"), self._open)
        self.menu.addAction(tr("Save…"), lambda: self._save(pictures=True)).setEnabled(taught)
        bare = self.menu.addAction(tr("Save without pictures…"), lambda: self._save(pictures=False))
        bare.setEnabled(taught)
        bare.setToolTip(tr("Nobody who gets the file sees what it was taught with."))
        numbers = self.menu.addAction(tr("Save the numbers (NumPy)…"), self.save_numbers.emit)
        numbers.setEnabled(taught and self._state.live is not None)
        self.menu.addSeparator()
        self.menu.addAction(tr("Begin anew"), self._state.clear).setEnabled(bool(self._state.lesson.examples))

    def file_name(self) -> str:
        """From the names of the classes: "cup, key, phone"."""
        names = [self._state.names.get(slot, "") for slot in self._state.learnt.slots][:MOST_CLASSES]
        return ", ".join(name for name in names if name).replace("/", "-")[:60].strip(" ,.") or tr("My model")

    def _open(self) -> None:
        filters = f"Regard (*{SUFFIX})"
        path, _ = QFileDialog.getOpenFileName(self, tr("Go on teaching"), "", filters)
        if path:
            self._state.open(path)

    def _save(self, *, pictures: bool) -> None:
        name = f"{self.file_name()}{SUFFIX}"
        path, _ = QFileDialog.getSaveFileName(self, tr("Save what was taught"), name, f"Regard (*{SUFFIX})")
        if path:
            whole = path if path.endswith(SUFFIX) else f"{path}{SUFFIX}"
            if whole != path and Path(whole).exists():
                whole = path  # nobody was asked about that one
            self._state.save(whole, pictures=pictures)

    def _make_model(self) -> None:
        self._state.make_model(self.file_name())

    def _saved(self, event: m.LessonSaved) -> None:
        notifier = self._session.notifier
        if event.key:
            use = (tr("Use"), lambda: self._controller.set_models((event.key,)))
            notifier.tell("success", tr("{title} is among the models now", title=event.key), "", use, key="taught")
        else:
            add = (tr("Add to the models"), lambda: self._controller.import_model(event.path))
            notifier.tell("success", tr("Saved"), event.path, add, key="taught")
