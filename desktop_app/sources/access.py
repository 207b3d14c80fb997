"""What this process may use to enter network cameras: logins and accepted certificates, in memory only."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from desktop_app.core.address import Login, place_of

_lock = threading.Lock()
_logins: dict[str, Login] = {}
_certificates: dict[str, str] = {}


def allow(logins: Iterable[Login] = (), certificates: Iterable[tuple[str, str]] = ()) -> None:
    """Adds logins, and certificates as (place, SHA-256 in hex) that are accepted although nobody vouches for them."""
    with _lock:
        _logins.update((login.place, login) for login in logins)
        _certificates.update(certificates)


def forget() -> None:
    with _lock:
        _logins.clear()
        _certificates.clear()


def login_for(url: str) -> Login | None:
    """Only ever for the very host and port that it was given for."""
    with _lock:
        login = _logins.get(place_of(url))
    return login if login is not None and login.password else None


def certificate_for(url: str) -> str | None:
    with _lock:
        return _certificates.get(place_of(url))
