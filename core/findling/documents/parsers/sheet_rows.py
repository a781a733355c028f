"""Rows of tables, as the readers of sheets give them: where they stand, which of them are headers, how values
read, and how many are taken."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from findling.documents.cleaning import sensible_author, sensible_title
from findling.documents.model import Anchor, Block, BlockKind, Document, row_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findling.documents.parsers.ole import Properties

ROWS_LIMIT = 200_000
CELLS_LIMIT = 2_000_000
CHARACTERS_LIMIT = 50_000_000
COLUMNS_LIMIT = 16_384
_LONGEST_COLUMN_NAME = 4
#: Rows wider than this are kept without their empty cells.
_SPREAD_LIMIT = 1024
_PLAIN_NAME = re.compile(
    r"^(sheet|tabelle|feuil|feuille|hoja|foglio|planilha|blad|ark|taul|arkusz|list|лист|シート|工作表)\s*\d*$"
    r"|^table\s*\d+$",
    re.IGNORECASE,
)
#: What is data, though it was typed as text.
_DATA = re.compile(
    r"[-+(]?\s?[$€£]?\s?\d[\d.,:/'’ TZ+-]*(?:e[-+]?\d+)?\s?[%€$£)]?|true|false|yes|no|null|none|n/?a|nan|-",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. `cells` are those from column `first` to column `last`, counted from 0."""

    number: int
    first: int
    last: int
    cells: tuple[str, ...]
    is_text: bool


@dataclass(slots=True)
class Sheet:
    """A sheet of a workbook: its rows, and what stands beside its cells: comments, text boxes, charts."""

    name: str
    rows: list[Row] = field(default_factory=list[Row])
    beside: list[Block] = field(default_factory=list[Block])


class Room:
    """What may still be taken of a workbook."""

    def __init__(self) -> None:
        self._rows, self._cells, self._characters = ROWS_LIMIT, CELLS_LIMIT, CHARACTERS_LIMIT

    @property
    def is_full(self) -> bool:
        """Whether nothing more may be taken."""
        return min(self._rows, self._cells, self._characters) <= 0

    def take(self, number: int, found: list[tuple[int, str, bool]]) -> Row | None:
        """The row of these cells (column, text, whether it was typed as text), which come from left to right;
        None if all are blank."""
        found = [cell for cell in found if cell[1]]
        if not found:
            return None
        first, last = found[0][0], found[-1][0]
        texts = tuple(text for _, text, _ in found)
        if len(found) <= last - first < _SPREAD_LIMIT:
            spread = [""] * (last - first + 1)
            for column, text, _ in found:
                spread[column - first] = text
            texts = tuple(spread)
        self._rows -= 1
        self._cells -= len(texts)
        self._characters -= sum(map(len, texts))
        is_text = all(typed and not _DATA.fullmatch(text) for _, text, typed in found)
        return Row(number, first, last, texts, is_text)


def document(kind: str, sheets: list[Sheet], about: Properties) -> Document:
    """The document of a workbook. The names of its sheets are headings where there are several and they say
    something."""
    filled = [sheet for sheet in sheets if sheet.rows or sheet.beside]
    blocks: list[Block] = []
    for sheet in filled:
        is_named = len(filled) > 1 and not _PLAIN_NAME.match(sheet.name)
        headings = (sheet.name,) if is_named else ()
        if is_named:
            blocks.append(Block(BlockKind.HEADING, sheet.name, Anchor(sheet=sheet.name, headings=headings)))
        for row, kind_of_row in with_kinds(sheet.rows):
            anchor = Anchor(sheet=sheet.name, cells=range_of(row), headings=headings)
            blocks.append(Block(kind_of_row, row_text(row.cells), anchor, row.cells))
        for block in sheet.beside:
            anchor = Anchor(sheet=sheet.name, cells=block.anchor.cells, headings=headings)
            blocks.append(Block(block.kind, block.text, anchor))
    return Document(
        kind, sensible_title(about.title), tuple(blocks), sensible_author(about.author), about.written
    )


