from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.gui.preferences import Preferences
from desktop_app.gui.settings_dialog import SettingsDialog
from desktop_app.gui.theme import theme
from desktop_app.recogniser import messages as m
from desktop_app.settings import Settings, load_settings, settings_file
from tests.gui.conftest import Program


@pytest.fixture
def dialog(program: Program) -> SettingsDialog:
    program.window.actions_.by_key["settings"].trigger()
    found = program.window.findChild(SettingsDialog)
    assert isinstance(found, SettingsDialog)
    return found


def test_language_and_theme_act_at_once(program: Program, dialog: SettingsDialog) -> None:
    dialog._combos["theme"].setCurrentIndex(2)
    assert not theme().is_dark
    dialog._combos["theme"].setCurrentIndex(1)
    assert theme().is_dark
    dialog._combos["language"].setCurrentIndex(2)
    assert program.client.last(m.SetLanguage).language == "fr"


def test_text_size_and_palette(program: Program, dialog: SettingsDialog, qapp: QApplication) -> None:
    before = qapp.font().pixelSize()
    dialog._scale.setValue(150)
    assert qapp.font().pixelSize() > before
    dialog._combos["palette"].setCurrentIndex(1)
    assert program.window.overlay_options().palette == "safe"
    dialog._scale.setValue(100)


def test_the_mirror_is_told_to_the_recogniser(program: Program, dialog: SettingsDialog) -> None:
    dialog._mirror.setText(" http://school.example/models ")
    dialog._mirror.editingFinished.emit()
    assert program.client.last(m.SetMirror).base_url == "http://school.example/models"


def test_settings_are_written_when_they_rest(qapp: QApplication, qtbot: QtBot) -> None:
    preferences = Preferences(Settings())
    for value in (0.3, 0.4, 0.5):
        preferences.change(confidence=value)
    assert not settings_file().exists()
    qtbot.waitUntil(settings_file().exists)
    assert json.loads(settings_file().read_text()) == {"confidence": 0.5}
    assert load_settings()[0].confidence == 0.5


@pytest.mark.logs_warnings
def test_a_folder_that_cannot_be_written_is_told(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferences = Preferences(Settings())
    failures: list[object] = []
    preferences.failed.connect(failures.append)
    settings_file().mkdir()
    preferences.change(confidence=0.7)
    preferences.save()
    assert len(failures) == 1
    assert preferences.values.confidence == 0.7


def test_recent_models_have_each_key_once_and_are_nine() -> None:
    preferences = Preferences(Settings())
    for n in range(12):
        preferences.remember_model(f"m{n}")
    preferences.remember_model("m5")
    recent = preferences.values.recent_models
    assert recent[:3] == ("m5", "m11", "m10")
    assert len(recent) == len(set(recent)) == 9
