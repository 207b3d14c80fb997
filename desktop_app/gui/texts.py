"""Texts that follow the language, and numbers that follow the locale."""

from __future__ import annotations

import weakref
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator
from shiboken6 import isValid

from desktop_app.i18n import language, set_language, tr

NBSP = "\u00a0"
MINUS = "\u2212"
TIMES = "\u00d7"

# The functions hang on their owners, not on this set: a function usually refers to its owner, and would keep it alive.
_owners: weakref.WeakSet[QObject] = weakref.WeakSet()
_FUNCTIONS = "_regard_follow_language"
_qt_texts: QTranslator | None = None


def follow_language(owner: QObject, apply: Callable[[], None]) -> None:
    """Runs `apply` now and on each change of the language, until `owner` is gone."""
    apply()
    functions: list[Callable[[], None]] = getattr(owner, _FUNCTIONS, [])
    functions.append(apply)
    setattr(owner, _FUNCTIONS, functions)
    _owners.add(owner)


def change_language(wanted: str) -> None:
    """`wanted`: "en", "fr" or "system". Texts, numbers and Qt's own dialogs follow at once."""
    global _qt_texts
    set_language(wanted)
    QLocale.setDefault(_locale())
    app = QCoreApplication.instance()
    if app is not None:
        if _qt_texts is not None:
            app.removeTranslator(_qt_texts)
        _qt_texts = QTranslator(app)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if language() != "en" and _qt_texts.load(f"qtbase_{language()}", folder):
            app.installTranslator(_qt_texts)
    for owner in list(_owners):
        if isValid(owner):
            for apply in getattr(owner, _FUNCTIONS):
                apply()


def _locale() -> QLocale:
    """The system's where it speaks the language in use (a Swiss writes French numbers his way), else the language's."""
    system = QLocale.system()
    if system.name().lower().startswith(language()):
        return system
    return QLocale(language())


def number(value: float, decimals: int = 0) -> str:
    """With the decimal mark of the locale and a true minus."""
    return QLocale().toString(float(value), "f", decimals).replace("-", MINUS)


def percent(p: float, decimals: int = 1) -> str:
    """`p` from 0 to 1: "39.3 %"."""
    return f"{number(100 * p, decimals)}{NBSP}%"


def milliseconds(ms: float) -> str:
    """ "41 ms"; below 10 with one decimal."""
    return f"{number(ms, 0 if ms >= 9.95 else 1)}{NBSP}ms"


def fps(rate: float) -> str:
    """The number alone, one decimal."""
    return number(rate, 1)


def file_size(count: int) -> str:
    """Decimal units, as makers of models and drives count: "548 MB"."""
    for limit, factor, unit in (
        (1000, 1, tr("B")),
        (999_500, 1e3, tr("kB")),
        (999.5e6, 1e6, tr("MB")),
    ):
        if count < limit:
            return f"{number(count / factor)}{NBSP}{unit}"
    return f"{number(count / 1e9, 1)}{NBSP}{tr('GB')}"


def part_of_size(done: int, total: int) -> str:
    """ "214 of 548 MB": both in the unit of the total."""
    number_and_unit = file_size(total).split(NBSP)
    factor = {tr("B"): 1.0, tr("kB"): 1e3, tr("MB"): 1e6, tr("GB"): 1e9}[number_and_unit[-1]]
    amount = number(done / factor, 1 if factor == 1e9 else 0)
    return tr("{done} of {total}", done=amount, total=file_size(total))


def duration(seconds: float) -> str:
    """ "14 s", "3 min", "1 h 5 min": how long something takes."""
    if seconds < 59.5:
        return f"{number(seconds)}{NBSP}s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    return f"{minutes // 60}{NBSP}h {minutes % 60}{NBSP}min"


def clock(seconds: float) -> str:
    """ "00:12", "1:00:00": where in a file."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def size(width: int, height: int) -> str:
    """ "1280×960"."""
    return f"{width}{TIMES}{height}"


def progress_sentence(done: int, total: int, rate: float, seconds_left: float | None) -> str:
    """ "214 of 548 MB · 24 MB/s · 14 s left", in bytes; what is not known is left out."""
    parts = [part_of_size(done, total) if total else file_size(done)]
    if rate > 0:
        parts.append(tr("{size}/s", size=file_size(round(rate))))
    if seconds_left is not None:
        parts.append(tr("{time} left", time=duration(seconds_left)))
    return " · ".join(parts)
