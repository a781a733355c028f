"""Word documents through python-docx (MIT, well kept): body order, heading styles, tables.

A DOCX is a ZIP of XML: what it would unpack to is bounded before it is opened, and python-docx's parser
resolves no entities. Macros, links and embedded objects are never touched.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from findling.documents.cleaning import flow, sensible_title
from findling.documents.model import Anchor, Block, BlockKind, Document, Outline
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path

    from docx.document import Document as WordDocument
    from docx.table import Table
    from docx.text.paragraph import Paragraph

_SIBLING_TYPES = (
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
)
_HEADING_STYLE = re.compile(r"^(?:heading|überschrift|titre|título|titolo|kop)\s*(\d)", re.IGNORECASE)
#: More than this unpacked is a bomb, not a document.
_UNPACKED_LIMIT_BYTES = 512 * 1024 * 1024


def parse(path: Path) -> Document:
    """Read a Word document. The title is that of its properties, else of its first heading."""
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > _UNPACKED_LIMIT_BYTES:
            raise ParseError("unpacks to more than 512 MB: looks like a ZIP bomb")
    try:
        word = _open(path)
    except KeyError as error:
        raise ParseError(f"damaged DOCX file: a part is missing ({error})") from error
    blocks = _blocks(word)
    try:
        title = sensible_title(word.core_properties.title)
    except (
        ValueError,
        KeyError,
        AttributeError,
    ):  # malformed properties lose the title, not the text
        title = ""
    if not title:
        headings = (block for block in blocks if block.kind is BlockKind.HEADING)
        title = sensible_title(next((block.text for block in headings), ""))
    return Document("docx", title, tuple(blocks))


def _open(path: Path) -> WordDocument:
    """Open templates and macro documents too: they differ from DOCX in their content type alone."""
    from docx.opc.part import PartFactory
    from docx.package import Package
    from docx.parts.document import DocumentPart

    for content_type in _SIBLING_TYPES:
        PartFactory.part_type_for[content_type] = DocumentPart
    package = Package.open(str(path))
    part = package.main_document_part
    if not isinstance(part, DocumentPart):
        raise ParseError("a ZIP of Office parts, but no Word document")
    return part.document


def _blocks(word: WordDocument) -> list[Block]:
    from docx.table import Table

    blocks: list[Block] = []
    outline = Outline()
    for item in word.iter_inner_content():
        if isinstance(item, Table):
            blocks.extend(
                Block(BlockKind.TABLE_ROW, row, Anchor(headings=outline.path)) for row in _rows(item)
            )
            continue
        text = flow(item.text)
        if not text:
            continue
        if level := _heading_level(item):
            outline.enter(level, text)
            blocks.append(Block(BlockKind.HEADING, text, Anchor(headings=outline.path)))
        else:
            kind = BlockKind.LIST_ITEM if _is_list_item(item) else BlockKind.PARAGRAPH
            blocks.append(Block(kind, text, Anchor(headings=outline.path)))
    return blocks


def _style_name(paragraph: Paragraph) -> str:
    try:
        style = paragraph.style
    except (KeyError, ValueError):
        return ""
    return (style.name or "") if style is not None else ""


def _heading_level(paragraph: Paragraph) -> int:
    """1 … 9, or 0 for what is no heading."""
    name = _style_name(paragraph)
    if name.lower() == "title":
        return 1
    match = _HEADING_STYLE.match(name)
    return int(match[1]) if match else 0


def _is_list_item(paragraph: Paragraph) -> bool:
    if _style_name(paragraph).lower().startswith("list"):
        return True
    return bool(paragraph._p.xpath("./w:pPr/w:numPr"))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] — python-docx has no public name


def _rows(table: Table) -> list[str]:
    """Each row as "cell | cell"; a merged cell counts once, nested tables are read with their cell."""
    rows: list[str] = []
    for row in table.rows:
        cells: list[str] = []
        seen: set[int] = set()
        for cell in row.cells:
            if id(cell._tc) in seen:  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] — merged cells repeat one element
                continue
            seen.add(id(cell._tc))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            inner = [flow(paragraph.text) for paragraph in cell.paragraphs]
            for nested in cell.tables:
                inner.extend(_rows(nested))
            cells.append(" ".join(filter(None, inner)))
        if line := " | ".join(filter(None, cells)):
            rows.append(line)
    return rows
