"""Word documents (DOCX and its siblings) by a walk over their parts with lxml: python-docx leaves out content
controls, tracked insertions, text boxes and notes, and refuses files of which a picture is missing.

Macros, links and embedded objects are never touched.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import flow, made
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers.html import blocks_of
from findling.documents.parsers.xml import name_of
from findling.documents.parsers.zipped_xml import OfficePackage, chart_texts, reference_of
from findling.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.documents.model import Document

_HEADING_STYLE = re.compile(r"^(?:heading|überschrift|titre|título|titolo|kop)\s*(\d)", re.IGNORECASE)
#: lxml's filter for elements, as opposed to comments and processing instructions.
_ELEMENT = "*"
_BLANKS = frozenset({"tab", "br", "cr", "ptab"})
#: What holds no text, text that was deleted, pronunciation, or for old programs a second time what stands
#: before it.
_NOT_TEXT = frozenset("pPr rPr sdtPr tblPr trPr tcPr del moveFrom rt Fallback".split())
#: References to notes, and the kinds of part in which those stand.
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes", "commentReference": "comments"}
#: Notes that are the lines between text and notes.
_RULES = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_FURNITURE = ("header", "footer")
#: More than this unpacked is a bomb, not a document.
_UNPACKED_LIMIT_BYTES = 512 * 1024 * 1024


def parse(path: Path) -> Document:
    """Read a Word document. The title is that of its properties, else of its first heading. Footnotes and
    comments follow the paragraph that they belong to; headers and footers come last, each once."""
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > _UNPACKED_LIMIT_BYTES:
            raise ParseError("unpacks to more than 512 MB: looks like a ZIP bomb")
        package = OfficePackage(archive, "word/document.xml")
        document = package.root(package.main)
        if document is None:
            raise ParseError("damaged DOCX file: its text is missing")
        if name_of(document) != "document":
            raise ParseError("a ZIP of Office parts, but no Word document")
        reader = _Reader(_Parts(package))
        for body in document.iterchildren("{*}body"):
            reader.read(body)
        about = package.properties()
        blocks = [*reader.blocks, *reader.furniture()]
    return made("docx", about.title, blocks, about.author, about.written)


class _Parts:
    """What a document refers to."""

    def __init__(self, package: OfficePackage) -> None:
        self._package = package
        self._related = package.related(package.main)
        self.style_names = {
            style.get(_own(style, "styleId"), ""): _value(style.find("{*}name"))
            for root in self.of_kind("styles")
            for style in root.iterchildren("{*}style")
        }
        self._notes = {
            (kind, _identity(note)): note
            for kind in _NOTES.values()
            for root in self.of_kind(kind)
            for note in root.iterchildren(_ELEMENT)
            if note.get(_own(note, "type")) not in _RULES
        }

    def of_kind(self, kind: str) -> Iterator[Any]:
        """The parts of a kind."""
        for part in self._related.of_kind(kind):
            if (root := self._package.root(part)) is not None:
                yield root

    def note(self, reference: Any) -> Any:
        """What a note's reference leads to, or None. Each is given once: a note may refer to itself."""
        return self._notes.pop((_NOTES[name_of(reference)], _identity(reference)), None)

    def page(self, reference: Any) -> bytes:
        """The bytes of a web page that stands in the document."""
        part = self._related.part(reference_of(reference), "aFChunk")
        return self._package.data(part) if part.lower().endswith((".htm", ".html")) else b""

    def chart(self, reference: Any) -> list[str]:
        """The words of a chart."""
        root = self._package.root(self._related.part(reference_of(reference), "chart"))
        return [] if root is None else chart_texts(root)


