"""Workbooks of Excel since 2007, after ECMA-376 (XLSX) and MS-XLSB. Both are ZIPs of parts and read here as
streams, XML with lxml (BSD): libraries hold a whole sheet, empty cells too, and stop at the first oddity."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import flow
from findling.documents.model import Anchor, Block, BlockKind
from findling.documents.parsers.sheet_rows import (
    CHARACTERS_LIMIT,
    COLUMNS_LIMIT,
    Calendar,
    Room,
    Row,
    Sheet,
    calendar_of,
    column_name,
    column_of,
)
from findling.documents.parsers.xml import name_of
from findling.documents.parsers.zipped_xml import (
    OfficePackage,
    drawn_texts,
    graphic_texts,
    reference_of,
)
from findling.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator


def sheets_of(package: OfficePackage) -> list[Sheet]:
    """The sheets of a workbook, hidden ones too."""
    workbook = _BinaryWorkbook if package.main.endswith(".bin") else _XmlWorkbook
    return list(workbook(package).sheets())


class _Workbook:
    """A workbook's sheets, and what their cells refer to."""

    def __init__(self, package: OfficePackage) -> None:
        self.package = package
        self.room = Room()
        self.related = package.related(package.main)

    def sheets(self) -> Iterator[Sheet]:
        """Every sheet, hidden ones too, as far as there is room."""
        for name, identifier in self.entries():
            part = self.related.part(identifier)
            sheet = Sheet(flow(name))
            for row in self.rows(part):
                sheet.rows.append(row)
                if self.room.is_full:
                    break
            sheet.beside = self._beside(part)
            yield sheet
            if self.room.is_full:
                return

    def entries(self) -> Iterator[tuple[str, str]]:
        """The names of the sheets, and the ids of their parts."""
        raise NotImplementedError

    def rows(self, part: str) -> Iterator[Row]:
        """The rows of a sheet that are not empty."""
        raise NotImplementedError

    def _beside(self, part: str) -> list[Block]:
        """Comments, and the text of shapes, diagrams and charts."""
        blocks: list[Block] = []
        related = self.package.related(part)
        for target in related.of_kind("threadedComment") or related.of_kind("comments"):
            root = self.package.root(target)
            elements = root.iter("{*}threadedComment", "{*}comment") if root is not None else ()
            texts = ((_rich(each) or flow(each.findtext("{*}text") or ""), each) for each in elements)
            blocks += [
                Block(BlockKind.NOTE, text, Anchor(cells=each.get("ref"))) for text, each in texts if text
            ]
        for target in related.of_kind("drawing"):
            blocks.extend(self._drawing(target))
        return blocks

    def _drawing(self, part: str) -> Iterator[Block]:
        root = self.package.root(part)
        for shape in root.iterchildren("*") if root is not None else ():
            start = shape.find("{*}from")
            cell = None if start is None else _cell_of_anchor(start)
            for text in drawn_texts(shape):
                yield Block(BlockKind.PARAGRAPH, text, Anchor(cells=cell))
        for target in self.package.related(part).of_kind("chart", "diagramData"):
            graphic = self.package.root(target)
            for kind, text in graphic_texts(graphic) if graphic is not None else ():
                yield Block(kind, text)


def _cell_of_anchor(start: Any) -> str | None:
    column, row = (flow(start.findtext(f"{{*}}{name}") or "") for name in ("col", "row"))
    if column.isdecimal() and row.isdecimal():
        return f"{column_name(int(column))}{int(row) + 1}"
    return None


def _stored(cell: Any) -> str:
    """The value of a cell as it is stored: after its formula, and mostly alone."""
    if len(cell) and cell[-1].tag.endswith("}v"):
        return cell[-1].text or ""
    return next((child.text or "" for child in cell if name_of(child) == "v"), "")


def _rich(element: Any) -> str:
    """The text of a string with runs, without its pronunciation."""
    if len(element) == 1 and len(element[0]) == 0:
        return flow(element[0].text or "")
    runs = (run for run in element.iter("{*}t") if name_of(run.getparent()) != "rPh")
    return flow("".join(run.text or "" for run in runs))


