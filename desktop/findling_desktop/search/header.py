"""What stands above the results: box, mode, filters, and what is amiss with the query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from findling_desktop.icons import logo
from findling_desktop.search.box import SearchBox
from findling_desktop.search.chips import Chips
from findling_desktop.search.notice import Notice
from findling_desktop.widgets import Button, Switch

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling_desktop.theme import Theme


class SearchHeader(QFrame):
    """Its parts are public; the page connects them. `choose_mode` hears the mode that a person takes."""

    def __init__(self, theme: Theme, choose_mode: Callable[[str], None]) -> None:
        super().__init__()
        self.setObjectName("header")
        self.box = SearchBox(theme)
        self.switch = Switch(
            self.tr("How to search"),
            (
                ("hybrid", self.tr("Best of both"), self.tr("By meaning and by words at once")),
                ("semantic", self.tr("Meaning"), self.tr("What is meant, in whatever words")),
                ("keyword", self.tr("Words"), self.tr("Documents with the words themselves")),
            ),
            choose_mode,
        )
        self.library_button = Button(theme, self.tr("Library"), "library", "quiet")
        self.library_button.setToolTip(self.tr("Folders and files of this library (Ctrl+2)"))
        self.chips = Chips(theme, self.library_button)
        self.notice = Notice(theme)
        mark = QLabel()
        mark.setPixmap(logo().pixmap(QSize(32, 32), self.devicePixelRatioF()))
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.addWidget(mark, 0, 0)
        grid.addWidget(self.box, 0, 1)
        grid.addWidget(self.switch, 0, 2)
        grid.addWidget(self.library_button, 0, 3)
        grid.addWidget(self.chips, 1, 1, 1, 3)
        grid.addWidget(self.notice, 2, 1, 1, 3)
        grid.setColumnStretch(1, 1)
