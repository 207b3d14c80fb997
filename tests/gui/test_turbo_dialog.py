from __future__ import annotations

import importlib.util
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from desktop_app.core.turbo import Agreement, TurboReport
from desktop_app.gui import turbo_dialog
from desktop_app.gui.panels.model import ModelPanel
from desktop_app.gui.turbo_dialog import TurboDialog, _AskPage, _MissingPage, _ResultPage, _WorkPage
from desktop_app.gui.widgets import Label
from desktop_app.recogniser import messages as m
from tests.gui.conftest import Program

KEY = "yolov3-tiny"
Open = Callable[[], TurboDialog]


def report(share: float | None = 0.97, key: str = KEY) -> TurboReport:
    said = Agreement(32, share, 0.015, 0.98, 93)
    return TurboReport(key, "detect", "0" * 64, 128, said, {"fp32": 65.4, "bf16": 33.5, "int8": 19.0})


@pytest.fixture
def show(program: Program, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens the dialog as the menu does, with NNCF installed."""
    monkeypatch.setattr(turbo_dialog, "is_possible", lambda: True)

    def opened() -> TurboDialog:
        program.window.actions_.by_key["turbo"].trigger()
        found = [dialog for dialog in program.window.findChildren(TurboDialog) if dialog.isVisible()]
        assert len(found) == 1
        return found[0]

    return opened


def precision(program: Program) -> str:
    return program.window.preferences.values.precision


def ask_page(dialog: TurboDialog) -> _AskPage:
    assert isinstance(dialog._page, _AskPage)
    return dialog._page


def result_page(dialog: TurboDialog) -> _ResultPage:
    assert isinstance(dialog._page, _ResultPage)
    return dialog._page


def test_frames_of_the_running_camera(program: Program, show: Open) -> None:
    program.show_demo()
    dialog = show()
    page = ask_page(dialog)
    assert page.running.isChecked()
    assert "Demo" in page.running.text()
    page.count.setValue(64)
    assert "16" in page._more.text()
    page.start.click()
    made = program.client.last(m.MakeTurbo)
    assert (made.key, made.specs, made.count) == (KEY, (), 64)
    assert isinstance(dialog._page, _WorkPage)
    assert not dialog.isModal(), "the window stays usable"


def test_a_file_that_runs_is_learned_from_as_a_whole(program: Program, show: Open) -> None:
    program.client.push_loaded()
    program.controller.open(("/films/street.mp4",))
    program.client.push_opened("video", spec="/films/street.mp4", title="street.mp4")
    program.tick()
    ask_page(show()).start.click()
    assert program.client.last(m.MakeTurbo).specs == ("/films/street.mp4",)


def test_a_folder_of_the_users_own(program: Program, show: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    program.client.push_loaded()
    program.tick()
    page = ask_page(show())
    assert not page.running.isEnabled()
    assert page.other.isChecked()
    assert not page.start.isEnabled(), "nothing was chosen yet"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/pictures/shelf")
    page._folder.click()
    page.start.click()
    assert program.client.last(m.MakeTurbo).specs == ("/pictures/shelf",)


def test_progress_and_cancel(program: Program, show: Open) -> None:
    program.show_demo()
    dialog = show()
    ask_page(dialog).start.click()
    program.client.push(m.TurboProgress(KEY, "collect", 40, 160))
    program.tick()
    page = dialog._page
    assert isinstance(page, _WorkPage)
    assert "40" in page.detail.text()
    first = page.bar.fraction
    program.client.push(m.TurboProgress(KEY, "calibrate", 3, 128))
    program.tick()
    assert first is not None
    assert page.bar.fraction is not None
    assert page.bar.fraction > first
    page.cancel.click()
    assert program.client.sent(m.CancelTurbo)
    program.client.push(m.TurboFailed(KEY))
    program.tick()
    assert isinstance(dialog._page, _AskPage)
    assert dialog._trouble is None, "a cancel is no trouble"


def test_too_few_frames_are_told_where_they_are_chosen(program: Program, show: Open) -> None:
    program.show_demo()
    dialog = show()
    ask_page(dialog).start.click()
    program.client.push(m.TurboFailed(KEY, "9 frames are too few.", "Let it run longer."))
    program.tick()
    texts = [label.text() for label in ask_page(dialog).findChildren(Label)]
    assert "9 frames are too few." in texts
    assert not program.toast_titles()


def test_the_result_is_shown_before_it_is_switched_on(program: Program, show: Open) -> None:
    program.show_demo()
    dialog = show()
    ask_page(dialog).start.click()
    program.client.push(m.TurboDone(KEY, report()))
    program.tick()
    page = result_page(dialog)
    assert "97" in page.verdict.text()
    assert page.warning is None
    assert precision(program) == "auto"
    page.use.click()
    assert precision(program) == "int8"
    assert program.client.last(m.SetModels).placement.precision == "int8"
    assert not dialog.isVisible()


def test_little_agreement_warns_and_does_not_push(program: Program, show: Open) -> None:
    program.show_demo()
    program.client.push(m.ModelStates((KEY,), (), (report(0.82),)))
    program.tick()
    page = result_page(show())
    assert page.warning is not None
    assert page.keep.isDefault()
    assert not page.use.isDefault()


def test_no_finding_is_no_agreement(program: Program, show: Open) -> None:
    program.show_demo()
    program.client.push(m.ModelStates((KEY,), (), (report(None),)))
    program.tick()
    page = result_page(show())
    assert "%" not in page.verdict.text()
    assert page.keep.isDefault()


def test_keep_and_remove_go_back_to_the_full_model(program: Program, show: Open) -> None:
    program.show_demo()
    for press in ("keep", "remove"):
        program.window.preferences.change(precision="int8")
        program.client.push(m.ModelStates((KEY,), (), (report(),)))
        program.tick()
        getattr(result_page(show()), press).click()
        assert precision(program) == "auto"
    assert program.client.last(m.RemoveTurbo).key == KEY
    assert KEY not in program.controller.turbo.reports


def test_a_new_copy_of_what_runs_in_int8_is_loaded_anew(program: Program, show: Open) -> None:
    program.show_demo()
    program.window.preferences.change(precision="int8")
    program.client.push(m.ModelStates((KEY,), (), (report(),)))
    program.tick()
    before = len(program.client.sent(m.SetModels))
    result_page(show()).use.click()
    assert len(program.client.sent(m.SetModels)) == before + 1


def test_without_nncf_it_says_what_to_type(program: Program, show: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turbo_dialog, "is_possible", lambda: False)
    program.show_demo()
    page = show()._page
    assert isinstance(page, _MissingPage)
    assert page.command.text() == 'pip install "regard[turbo]"'


def test_whether_nncf_is_there_is_only_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "nncf" else object())
    assert not turbo_dialog.is_possible()


def test_closed_dialogs_leave_the_work_and_a_toast_tells_its_end(program: Program, show: Open) -> None:
    program.show_demo()
    dialog = show()
    ask_page(dialog).start.click()
    dialog.close()
    assert not program.client.sent(m.CancelTurbo)
    program.client.push(m.TurboDone(KEY, report()))
    program.tick()
    assert any(KEY in title for title in program.toast_titles())
    result_page(show())


def test_a_recogniser_that_died_took_the_work_along(program: Program, show: Open) -> None:
    from desktop_app.recogniser.client import Restarting

    program.show_demo()
    dialog = show()
    ask_page(dialog).start.click()
    program.client.push(Restarting("exit status -11"))
    program.tick()
    assert isinstance(dialog._page, _AskPage)
    assert dialog._trouble is not None


def test_asking_for_int8_without_a_copy_opens_the_dialog(program: Program, show: Open) -> None:
    program.show_demo()
    program.window.commands.set_precision("int8")
    assert precision(program) == "auto"
    ask_page(show())
    program.client.push(m.TurboDone(KEY, report()))
    program.tick()
    program.window.commands.set_precision("int8")
    assert precision(program) == "int8"


def test_int8_leaves_other_engines_and_devices(program: Program, show: Open) -> None:
    program.show_demo()
    program.client.push(m.ModelStates((KEY,), (), (report(),)))
    program.tick()
    program.window.preferences.change(engine="torch", device="cuda:0")
    program.window.commands.set_precision("int8")
    placement = program.client.last(m.SetModels).placement
    assert (placement.engine, placement.device, placement.precision) == ("auto", "auto", "int8")


def test_the_menu_of_a_row_offers_it_for_models_on_this_computer(program: Program, qtbot: QtBot) -> None:
    panel = program.window.docks.panels["model"]
    assert isinstance(panel, ModelPanel)

    def enabled(menu: QMenu) -> bool:
        return next(act.isEnabled() for act in menu.actions() if act.text().startswith("Turbo"))

    assert enabled(panel.menu_for(KEY))
    assert not enabled(panel.menu_for("vgg19"))
