"""The text of a document, around the passage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling_desktop.preview.excerpt import Excerpt, marks, place_of
from findling_desktop.preview.growing import Growing
from findling_desktop.preview.text import PassageText

if TYPE_CHECKING:
    from findling_desktop.preview.growing import Sought
    from findling_desktop.theme import Theme


class TextView(Growing):
    """Opens a large document with the part around the passage."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, PassageText(theme))
        self._sought: Sought | None = None
        self._excerpt = Excerpt(0, 0, 0)
        self.more_above.clicked.connect(self._grow_up)
        self.more_below.clicked.connect(self._grow_down)

    def show_sought(self, sought: Sought) -> None:
        """Show the text with its passage in sight."""
        self._excerpt = Excerpt.around(sought.text, sought.passage)
        self.mark(sought)

    def mark(self, sought: Sought) -> None:
        """Show the same part of the text with these marks."""
        self._sought = sought
        first, last = self._excerpt.start, self._excerpt.end
        shown = sought.text[first:last]
        passage = (sought.passage[0] - first, sought.passage[1] - first)
        found = (place_of(sentence, shown, passage) for sentence in sought.sentences)
        place = self.text.verticalScrollBar().value()
        self.text.show_text(shown, passage, marks(shown, sought.words), [span for span in found if span])
        self.text.verticalScrollBar().setValue(place)
        self.offer_more(above=first > 0, below=last < self._excerpt.length)

    def _grow_up(self) -> None:
        sought = self._sought
        if sought is None:
            return
        before, place = self._excerpt.start, self.text.verticalScrollBar().value()
        self._excerpt = self._excerpt.grown_up(sought.text)
        self.mark(sought)
        # What was read stays where it was; the new text is above it.
        self.text.document().documentLayout().documentSize()
        added = self.text.top_of(before - self._excerpt.start) - self.text.top_of(0)
        self.text.verticalScrollBar().setValue(place + round(added))

    def _grow_down(self) -> None:
        if self._sought is not None:
            self._excerpt = self._excerpt.grown_down(self._sought.text)
            self.mark(self._sought)
