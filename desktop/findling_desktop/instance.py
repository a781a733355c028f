"""One window for each home: a second start hands its question to the first, and ends. As long as it is open
it holds a lock, by which other programs see that it is."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from findling.errors import SettingsError
from findling.settings import private_directory

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from findling.settings import Home

_WAIT_MILLISECONDS = 2000
#: Of what another start may say: nobody asks for more.
_MOST_BYTES = 100_000


class Instance(QObject):
    """The first start of a home. Others of the same person can speak to it, and nobody else."""

    #: The question of another start, "" where it has none.
    asked = Signal(str)
    #: Another start wants the small search box.
    quick_wanted = Signal()

    def __init__(self, server: QLocalServer, home: Home) -> None:
        super().__init__()
        self._server = server
        self._home = home
        self._lock: BaseFileLock | None = None
        self._heard: dict[QLocalSocket, bytes] = {}
        server.newConnection.connect(self._take)
        QTimer.singleShot(0, self, self.hold)  # what locks takes longer to load than the window may wait

    @classmethod
    def claim(cls, home: Home, question: str = "", *, quick: bool = False) -> Instance | None:
        """This start as the one of its home; None where another is, which has heard the question then."""
        name = f"findling-{hashlib.sha256(str(home.config.absolute()).encode()).hexdigest()[:24]}"
        if _told(name, {"question": question, "quick": quick}):
            return None
        server = QLocalServer()
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not server.listen(name):
            QLocalServer.removeServer(name)  # of one that was killed
            server.listen(name)  # where that fails too, there may be two windows
        return cls(server, home)

    def hold(self) -> None:
        """Hold the lock of the window, unless another process does, or it cannot be written."""
        from filelock import FileLock, Timeout

        if self._lock is None and self._server.isListening():
            lock = FileLock(self._home.window_lock, timeout=0, mode=0o600)
            with contextlib.suppress(OSError, SettingsError, Timeout):
                private_directory(self._home.state)
                lock.acquire()
                self._lock = lock

    def let_go(self) -> None:
        """Hold the lock no more."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def close(self) -> None:
        """Let another start be the first."""
        self._server.close()
        self.let_go()

    def _take(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._heard[socket] = b""
            socket.readyRead.connect(lambda socket=socket: self._hear(socket))
            socket.disconnected.connect(lambda socket=socket: self._end(socket))
            self._hear(socket)

    def _hear(self, socket: QLocalSocket) -> None:
        if socket in self._heard:
            heard = self._heard[socket] + bytes(socket.readAll().data())
            self._heard[socket] = heard[:_MOST_BYTES]  # cut off, it is no JSON any more

    def _end(self, socket: QLocalSocket) -> None:
        said = self._heard.pop(socket, b"")
        socket.deleteLater()
        try:
            told: Any = json.loads(said)
        except ValueError:
            return
        if not isinstance(told, dict):
            return
        if told.get("quick") is True:
            self.quick_wanted.emit()
        elif isinstance(question := told.get("question"), str):
            self.asked.emit(question)


def _told(name: str, what: dict[str, Any]) -> bool:
    """Whether somebody is there, who has been told."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_WAIT_MILLISECONDS):
        return False
    socket.write(json.dumps(what).encode())
    written = socket.waitForBytesWritten(_WAIT_MILLISECONDS)
    socket.disconnectFromServer()
    return written
