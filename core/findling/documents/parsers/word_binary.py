"""Word 2 to 2003 (.doc, .dot) by a small reader of our own over olefile: no permissive Python library reads
the format. `word_file` finds the characters, here they become blocks.

Left out are headers and footers, hidden and deleted text, and the codes of fields, whose results are kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from findling.documents.cleaning import made
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers import ole, plain, word_file
from findling.documents.parsers.converter import converted
from findling.errors import ParseError, UnsupportedFormat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.documents.model import Document

#: Of Word 1, 2 and 6 without a container.
_BARE_MAGIC = (b"\x9b\xa5", b"\xdb\xa5", b"\xdc\xa5")
_MAIN_STREAM = "WordDocument"
_END = re.compile("[\r\x07\x0c]")
_CELL_END = "\x07"
_NOTES = (word_file.FOOTNOTES, word_file.COMMENTS, word_file.ENDNOTES)


def parse(path: Path) -> Document:
    """Read a Word document. The title is that of its properties, else of its first heading."""
    with path.open("rb") as file:
        is_container = file.read(len(ole.MAGIC)) == ole.MAGIC
    if not is_container:
        return _without_container(path)
    with ole.opened(path) as container:
        if not ole.has(container, _MAIN_STREAM):
            return converted(path, "doc", "a Works document", quick=False)
        data = ole.stream(container, _MAIN_STREAM)
        name = word_file.name_of_tables(data)
        tables = ole.stream(container, name) if name else b""
        about = ole.properties(container)
    word = word_file.WordFile(data, tables, about.codec)
    return made("doc", about.title, _Reader(word).blocks(), about.author, about.written)


def _without_container(path: Path) -> Document:
    """Of old formats, and of text that is called .doc."""
    data = path.read_bytes()
    if data.startswith(_BARE_MAGIC):
        if word_file.name_of_tables(data):
            raise ParseError("damaged Word file: its container is missing")
        try:
            return made("doc", "", _Reader(word_file.WordFile(data)).blocks())
        except ParseError:
            return converted(path, "doc", "an old Word format")
    if plain.has_byte_order_mark(data) or b"\0" not in data:
        return plain.parse(path)
    raise UnsupportedFormat("not read: an old word processor's format: open it there and save it as DOCX")


class _Reader:
    """Makes blocks of a file's characters; a note comes behind the paragraph that refers to it."""

    def __init__(self, word: word_file.WordFile) -> None:
        self._word = word
        self._notes = sorted(word.notes(), reverse=True)
        self._outline = Outline()
        self._row: list[str] = []
        self._cell: list[str] = []
        self._at_cell_end = False

    def blocks(self) -> Iterator[Block]:
        """The text and its notes, then what has no known place in it: other notes, and text boxes."""
        begins = [begin for _, begin, _ in self._notes]
        for first, last in self._paragraphs(word_file.MAIN):
            yield from self._taken(first, last)
            if not self._row:
                yield from self._notes_up_to(last)
        yield from self._row_ended()
        yield from self._notes_up_to(len(self._word.characters))
        self._outline = Outline()
        for story in _NOTES:
            first, last = self._word.story(story)
            if not any(first <= begin < last for begin in begins):
                for paragraph in self._paragraphs(story):
                    yield from self._block(BlockKind.NOTE, self._word.text(*paragraph))
        for first, last in self._paragraphs(word_file.BOXES):
            yield from self._taken(first, last)
        yield from self._row_ended()

    def _paragraphs(self, story: int) -> Iterator[tuple[int, int]]:
        """Where each begins, and where its mark stands."""
        first, last = self._word.story(story)
        for match in _END.finditer(self._word.characters, first, last):
            yield first, match.start()
            first = match.end()
        if first < last:
            yield first, last

    def _taken(self, first: int, last: int) -> Iterator[Block]:
        text = self._word.text(first, last)
        look = self._word.look(last)
        if self._word.characters[last : last + 1] == _CELL_END:
            # Where a file does not say that a row ends here, two marks on end do.
            if look.row_end or (self._at_cell_end and not text and not look.in_table):
                yield from self._row_ended()
                return
            self._row.append(" ".join(filter(None, (*self._cell, text))))
            self._cell = []
            self._at_cell_end = True
        elif look.in_table:
            self._cell.append(text)
            self._at_cell_end = False
        else:
            yield from self._row_ended()
            yield from self._paragraph(look, text)

    def _row_ended(self) -> Iterator[Block]:
        cells = tuple(self._row + self._cell)
        self._row, self._cell, self._at_cell_end = [], [], False
        yield from self._block(BlockKind.TABLE_ROW, row_text(cells), cells)

    def _paragraph(self, look: word_file.Look, text: str) -> Iterator[Block]:
        kind = BlockKind.PARAGRAPH
        if text and (look.style in word_file.HEADINGS or look.style == word_file.TITLE):
            kind = BlockKind.HEADING
            self._outline.enter(1 if look.style == word_file.TITLE else look.style, text)
        elif look.style == word_file.CAPTION:
            kind = BlockKind.CAPTION
        elif look.listed or look.style in word_file.LISTS:
            kind = BlockKind.LIST_ITEM
        yield from self._block(kind, text)

    def _notes_up_to(self, place: int) -> Iterator[Block]:
        while self._notes and self._notes[-1][0] <= place:
            _, first, last = self._notes.pop()
            yield from self._block(BlockKind.NOTE, self._word.text(first, last))

    def _block(self, kind: BlockKind, text: str, cells: tuple[str, ...] = ()) -> Iterator[Block]:
        if text:
            yield Block(kind, text, Anchor(headings=self._outline.path), cells)
