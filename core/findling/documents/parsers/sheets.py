"""Workbooks, row by row: those of Excel by their own readers, and OpenDocument's (ODS) as a stream with lxml
(BSD), so that sheets of any size cost little memory and reading can stop."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import flow
from findling.documents.model import Anchor, Block
from findling.documents.parsers import opendocument, sheets_binary, sheets_office
from findling.documents.parsers.sheet_rows import (
    COLUMNS_LIMIT,
    ROWS_LIMIT,
    Room,
    Sheet,
    column_name,
    document,
    duration_text,
    moment_text,
    number_text,
)
from findling.documents.parsers.zipped_xml import OfficePackage, xml_stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.documents.model import Document


def parse_xlsx(path: Path) -> Document:
    """Read a workbook of Excel since 2007, binary ones (XLSB) too."""
    with zipfile.ZipFile(path) as archive:
        package = OfficePackage(archive, "xl/workbook.xml")
        return document("xlsx", sheets_office.sheets_of(package), package.properties())


def parse_xls(path: Path) -> Document:
    """Read a workbook of Excel up to 2003."""
    sheets, about = sheets_binary.sheets_of(path)
    return document("xls", sheets, about)


def parse_ods(path: Path) -> Document:
    """Read an OpenDocument spreadsheet, flat ones too."""
    with opendocument.opened(path) as package:
        sheets = list(_open_sheets(package))
        return document("ods", sheets, package.properties())


_OPEN_ERROR = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_OPEN_TIME = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")


def _open_sheets(package: opendocument.Package) -> Iterator[Sheet]:
    room = Room()
    sheet = Sheet("")
    number = 1
    tags = (opendocument.TABLE_ROW, opendocument.SHAPES, opendocument.TABLE)
    with package.content() as file:
        for element in xml_stream(file, *tags):
            sheet.name = sheet.name or _open_name(element)
            if element.tag == opendocument.SHAPES:
                sheet.beside.extend(opendocument.blocks_beside(element))
            elif element.tag == opendocument.TABLE:
                yield sheet
                sheet = Sheet("")
                number = 1
            else:
                cells = _open_cells(element, number, sheet.beside)
                repeats = opendocument.repeated(element, "rows", ROWS_LIMIT)
                for place in range(number, number + repeats):
                    row = None if room.is_full else room.take(place, cells)
                    if row is None:
                        break
                    sheet.rows.append(row)
                number += repeats
            if room.is_full:
                break
    if sheet.rows or sheet.beside:  # there was no more room, or the file is cut off
        yield sheet


def _open_name(element: Any) -> str:
    """The name of the sheet that an element is, or stands in."""
    table = (element, *element.iterancestors(opendocument.TABLE))[-1]
    return flow(table.get(opendocument.TABLE_NAME, ""))


def _open_cells(row: Any, number: int, beside: list[Block]) -> list[tuple[int, str, bool]]:
    """The cells of a row; comments and text boxes in them go to `beside`."""
    found: list[tuple[int, str, bool]] = []
    column = 0
    for cell in row.iterchildren(opendocument.TABLE_CELL, opendocument.COVERED_CELL):
        repeats = opendocument.repeated(cell, "columns", COLUMNS_LIMIT)
        if len(cell):
            text, is_text = _open_value(cell)
            found += [(each, text, is_text) for each in range(column, min(column + repeats, COLUMNS_LIMIT))]
            place = f"{column_name(column)}{number}"
            noted = opendocument.blocks_beside(cell)
            beside += [Block(block.kind, block.text, Anchor(cells=place)) for block in noted]
        column += repeats
    return found


def _open_value(cell: Any) -> tuple[str, bool]:
    """A cell's text, and whether it was typed as text."""
    if cell.get(_OPEN_ERROR) == "error":
        return "", False
    kind = cell.get(f"{opendocument.OFFICE}value-type", "string")
    name = f"{kind}-value" if kind in ("date", "time", "boolean") else "value"
    stated = cell.get(f"{opendocument.OFFICE}{name}")
    try:
        if kind == "boolean" and stated:
            return stated.upper(), False
        if kind == "date" and stated:
            return moment_text(datetime.fromisoformat(stated)), False
        if kind == "time" and (match := _OPEN_TIME.fullmatch(stated or "")):
            hours, minutes, seconds = (float(part or 0) for part in match.groups())
            return duration_text(timedelta(hours=hours, minutes=minutes, seconds=seconds)), False
        if kind in ("float", "percentage", "currency") and stated:
            return number_text(float(stated)), False
    except (ValueError, OverflowError):
        pass
    shown = (opendocument.text_of(paragraph)[0] for paragraph in cell.iterchildren(opendocument.PARAGRAPH))
    return " ".join(filter(None, shown)), kind == "string"
