"""Plain text: encodings, paragraphs with their lines, binary data refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.documents import parse
from findling.documents.parsers.plain import decode, paragraphs
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path

_TEXT = "Die Kläranlage über dem Fluss läuft wieder. Der Wärter prüft sie täglich um fünf — “früh”.\n" * 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(_TEXT.encode(encoding))
    assert parse(path).text == _TEXT.strip()


@pytest.mark.parametrize("mark", [b"\xfe\xff", b"\x00\x00\xfe\xff"])
def test_big_endian_with_a_mark(mark: bytes) -> None:
    encoding = "utf-16-be" if len(mark) == 2 else "utf-32-be"
    assert decode(mark + "Grüße".encode(encoding)).lstrip("\ufeff") == "Grüße"


def test_one_flaw_far_in_a_long_text_costs_one_character() -> None:
    data = "größer ".encode() * 60_000 + b"\xff" + " höher".encode()
    assert decode(data).endswith("größer \ufffd höher")


@pytest.mark.parametrize("data", [bytes(range(256)) * 40, b"\x00\x01\x02\x03" * 500])
def test_binary_data_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(data)
    with pytest.raises(ParseError, match="binary"):
        parse(path)


def test_zeros_in_a_log_do_not_make_it_binary() -> None:
    data = b"a line of the log\n" * 50 + bytes(100) + b"after the crash\n"
    assert decode(data).endswith("after the crash\n")


def test_paragraphs_begin_at_their_lines() -> None:
    blocks = paragraphs("\n\nFirst\r\nstill first\n \t\n\nSecond\x00\n\n\n\n  indented  twice\n")
    assert [(block.text, block.anchor.line) for block in blocks] == [
        ("First\nstill first", 3),
        ("Second", 7),
        ("indented twice", 11),
    ]


@pytest.mark.parametrize("text", ["", " \n\t\n ", "\ufeff\n"])
def test_no_text_gives_no_blocks(text: str) -> None:
    assert paragraphs(text) == []
