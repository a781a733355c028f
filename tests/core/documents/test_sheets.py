"""Workbooks: rows with their cells, headers, values as they are typed, passwords, bounds, damage."""

from __future__ import annotations

import datetime as dt
import random
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from findling.documents import Anchor, Block, BlockKind, Document, parse
from findling.documents.parsers import sheet_rows
from findling.documents.parsers.sheets_binary import beside_of
from findling.errors import EncryptedFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CheckMutants = Callable[..., None]
    Repack = Callable[..., Path]

_WORDS = "owl heron otter beaver river meadow winter ledger invoice copper amber lantern harbour".split()
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{full}:1.0"'
    for name, full in [("office", "office"), ("table", "table"), ("text", "text"), ("draw", "drawing")]
)


def workbook(path: Path, content: dict[str, list[list[Any]]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in content.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


def ods(path: Path, tables: str, extra: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", _ODS)
        archive.writestr(
            "content.xml",
            f"<office:document-content {_NAMESPACES}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return path


def rows_of(document: Document) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (block.kind.value, block.text, block.anchor.sheet, block.anchor.cells) for block in document.blocks
    ]


def test_rows_have_their_sheet_and_cells_and_the_first_names_the_columns(tmp_path: Path) -> None:
    rows = [["Costs of the year"], ["Item", "Price"], ["Boat", 1250], [], [None, "Oars", 40.5]]
    document = parse(workbook(tmp_path / "a.xlsx", {"Sheet1": rows}))
    assert (document.kind, document.title) == ("xlsx", "")
    assert rows_of(document) == [
        ("table row", "Costs of the year", "Sheet1", "A1"),
        ("table header", "Item | Price", "Sheet1", "A2:B2"),
        ("table row", "Boat | 1250", "Sheet1", "A3:B3"),
        ("table row", "Oars | 40.5", "Sheet1", "B5:C5"),
    ]


def test_cells_keep_the_place_of_empty_ones_between(tmp_path: Path) -> None:
    (row,) = parse(workbook(tmp_path / "a.xlsx", {"S": [[None, "a", None, 2]]})).blocks
    assert (row.text, row.cells) == ("a | 2", ("a", "", "2"))


def test_data_is_no_header_and_a_second_table_has_its_own(tmp_path: Path) -> None:
    rows = [[1, 2], ["a", "b"], [], ["Name", "Age"], ["Ida", 7], [], ["only", "text"], ["here", "too"]]
    document = parse(workbook(tmp_path / "a.xlsx", {"S": rows}))
    headers = [block.text for block in document.blocks if block.kind is BlockKind.TABLE_HEADER]
    assert headers == ["Name | Age"]


def test_amounts_typed_as_text_name_no_columns(tmp_path: Path) -> None:
    document = parse(workbook(tmp_path / "a.xlsx", {"S": [["Revenue", "$50,000"], ["Profit", "40 %"]]}))
    assert {block.kind for block in document.blocks} == {BlockKind.TABLE_ROW}


def test_names_of_sheets_are_headings_where_there_are_several_and_they_say_something(tmp_path: Path) -> None:
    document = parse(workbook(tmp_path / "a.xlsx", {"Boats": [["x"]], "Sheet2": [["y"]], "Empty": []}))
    assert [(block.text, block.anchor.headings) for block in document.blocks] == [
        ("Boats", ("Boats",)),
        ("x", ("Boats",)),
        ("y", ()),
    ]
    (row,) = parse(workbook(tmp_path / "b.xlsx", {"Boats": [["x"]], "Empty": []})).blocks
    assert row.anchor.sheet == "Boats"


def test_values_read_as_a_person_would_type_them(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(
        str(tmp_path / "a.xlsx"), {"default_date_format": "dd.mm.yy", "remove_timezone": True}
    )
    sheet = book.add_worksheet()
    values = [
        1234.50000001,
        0.1 + 0.2,
        4006381333931,
        -3.0,
        1e-7,
        True,
        dt.datetime(2024, 2, 29, tzinfo=dt.UTC),
    ]
    for row, value in enumerate(values):
        sheet.write(row, 0, value)
    formats = [
        ("hh:mm", 0.572917),
        ("[h]:mm", 1.5),
        ('0 "days"', 3),
        ("yyyy-mm-dd hh:mm", 45351.75),
        ("m/d/yy", 1),
    ]
    for row, (code, number) in enumerate(formats, len(values)):
        sheet.write_number(row, 0, number, book.add_format({"num_format": code}))
    sheet.write_formula("A13", "=1/0", None, "#DIV/0!")
    sheet.write_formula("A14", '="a"&"b"', None, "ab")
    sheet.write_rich_string("A15", "rich ", book.add_format({"bold": True}), "text")
    book.close()
    assert [block.text for block in parse(tmp_path / "a.xlsx").blocks] == [
        *("1234.5", "0.3", "4006381333931", "-3", "1e-07", "TRUE", "2024-02-29"),
        *("13:45", "36:00", "3", "2024-02-29 18:00", "1900-01-01"),
        *("ab", "rich text"),
    ]


def test_comments_text_boxes_and_charts_are_read(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.set_properties(
        {"title": "The plan", "author": "Ida Berg", "created": dt.datetime(2020, 5, 4, tzinfo=dt.UTC)}
    )
    sheet = book.add_worksheet("S")
    sheet.write("B2", "x")
    sheet.write_comment("B2", "Ask the harbour master.")
    sheet.insert_textbox("D5", "In a box")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=S!$A$1:$A$2"})
    chart.set_title({"name": "Tides"})
    sheet.insert_chart("F1", chart)
    book.close()
    document = parse(tmp_path / "a.xlsx")
    assert (document.title, document.author, document.written[:10]) == ("The plan", "Ida Berg", "2020-05-04")
    assert rows_of(document) == [
        ("table row", "x", "S", "B2"),
        ("note", "Ask the harbour master.", "S", "B2"),
        ("paragraph", "In a box", "S", "D5"),
        ("caption", "Tides", "S", None),
    ]


def test_a_hundred_random_cells_come_back_at_their_place(tmp_path: Path) -> None:
    chance = random.Random(9)
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    written: dict[tuple[str, str], str] = {}
    pages = {name: book.add_worksheet(name) for name in ("North", "South", "West coast")}
    for number in range(100):
        name, row, column = chance.choice(list(pages)), 3 * number + chance.randrange(3), chance.randrange(60)
        text = f"{' '.join(chance.choices(_WORDS, k=5))} {number}"
        pages[name].write(row, column, text)
        letters = chr(64 + column // 26) * (column > 25) + chr(65 + column % 26)
        written[name, f"{letters}{row + 1}"] = text
    book.close()
    found = {
        (block.anchor.sheet, block.anchor.cells): block.text
        for block in parse(tmp_path / "a.xlsx").blocks
        if block.kind is not BlockKind.HEADING
    }
    assert found == written


def test_a_stray_cell_in_the_last_row_costs_nothing(tmp_path: Path, repack: Repack) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": [["first"], ["last"]]})
    repack(path, path, {"xl/worksheets/sheet1.xml": (b'<row r="2"', b'<row r="1048576"')})
    repack(path, path, {"xl/worksheets/sheet1.xml": (b'r="A2"', b'r="XFD1048576"')})
    assert [block.anchor.cells for block in parse(path).blocks] == ["A1", "XFD1048576"]


def test_what_is_beyond_the_limits_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_rows, "ROWS_LIMIT", 3)
    path = workbook(tmp_path / "a.xlsx", {"A": [[1], [2]], "B": [[3], [4]], "C": [[5]]})
    assert [block.text for block in parse(path).blocks] == ["A", "1", "2", "B", "3"]


def test_parts_without_places_under_odd_names_are_read(tmp_path: Path, repack: Repack) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": [["a", "b"], ["c"]]})
    for reference in (b"A1", b"B1", b"A2"):
        repack(path, path, {"xl/worksheets/sheet1.xml": (b' r="%s"' % reference, b"")})
    odd = (b"worksheets/sheet1.xml", b"/xl\\Worksheets\\Sheet1.xml")
    repack(path, path, {"xl/_rels/workbook.xml.rels": odd})
    assert [block.anchor.cells for block in parse(path).blocks] == ["A1:B1", "A2"]


def test_a_damaged_sheet_keeps_the_rows_before_the_damage(tmp_path: Path, repack: Repack) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": [["kept"], ["lost"]]})
    damage = {
        "xl/worksheets/sheet1.xml": (b'<row r="2"', b"\x00"),
        "docProps/core.xml": (b"<cp:core", b"<<<<"),
    }
    repack(path, path, damage)
    assert parse(path).text.startswith("kept")


def test_entities_stay_unresolved(tmp_path: Path, repack: Repack) -> None:
    path = workbook(tmp_path / "a.xlsx", {"S": [["text"]]})
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><sst'
    repack(path, path, {"xl/sharedStrings.xml": (b"<sst", bomb)})
    repack(path, path, {"xl/sharedStrings.xml": (b"<t>text", b"<t>&a;&b;text")})
    assert "aaa" not in parse(path).text
    assert "root" not in parse(path).text


def test_a_spreadsheet_of_libreoffice(tmp_path: Path) -> None:
    tables = """
      <table:table table:name="Trips">
        <table:shapes><draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box></draw:frame>
        </table:shapes>
        <table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>
        <table:table-header-rows><table:table-row>
          <table:table-cell table:number-columns-repeated="2"/>
          <table:table-cell office:value-type="string"><text:p>Day</text:p></table:table-cell>
          <table:table-cell office:value-type="string"><text:p>Cost</text:p></table:table-cell>
        </table:table-row></table:table-header-rows>
        <table:table-row>
          <table:table-cell table:number-columns-repeated="2"/>
          <table:table-cell office:value-type="date" office:date-value="2024-03-01">
            <office:annotation><text:p>Rain</text:p></office:annotation><text:p>1. March</text:p>
          </table:table-cell>
          <table:table-cell office:value-type="currency" office:value="12.50">
            <text:p>12,50 €</text:p></table:table-cell>
          <table:table-cell office:value-type="time" office:time-value="PT36H15M00S">
            <text:p>x</text:p></table:table-cell>
          <table:table-cell office:value-type="boolean" office:boolean-value="true">
            <text:p>x</text:p></table:table-cell>
        </table:table-row>
        <table:table-row table:number-rows-repeated="2">
          <table:table-cell office:value-type="float" office:value="7" table:number-columns-repeated="2">
            <text:p>7</text:p></table:table-cell></table:table-row>
        <table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>
      </table:table>
      <table:table table:name="Tabelle2"><table:table-row>
        <table:table-cell office:value-type="string"><text:p>end</text:p></table:table-cell>
      </table:table-row></table:table>"""
    assert rows_of(parse(ods(tmp_path / "a.ods", tables))) == [
        ("heading", "Trips", "Trips", None),
        ("table header", "Day | Cost", "Trips", "C4:D4"),
        ("table row", "2024-03-01 | 12.5 | 36:15 | TRUE", "Trips", "C5:F5"),
        ("table row", "7 | 7", "Trips", "A6:B6"),
        ("table row", "7 | 7", "Trips", "A7:B7"),
        ("paragraph", "In a box", "Trips", None),
        ("note", "Rain", "Trips", "C5"),
        ("table row", "end", "Tabelle2", "A1"),
    ]


def test_rows_repeated_without_end_stop_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_rows, "ROWS_LIMIT", 500)
    row = '<table:table-row table:number-rows-repeated="99999999"><table:table-cell><text:p>x</text:p>'
    tables = f'<table:table table:name="S">{row}</table:table-cell></table:table-row></table:table>'
    blocks = parse(ods(tmp_path / "a.ods", tables)).blocks
    assert len(blocks) == 500
    assert {block.anchor.sheet for block in blocks} == {"S"}


def test_a_spreadsheet_of_libreoffice_behind_a_password(tmp_path: Path) -> None:
    manifest = {"META-INF/manifest.xml": "<m:manifest><m:encryption-data/></m:manifest>"}
    with pytest.raises(EncryptedFile, match="password"):
        parse(ods(tmp_path / "a.ods", "", manifest))


def test_a_binary_workbook_of_excel_since_2007(tmp_path: Path) -> None:
    def part(*records: tuple[int, bytes]) -> bytes:
        written = b""
        for kind, body in records:
            number = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
            written += number + bytes([len(body)]) + body
        return written

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def cell(column: int, body: bytes, style: int = 0) -> bytes:
        return struct.pack("<II", column, style) + body

    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kinds = {"worksheet": "sheet1", "sharedStrings": "strings", "styles": "styles"}
    references = "".join(
        f'<Relationship Id="{kind}" Type="{relations}/{kind}" Target="{name}.bin"/>'
        for kind, name in kinds.items()
    )
    main = f'<Relationship Id="a" Type="{relations}/officeDocument" Target="xl/workbook.bin"/>'
    parts = {
        "_rels/.rels": f"<x>{main}</x>",
        "xl/_rels/workbook.bin.rels": f"<x>{references}</x>",
        "xl/workbook.bin": part((153, bytes(8)), (156, bytes(8) + wide("worksheet") + wide("Boats"))),
        "xl/strings.bin": part((19, b"\0" + wide("Größe"))),
        "xl/styles.bin": part(
            (44, struct.pack("<H", 170) + wide("dd/mm/yy")),
            *((617, bytes(4)), (47, bytes(16)), (47, struct.pack("<HH", 0, 170) + bytes(12)), (618, b"")),
        ),
        "xl/sheet1.bin": part(
            *((0, struct.pack("<I", 4) + bytes(13)), (7, cell(1, bytes(4))), (6, cell(3, wide("Day")))),
            *((0, struct.pack("<I", 5) + bytes(13)), (2, cell(1, struct.pack("<i", 1250 << 2 | 3)))),
            *((5, cell(3, struct.pack("<d", 45351.5), 1)), (4, cell(4, b"\1")), (3, cell(5, b"\7"))),
            *((6, cell(100, wide("Far"))), (6, cell(6, wide("to the left of what came before")))),
        ),
    }
    with zipfile.ZipFile(tmp_path / "a.xlsb", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert rows_of(parse(tmp_path / "a.xlsb")) == [
        ("table header", "Größe | Day", "Boats", "B5:D5"),
        ("table row", "12.5 | 2024-02-29 12:00 | TRUE | Far", "Boats", "B6:CW6"),
    ]


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def test_comments_and_text_boxes_of_a_binary_workbook() -> None:
    globals_ = record(0x809, struct.pack("<HH", 0x600, 5))
    bound = record(0x85, struct.pack("<IH", len(globals_) + 13, 0) + b"\x01\x00S")
    sheet = record(0x809, struct.pack("<HH", 0x600, 0x10))
    for identifier, text in [(1, "Größe".encode("utf-16-le")), (2, b"In a box")]:
        wide = identifier == 1
        sheet += record(0x5D, struct.pack("<HHHHI", 0x15, 0x12, 0x19, identifier, 0))
        sheet += record(0x1B6, bytes(10) + struct.pack("<HHI", len(text) // (2 if wide else 1), 16, 0))
        sheet += record(0x3C, bytes([wide]) + text[:4]) + record(0x3C)
        sheet += record(0x3C, bytes([wide]) + text[4:])
    sheet += record(0x1C, struct.pack("<4H", 4, 27, 0, 1))
    assert beside_of(globals_ + bound + sheet) == {
        0: [
            Block(BlockKind.NOTE, "Größe", Anchor(cells="AB5")),
            Block(BlockKind.PARAGRAPH, "In a box", Anchor()),
        ]
    }


def test_a_binary_workbook_behind_a_password_says_so() -> None:
    with pytest.raises(EncryptedFile, match="password"):
        beside_of(record(0x809, bytes(16)) + record(0x2F, bytes(6)))


def test_a_workbook_from_before_excel_5(tmp_path: Path) -> None:
    def cell(row: int, column: int) -> bytes:
        return struct.pack("<HH", row, column) + bytes(3)

    records = [
        record(0x09, struct.pack("<HH", 2, 0x10)),
        record(0x04, cell(2, 1) + b"\x05Grebe"),
        record(0x03, cell(2, 2) + struct.pack("<d", 12.5)),
        record(0x0A),
    ]
    (tmp_path / "a.xls").write_bytes(b"".join(records) + bytes(512))
    (row,) = parse(tmp_path / "a.xls").blocks
    assert (row.text, row.anchor.cells) == ("Grebe | 12.5", "B3:C3")


def test_mutated_workbooks_are_read_or_refused(tmp_path: Path, check_mutants: CheckMutants) -> None:
    check_mutants(workbook(tmp_path / "a.xlsx", {"S": [["Name", "Age"], ["Ida", 7]], "T": [["x"]]}), 80)
    table = '<table:table table:name="S"><table:table-row><table:table-cell><text:p>x</text:p>'
    check_mutants(ods(tmp_path / "b.ods", f"{table}</table:table-cell></table:table-row></table:table>"), 80)
