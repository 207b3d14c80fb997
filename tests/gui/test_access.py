"""Logins and certificates of network cameras through the window, with a keyring of the test's own."""

from __future__ import annotations

import json

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.core import passwords
from desktop_app.core.address import Login
from desktop_app.core.source import SourceInfo
from desktop_app.errors import AppError
from desktop_app.gui.address_dialog import AddressDialog
from desktop_app.gui.login_dialog import CertificateDialog, LoginDialog
from desktop_app.gui.network_cameras import NetworkCamera, save_camera, saved_cameras
from desktop_app.gui.panels.input import InputPanel
from desktop_app.recogniser import messages as m
from desktop_app.settings import settings_file
from tests.gui.conftest import Program

URL, PLACE = "rtsp://cam/live", "cam:554"


class Ring:
    """Stands in for the system's keyring."""

    def __init__(self) -> None:
        self.logins: dict[str, Login] = {}
        self.there = True
        self.error: AppError | None = None

    def load(self, place: str) -> Login | None:
        return self.logins.get(place)

    def save(self, login: Login) -> None:
        if self.error is not None:
            raise self.error
        self.logins[login.place] = login


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setattr(passwords, "load", made.load)
    monkeypatch.setattr(passwords, "available", lambda: made.there)
    monkeypatch.setattr(passwords, "save", made.save)
    monkeypatch.setattr(passwords, "forget", lambda place: made.logins.pop(place, None))
    return made


def _refuse(program: Program, refused: bool = False, **fields: object) -> None:
    """The recogniser says that the camera asks for a login."""
    asks = m.Asks("login", PLACE, refused=refused) if not fields else m.Asks("certificate", PLACE, **fields)  # type: ignore[arg-type]
    request = program.client.last(m.OpenSource).request
    program.client.push(m.SourceState(request, "failed", "It asks.", "Answer.", asks=asks))
    program.tick()


def _dialog(program: Program, qtbot: QtBot, kind: type[LoginDialog]) -> LoginDialog:
    qtbot.waitUntil(lambda: any(d.isVisible() for d in program.window.findChildren(kind)))
    return next(d for d in program.window.findChildren(kind) if d.isVisible())


def test_the_user_is_asked_and_the_keyring_remembers(program: Program, ring: Ring, qtbot: QtBot) -> None:
    program.window.commands.open((URL,))
    _refuse(program)
    dialog = _dialog(program, qtbot, LoginDialog)
    assert dialog.keep.isVisible()
    assert not program.toast_titles(), "the question is the message"
    dialog.user.setText("anna")
    dialog.password.setText("s3cret")
    dialog.accept()
    assert program.client.last(m.SetAccess).logins == (Login(PLACE, "anna", "s3cret"),)
    assert program.client.last(m.OpenSource).specs == (URL,)
    assert not ring.logins, "kept only when it has opened the camera"
    program.client.push_opened("network", spec=URL, title=URL)
    program.tick()
    qtbot.waitUntil(lambda: ring.logins == {PLACE: Login(PLACE, "anna", "s3cret")})


def test_the_keyring_answers_without_a_question(program: Program, ring: Ring, qtbot: QtBot) -> None:
    ring.logins[PLACE] = Login(PLACE, "anna", "s3cret")
    program.window.commands.open((URL,))
    _refuse(program)
    qtbot.waitUntil(lambda: len(program.client.sent(m.OpenSource)) == 2)
    assert not program.window.findChildren(LoginDialog)
    # What the keyring holds is out of date: now the user is asked, with the name filled in.
    _refuse(program, refused=True)
    dialog = _dialog(program, qtbot, LoginDialog)
    assert dialog.user.text() == "anna"
    assert dialog.password.text() == ""
    dialog.reject()


def test_without_a_keyring_nothing_is_promised(program: Program, ring: Ring, qtbot: QtBot) -> None:
    ring.there = False
    program.window.commands.open((URL,))
    _refuse(program)
    dialog = _dialog(program, qtbot, LoginDialog)
    assert not dialog.keep.isVisible()
    dialog.password.setText("s3cret")
    dialog.accept()
    program.client.push_opened("network", spec=URL, title=URL)
    program.tick()
    assert not ring.logins


def test_cancelled_is_told_once(program: Program, ring: Ring, qtbot: QtBot) -> None:
    program.window.commands.open((URL,))
    _refuse(program)
    _dialog(program, qtbot, LoginDialog).reject()
    assert program.toast_titles() == ["It asks."]


