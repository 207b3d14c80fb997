"""Names and passwords of network cameras in the keyring of the system: Secret Service, Keychain, Credential Locker.

One entry a host and port, whose secret holds both: nothing of it stands anywhere else. May wait for the user to unlock
the keyring, so the window calls it in a thread.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading

from desktop_app.core.address import Login
from desktop_app.errors import AppError
from desktop_app.i18n import tr

log = logging.getLogger(__name__)
SERVICE = "Regard"
PATIENCE = 30.0
"""Seconds for the keyring, and for its user to unlock it."""


def available() -> bool:
    """Whether there is a keyring that keeps secrets secret."""
    try:
        import keyring

        return float(keyring.get_keyring().priority) >= 1
    except Exception as error:  # backends raise what they like
        log.info("no keyring: %s", type(error).__name__)
        return False


def load(place: str) -> Login | None:
    """`None` also where the keyring does not answer in time, or the user does not unlock it."""
    found: list[Login] = []
    thread = threading.Thread(target=lambda: found.extend(_load(place)), name="keyring", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return found[0] if found else None


def _load(place: str) -> list[Login]:
    try:
        import keyring

        stored = json.loads(keyring.get_password(SERVICE, place) or "null")
        return [Login(place, str(stored["user"]), str(stored["password"]))] if stored else []
    except Exception as error:
        # Locked, refused, gone, or not ours: then the user is asked.
        log.info("nothing from the keyring: %s", type(error).__name__)
        return []


def save(login: Login) -> None:
    """Raises `AppError` where the keyring does not take it."""
    import keyring

    try:
        keyring.set_password(SERVICE, login.place, json.dumps({"user": login.user, "password": login.password}))
    except Exception as error:
        raise AppError(
            tr("The keyring did not take the password of {place}.", place=login.place),
            tr("It may be locked. Regard keeps the password until it is closed."),
        ) from error


def forget(place: str) -> None:
    with contextlib.suppress(Exception):
        import keyring

        keyring.delete_password(SERVICE, place)
