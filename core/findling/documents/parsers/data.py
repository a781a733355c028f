"""Data files as text: JSON by the standard library, XML by `markup_tree`, YAML by its indentation (a YAML
library would lose the comments and the order of what people wrote)."""

from __future__ import annotations

import json
import plistlib
import re
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from findling.documents.cleaning import clean, flow, made, tidy
from findling.documents.model import Anchor, Block, BlockKind, Document
from findling.documents.parsers.code import pieces
from findling.documents.parsers.plain import decode, paragraphs
from findling.documents.parsers.xml import markup_text, markup_tree
from findling.documents.parsers.xml_documents import document_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Larger files are read as plain text, without a tree of objects that takes ten times their size.
_TREE_BYTES = 32 * 1024 * 1024
#: No more than this is taken from one file, in bytes and in characters.
_TEXT_LIMIT = 48 * 1024 * 1024
#: A container of no more values than this is shown whole, in one block.
_SMALL = 40
#: Lines of a block are cut into several above this, in characters.
_BLOCK_LENGTH = 2000
#: So many numbers of a list are shown.
_NUMBERS = 8
_TAG = re.compile(r"<[^<>]{0,10000}>")
_UNBROKEN = re.compile(r"\S{300,}")
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]")
_TOP_KEY = re.compile(r"([^\s#\-{\[&*!|>%@`][^:#]*+|\"[^\"]*\"|'[^']*')\s*:(?:\s|$)")
_TITLES = ("title", "name")


def parse_json(path: Path) -> Document:
    """Read JSON, JSON Lines or GeoJSON: a line "key.key: value" for each value, a block for each object.

    What is no valid JSON is read as plain text.
    """
    text = clean(decode(_head(path)))
    if len(text) <= _TREE_BYTES:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            return made("json", _json_title(found), _values(found, Anchor()))
    return Document("json", "", tuple(_json_lines(text) or paragraphs(text)))


def parse_xml(path: Path) -> Document:
    """Read XML: a block for each element with text, a line for each field of a record. Feeds, drawings and
    what Office 2003 wrote are read as what they are."""
    data = _head(path)
    if len(data) > _TREE_BYTES // 2:
        lines = _TAG.sub("\n", decode(data)).split("\n")
        texts = _joined([text for line in lines if (text := flow(line))])
        return made("xml", "", [Block(BlockKind.PARAGRAPH, text) for text in texts])
    if b"<plist" in data[:1024] or data.startswith(b"bplist00"):
        with suppress(Exception):  # it raises anything at all on what is damaged
            return made("xml", "", _values(plistlib.loads(data), Anchor()))
    text = markup_text(data)
    root = markup_tree(text)
    return Document("xml", "", tuple(paragraphs(_TAG.sub(" ", text)))) if root is None else document_of(root)


def parse_yaml(path: Path) -> Document:
    """Read YAML as text, cut at the keys of its outermost level; neighbours of one line stay together."""
    lines = clean(decode(_head(path))).split("\n")
    tops = [number for number, line in enumerate(lines) if _TOP_KEY.match(line) or line.startswith("---")]
    borders = [0, *tops, len(lines)]
    short = [after - before == 1 for before, after in pairwise(borders)]
    kept = [
        border for number, border in enumerate(borders) if not all(short[max(0, number - 1) : number + 1])
    ]
    blocks: list[Block] = []
    for start, end in pairwise(dict.fromkeys([0, *kept, len(lines)])):
        top = _TOP_KEY.match(lines[start])
        key = (top[1].strip().strip("\"'"),) if top and end - start > 1 else ()
        for first, text in pieces(lines, start, end):
            blocks.append(Block(BlockKind.PARAGRAPH, text, Anchor(line=first + 1, headings=key)))
    return made("yaml", "", [block for block in blocks if block.text.strip("-.")])


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_TEXT_LIMIT)


def _json_title(value: object) -> str:
    if isinstance(value, dict):
        known = cast("dict[str, object]", value)
        return next((name for key in _TITLES if isinstance(name := known.get(key), str)), "")
    return ""


