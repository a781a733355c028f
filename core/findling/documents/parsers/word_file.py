"""What a Word file of 1991 to 2003 is made of, after the specification MS-DOC: its characters in order, and
what the tables beside them say of each paragraph. `word_binary` makes a document of it.

The characters stand in pieces anywhere in the main stream. Other tables say what they look like by their
place in that stream, not by their number.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from dataclasses import dataclass
from itertools import compress, pairwise
from typing import TYPE_CHECKING

from findling.documents.parsers.code_pages import codec_of_language, text_of_units
from findling.documents.parsers.ole import uint
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a version's header (FIB) says where things are, in bytes; 0 for what is not looked for."""

    counts: int  # of the characters of each story
    pieces: int = 0  # of this and those below stand the offset and the size
    styles: int = 0
    runs: int = 0
    paragraphs: int = 0
    notes: tuple[tuple[int, int, int, int], ...] = ()  # (story, marks, bytes that follow a mark, texts)
    page_size: int = 4  # bytes of a page's number in the tables of runs and paragraphs
    entry_size: int = 13  # bytes of an entry in a page of paragraphs


#: The stories of a file, in their order: those that are read.
MAIN, FOOTNOTES, COMMENTS, ENDNOTES, BOXES = 0, 1, 4, 5, 6
_STORIES = 8

_OF_97 = _Layout(
    counts=0x4C,
    pieces=0x1A2,
    styles=0xA2,
    runs=0xFA,
    paragraphs=0x102,
    notes=((FOOTNOTES, 0xAA, 2, 0xB2), (COMMENTS, 0xBA, 30, 0xC2), (ENDNOTES, 0x20A, 2, 0x212)),
)
_OF_95 = _Layout(counts=0x34, pieces=0x160, styles=0x60, paragraphs=0xC0, page_size=2, entry_size=7)
_OF_2 = _Layout(counts=0x34)
_FIRST_OF_95, _FIRST_OF_97 = 101, 106
_LANGUAGE, _FLAGS, _CHARACTER_SET, _TEXT_BEGINS, _TEXT_ENDS = 6, 10, 0x14, 0x18, 0x1C
_COMPLEX, _ENCRYPTED, _SECOND_TABLE = 0x0004, 0x0100, 0x0200

_PAGE = 512
#: Bytes of a property's value, by the three uppermost bits of its number; 0 where the value says it.
_VALUE_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)
_DELETED, _HIDDEN, _SYMBOL = 0x0800, 0x083C, 0x6A09
_IN_TABLE, _ROW_END, _LIST, _TABLE_DEFINITION = 0x2416, 0x2417, 0x460B, 0xD608
_NO_LIST = 0x7FF
_IN_TABLE_OF_95, _ROW_END_OF_95 = b"\x18\x01", b"\x19\x01"

#: Word's numbers of the styles that come with it; others are of the person's own making.
TITLE, CAPTION = 62, 34
HEADINGS, LISTS = range(1, 10), range(47, 62)
_OWN_STYLE, _NO_STYLE = 0xFFE, 0xFFF
_STYLE_DEPTH = 11

_FIELD_MARK = re.compile("[\x13\x14\x15]")
#: Text with its pronunciation above it, which is a field without a result.
_RUBY = re.compile(r"\x13\s*eq\s.*\\s\\up\s*\d+\([^()]*\)[,;]([^()]*)\)", re.IGNORECASE | re.DOTALL)
_RUBY_LIMIT = 500
_REPLACED = str.maketrans({"\x0b": " ", "\x0e": " ", "\x1e": "-", "\x1f": None})
#: What stands in no text; where it is more than this share, the file points to something else.
_NOT_TEXT = re.compile("[\x00\n\x0f-\x12\x16-\x1d]")
_NOT_TEXT_SHARE = 0.1

_NEUTRAL, _ENGLISH, _MAC = 0x00, 0x09, 0x100


