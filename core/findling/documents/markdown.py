"""Markdown through markdown-it-py, the CommonMark parser with line numbers: headings, text, code, tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from findling.documents.cleaning import clean, flow, sensible_title, tidy
from findling.documents.model import Anchor, Block, BlockKind, Document, Outline
from findling.documents.plain import decode

if TYPE_CHECKING:
    from pathlib import Path

    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n(.*?)\n(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)


def parse(path: Path) -> Document:
    """Read a Markdown file. The title is the front matter's, else the first top heading's."""
    from markdown_it import MarkdownIt

    text = clean(decode(path.read_bytes()))
    title, offset = "", 0
    if match := _FRONT_MATTER.match(text):
        if named := _FRONT_TITLE.search(match[1]):
            title = sensible_title(named[1])
        offset = text.count("\n", 0, match.end())
        text = text[match.end() :]
    reader = MarkdownIt("commonmark", {"maxNesting": 50}).enable(["table", "strikethrough"])
    blocks = _blocks(reader.parse(text), offset)
    if not title:
        headings = (block for block in blocks if block.kind is BlockKind.HEADING)
        title = sensible_title(next((block.text for block in headings), ""))
    return Document("md", title, tuple(blocks))


def _blocks(tokens: list[Token], line_offset: int) -> list[Block]:
    blocks: list[Block] = []
    outline = Outline()
    kind = BlockKind.PARAGRAPH
    heading_level = 0
    list_depth = 0
    cells: list[str] | None = None

    def add(kind: BlockKind, text: str, token: Token) -> None:
        if text:
            line = token.map[0] + 1 + line_offset if token.map else None
            blocks.append(Block(kind, text, Anchor(line=line, headings=outline.path)))

    for token in tokens:
        match token.type:
            case "heading_open":
                heading_level = int(token.tag[1])
            case "list_item_open":
                list_depth += 1
            case "list_item_close":
                list_depth -= 1
            case "tr_open":
                cells = []
            case "tr_close":
                add(BlockKind.TABLE_ROW, " | ".join(filter(None, cells or [])), token)
                cells = None
            case "inline" if cells is not None:
                cells.append(_plain(token))
            case "inline" if heading_level:
                text = _plain(token)
                if text:
                    outline.enter(heading_level, text)
                add(BlockKind.HEADING, text, token)
                heading_level = 0
            case "inline":
                kind = BlockKind.LIST_ITEM if list_depth else BlockKind.PARAGRAPH
                add(kind, _plain(token), token)
            case "fence" | "code_block":
                add(BlockKind.CODE, tidy(token.content), token)
            case "html_block":
                from findling.documents.html import text_of

                add(BlockKind.PARAGRAPH, text_of(token.content), token)
            case _:
                pass
    return blocks


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
