"""What the application's own small windows have in common."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from findling_desktop.texts import tr as _tr
from findling_desktop.widgets import Button, Problem, label

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from findling_desktop.theme import Theme


class Dialog(QDialog):
    """A title, a `body`, room for a problem, and a row of `buttons` that begins with the one that closes. It
    is gone when it is closed."""

    def __init__(self, parent: QWidget, theme: Theme, title: str, width: int = 0) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(width)
        self._theme = theme
        self.problem = Problem()
        self.close_button = Button(theme, _tr("Close"))
        self.close_button.clicked.connect(self.close)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(12)
        column.addWidget(label(title, "title"))
        column.addLayout(self.body, 1)
        column.addWidget(self.problem)
        column.addLayout(self.buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard goes through the body first, and begins there."""
        super().showEvent(event)
        places = [self.buttons.itemAt(place) for place in range(self.buttons.count())]
        last = [place.widget() for place in places if place is not None]
        stops = [
            each
            for each in self.findChildren(QWidget)
            if each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.window() is self
        ]
        chain = [each for each in stops if each not in last] + [each for each in last if each in stops]
        for before, after in pairwise(chain):
            self.setTabOrder(before, after)
        chain[0].setFocus()
