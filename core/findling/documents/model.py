"""What a parser makes of a file: blocks of text, each with the place where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Between two blocks in a document's text.
SEPARATOR = "\n\n"


class BlockKind(StrEnum):
    """What a block is on its page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list item"
    TABLE_HEADER = "table header"  # a row of column names; the rows after it belong to it
    TABLE_ROW = "table row"
    CODE = "code"
    CAPTION = "caption"
    NOTE = "note"  # beside the text: a speaker's note, a comment, a footnote


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where text stands in its file; enough to open it there. What does not apply is None or empty."""

    page: int | None = None  # counted from 1
    line: int | None = None  # counted from 1
    headings: tuple[str, ...] = ()  # the path of headings above, outermost first
    record: str | None = None  # the id of a record in a collection
    slide: int | None = None  # counted from 1
    sheet: str | None = None  # the name of a sheet
    cells: str | None = None  # its cells, as spreadsheets name them: "A2:F9"
    time: str | None = None  # of a recording, hours:minutes:seconds

    def label(self) -> str:
        """A few words for a person: "p. 12", "§ Results", "line 40", "Costs!A2:F9"."""
        parts: list[str] = []
        if self.page is not None:
            parts.append(f"p. {self.page}")
        if self.slide is not None:
            parts.append(f"slide {self.slide}")
        if self.sheet is not None:
            parts.append(f"{self.sheet}!{self.cells}" if self.cells else self.sheet)
        if self.headings and self.headings[-1] != self.sheet:
            parts.append(f"§ {self.headings[-1]}")
        if self.time is not None:
            parts.append(self.time)
        if not parts and self.cells is not None:
            parts.append(self.cells)
        if not parts and self.line is not None:
            parts.append(f"line {self.line}")
        return " · ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Only what is known, plus the label; the shape is part of the CLI's contract."""
        known: dict[str, Any] = {}
        for name in _PLACES:
            value = getattr(self, name)
            if value is not None:
                known[name] = value
        if self.headings:
            known["headings"] = list(self.headings)
        if label := self.label():
            known["label"] = label
        return known

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`."""
        known = {name: stored[name] for name in _PLACES if name in stored}
        return cls(**known, headings=tuple(stored.get("headings", ())))


_PLACES = tuple(each.name for each in fields(Anchor) if each.name != "headings")


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text of one kind at one place. A heading's anchor ends with the heading itself. `cells` of a
    table's row are those of its text, and empty ones between; what reads the block elsewhere does without."""

    kind: BlockKind
    text: str
    anchor: Anchor = field(default_factory=Anchor)
    cells: tuple[str, ...] = field(default=(), compare=False)


def row_text(cells: Iterable[str]) -> str:
    """The text of a table's row."""
    return " | ".join(filter(None, cells))


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text. `kind` is the family of its format; `title` and `author` are empty where the file names
    none. `written` is the date that the file gives for itself, in ISO 8601, or "". `scans` are the pages,
    from 1, that are pictures without a text."""

    kind: str
    title: str
    blocks: tuple[Block, ...]
    author: str = ""
    written: str = ""
    scans: tuple[int, ...] = ()

    def spans(self) -> list[tuple[int, int]]:
        """(start, end) of every block in `text`, in characters."""
        spans: list[tuple[int, int]] = []
        position = 0
        for block in self.blocks:
            spans.append((position, position + len(block.text)))
            position += len(block.text) + len(SEPARATOR)
        return spans

    @property
    def text(self) -> str:
        """All blocks, with a blank line between."""
        return SEPARATOR.join(block.text for block in self.blocks)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads: parsers run in other processes."""
        blocks = [[block.kind.value, block.text, block.anchor.to_json()] for block in self.blocks]
        return {
            "kind": self.kind,
            "title": self.title,
            "author": self.author,
            "written": self.written,
            "scans": list(self.scans),
            "blocks": blocks,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`."""
        blocks = tuple(
            Block(BlockKind(kind), text, Anchor.from_json(anchor)) for kind, text, anchor in stored["blocks"]
        )
        told = (stored["author"], stored["written"], tuple(stored["scans"]))
        return cls(stored["kind"], stored["title"], blocks, *told)


class Outline:
    """The path of headings at the point that a parser has reached."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    @property
    def path(self) -> tuple[str, ...]:
        """Headings above this point, outermost first."""
        return tuple(text for _, text in self._open)

    def enter(self, level: int, text: str) -> tuple[str, ...]:
        """Note a heading of `level` (1 is the outermost); return the path that ends with it."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, text))
        return self.path
