"""XML through lxml (BSD, fast, recovers what is damaged), without entities, networks or huge texts: a
document's elements as blocks, and the formats in XML that people keep: feeds, drawings, Office 2003."""

from __future__ import annotations

import codecs
import html.entities
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import clean, flow
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers.plain import decode, has_byte_order_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)")
_PROLOGUE = re.compile(r"\A\s*<\?xml[^>]*\?>")
#: A section of characters, in which "&" is one; an entity of HTML; an "&" that stands for itself.
_AMPERSAND = re.compile(r"<!\[CDATA\[.*?\]\]>|&([A-Za-z]\w{0,31});|&(?!#?\w{1,32};)", re.DOTALL)
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
#: A text with marks inside it is one block up to this many characters, and as many as it has parts above.
_MIXED_LENGTH = 4000
#: The fields of a record are no longer, in characters.
_FIELD_LENGTH = 300
_NOT_TEXT = frozenset({"style", "script", "binary", "binData"})
_SPOKEN_ATTRIBUTES = ("title", "name", "label", "description", "alt", "text")
_BREAKS = frozenset(
    {"br", "lb", "tab", "p", "para", "li", "item", "entry", "cell", "td", "tspan", "v", "line"}
)
_SECTION = re.compile(
    r"(?:sect(?:ion|\d)?|refsect\d|chapter|article|book|part|topic|appendix|preface|div\d?|concept|task"
    r"|reference|\w*info)\Z"
)
_HEADS = frozenset({"title", "head", "heading"})
#: Neighbours below this, in characters, are joined into one block of about so many.
_SHORT = 60
_JOINED = 1000
#: A record has no more fields.
_FIELDS = 40
_FEED_BODIES = frozenset({"description", "encoded", "content", "summary"})
_FEED_NOTES = frozenset({"creator", "author", "pubDate", "published", "updated", "category"})
#: As many rows and columns as Excel has at most.
_COLUMNS = 1_048_576
_HEADING_STYLE = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop)\s*([1-9])", re.IGNORECASE)


def markup_text(data: bytes) -> str:
    """The text of an XML file, in the encoding that it declares where it is that, without the declaration."""
    match = _ENCODING.match(data[:1024])
    if match and not has_byte_order_mark(data):
        try:
            name = codecs.lookup(match[1].decode("ascii")).name
            if not name.startswith(("utf-16", "utf-32")):
                return _without_declaration(data.decode(name))
        except (LookupError, ValueError):
            pass
    return _without_declaration(decode(data))


def _without_declaration(text: str) -> str:
    return _PROLOGUE.sub(lambda match: "\n" * match[0].count("\n"), clean(text))


def markup_tree(source: bytes | str) -> Any:
    """The root element of XML, damaged or not; None where there is none. It is nested 256 deep at most, and
    entities that the file declares itself are left out."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=True, encoding="utf-8"
    )
    text = source if isinstance(source, str) else markup_text(source)
    try:
        return etree.fromstring(_AMPERSAND.sub(_repaired, text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _repaired(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&amp;"
    code = html.entities.name2codepoint.get(match[1] or "")
    return match[0] if code is None or match[1] in _OF_XML else chr(code)


def name_of(element: Any) -> str:
    """An element's name without its namespace; "" for remarks and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """An attribute's value, whatever its namespace, or ""."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def children(element: Any, name: str = "") -> list[Any]:
    """The elements right below, all or those of a name."""
    return [child for child in element if (name_of(child) == name if name else name_of(child))]


def child(element: Any, *path: str) -> Any:
    """The first element at the end of a path of names, or None."""
    for name in path:
        element = next(iter(children(element, name)), None)
        if element is None:
            return None
    return element


