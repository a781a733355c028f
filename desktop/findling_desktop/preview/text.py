"""Read-only text with a passage on a tinted ground and words marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QTextBlockFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit

from findling_desktop.theme import mark_looks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QPaintEvent

    Span = tuple[int, int]

    from findling_desktop.theme import Theme

_MARGIN = 24
_LINE_HEIGHT_PERCENT = 140.0


class PassageText(QTextBrowser):
    """Shows a part of a document; positions are those in the text shown. Nothing is ever fetched for it, and
    links lead nowhere by themselves."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._passage = (0, 0)
        self._words: Sequence[Span] = ()
        self._sentences: Sequence[Span] = ()
        self.setObjectName("document")
        self.setAccessibleName(self.tr("Text of the document"))
        self.setReadOnly(True)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(_MARGIN)
        theme.changed.connect(self.redraw)

    def loadResource(self, _: int, __: QUrl | str) -> None:  # noqa: N802 — Qt's name
        """Neither from the network nor from the disk."""
        return

    @property
    def passage(self) -> str:
        """The text of the passage that is marked."""
        start, end = self._passage
        return self.toPlainText()[start:end]

    @property
    def marked_words(self) -> list[str]:
        """The words that are marked."""
        text = self.toPlainText()
        return [text[start:end] for start, end in self._words]

    @property
    def marked_sentences(self) -> list[str]:
        """The sentences that are marked as near in meaning."""
        text = self.toPlainText()
        return [text[start:end] for start, end in self._sentences]

    @property
    def marks(self) -> tuple[Span, Sequence[Span], Sequence[Span]]:
        """Passage, words and sentences, as `mark` takes them."""
        return self._passage, self._words, self._sentences

    def mark(self, passage: Span, words: Sequence[Span], sentences: Sequence[Span] = ()) -> None:
        """Mark [start, end) of the passage, of words, and of sentences near in meaning."""
        self._passage, self._words, self._sentences = passage, words, sentences
        self._mark()

    def forget_marks(self) -> None:
        """Mark nothing."""
        self.mark((0, 0), ())

    def redraw(self) -> None:
        """In the theme's colours."""
        self._mark()

    def show_text(
        self, text: str, passage: Span, words: Sequence[Span], sentences: Sequence[Span] = ()
    ) -> None:
        """Replace what is shown, and mark it."""
        if text == self.toPlainText():
            self.mark(passage, words, sentences)
            return
        self.forget_marks()
        self.setPlainText(text)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        spacing = QTextBlockFormat()
        spacing.setLineHeight(_LINE_HEIGHT_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.mergeBlockFormat(spacing)
        self.mark(passage, words, sentences)

    def scroll_to_passage(self) -> None:
        """Bring the passage's beginning into the upper third."""
        self.document().documentLayout().documentSize()  # ends the lazy layout: the bar's range is true
        bounds = self._bounds()
        self.verticalScrollBar().setValue(round(bounds.top() - self.viewport().height() / 5))
        cursor = self.textCursor()
        cursor.setPosition(self._clamped(self._passage[0]))
        place = self.verticalScrollBar().value()
        self.setTextCursor(cursor)  # the keyboard goes on from here
        self.verticalScrollBar().setValue(place)

    def top_of(self, position: int) -> float:
        """Distance of a character's line from the text's top, pixels."""
        return self._line_rect(position).top()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the passage's ground under the text."""
        start, end = self._passage
        if end > start:
            offset = self.verticalScrollBar().value()
            bounds = self._bounds().translated(0, -offset)
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.colours.passage))
            painter.drawRoundedRect(bounds, 6, 6)
            painter.setBrush(QColor(self._theme.colours.accent))
            painter.drawRoundedRect(QRectF(bounds.left(), bounds.top(), 3, bounds.height()), 1.5, 1.5)
            painter.end()
        super().paintEvent(event)

    def _bounds(self) -> QRectF:
        """The passage's lines over the text's whole width, in the document's coordinates."""
        first = self._line_rect(self._passage[0])
        last = self._line_rect(max(self._passage[0], self._passage[1] - 1))
        left, width = _MARGIN - 12.0, self.viewport().width() - 2 * (_MARGIN - 12.0)
        # A passage may end within a paragraph, whose next line wants its own ground.
        below = 8 if self._ends_block(self._passage[1]) else 2
        return QRectF(left, first.top() - 4, width, last.bottom() - first.top() + 4 + below)

    def _ends_block(self, position: int) -> bool:
        block = self.document().findBlock(self._clamped(position))
        return position >= block.position() + block.length() - 1

    def _line_rect(self, position: int) -> QRectF:
        block = self.document().findBlock(self._clamped(position))
        bounds = self.document().documentLayout().blockBoundingRect(block)
        line = block.layout().lineForTextPosition(self._clamped(position) - block.position())
        if not line.isValid():
            return bounds
        return QRectF(bounds.left(), bounds.top() + line.y(), bounds.width(), line.height())

    def _clamped(self, position: int) -> int:
        return max(0, min(position, self.document().characterCount() - 1))

    def _mark(self) -> None:
        word, near = mark_looks(self._theme.colours)
        selections: list[QTextEdit.ExtraSelection] = []
        for spans, look in ((self._sentences, near), (self._words, word)):
            for start, end in spans:
                selection = QTextEdit.ExtraSelection()
                cursor = QTextCursor(self.document())
                cursor.setPosition(start)
                cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
                selection.cursor, selection.format = cursor, look  # pyright: ignore[reportAttributeAccessIssue]
                selections.append(selection)
        self.setExtraSelections(selections)
        self.viewport().update()
