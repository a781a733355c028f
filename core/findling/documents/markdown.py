"""Markdown through markdown-it-py, the CommonMark parser with line numbers: headings, text, code, tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from findling.documents.cleaning import clean, flow, sensible_author, sensible_title, tidy
from findling.documents.model import Anchor, Block, BlockKind, Document, Outline, row_text
from findling.documents.plain import decode

if TYPE_CHECKING:
    from pathlib import Path

    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n(.*?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)
_TELLING = re.compile(r"\w")
_FRONT_AUTHOR = re.compile(r"^authors?:\s*[\"'\[]?(.+?)[\"'\]]?\s*$", re.MULTILINE | re.IGNORECASE)
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)


def parse(path: Path) -> Document:
    """Read a Markdown file. The title is the front matter's, else the first top heading's."""
    from markdown_it import MarkdownIt

    text = clean(decode(path.read_bytes()))
    title, author, offset = "", "", 0
    if match := _FRONT_MATTER.match(text):
        if named := _FRONT_TITLE.search(match[1]):
            title = sensible_title(named[1])
        if named := _FRONT_AUTHOR.search(match[1]):
            author = sensible_author(named[1])
        offset = text.count("\n", 0, match.end())
        text = text[match.end() :]
    reader = _Reader(offset)
    for token in MarkdownIt("commonmark", {"maxNesting": 50}).enable(["table", "strikethrough"]).parse(text):
        reader.take(token)
    blocks = reader.blocks
    if not title:
        headings = (block for block in blocks if block.kind is BlockKind.HEADING)
        title = sensible_title(next((block.text for block in headings), ""))
    return Document("md", title, tuple(blocks), author)


def without_front_matter(text: str) -> str:
    """The Markdown of a file's text."""
    match = _FRONT_MATTER.match(text)
    return text[match.end() :] if match else text


class _Reader:
    """Collects blocks from a stream of tokens. `line_offset` is what front matter took off the top."""

    def __init__(self, line_offset: int) -> None:
        self._line_offset = line_offset
        self._outline = Outline()
        self._heading_level = 0
        self._list_depth = 0
        self._row: tuple[Token, list[str]] | None = None
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
            case "tr_open":
                self._row = (token, [])
            case "tr_close":
                self._end_row()
            case "inline":
                self._inline(token)
            case "fence" | "code_block":
                self._add(BlockKind.CODE, tidy(token.content), token)
            case "html_block":
                from findling.documents.html import text_of

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
                self._add(BlockKind.TABLE_ROW, row_text(cells), token)
        self._row = None

    def _add(self, kind: BlockKind, text: str, token: Token) -> None:
        if text:
            line = token.map[0] + 1 + self._line_offset if token.map else None
            self.blocks.append(Block(kind, text, Anchor(line=line, headings=self._outline.path)))


def _plain(token: Token) -> str:
    """The words of an inline token: no marks, no addresses of links, the alternative text of images."""
    parts: list[str] = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(child.content)
    return flow("".join(parts))
