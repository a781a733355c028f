"""PDF through pypdfium2 (PDFium, permissive licences, what Chrome reads with): text page by page.

PDFium keeps the line breaks of the page; lines are joined to paragraphs here, hyphens at line ends mended.
Scanned pages have no text layer and give none.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import clean, flow, sensible_author, sensible_title
from findling.documents.model import Anchor, Block, BlockKind, Document
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

#: FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY of PDFium's fpdfview.h.
_PASSWORD_ERRORS = (4, 5)
#: PDFium writes U+FFFE for a hyphen at the end of a line where it joins the lines itself.
_HYPHEN_IN_WORD = re.compile(r"(?<=[^\W\d_])(?:[\u00ad\u2010-]\n|\ufffe\n?)(?=[a-zà-öø-ÿ])")
_HYPHEN_BETWEEN_WORDS = re.compile(r"\ufffe\n?")
_PAGE_NUMBER = re.compile(
    r"^\W*(?:page|seite|p\.)?\s*\d{1,4}(?:\s*(?:/|of|von|sur|de)\s*\d{1,4})?\W*$", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?:…。！？][\"'”’»)\]]*$")
#: A line shorter than this share of the page's usual line ends its paragraph.
_SHORT_LINE = 0.75


@contextmanager
def opened(path: Path) -> Generator[Any]:
    """PDFium's document. Raises `EncryptedFile`, `ParseError`."""
    import pypdfium2
    from pypdfium2 import PdfiumError

    try:
        pdf = pypdfium2.PdfDocument(path)
    except PdfiumError as error:
        if getattr(error, "err_code", None) in _PASSWORD_ERRORS or "assword" in str(error):
            raise EncryptedFile("encrypted: a password is needed") from error
        raise ParseError(f"damaged PDF file: {error}") from error
    except OSError as error:
        raise ParseError(f"cannot be read: {error.strerror or error}") from error
    try:
        yield pdf
    finally:
        pdf.close()


def parse(path: Path) -> Document:
    """Read a PDF's text layer. Raises `EncryptedFile`, `ParseError`; a page that fails is left out."""
    from pypdfium2 import PdfiumError

    with opened(path) as pdf:
        metadata = pdf.get_metadata_dict()
        title, author = sensible_title(metadata.get("Title")), sensible_author(metadata.get("Author"))
        pages: list[str] = []
        notes: list[list[str]] = []
        for number in range(len(pdf)):
            try:
                page = pdf[number]
                text_page = page.get_textpage()
                pages.append(text_page.get_text_range())
                notes.append(_notes(page))
                text_page.close()
                page.close()
            except PdfiumError:
                pages.append("")
                notes.append([])
    return Document("pdf", title, tuple(_blocks(pages, notes)), author)


def _notes(page: Any) -> list[str]:
    """What people wrote on a page: comments, and the values of filled-in form fields."""
    from pypdfium2 import raw

    marks = range(raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_STRIKEOUT + 1)
    keys = dict.fromkeys((raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_FREETEXT, *marks), b"Contents")
    keys[raw.FPDF_ANNOT_WIDGET] = b"V"
    notes: list[str] = []
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        key = keys.get(raw.FPDFAnnot_GetSubtype(annotation))
        if key and _string(annotation, b"FT") != "Btn" and (text := flow(_string(annotation, key))):
            notes.append(text)
        raw.FPDFPage_CloseAnnot(annotation)
    return notes


def _string(annotation: Any, key: bytes) -> str:
    """A string of an annotation's dictionary, or ""."""
    from ctypes import POINTER, c_ushort, cast, create_string_buffer

    from pypdfium2 import raw

    size: int = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)  # bytes of UTF-16, end mark included
    buffer = create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(annotation, key, cast(buffer, POINTER(c_ushort)), size)
    return buffer.raw[: max(0, size - 2)].decode("utf-16-le", errors="replace")


def _blocks(pages: list[str], notes: list[list[str]]) -> list[Block]:
    """Paragraphs of each page, then the notes on it."""
    pages_of_lines = [[line.strip() for line in mended(page).split("\n")] for page in pages]
    running = _running_lines(pages_of_lines)
    return [
        Block(BlockKind.PARAGRAPH, paragraph, Anchor(page=number))
        for number, (lines, written) in enumerate(zip(pages_of_lines, notes, strict=True), 1)
        for paragraph in (*_paragraphs(_without_furniture(lines, running)), *written)
    ]


def mended(page: str) -> str:
    """Hyphens at line ends taken out, or kept where no small letter goes on."""
    text = _HYPHEN_IN_WORD.sub("", page.replace("\r\n", "\n"))
    return clean(_HYPHEN_BETWEEN_WORDS.sub("-", text))


def _running_lines(pages: list[list[str]]) -> set[str]:
    """Headers and footers: the first or last line of more than half of at least four pages."""
    if len(pages) < 4:
        return set()
    edges: Counter[str] = Counter()
    for lines in pages:
        filled = [line for line in lines if line]
        edges.update({_without_digits(line) for line in (filled[:1] + filled[-1:])})
    return {line for line, count in edges.items() if line and count > len(pages) / 2}


def _without_digits(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _without_furniture(lines: list[str], running: set[str]) -> list[str]:
    filled = [index for index, line in enumerate(lines) if line]
    edges = set(filled[:2] + filled[-2:])
    kept = [
        "" if index in edges and (_without_digits(line) in running or _PAGE_NUMBER.match(line)) else line
        for index, line in enumerate(lines)
    ]
    return kept if any(kept) else lines  # a page of nothing else keeps it


def _paragraphs(lines: list[str]) -> list[str]:
    """Join the lines of a page: a blank line ends a paragraph, and so does a short line that ends a
    sentence or stands alone like a heading."""
    lengths = sorted(len(line) for line in lines if line)
    usual = lengths[int(len(lengths) * 0.8)] if lengths else 0
    paragraphs: list[str] = []
    open_lines: list[str] = []

    def close() -> None:
        if text := flow(" ".join(open_lines)):
            paragraphs.append(text)
        open_lines.clear()

    for line in lines:
        if not line:
            close()
            continue
        open_lines.append(line)
        if len(line) < usual * _SHORT_LINE and (_SENTENCE_END.search(line) or len(open_lines) == 1):
            close()
    close()
    return paragraphs