def words(element: Any, limit: int = 1_000_000) -> str:
    """The text of an element and all below it, on one line; cut somewhere above `limit` characters."""
    if element is None:
        return ""
    if not len(element):
        return flow(element.text or "")
    parts: list[str] = []
    length = 0
    for node in element.iter():
        name = name_of(node)
        inside = (node.text or "") if name and name not in _NOT_TEXT else ""
        parts.append(f" {inside}" if name in _BREAKS else inside)
        if node is not element:
            parts.append(node.tail or "")
        length += len(parts[-1]) + len(inside)
        if length > limit:
            break
    return flow("".join(parts))


def title_of_tree(root: Any) -> tuple[str, str]:
    """The title and the author that a document in XML gives itself, or ""."""
    properties = child(root, "DocumentProperties")
    if properties is not None:
        return words(child(properties, "Title")), words(child(properties, "Author"))
    for path in (
        ("title",),
        ("channel", "title"),
        ("info", "title"),
        ("head", "title"),
        ("Document", "name"),
    ):
        if title := words(child(root, *path)):
            return title, ""
    return "", ""


def blocks_of_tree(root: Any) -> list[Block]:
    """The text of a document in XML, format by format; elements with text where the format is not known."""
    return list(_READERS.get(name_of(root), _elements)(root))


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
        if not (name := name_of(node)) or name in _NOT_TEXT:
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
        if text and name_of(node) not in _NOT_TEXT:
            lines.append(f"{path}: {text}")
        prefix = f"{path}." if path else ""
        open_nodes.extend((each, prefix + name) for each, name in reversed(below))
    return lines if len(lines) > 1 else [line.partition(": ")[2] for line in lines]


def _feed(root: Any) -> Iterator[Block]:
    """RSS and Atom: each item under its title."""
    from findling.documents.parsers.html import blocks_of

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


def _workbook(root: Any) -> Iterator[Block]:
    """Excel 2003 (SpreadsheetML): the rows of each sheet."""
    for sheet in children(root, "Worksheet"):
        name = attribute(sheet, "Name")
        above: list[str] = []
        number = 0
        for row in sheet.iter("{*}Row"):
            number = _index(row, number + 1)
            cells = _sheet_cells(row)
            texts = [text for text in cells.values() if text]
            if not texts:
                continue
            is_header = not above and len(texts) > 1 and not any(map(_is_number, texts))
            above = above or texts
            place = f"{_column(min(cells))}{number}:{_column(max(cells))}{number}"
            kind = BlockKind.TABLE_HEADER if is_header else BlockKind.TABLE_ROW
            row_cells = tuple(cells.get(column, "") for column in range(1, max(cells) + 1))
            yield Block(kind, row_text(texts), Anchor(sheet=name, cells=place), row_cells)


def _sheet_cells(row: Any) -> dict[int, str]:
    """The texts of a row's cells by their column, counted from 1."""
    cells: dict[int, str] = {}
    column = 0
    for cell in children(row, "Cell"):
        column = _index(cell, column + 1)
        if text := _cell_text(child(cell, "Data")):
            cells[column] = text
        column += min(_number(attribute(cell, "MergeAcross"), 0), _COLUMNS)
    return cells


def _cell_text(data: Any) -> str:
    text = words(data)
    try:
        return f"{float(text):.15g}" if data is not None and attribute(data, "Type") == "Number" else text
    except ValueError:
        return text


def _index(element: Any, following: int) -> int:
    """Where a row or a cell stands: where it says, else after the one before."""
    return min(_number(attribute(element, "Index"), following), _COLUMNS)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _is_number(text: str) -> bool:
    return not any(character.isalpha() for character in text)


def _column(number: int) -> str:
    """A column's letters: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


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
                level = _heading_level(names.get(attribute(style, "val"), "") if style is not None else "")
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


def _heading_level(style: str) -> int:
    """1 … 9, or 0 for what is no heading."""
    match = _HEADING_STYLE.match(style)
    return 1 if style.lower() == "title" else int(match[1]) if match else 0


_READERS: dict[str, Callable[[Any], Iterator[Block]]] = {
    "rss": _feed,
    "RDF": _feed,
    "feed": _feed,
    "svg": _drawing,
    "Workbook": _workbook,
    "wordDocument": _word,
    "package": _word,
}
