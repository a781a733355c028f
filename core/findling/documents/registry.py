"""Which module reads a file of which family."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, cast

from findling.documents.model import Document
from findling.documents.sniffing import family_of
from findling.errors import ParseError, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from findling.documents.member import Member

#: Part of every document's id: raise it when a parser reads more or otherwise than before, and files are
#: read again (passages whose text stayed the same keep their vectors).
PARSER_VERSION = 4

#: Module of `findling.documents.parsers`, and its function that takes a path and returns a `Document`.
_PARSERS = {
    "txt": "plain.parse",
    "md": "markdown.parse",
    "html": "html.parse",
    "pdf": "pdf.parse",
    "docx": "docx.parse",
    "doc": "word_binary.parse",
    "odt": "opendocument.parse_text",
    "rtf": "rtf.parse",
    "pptx": "pptx.parse",
    "ppt": "powerpoint_binary.parse",
    "odp": "opendocument.parse_presentation",
    "xlsx": "sheets.parse_xlsx",
    "xls": "sheets.parse_xls",
    "ods": "sheets.parse_ods",
    "csv": "delimited.parse",
    "epub": "epub.parse",
    "fb2": "fb2.parse",
    "mhtml": "mhtml.parse",
    "rst": "rst.parse",
    "adoc": "asciidoc.parse",
    "org": "org.parse",
    "tex": "tex.parse",
    "eml": "mail.parse",
    "msg": "outlook.parse",
    "ics": "calendar.parse",
    "ipynb": "notebook.parse",
    "code": "code.parse",
    "json": "data.parse_json",
    "xml": "data.parse_xml",
    "yaml": "data.parse_yaml",
    "srt": "subtitles.parse",
    "image": "image.parse",
}
#: Module and function that takes a path and yields every `Member`.
_MEMBERS = {
    "eml": "mail.members",
    "msg": "outlook.members",
    "mbox": "mail.messages",
    "zip": "archive.zip_members",
    "tar": "archive.tar_members",
    "7z": "archive.seven_zip_members",
    "gz": "archive.single_member",
}
#: The families that hold other files.
CONTAINERS = frozenset(_MEMBERS)


def parse(path: Path) -> Document:
    """Read one file. Blocks come in reading order; a file without text gives no blocks.

    Raises `ParseError` (or its subclasses) with a reason that a person understands, whatever the file.
    """
    return parse_as(family_of(path), path)


def parse_as(family: str, path: Path) -> Document:
    """Read a file of a family. A container of other files has no text of its own. Raises as `parse`."""
    if family not in _PARSERS:
        return Document(family, "", ())
    return cast("Document", _guarded(family, lambda: _function(_PARSERS[family])(path)))


def members_of(family: str, path: Path) -> Iterator[Member]:
    """The files inside a file of that family, one after the other. Raises as `parse`, at any of them."""
    if family not in _MEMBERS:
        return
    found = _guarded(family, lambda: iter(_function(_MEMBERS[family])(path)))
    while (member := _guarded(family, lambda: next(found, None))) is not None:
        yield member


def _function(place: str) -> Callable[[Path], Any]:
    module, _, name = place.partition(".")
    return getattr(importlib.import_module(f"findling.documents.parsers.{module}"), name)


def _guarded(family: str, work: Callable[[], Any]) -> Any:
    """What `work` returns. Raises `ParseError` whatever it raises: third-party parsers raise anything at all
    on malformed input, and it fails this file alone."""
    try:
        return work()
    except ParseError:
        raise
    except MemoryError as error:
        raise ParseError("too large to read within the memory limit") from error
    except RecursionError as error:
        raise ParseError("nested too deeply to read") from error
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic of a library in Rust is no Exception
        raise ParseError(f"damaged {family.upper()} file: {one_line(error, 160)}") from error
