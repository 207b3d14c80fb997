"""The panel of the pixel inspector: the pixel under the crosshair, and what the region comes to."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop_app.core.pixels import CHANNELS, hex_of, summary_of
from desktop_app.gui import texts
from desktop_app.gui.commands import Commands
from desktop_app.gui.histogram import Histogram, channel_name
from desktop_app.gui.icons import icon
from desktop_app.gui.inspector_copy import copy_csv, copy_numpy, save_npy
from desktop_app.gui.inspector_texts import grey_value, hsv_text
from desktop_app.gui.loupe import CELL, SMALL_CELL, Loupe
from desktop_app.gui.projecting import scale_texts
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import EmptyState, IconButton, Label, PanelTitle, button
from desktop_app.i18n import tr

UPDATE_MS = 66
"""Numbers that change more often than this cannot be read."""
_NOTHING = "–"
_NARROW = 270


class InspectorPanel(QWidget):
    def __init__(self, session: Session, commands: Commands, title: PanelTitle) -> None:
        super().__init__()
        self._session, self._commands, self._title = session, commands, title
        self._state = session.controller.inspector
        self._empty = EmptyState("eyedropper")
        self.begin = button("", "primary")
        self.begin.clicked.connect(commands.inspect)
        closed = QWidget()
        column = QVBoxLayout(closed)
        column.setContentsMargins(14, 0, 14, 24)
        column.addWidget(self._empty, 1)
        column.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(closed)
        self._stack.addWidget(self._make_content())
        self._timer = QTimer(self, interval=UPDATE_MS, singleShot=True)
        self._timer.timeout.connect(self.refresh)
        for signal in (self._state.changed, self._state.measured):
            signal.connect(self._later)
        self._state.toggled.connect(self.refresh)
        session.controller.source_changed.connect(self._later)
        texts.follow_language(self, self._retext)

    # --- parts ------------------------------------------------------------------------------------------------------

    def _make_content(self) -> QWidget:
        state = self._state
        self.colours, self.grey = QPushButton("RGB"), QPushButton()
        modes = QButtonGroup(self)
        for made, grey in ((self.colours, False), (self.grey, True)):
            made.setCheckable(True)
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            modes.addButton(made)
            made.clicked.connect(lambda _=False, grey=grey: state.set_grey(grey))
        self.numbers = IconButton("squares-four", size=20, colour="text")
        self.numbers.clicked.connect(state.zoom_wanted)
        self.loupe, self.histogram = Loupe(state), Histogram()
        self.values = {name: Label("", "strong") for name in ("place", *CHANNELS, "hex", "hsv")}
        self.captions = {name: Label("", "small", "muted") for name in self.values}
        self.region_title, self.region = Label("", "strong"), Label("", "small", "muted", wrap=True)
        self.whole = IconButton("x")
        self.whole.clicked.connect(lambda: state.back())  # noqa: PLW0108  (without the "checked" of the signal)
        self.heads = [Label("", "caption", "muted") for _ in range(4)]
        self.rows = {name: [Label("", "small") for _ in range(5)] for name in CHANNELS}
        self.logarithmic = QCheckBox()
        self.logarithmic.toggled.connect(self.histogram.set_logarithmic)
        self.csv, self.numpy = button("", icon_name="copy"), button("", icon_name="copy")
        self.save = IconButton("floppy-disk", size=20, colour="text")
        self.csv.clicked.connect(lambda: copy_csv(self._session))
        self.numpy.clicked.connect(lambda: copy_numpy(self._session))
        self.save.clicked.connect(lambda: save_npy(self._session, self))
        self.onward = button("", icon_name="tree-structure")
        self.onward.clicked.connect(self._commands.steps)
        self.hint = Label("", "small", "muted", wrap=True)
        return self._laid_out()

    def _laid_out(self) -> QWidget:
        modes = QHBoxLayout()
        modes.setSpacing(8)
        modes.addWidget(self.colours)
        modes.addWidget(self.grey)
        modes.addWidget(self.numbers)
        pixel = QHBoxLayout()
        pixel.setSpacing(10)
        pixel.addWidget(self.loupe, 0, Qt.AlignmentFlag.AlignTop)
        pixel.addLayout(self._pixel_grid(), 1)
        head = QHBoxLayout()
        head.addWidget(self.region_title, 1)
        head.addWidget(self.whole)
        copies = QHBoxLayout()
        copies.setSpacing(8)
        for part in (self.csv, self.numpy):
            part.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            copies.addWidget(part)
        copies.addWidget(self.save)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(14, 4, 14, 12)
        column.setSpacing(8)
        column.addLayout(modes)
        column.addLayout(pixel)
        hsv = QHBoxLayout()  # too long for the place beside the loupe
        hsv.addWidget(self.captions["hsv"])
        hsv.addWidget(self.values["hsv"], 1)
        column.addLayout(hsv)
        column.addLayout(head)
        column.addWidget(self.region)
        column.addLayout(self._table())
        column.addWidget(self.histogram)
        column.addWidget(self.logarithmic)
        column.addLayout(copies)
        column.addWidget(self.onward)
        column.addWidget(self.hint)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(content)
        return scroll

    def _pixel_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self.values.items()):
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            if name == "hsv":
                continue
            grid.addWidget(self.captions[name], row, 0)
            grid.addWidget(value, row, 1)
        return grid

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(2)
        for column, head in enumerate(self.heads, 1):
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(head, 0, column)
            grid.setColumnStretch(column, 1)
        for row, cells in enumerate(self.rows.values(), 1):
            for column, cell in enumerate(cells):
                if column:
                    cell.setAlignment(Qt.AlignmentFlag.AlignRight)
                grid.addWidget(cell, row, column)
        return grid

    # --- texts ------------------------------------------------------------------------------------------------------

    def _retext(self) -> None:
        self._title.set_title(tr("Inspector"))
        self._empty.set_texts(
            tr("Pixel by pixel"), tr("A picture is a matrix of numbers: come so close that you can read them.")
        )
        self.begin.setText(tr("Inspect the picture"))
        self.grey.setText(tr("Grey"))
        self.colours.setToolTip(tr("Red, green and blue of each pixel"))
        self.grey.setToolTip(tr("One number a pixel: 0.299 R + 0.587 G + 0.114 B"))
        self.loupe.setAccessibleName(tr("Pixels round the crosshair"))
        self.histogram.setAccessibleName(tr("Histogram"))
        for name, caption in self.captions.items():
            caption.setText({"place": tr("Place"), "hex": "Hex", "hsv": "HSV"}.get(name) or channel_name(name))
        for label, text in zip(self.heads, (tr("min"), tr("mean"), tr("max"), tr("std")), strict=True):
            label.setText(text)
        for name, cells in self.rows.items():
            cells[0].setText(channel_name(name))
        self.whole.set_text(tr("All that is seen"))
        self.logarithmic.setText(tr("Logarithmic"))
        self.csv.setText(tr("CSV"))
        self.csv.setToolTip(tr("Copy the region as comma-separated values"))
        self.csv.setAccessibleName(self.csv.toolTip())
        self.numpy.setText("NumPy")
        self.numpy.setToolTip(tr("Copy the region as an array of NumPy"))
        self.numpy.setAccessibleName(self.numpy.toolTip())
        self.save.set_text(tr("Save as .npy…"))
        self.numbers.set_text(tr("To the numbers and back (Enter)"))
        self.onward.setText(tr("Into the network"))
        self.onward.setToolTip(tr("The network’s input, step by step"))
        self.hint.setText(
            tr(
                "Wheel: closer. Drag: a region. Click: hold the pixel. Right button, or Ctrl: move the picture. "
                "Arrow keys: pixel by pixel, with Shift a region."
            )
        )
        self.refresh()

    # --- what is shown ----------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In the narrow docks of a small window what can be smaller is."""
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW
        self.loupe.set_cell(SMALL_CELL if narrow else CELL)
        for made in (self.csv, self.numpy):
            made.setIcon(QIcon() if narrow else icon("copy", "text", 16))

    def _later(self) -> None:
        if self._state.on and self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def set_scale(self, scale: float) -> None:
        """Of the text, for the projector."""
        scale_texts(self, scale)

    def refresh(self) -> None:
        state = self._state
        self._stack.setCurrentIndex(1 if state.on else 0)
        self.begin.setEnabled(self._session.controller.alive and not self._session.controller.is_batch)
        if not state.on:
            return
        self.onward.setEnabled(bool(self._session.controller.running))
        (self.grey if state.grey else self.colours).setChecked(True)
        self.histogram.set_grey(state.grey)
        self._show_pixel()
        self._show_region()
        self.loupe.update()

    def _show_pixel(self) -> None:
        state, values = self._state, self.values
        rgb = state.value()
        values["place"].setText(_NOTHING if state.at is None else f"{state.at[0]}, {state.at[1]}")
        self.captions["place"].setText(tr("Held at") if state.held else tr("Place"))
        shown = dict.fromkeys((*CHANNELS, "hex", "hsv"), _NOTHING)
        if rgb is not None:
            shown |= {name: str(value) for name, value in zip("RGB", rgb, strict=True)}
            shown |= {"grey": str(grey_value(rgb)), "hex": hex_of(*rgb), "hsv": hsv_text(rgb)}
        for name, text in shown.items():
            values[name].setText(text)

    def _show_region(self) -> None:
        state = self._state
        area = state.region
        chosen = state.selection is not None
        self.region_title.setText(tr("Chosen region") if chosen else tr("What is seen"))
        self.whole.setVisible(chosen)
        for part in (self.csv, self.numpy, self.save):
            part.setEnabled(area is not None)
        if area is None:
            self.region.setText(_NOTHING)
        else:
            size = texts.size(area[2] - area[0], area[3] - area[1])
            self.region.setText(tr("{size} at {x}, {y}", size=size, x=area[0], y=area[1]))
        for index, (name, cells) in enumerate(self.rows.items()):
            found = None if state.counts is None else summary_of(state.counts, index)
            texts_of = (
                [_NOTHING] * 4
                if found is None
                else [str(found.low), texts.number(found.mean, 1), str(found.high), texts.number(found.std, 1)]
            )
            for cell, text in zip(cells[1:], texts_of, strict=True):
                cell.setText(text)
            for cell in cells:
                cell.setVisible(not state.grey or name == "grey")
        rgb = state.value()
        self.histogram.show_counts(state.counts, () if rgb is None else (*rgb, grey_value(rgb)))
