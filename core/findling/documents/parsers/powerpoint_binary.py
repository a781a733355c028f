"""PowerPoint 97 to 2003 (.ppt, .pps, .pot) by a small reader of our own over olefile, after the specification
MS-PPT: no permissive Python library reads the format.

A file is a tree of records, to which every save appends; directories at the end say where the newest record
of each slide is. A slide's title and its lists stand in the outline in the document's record, other text in
the slide's own, among its shapes. The text of masters and footers is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from findling.documents.cleaning import flow, made
from findling.documents.model import Anchor, Block, BlockKind
from findling.documents.parsers import ole
from findling.documents.parsers.converter import converted
from findling.documents.parsers.ole import uint
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.documents.model import Document

_MAIN_STREAM = "PowerPoint Document"
#: In a file for PowerPoint 95 and 97 at once, what 97 reads.
_DUAL_STORAGE = "PP97_DUALSTORAGE/PowerPoint Document"
_CURRENT_USER = "Current User"
_ENCRYPTED_TOKEN = 0xF3D1C4DF

#: Kinds of records.
_DOCUMENT, _SLIDE, _SLIDE_ATOM, _NOTES = 1000, 1006, 1007, 1008
_SLIDE_PLACE, _SLIDE_LIST = 1011, 4080
_OUTLINE_REFERENCE, _TEXT_HEADER, _TEXT, _TEXT_OF_BYTES = 3998, 3999, 4000, 4008
_STRING, _TAG_DATA, _COMMENT = 4026, 5003, 12000
_EDIT, _DIRECTORY = 4085, 6002
_HEADER = 8
#: The version of a record that holds others.
_HOLDS_OTHERS = 0xF

#: Kinds of slide lists; another is of masters.
_OF_SLIDES, _OF_NOTES = 0, 2
_COMMENT_TEXT = 1
_EDIT_SIZE_IF_ENCRYPTED = 32
_DEPTH_LIMIT = 60
#: Stands for the number of the slide, or the date.
_FILLED_IN = "*"

#: Kinds of text.
_TITLES, _NOTE, _OTHER = (0, 6), 2, 4
_BLOCKS = {
    0: BlockKind.HEADING,
    1: BlockKind.LIST_ITEM,
    2: BlockKind.NOTE,
    6: BlockKind.HEADING,
    7: BlockKind.LIST_ITEM,
    8: BlockKind.LIST_ITEM,
}


@dataclass(frozen=True, slots=True)
class _Record:
    """Its content is the bytes [start, end) of the stream."""

    kind: int
    instance: int
    holds_others: bool
    start: int
    end: int
    parent: int = 0  # its kind


@dataclass(slots=True)
class _Slide:
    """An entry in a list of slides, with what the outline has of it: (kind of text, text)."""

    place: int = 0  # its number in the directories
    identifier: int = 0
    outline: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def parse(path: Path) -> Document:
    """Read a presentation: slides in their order, each under its title, with its comments and notes."""
    with ole.opened(path) as container:
        dual = ole.has(container, _DUAL_STORAGE)
        if not dual and not ole.has(container, _MAIN_STREAM):
            return converted(path, "ppt", "an old PowerPoint format")
        data = ole.stream(container, _DUAL_STORAGE if dual else _MAIN_STREAM)
        user = ole.stream(container, _CURRENT_USER) if ole.has(container, _CURRENT_USER) else b""
        about = ole.properties(container)
        if ole.has(container, "EncryptedSummary") or uint(user, 12) == _ENCRYPTED_TOKEN:
            raise EncryptedFile
    if user and len(user) == uint(user, 0) + 4:  # since 97 it begins with the header of a record
        return converted(path, "ppt", "a presentation of PowerPoint 95")
    reader = _Reader(data, uint(user, 16))
    return made("ppt", about.title, reader.blocks(), about.author, about.written)


class _Reader:
    """Makes blocks of the records in `data`. The last save is described at `newest_edit`.

    Raises `ParseError` where there is no record of a document.
    """

    def __init__(self, data: bytes, newest_edit: int) -> None:
        self._data = data
        self._places: dict[int, int] = {}
        number = self._read_directories(newest_edit)
        document = self._at(number, _DOCUMENT)
        if document is None:
            documents = [record for record in self._top() if record.kind == _DOCUMENT]
            if not documents:
                raise ParseError("damaged PowerPoint file: its document is missing")
            document = documents[-1]
        listed = self._listed(document, _OF_SLIDES)
        self._notes = {slide.identifier: slide for slide in self._listed(document, _OF_NOTES)}
        self._slides = [(slide, self._at(slide.place, _SLIDE)) for slide in listed]
        if not any(record for _, record in self._slides):  # the directory is damaged
            records = (record for record in self._top() if record.kind == _SLIDE)
            self._slides = [(slide or _Slide(), record) for slide, record in zip_longest(listed, records)]

    def blocks(self) -> Iterator[Block]:
        """Slide after slide: its title, its texts, its comments, its notes."""
        for number, (slide, record) in enumerate(self._slides, 1):
            texts = list(self._texts(slide, record))
            titles = (flow(text) for kind, text in texts if kind in _TITLES)
            title = next(filter(None, titles), "")
            anchor = Anchor(slide=number, headings=(title,) if title else ())
            if title:
                yield Block(BlockKind.HEADING, title, anchor)
            notes = self._notes.get(self._number_of_notes(record))
            noted = self._texts(notes, self._at(notes.place, _NOTES)) if notes else ()
            for kind, text in chain(texts, ((_NOTE, text) for _, text in noted)):
                # A title's lines are lines of one paragraph, as they are with a soft break.
                lines = [text] if kind in _TITLES else text.split("\r")
                for line in map(flow, lines):
                    if line not in ("", _FILLED_IN) and not (kind in _TITLES and line == title):
                        yield Block(_BLOCKS.get(kind, BlockKind.PARAGRAPH), line, anchor)

    def _texts(self, slide: _Slide, record: _Record | None) -> Iterator[tuple[int, str]]:
        """The kind and the text of what a slide's outline has and its shapes do not show, then of its shapes
        in their order, and of its comments."""
        shown: list[tuple[int, str]] = []
        left = dict(enumerate(slide.outline))
        kind = _OTHER
        for each in self._leaves(record) if record else ():
            if each.kind == _OUTLINE_REFERENCE:
                index = uint(self._data, each.start)
                if index in left:
                    shown.append(left.pop(index))
            elif each.kind == _TEXT_HEADER:
                kind = uint(self._data, each.start)
            elif each.kind in (_TEXT, _TEXT_OF_BYTES):
                shown.append((kind, self._text(each)))
            elif (each.kind, each.instance, each.parent) == (_STRING, _COMMENT_TEXT, _COMMENT):
                shown.append((_NOTE, self._text(each)))
        yield from left.values()
        yield from shown

    def _number_of_notes(self, record: _Record | None) -> int:
        for each in self._records(record.start, record.end) if record else ():
            if each.kind == _SLIDE_ATOM:
                return uint(self._data, each.start + 16)
        return 0

    def _listed(self, document: _Record, instance: int) -> list[_Slide]:
        """The entries of a document's lists of slides, with their texts in the outline."""
        slides: list[_Slide] = []
        kind = _OTHER
        for record in self._records(document.start, document.end):
            if record.kind != _SLIDE_LIST or record.instance != instance:
                continue
            for each in self._records(record.start, record.end):
                if each.kind == _SLIDE_PLACE:
                    slides.append(_Slide(uint(self._data, each.start), uint(self._data, each.start + 12)))
                elif each.kind == _TEXT_HEADER and slides:
                    kind = uint(self._data, each.start)
                    slides[-1].outline.append((kind, ""))
                elif each.kind in (_TEXT, _TEXT_OF_BYTES) and slides and slides[-1].outline:
                    slides[-1].outline[-1] = (kind, self._text(each))
        return slides

    def _text(self, record: _Record) -> str:
        data = self._data[record.start : record.end]
        text = data.decode("latin-1" if record.kind == _TEXT_OF_BYTES else "utf-16-le", "replace")
        return text.replace("\v", " ")  # a soft break

    def _read_directories(self, newest_edit: int) -> int:
        """Learn where the records of slides are, from the newest save to the oldest; return the number of the
        document's record."""
        document, offset, seen = 0, newest_edit, set[int]()
        while offset and offset not in seen:
            seen.add(offset)
            edit = self._record(offset, len(self._data))
            if edit is None or edit.kind != _EDIT:
                break
            if edit.end - edit.start >= _EDIT_SIZE_IF_ENCRYPTED:
                raise EncryptedFile
            directory = self._record(uint(self._data, edit.start + 12), len(self._data))
            document = document or uint(self._data, edit.start + 16)
            if directory is not None and directory.kind == _DIRECTORY:
                self._read_directory(directory)
            offset = uint(self._data, edit.start + 8)
        return document

    def _read_directory(self, directory: _Record) -> None:
        offset = directory.start
        while offset < directory.end:
            run = uint(self._data, offset)
            first, count = run & 0xFFFFF, run >> 20
            offset += 4
            for number in range(first, first + min(count, (directory.end - offset) // 4)):
                self._places.setdefault(number, uint(self._data, offset))
                offset += 4

    def _at(self, place: int, kind: int) -> _Record | None:
        """The newest record of that number, if it is of that kind."""
        offset = self._places.get(place)
        record = None if offset is None else self._record(offset, len(self._data))
        return record if record is not None and record.kind == kind else None

    def _top(self) -> Iterator[_Record]:
        return self._records(0, len(self._data))

    def _leaves(self, record: _Record) -> Iterator[_Record]:
        """The records at any depth that hold no others, in their order."""
        levels = [self._records(record.start, record.end, record.kind)]
        while levels:
            for each in levels[-1]:
                if not each.holds_others:
                    yield each
                elif len(levels) < _DEPTH_LIMIT:
                    levels.append(self._records(each.start, each.end, each.kind))
                    break
            else:
                levels.pop()

    def _records(self, start: int, end: int, parent: int = 0) -> Iterator[_Record]:
        while (record := self._record(start, end, parent)) is not None:
            yield record
            start = record.end

    def _record(self, offset: int, end: int, parent: int = 0) -> _Record | None:
        """The record whose header begins there, no longer than up to `end`."""
        if offset + _HEADER > end:
            return None
        version = uint(self._data, offset, 2)
        kind = uint(self._data, offset + 2, 2)
        start = offset + _HEADER
        holds_others = version & 0xF == _HOLDS_OTHERS or kind == _TAG_DATA
        last = min(start + uint(self._data, offset + 4), end)
        return _Record(kind, version >> 4, holds_others, start, last, parent)
