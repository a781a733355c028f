"""Findling on the person's desktop beside its window: in the tray, in messages, in the small search box and
under the key that opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from findling_desktop.global_key import GlobalKey
from findling_desktop.notices import Notices
from findling_desktop.tray import QuickSearch, Tray

if TYPE_CHECKING:
    from findling_desktop.main_window import MainWindow
    from findling_desktop.windows import Windows


class Presence(QObject):
    """Lives as long as the application. Without a tray a window that has something to tell asks for attention
    in the task bar."""

    def __init__(self, application: QApplication, windows: Windows, tray: Tray | None = None) -> None:
        """`tray` is the desktop's where it is None, if the desktop has one."""
        super().__init__()
        self._windows = windows
        self.tray = tray or (Tray() if Tray.there() else None)
        self.quick = QuickSearch()
        self.quick.asked.connect(windows.come)
        self.key = GlobalKey()
        self.key.pressed.connect(self.quick.come)
        self.key.given.connect(self._tell_key)
        # Later: it may be refused while who wished for it is still being heard by others.
        self.key.refused.connect(self._tell_no_key, Qt.ConnectionType.QueuedConnection)
        self._wants_to_know = False
        if self.tray is not None:
            self.tray.come_wanted.connect(windows.come)
            self.tray.search_wanted.connect(self.quick.come)
            self.tray.quit_wanted.connect(self._leave)
        windows.changed.connect(self._follow)
        windows.ended.connect(self._close)
        application.commitDataRequest.connect(lambda _: self._let_go())
        self._follow(windows.current)

    def _follow(self, window: MainWindow) -> None:
        self._notices = Notices(window.workspace, lambda: not window.isActiveWindow())
        self._notices.told.connect(self._tell)
        window.stays = lambda: self.tray is not None and window.preferences["stay_in_tray"]
        window.preferences.changed.connect(self._obey)
        if window.preferences["search_key"]:
            self._ask_for_key()

    def _obey(self, name: str, wanted: object) -> None:
        if name != "search_key":
            return
        self._wants_to_know = bool(wanted)
        if wanted:
            self._ask_for_key()
        else:
            self.key.give_back()

    def _ask_for_key(self) -> None:
        self.key.ask(QApplication.desktopFileName(), self.quick.windowTitle())

    def _tell_key(self, key: str) -> None:
        """The person has just asked for it; from the next start on it is there without a word."""
        if self._wants_to_know:
            told = self.tr("{} opens the search box.").format(key)
            self._windows.current.tell(told if key else self.tr("Choose the key in the desktop's settings."))
        self._wants_to_know = False

    def _tell_no_key(self) -> None:
        if self._wants_to_know:
            self._wants_to_know = False
            window = self._windows.current
            window.preferences.choose("search_key", value=False)
            window.tell(
                self.tr("This desktop gives no key. Its own settings can bind one to the command: {}").format(
                    "findling-desktop --quick"
                )
            )

    def _tell(self, title: str, text: str) -> None:
        if self.tray is not None:
            self.tray.tell(title, text)
        else:
            QApplication.alert(self._windows.current)

    def _leave(self) -> None:
        self._windows.current.leave()

    def _let_go(self) -> None:
        """The session ends: no window is to stay."""
        self._windows.current.stays = lambda: False

    def _close(self) -> None:
        self.key.give_back()
        self.quick.close()
        if self.tray is not None:
            self.tray.close()
