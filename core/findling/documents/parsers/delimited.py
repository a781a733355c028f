"""Tables as text (CSV, TSV) through the standard library's csv. The delimiter is told here: csv's own Sniffer
is slow and finds delimiters in prose."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from findling.documents.cleaning import flow
from findling.documents.model import Anchor, Block, Document, row_text
from findling.documents.parsers.plain import decode, paragraphs
from findling.documents.parsers.sheet_rows import Room, range_of, with_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.documents.parsers.sheet_rows import Row

_LIMIT_BYTES = 64 * 1024 * 1024
_DELIMITERS = ",;\t|"
#: The delimiter is told by this much of the text.
_SAMPLE_CHARACTERS = 64 * 1024
_SAMPLE_ROWS = 100
#: Of the rows of a table, this share at least has the same number of cells.
_EVEN_SHARE = 0.6
#: The first line may name the delimiter, for Excel.
_NAMED = re.compile(r'sep=([^"\r\n])\r?\n')


def parse(path: Path) -> Document:
    """Read a table in any encoding; what is no table is read as plain text. Of more than 64 MB the first."""
    with path.open("rb") as file:
        data = file.read(_LIMIT_BYTES)
    text = decode(data)
    named = _NAMED.match(text)
    delimiter = named[1] if named else _delimiter(text)
    begin, line = (named.end(), 2) if named else (0, 1)
    for quoted in (True, False) if delimiter else ():
        try:
            rows = list(_rows(text[begin:], line, delimiter, quoted=quoted))
        except csv.Error:  # too long a cell: mostly behind a quotation mark without its other
            continue
        return Document("csv", "", tuple(_blocks(rows)))
    return Document("csv", "", tuple(paragraphs(text)))


def _delimiter(text: str) -> str:
    """What stands between the cells, or "" for text that is no table."""
    best, best_evenness = "", 0.0
    sample = text[:_SAMPLE_CHARACTERS]
    for delimiter in _DELIMITERS:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row in islice(reader, _SAMPLE_ROWS) if any(row))
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        evenness = count / widths.total()
        is_table = width > 1 and evenness >= _EVEN_SHARE and (widths.total() > 1 or width > 2)
        if is_table and evenness > best_evenness:
            best, best_evenness = delimiter, evenness
    return best


def _rows(text: str, first_line: int, delimiter: str, *, quoted: bool) -> Iterator[tuple[Row, int]]:
    """Every row that is not empty, and the line on which it begins. Raises `csv.Error`."""
    room = Room()
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
    line = first_line
    for number, values in enumerate(reader, 1):
        found = [(column, cell, True) for column, cell in enumerate(map(flow, values))]
        if row := room.take(number, found):
            yield row, line
        if room.is_full:
            return
        line = first_line + reader.line_num


def _blocks(rows: list[tuple[Row, int]]) -> Iterator[Block]:
    kinds = with_kinds([row for row, _ in rows])
    for (row, kind), (_, line) in zip(kinds, rows, strict=True):
        yield Block(kind, row_text(row.cells), Anchor(line=line, cells=range_of(row)), row.cells)