def _json_lines(text: str) -> list[Block]:
    """Of a file that holds an object on each line; empty where most lines are none."""
    blocks: list[Block] = []
    size = failed = records = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or size > _TEXT_LIMIT:
            continue
        try:
            value = json.loads(line[:_TREE_BYTES])
        except (ValueError, RecursionError):
            failed += 1
            found = [Block(BlockKind.PARAGRAPH, tidy(line), Anchor(line=number))]
        else:
            records += isinstance(value, (dict, list))
            found = list(_values(value, Anchor(line=number)))
        if failed > 100 + records:
            return []
        blocks.extend(found)
        size += sum(len(block.text) for block in found)
    return blocks if records >= 2 * failed else []


def _values(root: object, anchor: Anchor) -> Iterator[Block]:
    """A tree of objects as blocks, each with the keys above it as its headings."""
    size = 0
    tasks: list[tuple[tuple[str, ...], object]] = [((), root)]
    while tasks and size < _TEXT_LIMIT:
        keys, value = tasks.pop()
        if isinstance(value, _Lines):
            lines = value
        elif (whole := _lines("", value)) is not None:
            lines = whole
        else:
            tasks.extend(reversed(_tasks(keys, value)))
            continue
        for text in _joined(lines):
            size += len(text)
            yield Block(BlockKind.PARAGRAPH, text, replace(anchor, headings=keys))


class _Lines(list[str]):
    """Lines that are ready to become a block."""


def _tasks(keys: tuple[str, ...], value: object) -> list[tuple[tuple[str, ...], object]]:
    """What a container too large for one block falls into: lines of what is small, and what is not."""
    tasks: list[tuple[tuple[str, ...], object]] = []
    is_list = isinstance(value, list)
    for key, child in _items(value):
        lines = _lines(key, child)
        if lines is None:
            tasks.append(((*keys, key) if key else keys, child))
        elif is_list and isinstance(child, dict):
            tasks.extend(((keys, lines), (keys, _Lines())))
        elif tasks and isinstance(ready := tasks[-1][1], _Lines):
            ready.extend(lines)
        else:
            tasks.append((keys, _Lines(lines)))
    return tasks


def _items(value: object) -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [(str(key), child) for key, child in cast("dict[object, object]", value).items()]
    return [("", child) for child in cast("list[object]", value)]


def _lines(name: str, value: object) -> _Lines | None:
    """A value as lines "key.key: value", or None if it has too many."""
    lines = _Lines()
    open_values: list[tuple[str, object]] = [(name, value)]
    seen = 0
    while open_values:
        path, current = open_values.pop()
        seen += 1
        if seen > _SMALL:
            return None
        if isinstance(current, list) and (text := _simple(cast("list[object]", current))) is not None:
            current = text
        if isinstance(current, (dict, list)):
            below = _items(cast("object", current))
            if len(below) > _SMALL:
                return None
            open_values.extend((f"{path}.{key}".strip("."), child) for key, child in reversed(below))
        elif text := _shown(current):
            lines.append(f"{path}: {text}" if path else text)
    return lines


def _simple(values: list[object]) -> str | None:
    """A list of short values on one line; the first few if they are numbers; None for any other list.

    Coordinates are lists of lists of numbers: the first of them stands for all.
    """
    first = values
    while first and isinstance(first[0], list):
        first = cast("list[object]", first[0])
    if first and _is_number(first[0]) and all(isinstance(each, list) or _is_number(each) for each in values):
        shown = ", ".join(str(each) for each in first[:_NUMBERS])
        return shown if first is values and len(values) <= _NUMBERS else f"{shown} …"
    texts = [each for each in values if isinstance(each, str) and len(each) <= 100]
    return ", ".join(filter(None, map(flow, texts))) if len(texts) == len(values) else None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shown(value: object) -> str:
    """A single value as text; bytes and long runs without a space (encoded pictures, keys) are left out."""
    if value is None or isinstance(value, bytes):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    return tidy(_UNBROKEN.sub(_readable, str(value)))


def _readable(run: re.Match[str]) -> str:
    return run[0] if len(_ENCODED.findall(run[0][:300])) < 250 else "…"


def _joined(lines: list[str]) -> Iterator[str]:
    """Lines as texts of about `_BLOCK_LENGTH`, cut between lines."""
    held: list[str] = []
    length = 0
    for line in lines:
        if held and length + len(line) > _BLOCK_LENGTH:
            yield "\n".join(held)
            held, length = [], 0
        held.append(line)
        length += len(line) + 1
    if held:
        yield "\n".join(held)