def test_a_keyring_that_refuses_is_told(program: Program, ring: Ring, qtbot: QtBot) -> None:
    ring.error = AppError("The keyring did not take it.", "It may be locked.")
    program.window.commands.open((URL,))
    _refuse(program)
    dialog = _dialog(program, qtbot, LoginDialog)
    dialog.password.setText("s3cret")
    dialog.accept()
    program.client.push_opened("network", spec=URL, title=URL)
    program.tick()
    qtbot.waitUntil(lambda: program.toast_titles() == ["The keyring did not take it."])


def test_a_lost_camera_that_changed_its_password_asks_once(program: Program, ring: Ring, qtbot: QtBot) -> None:
    program.window.commands.open((URL,))
    program.client.push_opened("network", spec=URL, title=URL)
    program.tick()
    request = program.client.last(m.OpenSource).request
    lost = m.SourceState(request, "lost", "No.", "", 0.0, m.Asks("login", PLACE, refused=True))
    program.client.push(lost)
    program.tick()
    _dialog(program, qtbot, LoginDialog).reject()
    program.client.push(lost)
    program.tick()
    assert not any(d.isVisible() for d in program.window.findChildren(LoginDialog))


def test_a_lost_camera_takes_its_new_password(program: Program, ring: Ring, qtbot: QtBot) -> None:
    program.window.commands.open((URL,))
    program.client.push_opened("network", spec=URL, title=URL)
    program.tick()
    request = program.client.last(m.OpenSource).request
    program.client.push(m.SourceState(request, "lost", "No.", "", 0.0, m.Asks("login", PLACE, refused=True)))
    program.tick()
    dialog = _dialog(program, qtbot, LoginDialog)
    dialog.password.setText("new")
    dialog.accept()
    assert len(program.client.sent(m.OpenSource)) == 2
    program.controller.source_changed.emit()
    assert len([d for d in program.window.findChildren(LoginDialog) if d.isVisible()]) == 0
    assert len(program.client.sent(m.OpenSource)) == 2


def test_a_login_typed_with_the_address_is_kept_when_it_has_opened(program: Program, ring: Ring, qtbot: QtBot) -> None:
    dialog = _open_dialog(program)
    qtbot.waitUntil(dialog.keep_login.isVisible)
    dialog.line.setText("rtsp://anna:s3cret@cam/live")
    dialog._open()
    assert not ring.logins
    program.client.push_opened("network", spec=URL, title=URL)
    program.tick()
    qtbot.waitUntil(lambda: ring.logins == {PLACE: Login(PLACE, "anna", "s3cret")})


def test_a_certificate_is_accepted_for_one_camera(program: Program, ring: Ring) -> None:
    program.window.commands.open((URL,))
    _refuse(program, fingerprint="ab" * 32)
    (dialog,) = program.window.findChildren(CertificateDialog)
    dialog.accept()
    assert program.client.last(m.SetAccess).certificates == ((PLACE, "ab" * 32),)
    assert len(program.client.sent(m.OpenSource)) == 2
    assert program.window.preferences.values.trusted_certificates == ((PLACE, "ab" * 32),)


def test_a_password_in_an_address_goes_one_way_only(program: Program, ring: Ring) -> None:
    program.window.commands.open(("rtsp://anna:s3cret@cam/live",))
    assert program.client.last(m.OpenSource).specs == (URL,)
    assert program.client.last(m.SetAccess).logins == (Login(PLACE, "anna", "s3cret"),)
    kinds = [type(c) for c in program.client.commands]
    assert kinds.index(m.SetAccess) < kinds.index(m.OpenSource)
    program.client.push_opened("network", spec=URL, title=URL)
    program.tick()
    program.window.preferences.save()
    stored = settings_file().read_text(encoding="utf-8")
    assert URL in stored
    assert "anna" not in stored
    assert "s3cret" not in stored
    assert "s3cret" not in repr(program.client.commands)


def test_what_an_older_version_kept_loses_its_password(make_program: object, ring: Ring, tmp_path: object) -> None:
    path = settings_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"recent_sources": ["rtsp://anna:s3cret@cam/live"]}), encoding="utf-8")
    made: Program = make_program()  # type: ignore[operator]
    assert made.window.preferences.values.recent_sources == (URL,)
    assert made.client.last(m.SetAccess).logins == (Login(PLACE, "anna", "s3cret"),)
    made.window.preferences.save()
    assert "s3cret" not in path.read_text(encoding="utf-8")


# --- the dialog of addresses and the cameras that are kept --------------------------------------------------------


def _open_dialog(program: Program, camera: NetworkCamera | None = None) -> AddressDialog:
    program.window.commands.edit_address(camera)
    return next(d for d in program.window.findChildren(AddressDialog) if d.isVisible())


