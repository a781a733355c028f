"""Judgements of a test collection, read and written: BEIR's three columns, TREC's four, CSV."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from findling.evaluation.lines import fields_of, joined, joined_for_trec, read_lines, write_lines, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Query id to document id to grade.
Qrels = dict[str, dict[str, int]]

_HEADER = ("query-id", "corpus-id", "score")
#: What the columns of a CSV file may be called.
_QUERY, _DOCUMENT, _GRADE = (
    ("query", "query-id", "query_id"),
    ("document", "corpus-id", "document_id"),
    ("grade", "score", "relevance"),
)
_Row = tuple[int, str, str, str]


def read_qrels(path: Path) -> Qrels:
    """Read judgements: tab-separated query, document, grade, with or without a header; TREC's four columns
    query, anything, document, grade; or, from a file named `*.csv`, the columns `query`, `document` and
    `grade` of a header. `*.gz` is decompressed. Of a pair that is judged twice the last grade counts.

    Raises `CollectionError` naming the line that is wrong.
    """
    table = path.suffix.lower() == ".csv" or path.name.lower().endswith(".csv.gz")
    qrels: Qrels = {}
    for number, query, document, grade in _csv_rows(path) if table else _rows(path):
        try:
            value = int(grade)
        except ValueError:
            value = None
        if value is None or not query.strip() or not document.strip():
            raise wrong(path, number, "needs query, document and a whole number")
        qrels.setdefault(query, {})[document] = value
    return qrels


def write_qrels(path: Path, qrels: Qrels) -> None:
    """Write judgements in BEIR's form: a header, then query, document and grade parted by tabs. Raises
    `PlaceNotWritable`, `CollectionError` for an id with a tab or two lines."""
    rows = (joined((query, document, str(grade)), path) for query, document, grade in _judged(qrels))
    write_lines(path, ("\t".join(_HEADER) + "\n", *rows))


def write_trec_qrels(path: Path, qrels: Qrels) -> None:
    """Write judgements in TREC's four columns: query, 0, document, grade. Raises as `write_qrels`."""
    write_lines(
        path,
        [
            joined_for_trec((query, "0", document, str(grade)), path)
            for query, document, grade in _judged(qrels)
        ],
    )


def _judged(qrels: Qrels) -> Iterator[tuple[str, str, int]]:
    return ((query, document, grade) for query, grades in qrels.items() for document, grade in grades.items())


def _rows(path: Path) -> Iterator[_Row]:
    for number, line in enumerate(read_lines(path, "judgements"), 1):
        fields = fields_of(line)
        if not fields:
            continue
        if number == 1 and not _is_whole(fields[-1]):
            continue  # the header
        if len(fields) == 4:
            del fields[1]
        query, document, grade = fields if len(fields) == 3 else ("", "", "")
        yield number, query, document, grade


def _csv_rows(path: Path) -> Iterator[_Row]:
    rows = csv.reader(read_lines(path, "judgements"), strict=True)
    columns: list[int] = []
    start = 1
    try:
        for row in rows:
            number, start = start, rows.line_num + 1
            if not any(row):
                continue
            if not columns:
                names = [name.strip().lower() for name in row]
                columns = [
                    next((names.index(name) for name in names_of if name in names), -1)
                    for names_of in (_QUERY, _DOCUMENT, _GRADE)
                ]
                if -1 in columns:
                    raise wrong(path, number, "needs a header with query, document and grade")
                continue
            cells = [row[column].strip() if column < len(row) else "" for column in columns]
            yield number, cells[0], cells[1], cells[2]
    except csv.Error as error:
        raise wrong(path, rows.line_num, f"is not CSV: {error}") from error


def _is_whole(text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return False
    return True
