"""Findling on the person's desktop beside its window: in the tray, in messages, in the small search box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

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
        self.quick.close()
        if self.tray is not None:
            self.tray.close()
