"""OpenDocument text and presentations: a ZIP of XML, or one flat XML file, walked with lxml (BSD): odfpy
would be another dependency for the same walk, and is slow."""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import flow, made
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers.ole import Properties
from findling.documents.parsers.xml import name_of
from findling.documents.parsers.zipped_xml import DAMAGE, iso_date, xml_of, xml_stream
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from findling.documents.model import Document

_URN = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
OFFICE, _TEXT, _TABLE, _DRAW, _SHOW, _STYLE = (
    f"{{{_URN.format(name)}}}" for name in ("office", "text", "table", "drawing", "presentation", "style")
)
TABLE = f"{_TABLE}table"
TABLE_NAME = f"{_TABLE}name"
TABLE_ROW = f"{_TABLE}table-row"
TABLE_CELL = f"{_TABLE}table-cell"
COVERED_CELL = f"{_TABLE}covered-table-cell"
SHAPES = f"{_TABLE}shapes"
PARAGRAPH = f"{_TEXT}p"
_HEADING = f"{_TEXT}h"
_LISTS = frozenset({f"{_TEXT}list", f"{_TEXT}numbered-paragraph"})
_NOTES = frozenset({f"{OFFICE}annotation", f"{_TEXT}note", f"{_SHOW}notes"})
_PAGE = f"{_DRAW}page"
_CLASS = f"{_SHOW}class"
_BLANKS = frozenset(f"{_TEXT}{name}" for name in ("s", "tab", "line-break"))
#: What is drawn beside the paragraph in which it is anchored.
_DRAWN = frozenset(
    f"{_DRAW}{name}"
    for name in (
        "frame g a custom-shape rect ellipse circle line connector polygon polyline path caption measure "
        "regular-polygon control page-thumbnail text-box"
    ).split()
)
#: What is no text of the document, was deleted, or repeats its headings.
_SKIPPED = frozenset(
    [
        *(
            f"{_TEXT}{name}"
            for name in (
                "tracked-changes note-citation ruby-text table-of-content illustration-index table-index "
                "object-index alphabetical-index script"
            ).split()
        ),
        *(f"{OFFICE}{name}" for name in ("forms", "scripts", "event-listeners", "binary-data")),
        *(f"{_SHOW}{name}" for name in ("footer-decl", "header-decl", "date-time-decl")),
        f"{_DRAW}object",
        f"{_TABLE}tracked-changes",
        COVERED_CELL,
        "{http://purl.org/dc/elements/1.1/}creator",
        "{http://purl.org/dc/elements/1.1/}date",
        f"{{{_URN.format('meta')}}}date-string",
        f"{{{_URN.format('meta')}}}creator-initials",
        f"{{{_URN.format('svg-compatible')}}}title",
        f"{{{_URN.format('svg-compatible')}}}desc",
    ]
)
#: What a master holds the place of, and what stands there anew on every slide.
_PLACEHOLDERS = frozenset("title subtitle outline notes page page-number date-time header".split())
_REPEAT_LIMIT = 64
#: All that is read once more because a row or cell repeats it, in characters.
_REPEATED_LIMIT = 100_000
_MANIFEST_LIMIT_BYTES = 16 * 1024 * 1024


def parse_text(path: Path) -> Document:
    """Read an OpenDocument text. The title is that of its properties, else of its first heading."""
    return _parse("odt", path)


def parse_presentation(path: Path) -> Document:
    """Read an OpenDocument presentation, slide by slide."""
    return _parse("odp", path)


def _parse(kind: str, path: Path) -> Document:
    with opened(path) as package:
        with package.content() as file:
            root = xml_of(file)
        body = None if root is None else root.find(f"{OFFICE}body")
        if body is None:
            raise ParseError(f"damaged {kind.upper()} file: it has no body")
        reader = _Reader(_titles(root))
        reader.read(body)
        if kind == "odp":
            reader.read_masters(root, package.styles(root))
        about = package.properties()
    return made(kind, about.title, reader.blocks, about.author, about.written)


# The package.


