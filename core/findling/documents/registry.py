"""Which parser reads a file: by what its first bytes are, and by its suffix where bytes cannot tell."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import cast

from findling.documents.model import Document
from findling.errors import EncryptedFile, ParseError, UnsupportedFormat, one_line

#: Part of every document's id: raise it when a parser reads more or otherwise than before, and files are
#: read again (passages whose text stayed the same keep their vectors).
PARSER_VERSION = 2

#: A parser takes the path and the file's name for messages, and returns the document.
Parser = Callable[[Path], Document]

_SUFFIXES = {
    "txt": ("txt", "text", "log"),
    "md": ("md", "markdown", "mdown", "mkd"),
    "html": ("html", "htm", "xhtml"),
    "pdf": ("pdf",),
    "docx": ("docx", "docm", "dotx", "dotm"),
}
_FAMILY_OF_SUFFIX = {suffix: family for family, names in _SUFFIXES.items() for suffix in names}

_MODULES = {
    "txt": "findling.documents.plain",
    "md": "findling.documents.markdown",
    "html": "findling.documents.html",
    "pdf": "findling.documents.pdf",
    "docx": "findling.documents.docx",
}

#: The families of files that are read.
FAMILIES = tuple(_MODULES)

_HEAD_BYTES = 4096
_OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
#: Formats that people keep and that are not read yet, told by their first bytes.
_FOREIGN_MAGIC = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"ITSF", "chm"),
)


def family_of_name(name: str) -> str:
    """The family that a file's suffix names, else the bare suffix, else "unknown"."""
    suffix = PurePath(name).suffix.lower().lstrip(".")
    return _FAMILY_OF_SUFFIX.get(suffix, suffix or "unknown")


def family_of(path: Path) -> str:
    """The family whose parser reads this file. The bytes decide; the suffix speaks for plain text.

    Raises `UnsupportedFormat` with the reason when there is none, `EncryptedFile` for Office files
    behind a password, `ParseError` when the file cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise ParseError(f"cannot be read: {error.strerror or error}") from error
    named = family_of_name(path.name)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _family_of_zip(path, named)
    if head.startswith(_OLE_MAGIC):
        return _refuse_ole(path, named)
    for magic, foreign in _FOREIGN_MAGIC:
        if head.startswith(magic):
            raise UnsupportedFormat(f"format not read yet: {foreign}")
    if named in ("pdf", "docx"):
        if not head.strip(b"\x00 \r\n\t"):
            raise ParseError("empty file")
        raise ParseError(f"not a {named.upper()} file, whatever its name says")
    if named not in _MODULES:
        raise UnsupportedFormat(f"format not read yet: {named}")
    if named in ("txt", "md") and _looks_like_html(head):
        return "html" if named == "txt" else named
    return named


def parse(path: Path) -> Document:
    """Read one file. Blocks come in reading order; a file without text gives no blocks.

    Raises `ParseError` (or its subclasses) with a reason that a person understands, whatever the file.
    """
    family = family_of(path)
    parser = cast("Parser", importlib.import_module(_MODULES[family]).parse)
    try:
        document = parser(path)
    except ParseError:
        raise
    except MemoryError as error:
        raise ParseError("too large to read within the memory limit") from error
    except RecursionError as error:
        raise ParseError("nested too deeply to read") from error
    except Exception as error:
        # Third-party parsers raise anything at all on malformed input; it fails this file alone.
        raise ParseError(f"damaged {family.upper()} file: {one_line(error, 160)}") from error
    return document


def _looks_like_html(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")[:256].lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _family_of_zip(path: Path, named: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ParseError(f"damaged ZIP container: {error}") from error
    if "word/document.xml" in names or (named == "docx" and "[Content_Types].xml" in names):
        return "docx"
    raise UnsupportedFormat(f"format not read yet: {named if named not in _MODULES else 'zip'}")


def _refuse_ole(path: Path, named: str) -> str:
    # An encrypted Office document is an OLE container with an EncryptedPackage stream (MS-OFFCRYPTO 2.1);
    # stream names are UTF-16 in the directory.
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        raise EncryptedFile("encrypted: a password is needed")
    raise UnsupportedFormat(f"format not read yet: {named} (legacy Office)")
