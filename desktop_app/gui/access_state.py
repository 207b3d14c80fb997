"""What the window knows to enter network cameras: logins in memory, certificates from the settings.

A password is taken out of an address before anything else sees it, and goes to the recogniser only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from PySide6.QtCore import QObject

from desktop_app.core.address import Login, split_login
from desktop_app.core.source import SourceInfo
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import Client


class AccessState(QObject):
    def __init__(self, client: Client, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._logins: dict[str, Login] = {}
        self._certificates: tuple[tuple[str, str], ...] = ()
        self.names: dict[str, str] = {}
        """Of the network cameras that are kept, by address."""

    def take(self, specs: Sequence[str]) -> tuple[str, ...]:
        """The specs as they may be shown and kept; what logins were in them is used from now on."""
        pairs = [split_login(spec) for spec in specs]
        self.allow(*(login for _, login in pairs if login is not None and login.password))
        return tuple(spec for spec, _ in pairs)

    def allow(self, *logins: Login) -> None:
        new = {login.place: login for login in logins}
        if new and self._logins | new != self._logins:
            self._logins |= new
            self._send()

    def login(self, place: str) -> Login | None:
        return self._logins.get(place)

    def forget(self, place: str) -> None:
        if self._logins.pop(place, None) is not None:
            self._send()

    def named(self, info: SourceInfo) -> SourceInfo:
        """Under the name that the user gave it."""
        return dataclasses.replace(info, title=self.names.get(info.spec, info.title))

    def set_certificates(self, certificates: Sequence[tuple[str, ...]]) -> None:
        pairs = tuple((each[0], each[1]) for each in certificates if len(each) == 2)
        if pairs != self._certificates:
            self._certificates = pairs
            self._send()

    def _send(self) -> None:
        self._client.send(m.SetAccess(tuple(self._logins.values()), self._certificates))