class Package:
    """An OpenDocument file: its content and what it says of itself."""

    def __init__(self, path: Path, archive: zipfile.ZipFile | None) -> None:
        self._path = path
        self._archive = archive

    def content(self) -> Any:
        """The open file of the document's XML."""
        return self._path.open("rb") if self._archive is None else self._archive.open("content.xml")

    def styles(self, content: Any) -> Any:
        """The root of the styles, or None: that of the content where a flat file holds both."""
        if self._archive is None:
            return content
        try:
            with self._archive.open("styles.xml") as file:
                return xml_of(file)
        except DAMAGE:
            return None

    def properties(self) -> Properties:
        """Title, creator, and when it was last changed, else created; empty where damaged or missing."""
        try:
            with self.content() if self._archive is None else self._archive.open("meta.xml") as file:
                meta = next(xml_stream(file, f"{OFFICE}meta"), None)
                told = {} if meta is None else {name_of(item): item.text or "" for item in meta}
        except DAMAGE:
            return Properties()
        written = iso_date(told.get("date")) or iso_date(told.get("creation-date"))
        return Properties(
            told.get("title", ""), told.get("creator") or told.get("initial-creator", ""), written
        )


@contextmanager
def opened(path: Path) -> Generator[Package]:
    """The package in a file. Raises `EncryptedFile` where it is behind a password."""
    with path.open("rb") as file:
        is_flat = file.read(2) != b"PK"
    if is_flat:
        yield Package(path, None)
        return
    with zipfile.ZipFile(path) as archive:
        if "META-INF/manifest.xml" in archive.namelist():
            with archive.open("META-INF/manifest.xml") as file:
                if b"encryption-data" in file.read(_MANIFEST_LIMIT_BYTES):
                    raise EncryptedFile
        if "content.xml" not in archive.namelist():
            raise ParseError("damaged OpenDocument file: its content is missing")
        yield Package(path, archive)


# The document.


def _titles(root: Any) -> frozenset[str]:
    """The styles of paragraphs that are the document's title."""
    derived = root.iterfind(f"{OFFICE}automatic-styles/{_STYLE}style[@{_STYLE}parent-style-name='Title']")
    return frozenset(["Title", *(style.get(f"{_STYLE}name", "") for style in derived)])


def text_of(element: Any) -> tuple[str, list[Any]]:
    """The text of a paragraph, and what stands beside it: notes, comments, text boxes."""
    parts: list[str] = []
    beside: list[Any] = []

    def collect(parent: Any) -> None:
        parts.append(parent.text or "")
        for child in parent:
            if child.tag in _BLANKS:
                parts.append(" ")
            elif child.tag in _NOTES or child.tag in _DRAWN:
                beside.append(child)
            elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
                collect(child)
            parts.append(child.tail or "")

    collect(element)
    return flow("".join(parts)), beside


