"""Saved web pages (MHTML) by the standard library's `email`, which reads MIME, and `html` for the page."""

from __future__ import annotations

import codecs
import email
from typing import TYPE_CHECKING

from findling.documents.cleaning import made, sensible_title
from findling.documents.parsers.html import document_of
from findling.documents.parsers.mail import bytes_in, header, in_charset, iso_date, text_in
from findling.documents.parsers.plain import paragraphs
from findling.errors import ParseError

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

    from findling.documents.model import Document

_HTML = frozenset({"text/html", "application/xhtml+xml"})


def parse(path: Path) -> Document:
    """Read the first page in the file that has text: the others stand in frames of it. The title is that of
    the page, which programs write as the subject, too."""
    message = email.message_from_bytes(path.read_bytes().lstrip())
    parts = [part for part in message.walk() if not part.is_multipart()]
    if not parts or not message.keys():
        raise ParseError("not a saved web page")
    title, written = sensible_title(header(message, "Subject")), iso_date(header(message, "Date"))
    for part in parts:
        if part.get_content_type() in _HTML:
            page = document_of(_page(part))
            if page.blocks:
                return made("mhtml", title or page.title, page.blocks, page.author, written)
    texts = [text_in(part) for part in parts if part.get_content_type() == "text/plain"]
    return made("mhtml", title, [block for text in texts for block in paragraphs(text)], written=written)


def _page(part: Message) -> str | bytes:
    """A page's text; its bytes where its head names no character set that there is."""
    data, charset = bytes_in(part), part.get_content_charset("")
    try:
        codecs.lookup(charset)
    except LookupError:
        return data
    return in_charset(data, charset)
