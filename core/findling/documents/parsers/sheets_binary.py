"""Workbooks of Excel up to 2003 (XLS) through xlrd (BSD, pure Python: the worst it does is to raise; calamine
ends the process where damage makes it ask for terabytes); comments and text boxes after MS-XLS."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import flow
from findling.documents.model import Anchor, Block, BlockKind
from findling.documents.parsers.ole import MAGIC, Properties, has, opened, properties, stream
from findling.documents.parsers.sheet_rows import Calendar, Room, Row, Sheet, column_name, number_text
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LIMIT_BYTES = 256 * 1024 * 1024
# As xlrd numbers the kinds of cells.
_TEXT_CELL, _DATE_CELL, _BOOL_CELL = 1, 3, 4
_NO_VALUE = (0, 5, 6)  # empty, an error, blank


def sheets_of(path: Path) -> tuple[list[Sheet], Properties]:
    """The sheets of a workbook, hidden ones too, and what it says of itself.

    Raises `EncryptedFile` for a workbook behind a password.
    """
    data, about = _stream_of(path)
    beside = beside_of(data)
    sheets = list(_cells_of(data))
    for place, sheet in enumerate(sheets):
        sheet.beside = beside.get(place, [])
    return sheets, about


def _stream_of(path: Path) -> tuple[bytes, Properties]:
    """The records of a workbook: the whole file, or since Excel 5 a stream in a container."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            file.seek(0)
            return file.read(_LIMIT_BYTES), Properties()
    with opened(path) as container:
        name = "Workbook" if has(container, "Workbook") else "Book"
        return stream(container, name), properties(container)


def _cells_of(data: bytes) -> Iterator[Sheet]:
    """Every sheet with its rows. One that is damaged is left out, unless none is left."""
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=_without_drawings(data), logfile=io.StringIO(), on_demand=True, ragged_rows=True
        )
    except Exception as error:
        raise ParseError("damaged XLS file: its records cannot be followed") from error
    calendar = Calendar(["date"], is_1904=book.datemode == 1)
    room = Room()
    damage: Exception | None = None
    has_rows = False
    for place, name in enumerate(book.sheet_names()):
        sheet = Sheet(flow(name))
        try:
            if not room.is_full:
                sheet.rows.extend(_rows(book.sheet_by_index(place), calendar, room))
        except Exception as error:  # noqa: BLE001 - xlrd raises anything at all
            damage = error
        book.unload_sheet(place)
        has_rows = has_rows or bool(sheet.rows)
        yield sheet
    if damage and not has_rows:
        raise ParseError("damaged XLS file: none of its sheets can be read") from damage


def _rows(sheet: Any, calendar: Calendar, room: Room) -> Iterator[Row]:
    for number in range(sheet.nrows):
        values = zip(sheet.row_types(number), sheet.row_values(number), strict=True)
        found = [
            (column, _shown(kind, value, calendar), kind == _TEXT_CELL)
            for column, (kind, value) in enumerate(values)
            if kind not in _NO_VALUE
        ]
        if row := room.take(number + 1, found):
            yield row
        if room.is_full:
            return


def _shown(kind: int, value: Any, calendar: Calendar) -> str:
    if kind == _TEXT_CELL:
        return flow(value)
    if kind == _BOOL_CELL:
        return "TRUE" if value else "FALSE"
    return calendar.text(value, 0) if kind == _DATE_CELL else number_text(value)


def _without_drawings(data: bytes) -> bytes:
    """The records with those of drawn objects under a number that nobody knows: xlrd gives up at odd ones."""
    kept = bytearray(data)
    for offset, kind, _ in _records(data):
        if kind in (_NOTE, _OBJECT, _TEXT_OBJECT):
            kept[offset : offset + 2] = b"\xff\x7f"
    return bytes(kept)


_BOF, _FILE_PASS, _BOUND_SHEET, _NOTE, _CONTINUE, _OBJECT, _TEXT_OBJECT = (
    0x809, 0x2F, 0x85, 0x1C, 0x3C, 0x5D, 0x1B6,
)  # fmt: skip


def beside_of(data: bytes) -> dict[int, list[Block]]:
    """Comments and text boxes of a binary workbook by the place of their sheet.

    Raises `EncryptedFile` for a workbook behind a password.
    """
    reader = _Beside()
    try:
        for offset, kind, body in _records(data):
            reader.read(offset, kind, body)
    except struct.error:
        pass  # what stands before the damage
    found: dict[int, list[Block]] = {}
    for (place, identifier), pieces in reader.texts.items():
        if text := flow("".join(pieces)):
            cell = reader.cells.get((place, identifier))
            kind = BlockKind.PARAGRAPH if cell is None else BlockKind.NOTE
            found.setdefault(place, []).append(Block(kind, text, Anchor(cells=cell)))
    return found


def _records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Offset, kind and body of the records of a binary workbook."""
    offset = 0
    while offset + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, offset)
        yield offset, kind, data[offset + 4 : offset + 4 + size]
        offset += 4 + size


class _Beside:
    """Follows the records of a binary workbook, and keeps the texts of its drawn objects, in pieces, by place
    of the sheet and id of the object, and the cells of those that are comments."""

    def __init__(self) -> None:
        self.texts: dict[tuple[int, int], list[str]] = {}
        self.cells: dict[tuple[int, int], str] = {}
        self._places: dict[int, int] = {}
        self._place = -1
        self._object = 0
        self._missing = 0

    def read(self, offset: int, kind: int, body: bytes) -> None:
        """Take one record."""
        if kind == _FILE_PASS:
            raise EncryptedFile
        if kind == _BOF:
            self._place = self._places.get(offset, self._place)
        elif kind == _BOUND_SHEET:
            self._places[struct.unpack_from("<I", body)[0]] = len(self._places)
        elif kind == _OBJECT and len(body) > 8:
            (self._object,) = struct.unpack_from("<H", body, 6)
        elif kind == _TEXT_OBJECT:
            (self._missing,) = struct.unpack_from("<H", body, 10)
        elif kind == _CONTINUE and self._missing and body:
            self._text(body)
        elif kind == _NOTE and len(body) >= 8:
            row, column, _, identifier = struct.unpack_from("<4H", body)
            self.cells[self._place, identifier] = f"{column_name(column)}{row + 1}"

    def _text(self, body: bytes) -> None:
        piece = body[1:].decode("utf-16-le" if body[0] & 1 else "latin-1", "replace")[: self._missing]
        self._missing = self._missing - len(piece) if piece else 0
        self.texts.setdefault((self._place, self._object), []).append(piece)
