"""Word files of 1991 to 2003: text in pieces, its looks and places, what is hidden, what is refused."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest

from findling.documents import BlockKind, registry
from findling.documents.parsers.word_binary import parse
from findling.errors import EncryptedFile, ParseError, UnsupportedFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    CheckMutants = Callable[..., None]
    WriteWord = Callable[..., Path]

_TEXT_AT = 1024
_IN_TABLE, _ROW_END = b"\x16\x24\x01", b"\x17\x24\x01"
_LISTED = b"\x0b\x46\x01\x00"
_HIDDEN, _DELETED, _SYMBOL = b"\x3c\x08\x01", b"\x00\x08\x81", b"\x09\x6a\x03\x00\x61\xf0"
#: Numbers of styles: normal, heading 1, heading 2, title, caption, and a person's own based on heading 2.
_STYLES = ((0, 0xFFF), (1, 0), (2, 0), (62, 0), (34, 0), (0xFFE, 2))


def style(number: int, more: bytes = b"") -> bytes:
    """What is said of a paragraph: the place of its style, and more."""
    return struct.pack("<H", number) + more


def page(entries: Sequence[tuple[int, int, bytes]], *, of_paragraphs: bool) -> bytes:
    """Says what the bytes [start, end) look like."""
    places, data = b"", b""
    for _, _, look in entries:
        if of_paragraphs and len(look) % 2:  # in words, of which the first is half
            found = bytes([(len(look) + 1) // 2]) + look
        elif of_paragraphs:
            found = bytes([0, len(look) // 2]) + look
        else:
            found = bytes([len(look)]) + look
        data = found + bytes(len(found) % 2) + data
        places += bytes([(510 - len(data)) // 2]).ljust(13 if of_paragraphs else 1, b"\0")
    borders = [*(start for start, _, _ in entries), entries[-1][1]]
    head = struct.pack(f"<{len(borders)}I", *borders) + places
    return head + bytes(510 - len(head) - len(data)) + data + bytes([0, len(entries)])


def word_97(
    *paragraphs: tuple[str, bytes],
    hidden: Mapping[str, bytes] | None = None,
    stories: Sequence[int] = (),
    tables: Mapping[int, bytes] | None = None,
    narrow: int = 0,
    flags: int = 0x0200,
) -> dict[str, bytes]:
    """The streams of a file. `hidden` has words and their looks, `stories` the number of characters in each,
    `tables` more of them by their place in the header. The first `narrow` characters take a byte each."""
    text = "".join(paragraph for paragraph, _ in paragraphs)
    units = text.encode("utf-16-le", "surrogatepass")
    data = bytearray(_TEXT_AT) + text[:narrow].encode("cp1252")
    data += bytes(len(data) % 2)
    wide_at = len(data)
    data += units[2 * narrow :]
    data += bytes(-len(data) % 512)

    def place(index: int) -> int:
        return _TEXT_AT + index if index < narrow else wide_at + 2 * (index - narrow)

    looks: list[tuple[int, int, bytes]] = []
    begin = 0
    for paragraph, look in paragraphs:
        looks.append((place(begin), place(begin + len(paragraph)), look))
        begin += len(paragraph)
    runs: list[tuple[int, int, bytes]] = []
    for part, look in (hidden or {}).items():
        first = text.index(part)
        runs.append((place(first), place(first + len(part)), look))
        runs.append((place(first + len(part)), place(first + len(part)), b""))
    found = bytearray()
    header = bytearray(_TEXT_AT)
    struct.pack_into("<HHHHHH", header, 0, 0xA5EC, 0xC1, 0, 0x409, 0, flags)
    struct.pack_into("<8I", header, 0x4C, *[*(stories or [len(units) // 2]), *[0] * 8][:8])

    def add(at: int, table: bytes) -> None:
        struct.pack_into("<II", header, at, len(found), len(table))
        found.extend(table)

    for at, entries in ((0x102, looks), (0xFA, runs)):
        if entries:
            add(at, struct.pack("<III", entries[0][0], entries[-1][1], len(data) // 512))
            data += page(entries, of_paragraphs=at == 0x102)
    styles = [struct.pack("<HHHHHH", 10, number, 1 | base << 4, 0, 0, 0) for number, base in _STYLES]
    add(0xA2, struct.pack("<HHH", 4, len(_STYLES), 10) + b"".join(styles))
    pieces = [(0, 0x40000000 | _TEXT_AT * 2)] if narrow else []
    pieces.append((narrow, wide_at))
    borders = [*(first for first, _ in pieces), len(units) // 2]
    table = struct.pack(f"<{len(borders)}I", *borders)
    table += b"".join(struct.pack("<HIH", 0, offset, 0) for _, offset in pieces)
    add(0x1A2, b"\1\2\0xx\2" + struct.pack("<I", len(table)) + table)
    for at, extra in (tables or {}).items():
        add(at, extra)
    data[:_TEXT_AT] = header
    return {"WordDocument": bytes(data), "1Table" if flags & 0x0200 else "0Table": bytes(found)}


def old_word(text: bytes, version: int, *, flags: int = 0, language: int = 0x409) -> bytes:
    """The main stream of a file of Word 2, 6 or 95."""
    header = bytearray(0x300)
    magic = 0xA5DC if version > 100 else 0xA5DB
    struct.pack_into("<HHHHHH", header, 0, magic, version, 0, language, 0, flags)
    struct.pack_into("<II", header, 0x18, len(header), len(header) + len(text))
    struct.pack_into("<I", header, 0x34, len(text))
    return bytes(header) + text


@pytest.fixture
def write(tmp_path: Path, ole_writer: Any) -> WriteWord:
    """Writes a file of Word 97; see `word_97`."""

    def write(*paragraphs: tuple[str, bytes], about: bytes = b"", **how: Any) -> Path:
        streams = {**word_97(*paragraphs, **how), "\x05SummaryInformation": about}
        return ole_writer.write_ole(tmp_path / "a.doc", streams)

    return write


def test_paragraphs_come_with_their_headings(write: WriteWord, ole_writer: Any) -> None:
    about = ole_writer.summary(title="Über Vögel".encode("cp1252"), author=b"A. Person", saved=12_800_000_000)
    path = write(
        ("Report\r", style(3)),
        ("Birds\r", style(1)),
        ("Owls are heard\x0bat night.\r", style(0)),
        ("Owls\r", style(2)),
        ("Two\tseen\x1etwice.\x0c", style(0)),
        ("\r", style(1)),
        ("Fig. 1\r", style(4)),
        ("Own\r", style(5)),
        ("A list\r", style(0, _LISTED)),
        about=about,
    )
    document = parse(path)
    assert (document.kind, document.title, document.author) == ("doc", "Über Vögel", "A. Person")
    assert document.written == "2006-08-14T03:33:20+00:00"
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("heading", "Report", ("Report",)),
        ("heading", "Birds", ("Birds",)),
        ("paragraph", "Owls are heard at night.", ("Birds",)),
        ("heading", "Owls", ("Birds", "Owls")),
        ("paragraph", "Two seen-twice.", ("Birds", "Owls")),
        ("caption", "Fig. 1", ("Birds", "Owls")),
        ("heading", "Own", ("Birds", "Own")),
        ("list item", "A list", ("Birds", "Own")),
    ]


@pytest.mark.parametrize("flags", [0x0200, 0])
def test_pieces_of_one_and_of_two_bytes_a_character(write: WriteWord, flags: int) -> None:
    path = write(
        ("“Café” – first.\r", style(1)),
        ("Привет, 世界 \ud83d\ude00!\r", style(0)),
        ("End.\r", style(2)),
        narrow=16,
        flags=flags,
    )
    document = parse(path)
    assert [block.text for block in document.blocks] == ["“Café” – first.", "Привет, 世界 😀!", "End."]
    assert document.title == "“Café” – first."
    assert document.blocks[-1].kind is BlockKind.HEADING


def test_rows_of_a_table_with_empty_cells_and_paragraphs_in_a_cell(write: WriteWord) -> None:
    cell, end = style(0, _IN_TABLE), style(0, _IN_TABLE + _ROW_END)
    rows = [("a1\r", cell), ("a2\x07", cell), ("\x07", cell), ("c\x07", cell), ("\x07", end)]
    rows += [("\x07", cell), ("e\x07", cell), ("f\x07", cell), ("\x07", end)]
    blocks = parse(write(("Before\r", style(0)), *rows, ("After\r", style(0)))).blocks
    assert [(block.text, block.cells) for block in blocks] == [
        ("Before", ()),
        ("a1 a2 | c", ("a1 a2", "", "c")),
        ("e | f", ("", "e", "f")),
        ("After", ()),
    ]
    assert blocks[1].kind is BlockKind.TABLE_ROW


def test_what_is_hidden_deleted_or_the_code_of_a_field_is_left_out(write: WriteWord) -> None:
    path = write(
        ('See \x13 HYPERLINK "http://x.org/" \x14the \x13 PAGEREF x \x14page\x15\x15 here', b"\0\0"),
        ('\x13 XE "no" \x15.\r', b"\0\0"),
        ("Secret gone kept (\x01 soft\x1fly.\r", b"\0\0"),
        ("\x13 EQ \\* jc2 \\o\\ad(\\s\\up 10(とうきょう),東京)\x15 in Japan\r", b"\0\0"),
        ("An open \x13 brace\r", b"\0\0"),
        hidden={"Secret ": _HIDDEN, "gone ": _DELETED, "(": _SYMBOL},
    )
    assert [block.text for block in parse(path).blocks] == [
        "See the page here.",
        "kept softly.",
        "東京 in Japan",
        "An open brace",
    ]


def test_notes_follow_what_refers_to_them_and_boxes_come_last(write: WriteWord) -> None:
    main, foot, header, comment, box = (
        "Birds\rOwls\x02 hunt.\rMice\x05.\r",
        "\x02 See there.\r\r",
        "Page 1\r",
        "\x05Which?\r\r",
        "In a box\rand more\r\r",
    )
    path = write(
        (main[:6], style(1)),
        (main[6:] + foot + header + comment + box, style(0)),
        stories=[len(main), len(foot), len(header), 0, len(comment), 0, len(box)],
        tables={
            0xAA: struct.pack("<IIH", main.index("\x02"), len(main), 1),
            0xB2: struct.pack("<III", 0, len(foot) - 1, len(foot)),
            0xBA: struct.pack("<II30x", main.index("\x05"), len(main)),
            0xC2: struct.pack("<III", 0, len(comment) - 1, len(comment)),
        },
    )
    assert [(block.kind.value, block.text, block.anchor.headings) for block in parse(path).blocks] == [
        ("heading", "Birds", ("Birds",)),
        ("paragraph", "Owls hunt.", ("Birds",)),
        ("note", "See there.", ("Birds",)),
        ("paragraph", "Mice.", ("Birds",)),
        ("note", "Which?", ("Birds",)),
        ("paragraph", "In a box", ()),
        ("paragraph", "and more", ()),
    ]


def test_notes_that_all_hold_the_same_text_give_it_once(write: WriteWord) -> None:
    count = 2000
    note = "A note.\r" * 1000
    places = struct.pack(f"<{count + 1}I{2 * count}x", *[0] * count, 6)
    borders = struct.pack(f"<{count + 1}I", *[0, len(note)] * (count // 2), 0)
    path = write(("Text.\r" + note, style(0)), stories=[6, len(note)], tables={0xAA: places, 0xB2: borders})
    assert parse(path).text.count("A note.") == 1000


def test_fields_within_fields_without_end(write: WriteWord) -> None:
    depth = 20_000
    path = write(("Seen." + "\x13" * depth + "\x15" * depth + "\r", style(0)))
    assert parse(path).text == "Seen."


def test_notes_of_unknown_place_come_behind_the_text(write: WriteWord) -> None:
    path = write(("Text.\rA note.\r", style(0)), stories=[6, 8])
    assert [(block.kind.value, block.text) for block in parse(path).blocks] == [
        ("paragraph", "Text."),
        ("note", "A note."),
    ]


@pytest.mark.parametrize(
    ("language", "code_page", "codec"),
    [(0x419, 1252, "cp1251"), (0x405, 1252, "cp1250"), (0x411, 1252, "cp932"), (0x409, 1253, "cp1253")],
)
def test_word_95_in_the_code_page_of_its_language(
    tmp_path: Path, ole_writer: Any, language: int, code_page: int, codec: str
) -> None:
    words = {
        "cp1251": "Привет, мир",
        "cp1250": "Příliš žluťoučký",
        "cp932": "日本語の表",
        "cp1253": "Καλημέρα",
    }
    data = old_word(f"{words[codec]}.\rEnd\x07of\x07\x07".encode(codec), 104, language=language)
    streams = {"WordDocument": data, "\x05SummaryInformation": ole_writer.summary(code_page=code_page)}
    document = registry.parse(ole_writer.write_ole(tmp_path / "a.doc", streams))
    assert document.text == f"{words[codec]}.\n\nEnd | of"


def test_word_95_in_unicode(tmp_path: Path, ole_writer: Any) -> None:
    data = bytearray(old_word("日本語の表\rEnd\r".encode("utf-16-le"), 104, language=0x411))
    struct.pack_into("<I", data, 0x34, 10)
    path = ole_writer.write_ole(tmp_path / "a.doc", {"WordDocument": bytes(data)})
    assert registry.parse(path).text == "日本語の表\n\nEnd"


def test_word_2_which_has_no_container(tmp_path: Path) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(old_word("Señor\rAdiós\r".encode("cp1252"), 45))
    assert registry.parse(path).text == "Señor\n\nAdiós"


def test_text_that_is_called_doc(tmp_path: Path) -> None:
    path = tmp_path / "a.doc"
    path.write_text("Grüße\n\nZwei", encoding="utf-8")
    assert parse(path).text == "Grüße\n\nZwei"
    path.write_bytes(b"\xcb\x0a\x01\xf6 a WordPerfect 4 file\x00\x01")
    with pytest.raises(UnsupportedFormat, match="save it as DOCX"):
        parse(path)


@pytest.mark.usefixtures("no_converters")
def test_what_only_a_converter_reads_says_what_to_install(tmp_path: Path, ole_writer: Any) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(old_word(b"Pieces\r", 45, flags=4))
    with pytest.raises(UnsupportedFormat, match="install antiword or catdoc or LibreOffice"):
        registry.parse(path)
    with pytest.raises(UnsupportedFormat, match="Works document: install LibreOffice"):
        parse(ole_writer.write_ole(tmp_path / "a.wps", {"MN0": b"works"}))


def test_encrypted_files_say_so(tmp_path: Path, write: WriteWord, ole_writer: Any) -> None:
    with pytest.raises(EncryptedFile):
        registry.parse(write(("Secret\r", style(0)), flags=0x0300))
    with pytest.raises(EncryptedFile, match="rights management"):
        parse(ole_writer.write_ole(tmp_path / "b.doc", {**word_97(("T\r", style(0))), "\tDRMContent": b"x"}))
    path = tmp_path / "c.doc"
    path.write_bytes(old_word(b"Secret\r", 45, flags=0x100))
    with pytest.raises(EncryptedFile):
        registry.parse(path)


def test_text_is_never_guessed(tmp_path: Path, ole_writer: Any) -> None:
    streams = word_97(("Two owls.\r", style(0)))
    lost = streams["1Table"].replace(b"\1\2\0xx\2", b"\1\2\0xx\3")
    with pytest.raises(ParseError, match="where its text stands"):
        registry.parse(ole_writer.write_ole(tmp_path / "a.doc", {**streams, "1Table": lost}))
    garbage = streams["WordDocument"].replace("Two owls.".encode("utf-16-le"), bytes(18))
    with pytest.raises(ParseError, match="where its text stands"):
        registry.parse(ole_writer.write_ole(tmp_path / "a.doc", {**streams, "WordDocument": garbage}))
    with pytest.raises(ParseError, match=r"1Table.*missing"):
        registry.parse(ole_writer.write_ole(tmp_path / "a.doc", {"WordDocument": streams["WordDocument"]}))


def test_damaged_properties_and_styles_cost_title_and_headings_alone(tmp_path: Path, ole_writer: Any) -> None:
    streams = word_97(("Birds\r", style(1)), ("Two owls.\r", style(0)))
    main = bytearray(streams["WordDocument"])
    main[0xA2:0xAA] = main[0x102:0x10A] = b"\xff" * 8
    damaged = {**streams, "WordDocument": bytes(main), "\x05SummaryInformation": b"\xff" * 60}
    document = registry.parse(ole_writer.write_ole(tmp_path / "a.doc", damaged))
    assert (document.title, document.text) == ("", "Birds\n\nTwo owls.")


def test_damaged_files_are_a_document_or_a_reason(write: WriteWord, check_mutants: CheckMutants) -> None:
    cell = style(0, _IN_TABLE)
    source = write(
        ("Birds\r", style(1)), ("a\x07", cell), ("\x07", style(0, _IN_TABLE + _ROW_END)), ("End\r", style(0))
    )
    check_mutants(source, 300)