class _XmlWorkbook(_Workbook):
    """An XLSX."""

    def __init__(self, package: OfficePackage) -> None:
        super().__init__(package)
        self._root = package.root(package.main)
        if self._root is None:
            raise ParseError("damaged XLSX file: its workbook is missing")
        settings = self._root.find("{*}workbookPr")
        is_1904 = settings is not None and settings.get("date1904") in ("1", "true")
        self.calendar = Calendar(self._calendar_styles(), is_1904=is_1904)
        self._strings = self._shared_strings()

    def entries(self) -> Iterator[tuple[str, str]]:
        """The names of the sheets, and the ids of their parts."""
        for element in self._root.iterfind("{*}sheets/{*}sheet"):
            yield element.get("name", ""), reference_of(element)

    def _shared_strings(self) -> list[str]:
        strings: list[str] = []
        room = CHARACTERS_LIMIT
        part = self.related.first("sharedStrings")
        for element in self.package.stream(part, "{*}si"):
            strings.append(_rich(element))
            room -= len(strings[-1])
            if room < 0:
                break
        return strings

    def _calendar_styles(self) -> list[str]:
        """For every style of a cell: "date", "elapsed" or ""."""
        root = self.package.root(self.related.first("styles"))
        if root is None:
            return []
        own = {
            element.get("numFmtId"): element.get("formatCode", "")
            for element in root.iterfind("{*}numFmts/{*}numFmt")
        }
        return [
            calendar_of(element.get("numFmtId", ""), own.get(element.get("numFmtId")))
            for element in root.iterfind("{*}cellXfs/{*}xf")
        ]

    def rows(self, part: str) -> Iterator[Row]:
        """The rows of a sheet that are not empty."""
        number = 0
        for element in self.package.stream(part, "{*}row"):
            stated = element.get("r", "")
            number = int(stated) if stated.isdecimal() else number + 1
            if row := self.room.take(number, self._cells(element)):
                yield row

    def _cells(self, row: Any) -> list[tuple[int, str, bool]]:
        found: list[tuple[int, str, bool]] = []
        column = -1
        for cell in row:
            column = max(column + 1, column_of(cell.get("r", "").rstrip("0123456789")))
            if column >= COLUMNS_LIMIT:
                break
            found.append((column, *self._value(cell)))
        return found

    def _value(self, cell: Any) -> tuple[str, bool]:
        """A cell's text, and whether it was typed as text."""
        kind = cell.get("t", "n")
        text = _stored(cell)
        if kind == "n":
            return self._number(text, cell.get("s", "0"))
        if kind == "s":
            place = int(text) if text.isdecimal() else -1
            return (self._strings[place] if 0 <= place < len(self._strings) else ""), True
        if kind == "inlineStr":
            return _rich(cell), True
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(text.strip(), text.strip().upper()), False
        if kind == "d":
            return text.strip().replace("T", " "), False
        return ("", False) if kind == "e" else (flow(text), True)

    def _number(self, text: str, style: str) -> tuple[str, bool]:
        try:
            return self.calendar.text(float(text), int(style)), False
        except ValueError:
            return flow(text), True


#: Numbers of records.
_ROW, _RK, _BOOL, _REAL, _STRING, _SHARED = 0, 2, 4, 5, 6, 7
_FORMULA_STRING, _FORMULA_NUMBER, _FORMULA_BOOL = 8, 9, 10
_ITEM, _FORMAT, _STYLE, _RICH, _SETTINGS, _SHEET, _STYLES, _STYLES_END = 19, 44, 47, 62, 153, 156, 617, 618


