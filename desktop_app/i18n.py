"""The texts of the program in the language of the user. No Qt: both processes and the command line use it.

English is the key: `tr("{count} files failed", count=3)`. `resources/translations/<language>.json` maps it to the
other language; a text that is missing there is shown in English. A test finds every `tr()` in the code and
demands its translation.
"""

from __future__ import annotations

import json
import locale
import os
from functools import cache

from desktop_app.paths import resource_path

LANGUAGES = ("en", "fr")
_language = "en"


def system_language() -> str:
    """The language that the environment asks for, or English where it is not one of `LANGUAGES`."""
    wanted = next((os.environ[v] for v in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(v)), None)
    if wanted is None:
        wanted = locale.getlocale()[0] or "en"
    short = wanted.lower()[:2]
    return short if short in LANGUAGES else "en"


def set_language(language: str) -> None:
    """`language`: one of `LANGUAGES`, or "system"."""
    global _language
    _language = system_language() if language not in LANGUAGES else language


def language() -> str:
    """The language in use, one of `LANGUAGES`."""
    return _language


@cache
def _catalogue(name: str, language: str) -> dict[str, str]:
    if language == "en":
        return {}
    path = resource_path("translations", f"{name}{language}.json")
    texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def tr(text: str, /, **values: object) -> str:
    """`text` in the language in use, with `{name}` places filled from `values`."""
    translated = _catalogue("", _language).get(text, text)
    return translated.format(**values) if values else translated


def tr_class(label: str) -> str:
    """A class name as shown on the screen. Files and JSON always hold the English name."""
    return _catalogue("classes_", _language).get(label, label)


def tr_group(word: str) -> str:
    """A node of the tree of words: "mammal", "dog"."""
    return _catalogue("groups_", _language).get(word) or tr_class(word)
