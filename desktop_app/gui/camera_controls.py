"""The controls of a camera as sliders, boxes and lists, made from what its driver states."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.core.camera import CameraControl
from desktop_app.gui.camera_texts import choice_name, control_name, in_order, value_text
from desktop_app.gui.cameras_state import CamerasState
from desktop_app.gui.widgets import Label, LabelledSlider
from desktop_app.i18n import tr


class ControlForm(QWidget):
    """Made anew when the camera offers other controls; else its rows follow the values."""

    def __init__(self, cameras: CamerasState) -> None:
        super().__init__()
        self._cameras = cameras
        self._camera = ""
        self._shape: tuple[object, ...] | None = None
        self.rows: dict[str, ControlRow] = {}
        self._none = Label("", "small", "muted", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(self._none)

    def forget(self) -> None:
        """The language has changed: the next look makes all rows anew."""
        self._shape = None

    def show_camera(self, stable_id: str) -> None:
        controls = in_order(self._cameras.controls(stable_id))
        shape = (stable_id, *((c.key, c.kind, c.low, c.high, c.step, c.choices) for c in controls))
        if shape != self._shape:
            self._shape, self._camera = shape, stable_id
            self._make(controls)
        report = self._cameras.reports.get(stable_id)
        wanted = self._cameras.settings(stable_id).controls
        for control in controls:
            refused = report is not None and control.key in report.refused
            self.rows[control.key].show_control(control, wanted.get(control.key, control.value), refused=refused)
        self._none.setVisible(not controls)
        self._none.setText(
            tr("The driver of this camera lets nothing be set.")
            if self._cameras.running == stable_id
            else tr("What can be set is known once the camera runs.")
        )

    def _make(self, controls: list[CameraControl]) -> None:
        for row in self.rows.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {}
        for control in controls:
            row = ControlRow(control, self._set)
            self.rows[control.key] = row
            self._column.addWidget(row)

    def _set(self, key: str, value: int) -> None:
        self._cameras.set_control(self._camera, key, value)


class ControlRow(QWidget):
    """One control, and under it a word where the camera did not take what was wanted."""

    def __init__(self, control: CameraControl, act: Callable[[str, int], None]) -> None:
        super().__init__()
        self._control = control
        name = control_name(control)
        self._refused = Label(tr("The camera did not take this."), "small", "warning", wrap=True)
        self._refused.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.slider = LabelledSlider(
            name, control.low, control.high, control.step, lambda value: value_text(control, value), margin=0
        )
        self.box, self.menu = QCheckBox(name), QComboBox()
        if control.kind == "range":
            self.slider.value_changed.connect(lambda value: act(control.key, round(value)))
            self.field: QWidget = self.slider
            column.addWidget(self.slider)
        elif control.kind == "switch":
            self.box.clicked.connect(lambda on: act(control.key, int(on)))
            self.field = self.box
            column.addWidget(self.box)
        else:
            for value, text in control.choices:
                self.menu.addItem(choice_name(text), value)
            self.menu.activated.connect(lambda row: act(control.key, int(self.menu.itemData(row))))
            self.menu.setAccessibleName(name)
            self.field = self.menu
            label = Label(name)
            label.setBuddy(self.menu)
            row = QHBoxLayout()
            row.addWidget(label, 1)
            row.addWidget(self.menu)
            column.addLayout(row)
        column.addWidget(self._refused)

    def show_control(self, control: CameraControl, wanted: int, *, refused: bool) -> None:
        """What was wanted, as the hand may be faster than the camera; what is, where it was refused or is ruled by an
        automatic."""
        value = wanted if control.active and not refused else control.value
        with QSignalBlocker(self.box), QSignalBlocker(self.menu):
            self.slider.set_value(value)
            self.box.setChecked(bool(value))
            self.menu.setCurrentIndex(self.menu.findData(value))
        self.field.setEnabled(control.active)
        self.field.setToolTip("" if control.active else tr("An automatic of the camera sets this."))
        self._refused.setVisible(refused)
