"""A part of a document as it is formatted, around a passage.

Markdown is taken as it was written; other files are put together from the blocks that their parser finds, as
HTML of nothing but headings, paragraphs, lists, tables and code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Self

from findling.documents.cleaning import clean
from findling.documents.colouring import CodeSpan, spans_in_code
from findling.documents.finding import LEAST_RUN, bare
from findling.documents.model import Block, BlockKind
from findling.documents.parsers.markdown import without_front_matter
from findling.documents.parsers.plain import decode
from findling.documents.registry import parse
from findling.documents.sniffing import family_of
from findling.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.documents.model import Document

#: The families of files that have headings, lists and tables.
FORMATTED = frozenset(
    """
    md html docx doc odt rtf pptx ppt odp xlsx xls ods csv epub fb2 mhtml eml msg ics ipynb rst adoc org tex
    """.split()
)

#: A part that is longer than this all the same, for it is one line of data, is shown as text.
_MOST_CHARACTERS = 200_000
_MOST_REFERENCES = 200
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LANGUAGE = re.compile(r"\s*([\w+#.-]+)")
_REFERENCE = re.compile(r" {0,3}\[[^\]]+\]:\s*\S")
#: Code in a line, which stays as it is, or a tag or a remark of HTML.
_CODE_OR_TAG = re.compile(r"(?P<ticks>`+).+?(?P=ticks)|<!--.*?-->|</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")
#: Kinds of block that make a table.
_ROWS = {BlockKind.TABLE_HEADER: BlockKind.TABLE_ROW, BlockKind.TABLE_ROW: BlockKind.TABLE_ROW}
_DELIMITER = re.compile(r"[\s|:-]*-[\s|:-]*\Z")


@dataclass(frozen=True, slots=True)
class PartWish:
    """The part of a file around `passage`, which starts at character `start` of its document's text and, in
    Markdown, at or below `line`; `before` and `after` are how many characters more are wanted."""

    path: str
    passage: str
    start: int
    line: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Part:
    """Markdown, or else HTML; whether the document goes on `above` and `below`; how many letters and digits
    there are about before the passage; and what the parts of each program's text in it are."""

    markup: str
    above: bool
    below: bool
    letters_before: int
    is_markdown: bool = False
    codes: dict[str, tuple[CodeSpan, ...]] = field(default_factory=dict[str, "tuple[CodeSpan, ...]"])


def part_of(wish: PartWish) -> Part:
    """Raises `ParseError` for a file that cannot be read, or that has changed."""
    path = Path(wish.path)
    source = _Source.of(path)
    part = _of_markdown(source, wish) if family_of(path) == "md" else _of_blocks(source, wish)
    if len(part.markup) > _MOST_CHARACTERS:
        raise ParseError("too long a line to be formatted")
    return part


@dataclass(frozen=True, slots=True)
class _Source:
    """A file as it is now: the one that was read last is not read again for the next part of it."""

    path: Path
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Self:
        try:
            known = path.stat()
        except OSError as error:
            raise ParseError(f"cannot be read: {error.strerror or error}") from error
        return cls(path, known.st_size, known.st_mtime_ns)


@lru_cache(1)
def _document(source: _Source) -> Document:
    return parse(source.path)


# -- Markdown ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of Markdown. `fence` is the line that opened the code which it is in, `head` the number of the
    first line of its block; a block may `begin` here."""

    text: str
    fence: str
    head: int
    begins: bool


@lru_cache(1)
def _markdown(source: _Source) -> tuple[list[_Line], int]:
    """The lines of a file, and the number of the first one below its front matter."""
    try:
        text = clean(decode(source.path.read_bytes()))
    except OSError as error:
        raise ParseError(f"cannot be read: {error.strerror or error}") from error
    return _lines(text), text.count("\n", 0, len(text) - len(without_front_matter(text)))


def _of_markdown(source: _Source, wish: PartWish) -> Part:
    lines, first = _markdown(source)
    at = _line_of(lines, wish.passage, max(first, wish.line - 1), first)
    start = _up(lines, at, first, wish.before)
    end = _down(lines, at, wish.after + len(wish.passage))
    shown = [*_opening(lines, start), *(_without_tags(line) for line in lines[start:end])]
    references = [
        line.text
        for number, line in enumerate(lines)
        if not start <= number < end and not line.fence and _REFERENCE.match(line.text)
    ]
    before = len(bare("".join(line.text for line in lines[start:at])))
    if references:  # above: the end may be in the middle of code
        shown[:0] = (*references[:_MOST_REFERENCES], "")
    markup = "\n".join(shown)
    return Part(markup, start > first, end < len(lines), before, is_markdown=True, codes=_codes(markup))


def _lines(text: str) -> list[_Line]:
    made: list[_Line] = []
    fence, marker, head, blank = "", "", 0, True
    for number, line in enumerate(text.split("\n")):
        fenced = _FENCE.match(line)
        begins = not fence and bool(line.strip()) and (blank or bool(fenced)) and not line[0].isspace()
        if begins or blank:
            head = number
        made.append(_Line(line, fence, head, begins))
        if fenced and not fence:
            fence, marker = line, fenced[1]
        elif fenced and fenced[1].startswith(marker) and not line[fenced.end() :].strip():
            fence = ""
        blank = not fence and not line.strip()
    return made


def _without_tags(line: _Line) -> str:
    """The line without what is HTML in it: the document's text has none either."""
    if line.fence or line.text.startswith(("    ", "\t")):
        return line.text
    return _CODE_OR_TAG.sub(lambda found: found[0] if found["ticks"] else "", line.text)


