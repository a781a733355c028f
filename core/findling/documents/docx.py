"""Word documents through python-docx (MIT, well kept): body order, heading styles, tables.

A DOCX is a ZIP of XML: what it would unpack to is bounded before it is opened, and python-docx's parser
resolves no entities. Macros, links and embedded objects are never touched.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Any, cast

from findling.documents.cleaning import flow, sensible_author, sensible_title
from findling.documents.model import Anchor, Block, BlockKind, Document, Outline, row_text
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path

    from docx.document import Document as WordDocument

_SIBLING_TYPES = (
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
)
_HEADING_STYLE = re.compile(r"^(?:heading|überschrift|titre|título|titolo|kop)\s*(\d)", re.IGNORECASE)
#: lxml's filter for elements, as opposed to comments and processing instructions.
_ELEMENT = "*"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_P = f"{_W}p"
_TABLE = f"{_W}tbl"
_BLANKS = frozenset(f"{_W}{name}" for name in ("tab", "br", "cr"))
#: What holds no text, text that was deleted, pronunciation, or for old programs a second time what stands
#: before it.
_NOT_TEXT = frozenset(
    [
        *(
            f"{_W}{name}"
            for name in ("pPr", "rPr", "sdtPr", "tblPr", "trPr", "tcPr", "del", "moveFrom", "rt")
        ),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    ]
)
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
    reader = _Reader(_style_names(word))
    reader.read(cast("Any", word.element).body)
    blocks = reader.blocks
    try:
        title = sensible_title(word.core_properties.title)
        author = sensible_author(word.core_properties.author)
    except (
        ValueError,
        KeyError,
        AttributeError,
    ):  # malformed properties lose title and author, not the text
        title = author = ""
    if not title:
        headings = (block for block in blocks if block.kind is BlockKind.HEADING)
        title = sensible_title(next((block.text for block in headings), ""))
    return Document("docx", title, tuple(blocks), author)


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


class _Reader:
    """Collects blocks from a body's elements, in order.

    python-docx's own text leaves out content controls, tracked insertions, text boxes and phonetic base
    text, so elements are walked here. lxml bounds the depth of a document at 256.
    """

    def __init__(self, style_names: dict[str, str]) -> None:
        self._style_names = style_names
        self._outline = Outline()
        self.blocks: list[Block] = []

    def read(self, container: Any) -> None:
        """Read paragraphs and tables below `container`, whatever they are wrapped in."""
        for element in container.iterchildren(tag=_ELEMENT):
            if element.tag == _P:
                self._paragraph(element)
            elif element.tag == _TABLE:
                for cells in _rows(element):
                    if text := row_text(cells):
                        self._add(BlockKind.TABLE_ROW, text, cells)
            elif element.tag not in _NOT_TEXT:
                self.read(element)

    def _paragraph(self, element: Any) -> None:
        text, boxes = _text_of(element)
        if text:
            name = self._style_name(element)
            if level := _heading_level(name):
                self._outline.enter(level, text)
                self._add(BlockKind.HEADING, text)
            else:
                listed = name.lower().startswith("list") or element.find(f"{_W}pPr/{_W}numPr") is not None
                self._add(BlockKind.LIST_ITEM if listed else BlockKind.PARAGRAPH, text)
        for box in boxes:
            self.read(box)

    def _style_name(self, element: Any) -> str:
        style = element.find(f"{_W}pPr/{_W}pStyle")
        return "" if style is None else self._style_names.get(style.get(f"{_W}val", ""), "")

    def _add(self, kind: BlockKind, text: str, cells: tuple[str, ...] = ()) -> None:
        self.blocks.append(Block(kind, text, Anchor(headings=self._outline.path), cells))


def _style_names(word: WordDocument) -> dict[str, str]:
    """Style id to name; empty where the styles are damaged, which costs the headings and not the text."""
    try:
        return {style.style_id: style.name or "" for style in word.styles}
    except (KeyError, ValueError, AttributeError):
        return {}


def _heading_level(style_name: str) -> int:
    """1 … 9, or 0 for what is no heading."""
    if style_name.lower() == "title":
        return 1
    match = _HEADING_STYLE.match(style_name)
    return int(match[1]) if match else 0


def _text_of(paragraph: Any) -> tuple[str, list[Any]]:
    """The text of a paragraph as it reads with all changes accepted, and the text boxes anchored in it."""
    parts: list[str] = []
    boxes: list[Any] = []

    def collect(parent: Any) -> None:
        for element in parent.iterchildren(tag=_ELEMENT):
            if element.tag == f"{_W}t":
                parts.append(element.text or "")
            elif element.tag in _BLANKS:
                parts.append(" ")
            elif element.tag == f"{_W}noBreakHyphen":
                parts.append("-")
            elif element.tag == f"{_W}txbxContent":
                boxes.append(element)
            elif element.tag not in _NOT_TEXT:
                collect(element)

    collect(paragraph)
    return flow("".join(parts)), boxes


def _rows(table: Any) -> list[tuple[str, ...]]:
    """The cells of each row; a merged cell counts once, nested tables are read with their cell."""
    rows: list[tuple[str, ...]] = []
    for row in _nearest(table, f"{_W}tr"):
        cells: list[str] = []
        for cell in _nearest(row, f"{_W}tc"):
            reader = _Reader({})
            reader.read(cell)
            cells.append(" ".join(block.text for block in reader.blocks))
        rows.append(tuple(cells))
    return rows


def _nearest(parent: Any, tag: str) -> list[Any]:
    """Elements of `tag` below `parent`, also in content controls, but not one inside another."""
    found: list[Any] = []
    for element in parent.iterchildren(tag=_ELEMENT):
        if element.tag == tag:
            found.append(element)
        elif element.tag not in _NOT_TEXT:
            found.extend(_nearest(element, tag))
    return found
