"""How a camera is used: format, mirror and rotation, and all that its driver lets be set. Acts at once, and is kept."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFormLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop_app.gui.camera_controls import ControlForm
from desktop_app.gui.camera_format_form import FormatForm
from desktop_app.gui.describe import place_of
from desktop_app.gui.dialog import button, button_row, make_dialog
from desktop_app.gui.session import Session
from desktop_app.gui.texts import follow_language
from desktop_app.gui.widgets import Label
from desktop_app.i18n import tr

WIDTH = 400


class CameraDialog(QDialog):
    """Beside the window, which stays usable: the picture shows what each of these does."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cameras, self._controller = session.cameras, session.controller
        self.camera = session.cameras.current()
        self._layout = make_dialog(self, "")
        self.which = QComboBox()
        self.which.activated.connect(lambda row: self._choose(self.which.itemData(row)))
        self.format = FormatForm(session)
        self.mirror, self.rotation = QCheckBox(), QComboBox()
        for degrees in (0, 90, 180, 270):
            self.rotation.addItem("", degrees)
        self.mirror.clicked.connect(self._turn)
        self.rotation.activated.connect(self._turn)
        self._picture = QFormLayout()
        self._picture.setVerticalSpacing(10)
        self._picture.setHorizontalSpacing(16)
        self._picture.addRow(" ", self.rotation)
        self._picture.addRow("", self.mirror)
        self.controls = ControlForm(session.cameras)
        self._format_title, self._picture_title, self._controls_title = (Label("", "strong") for _ in range(3))
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        column.addWidget(self._format_title)
        column.addWidget(self.format)
        column.addSpacing(6)
        column.addWidget(self._picture_title)
        column.addLayout(self._picture)
        column.addSpacing(6)
        column.addWidget(self._controls_title)
        column.addWidget(self.controls)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(body)
        self._body = body
        self._layout.addWidget(self.which)
        self._layout.addWidget(self._scroll, 1)
        self.reset_button = button(" ", self._reset)
        self.done_button = button(" ", self.close, primary=True)
        self._layout.addLayout(button_row(self.reset_button, self.done_button))
        self.setMinimumWidth(WIDTH)
        session.cameras.changed.connect(self.show_state)
        session.controller.source_changed.connect(self._source_changed)
        session.controller.stats_changed.connect(self.format.show_measured)
        follow_language(self, self._retext)

    def _retext(self) -> None:
        self.setWindowTitle(tr("Camera settings"))
        self.which.setAccessibleName(tr("Camera"))
        self._format_title.setText(tr("Format"))
        self._picture_title.setText(tr("Orientation"))
        self._controls_title.setText(tr("Exposure, focus, colours"))
        self.mirror.setText(tr("Mirror"))
        captions = (tr("Upright"), tr("90° clockwise"), tr("Upside down"), tr("90° anticlockwise"))
        for row, caption in enumerate(captions):
            self.rotation.setItemText(row, caption)
        _caption(self._picture, self.rotation, tr("Rotation"))
        self.reset_button.setText(tr("Reset to the camera’s own"))
        self.done_button.setText(tr("Done"))
        for each in (self.reset_button, self.done_button):
            each.setAccessibleName(each.text())
        self.format.retext()
        self.controls.forget()
        self.show_state()

    def show_state(self) -> None:
        """Of the camera that was chosen here."""
        self._fill_which()
        self.format.show_camera(self.camera)
        mirror, rotation = self._cameras.orientation(self.camera)
        with QSignalBlocker(self.mirror), QSignalBlocker(self.rotation):
            self.mirror.setChecked(mirror)
            self.rotation.setCurrentIndex(rotation // 90)
        self.controls.show_camera(self.camera)

    def _fill_which(self) -> None:
        there = {}
        for camera in self._controller.cameras:
            place = place_of(camera, self._controller.cameras)
            there[camera.stable_id] = f"{camera.name} ({place})" if place else camera.name
        if self.camera not in there:
            there[self.camera] = self._cameras.name(self.camera)
        if list(there.items()) != [(self.which.itemData(i), self.which.itemText(i)) for i in range(self.which.count())]:
            self.which.clear()
            for stable_id, name in there.items():
                self.which.addItem(name, stable_id)
        self.which.setCurrentIndex(list(there).index(self.camera))
        self.which.setToolTip(self.camera)

    def _choose(self, stable_id: str) -> None:
        self.camera = stable_id
        self.show_state()

    def _source_changed(self) -> None:
        """Another camera that is opened is the one that is seen."""
        running = self._cameras.running
        if running and running != self.camera and not self._controller.opening:
            self.camera = running
        self.show_state()

    def _turn(self) -> None:
        self._cameras.turn(self.camera, self.mirror.isChecked(), int(self.rotation.currentData()))

    def _reset(self) -> None:
        self._cameras.reset(self.camera)

    def showEvent(self, event: QShowEvent) -> None:
        """At the right side of the window, clear of the picture; as high as what it holds, or as the window."""
        super().showEvent(event)
        window = self.parentWidget()
        if window is None or event.spontaneous():
            return
        wanted = self._body.sizeHint().height() + self.height() - self._scroll.height() + 8
        room = window.height() - 96
        self.resize(max(WIDTH, self.width()), max(240, min(wanted, room)))
        corner = window.mapToGlobal(QPoint(window.width() - self.width() - 16, 72))
        self.move(max(0, corner.x()), max(0, corner.y()))


def _caption(form: QFormLayout, field: QWidget, text: str) -> None:
    field.setAccessibleName(text)
    label = form.labelForField(field)
    if label is not None:
        label.setProperty("text", text)
        label.setMinimumHeight(field.sizeHint().height())
