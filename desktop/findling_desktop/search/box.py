"""The search box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from findling_desktop import icons

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from findling_desktop.theme import Theme


class SearchBox(QLineEdit):
    """Where the query is typed. Down and Enter lead to the results, Escape clears."""

    down_wanted = Signal()
    results_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("search")
        self.setAccessibleName(self.tr("Search"))
        self.setAccessibleDescription(self.tr("Results appear as you type"))
        self.setPlaceholderText(self.tr("Search your documents: a question, a few words…"))
        self._lens = QAction(self)
        self._clear = QAction(self.tr("Clear the search"), self)
        self._clear.setToolTip(self.tr("Clear (Esc)"))
        self._clear.triggered.connect(self.clear)
        self._clear.setVisible(False)
        self.addAction(self._lens, QLineEdit.ActionPosition.LeadingPosition)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))
        theme.changed.connect(self._redraw)
        self._redraw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that lead out of the box."""
        match event.key():
            case Qt.Key.Key_Down:
                self.down_wanted.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if not event.modifiers():
                self.results_wanted.emit()
            case Qt.Key.Key_Escape:
                self.clear()
            case _:
                super().keyPressEvent(event)

    def type_key(self, event: QKeyEvent) -> None:
        """Take over a key that was pressed elsewhere."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setCursorPosition(len(self.text()))
        super().keyPressEvent(event)

    def _redraw(self) -> None:
        muted = self._theme.colours.muted
        self._lens.setIcon(icons.icon("search", muted))
        self._clear.setIcon(icons.icon("clear", muted))
