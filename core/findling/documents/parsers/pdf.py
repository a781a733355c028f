"""PDF through pypdfium2 (PDFium, permissive licences, what Chrome reads with): text page by page.

PDFium keeps the line breaks of the page; lines are joined to paragraphs here, hyphens at line ends mended.
Its outline gives the headings. Scanned pages have no text layer and give none: they are named.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import clean, flow, sensible_author, sensible_title
from findling.documents.model import Anchor, Block, BlockKind, Document
from findling.documents.parsers.bookmarks import PAGE_NUMBER, Contents
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

#: FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY of PDFium's fpdfview.h.
_PASSWORD_ERRORS = (4, 5)
#: PDFium writes U+FFFE for a hyphen at the end of a line where it joins the lines itself.
_HYPHEN_IN_WORD = re.compile(r"(?<=[^\W\d_])(?:[\u00ad\u2010-]\n|\ufffe\n?)(?=[a-zà-öø-ÿ])")
_HYPHEN_BETWEEN_WORDS = re.compile(r"\ufffe\n?")
_SENTENCE_END = re.compile(r"[.!?:…。！？][\"'”’»)\]]*$")
#: A line shorter than this share of the page's usual line ends its paragraph.
_SHORT_LINE = 0.75
#: A page without a text is one that was scanned where pictures cover this share of it, with so many pixels.
_LEAST_COVERED = 0.05
_LEAST_PIXELS = 5000
_MOST_OBJECTS = 20_000


@contextmanager
def opened(path: Path) -> Generator[Any]:
    """PDFium's document. Raises `EncryptedFile`, `ParseError`."""
    import pypdfium2
    from pypdfium2 import PdfiumError

    try:
        pdf = pypdfium2.PdfDocument(path)
    except PdfiumError as error:
        if getattr(error, "err_code", None) in _PASSWORD_ERRORS or "assword" in str(error):
            raise EncryptedFile from error
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
        contents = Contents.of(pdf)
        pages: list[str] = []
        notes: list[list[str]] = []
        scans: list[int] = []
        for number in range(len(pdf)):
            pages.append("")
            notes.append([])
            try:
                page = pdf[number]
                text_page = page.get_textpage()
                pages[-1] = text_page.get_text_range()
                notes[-1] = _notes(page)
                text_page.close()
                if not any(map(str.isalnum, pages[-1])) and _is_picture(page):
                    scans.append(number + 1)
                page.close()
            except PdfiumError:
                continue
    return Document("pdf", title, tuple(_blocks(pages, notes, contents)), author, scans=tuple(scans))


def _is_picture(page: Any) -> bool:
    """Whether pictures cover a good part of a page; they may be strips of one."""
    from pypdfium2 import PdfImage

    width, height = page.get_size()
    covered, pixels = 0.0, 0
    for item in islice(page.get_objects(max_depth=2), _MOST_OBJECTS):
        if isinstance(item, PdfImage):
            sides = item.get_bounds()
            if item.container is not None:
                sides = item.container.get_matrix().on_rect(*sides)
            left, bottom, right, top = sides
            covered += (right - left) * (top - bottom)
            wide, high = item.get_px_size()
            pixels += wide * high
    return covered >= _LEAST_COVERED * width * height > 0 and pixels >= _LEAST_PIXELS


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


def _blocks(pages: list[str], notes: list[list[str]], contents: Contents) -> list[Block]:
    """Paragraphs of each page, then the notes on it."""
    pages_of_lines = [[line.strip() for line in mended(page).split("\n")] for page in pages]
    running = _running_lines(pages_of_lines)
    blocks: list[Block] = []
    for number, lines in enumerate(pages_of_lines, 1):
        blocks += blocks_of_page(number, _without_furniture(lines, running), contents)
        anchor = blocks[-1].anchor if blocks and blocks[-1].anchor.page == number else Anchor(page=number)
        blocks += [Block(BlockKind.PARAGRAPH, text, anchor) for text in notes[number - 1]]
    return blocks


def blocks_of_page(number: int, lines: Sequence[str], contents: Contents) -> list[Block]:
    """Headings and paragraphs of lines without hyphens at their ends; a blank line ends a paragraph."""
    lengths = sorted(len(line) for line in lines if line)
    usual = lengths[int(len(lengths) * 0.8)] if lengths else 0
    blocks: list[Block] = []
    for section in contents.sections(number, lines):
        anchor = Anchor(page=number, headings=section.path)
        if section.is_heading:
            blocks.append(Block(BlockKind.HEADING, section.path[-1], anchor))
        else:
            texts = _paragraphs(section.lines, usual)
            blocks += [Block(BlockKind.PARAGRAPH, text, anchor) for text in texts]
    return blocks


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
        "" if index in edges and (_without_digits(line) in running or PAGE_NUMBER.match(line)) else line
        for index, line in enumerate(lines)
    ]
    return kept if any(kept) else lines  # a page of nothing else keeps it


def _paragraphs(lines: Sequence[str], usual: int) -> list[str]:
    """Join the lines of a page: a blank line ends a paragraph, and so does one shorter than the `usual` line
    that ends a sentence or stands alone like a heading."""
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
