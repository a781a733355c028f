"""What stands beside the map: what its colours mean, and the document that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from findling_desktop import texts
from findling_desktop.plot import Legend
from findling_desktop.widgets import Button, ElidedLabel, label

if TYPE_CHECKING:
    from findling.library.mapping import MapDocument
    from findling_desktop.theme import Theme

_WIDTH = 300


class Side(QScrollArea):
    """`count` says how many documents there are, or stand out."""

    open_wanted = Signal()
    related_wanted = Signal()
    reveal_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.count = label(role="small", wrap=True)
        self.legend_title = label(role="heading")
        self.legend = Legend(theme)
        self.hint = label(
            self.tr("Click a point to see which document it is. A double click opens it."), "muted", wrap=True
        )
        self.chosen = QWidget()
        self.title = label(role="heading", wrap=True)
        self.path = ElidedLabel("muted")
        self.facts = label(role="small", wrap=True)
        self.open_button = Button(theme, self.tr("Open"), "open", "primary")
        self.related_button = Button(theme, self.tr("Related documents"), "search")
        self.reveal_button = Button(theme, self.tr("Show in folder"), "folder")
        self.open_button.clicked.connect(self.open_wanted)
        self.related_button.clicked.connect(self.related_wanted)
        self.reveal_button.clicked.connect(self.reveal_wanted)
        self._arrange()

    def _arrange(self) -> None:
        inner = QFrame()
        inner.setObjectName("page")
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        for part in (self.count, self.legend_title, self.legend):
            column.addWidget(part)
        column.addSpacing(12)
        column.addWidget(self.hint)
        column.addWidget(self.chosen)
        column.addStretch(1)
        inside = QVBoxLayout(self.chosen)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(8)
        for part in (self.title, self.path, self.facts):
            inside.addWidget(part)
        for button in (self.open_button, self.related_button, self.reveal_button):
            inside.addWidget(button)
        self.chosen.hide()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(_WIDTH)
        self.setWidget(inner)

    def show_document(self, document: MapDocument | None, subject: str) -> None:
        """Show the one that is chosen, and what it is about."""
        self.hint.setVisible(document is None)
        self.chosen.setVisible(document is not None)
        if document is None:
            return
        self.title.setText(document.title)
        self.path.setText(texts.short_path(document.path))
        facts = [document.kind.upper(), subject]
        if document.copies:
            one, more = self.tr("1 copy"), self.tr("{} copies")
            facts.append(one if document.copies == 1 else more.format(texts.number(document.copies)))
        self.facts.setText("  ·  ".join(filter(None, facts)))
