"""The first page: what this is, and the two ways to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from findling_desktop import icons
from findling_desktop.widgets import Button, label, restyle

if TYPE_CHECKING:
    from findling_desktop.theme import Theme


class FirstRunPage(QWidget):
    """Shown while there is no library."""

    add_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("page")
        self.add_button = Button(theme, self.tr("Add a folder…"), "add", "primary")
        self.sample_button = Button(theme, self.tr("Try it with the sample documents"), "document")
        for button in (self.add_button, self.sample_button):
            button.setProperty("size", "large")
        self.add_button.clicked.connect(self.add_wanted)
        self.sample_button.clicked.connect(self.sample_wanted)
        self._lock = QLabel()
        self._card = QFrame()
        self._card.setObjectName("card")
        self._arrange()
        theme.changed.connect(self._redraw)
        self._redraw()

    def _arrange(self) -> None:
        centre = Qt.AlignmentFlag.AlignHCenter
        picture = QLabel()
        picture.setPixmap(icons.logo_pixmap(128, self.devicePixelRatioF()))
        picture.setAlignment(centre)
        name = label(self.tr("Findling"), "display")
        purpose = label(
            self.tr("Find what you mean in your own documents, by meaning and by words."),
            "lead",
            wrap=True,
        )
        drop = label(self.tr("or drop a folder here"), "small")
        promise = label(
            self.tr("Nothing leaves this machine: your documents are read, indexed and searched here."),
            "muted",
        )
        column = QVBoxLayout(self._card)
        column.setContentsMargins(48, 40, 48, 32)
        column.setSpacing(0)
        column.addWidget(picture)
        column.addSpacing(8)
        for part, space in ((name, 8), (purpose, 32)):
            part.setAlignment(centre)
            column.addWidget(part)
            column.addSpacing(space)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch(1)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.sample_button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addSpacing(12)
        drop.setAlignment(centre)
        column.addWidget(drop)
        column.addSpacing(32)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addStretch(1)
        below.addWidget(self._lock)
        below.addWidget(promise)
        below.addStretch(1)
        column.addLayout(below)
        self._card.setMinimumWidth(640)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(self._card, 0, centre)
        outer.addStretch(3)

    def show_dropping(self, *, dropping: bool) -> None:
        """Show that a folder held over the window may be dropped."""
        restyle(self._card, "dropping", dropping)

    def _redraw(self) -> None:
        ratio = self.devicePixelRatioF()
        self._lock.setPixmap(icons.pixmap("lock", self._theme.colours.muted, 18, ratio))
