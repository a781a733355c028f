"""Plain text in any encoding: paragraphs are what stands between blank lines, anchored by line."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from findling.documents.cleaning import clean, tidy
from findling.documents.model import Anchor, Block, BlockKind, Document
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path

_PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n\s*")
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
#: What is declared, and what is meant: as browsers read it (WHATWG Encoding), and names Python lacks.
_MEANT = {
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ks-c-5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "windows-874": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
#: What names the encoding of a text stands in its first bytes.
_DECLARED_BYTES = 4096
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
#: Logs of a crashed machine have runs of zeros; data has more.
_CONTROL_SHARE = 0.2
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
#: Text in which more of these runs than this are of one byte has one byte a character.
_SINGLE_SHARE = 0.5
_SINGLE_BYTE = ["cp1252", "cp1250", "cp1251", "cp1254", "cp1257", "cp850", "mac_roman", "iso8859_15"]
#: Guessing an encoding reads no more than this.
_GUESS_BYTES = 256 * 1024


def parse(path: Path) -> Document:
    """Read a text file. Raises `ParseError` for bytes that are no text in any encoding."""
    return Document("txt", "", tuple(paragraphs(decode(path.read_bytes()))))


def paragraphs(text: str) -> list[Block]:
    """Cut at blank lines; each block's anchor is the line on which it begins."""
    blocks: list[Block] = []
    line = 1
    position = 0
    text = clean(text)
    for match in [*_PARAGRAPH_BREAK.finditer(text), None]:
        piece = text[position : match.start() if match else len(text)]
        if body := tidy(piece):
            begins = line + piece[: len(piece) - len(piece.lstrip())].count("\n")
            blocks.append(Block(BlockKind.PARAGRAPH, body, Anchor(line=begins)))
        if match:
            line += text.count("\n", position, match.end())
            position = match.end()
    return blocks


def has_byte_order_mark(data: bytes) -> bool:
    """Whether the first bytes name the encoding."""
    return any(data.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS)


def decode(data: bytes) -> str:
    """Bytes to text: byte order mark, then UTF-8, then the best guess of charset-normalizer.

    Raises `ParseError` when the bytes are binary.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if b"\x00" not in data[:_GUESS_BYTES]:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start > _GUESS_BYTES:  # text throughout, with a flaw somewhere
                return data.decode("utf-8", errors="replace")
    text = data.decode(_guessed(data[:_GUESS_BYTES]), errors="replace")
    if len(_CONTROL.findall(text, 0, _GUESS_BYTES)) > _CONTROL_SHARE * min(len(text), _GUESS_BYTES):
        raise ParseError("binary data, not text")
    return text


def decode_as(data: bytes, declared: str) -> str:
    """Text in the encoding that it is said to be in, where that is a real one and fits; else as `decode`."""
    name = declared.strip("\"' ").lower().replace("_", "-")
    codec = _MEANT.get(name, name)
    for each in ("utf-8", codec) if codec == "cp1252" else (codec,):
        try:
            return data.decode(each)
        except (LookupError, ValueError):
            continue
    return decode(data)


def decode_declaring(data: bytes, declaration: re.Pattern[bytes]) -> str:
    """Text that names its own encoding: in the first group of `declaration`. A byte order mark speaks louder
    than that, and a declaration that could be read is not in UTF-16. Raises as `decode`."""
    match = None if has_byte_order_mark(data) else declaration.search(data[:_DECLARED_BYTES])
    declared = match[1].decode("ascii", "replace") if match else ""
    try:
        is_wide = codecs.lookup(declared).name.startswith(("utf-16", "utf-32"))
    except (LookupError, ValueError):
        is_wide = False
    return decode(data) if is_wide or not declared else decode_as(data, declared)


def _guessed(data: bytes) -> str:
    """The encoding that charset-normalizer takes for the best. It takes a few accents for characters of East
    Asia, each of which has two bytes. Raises `ParseError`."""
    from charset_normalizer import from_bytes

    runs = _BEYOND_ASCII.findall(data)
    single = sum(len(run) == 1 for run in runs) > _SINGLE_SHARE * len(runs)
    best = from_bytes(data, cp_isolation=_SINGLE_BYTE if single else None).best()
    if best is None and single:
        best = from_bytes(data).best()
    if best is None:
        raise ParseError("binary data, not text")
    return best.encoding
