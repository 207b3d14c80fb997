"""A network camera that asks for a login or shows an unknown certificate: keyring first, then the terminal."""

from __future__ import annotations

import dataclasses
import getpass
import sys

from desktop_app.core import passwords
from desktop_app.core.address import Login
from desktop_app.errors import AppError, CertificateUntrusted, LoginNeeded
from desktop_app.i18n import tr
from desktop_app.settings import load_settings, save_settings

_looked_up: set[str] = set()
"""Places whose login was taken from the keyring: once is enough."""
_to_keep: list[Login] = []


def begin() -> None:
    """What was accepted in the window holds here too."""
    from desktop_app.sources import access

    settings, _ = load_settings()
    access.allow(certificates=[(each[0], each[1]) for each in settings.trusted_certificates if len(each) == 2])


def answer(error: AppError, user: str = "") -> bool:
    """Whether something new was given to `sources.access`, so that trying again makes sense. `user`: of the address."""
    if isinstance(error, LoginNeeded):
        return _login(error, user)
    if isinstance(error, CertificateUntrusted):
        return _certificate(error)
    return False


def _login(error: LoginNeeded, user: str) -> bool:
    from desktop_app.sources import access

    kept = None if error.refused or error.place in _looked_up else passwords.load(error.place)
    _looked_up.add(error.place)
    if kept is not None and user in ("", kept.user):
        access.allow([kept])
        return True
    if not _terminal():
        return False
    print(f"regard: {error.message}", file=sys.stderr)
    user = user or _line(tr("User name: "))
    password = getpass.getpass(tr("Password: "))
    if not password:
        return False
    login = Login(error.place, user, password)
    access.allow([login])
    _to_keep.clear()
    if passwords.available() and _yes(tr("Remember in the keyring?")):
        _to_keep.append(login)
    return True


def opened() -> None:
    """Only what opened the camera goes into the keyring."""
    while _to_keep:
        try:
            passwords.save(_to_keep.pop())
        except AppError as refused:
            print(f"regard: {refused}", file=sys.stderr)


def _certificate(error: CertificateUntrusted) -> bool:
    from desktop_app.sources import access

    if not _terminal():
        return False
    print(f"regard: {error}\nSHA-256 {error.fingerprint}", file=sys.stderr)
    if not _yes(tr("Accept it for this camera from now on?")):
        return False
    access.allow(certificates=[(error.place, error.fingerprint)])
    settings, _ = load_settings()
    kept = tuple(each for each in settings.trusted_certificates if each[:1] != (error.place,))
    save_settings(dataclasses.replace(settings, trusted_certificates=(*kept, (error.place, error.fingerprint))))
    return True


def _terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _line(prompt: str) -> str:
    """Standard output is for results."""
    print(prompt, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _yes(question: str) -> bool:
    return _line(f"{question} {tr('[y/N]')} ").lower() in ("y", "yes", "o", "oui")
