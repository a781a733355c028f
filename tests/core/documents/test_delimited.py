"""Tables as text: delimiters, encodings, headers, places, and what is no table at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.documents import BlockKind, parse
from findling.documents.parsers import sheet_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CheckMutants = Callable[..., None]

_TABLE = "Name;Größe;Note\nZoë;1,80;läuft\n\nBjörn;1,75;\n"


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_told(tmp_path: Path, delimiter: str) -> None:
    text = _TABLE.replace(",", ".").replace(";", delimiter)
    document = parse(written(tmp_path / "a.csv", text))
    assert document.kind == "csv"
    assert [(b.kind.value, b.text, b.anchor.cells, b.anchor.line) for b in document.blocks] == [
        ("table header", "Name | Größe | Note", "A1:C1", 1),
        ("table row", "Zoë | 1.80 | läuft", "A2:C2", 2),
        ("table row", "Björn | 1.75", "A4:B4", 4),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    first = parse(written(tmp_path / "a.csv", _TABLE * 5, encoding)).blocks[0]
    assert first.cells == ("Name", "Größe", "Note")


def test_cells_may_hold_delimiters_quotes_and_lines(tmp_path: Path) -> None:
    text = 'a,b\r\n"one, two","say ""hi""\r\nthere"\r\nx,y\r\n'
    blocks = parse(written(tmp_path / "a.csv", text)).blocks
    assert [(block.text, block.anchor.line) for block in blocks] == [
        ("a | b", 1),
        ('one, two | say "hi" there', 2),
        ("x | y", 4),
    ]


def test_a_lost_quotation_mark_loses_no_rows(tmp_path: Path) -> None:
    text = "a,b\n" + '1,"open\n' + f"2,{'x' * 100}\n" * 2000
    assert len(parse(written(tmp_path / "a.csv", text)).blocks) == 2002


def test_a_cell_that_is_too_long_for_a_table_makes_it_a_text(tmp_path: Path) -> None:
    (block,) = parse(written(tmp_path / "a.csv", f"a,b\n1,{'long ' * 40_000}\n2,c\n")).blocks
    assert (block.kind, block.text[-4:]) == (BlockKind.PARAGRAPH, "\n2,c")


def test_the_first_line_may_name_the_delimiter(tmp_path: Path) -> None:
    blocks = parse(written(tmp_path / "a.csv", "sep=:\nName:Age\nIda:7\n")).blocks
    assert [(block.kind, block.text, block.anchor.cells) for block in blocks] == [
        (BlockKind.TABLE_HEADER, "Name | Age", "A1:B1"),
        (BlockKind.TABLE_ROW, "Ida | 7", "A2:B2"),
    ]


def test_numbers_alone_have_no_header(tmp_path: Path) -> None:
    blocks = parse(written(tmp_path / "a.csv", "1,2\n3,4\n")).blocks
    assert {block.kind for block in blocks} == {BlockKind.TABLE_ROW}


@pytest.mark.parametrize(
    "text",
    [
        "Industry\nSales\nHealth\n",
        "Dear all, the boat leaves at nine.\nBring bread, cheese, and coats.\nSee you\n\nIda, Tom",
        "one line, no more",
    ],
)
def test_prose_and_single_columns_are_paragraphs(tmp_path: Path, text: str) -> None:
    blocks = parse(written(tmp_path / "a.csv", text)).blocks
    assert {block.kind for block in blocks} == {BlockKind.PARAGRAPH}


def test_what_is_beyond_the_limits_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_rows, "ROWS_LIMIT", 5)
    assert len(parse(written(tmp_path / "a.csv", "1,2\n" * 50)).blocks) == 5


def test_mutated_tables_are_read_or_refused(tmp_path: Path, check_mutants: CheckMutants) -> None:
    check_mutants(written(tmp_path / "a.csv", _TABLE * 3), 60, marks=b',;"\n')
