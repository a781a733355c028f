"""Small repairs of text that every parser needs."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from findling.documents.model import Block, BlockKind, Document

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A date in ISO 8601, or as much of it as is known.
DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ufeff\u200b\u2060\u00ad]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n){2,}")
_PROGRAM_TITLE = re.compile(
    r"^(microsoft (word|powerpoint|excel)\b|untitled\b|unbenannt\b|sans nom\b|document\s*\d*$|slide 1$"
    r"|powerpoint presentation$|no slide title$)"
    r"|\.(docx?|dotx?|rtf|odt|tex|dvi|indd|qxd|pdf|html?|txt|md|pages)$",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"^(python-docx|python-pptx|openpyxl|microsoft office user|administrator|admin|user|root|owner"
    r"|author|unknown|anonymous|n/?a|none|default|\(?unspecified\)?)$",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """Drop control and invisible characters, unify line ends, compose accents (NFC)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    text = _LONE_SURROGATE.sub("\ufffd", text)
    return unicodedata.normalize("NFC", _CONTROL.sub("", text))


def flow(text: str) -> str:
    """One paragraph on one line: every run of white space becomes one space."""
    return " ".join(clean(text).split())


def tidy(text: str) -> str:
    """Keep lines, drop trailing blanks and runs of empty lines."""
    lines = (_BLANKS.sub(" ", line).rstrip() for line in clean(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def sensible_author(text: str | None) -> str:
    """An author's name fit to be shown, or "": programs write their own names and those of accounts there."""
    return _sensible(text, _NO_AUTHOR)


def sensible_title(text: str | None) -> str:
    """A title fit to be shown, or "": programs write their own names and file names there."""
    return _sensible(text, _PROGRAM_TITLE)


def _sensible(text: str | None, refused: re.Pattern[str]) -> str:
    name = flow(text or "")
    if not 2 <= len(name) <= 200 or refused.search(name):
        return ""
    return name if any(map(str.isalpha, name)) else ""


def made(
    kind: str, title: str | None, blocks: Iterable[Block], author: str | None = "", written: str = ""
) -> Document:
    """The document of these blocks. Where `title` is none that can be shown, its first heading is."""
    found = tuple(blocks)
    named = sensible_title(title)
    if not named:
        headings = (block.text for block in found if block.kind is BlockKind.HEADING)
        named = sensible_title(next(headings, ""))
    return Document(kind, named, found, sensible_author(author), written)
