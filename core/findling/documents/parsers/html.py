"""HTML through selectolax (lexbor: fast, tolerant, MIT), without navigation, scripts and hidden parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from findling.documents.cleaning import clean, flow, made, tidy
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers.plain import decode_declaring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from findling.documents.model import Document

_DECLARED_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
#: Never text of the document.
_DROPPED = frozenset(
    """
    script style noscript template svg math head iframe object embed canvas audio video select button
    input textarea nav
    """.split()
)
#: Elements that end the paragraph before them and begin their own.
_BREAKING = frozenset(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption
    figure footer form header hr html legend li main menu ol p section summary table tbody td tfoot th
    thead tr ul
    """.split()
)
_XHTML = re.compile(r"<\?xml|www\.w3\.org/1999/xhtml")
#: Elements of HTML that are empty by their nature; any other that XHTML closes at once would stay open.
_VOID = "area base br col embed hr img input link meta param source track wbr"
_CLOSED_AT_ONCE = re.compile(
    rf"<(?!(?:{_VOID.replace(' ', '|')})\b)([A-Za-z][\w:-]*)((?:\s[^<>]*?)?)/>", re.IGNORECASE
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
#: A table row that holds these is there for the layout of a page, not for its data.
_LAYOUT = "table, h1, h2, h3, h4, h5, h6, ul, ol, dl, pre"


def parse(path: Path) -> Document:
    """Read an HTML page. The title is the title element's, else the first heading's."""
    return document_of(path.read_bytes())


def document_of(source: str | bytes) -> Document:
    """The document of a page; bytes are decoded as it declares."""
    tree = _tree(source)
    title_node = tree.css_first("head > title")
    author_node = tree.css_first('head > meta[name="author" i]')
    return made(
        "html",
        title_node.text() if title_node else "",
        _Walk().run(tree.body) if tree.body else [],
        author_node.attributes.get("content") if author_node else "",
    )


def blocks_of(source: str | bytes, *, xhtml: bool = False) -> list[Block]:
    """The blocks of a page that stands inside another file; bytes are decoded as the page declares. It is
    XHTML where it says so, or the caller does."""
    tree = _tree(source, xhtml=xhtml)
    return _Walk().run(tree.body) if tree.body else []


def text_of(fragment: str) -> str:
    """The text of an HTML fragment, on one line."""
    tree = _tree(fragment)
    return flow(" ".join(block.text for block in _Walk().run(tree.body))) if tree.body else ""


def _tree(source: str | bytes, *, xhtml: bool = False) -> LexborHTMLParser:
    from selectolax.lexbor import LexborHTMLParser

    if isinstance(source, bytes):
        source = decode_declaring(source, _DECLARED_CHARSET)
    if xhtml or _XHTML.search(source[:1000]):
        source = _CLOSED_AT_ONCE.sub(r"<\1\2></\1>", source)
    return LexborHTMLParser(source)


class _Walk:
    """Collects blocks from a tree, in document order and without recursion."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._outline = Outline()
        self._words: list[str] = []
        self._kind = BlockKind.PARAGRAPH

    def run(self, root: LexborNode) -> list[Block]:
        stack: list[Iterator[LexborNode]] = [root.iter(include_text=True)]
        closers: list[str] = []
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
                if closers:
                    self._close(closers.pop())
                continue
            tag = node.tag or ""
            if tag == "-text":
                self._words.append(node.text(deep=False))
            elif tag in _HEADINGS:
                self._heading(_HEADINGS[tag], node)
            elif tag == "pre":
                self._flush()
                self._add(BlockKind.CODE, tidy(node.text(deep=True)))
            elif tag == "tr" and node.css_first(_LAYOUT) is None:
                self._row(node)
            elif tag == "br":
                self._words.append(" ")
            elif tag not in _DROPPED and "hidden" not in node.attributes:
                if tag in _BREAKING:
                    self._flush()
                    if tag == "li":
                        self._kind = BlockKind.LIST_ITEM
                stack.append(node.iter(include_text=True))
                closers.append(tag)
        self._flush()
        return self._blocks

    def _close(self, tag: str) -> None:
        if tag in _BREAKING:
            self._flush()

    def _heading(self, level: int, node: LexborNode) -> None:
        self._flush()
        if text := flow(node.text(deep=True, separator=" ")):
            self._outline.enter(level, text)
            self._add(BlockKind.HEADING, text)

    def _row(self, node: LexborNode) -> None:
        self._flush()
        cells = [" ".join(block.text for block in _Walk().run(cell)) for cell in node.iter()]
        named = len(cells) > 1 and all(cell.tag == "th" for cell in node.iter())
        kind = BlockKind.TABLE_HEADER if named else BlockKind.TABLE_ROW
        self._add(kind, row_text(cells), tuple(cells))

    def _flush(self) -> None:
        text = flow("".join(self._words))
        self._words.clear()
        self._add(self._kind, text)
        self._kind = BlockKind.PARAGRAPH

    def _add(self, kind: BlockKind, text: str, cells: tuple[str, ...] = ()) -> None:
        if text := clean(text):
            self._blocks.append(Block(kind, text, Anchor(headings=self._outline.path), cells))
