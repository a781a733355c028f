"""FictionBook (FB2), which is XML, through lxml: titled sections, poems, citations, tables, notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import DATE, made
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers.xml import (
    attribute,
    child,
    children,
    markup_text,
    markup_tree,
    name_of,
    words,
)
from findling.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.documents.model import Document

#: Pictures, as text: the bulk of a book, and nothing to read.
_PICTURE = re.compile(rb"<binary\b[^<>]*>[^<]*</binary>")
_PARAGRAPHS = frozenset({"p", "subtitle", "text-author", "date", "v"})


def parse(path: Path) -> Document:
    """Read a book. Title, author and date are those of its description."""
    root = markup_tree(markup_text(_PICTURE.sub(b"", path.read_bytes())))
    if root is None or name_of(root) != "FictionBook":
        raise ParseError("not a FictionBook")
    about = child(root, "description", "title-info")
    blocks: list[Block] = []
    if about is not None:
        blocks.extend(_blocks(child(about, "annotation"), BlockKind.PARAGRAPH))
    for body in children(root, "body"):
        is_notes = attribute(body, "name") in ("notes", "comments", "footnotes")
        blocks.extend(_blocks(body, BlockKind.NOTE if is_notes else BlockKind.PARAGRAPH))
    if about is None:
        return made("fb2", "", blocks)
    authors = [
        " ".join(words(part) for part in children(author) if name_of(part).endswith("-name"))
        or words(child(author, "nickname"))
        for author in children(about, "author")
    ]
    return made("fb2", words(child(about, "book-title")), blocks, ", ".join(authors), _date(about))


def _date(about: Any) -> str:
    date = child(about, "date")
    found = (attribute(date, "value"), words(date)) if date is not None else ()
    return next((text for text in found if DATE.fullmatch(text)), "")


def _blocks(root: Any, kind: BlockKind) -> Iterator[Block]:
    """The text below an element, paragraphs being of a kind; each stanza of a poem is one block."""
    outline = Outline()
    open_nodes: list[tuple[Any, int]] = [] if root is None else [(root, 0)]
    while open_nodes:
        node, depth = open_nodes.pop()
        name = name_of(node)
        if name == "title":
            if text := words(node):
                path = outline.enter(max(depth, 1), text)
                if kind is not BlockKind.NOTE:  # the title of a note is its number
                    yield Block(BlockKind.HEADING, text, Anchor(headings=path))
            continue
        anchor = Anchor(headings=outline.path)
        if name == "tr":
            cells = tuple(words(cell) for cell in children(node))
            if text := row_text(cells):
                is_header = all(name_of(cell) == "th" for cell in children(node))
                row = BlockKind.TABLE_HEADER if is_header else BlockKind.TABLE_ROW
                yield Block(row, text, anchor, cells)
        elif name == "stanza" or name in _PARAGRAPHS:
            lines = [words(line) for line in children(node)] if name == "stanza" else [words(node)]
            if text := "\n".join(filter(None, lines)):
                yield Block(kind, text, anchor)
        elif name != "image":
            open_nodes.extend((below, depth + (name == "section")) for below in reversed(children(node)))
