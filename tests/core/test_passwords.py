"""The keyring of the system, one of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import keyring
import keyring.backend
import pytest

from desktop_app.core import passwords
from desktop_app.core.address import Login
from desktop_app.errors import AppError


class Ring(keyring.backend.KeyringBackend):
    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False
        self.answers = threading.Event()
        self.answers.set()

    def get_password(self, service: str, username: str) -> str | None:
        self.answers.wait()
        if self.locked:
            raise RuntimeError("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise RuntimeError("locked")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    made.answers.set()
    keyring.set_keyring(before)


LOGIN = Login("cam:554", "anna", "s3cret")


def test_a_login_is_kept_found_and_forgotten(ring: Ring) -> None:
    assert passwords.available()
    assert passwords.load("cam:554") is None
    passwords.save(LOGIN)
    assert passwords.load("cam:554") == LOGIN
    assert passwords.load("cam:80") is None
    assert list(ring.kept) == [("Regard", "cam:554")], "neither name nor password outside of the secret"
    passwords.forget("cam:554")
    passwords.forget("cam:554")
    assert passwords.load("cam:554") is None


def test_a_locked_keyring_and_what_is_not_ours(ring: Ring) -> None:
    ring.kept["Regard", "cam:554"] = "not JSON"
    assert passwords.load("cam:554") is None
    ring.locked = True
    assert passwords.load("cam:554") is None
    with pytest.raises(AppError, match="did not take the password") as caught:
        passwords.save(LOGIN)
    assert "s3cret" not in str(caught.value)


def test_a_keyring_that_does_not_answer_is_not_waited_for(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE", 0.05)
    passwords.save(LOGIN)
    ring.answers.clear()
    assert passwords.load("cam:554") is None


def test_without_a_keyring() -> None:
    assert not passwords.available()
    assert passwords.load("cam:554") is None