def _tried(program: Program, **fields: object) -> None:
    number = program.client.last(m.TryAddress).number
    program.client.push(m.AddressTried(number, **fields))  # type: ignore[arg-type]
    program.tick()


def test_a_test_picture_then_a_kept_camera(program: Program, ring: Ring) -> None:
    dialog = _open_dialog(program)
    dialog.line.setText("rtsp://anna:s3cret@cam/live")
    dialog.name.setText("Door")
    dialog.test.click()
    assert dialog.line.text() == URL, "the login moves into its fields"
    assert (dialog.user.text(), dialog.password.text()) == ("anna", "s3cret")
    assert program.client.last(m.TryAddress).spec == URL
    info = SourceInfo(URL, "network", URL, True, 1280, 720, 25.0, detail="H264")
    _tried(program, info=info, bgr=bytes(16 * 9 * 3), shape=(9, 16))
    assert "1280×720 · 25 fps · H264" in dialog.picture.accessibleName()
    dialog._open()
    assert saved_cameras(program.window.preferences) == [NetworkCamera("Door", URL)]
    assert program.client.last(m.OpenSource).specs == (URL,)
    program.client.push_opened("network", spec=URL, title=URL)
    program.tick()
    assert program.window.windowTitle() == "Door – Regard"


def test_a_test_says_what_is_wrong_and_takes_the_answer(program: Program, ring: Ring) -> None:
    dialog = _open_dialog(program)
    dialog.line.setText(URL)
    dialog.test.click()
    _tried(program, message="It asks.", asks=m.Asks("login", PLACE))
    assert "Type name and password" in dialog.picture.accessibleName()
    _tried(program, message="Who is it?", asks=m.Asks("certificate", PLACE, fingerprint="ab" * 32))
    assert dialog._accept_certificate.isVisible()
    dialog._accept_certificate.click()
    assert program.window.preferences.values.trusted_certificates == ((PLACE, "ab" * 32),)
    assert len(program.client.sent(m.TryAddress)) == 2
    dialog.reject()
    assert program.client.last(m.TryAddress).spec == "", "what goes on is ended"


def test_an_old_answer_is_not_taken_for_the_new(program: Program, ring: Ring) -> None:
    dialog = _open_dialog(program)
    dialog.line.setText(URL)
    dialog.test.click()
    first = program.client.last(m.TryAddress).number
    dialog.test.click()
    program.client.push(m.AddressTried(first, message="old"))
    program.tick()
    assert "old" not in dialog.picture.accessibleName()
    dialog.reject()


def test_kept_cameras_are_rows_that_can_be_edited_and_removed(program: Program, ring: Ring, qtbot: QtBot) -> None:
    preferences = program.window.preferences
    save_camera(preferences, NetworkCamera("Door", URL))
    save_camera(preferences, NetworkCamera("Yard", "http://cam:81/v"))
    preferences.remember_source(URL)
    ring.logins = {PLACE: Login(PLACE, "anna", "s3cret"), "cam:81": Login("cam:81", "a", "b")}
    panel = program.window.docks.panels["input"]
    assert isinstance(panel, InputPanel)
    assert [row.title for row in panel.rows()][-3:] == ["Door", "Yard", "Add file or address…"]
    door = next(row for row in panel.rows() if row.title == "Door")
    menu = panel._menu.menu_of(door)
    assert menu is not None
    assert [a.text() for a in menu.actions()] == ["Open", "Edit…", "Remove"]
    menu.actions()[1].trigger()
    dialog = next(d for d in program.window.findChildren(AddressDialog) if d.isVisible())
    qtbot.waitUntil(lambda: dialog.user.text() == "anna")
    dialog.name.setText("Front")
    dialog.line.setText("rtsp://cam/other")
    dialog._open()
    assert saved_cameras(preferences) == [
        NetworkCamera("Front", "rtsp://cam/other"),
        NetworkCamera("Yard", "http://cam:81/v"),
    ]
    assert not program.client.sent(m.OpenSource), "saving opens nothing"
    menu.actions()[2].trigger()  # of a camera that has another address now: nothing happens to the others
    assert len(saved_cameras(preferences)) == 2
    front = next(row for row in panel.rows() if row.title == "Front")
    again = panel._menu.menu_of(front)
    assert again is not None
    again.actions()[2].trigger()
    assert saved_cameras(preferences) == [NetworkCamera("Yard", "http://cam:81/v")]
    qtbot.waitUntil(lambda: list(ring.logins) == ["cam:81"])
