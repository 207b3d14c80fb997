"""Size, rate and pixel format of a camera: what it is asked for, and what it grants."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.core.camera import CameraFormat
from desktop_app.gui import texts
from desktop_app.gui.camera_texts import differs, format_text, granted_format, rate_text
from desktop_app.gui.session import Session
from desktop_app.gui.widgets import IconPlate, Label
from desktop_app.i18n import tr

# Offered where the camera does not say what it has.
_USUAL_SIZES = ((640, 480), (1280, 720), (1920, 1080))
_USUAL_RATES = (60.0, 30.0, 15.0)


class FormatForm(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._cameras, self._controller = session.cameras, session.controller
        self._camera = ""
        self.sizes, self.rates, self.pixels = QComboBox(), QComboBox(), QComboBox()
        self._form = QFormLayout()
        self._form.setVerticalSpacing(10)
        self._form.setHorizontalSpacing(16)
        for combo in (self.sizes, self.rates, self.pixels):
            combo.activated.connect(self._chosen)
            self._form.addRow(" ", combo)
        self.asked, self.granted = Label("", "small", "muted", wrap=True), Label("", "small", "muted", wrap=True)
        self._warning = IconPlate("warning-fill", "warning", 16)
        granted = QHBoxLayout()
        granted.setSpacing(6)
        granted.addWidget(self._warning)
        granted.addWidget(self.granted, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._form)
        column.addSpacing(4)
        column.addWidget(self.asked)
        column.addLayout(granted)

    def retext(self) -> None:
        captions = (tr("Size"), tr("Rate"), tr("Pixel format"))
        for combo, caption in zip((self.sizes, self.rates, self.pixels), captions, strict=True):
            combo.setAccessibleName(caption)
            label = self._form.labelForField(combo)
            if label is not None:
                label.setProperty("text", caption)
                label.setMinimumHeight(combo.sizeHint().height())

    def show_camera(self, stable_id: str) -> None:
        self._camera = stable_id
        camera, settings = self._cameras.find(stable_id), self._cameras.settings(stable_id)
        formats = camera.formats if camera is not None else ()
        sizes = sorted({(f.width, f.height) for f in formats}, key=lambda s: -s[0] * s[1]) or list(_USUAL_SIZES)
        self._fill(self.sizes, [(texts.size(*s), s) for s in sizes], (settings.width, settings.height), (0, 0))
        size = (settings.width, settings.height)
        fitting = [f for f in formats if not settings.width or (f.width, f.height) == size]
        of_pixels = [f for f in fitting if not settings.pixel_format or f.pixel_format == settings.pixel_format]
        rates = sorted({rate for f in of_pixels for rate in (f.rates or (f.fps,)) if rate}, reverse=True)
        rates = rates or list(() if formats else _USUAL_RATES)
        self._fill(self.rates, [(rate_text(rate), rate) for rate in rates], settings.fps, 0.0)
        codes = list(dict.fromkeys(f.pixel_format for f in fitting))
        self._fill(self.pixels, [(code, code) for code in codes], settings.pixel_format, "")
        self.show_measured()

    def show_measured(self) -> None:
        """What the running camera was asked for and what it gives, which is not always the same."""
        info = self._controller.info if self._cameras.running == self._camera else None
        shown = info is not None and info.asked is not None
        for each in (self.asked, self.granted):
            each.setVisible(shown)
        self._warning.setVisible(False)
        if info is None or info.asked is None:
            return
        granted = granted_format(info)
        other = differs(info.asked, granted)
        self.asked.setText(tr("Asked: {format}", format=format_text(info.asked)))
        text = tr("Granted: {format}", format=format_text(granted))
        stats = self._controller.stats
        if stats is not None and self._controller.phase == "live" and stats.captured_fps:
            text += " · " + tr("measured {rate} fps", rate=texts.fps(stats.captured_fps))
        self.granted.setText(text)
        self.granted.set_colour("text" if other else "muted")
        self._warning.setVisible(other)

    def _fill(self, combo: QComboBox, choices: list[tuple[str, object]], chosen: object, automatic: object) -> None:
        """What was chosen stays in the list, though the camera may not offer it any more."""
        rows: list[tuple[str, object]] = [(tr("Automatic"), automatic), *choices]
        if chosen not in [value for _, value in rows]:
            chosen = automatic
        with QSignalBlocker(combo):
            if rows != [(combo.itemText(i), combo.itemData(i)) for i in range(combo.count())]:
                combo.clear()
                for text, value in rows:
                    combo.addItem(text, value)
            combo.setCurrentIndex([value for _, value in rows].index(chosen))

    def _chosen(self) -> None:
        (width, height), fps, pixel_format = (c.currentData() for c in (self.sizes, self.rates, self.pixels))
        camera = self._cameras.find(self._camera)
        formats = camera.formats if camera is not None else ()
        if formats and not any(_fits(f, width, height, fps, pixel_format) for f in formats):
            # The size counts most; what it does not come with is left to Regard.
            if not any(_fits(f, width, height, 0.0, pixel_format) for f in formats):
                pixel_format = ""
            if not any(_fits(f, width, height, fps, pixel_format) for f in formats):
                fps = 0.0
        self._cameras.set_format(self._camera, width, height, fps, pixel_format)


def _fits(offered: CameraFormat, width: int, height: int, fps: float, pixel_format: str) -> bool:
    rates = offered.rates or (offered.fps,)
    return (
        (not width or (offered.width, offered.height) == (width, height))
        and (not fps or any(abs(rate - fps) < 0.05 for rate in rates))
        and pixel_format in ("", offered.pixel_format)
    )