def with_kinds(rows: list[Row]) -> Iterator[tuple[Row, BlockKind]]:
    """Every row, and its kind: a header holds the names of the columns below it.

    That is the first row of several texts, unless data came before it. After an empty row another table may
    begin: a row of texts there is its header where the next row holds data.
    """
    has_begun = False
    previous = 0
    for place, row in enumerate(rows):
        following = rows[place + 1] if place + 1 < len(rows) else None
        names = following is not None and row.is_text and row.first < row.last
        if following is not None and has_begun:
            begins = previous + 1 < row.number == following.number - 1
            names = names and begins and not following.is_text
        has_begun = has_begun or row.first < row.last
        previous = row.number
        yield row, BlockKind.TABLE_HEADER if names else BlockKind.TABLE_ROW


def column_name(column: int) -> str:
    """As spreadsheets name it: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


@lru_cache(maxsize=COLUMNS_LIMIT)
def column_of(name: str) -> int:
    """Inverse of `column_name`; -1 for what is none."""
    if len(name) > _LONGEST_COLUMN_NAME:
        return -1
    column = 0
    for letter in name.upper():
        if not "A" <= letter <= "Z":
            return -1
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def range_of(row: Row) -> str:
    """A row's cells, as spreadsheets name them."""
    start, end = (f"{column_name(column)}{row.number}" for column in (row.first, row.last))
    return start if start == end else f"{start}:{end}"


def number_text(value: float) -> str:
    """As a person would type it: without the noise of binary fractions, whole numbers without a point."""
    if not math.isfinite(value):
        return ""
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    return f"{value:.6f}".rstrip("0").rstrip(".") if 1 <= abs(value) < 1e15 else f"{value:.6g}"


def moment_text(value: datetime | time) -> str:
    """In ISO 8601, with a blank for the T; midnight is the day alone."""
    precision = "seconds" if value.second else "minutes"
    if isinstance(value, time):
        return value.isoformat(timespec=precision)
    if value.time() == time():
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec=precision)


def duration_text(value: timedelta) -> str:
    """In hours, as spreadsheets show it: 36:15."""
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


#: What a format shows as it stands, or does not show: texts, escapes, fillers, colours, languages.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]')
_ELAPSED_IDS = frozenset({"46"})
_DATE_IDS = frozenset(map(str, (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59))))


def calendar_of(identifier: str, code: str | None) -> str:
    """What a number format (ECMA-376, 18.8.30 and 18.8.31) shows: "date", time "elapsed" or neither ("")."""
    if code is None:
        return "elapsed" if identifier in _ELAPSED_IDS else "date" if identifier in _DATE_IDS else ""
    shown = _LITERAL.sub("", code.lower()).partition(";")[0]
    if "general" in shown or "standard" in shown:
        return ""
    if "[" in shown:
        return "elapsed"
    return "date" if re.search("[dmyhs]", shown) else ""


class Calendar:
    """The dates and times of a workbook: numbers, which the formats of their cells tell from others."""

    def __init__(self, kinds: list[str], *, is_1904: bool) -> None:
        self._kinds = kinds  # by style: "date", "elapsed" or ""
        self._epoch = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)  # noqa: DTZ001

    def text(self, value: float, style: int) -> str:
        """A number as its style shows it."""
        kind = self._kinds[style] if 0 <= style < len(self._kinds) else ""
        if not kind or not 0 <= value < 2_958_466:  # the year 10000
            return number_text(value)
        since = timedelta(seconds=round(value * 86400))
        if kind == "elapsed":
            return duration_text(since)
        if value < 1:
            return moment_text((self._epoch + since).time())
        # The year 1900 had no February 29th, except to Lotus 1-2-3.
        lotus = timedelta(days=1 if value < 60 and self._epoch.year < 1900 else 0)
        return moment_text(self._epoch + since + lotus)
