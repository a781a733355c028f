"""Saved web pages (MHTML) by the standard library's `email`, which reads MIME, and `html` for the page."""

from __future__ import annotations

import codecs
import email
import re
from typing import TYPE_CHECKING

from findling.documents.cleaning import made, sensible_title
from findling.documents.parsers.html import blocks_of
from findling.documents.parsers.mail import header, in_charset, iso_date
from findling.documents.parsers.plain import paragraphs
from findling.errors import ParseError

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

    from findling.documents.model import Document

_TITLE = re.compile(r"<title[^>]*>([^<]*)</title>", re.IGNORECASE)
_HTML = frozenset({"text/html", "application/xhtml+xml"})


def parse(path: Path) -> Document:
    """Read the first page in the file that has text: the others stand in frames of it. The title is that of
    the page, which programs write as the subject, too."""
    message = email.message_from_bytes(path.read_bytes().lstrip())
    parts = [part for part in message.walk() if not part.is_multipart()]
    if not parts or not message.keys():
        raise ParseError("not a saved web page")
    title, written = header(message, "Subject"), iso_date(header(message, "Date"))
    for part in parts:
        if part.get_content_type() in _HTML:
            source = _content(part)
            if blocks := blocks_of(source):
                return made("mhtml", sensible_title(title) or _title(source), blocks, written=written)
    texts = [_content(part) for part in parts if part.get_content_type() == "text/plain"]
    blocks = [block for text in texts for block in paragraphs(_text(text))]
    return made("mhtml", title, blocks, written=written)


def _content(part: Message) -> str | bytes:
    """A part's text; its bytes where its head names no character set that there is."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset("")
    try:
        codecs.lookup(charset)
    except LookupError:
        return data
    return in_charset(data, charset)


def _text(content: str | bytes) -> str:
    return content if isinstance(content, str) else in_charset(content, "utf-8")


def _title(source: str | bytes) -> str:
    import html

    match = _TITLE.search(_text(source))
    return html.unescape(match[1]) if match else ""