def _codes(markup: str) -> dict[str, tuple[CodeSpan, ...]]:
    """Of all code in it that names its language."""
    codes: dict[str, tuple[CodeSpan, ...]] = {}
    for fence, run in groupby(_lines(markup), lambda line: line.fence):
        fenced = _FENCE.match(fence)
        if fenced and (language := _LANGUAGE.match(fence, fenced.end())):
            lines = [line.text for line in run]
            if (last := _FENCE.match(lines[-1])) and last[1].startswith(fenced[1]):
                lines.pop()
            code = "\n".join(lines)
            codes[code] = spans_in_code(code, language[1])
    return codes


def _line_of(lines: Sequence[_Line], passage: str, at: int, first: int) -> int:
    """The line that a passage starts in: of a long block it may be any. Where marks stand between its first
    letters, the block's first one."""
    start = bare(passage)[:LEAST_RUN]
    for begin in dict.fromkeys((at, first)):
        letters = ""
        for number in range(begin, len(lines)):
            kept = letters[-LEAST_RUN:]
            letters = kept + bare(lines[number].text)
            found = letters.find(start)
            if found >= 0:
                return number if found >= len(kept) else max(begin, number - 1)
    return min(at, len(lines) - 1)


def _up(lines: Sequence[_Line], at: int, first: int, characters: int) -> int:
    """The line to begin with: a block's first one, where there is one near."""
    number = at
    while number > first and characters > 0:
        number -= 1
        characters -= len(lines[number].text) + 1
    return next((n for n in range(number, at + 1) if lines[n].begins or n == first), number)


def _down(lines: Sequence[_Line], at: int, characters: int) -> int:
    """The line to end before."""
    number = at
    while number < len(lines) and characters > 0:
        characters -= len(lines[number].text) + 1
        number += 1
    if number == len(lines):
        return number
    return next((n for n in range(number, at, -1) if lines[n].begins), number)


def _opening(lines: Sequence[_Line], start: int) -> list[str]:
    """What has to stand before a line in the middle of code, or of a table."""
    if start >= len(lines) or lines[start].begins:
        return []
    if lines[start].fence:
        return [lines[start].fence]
    head = lines[start].head
    if start > head + 1 and "|" in lines[start].text and _DELIMITER.match(lines[head + 1].text):
        return [lines[head].text, lines[head + 1].text]
    return []


# -- blocks -----------------------------------------------------------------------------------------


def _of_blocks(source: _Source, wish: PartWish) -> Part:
    document = _document(source)
    end = wish.start + len(wish.passage)
    if bare(document.text[wish.start : end]) != bare(wish.passage):
        raise ParseError("the file has changed since it was indexed")
    blocks, spans = document.blocks, document.spans()
    wanted = [
        number
        for number, (first, last) in enumerate(spans)
        if last > wish.start - wish.before and first < end + wish.after
    ]
    first, last = wanted[0], wanted[-1] + 1
    markup = "".join(_markup(blocks[first:last]))
    head = first
    while blocks[head].kind is BlockKind.TABLE_ROW and head and blocks[head - 1].kind in _ROWS:
        head -= 1
    if head < first:
        markup = "".join(_markup((blocks[head], *blocks[first:last])))
    before = len(bare(document.text[spans[first][0] : wish.start]))
    return Part(markup, first > 0, last < len(blocks), before)


def _markup(blocks: Sequence[Block]) -> list[str]:
    made: list[str] = []
    for kind, run in groupby(blocks, lambda block: _ROWS.get(block.kind, block.kind)):
        if kind is BlockKind.TABLE_ROW:
            made.append(f"<table>{''.join(map(_row, run))}</table>")
        elif kind is BlockKind.LIST_ITEM:
            made.append(f"<ul>{''.join(f'<li>{escape(block.text)}</li>' for block in run)}</ul>")
        elif kind is BlockKind.CODE:
            made += [f"<pre>{escape(block.text)}</pre>" for block in run]
        elif kind is BlockKind.HEADING:
            for block in run:
                level = min(6, max(1, len(block.anchor.headings)))
                made.append(f"<h{level}>{escape(block.text)}</h{level}>")
        elif kind in (BlockKind.CAPTION, BlockKind.NOTE):
            made += [f"<p><i>{_lined(block.text)}</i></p>" for block in run]
        else:
            made += [f"<p>{_lined(block.text)}</p>" for block in run]
    return made


def _row(block: Block) -> str:
    tag = "th" if block.kind is BlockKind.TABLE_HEADER else "td"
    if len(block.cells) > 1 and not any(block.cells[1:]):  # what is written across
        return f"<tr><{tag} colspan={len(block.cells)}>{escape(block.cells[0])}</{tag}></tr>"
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in block.cells or (block.text,))}</tr>"


def _lined(text: str) -> str:
    return escape(text).replace("\n", "<br>")
