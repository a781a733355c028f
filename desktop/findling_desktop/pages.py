"""What the views that fill the window have in common: a strip above with a way back, a column to scroll."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from findling_desktop.texts import tr as _tr
from findling_desktop.widgets import Button

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from findling_desktop.theme import Theme

_WIDTH = 860


class Page(QWidget):
    """The button, and Escape, lead back. What derives from it adds to `strip` and `layout()`."""

    back_wanted = Signal()

    def __init__(self, theme: Theme, back: str) -> None:
        """`back` is what the button says."""
        super().__init__()
        self.setObjectName("page")
        self.back_button = Button(theme, back, "back", "quiet")
        self.back_button.clicked.connect(self.back_wanted)
        top = QFrame()
        top.setObjectName("header")
        self.strip = QHBoxLayout(top)
        self.strip.setContentsMargins(16, 12, 16, 12)
        self.strip.setSpacing(12)
        self.strip.addWidget(self.back_button)
        self.strip.addStretch(1)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.body.addWidget(top)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)


class ScrolledPage(Page):
    """What derives from it adds to `column`, which is as wide as one likes to read."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, _tr("Back to search"))
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        around = QVBoxLayout(inner)
        around.setContentsMargins(0, 0, 0, 0)
        self.column = QVBoxLayout()
        self.column.setSpacing(12)
        around.addLayout(self.column)
        around.addStretch(1)
        ground = QWidget()
        ground.setObjectName("page")
        middle = QHBoxLayout(ground)
        middle.setContentsMargins(32, 24, 32, 24)
        middle.addStretch(1)
        middle.addWidget(inner, 100)
        middle.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(ground)
        self.body.addWidget(area, 1)
