"""Org, line by line: headings, lists, code, tables. Emacs is its only full reader, and runs code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from findling.documents.cleaning import DATE, made
from findling.documents.model import BlockKind
from findling.documents.parsers.lined import Lines, indent_of, marked

if TYPE_CHECKING:
    from pathlib import Path

    from findling.documents.model import Document

_HEADING = re.compile(
    r"(\*+)\s+(?:(?:TODO|DONE|NEXT|WAITING|HOLD|CANCELLED|CANCELED)\s+)?(?:\[#\w\]\s*)?(.*)"
)
_TAGS = re.compile(r"\s:[\w@#%:]+:\s*\Z")
_KEYWORD = re.compile(r"\s*#\+(\w+):\s*(.*)", re.IGNORECASE)
_BEGIN = re.compile(r"\s*#\+begin_(\w+)", re.IGNORECASE)
_END = re.compile(r"\s*#\+end_\w+", re.IGNORECASE)
_DRAWER = re.compile(r"\s*:[\w-]+:\s*\Z")
_PLANNING = re.compile(r"\s*(?:(?:SCHEDULED|DEADLINE|CLOSED|CLOCK):|\Z)")
_ITEM = re.compile(
    r"\s*(?:[-+]|(?<=\s)\*|(?:\d{1,3}|[A-Za-z])[.)])\s+(?:\[@\d+\]\s*)?(?:\[[ X-]\]\s+)?(?=\S)"
)
_NOTE = re.compile(r"\[fn:([^\]]+)\]\s+(.*)")
_FIXED = re.compile(r"\s*: ?(.*)\Z")
_CODE = frozenset({"src", "example", "export"})
_INLINE = (
    (re.compile(r"\[\[[^\]]{1,300}\]\[([^\]]{1,300})\]\]"), r"\1"),
    (re.compile(r"\[\[([^\]]{1,300})\]\]"), r"\1"),
    (re.compile(r"\[fn:[^\]:]{0,300}:([^\]]{1,300})\]"), r" (\1)"),
    (re.compile(r"\[fn:[^\]]{0,300}\]|\[cite[^\]]{0,300}\]|<{2,3}[^<>]{0,300}>{2,3}"), ""),
    (re.compile(r"@@\w+:[^@]{0,300}@@"), ""),
    (re.compile(r"\bsrc_\w+(?:\[[^\]]{0,300}\])?\{([^}]{0,300})\}"), r"\1"),
    (re.compile(r"(?<![\w\\])([*/_=~+])(?=\S)(.{1,300}?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"\\\\(?=\s|\Z)"), ""),
)


def parse(path: Path) -> Document:
    """Read Org. Title, author and date are those of its keywords; drawers and remarks are left out."""
    lines = Lines(path)
    reader = _Reader(lines)
    while not lines.is_done:
        reader.step()
    known = reader.keywords
    date = DATE.search(known.get("date", ""))
    return made("org", known.get("title", ""), lines.blocks, known.get("author", ""), date[0] if date else "")


def _plain(text: str) -> str:
    return marked(text, _INLINE)


class _Reader:
    """Reads one construct after the other. What stands in a quotation is read in its turn."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.keywords: dict[str, str] = {}

    def step(self) -> None:
        """Read what begins at the cursor."""
        lines = self._lines
        line = lines.line
        if match := _HEADING.match(line):
            self._heading(len(match[1]), match[2])
        elif match := _BEGIN.match(line):
            self._begin(match[1].lower())
        elif match := _KEYWORD.match(line):
            self._keyword(match[1].lower(), match[2].strip())
        elif _DRAWER.match(line):
            self._drawer()
        elif self._is_passed_over(line):
            lines.number += 1
        elif line.lstrip().startswith("|"):
            self._table()
        elif _FIXED.match(line):
            self._fixed()
        elif match := _NOTE.match(line):
            start = lines.number
            lines.number += 1
            lines.add(BlockKind.NOTE, _plain(" ".join([match[2], *self._rest()])), start)
        else:
            self._paragraph()

    @staticmethod
    def _is_passed_over(line: str) -> bool:
        """Remarks, plans, ends of blocks, rules."""
        stripped = line.strip()
        return bool(
            _PLANNING.match(line)
            or _END.match(line)
            or stripped == "#"
            or stripped.startswith("# ")
            or re.fullmatch(r"-{5,}", stripped)
        )

    def _heading(self, level: int, text: str) -> None:
        lines = self._lines
        start = lines.number
        lines.number += 1
        text = _TAGS.sub("", f" {text}").strip()
        if text.startswith("COMMENT"):  # neither is what stands below it
            while not lines.is_done and not (
                (match := _HEADING.match(lines.line)) and len(match[1]) <= level
            ):
                lines.number += 1
            return
        lines.head(level, _plain(text), start)

    def _begin(self, name: str) -> None:
        lines = self._lines
        lines.number += 1
        if name == "comment" or name in _CODE:
            begins = lines.number
            found = lines.until(lambda line: line.strip().lower() == f"#+end_{name}")
            if name != "comment":
                lines.code(found, begins)

    def _keyword(self, name: str, text: str) -> None:
        self.keywords.setdefault(name, _plain(text))
        if name == "caption":
            self._lines.add(BlockKind.CAPTION, _plain(text), self._lines.number)
        self._lines.number += 1

    def _drawer(self) -> None:
        """Pass over a drawer; a line that only looks like one is passed over alone."""
        lines = self._lines
        for offset in range(1, 200):
            if lines.at(offset).strip().upper() == ":END:":
                lines.number += offset
                break
            if _HEADING.match(lines.at(offset)):
                break
        lines.number += 1

    def _table(self) -> None:
        lines = self._lines
        rows: list[tuple[int, list[str]]] = []
        has_header = False
        while (line := lines.line.strip()).startswith("|"):
            if line.startswith("|-"):
                has_header = has_header or len(rows) == 1
            else:
                rows.append((lines.number, [_plain(cell) for cell in line.strip("|").split("|")]))
            lines.number += 1
        lines.rows(rows, has_header=has_header)

    def _fixed(self) -> None:
        lines = self._lines
        start = lines.number
        found: list[str] = []
        while match := _FIXED.match(lines.line):
            found.append(match[1])
            lines.number += 1
        lines.code(found, start)

    def _paragraph(self) -> None:
        lines = self._lines
        start = lines.number
        item = _ITEM.match(lines.line)
        indent = indent_of(lines.line)
        first = lines.line[item.end() if item else 0 :]
        lines.number += 1
        text = " ".join([first, *self._rest(indent if item else -1)])
        text = re.sub(r"\s::\s", ": ", text, count=1) if item else text
        lines.add(BlockKind.LIST_ITEM if item else BlockKind.PARAGRAPH, _plain(text), start)

    def _rest(self, indent: int = -1) -> list[str]:
        """The lines up to one that begins something else, or is not indented further than `indent`."""
        lines = self._lines
        found: list[str] = []
        while not lines.is_done:
            line = lines.line
            if (
                self._is_passed_over(line)
                or line.lstrip().startswith(("|", "#+"))
                or indent_of(line) <= indent
            ):
                break
            if any(pattern.match(line) for pattern in (_HEADING, _ITEM, _DRAWER, _FIXED, _NOTE)):
                break
            found.append(line)
            lines.number += 1
        return found