class _Reader:
    """Collects blocks from a body's elements, in order. lxml bounds the depth of a document at 256."""

    def __init__(self, titles: frozenset[str] = frozenset(), room: int = _REPEATED_LIMIT) -> None:
        self._titles = titles
        self._room = room
        self._outline = Outline()
        self._slide: int | None = None
        self.blocks: list[Block] = []

    def read_beside(self, container: Any) -> None:
        """Read what is drawn or noted in `container`, and not its own paragraphs."""
        for element in container.iterchildren("*"):
            if element.tag in _NOTES or element.tag in _DRAWN:
                self._read(element, BlockKind.PARAGRAPH)

    def read(self, container: Any, kind: BlockKind = BlockKind.PARAGRAPH) -> None:
        """Read what is in `container`; its paragraphs become blocks of `kind`."""
        for element in container.iterchildren("*"):
            self._read(element, kind)

    def _read(self, element: Any, kind: BlockKind) -> None:
        if element.tag in (PARAGRAPH, _HEADING):
            self._paragraph(element, kind)
        elif element.tag == TABLE:
            self._table(element)
        elif element.tag == _PAGE:
            self._page(element)
        elif element.tag in _NOTES:
            self.read(element, BlockKind.NOTE)
        elif element.tag in _LISTS and kind is BlockKind.PARAGRAPH:
            self.read(element, BlockKind.LIST_ITEM)
        elif element.tag not in _SKIPPED:
            self.read(element, kind)

    def _paragraph(self, element: Any, kind: BlockKind) -> None:
        text, beside = text_of(element)
        if text and kind is not BlockKind.NOTE and (level := self._level(element)):
            self._heading(level, text)
        elif text:
            self._add(kind, text)
        for each in beside:
            self._read(each, kind if kind is BlockKind.NOTE else BlockKind.PARAGRAPH)

    def _level(self, element: Any) -> int:
        """1 … 10, or 0 for what is no heading."""
        if element.tag == _HEADING:
            stated = element.get(f"{_TEXT}outline-level", "")
            return int(stated) if stated.isdecimal() else 1
        return 1 if element.get(f"{_TEXT}style-name") in self._titles else 0

    def _page(self, page: Any) -> None:
        """A slide: its title, wherever it is drawn, then all else."""
        self._slide = (self._slide or 0) + 1
        self._outline = Outline()
        others: list[Any] = []
        for element in page.iterchildren("*"):
            if element.get(_CLASS) != "title":
                others.append(element)
            elif text := _flat(element):
                self._heading(1, text)
        for element in others:
            self._read(element, BlockKind.PARAGRAPH)

    def _table(self, table: Any) -> None:
        for row in _rows(table):
            cells: list[str] = []
            for cell in row.iterchildren(TABLE_CELL):
                shown = _flat(cell)
                cells += [shown] * self._times(cell, "columns", shown)
            if text := row_text(cells):
                is_header = name_of(row.getparent()) == "table-header-rows"
                kind = BlockKind.TABLE_HEADER if is_header else BlockKind.TABLE_ROW
                for _ in range(self._times(row, "rows", text)):
                    self._add(kind, text, tuple(cells))

    def _times(self, element: Any, what: str, text: str) -> int:
        """How often the text of a row or cell is read: once where there is no room for it again."""
        times = repeated(element, what, _REPEAT_LIMIT)
        if (times - 1) * len(text) > self._room:
            return 1
        self._room -= (times - 1) * len(text)
        return times

    def read_masters(self, content: Any, styles: Any) -> None:
        """The text that masters put on their slides, each at its first slide."""
        used: dict[str, int] = {}
        for number, page in enumerate(content.iter(_PAGE), 1):
            used.setdefault(page.get(f"{_DRAW}master-page-name", ""), number)
        for master in styles.iter(f"{_STYLE}master-page") if styles is not None else ():
            self._slide = used.get(master.get(f"{_STYLE}name", ""))
            self._outline = Outline()
            for element in master.iterchildren("*") if self._slide else ():
                if element.get(_CLASS) not in _PLACEHOLDERS and element.tag not in _NOTES:
                    self._read(element, BlockKind.PARAGRAPH)

    def _heading(self, level: int, text: str) -> None:
        self._outline.enter(level, text)
        self._add(BlockKind.HEADING, text)

    def _add(self, kind: BlockKind, text: str, cells: tuple[str, ...] = ()) -> None:
        anchor = Anchor(headings=self._outline.path, slide=self._slide)
        self.blocks.append(Block(kind, text, anchor, cells))


def blocks_beside(container: Any) -> list[Block]:
    """Comments and text boxes in a cell or on a sheet."""
    reader = _Reader()
    reader.read_beside(container)
    return reader.blocks


def _flat(element: Any) -> str:
    """All text in a cell or frame on one line; of tables in there, what is repeated once."""
    reader = _Reader(room=0)
    reader.read(element)
    return " ".join(block.text for block in reader.blocks)


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table, in groups too, but not those of tables in its cells."""
    for element in table.iterchildren("*"):
        if element.tag == TABLE_ROW:
            yield element
        elif name_of(element) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _rows(element)


def repeated(element: Any, what: str, limit: int) -> int:
    """How often a row or cell stands there, at most `limit`."""
    stated = element.get(f"{_TABLE}number-{what}-repeated", "")
    return min(int(stated), limit) if stated.isdecimal() else 1
