"""Renders the PDF and DOCX documents of the sample library from their Markdown sources.

A source is named after the document it becomes: ``sources/manual/goods-ropeway-manual.pdf.md`` is
written to ``core/findling/sample_library/manual/goods-ropeway-manual.pdf``. The other documents of
the library (Markdown, plain text, HTML) are kept there as they are and have no source here.

Run it with ``python packaging/sample_library/build.py``; it needs PySide6 and python-docx. The
same versions of these and of the fonts give the same bytes again: dates come from the sources.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import io
import os
import re
import sys
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_HASH_SEED"] = "0"  # the order of the fonts in a PDF hangs on it

import docx
from PySide6.QtCore import QMarginsF, QRectF, Qt, QUuid
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)

if TYPE_CHECKING:
    from docx.document import Document as DocxDocument
    from docx.text.paragraph import Paragraph
    from PySide6.QtGui import QTextBlock

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
LIBRARY = HERE.parents[1] / "core" / "findling" / "sample_library"

DPI = 300
MARGIN_MM = 24.0
BODY_FONT = "DejaVu Serif"
HEAD_FONT = "DejaVu Sans"
HEAD_SIZES = {1: 17.0, 2: 12.5, 3: 10.5}
PAGE_WORD = {"en": "Page {} of {}", "de": "Seite {} von {}", "fr": "Page {} sur {}"}


@dataclass(frozen=True)
class Source:
    """One Markdown source: the head between two ``---`` lines, and the text after it."""

    title: str
    author: str
    date: dt.datetime
    language: str
    text: str


def read_source(path: Path) -> Source:
    """Reads one source file."""
    _, head, text = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    date = dt.datetime.fromisoformat(fields["date"]).replace(hour=12)
    return Source(fields["title"], fields["author"], date, fields["language"], text.strip() + "\n")


# --- PDF -----------------------------------------------------------------------------------------


def plain_font(family: str, size: float, *, bold: bool = False) -> QFont:
    """A font without ligatures, so that the text layer has "f" and "i", never one sign for both."""
    font = QFont(family)
    font.setPointSizeF(size)
    font.setBold(bold)
    for tag in ("liga", "clig", "dlig"):
        font.setFeature(QFont.Tag(tag), 0)
    return font


def px(millimetres: float) -> float:
    """A length on the page, in dots of the writer."""
    return millimetres / 25.4 * DPI


def fmt(millimetres: float) -> float:
    """A length in a text format; Qt scales these from 96 dots per inch to the writer's."""
    return millimetres / 25.4 * 96


def style_block(block: QTextBlock) -> None:
    """Gives a block the spacing and the font of its kind."""
    cursor = QTextCursor(block)
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    shape = block.blockFormat()
    level = shape.headingLevel()
    in_table = cursor.currentTable() is not None
    shape.setLineHeight(118.0, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    shape.setTopMargin(fmt({1: 0.0, 2: 4.5, 3: 3.0}.get(level, 0.0)))
    shape.setBottomMargin(fmt(0.0 if in_table else 1.5 if level or block.textList() else 2.6))
    cursor.setBlockFormat(shape)

    if level:
        letters = cursor.charFormat()
        letters.clearProperty(QTextFormat.Property.FontSizeAdjustment)
        letters.setFont(plain_font(HEAD_FONT, HEAD_SIZES.get(level, 10.0), bold=True))
        letters.setForeground(QColor("#1d3a4f"))
        cursor.setCharFormat(letters)


def style_tables(document: QTextDocument) -> None:
    """Gives all tables thin lines and the full width."""
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            shape = frame.format().toTableFormat()
            shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
            shape.setBorder(1)
            shape.setBorderCollapse(True)
            shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            shape.setBorderBrush(QColor("#8a949c"))
            shape.setCellPadding(fmt(1.1))
            shape.setCellSpacing(0)
            shape.setTopMargin(fmt(1.0))
            shape.setBottomMargin(fmt(3.5))
            frame.setFormat(shape)


def break_pages(document: QTextDocument, page_height: float) -> None:
    """Begins a new page before each paragraph or table that would lie on two, headings included.

    Qt would draw one line of such a paragraph on both pages, and so twice into the text layer.
    """
    layout = document.documentLayout()
    block = document.begin()
    while block.isValid():
        table = QTextCursor(block).currentTable()
        box = layout.frameBoundingRect(table) if table else layout.blockBoundingRect(block)
        following = table.lastCursorPosition().block().next() if table else block.next()
        if box.top() // page_height != box.bottom() // page_height:
            while block.previous().blockFormat().headingLevel():
                block = block.previous()
            if block.blockFormat().headingLevel() or not table:
                shape = block.blockFormat()
                shape.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
                QTextCursor(block).setBlockFormat(shape)
            else:
                frame = table.format()
                frame.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
                table.setFormat(frame.toTableFormat())
            document.markContentsDirty(0, document.characterCount())  # a part would be left out
        block = following


def draw_pages(document: QTextDocument, writer: QPdfWriter, words: str) -> None:
    """Paints the pages one by one, with the page number in the footer."""
    page = QRectF(0.0, 0.0, document.pageSize().width(), document.pageSize().height())
    footer = page.adjusted(px(MARGIN_MM), page.height() - px(17.0), -px(MARGIN_MM), -px(10.0))
    painter = QPainter(writer)
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        context = QAbstractTextDocumentLayout.PaintContext()
        context.clip = page.translated(0.0, number * page.height())
        context.palette.setColor(QPalette.ColorRole.Text, QColor("black"))
        painter.save()
        painter.translate(0.0, -number * page.height())
        document.documentLayout().draw(painter, context)
        painter.restore()
        painter.setFont(plain_font(HEAD_FONT, 7.5))
        painter.setPen(QColor("#5b656d"))
        label = words.format(number + 1, document.pageCount())
        painter.drawText(footer, Qt.AlignmentFlag.AlignRight, label)
    painter.end()


def with_fixed_dates(pdf: bytes, date: dt.datetime) -> bytes:
    """Puts the document's own date in place of the moment of writing; no length changes."""
    pdf = re.sub(rb"\(D:\d{14}", date.strftime("(D:%Y%m%d%H%M%S").encode(), pdf)
    stamp = date.strftime("%Y-%m-%dT%H:%M:%S").encode()
    return re.sub(rb"(?<=Date=\")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", stamp, pdf)


def write_pdf(source: Source, target: Path) -> None:
    """Renders a source as PDF."""
    writer = QPdfWriter(str(target))
    writer.setResolution(DPI)
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF())
    )
    writer.setTitle(source.title)
    writer.setAuthor(source.author)
    writer.setCreator("Solvande Pass Field Station")
    writer.setDocumentId(QUuid(str(uuid.uuid5(uuid.NAMESPACE_URL, target.name))))

    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setDefaultFont(plain_font(BODY_FONT, 9.5))
    document.setDocumentMargin(fmt(MARGIN_MM))
    document.setIndentWidth(fmt(6.0))
    document.setMarkdown(source.text)
    block = document.begin()
    while block.isValid():
        style_block(block)
        block = block.next()
    style_tables(document)
    document.setPageSize(QRectF(0, 0, writer.width(), writer.height()).size())
    break_pages(document, document.pageSize().height())

    draw_pages(document, writer, PAGE_WORD[source.language])
    target.write_bytes(with_fixed_dates(target.read_bytes(), source.date))


