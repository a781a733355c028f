"""A part of a document that is read, with more of it a click away above and below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from findling_desktop.widgets import Button

if TYPE_CHECKING:
    from findling_desktop.preview.text import PassageText
    from findling_desktop.theme import Theme


@dataclass(frozen=True, slots=True)
class Sought:
    """What a document is read for: [start, end) of the passage in its `text`, the words to mark, folded, and
    the sentences that are near in meaning."""

    text: str
    passage: tuple[int, int]
    words: frozenset[str]
    sentences: tuple[str, ...]

    @property
    def passage_text(self) -> str:
        """The passage itself."""
        return self.text[slice(*self.passage)]


class Growing(QWidget):
    """Buttons around a text; what they do is up to what derives from it."""

    def __init__(self, theme: Theme, text: PassageText) -> None:
        super().__init__()
        self.text = text
        self.bar = text.verticalScrollBar()
        self.more_above = Button(theme, self.tr("Show more above"), "up", "quiet")
        self.more_below = Button(theme, self.tr("Show more below"), "down", "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.more_above)
        column.addWidget(text, 1)
        column.addWidget(self.more_below)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Where the keyboard's focus stops, in order."""
        return (self.more_above, self.text, self.more_below)

    def offer_more(self, *, above: bool, below: bool) -> None:
        """Say whether there is more."""
        self.more_above.setVisible(above)
        self.more_below.setVisible(below)
