"""Every text of the program has its French, with the same places."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app import i18n
from desktop_app.core.teaching import NONE
from desktop_app.i18n import tr, tr_class, tr_group
from desktop_app.paths import resource_path

PACKAGE = Path(i18n.__file__).parent
FRENCH: dict[str, str] = json.loads(resource_path("translations", "fr.json").read_text(encoding="utf-8"))

SAME_IN_BOTH = {"bus", "train", "sandwich"}

MARKERS = ("tr", "text")
"""`tr("…")` translates now; `text("…")` marks a text of a table that is translated when it is shown."""


def texts_of(path: Path) -> Iterator[tuple[str, int]]:
    """Every literal that is translated, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in MARKERS:
            continue
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            yield node.args[0].value, node.lineno


TEXTS = {text: f"{path.name}:{line}" for path in PACKAGE.rglob("*.py") for text, line in texts_of(path)}


def places(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def test_there_are_texts() -> None:
    assert len(TEXTS) > 100


def test_every_text_has_its_french() -> None:
    missing = {text: where for text, where in TEXTS.items() if text not in FRENCH}
    assert not missing


def test_no_french_without_its_text() -> None:
    assert not set(FRENCH) - set(TEXTS)


@pytest.mark.parametrize("text", sorted(set(TEXTS) & set(FRENCH)))
def test_the_places_are_the_same(text: str) -> None:
    assert places(text) == places(FRENCH[text])


def test_every_group_of_classes_has_a_french_name() -> None:
    from desktop_app.core.taxonomy import imagenet

    groups = json.loads(resource_path("translations", "groups_fr.json").read_text(encoding="utf-8"))
    i18n.set_language("fr")
    assert tr_group("mammal") == "mammifère"
    assert tr_group("dog") == tr_class("dog") == "chien"
    words = {group.word for group in imagenet().groups}
    assert not [word for word in words if word not in groups and tr_class(word) == word and word not in SAME_IN_BOTH]


def test_every_coco_class_has_a_french_name() -> None:
    from desktop_app.models import catalog

    i18n.set_language("fr")
    names = catalog.class_names(catalog.find("yolov3-tiny"))
    assert tr_class("person") == "personne"
    french = json.loads(resource_path("translations", "classes_fr.json").read_text(encoding="utf-8"))
    assert set(french) == {*names, NONE}
    i18n.set_language("en")


def test_a_text_without_translation_is_shown_in_english() -> None:
    i18n.set_language("fr")
    unknown = "Nobody translated {this}"
    assert tr(unknown, this="that") == "Nobody translated that"
    i18n.set_language("en")


@pytest.mark.parametrize(
    ("environment", "language"),
    [({"LANG": "fr_CA.UTF-8"}, "fr"), ({"LANG": "fr_FR", "LC_ALL": "en_GB"}, "en"), ({"LANG": "de_DE"}, "en")],
)
def test_the_language_follows_the_environment(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    i18n.set_language("system")
    assert i18n.language() == language
    i18n.set_language("en")
