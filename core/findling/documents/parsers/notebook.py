"""Jupyter notebooks, which are JSON, by the standard library, for all versions: nbformat would convert and
validate them, which takes longer than reading them and refuses what can well be read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from findling.documents.cleaning import clean, made, tidy
from findling.documents.model import Anchor, Block, BlockKind, Outline
from findling.documents.parsers.html import text_of
from findling.documents.parsers.markdown import blocks_of
from findling.documents.parsers.plain import decode
from findling.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.documents.model import Document

#: So much of a cell's output is taken, in characters.
_OUTPUT_LENGTH = 2000
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: What Python says of objects that are pictures or widgets.
_OBJECT = re.compile(r"<[^<>\n]*>\Z")


def parse(path: Path) -> Document:
    """Read a notebook: its text, its code, and what its cells put out as text."""
    try:
        notebook = json.loads(decode(path.read_bytes()))
    except ValueError as error:
        raise ParseError(f"damaged notebook: no valid JSON ({error})") from error
    if not isinstance(notebook, dict):
        raise ParseError("not a notebook")
    known = cast("dict[str, Any]", notebook)
    sheets = [known, *_objects(known.get("worksheets"))]  # version 3 and before
    outline = Outline()
    blocks: list[Block] = []
    for cell in (cell for sheet in sheets for cell in _objects(sheet.get("cells"))):
        blocks.extend(_cell(cell, outline))
    about = cast("dict[str, Any]", known.get("metadata") if isinstance(known.get("metadata"), dict) else {})
    authors = [_joined(author.get("name")) for author in _objects(about.get("authors"))]
    return made("ipynb", _joined(about.get("title")), blocks, ", ".join(filter(None, authors)))


def _cell(cell: dict[str, Any], outline: Outline) -> Iterator[Block]:
    source = _joined(cell.get("source", cell.get("input")))
    kind = cell.get("cell_type")
    if kind == "heading":
        level = cell.get("level")
        source = f"{'#' * min(level if isinstance(level, int) else 1, 6)} {source}"
    if kind in ("markdown", "heading"):
        for block in blocks_of(source, outline):
            yield Block(block.kind, block.text, Anchor(headings=block.anchor.headings), block.cells)
        return
    anchor = Anchor(headings=outline.path)
    lines = (line.rstrip() for line in clean(source).split("\n"))
    if code := "\n".join(lines).strip("\n"):
        yield Block(BlockKind.CODE if kind == "code" else BlockKind.PARAGRAPH, code, anchor)
    for output in _objects(cell.get("outputs")):
        text = tidy(_COLOURS.sub("", _output(output)[: 2 * _OUTPUT_LENGTH]))
        if text and not _OBJECT.match(text):
            yield Block(BlockKind.NOTE, text[:_OUTPUT_LENGTH].rstrip(), anchor)


def _output(output: dict[str, Any]) -> str:
    """What an output says in words."""
    if output.get("output_type") in ("error", "pyerr"):
        return f"{_joined(output.get('ename'))}: {_joined(output.get('evalue'))}"
    data = output.get("data")
    found = cast("dict[str, Any]", data) if isinstance(data, dict) else output
    for name in ("text/plain", "text", "text/markdown"):
        text = _joined(found.get(name)).strip()
        if text and not _OBJECT.match(text):
            return text
    markup = _joined(found.get("text/html", found.get("html")))
    return text_of(markup[: 100 * _OUTPUT_LENGTH])


def _objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list, or none."""
    found = cast("list[Any]", value) if isinstance(value, list) else []
    return [each for each in found if isinstance(each, dict)]


def _joined(value: object) -> str:
    """Text that may be stored as a list of lines."""
    lines = cast("list[object]", value) if isinstance(value, list) else [value]
    return "".join(line for line in lines if isinstance(line, str))
