"""A line under the box: what is amiss with the query."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from findling_desktop import icons
from findling_desktop.widgets import restyle

if TYPE_CHECKING:
    from findling_desktop.theme import Theme


class Notice(QFrame):
    """A few words in the colours of a warning (`mistake`), or in no colour at all; hidden without words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._mistake = False
        self.setObjectName("notice")
        self._icon = QLabel()
        self._said = ""
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._text.setSizePolicy(policy)  # a long word of the query widens no window
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 10, 4)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        theme.changed.connect(self._redraw)
        self.hide()

    @property
    def words(self) -> str:
        """What it says, "" while it says nothing."""
        return self._said

    def say(self, message: str, hint: str = "", *, mistake: bool = False) -> None:
        """Show this, and have it read out; nothing for no words."""
        before, self._said = self._said, f"{message} {hint}".strip()
        self._mistake = mistake
        self._text.setText(f"<b>{escape(message)}</b> {escape(hint)}" if message else escape(hint))
        restyle(self, "tone", "warning" if mistake else "")
        self._redraw()
        self.setVisible(bool(self._said))
        if self._said and self._said != before:
            self.setAccessibleName(self._said)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _redraw(self) -> None:
        colours = self._theme.colours
        name, colour = ("warning", colours.warning) if self._mistake else ("info", colours.muted)
        self._icon.setPixmap(icons.pixmap(name, colour, 18, self.devicePixelRatioF()))
