"""What the desktop does for the window: open a file, show it in its folder, keep text in the clipboard."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from findling.documents import split

if TYPE_CHECKING:
    from findling.documents import Anchor
    from findling.settings import Settings


def file_of(path: str, record: str) -> Path:
    """The file to open for what has this path; a record's is its collection."""
    return Path(path.removesuffix(f"#{record}") if record else path)


class Shell:
    """The desktop that the window runs on; tests put another in its place."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def use(self, settings: Settings) -> None:
        """Open files as these say from now on."""
        self._settings = settings

    def open_at(self, path: Path, anchor: Anchor) -> bool:
        """Open a file at `anchor` with the program that the person has for it; whether one is known that can
        be led there. Not for the GUI thread: the desktop is asked. Raises `UserError`."""
        from findling.library.launching import open_at

        return bool(open_at(path, anchor, self._settings))

    def open(self, path: Path) -> bool:
        """Open a file at its beginning with the program that the person has for it; whether there was one."""
        from findling.library.taking_out import taken_out

        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(taken_out(path, self._settings.home))))

    def reveal(self, path: Path) -> bool:
        """Show a file, or the one that it lies in, in its folder, selected where the platform can; whether
        that was possible."""
        path, _ = split(path)
        if sys.platform == "win32":
            return _started("explorer.exe", [f"/select,{path}"])
        if sys.platform == "darwin":
            return _started("open", ["-R", str(path)])
        return _revealed_over_dbus(path) or self.open(path.parent)

    def follow(self, link: QUrl) -> bool:
        """Open a link of a document, where it leads to a web page or a letter; whether it did."""
        return link.scheme() in ("http", "https", "mailto") and QDesktopServices.openUrl(link)

    def copy(self, text: str) -> None:
        """Put `text` into the clipboard."""
        QGuiApplication.clipboard().setText(text)


def _started(program: str, arguments: list[str]) -> bool:
    process = QProcess()
    process.setProgram(program)
    if sys.platform == "win32":
        # Explorer wants its switch and the quoted path as one word, which Qt's quoting would split.
        process.setNativeArguments(f'/select,"{arguments[0].removeprefix("/select,")}"')
    else:
        process.setArguments(arguments)
    return bool(process.startDetached()[0])


def _revealed_over_dbus(path: Path) -> bool:
    """Ask the file manager (freedesktop.org's FileManager1). False where none offers that."""
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    name = "org.freedesktop.FileManager1"
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    interface = bus.interface()
    offered = [
        *interface.registeredServiceNames().value(),
        *interface.activatableServiceNames().value(),
    ]
    if name not in offered:
        return False
    call = QDBusMessage.createMethodCall(name, "/org/freedesktop/FileManager1", name, "ShowItems")
    call.setArguments([[QUrl.fromLocalFile(str(path)).toString()], ""])
    return bus.send(call)