@dataclass(frozen=True, slots=True)
class Look:
    """What a paragraph is. `style` is Word's number of its style."""

    style: int = 0
    in_table: bool = False
    row_end: bool = False
    listed: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters [first, last) stand at `offset` of the main stream, each `width` bytes wide."""

    first: int
    last: int
    offset: int
    width: int


def name_of_tables(data: bytes) -> str:
    """The stream that holds the tables of a file with this main stream, or "" where the main one does.

    Raises `EncryptedFile`.
    """
    flags = uint(data, _FLAGS, 2)
    if flags & _ENCRYPTED:
        raise EncryptedFile
    if uint(data, 2, 2) < _FIRST_OF_97:
        return ""
    return "1Table" if flags & _SECOND_TABLE else "0Table"


class WordFile:
    """The characters of a file. `tables` is empty for files before Word 97; `codec` is that of the computer
    on which such a file was written, as far as it is known.

    Raises `ParseError` where the file does not say where its characters are.
    """

    def __init__(self, data: bytes, tables: bytes = b"", codec: str = "cp1252") -> None:
        self._data = data
        self._tables = tables or data
        version = uint(data, 2, 2)
        self._modern = version >= _FIRST_OF_97
        old = _OF_95 if version >= _FIRST_OF_95 else _OF_2
        self._layout = _OF_97 if self._modern else old
        self._ends = [0]
        for index in range(_STORIES):
            self._ends.append(self._ends[-1] + uint(data, self._layout.counts + 4 * index))
        self._pieces = self._piece_table() if self._modern else self._old_pieces()
        self._piece_starts = [piece.first for piece in self._pieces]
        is_unicode = self._modern or self._pieces[0].width == 2
        self._codec = "" if is_unicode else _codec_of_old(data, codec)
        self.characters = "".join(map(self._characters_of, self._pieces))
        if len(_NOT_TEXT.findall(self.characters)) > _NOT_TEXT_SHARE * len(self.characters):
            raise _no_pieces()
        self._shown = bytearray(b"\1") * len(self.characters)
        for first, last in _united([*self._codes_of_fields(), *self._hidden_runs()]):
            self._shown[first:last] = bytes(last - first)
        self._paragraphs = sorted(self._entries(self._layout.paragraphs, self._layout.entry_size))
        self._paragraph_starts = [start for start, _, _ in self._paragraphs]
        self._styles = self._style_numbers()

    def story(self, number: int) -> tuple[int, int]:
        """Where a story begins and ends in `characters`."""
        first, last = self._ends[number : number + 2]
        return first, min(last, len(self.characters))

    def text(self, first: int, last: int) -> str:
        """What is seen of the characters [first, last), on one line."""
        found = self.characters[first:last]
        if self._shown.find(0, first, last) >= 0:
            found = "".join(compress(found, self._shown[first:last]))
        found = found.translate(_REPLACED)
        if self._codec:
            found = found.encode("latin-1").decode(self._codec, "replace")
        return text_of_units(found)

    def look(self, place: int) -> Look:
        """Of the paragraph whose mark is the character at `place`."""
        piece = self._pieces[max(bisect_right(self._piece_starts, place) - 1, 0)]
        offset = piece.offset + (place - piece.first) * piece.width
        index = bisect_right(self._paragraph_starts, offset) - 1
        if index < 0 or self._paragraphs[index][1] <= offset:
            return Look()
        found = self._paragraphs[index][2]
        style = uint(found, 0, 2)
        style = self._styles[style] if style < len(self._styles) else 0
        if not self._modern:
            return Look(style, _IN_TABLE_OF_95 in found[2:], _ROW_END_OF_95 in found[2:])
        values = dict(_properties(found[2:]))
        listed = 0 < values.get(_LIST, 0) < _NO_LIST
        return Look(style, bool(values.get(_IN_TABLE)), bool(values.get(_ROW_END)), listed)

    def notes(self) -> Iterator[tuple[int, int, int]]:
        """Of every note: the character that refers to it, and where its text begins and ends. No text is in
        two notes, whatever the file says."""
        for story, marks, size, texts in self._layout.notes:
            begin, end = self.story(story)
            done = begin
            places, borders = self._table(marks), self._table(texts)
            count = max(len(places) - 4, 0) // (4 + size)
            for index in range(min(count, len(borders) // 4 - 1)):
                first = max(done, begin + uint(borders, 4 * index))
                done = max(done, min(begin + uint(borders, 4 * index + 4), end))
                yield uint(places, 4 * index), first, done

    def _table(self, place: int) -> bytes:
        if not place:
            return b""
        offset, size = uint(self._data, place), uint(self._data, place + 4)
        return self._tables[offset : offset + size]

    def _old_pieces(self) -> list[_Piece]:
        """Before Word 97 all characters stand together, unless pieces were added to be quick at saving."""
        if uint(self._data, _FLAGS, 2) & _COMPLEX:
            return self._piece_table()
        first, last = uint(self._data, _TEXT_BEGINS), uint(self._data, _TEXT_ENDS)
        length = min(last, len(self._data)) - first
        if length < 0:
            raise _no_pieces()
        # East Asian text may be Unicode: as many bytes as that takes, and a mark where the main story ends.
        mark = uint(self._data, first + 2 * self._ends[1] - 2, 2)
        width = 2 if 0 < 2 * self._ends[-1] <= length and mark == ord("\r") else 1
        return [_Piece(0, length // width, first, width)]

    def _piece_table(self) -> list[_Piece]:
        table = self._table(self._layout.pieces)
        offset = 0
        while table[offset : offset + 1] == b"\1":  # changes that pieces refer to
            offset += 3 + uint(table, offset + 1, 2)
        if table[offset : offset + 1] != b"\2":
            raise _no_pieces()
        table = table[offset + 5 : offset + 5 + uint(table, offset + 1)]
        count = (len(table) - 4) // 12
        borders = [uint(table, 4 * index) for index in range(count + 1)]
        if count < 1 or borders != sorted(borders) or borders[-1] > len(self._data):
            raise _no_pieces()
        pieces: list[_Piece] = []
        for index, (first, last) in enumerate(pairwise(borders)):
            offset = uint(table, 4 * (count + 1) + 8 * index + 2)
            width = 1
            if self._modern:
                width = 1 if offset & 0x40000000 else 2
                offset = (offset & 0x3FFFFFFF) // (3 - width)
            pieces.append(_Piece(first, last, offset, width))
        return pieces

    def _characters_of(self, piece: _Piece) -> str:
        """As many as the piece counts, whatever is missing."""
        length = piece.last - piece.first
        data = self._data[piece.offset : piece.offset + length * piece.width]
        if piece.width == 1:
            found = data.decode("latin-1" if self._codec else "cp1252", "replace")
        else:
            found = "".join(map(chr, struct.unpack_from(f"<{len(data) // 2}H", data)))
        return found.ljust(length, "\r")

    def _entries(self, place: int, entry_size: int) -> Iterator[tuple[int, int, bytes]]:
        """What the pages of a table say of the bytes [start, end) of the main stream."""
        table = self._table(place)
        size = self._layout.page_size
        count = max(len(table) - 4, 0) // (4 + size)
        numbers = (uint(table, 4 * (count + 1) + size * index, size) & 0x3FFFFF for index in range(count))
        for number in dict.fromkeys(numbers):
            page = self._data[number * _PAGE : (number + 1) * _PAGE]
            if len(page) == _PAGE:
                yield from self._entries_of_page(page, entry_size)

    def _entries_of_page(self, page: bytes, entry_size: int) -> Iterator[tuple[int, int, bytes]]:
        count = page[-1]
        for index in range(count):
            offset = 2 * uint(page, 4 * (count + 1) + entry_size * index, 1)
            if not offset:
                continue
            size = page[offset]
            if entry_size > 1:  # of paragraphs: in words, the first of them half, or after a zero all whole
                size = 2 * size
                if self._modern and size:
                    size -= 1
                elif self._modern:
                    offset += 1
                    size = 2 * page[offset]
            start, end = uint(page, 4 * index), uint(page, 4 * index + 4)
            yield start, end, page[offset + 1 : offset + 1 + size]

    def _style_numbers(self) -> list[int]:
        """Word's number of each style; of a style of the person's own, that of the heading it is based on."""
        table = self._table(self._layout.styles)
        offset = 2 + uint(table, 0, 2)
        numbers: list[int] = []
        bases: list[int] = []
        for _ in range(uint(table, 2, 2)):
            size = uint(table, offset, 2)
            numbers.append(uint(table, offset + 2, 2) & 0xFFF if size else 0)
            bases.append(uint(table, offset + 4, 2) >> 4 if size else _NO_STYLE)
            offset += 2 + size + size % 2
        found = list(numbers)
        for style in range(len(numbers)):
            base = style
            for _ in range(_STYLE_DEPTH):
                if numbers[base] != _OWN_STYLE or bases[base] >= len(numbers):
                    break
                base = bases[base]
            if numbers[base] in HEADINGS:
                found[style] = numbers[base]
        return found

    def _codes_of_fields(self) -> Iterator[tuple[int, int]]:
        """Where the code of every field that ends stands: before the result, if there is one."""
        fields: list[list[int]] = []
        for match in _FIELD_MARK.finditer(self.characters):
            place = match.start()
            if match[0] == "\x13":
                fields.append([place])
            elif match[0] == "\x14" and fields:
                fields[-1].append(place)
            elif match[0] == "\x15" and fields:
                first, last = [*fields.pop(), place][:2]
                ruby = _RUBY.match(self.characters, first, min(last, first + _RUBY_LIMIT))
                if ruby is None:
                    yield first, last
                else:
                    yield first, ruby.start(1)
                    yield ruby.end(1), last

    def _hidden_runs(self) -> Iterator[tuple[int, int]]:
        """Where there are characters that are deleted or not to be seen, or stand for those of a font."""
        hidden = _united(
            (start, end)
            for start, end, found in self._entries(self._layout.runs, 1)
            if any(
                number == _SYMBOL or (number in (_DELETED, _HIDDEN) and value & 1)
                for number, value in _properties(found)
            )
        )
        starts = [start for start, _ in hidden]
        for piece in self._pieces:
            end_of_piece = piece.offset + (piece.last - piece.first) * piece.width
            index = max(bisect_right(starts, piece.offset) - 1, 0)
            while index < len(hidden) and hidden[index][0] < end_of_piece:
                start, end = hidden[index]
                first = piece.first + max(start - piece.offset, 0) // piece.width
                yield first, piece.first + (min(end, end_of_piece) - piece.offset) // piece.width
                index += 1


def _united(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same places [first, last), in order and each once: files may repeat them without end."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        elif first < last:
            found.append((first, last))
    return found


def _no_pieces() -> ParseError:
    return ParseError("damaged Word file: it does not say where its text stands")


def _properties(data: bytes) -> Iterator[tuple[int, int]]:
    """The number and the value of each property (MS-DOC: of each Prl)."""
    offset = 0
    while offset + 2 < len(data):
        number = uint(data, offset, 2)
        offset += 2
        size = _VALUE_SIZES[number >> 13]
        if number == _TABLE_DEFINITION:
            size = 1 + uint(data, offset, 2)
        elif not size:
            size = 1 + data[offset]
        yield number, uint(data, offset, min(size, 4))
        offset += size


def _codec_of_old(data: bytes, codec: str) -> str:
    """Of a file before Unicode: by its language, and where that is English by the computer's own."""
    if uint(data, _CHARACTER_SET, 2) == _MAC:
        return "mac_roman"
    language = uint(data, _LANGUAGE, 2)
    return codec if language & 0x3FF in (_NEUTRAL, _ENGLISH) else codec_of_language(language)
