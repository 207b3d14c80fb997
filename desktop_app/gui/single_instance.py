"""One window a user and config folder: a second start raises the first and hands over what it was to open."""

from __future__ import annotations

import getpass
import hashlib
import json
import logging
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop_app.paths import config_dir

log = logging.getLogger(__name__)
WAIT_MS = 500
LONGEST = 1_000_000


def server_name() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = ""
    return f"regard-{hashlib.sha256(f'{user}:{config_dir()}'.encode()).hexdigest()[:16]}"


def hand_over(specs: Sequence[str]) -> bool:
    """True when a first window lives and took `specs`."""
    socket = QLocalSocket()
    socket.connectToServer(server_name())
    if not socket.waitForConnected(WAIT_MS):
        return False
    socket.write(json.dumps(list(specs)).encode() + b"\n")
    taken = socket.waitForBytesWritten(WAIT_MS) and socket.waitForReadyRead(2 * WAIT_MS)
    socket.disconnectFromServer()
    return taken


class Listener(QObject):
    """`opened` is called with what a second start was given. Works after the first was killed: a dead name is freed."""

    def __init__(self, opened: Callable[[tuple[str, ...]], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opened = opened
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        name = server_name()
        if not self._server.listen(name):
            QLocalServer.removeServer(name)
            if not self._server.listen(name):
                log.warning("a second start will not find this one: %s", self._server.errorString())

    def _accept(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.readyRead.connect(lambda: self._read(socket))
        socket.disconnected.connect(socket.deleteLater)

    def _read(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > LONGEST:
            socket.abort()
        elif socket.canReadLine():
            try:
                specs = json.loads(bytes(socket.readLine().data()))
            except ValueError:
                socket.abort()
                return
            socket.write(b"ok\n")
            socket.flush()
            if isinstance(specs, list) and all(isinstance(spec, str) for spec in specs):
                self._opened(tuple(specs))

    def close(self) -> None:
        self._server.close()
