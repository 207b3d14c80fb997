from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QImage, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop_app.gui import icons, texts
from desktop_app.gui.theme import TOKENS, FontRole, Mode, palette, theme
from desktop_app.gui.widgets import Label
from desktop_app.paths import resource_path
from tests.render.test_palette import contrast


@pytest.fixture(autouse=True)
def dark(qapp: QApplication) -> Iterator[None]:
    theme().apply(qapp, "dark")
    yield
    theme().apply(qapp, "dark")


def test_colours_and_fonts_that_were_made_follow_the_theme(qapp: QApplication) -> None:
    half, font = theme().colour("text", 0.5), theme().font("body")
    assert half.alphaF() == pytest.approx(0.5, abs=0.01)
    assert theme().colour("text").alphaF() == 1.0
    assert theme().font("body", weight=600).weight() == QFont.Weight.DemiBold
    assert theme().font("body") == font
    theme().apply(qapp, "light", 1.5)
    assert theme().colour("text") == QColor(TOKENS["text"][1])
    assert theme().colour("text", 0.5).rgb() != half.rgb()
    assert theme().font("body").pixelSize() == round(1.5 * font.pixelSize())


def test_a_font_is_the_callers_own() -> None:
    theme().font("body").setPixelSize(99)
    assert theme().font("body").pixelSize() != 99


SURFACES = ("window", "panel", "raised", "hover", "soft")


@pytest.mark.parametrize("column", [0, 1], ids=["dark", "light"])
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "danger", "warning", "success"])
@pytest.mark.parametrize("surface", SURFACES)
def test_every_text_can_be_read(ink: str, surface: str, column: int) -> None:
    assert contrast(QColor(TOKENS[ink][column]), QColor(TOKENS[surface][column])) >= 4.5


@pytest.mark.parametrize("column", [0, 1], ids=["dark", "light"])
def test_edges_of_fields_and_text_on_accent(column: int) -> None:
    colours = {name: QColor(pair[column]) for name, pair in TOKENS.items()}
    assert contrast(colours["ctl"], colours["raised"]) >= 3
    assert contrast(colours["on_accent"], colours["accent"]) >= 4.5


def test_switching_needs_no_restart(qapp: QApplication, qtbot: QtBot) -> None:
    label = Label("text", colour="muted")
    qtbot.addWidget(label)
    with qtbot.waitSignal(theme().changed):
        theme().apply(qapp, "light")
    assert not theme().is_dark
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(TOKENS["window"][1])
    assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(TOKENS["muted"][1])
    assert TOKENS["accent"][1] in qapp.styleSheet()
    assert TOKENS["accent"][0] not in qapp.styleSheet()


@pytest.mark.parametrize(
    ("scheme", "is_dark"),
    [(Qt.ColorScheme.Light, False), (Qt.ColorScheme.Dark, True), (Qt.ColorScheme.Unknown, True)],
)
def test_system_follows_the_system_and_a_choice_does_not(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, scheme: Qt.ColorScheme, is_dark: bool
) -> None:
    theme().apply(qapp, "system")
    monkeypatch.setattr("desktop_app.gui.theme.system_scheme", lambda app: scheme)
    qapp.styleHints().colorSchemeChanged.emit(scheme)
    assert theme().is_dark is is_dark
    theme().apply(qapp, "light")
    qapp.styleHints().colorSchemeChanged.emit(scheme)
    assert not theme().is_dark


def test_what_is_disabled_is_faint() -> None:
    assert palette(dark=True).color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text) == QColor(TOKENS["faint"][0])


ROLES: tuple[FontRole, ...] = ("caption", "small", "body", "strong", "title", "section", "count", "display")


def test_fonts_grow_in_order_and_are_never_too_small(qapp: QApplication) -> None:
    sizes = [theme().font(role).pixelSize() for role in ROLES]
    assert sizes == sorted(sizes)
    assert min(sizes) >= 11
    assert theme().font("count").pixelSize() > 1.4 * theme().font("body").pixelSize()
    theme().apply(qapp, "dark", scale=2.0)
    assert theme().font("body").pixelSize() == pytest.approx(2 * sizes[2], abs=1)
    theme().apply(qapp, "dark")
    assert theme().font("body").pixelSize() == sizes[2]


ALL_ICONS = sorted(path for path in resource_path("icons").glob("**/*.svg"))


@pytest.mark.parametrize("path", ALL_ICONS, ids=lambda path: path.stem)
def test_every_icon_is_one_outline_in_one_colour(path: Path) -> None:
    root = ET.parse(path).getroot()
    shapes = list(root)
    assert root.get("viewBox") == "0 0 256 256"
    assert [shape.tag.split("}")[1] for shape in shapes] == ["path"]
    expected = {"#000"} if path.parent.name == "icons" else {pair[i] for pair in TOKENS.values() for i in (0, 1)}
    assert shapes[0].get("fill") in expected


def colour_of(picture: QImage) -> QColor:
    """The colour of the most opaque pixel."""
    pixels = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())]
    return max(pixels, key=lambda pixel: pixel.alpha())


def seen(icon: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off) -> QImage:
    return icon.pixmap(QSize(20, 20), mode, state).toImage()