# --- DOCX ----------------------------------------------------------------------------------------


def add_inline(paragraph: Paragraph, text: str) -> None:
    """Adds text in which ``**...**`` is bold and ``*...*`` is italic."""
    for part in re.split(r"(\*\*.+?\*\*|\*.+?\*)", text):
        run = paragraph.add_run(part.strip("*"))
        run.bold = part.startswith("**") or None
        run.italic = (part.startswith("*") and not part.startswith("**")) or None


def add_table(document: DocxDocument, lines: list[str]) -> None:
    """Adds a table; its first line is the head."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    del rows[1]  # the line of dashes under the head
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Light Grid Accent 1")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            add_inline(cell.paragraphs[0], text)
    document.add_paragraph()


def add_block(document: DocxDocument, lines: list[str]) -> None:
    """Adds what stands between two empty lines: a heading, a table, a list or a paragraph."""
    first = lines[0]
    if first.startswith("#"):
        marks, text = first.split(" ", 1)
        document.add_heading(text, level=len(marks))
    elif first.startswith("|"):
        add_table(document, lines)
    elif first.startswith("- "):
        for line in lines:
            add_inline(document.add_paragraph(style="List Bullet"), line[2:])
    elif re.match(r"\d+\. ", first):
        for line in lines:
            add_inline(document.add_paragraph(style="List Number"), line.split(" ", 1)[1])
    else:
        add_inline(document.add_paragraph(), " ".join(lines))


def write_docx(source: Source, target: Path) -> None:
    """Renders a source as DOCX."""
    document = docx.Document()
    properties = document.core_properties
    properties.title = source.title
    properties.author = source.author
    properties.last_modified_by = source.author
    properties.language = source.language
    properties.created = properties.modified = source.date
    properties.comments = ""
    for block in source.text.strip().split("\n\n"):
        add_block(document, block.strip().splitlines())

    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as packed, zipfile.ZipFile(target, "w") as fixed:
        for name in packed.namelist():
            entry = zipfile.ZipInfo(name, source.date.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            fixed.writestr(entry, packed.read(name))


WRITERS = {".pdf": write_pdf, ".docx": write_docx}


def keep_none_alive() -> None:
    """Gives None references to spare: before Python 3.12, PySide6 6.12.0 drops one with each call.

    Without this the interpreter ends with "none_dealloc: deallocating None".
    """
    if sys.version_info < (3, 12):
        for _ in range(1_000_000):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))


def main() -> None:
    """Renders every source."""
    keep_none_alive()
    application = QGuiApplication([])
    for path in sorted(SOURCES.rglob("*.md")):
        target = LIBRARY / path.relative_to(SOURCES).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        WRITERS[target.suffix](read_source(path), target)
        print(f"{target.relative_to(LIBRARY)}: {target.stat().st_size:,} bytes")
    application.quit()


if __name__ == "__main__":
    main()
