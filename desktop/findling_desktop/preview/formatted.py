"""A document with its headings, lists, tables and code, around the passage."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextTable,
)

from findling.documents.colouring import CodePart
from findling.documents.finding import bare, bare_with_places, place_of
from findling_desktop.preview.excerpt import marks
from findling_desktop.preview.growing import Growing
from findling_desktop.preview.text import PassageText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PySide6.QtGui import QTextBlock, QTextFragment

    from findling.documents import Part
    from findling_desktop.preview.growing import Sought
    from findling_desktop.theme import Theme

#: Characters of a document to either side of the passage at first, and added by "show more": what is laid
#: out within two or three frames.
STEP_CHARACTERS = 6_000

_LINE_HEIGHT_PERCENT = 130.0
_CELL_PADDING = 5.0
_CODE_INDENT = 8.0
#: What stands for a picture in the text of a block.
_PICTURE = "\ufffc"
#: There may be code, or a quotation.
_MARKED = re.compile(r"`|~~~|^(?:    |\t)|^ {0,3}>", re.MULTILINE)
_Feature = QTextDocument.MarkdownFeature
_Property = QTextFormat.Property


class FormattedText(PassageText):
    """Shows markup. Nothing that it names is fetched: pictures are the words that stand for them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._part: Part | None = None
        self.setAccessibleName(self.tr("Document with its headings, lists and tables"))
        self.highlighted.connect(lambda url: self.setToolTip(url.toString()))

    def show_part(self, part: Part | None) -> None:
        """Replace what is shown."""
        self._part = part
        self.forget_marks()
        if part is None:
            self.clear()
        elif part.is_markdown:
            self.document().setMarkdown(part.markup, _Feature.MarkdownDialectGitHub | _Feature.MarkdownNoHTML)
        else:
            self.document().setHtml(part.markup)
        self._dress()

    def show_marks(self, sought: Sought) -> bool:
        """Mark passage, words and sentences in what is shown; whether the passage is there."""
        if self._part is None:
            return False
        text = self.toPlainText()
        letters, places = bare_with_places(text)
        span = place_of(letters, bare(sought.passage_text), self._part.letters_before)
        if span is None:
            return False
        start, end = span
        found = (place_of(letters[start:end], bare(sentence)) for sentence in sought.sentences)
        sentences = [_whole(text, places, start + first, start + last) for first, last in filter(None, found)]
        self.mark(
            _whole(text, places, start, end),
            marks(text, sought.words),
            [line for sentence in sentences for line in _lines(text, *sentence)],
        )
        return True

    def redraw(self) -> None:
        """In the theme's colours."""
        place = self.verticalScrollBar().value()
        kept = self.marks
        self.show_part(self._part)
        self.mark(*kept)
        self.document().documentLayout().documentSize()
        self.verticalScrollBar().setValue(place)

    # -- looks --------------------------------------------------------------------------------------

    def _dress(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(_spaced(_LINE_HEIGHT_PERCENT, 0, 8))
        for block in self._blocks():
            if _PICTURE in block.text():
                self._write_instead(block)
            if look := self._look_of(block):
                cursor.setPosition(block.position())
                cursor.mergeBlockFormat(look)
        self._colour(cursor)
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                self._rule(frame)
        cursor.endEditBlock()

    def _colour(self, cursor: QTextCursor) -> None:
        """Code, and what is quoted; looking for them takes a while in a text that has none."""
        part, colours = self._part, self._theme.colours
        if part is None or (part.is_markdown and not _MARKED.search(part.markup)):
            return
        code, quoted = QTextCharFormat(), QTextCharFormat()
        code.setBackground(QColor(colours.raised))
        code.setFontFamilies([QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()])
        quoted.setForeground(QColor(colours.muted))
        for block in self._blocks():
            for fragment in list(_fragments(block)):
                _over(cursor, fragment)
                if fragment.charFormat().fontFixedPitch():
                    cursor.mergeCharFormat(code)
                elif block.blockFormat().hasProperty(_Property.BlockQuoteLevel):
                    cursor.mergeCharFormat(quoted)
        if part.codes:
            self._colour_codes(part, cursor)

    def _colour_codes(self, part: Part, cursor: QTextCursor) -> None:
        colours = self._theme.colours
        looks: dict[CodePart, QTextCharFormat] = {}
        for kind, colour in (
            (CodePart.KEYWORD, colours.accent),
            (CodePart.TEXT, colours.warning),
            (CodePart.NUMBER, colours.warning),
            (CodePart.REMARK, colours.muted),
        ):
            looks[kind] = QTextCharFormat()
            looks[kind].setForeground(QColor(colour))
        looks[CodePart.REMARK].setFontItalic(True)
        for is_code, run in groupby(self._blocks(), _is_code):
            blocks = list(run)
            spans = part.codes.get("\n".join(block.text() for block in blocks), ()) if is_code else ()
            for start, end, kind in spans:
                cursor.setPosition(blocks[0].position() + start)
                cursor.setPosition(blocks[0].position() + end, QTextCursor.MoveMode.KeepAnchor)
                cursor.mergeCharFormat(looks[kind])

    def _blocks(self) -> Iterator[QTextBlock]:
        block = self.document().begin()
        while block.isValid():
            yield block
            block = block.next()

    def _write_instead(self, block: QTextBlock) -> None:
        """Of pictures the words that stand for them; they are not looked for, neither here nor elsewhere."""
        look = QTextCharFormat()
        look.setFontItalic(True)
        look.setForeground(QColor(self._theme.colours.muted))
        pictures = [fragment for fragment in _fragments(block) if fragment.charFormat().isImageFormat()]
        for fragment in reversed(pictures):  # what is written moves those after it
            words = fragment.charFormat().property(_Property.ImageAltText)
            cursor = QTextCursor(self.document())
            _over(cursor, fragment)
            cursor.insertText(str(words or self.tr("picture")), look)

    def _look_of(self, block: QTextBlock) -> QTextBlockFormat | None:
        """Where it is another than that of a paragraph."""
        if _is_code(block):
            # The ground of a block is under its letters alone: taller lines would be stripes.
            above, below = 0 if _is_code(block.previous()) else 4, 0 if _is_code(block.next()) else 10
            look = _spaced(100.0, above, below)
            look.setProperty(_Property.BlockCodeFence, "`")  # it stays code when its lines are broken
            look.setTextIndent(_CODE_INDENT)
            look.setBackground(QColor(self._theme.colours.raised))
            look.setNonBreakableLines(False)
            return look
        if block.blockFormat().headingLevel():
            return _spaced(_LINE_HEIGHT_PERCENT, 14, 4)
        if block.textList() is not None:
            return _spaced(_LINE_HEIGHT_PERCENT, 0, 3)
        return _spaced(_LINE_HEIGHT_PERCENT, 0, 0) if QTextCursor(block).currentTable() is not None else None

    def _rule(self, table: QTextTable) -> None:
        colours = self._theme.colours
        look = table.format()
        look.setBorderCollapse(True)
        look.setBorder(1)
        look.setBorderBrush(QColor(colours.border))
        look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        look.setCellPadding(_CELL_PADDING)
        look.setCellSpacing(0)
        look.setTopMargin(4)
        look.setBottomMargin(12)
        table.setFormat(look)
        if table.rows() == 1:
            return
        head = QTextCharFormat()
        head.setFontWeight(600)
        head.setBackground(QColor(colours.raised))
        for column in range(table.columns()):
            cell = table.cellAt(0, column)
            ground = cell.format()
            ground.setBackground(QColor(colours.raised))
            cell.setFormat(ground)
            cursor = cell.firstCursorPosition()
            cursor.setPosition(cell.lastPosition(), QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(head)


class FormattedView(Growing):
    """Asks for the part around a passage, and for more of it."""

    text: FormattedText
    #: Characters before the passage, and after it.
    wanted = Signal(int, int)
    #: Where a link leads that was clicked.
    link_wanted = Signal(QUrl)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, FormattedText(theme))
        self._around = (STEP_CHARACTERS, STEP_CHARACTERS)
        self.more_above.clicked.connect(lambda: self._grow(STEP_CHARACTERS, 0))
        self.more_below.clicked.connect(lambda: self._grow(0, STEP_CHARACTERS))
        self.text.anchorClicked.connect(self.link_wanted)
        self.offer_more(above=False, below=False)

    def empty(self) -> None:
        """Show nothing, for another document's is on its way."""
        self.text.show_part(None)
        self.offer_more(above=False, below=False)

    def ask(self) -> None:
        """Want the part around a passage."""
        self._around = (STEP_CHARACTERS, STEP_CHARACTERS)
        self.wanted.emit(*self._around)

    def show_part(self, part: Part, sought: Sought) -> bool:
        """Show it with its passage in sight; where more was asked for, with what was read in its place. False
        where the passage is not there."""
        above = self._above_passage() if self._around != (STEP_CHARACTERS, STEP_CHARACTERS) else None
        self.text.show_part(part)
        if not self.mark(sought):
            return False
        self.offer_more(above=part.above, below=part.below)
        self.text.scroll_to_passage()
        if above is not None:
            place = self.text.top_of(self.text.marks[0][0]) - above
            self.text.verticalScrollBar().setValue(round(place))
        return True

    def mark(self, sought: Sought) -> bool:
        """Mark a passage, words and sentences in what is shown; whether the passage is there."""
        return self.text.show_marks(sought)

    def _grow(self, before: int, after: int) -> None:
        self._around = (self._around[0] + before, self._around[1] + after)
        self.wanted.emit(*self._around)

    def _above_passage(self) -> float:
        """Pixels from the view's top to the passage."""
        return self.text.top_of(self.text.marks[0][0]) - self.text.verticalScrollBar().value()


def _whole(text: str, places: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """From [start, end) of its letters and digits to [start, end) of the text, with the full stop."""
    first, last = places[start], places[end - 1] + 1
    while last < len(text) and not text[last].isspace():
        last += 1
    return first, last


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """[start, end) line by line: what goes over several cells of a table would mark them whole."""
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if start < stop:
            yield start, stop
        start = stop + 1


def _fragments(block: QTextBlock) -> Iterator[QTextFragment]:
    place = block.begin()
    while not place.atEnd():
        yield place.fragment()
        place += 1


def _over(cursor: QTextCursor, fragment: QTextFragment) -> None:
    cursor.setPosition(fragment.position())
    cursor.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)


def _spaced(percent: float, above: int, below: int) -> QTextBlockFormat:
    look = QTextBlockFormat()
    look.setLineHeight(percent, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    look.setTopMargin(above)
    look.setBottomMargin(below)
    return look


def _is_code(block: QTextBlock) -> bool:
    """Whether it is a line of code: in Markdown its letters alone may say so."""
    look, place = block.blockFormat(), block.begin()
    if look.hasProperty(_Property.BlockCodeFence) or look.nonBreakableLines():
        return True
    letters = QTextCharFormat() if place.atEnd() else place.fragment().charFormat()
    return letters.hasProperty(_Property.FontFamilies) and not letters.fontFixedPitch()
