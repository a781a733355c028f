"""What the line-based readers of markup share: a cursor over lines, and the blocks that came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling.documents.cleaning import clean, flow
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers.plain import decode

if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from pathlib import Path


def marked(text: str, patterns: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    """Text on one line without its inline marks: each pattern is replaced by what it means. The patterns must
    look ahead no further than some hundred characters: paragraphs may be of any length."""
    text = flow(text)
    for pattern, meant in patterns:
        text = pattern.sub(meant, text)
    return flow(text)


def indent_of(line: str) -> int:
    """How many blanks a line begins with."""
    return len(line) - len(line.lstrip())


class Lines:
    """A cursor over lines, and the blocks that came of those before it."""

    def __init__(self, path: Path) -> None:
        self.lines = clean(decode(path.read_bytes())).split("\n")
        self.number = 0
        self.outline = Outline()
        self.blocks: list[Block] = []

    @property
    def line(self) -> str:
        """The line at the cursor; "" after the last."""
        return self.at(0)

    def at(self, offset: int) -> str:
        """The line so many after the cursor."""
        number = self.number + offset
        return self.lines[number] if number < len(self.lines) else ""

    @property
    def is_done(self) -> bool:
        """Whether no line is left."""
        return self.number >= len(self.lines)

    def add(self, kind: BlockKind, text: str, line: int, cells: tuple[str, ...] = ()) -> None:
        """Add a block that begins at a line counted from 0, if it has text."""
        if text:
            self.blocks.append(Block(kind, text, Anchor(line=line + 1, headings=self.outline.path), cells))

    def head(self, level: int, text: str, line: int) -> None:
        """Add a heading."""
        if text:
            self.outline.enter(level, text)
            self.add(BlockKind.HEADING, text, line)

    def code(self, lines: list[str], line: int) -> None:
        """Add code without the indentation that all its lines have."""
        filled = [number for number, each in enumerate(lines) if each.strip()]
        if filled:
            indent = min(indent_of(lines[number]) for number in filled)
            code = "\n".join(each[indent:].rstrip() for each in lines[filled[0] : filled[-1] + 1])
            self.add(BlockKind.CODE, code, line + filled[0])

    def rows(self, rows: list[tuple[int, list[str]]], *, has_header: bool) -> None:
        """Add the rows of a table, each with its line."""
        for number, (line, cells) in enumerate(rows):
            is_header = has_header and number == 0 and len(rows) > 1
            kind = BlockKind.TABLE_HEADER if is_header else BlockKind.TABLE_ROW
            self.add(kind, row_text(cells), line, tuple(cells))

    def until(self, is_end: Callable[[str], bool]) -> list[str]:
        """The lines up to the next that `is_end`, which the cursor passes."""
        found: list[str] = []
        while not self.is_done and not is_end(self.line):
            found.append(self.line)
            self.number += 1
        self.number += 1
        return found

    def deeper(self, indent: int) -> list[str]:
        """The lines that are indented by more than `indent`, and blank ones between them."""
        found: list[str] = []
        while not self.is_done and (not self.line.strip() or indent_of(self.line) > indent):
            found.append(self.line)
            self.number += 1
        while found and not found[-1].strip():
            found.pop()
        return found