class _BinaryWorkbook(_Workbook):
    """An XLSB: the same parts as records of a number, a size and a body."""

    def __init__(self, package: OfficePackage) -> None:
        super().__init__(package)
        self._entries: list[tuple[str, str]] = []
        is_1904 = False
        for kind, body in _records(package.data(package.main)):
            if kind == _SETTINGS:
                is_1904 = bool(body[0] & 1)
            elif kind == _SHEET:
                identifier, end = _wide_string(body, 8)
                if not self.related.part(identifier):  # Excel 2007 before it was released
                    identifier, end = _wide_string(body, 12)
                self._entries.append((_wide_string(body, end)[0], identifier))
        self.calendar = Calendar(self._calendar_styles(), is_1904=is_1904)
        self._strings = [
            flow(_wide_string(body, 1)[0])
            for kind, body in _records(package.data(self.related.first("sharedStrings")))
            if kind == _ITEM
        ]

    def entries(self) -> Iterator[tuple[str, str]]:
        """The names of the sheets, and the ids of their parts."""
        return iter(self._entries)

    def _calendar_styles(self) -> list[str]:
        own: dict[str, str] = {}
        kinds: list[str] = []
        is_cell = False
        for kind, body in _records(self.package.data(self.related.first("styles"))):
            if kind == _FORMAT:
                own[str(struct.unpack_from("<H", body)[0])] = _wide_string(body, 2)[0]
            elif kind in (_STYLES, _STYLES_END):
                is_cell = kind == _STYLES
            elif kind == _STYLE and is_cell:
                identifier = str(struct.unpack_from("<H", body, 2)[0])
                kinds.append(calendar_of(identifier, own.get(identifier)))
        return kinds

    def rows(self, part: str) -> Iterator[Row]:
        """The rows of a sheet that are not empty."""
        number = 0
        found: list[tuple[int, str, bool]] = []
        for kind, body in _records(self.package.data(part)):
            if kind == _ROW:
                if row := self.room.take(number, found):
                    yield row
                number = struct.unpack_from("<I", body)[0] + 1
                found = []
            elif kind <= _FORMULA_BOOL or kind == _RICH:
                (column,) = struct.unpack_from("<I", body)
                previous = found[-1][0] if found else -1
                if previous < column < COLUMNS_LIMIT:
                    found.append((column, *self._value(kind, body)))
        if row := self.room.take(number, found):
            yield row

    def _value(self, kind: int, body: bytes) -> tuple[str, bool]:
        """A cell's text, and whether it was typed as text."""
        if kind in (_STRING, _FORMULA_STRING):
            return flow(_wide_string(body, 8)[0]), True
        if kind == _RICH:
            return flow(_wide_string(body, 9)[0]), True
        if kind == _SHARED:
            (place,) = struct.unpack_from("<I", body, 8)
            return (self._strings[place] if place < len(self._strings) else ""), True
        if kind in (_BOOL, _FORMULA_BOOL):
            return "TRUE" if body[8] else "FALSE", False
        if kind not in (_RK, _REAL, _FORMULA_NUMBER):
            return "", False
        value = _short_number(body) if kind == _RK else struct.unpack_from("<d", body, 8)[0]
        return self.calendar.text(value, int.from_bytes(body[4:7], "little")), False


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and body of the records of a part, up to where it is cut off."""
    offset = 0
    while offset + 2 <= len(data):
        kind, offset = _variable(data, offset, 2)
        size, offset = _variable(data, offset, 4)
        if offset + size > len(data):
            return
        yield kind, data[offset : offset + size]
        offset += size


def _variable(data: bytes, offset: int, longest: int) -> tuple[int, int]:
    """A number in bytes of seven bits, and where it ends."""
    value = 0
    for place, byte in enumerate(data[offset : offset + longest]):
        value |= (byte & 0x7F) << 7 * place
        offset += 1
        if byte < 0x80:
            break
    return value, offset


def _wide_string(body: bytes, offset: int) -> tuple[str, int]:
    """A string with its length before it, and where it ends; "" for one that is null."""
    (length,) = struct.unpack_from("<I", body, offset)
    offset += 4
    end = offset if length == 0xFFFFFFFF else offset + 2 * length
    return body[offset:end].decode("utf-16-le", "replace"), end


def _short_number(body: bytes) -> float:
    """An RkNumber: 30 bits of a whole number or of the upper half of a double, perhaps times 100."""
    (packed,) = struct.unpack_from("<i", body, 8)
    value = packed >> 2 if packed & 2 else struct.unpack("<d", struct.pack("<q", (packed & ~3) << 32))[0]
    return value / 100 if packed & 1 else value