class _Reader:
    """Collects blocks from a body's elements, in order. lxml bounds the depth of a document at 256."""

    def __init__(self, parts: _Parts) -> None:
        self._parts = parts
        self._outline = Outline()
        self.blocks: list[Block] = []

    def read(self, container: Any) -> None:
        """Read paragraphs and tables below `container`, whatever they are wrapped in."""
        for element in container.iterchildren(tag=_ELEMENT):
            name = name_of(element)
            if name == "p":
                self._paragraph(element)
            elif name == "tbl":
                self._table(element)
            elif name == "altChunk":
                self.blocks += blocks_of(self._parts.page(element))
            elif name not in _NOT_TEXT:
                self.read(element)

    def furniture(self) -> list[Block]:
        """Headers and footers, each text once."""
        seen: dict[str, Block] = {}
        for kind in _FURNITURE:
            for root in self._parts.of_kind(kind):
                for block in self._apart(root):
                    seen.setdefault(block.text, Block(BlockKind.NOTE, block.text))
        return list(seen.values())

    def _table(self, element: Any) -> None:
        for row in _nearest(element, "tr"):
            cells = tuple(" ".join(block.text for block in self._apart(cell)) for cell in _nearest(row, "tc"))
            if text := row_text(cells):
                named = row.find("{*}trPr/{*}tblHeader") is not None
                self._add(BlockKind.TABLE_HEADER if named else BlockKind.TABLE_ROW, text, cells)

    def _apart(self, container: Any) -> list[Block]:
        """The blocks in there by themselves. A merged cell counts once, a table inside is read with it."""
        reader = _Reader(self._parts)
        reader.read(container)
        return reader.blocks

    def _paragraph(self, element: Any) -> None:
        found = _Run(element)
        if text := flow("".join(found.texts)):
            name = self._style_name(element)
            if level := heading_level(name):
                self._outline.enter(level, text)
                self._add(BlockKind.HEADING, text)
            else:
                listed = name.lower().startswith("list") or element.find("{*}pPr/{*}numPr") is not None
                self._add(BlockKind.LIST_ITEM if listed else BlockKind.PARAGRAPH, text)
        for box in found.boxes:
            self.read(box)
        for chart in found.charts:
            for words in self._parts.chart(chart):
                self._add(BlockKind.CAPTION, words)
        for reference in found.notes:
            note = self._parts.note(reference)
            if note is not None and (text := " ".join(block.text for block in self._apart(note))):
                self._add(BlockKind.NOTE, text)

    def _style_name(self, element: Any) -> str:
        return self._parts.style_names.get(_value(element.find("{*}pPr/{*}pStyle")), "")

    def _add(self, kind: BlockKind, text: str, cells: tuple[str, ...] = ()) -> None:
        self.blocks.append(Block(kind, text, Anchor(headings=self._outline.path), cells))


class _Run:
    """The text of a paragraph as it reads with all changes accepted, and what is anchored in it."""

    def __init__(self, paragraph: Any) -> None:
        self.texts: list[str] = []
        self.boxes: list[Any] = []
        self.charts: list[Any] = []
        self.notes: list[Any] = []
        self._collect(paragraph)

    def _collect(self, parent: Any) -> None:
        for element in parent.iterchildren(tag=_ELEMENT):
            name = name_of(element)
            if name == "t":
                self.texts.append(element.text or "")
            elif name in _BLANKS:
                self.texts.append(" ")
            elif name == "noBreakHyphen":
                self.texts.append("-")
            elif name == "txbxContent":
                self.boxes.append(element)
            elif name == "chart":
                self.charts.append(element)
            elif name in _NOTES:
                self.notes.append(element)
            elif name not in _NOT_TEXT:
                self._collect(element)


def _own(element: Any, name: str) -> str:
    """The name of an attribute in the namespace of its element."""
    namespace = str(element.tag).rpartition("}")[0]
    return f"{namespace}}}{name}" if namespace else name


def _value(element: Any) -> str:
    return "" if element is None else element.get(_own(element, "val"), "")


def _identity(element: Any) -> str:
    return element.get(_own(element, "id"), "")


def heading_level(style_name: str) -> int:
    """1 … 9, or 0 for what is no heading."""
    if style_name.lower() == "title":
        return 1
    match = _HEADING_STYLE.match(style_name)
    return int(match[1]) if match else 0


def _nearest(parent: Any, name: str) -> Iterator[Any]:
    """Elements of that name below `parent`, also in content controls, but not one inside another."""
    for element in parent.iterchildren(tag=_ELEMENT):
        if name_of(element) == name:
            yield element
        elif name_of(element) not in _NOT_TEXT:
            yield from _nearest(element, name)
