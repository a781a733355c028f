"""Findling in the system tray, and the small box that asks from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSystemTrayIcon,
    QVBoxLayout,
    QWidget,
)

from findling_desktop.icons import logo, logo_pixmap

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

_MESSAGE_MILLISECONDS = 8000
_WIDTH = 560


class Tray(QObject):
    """The icon with its menu. Where the desktop has no tray nothing of it is seen."""

    come_wanted = Signal()
    search_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.menu = QMenu()
        search = self.menu.addAction(self.tr("&Search…"))
        come = self.menu.addAction(self.tr("&Show Findling"))
        self.menu.addSeparator()
        leave = self.menu.addAction(self.tr("&Quit"))
        search.triggered.connect(self.search_wanted)
        come.triggered.connect(self.come_wanted)
        leave.triggered.connect(self.quit_wanted)
        self._icon = QSystemTrayIcon(logo(), self)
        self._icon.setToolTip("Findling")
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self.come_wanted)
        self._icon.show()

    @staticmethod
    def there() -> bool:
        """Whether the desktop has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def tell(self, title: str, text: str) -> None:
        """Show a message beside the icon for some seconds."""
        self._icon.showMessage(title, text, logo(), _MESSAGE_MILLISECONDS)

    def close(self) -> None:
        """Take the icon away."""
        self._icon.hide()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        ):
            self.come_wanted.emit()


class QuickSearch(QWidget):
    """A box in the middle of the screen: Enter asks in the window, Escape or a look elsewhere closes it."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__(
            None,
            Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowTitle(self.tr("Search with Findling"))
        self.box = QLineEdit()
        self.box.setPlaceholderText(self.tr("Search your documents"))
        self.box.setAccessibleName(self.tr("Search your documents"))
        self.box.returnPressed.connect(self._ask)
        mark = QLabel()
        mark.setPixmap(logo_pixmap(32, self.devicePixelRatioF()))
        card = QFrame()
        card.setObjectName("popup")
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        row.addWidget(mark)
        row.addWidget(self.box, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        self.setFixedWidth(_WIDTH)

    def come(self) -> None:
        """Be there, empty, in the upper part of the screen that the pointer is on."""
        screen = QGuiApplication.screenAt(self.cursor().pos()) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        self.box.clear()
        self.adjustSize()
        self.move(room.center().x() - self.width() // 2, room.top() + room.height() // 4)
        self.show()
        self.raise_()
        self.activateWindow()
        self.box.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Who looks elsewhere does not want to ask."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.hide()

    def _ask(self) -> None:
        if question := self.box.text().strip():
            self.hide()
            self.asked.emit(question)
