"""Logins and certificates on the command line: from the keyring, from a terminal, or not at all."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from desktop_app.cli import entering, run_cli
from desktop_app.core import passwords
from desktop_app.core.address import Login
from desktop_app.errors import CertificateUntrusted, LoginNeeded
from desktop_app.settings import load_settings
from desktop_app.sources import access
from tests.sources import corpus
from tests.sources.fault_server import SECRET, FaultServer

PLACE, URL = "cam:554", "rtsp://cam/live"
ASKS = LoginNeeded("It asks.", "Answer.", PLACE)
REFUSES = LoginNeeded("It refuses.", "Answer.", PLACE, refused=True)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    access.forget()
    entering._looked_up.clear()
    entering._to_keep.clear()


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> dict[str, Login]:
    kept: dict[str, Login] = {}
    monkeypatch.setattr(passwords, "load", kept.get)
    monkeypatch.setattr(passwords, "available", lambda: True)
    monkeypatch.setattr(passwords, "save", lambda login: kept.update({login.place: login}))
    return kept


def _type(monkeypatch: pytest.MonkeyPatch, lines: str, password: str = SECRET) -> None:
    monkeypatch.setattr(entering, "_terminal", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    monkeypatch.setattr("desktop_app.cli.entering.getpass.getpass", lambda _: password)


def test_the_keyring_answers_once(ring: dict[str, Login]) -> None:
    ring[PLACE] = Login(PLACE, "anna", SECRET)
    assert entering.answer(ASKS, "anna")
    assert access.login_for(URL) == ring[PLACE]
    assert not entering.answer(ASKS, "anna"), "asked again it would ask for ever"
    assert not entering.answer(REFUSES)


def test_the_login_of_another_user_is_not_used(ring: dict[str, Login]) -> None:
    ring[PLACE] = Login(PLACE, "anna", SECRET)
    assert not entering.answer(ASKS, "bob")
    assert access.login_for(URL) is None


def test_a_terminal_is_asked_and_what_opens_is_kept(
    ring: dict[str, Login], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _type(monkeypatch, "anna\ny\n")
    assert entering.answer(ASKS)
    assert access.login_for(URL) == Login(PLACE, "anna", SECRET)
    assert not ring
    entering.opened()
    assert ring == {PLACE: Login(PLACE, "anna", SECRET)}
    shown = capsys.readouterr()
    assert not shown.out, "standard output is for results"
    assert SECRET not in shown.err


def test_what_was_refused_is_not_kept(ring: dict[str, Login], monkeypatch: pytest.MonkeyPatch) -> None:
    _type(monkeypatch, "y\n", password="wrong")
    assert entering.answer(ASKS, "anna")
    _type(monkeypatch, "n\n")
    assert entering.answer(REFUSES, "anna")
    entering.opened()
    assert not ring


def test_a_certificate_is_accepted_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    untrusted = CertificateUntrusted("Who is it?", "Look.", PLACE, "ab" * 32)
    assert not entering.answer(untrusted), "nobody to ask"
    _type(monkeypatch, "n\n")
    assert not entering.answer(untrusted)
    _type(monkeypatch, "y\n")
    assert entering.answer(untrusted)
    assert load_settings()[0].trusted_certificates == ((PLACE, "ab" * 32),)
    access.forget()
    entering.begin()
    assert access.certificate_for(URL.replace("rtsp", "rtsps").replace("cam", "cam:554")) == "ab" * 32


@pytest.mark.usefixtures("starter_models")
def test_without_a_terminal_the_source_fails_and_says_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with FaultServer(corpus.jpegs(5)) as server:
        url = server.url("auth", f"anna:{SECRET}x@")
        assert run_cli(["run", "--model", "efficientnet-lite0", url]) == 1
    shown = capsys.readouterr()
    assert "does not accept this name and password" in shown.err
    assert not shown.out
    assert SECRET not in shown.err
