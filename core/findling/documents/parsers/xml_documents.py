"""What stands in an XML file: feeds, drawings, what Office 2003 wrote; elements with text where the format is
not known."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import flow, made
from findling.documents.model import Anchor, Block, BlockKind, Document, Outline, row_text
from findling.documents.parsers import sheet_rows
from findling.documents.parsers.docx import heading_level
from findling.documents.parsers.html import blocks_of
from findling.documents.parsers.ole import Properties
from findling.documents.parsers.sheet_rows import COLUMNS_LIMIT, Room, Sheet, number_text
from findling.documents.parsers.xml import NOT_TEXT, attribute, child, children, name_of, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: A text with marks inside it is one block up to this many characters, and as many as it has parts above.
_MIXED_LENGTH = 4000
#: The fields of a record are no longer, in characters.
_FIELD_LENGTH = 300
_SPOKEN_ATTRIBUTES = ("title", "name", "label", "description", "alt", "text")
_SECTION = re.compile(
    r"(?:sect(?:ion|\d)?|refsect\d|chapter|article|book|part|topic|appendix|preface|div\d?|concept|task"
    r"|reference|\w*info)\Z"
)
_TITLES = (("title",), ("channel", "title"), ("info", "title"), ("head", "title"), ("Document", "name"))
_HEADS = frozenset({"title", "head", "heading"})
#: Neighbours below this, in characters, are joined into one block of about so many.
_SHORT = 60
_JOINED = 1000
#: A record has no more fields.
_FIELDS = 40
_FEED_BODIES = frozenset({"description", "encoded", "content", "summary"})
_FEED_NOTES = frozenset({"creator", "author", "pubDate", "published", "updated", "category"})


def document_of(root: Any) -> Document:
    """The document of a root element, format by format."""
    title, author = _title(root)
    if name_of(root) == "Workbook":
        return sheet_rows.document("xml", _sheets(root), Properties(title, author))
    return made("xml", title, _READERS.get(name_of(root), _elements)(root), author)


def _title(root: Any) -> tuple[str, str]:
    """The title and the author that a document in XML gives itself, or ""."""
    properties = child(root, "DocumentProperties")
    if properties is not None:
        return words(child(properties, "Title")), words(child(properties, "Author"))
    for path in _TITLES:
        if title := words(child(root, *path)):
            return title, ""
    return "", ""


def _elements(root: Any) -> Iterator[Block]:
    """A block for each element that holds text, marks inside it included; records and short neighbours are
    joined."""
    outline = Outline()
    held: list[Block] = []
    length = 0
    for block, is_short in _each(root, outline):
        if held and not (is_short and length < _JOINED):
            yield _join(held)
            held, length = [], 0
        held.append(block)
        length = length + len(block.text) if is_short else _JOINED
    if held:
        yield _join(held)


def _join(blocks: list[Block]) -> Block:
    first = blocks[0]
    return Block(first.kind, "\n".join(block.text for block in blocks), first.anchor, first.cells)


def _each(root: Any, outline: Outline) -> Iterator[tuple[Block, bool]]:
    """Every block of a tree, and whether it is a short one that may stand with its neighbours."""
    open_elements: list[Iterator[Any]] = [iter((root,))]
    while open_elements:
        node = next(open_elements[-1], None)
        if node is None:
            open_elements.pop()
            continue
        if isinstance(node, str):
            yield Block(BlockKind.PARAGRAPH, node, Anchor(headings=outline.path)), False
            continue
        if not (name := name_of(node)) or name in NOT_TEXT:
            continue
        kind, text, cells, is_whole = _own(node, name)
        if text:
            if kind is BlockKind.HEADING:
                outline.enter(len(open_elements), text)
            is_short = kind is BlockKind.PARAGRAPH and len(text) < _SHORT
            yield Block(kind, text, Anchor(line=node.sourceline, headings=outline.path), cells), is_short
        if not is_whole:
            open_elements.append(_below(node))


def _own(node: Any, name: str) -> tuple[BlockKind, str, tuple[str, ...], bool]:
    """What an element is: kind, text, cells, and whether nothing below it is left to read."""
    spoken = _spoken(node)
    if name in _HEADS and node.getparent() is not None and _SECTION.match(name_of(node.getparent())):
        return BlockKind.HEADING, words(node), (), True
    if name == "tr" or (name == "row" and all(name_of(each) in ("entry", "cell") for each in children(node))):
        cells = tuple(words(each) for each in children(node))
        return BlockKind.TABLE_ROW, row_text(cells), cells, True
    if _is_mixed(node):
        text = words(node, _MIXED_LENGTH)
        if len(text) <= _MIXED_LENGTH or not children(node):
            text = words(node)
            return BlockKind.PARAGRAPH, f"{spoken}: {text}" if spoken else text, (), True
        return BlockKind.PARAGRAPH, spoken, (), False
    fields = None if _SECTION.match(name) else _fields(node)
    return BlockKind.PARAGRAPH, "\n".join(filter(None, [spoken, *(fields or [])])), (), fields is not None


def _spoken(node: Any) -> str:
    """The attributes that hold words for a person."""
    if not node.attrib:
        return ""
    values = [flow(node.get(key, "")) for key in _SPOKEN_ATTRIBUTES]
    return ", ".join(value for value in values if any(character.isalpha() for character in value))


def _is_mixed(node: Any) -> bool:
    if node.text and node.text.strip():
        return True
    return any((tail := each.tail) and tail.strip() for each in node)


def _below(node: Any) -> Iterator[Any]:
    """What stands right in an element: elements, and texts between them."""
    if text := flow(node.text or ""):
        yield text
    for each in node:
        yield each
        if text := flow(each.tail or ""):
            yield text


def _fields(record: Any) -> list[str] | None:
    """The fields of a record, as lines "name.name: text". None for what is no record: too much, the same
    field twice, or long texts."""
    lines: list[str] = []
    open_nodes = [(record, "")]
    seen = 0
    while open_nodes:
        node, path = open_nodes.pop()
        seen += 1 + len(node)
        if seen > _FIELDS:
            return None
        below = [(each, name) for each in node if (name := name_of(each))]
        if len({name for _, name in below}) < len(below) or (below and _is_mixed(node)):
            return None
        text = "" if below else words(node, _FIELD_LENGTH)
        if len(text) > _FIELD_LENGTH:
            return None
        if node is not record:
            text = ", ".join(filter(None, [_spoken(node), text]))
        if text and name_of(node) not in NOT_TEXT:
            lines.append(f"{path}: {text}")
        prefix = f"{path}." if path else ""
        open_nodes.extend((each, prefix + name) for each, name in reversed(below))
    return lines if len(lines) > 1 else [line.partition(": ")[2] for line in lines]


def _feed(root: Any) -> Iterator[Block]:
    """RSS and Atom: each item under its title."""
    about = child(root, "channel", "description")
    if text := words(about if about is not None else child(root, "subtitle")):
        yield Block(BlockKind.PARAGRAPH, text, Anchor(line=root.sourceline))
    for item in root.iter("{*}item", "{*}entry"):
        line = item.sourceline
        title = words(child(item, "title"))
        path = (title,) if title else ()
        if title:
            yield Block(BlockKind.HEADING, title, Anchor(line=line, headings=path))
        bodies = [each for each in children(item) if name_of(each) in _FEED_BODIES]
        texts = ["".join(body.itertext()) if not children(body) else words(body) for body in bodies]
        for block in blocks_of(max(texts, key=len, default="")):
            yield replace(block, anchor=Anchor(line=line, headings=path + block.anchor.headings))
        notes = [words(each) for each in children(item) if name_of(each) in _FEED_NOTES]
        if note := ", ".join(filter(None, notes)):
            yield Block(BlockKind.NOTE, note, Anchor(line=line, headings=path))


def _drawing(root: Any) -> Iterator[Block]:
    """SVG: its titles, descriptions and texts."""
    for node in root.iter("{*}title", "{*}desc", "{*}text", "{*}flowRoot"):
        if text := words(node):
            yield Block(BlockKind.PARAGRAPH, text, Anchor(line=node.sourceline))


def _sheets(root: Any) -> list[Sheet]:
    """Of Excel 2003 (SpreadsheetML)."""
    room = Room()
    sheets: list[Sheet] = []
    for found in children(root, "Worksheet"):
        sheet = Sheet(attribute(found, "Name"))
        sheets.append(sheet)
        number = 0
        for row in found.iter("{*}Row"):
            if room.is_full:
                break
            number = _index(row, number + 1)
            if (taken := room.take(number, _sheet_cells(row))) is not None:
                sheet.rows.append(taken)
    return sheets


def _sheet_cells(row: Any) -> list[tuple[int, str, bool]]:
    """A row's cells: column, text, whether it was typed as text."""
    cells: dict[int, tuple[str, bool]] = {}
    column = -1
    for cell in children(row, "Cell"):
        column = _index(cell, column + 2) - 1
        data = child(cell, "Data")
        if data is not None and 0 <= column < COLUMNS_LIMIT:
            cells[column] = (_cell_text(data), attribute(data, "Type") == "String")
        column += _number(attribute(cell, "MergeAcross"), 0)
    return [(column, *cells[column]) for column in sorted(cells)]