def test_an_icon_follows_the_theme_by_itself(qapp: QApplication) -> None:
    icon = icons.icon("cube")
    assert colour_of(seen(icon)).name() == TOKENS["text"][0].lower()
    theme().apply(qapp, "light")
    assert colour_of(seen(icon)).name() == TOKENS["text"][1].lower()


def test_checked_is_filled_and_accent_disabled_is_faint() -> None:
    icon = icons.icon("fire")
    off, on = seen(icon), seen(icon, state=QIcon.State.On)
    assert colour_of(on).name() == TOKENS["accent"][0].lower()
    inked = [sum(p.pixelColor(x, y).alpha() > 128 for x in range(20) for y in range(20)) for p in (off, on)]
    assert inked[1] > inked[0]
    assert colour_of(seen(icon, QIcon.Mode.Disabled)).name() == TOKENS["faint"][0].lower()


def test_an_icon_survives_its_owner(qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(icons.icon("camera"))
    copy = QIcon(button.icon())
    button.setIcon(QIcon())
    assert not seen(copy).isNull()


def test_an_unknown_icon_is_a_mistake() -> None:
    with pytest.raises(FileNotFoundError):
        icons.icon("no-such-icon")


def test_an_icon_stays_square_in_a_wide_place() -> None:
    wide = icons.icon("stop-fill").pixmap(QSize(60, 20)).toImage()
    columns = [x for x in range(wide.width()) if any(wide.pixelColor(x, y).alpha() > 128 for y in range(20))]
    rows = [y for y in range(wide.height()) if any(wide.pixelColor(x, y).alpha() > 128 for x in range(wide.width()))]
    assert len(columns) == len(rows)


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_focus_shows_without_moving_anything(qapp: QApplication, qtbot: QtBot, mode: Mode) -> None:
    theme().apply(qapp, mode)
    button = QPushButton("Button")
    qtbot.addWidget(button)
    button.show()
    button.clearFocus()
    size, before = button.sizeHint(), button.grab().toImage()
    qtbot.waitUntil(button.isVisible)
    button.setFocus()
    QApplication.sendEvent(button, QEvent(QEvent.Type.Polish))
    qtbot.waitUntil(button.hasFocus)
    assert button.sizeHint() == size
    assert button.grab().toImage() != before


# Texts and numbers


@pytest.fixture
def english() -> Iterator[None]:
    texts.change_language("en")
    yield
    texts.change_language("en")


@pytest.mark.usefixtures("english")
def test_numbers_follow_the_locale() -> None:
    assert texts.number(-3.25, 2) == "\u22123.25"
    assert texts.percent(0.393) == "39.3\u00a0%"
    assert texts.size(1280, 960) == "1280×960"
    texts.change_language("fr")
    assert texts.number(-3.25, 2) == "\u22123,25"
    assert texts.percent(0.393) == "39,3\u00a0%"


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (17_000, "17 kB"),
        (999_600, "1 MB"),
        (548_000_000, "548 MB"),
        (5_500_000_000, "5.5 GB"),
    ],
)
def test_file_sizes(count: int, text: str) -> None:
    assert texts.file_size(count) == text.replace(" ", "\u00a0")


@pytest.mark.usefixtures("english")
def test_times() -> None:
    assert [texts.clock(s) for s in (0, 12.9, 90, 3600)] == ["00:00", "00:12", "01:30", "1:00:00"]
    assert [texts.duration(s) for s in (14.2, 59.6, 200, 3900)] == [
        "14\u00a0s",
        "1\u00a0min",
        "3\u00a0min",
        "1\u00a0h 5\u00a0min",
    ]
    assert [texts.milliseconds(ms) for ms in (6.54, 9.96, 41.4)] == ["6.5\u00a0ms", "10\u00a0ms", "41\u00a0ms"]


@pytest.mark.usefixtures("english")
def test_progress_leaves_out_what_is_not_known() -> None:
    whole = texts.progress_sentence(214_000_000, 548_000_000, 24e6, 14)
    assert whole.replace("\u00a0", " ") == "214 of 548 MB · 24 MB/s · 14 s left"
    assert texts.progress_sentence(5_000_000, 0, 0, None) == "5\u00a0MB"


@pytest.mark.usefixtures("english")
def test_texts_follow_the_language_until_their_owner_is_gone(qtbot: QtBot) -> None:
    from desktop_app.i18n import language

    owner = QObject()
    heard: list[str] = []
    texts.follow_language(owner, lambda: heard.append(language()))
    texts.change_language("fr")
    assert heard == ["en", "fr"]
    owner.deleteLater()
    qtbot.waitUntil(lambda: not isValid(owner))
    texts.change_language("en")
    assert heard == ["en", "fr"]


@pytest.mark.usefixtures("english")
def test_following_keeps_nobody_alive(qapp: QApplication) -> None:
    import gc
    import weakref

    class Owner(QObject):
        def apply(self) -> None: ...

    owner = Owner()
    texts.follow_language(owner, owner.apply)
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None


@pytest.mark.usefixtures("english")
def test_qt_speaks_the_language_too(qapp: QApplication) -> None:
    texts.change_language("fr")
    assert qapp.translate("QPlatformTheme", "Cancel") == "Annuler"
    texts.change_language("en")
    assert qapp.translate("QPlatformTheme", "Cancel") == "Cancel"
