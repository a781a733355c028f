"""Markdown through markdown-it-py, the CommonMark parser with line numbers: headings, text, code, tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from findling.documents.cleaning import clean, flow, made, tidy
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers.plain import decode

if TYPE_CHECKING:
    from pathlib import Path

    from markdown_it.token import Token

    from findling.documents.model import Document

_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n(.*?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)
_TELLING = re.compile(r"\w")
_FRONT_AUTHOR = re.compile(r"^authors?:\s*[\"'\[]?(.+?)[\"'\]]?\s*$", re.MULTILINE | re.IGNORECASE)
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)


def parse(path: Path) -> Document:
    """Read a Markdown file. The title is the front matter's, else the first top heading's."""
    text = clean(decode(path.read_bytes()))
    title, author, offset = "", "", 0
    if match := _FRONT_MATTER.match(text):
        if named := _FRONT_TITLE.search(match[1]):
            title = named[1]
        if named := _FRONT_AUTHOR.search(match[1]):
            author = named[1]
        offset = text.count("\n", 0, match.end())
        text = text[match.end() :]
    return made("md", title, _blocks(text, _Reader(offset)), author)


def blocks_of(text: str, outline: Outline | None = None) -> list[Block]:
    """The blocks of Markdown that stands inside another file. `outline` holds the headings that came before
    it there, and goes on with its own."""
    return _blocks(clean(text), _Reader(0, outline))


def without_front_matter(text: str) -> str:
    """The Markdown of a file's text."""
    match = _FRONT_MATTER.match(text)
    return text[match.end() :] if match else text


def _blocks(text: str, reader: _Reader) -> list[Block]:
    from markdown_it import MarkdownIt

    for token in MarkdownIt("commonmark", {"maxNesting": 50}).enable(["table", "strikethrough"]).parse(text):
        reader.take(token)
    return reader.blocks


class _Reader:
    """Collects blocks from a stream of tokens. `line_offset` is what front matter took off the top."""

    def __init__(self, line_offset: int, outline: Outline | None = None) -> None:
        self._line_offset = line_offset
        self._outline = outline or Outline()
        self._heading_level = 0
        self._list_depth = 0
        self._row: tuple[Token, list[str]] | None = None
        self._row_kind = BlockKind.TABLE_ROW
        self.blocks: list[Block] = []

    def take(self, token: Token) -> None:
        """Note what a token means for those that follow, or add its block."""
        match token.type:
            case "heading_open":
                self._heading_level = int(token.tag[1])
            case "list_item_open":
                self._list_depth += 1
            case "list_item_close":
                self._list_depth -= 1
            case "thead_open":
                self._row_kind = BlockKind.TABLE_HEADER
            case "thead_close":
                self._row_kind = BlockKind.TABLE_ROW
            case "tr_open":
                self._row = (token, [])
            case "tr_close":
                self._end_row()
            case "inline":
                self._inline(token)
            case "fence" | "code_block":
                self._add(BlockKind.CODE, tidy(token.content), token)
            case "html_block":
                from findling.documents.parsers.html import text_of

                self._add(BlockKind.PARAGRAPH, text_of(token.content), token)
            case _:
                pass

    def _inline(self, token: Token) -> None:
        text = _plain(token)
        if self._row is not None:
            self._row[1].append(text)
        elif self._heading_level:
            if text:
                self._outline.enter(self._heading_level, text)
            self._add(BlockKind.HEADING, text, token)
            self._heading_level = 0
        else:
            self._add(BlockKind.LIST_ITEM if self._list_depth else BlockKind.PARAGRAPH, text, token)

    def _end_row(self) -> None:
        if self._row is not None:
            token, cells = self._row
            if _TELLING.search("".join(cells)):  # not a rule drawn with dashes
                self._add(self._row_kind, row_text(cells), token, tuple(cells))
        self._row = None

    def _add(self, kind: BlockKind, text: str, token: Token, cells: tuple[str, ...] = ()) -> None:
        if text:
            line = token.map[0] + 1 + self._line_offset if token.map else None
            self.blocks.append(Block(kind, text, Anchor(line=line, headings=self._outline.path), cells))


def _plain(token: Token) -> str:
    """The words of an inline token: no marks, no addresses of links, the alternative text of images."""
    parts: list[str] = []
    for child in token.children or []:
        if child.type in ("text", "code_inline", "image"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return flow("".join(parts))
