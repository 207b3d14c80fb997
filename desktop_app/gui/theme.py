"""Colours and fonts of the window: one table of tokens makes palette, style sheet and icons, dark and light."""

from __future__ import annotations

from functools import cache
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QStyle

from desktop_app.gui.style_sheet import style_sheet
from desktop_app.render.fonts import ensure_fonts

Mode = Literal["system", "dark", "light"]
FontRole = Literal["caption", "small", "body", "strong", "title", "section", "count", "display"]

TOKENS: dict[str, tuple[str, str]] = {
    # name: (dark, light)
    "stage": ("#0B0D10", "#22262B"),
    "window": ("#14171B", "#E9EBEE"),
    "panel": ("#1A1E23", "#F6F7F8"),
    "raised": ("#232830", "#FFFFFF"),
    "hover": ("#2C323B", "#E4E7EB"),
    "soft": ("#1E3354", "#D6E4FA"),
    "line": ("#2B3138", "#D5D9DE"),
    "line2": ("#465059", "#ABB3BD"),
    "ctl": ("#6C7682", "#7F8893"),
    "track": ("#3A424C", "#C9CFD6"),
    "text": ("#E8EAED", "#1B1F24"),
    "muted": ("#A3ACB8", "#525C67"),
    "faint": ("#6C7682", "#8A939E"),
    "accent": ("#6CA8FF", "#1F5FBF"),
    "on_accent": ("#0B0D10", "#FFFFFF"),
    "danger": ("#FF7B72", "#B3261E"),
    "warning": ("#F2B84B", "#8A5A00"),
    "success": ("#4CC38A", "#17723F"),
    # The same in both: they stand on the stage, which is always dark.
    "ink": ("#0B0D10", "#0B0D10"),
    "on_stage": ("#FFFFFF", "#FFFFFF"),
    "on_stage_muted": ("#A3ACB8", "#A3ACB8"),
    "on_stage_track": ("#3A424C", "#3A424C"),
    "on_stage_success": ("#4CC38A", "#4CC38A"),
    "on_stage_warning": ("#F2B84B", "#F2B84B"),
    "on_stage_danger": ("#FF7B72", "#FF7B72"),
    "on_stage_accent": ("#6CA8FF", "#6CA8FF"),
}

# Size at a body of 13 pixels, and weight.
_FONTS: dict[FontRole, tuple[int, int]] = {
    "caption": (11, 400),
    "small": (12, 400),
    "body": (13, 400),
    "strong": (13, 600),
    "title": (13, 600),
    "section": (15, 600),
    "count": (20, 600),
    "display": (26, 600),
}
_SMALLEST = 11

_PALETTE: tuple[tuple[QPalette.ColorRole, str], ...] = (
    (QPalette.ColorRole.Window, "window"),
    (QPalette.ColorRole.WindowText, "text"),
    (QPalette.ColorRole.Base, "raised"),
    (QPalette.ColorRole.AlternateBase, "panel"),
    (QPalette.ColorRole.Text, "text"),
    (QPalette.ColorRole.Button, "raised"),
    (QPalette.ColorRole.ButtonText, "text"),
    (QPalette.ColorRole.BrightText, "danger"),
    (QPalette.ColorRole.ToolTipBase, "raised"),
    (QPalette.ColorRole.ToolTipText, "text"),
    (QPalette.ColorRole.PlaceholderText, "muted"),
    (QPalette.ColorRole.Highlight, "soft"),
    (QPalette.ColorRole.HighlightedText, "text"),
    (QPalette.ColorRole.Accent, "accent"),
    (QPalette.ColorRole.Link, "accent"),
    (QPalette.ColorRole.LinkVisited, "accent"),
    (QPalette.ColorRole.Light, "hover"),
    (QPalette.ColorRole.Midlight, "line2"),
    (QPalette.ColorRole.Mid, "line"),
    (QPalette.ColorRole.Dark, "line"),
    (QPalette.ColorRole.Shadow, "stage"),
)
_FAINT_WHEN_DISABLED = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)

# Where the system asks for high contrast its own colours count.
_SYSTEM: dict[str, QPalette.ColorRole] = {token: role for role, token in _PALETTE} | {
    "panel": QPalette.ColorRole.Window,
    "line": QPalette.ColorRole.WindowText,
    "line2": QPalette.ColorRole.WindowText,
    "ctl": QPalette.ColorRole.WindowText,
    "track": QPalette.ColorRole.Mid,
    "muted": QPalette.ColorRole.WindowText,
    "accent": QPalette.ColorRole.Highlight,
    "on_accent": QPalette.ColorRole.HighlightedText,
}


def palette(dark: bool) -> QPalette:
    """The palette that the tokens make."""
    column = 0 if dark else 1
    result = QPalette()
    for role, token in _PALETTE:
        result.setColor(role, QColor(TOKENS[token][column]))
    for role in _FAINT_WHEN_DISABLED:
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(TOKENS["faint"][column]))
    return result