def _cell_text(data: Any) -> str:
    text = words(data)
    try:
        return number_text(float(text)) if attribute(data, "Type") == "Number" else text
    except ValueError:
        return text


def _index(element: Any, following: int) -> int:
    """Where a row or a cell stands, from 1: where it says, else after the one before."""
    return _number(attribute(element, "Index"), following)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _word(root: Any) -> Iterator[Block]:
    """Word 2003, and later ones saved as one XML file: paragraphs and tables of the body."""
    outline = Outline()
    names = {
        attribute(style, "styleId"): attribute(child(style, "name"), "val")
        for style in root.iter("{*}style")
        if child(style, "name") is not None
    }
    body = next(root.iter("{*}body"), None)
    open_nodes = [] if body is None else [body]
    while open_nodes:
        node = open_nodes.pop()
        name = name_of(node)
        if name == "p":
            if text := _word_text(node):
                style = child(node, "pPr", "pStyle")
                level = heading_level(names.get(attribute(style, "val"), "") if style is not None else "")
                if level:
                    outline.enter(level, text)
                listed = child(node, "pPr", "listPr") is not None or child(node, "pPr", "numPr") is not None
                plain = BlockKind.LIST_ITEM if listed else BlockKind.PARAGRAPH
                kind = BlockKind.HEADING if level else plain
                yield Block(kind, text, Anchor(line=node.sourceline, headings=outline.path))
        elif name == "tr":
            cells = tuple(_word_text(cell) for cell in children(node, "tc"))
            if text := row_text(cells):
                yield Block(
                    BlockKind.TABLE_ROW, text, Anchor(line=node.sourceline, headings=outline.path), cells
                )
        elif name not in ("sectPr", "docPr"):
            open_nodes.extend(reversed(children(node)))


def _word_text(node: Any) -> str:
    """The words of a paragraph or cell; what was deleted is in elements of another name."""
    found = node.iter("{*}t", "{*}tab", "{*}br", "{*}p")
    return flow("".join((each.text or "") if name_of(each) == "t" else " " for each in found))


_READERS: dict[str, Callable[[Any], Iterator[Block]]] = {
    "rss": _feed,
    "RDF": _feed,
    "feed": _feed,
    "svg": _drawing,
    "wordDocument": _word,
    "package": _word,
}