class Theme(QObject):
    """The theme in use. `changed` tells those who paint with its colours or fonts; icons follow by themselves."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._mode: Mode = "system"
        self._dark = True
        self._high_contrast = False
        self._scale = 1.0
        self._system_font: QFont | None = None
        self._followed: QApplication | None = None
        self._colours: dict[tuple[str, float], QColor] = {}
        self._fonts: dict[tuple[FontRole, float, int], QFont] = {}

    @property
    def is_dark(self) -> bool:
        return self._dark

    def apply(self, app: QApplication, mode: Mode = "system", scale: float = 1.0) -> None:
        """Shows the whole program in `mode`; "system" follows the system, also later. `scale` is that of the text."""
        self._mode, self._scale = mode, scale
        hints = app.styleHints()
        if self._followed is not app:
            self._followed = app
            ensure_fonts()
            self._system_font = QFont(app.font())
            app.setStyle("Fusion")
            hints.colorSchemeChanged.connect(self._follow_system)
            accessibility = getattr(hints, "accessibility", None)
            if accessibility is not None:
                accessibility().contrastPreferenceChanged.connect(self._follow_contrast)
        # Asked of the platform too, so that title bars and file dialogs agree. The answer comes by `_follow_system`.
        if mode == "system":
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(Qt.ColorScheme.Dark if mode == "dark" else Qt.ColorScheme.Light)
        self._rebuild(app)

    def _follow_system(self) -> None:
        if self._followed is not None and self._mode == "system":
            self._rebuild(self._followed)

    def _follow_contrast(self) -> None:
        if self._followed is not None:
            self._rebuild(self._followed)

    def _rebuild(self, app: QApplication) -> None:
        scheme = system_scheme(app)
        # A system that does not say gets the dark one: the picture is the brightest thing on the screen.
        self._dark = scheme != Qt.ColorScheme.Light if self._mode == "system" else self._mode == "dark"
        self._high_contrast = _wants_high_contrast(app)
        font = QFont(self._system_font or app.font())
        font.setPixelSize(max(_SMALLEST, round(QFontInfo(font).pixelSize() * self._scale)))
        app.setFont(font)
        if self._high_contrast:
            app.setPalette(QPalette())
            app.setStyleSheet("")
        else:
            app.setPalette(palette(self._dark))
            column = 0 if self._dark else 1
            app.setStyleSheet(style_sheet({token: pair[column] for token, pair in TOKENS.items()}, self._dark))
        self._colours.clear()
        self._fonts.clear()
        self.changed.emit()

    def colour(self, token: str, opacity: float = 1.0) -> QColor:
        """One of `TOKENS`. Treat it as read-only: it is shared."""
        key = token, opacity
        colour = self._colours.get(key)
        if colour is None:
            colour = self._colours[key] = self._made_colour(token)
            if opacity < 1.0:
                colour.setAlphaF(opacity)
        return colour

    def _made_colour(self, token: str) -> QColor:
        if self._high_contrast and token in _SYSTEM:
            return QApplication.palette().color(_SYSTEM[token])
        return QColor(TOKENS[token][0 if self._dark else 1])

    def font(self, role: FontRole, scale: float = 1.0, weight: int = 0) -> QFont:
        """The system's font in one of the sizes; figures of equal width, so that numbers that change do not dance.
        `weight`: another one than the role has.

        Made once: what Qt knows of a font (its engine, its metrics) stays with it, also in the copy that is given.
        """
        key = role, scale, weight
        font = self._fonts.get(key)
        if font is None:
            font = self._fonts[key] = self._made_font(role, scale, weight)
        return QFont(font)

    def _made_font(self, role: FontRole, scale: float, weight: int) -> QFont:
        size, usual = _FONTS[role]
        font = QFont(QApplication.font())
        font.setPixelSize(max(_SMALLEST, round(QFontInfo(font).pixelSize() * size / 13 * scale)))
        font.setWeight(QFont.Weight(weight or usual))
        font.setFeature(QFont.Tag.fromString("tnum"), 1)
        return font


def system_scheme(app: QApplication) -> Qt.ColorScheme:
    """What the system shows its own windows in."""
    return app.styleHints().colorScheme()


def _wants_high_contrast(app: QApplication) -> bool:
    accessibility = getattr(app.styleHints(), "accessibility", None)  # from Qt 6.10 on
    if accessibility is None:
        return False
    return bool(accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast)


def animation_ms() -> int:
    """How long toasts, HUD and cards fade; 0 where the system asks for reduced motion."""
    asked = QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
    return 120 if asked > 0 else 0


@cache
def theme() -> Theme:
    """The one theme of the program."""
    return Theme()
