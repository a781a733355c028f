"""reStructuredText, line by line: headings, lists, code, tables, notes. docutils includes files, is only in
part permissively licensed, and gives no lines for much of what it reads."""

from __future__ import annotations

import csv
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from findling.documents.cleaning import DATE, made
from findling.documents.model import BlockKind
from findling.documents.parsers.lined import Lines, indent_of, marked

if TYPE_CHECKING:
    from pathlib import Path

    from findling.documents.model import Document

    _Rows = list[tuple[int, list[list[str]]]]  # the line of each, and of each of its cells the texts

_ITEM = re.compile(r"\s*(?:[-+*•‣]|\(?(?:\d{1,3}|[A-Za-z]|[ivxlIVXL]{1,5}|#)[.)])\s+(?=\S)")
_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*\s*\Z")
_EXPLICIT = re.compile(r"\s*\.\.(?:\s+|\Z)")
_DIRECTIVE = re.compile(r"\s*\.\.\s+(?:\|[^|]+\|\s+)?([A-Za-z][\w:.-]*)::\s*(.*)")
_FOOTNOTE = re.compile(r"\s*\.\.\s+\[[^\]]+\]\s+(.*)")
_FIELD = re.compile(r"\s*:([^:\s][^:]*):(?:\s+(.*)|\Z)")
_SIMPLE_TABLE = re.compile(r"\s*=+(?:\s+=+)+\s*\Z")
_GRID_TABLE = re.compile(r"\s*\+[-=+]+\+\s*\Z")
_CODE_DIRECTIVES = frozenset(
    "code code-block sourcecode parsed-literal highlight doctest testcode prompt math".split()
)
_DROPPED_DIRECTIVES = frozenset(
    """
    include literalinclude raw contents toctree index default-role role meta sectnum highlight-language
    replace unicode automodule autoclass autofunction bibliography target-notes tabularcolumns
    """.split()
)
_PICTURES = frozenset({"image", "figure"})
_INLINE = (
    (re.compile(r"(?<!\\)``(.{1,300}?)``"), r"\1"),
    (re.compile(r":[A-Za-z][\w:.+-]*:`~?([^`<]{1,300}?)(?:\s*<[^`]{0,300}>)?`"), r"\1"),
    (re.compile(r"`([^`<]{1,300}?)\s*<[^`>]{0,300}>`_{1,2}"), r"\1"),
    (re.compile(r"(?<![\\\w])`([^`]{1,300})`_{0,2}"), r"\1"),
    (re.compile(r"(?<![\\\w*])\*\*(?=\S)(.{1,300}?)(?<=\S)\*\*(?!\w)"), r"\1"),
    (re.compile(r"(?<![\\\w*])\*(?=\S)([^*]{1,300}?)(?<=\S)\*(?!\w)"), r"\1"),
    (re.compile(r"(?<!\w)\|([^|\s][^|]{0,300})\|_{0,2}"), r"\1"),
    (re.compile(r"\[([#*]?\w*)\]_(?!\w)"), r"[\1]"),
    (re.compile(r"\b(\w+?)__?(?!\w)"), r"\1"),
    (re.compile(r"\\(\S)"), r"\1"),
)


def parse(path: Path) -> Document:
    """Read reStructuredText. Levels of headings are in the order in which their adornments appear."""
    lines = Lines(path)
    reader = _Rst(lines)
    while not lines.is_done:
        reader.step()
    return made("rst", "", lines.blocks, reader.author, reader.written)


def _plain(text: str) -> str:
    return marked(text, _INLINE)


def _take(rows: _Rows, line: int, cells: list[str], *, is_new: bool) -> None:
    """Add cells as a row, or to those of the last one."""
    if is_new:
        rows.append((line, [[cell] for cell in cells]))
    else:
        for texts, cell in zip(rows[-1][1], cells, strict=True):
            texts.append(cell)


class _Rst:
    """Reads one construct after the other. What stands in another is read in its turn: nothing nests."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._adornments: list[str] = []
        self.author = ""
        self.written = ""

    def step(self) -> None:
        """Read what begins at the cursor."""
        lines = self._lines
        line = lines.line
        if not line.strip():
            lines.number += 1
        elif _SIMPLE_TABLE.match(line):
            self._simple_table()
        elif _GRID_TABLE.match(line):
            self._grid_table()
        elif self._is_heading():
            self._heading()
        elif _ADORNMENT.match(line) and len(line.strip()) > 3:
            lines.number += 1
        elif _EXPLICIT.match(line):
            self._explicit()
        elif match := _FIELD.match(line):
            self._field(match[1], match[2] or "")
        elif line.lstrip().startswith(">>>"):
            start = lines.number
            while lines.line.strip():
                lines.number += 1
            lines.code(lines.lines[start : lines.number], start)
        else:
            self._paragraph()

    def _is_heading(self) -> bool:
        first, second, third = (self._lines.at(offset).rstrip() for offset in range(3))
        if _ADORNMENT.match(first) and _ADORNMENT.match(third) and first[0] == third[0] and second.strip():
            return len(first) >= len(second.strip())
        if not _ADORNMENT.match(second) or first[0].isspace() or _ADORNMENT.match(first):
            return False
        return len(second) >= min(len(first), 4)

    def _heading(self) -> None:
        lines = self._lines
        is_over = bool(_ADORNMENT.match(lines.line)) and bool(_ADORNMENT.match(lines.at(2)))
        adornment = lines.line[0] * 2 if is_over else lines.at(1)[0]
        if adornment not in self._adornments:
            self._adornments.append(adornment)
        text = _plain(lines.at(1) if is_over else lines.line)
        lines.head(self._adornments.index(adornment) + 1, text, lines.number + is_over)
        lines.number += 3 if is_over else 2

    def _explicit(self) -> None:
        lines = self._lines
        start, indent = lines.number, indent_of(lines.line)
        if match := _DIRECTIVE.match(lines.line):
            self._directive(match[1].lower(), match[2], start, indent)
            return
        footnote = _FOOTNOTE.match(lines.line)
        lines.number += 1
        below = lines.deeper(indent) if lines.line.strip() else []
        if footnote:
            lines.add(BlockKind.NOTE, _plain(" ".join([footnote[1], *below])), start)

    def _directive(self, name: str, argument: str, start: int, indent: int) -> None:
        lines = self._lines
        lines.number += 1
        options: dict[str, str] = {}
        while indent_of(lines.line) > indent and (match := _FIELD.match(lines.line)):
            options[match[1].lower()] = match[2] or ""
            lines.number += 1
        if name in _DROPPED_DIRECTIVES or name.startswith("auto"):
            lines.deeper(indent)
        elif name in _CODE_DIRECTIVES:
            begins = lines.number
            code = lines.deeper(indent)
            lines.code([argument, *code] if name == "math" else code, begins)
        elif name == "csv-table":
            lines.add(BlockKind.CAPTION, _plain(argument), start)
            self._comma_table(options.get("header", ""), indent)
        elif name in _PICTURES:
            caption = " ".join(lines.deeper(indent)) if name == "figure" else ""
            lines.add(BlockKind.CAPTION, _plain(f"{options.get('alt', '')} {caption}"), start)
        elif name in ("table", "list-table"):
            lines.add(BlockKind.CAPTION, _plain(argument), start)
            if name == "list-table":
                self._list_table(indent, has_header="header-rows" in options)
        else:
            lines.add(BlockKind.PARAGRAPH, _plain(argument), start)

    def _comma_table(self, header: str, indent: int) -> None:
        lines = self._lines
        begins = lines.number
        rows = [
            (begins, [_plain(cell) for cell in row])
            for row in csv.reader([header], skipinitialspace=True)
            if header
        ]
        for number, line in enumerate(lines.deeper(indent), begins):
            found = csv.reader([line.strip()], skipinitialspace=True)
            rows.extend((number, [_plain(cell) for cell in row]) for row in found)
        lines.rows([row for row in rows if any(row[1])], has_header=bool(header))

    def _list_table(self, indent: int, *, has_header: bool) -> None:
        lines = self._lines
        begins = lines.number
        rows: _Rows = []
        for number, line in enumerate(lines.deeper(indent), begins):
            text = line.strip()
            if text.startswith("* -"):
                rows.append((number, [[text[3:]]]))
            elif text.startswith("-") and rows:
                rows[-1][1].append([text[1:]])
            elif text and rows:
                rows[-1][1][-1].append(text)
        self._rows(rows, has_header=has_header)

    def _field(self, name: str, text: str) -> None:
        lines = self._lines
        start, indent = lines.number, indent_of(lines.line)
        lines.number += 1
        texts = [text]
        while lines.line.strip() and indent_of(lines.line) > indent:
            texts.append(lines.line)
            lines.number += 1
        text = _plain(" ".join(texts))
        if name.lower() in ("author", "authors") and not self.author:
            self.author = text
        elif name.lower() == "date" and not self.written and (match := DATE.search(text)):
            self.written = match[0]
        if text:
            lines.add(BlockKind.LIST_ITEM, f"{name}: {text}", start)

    def _simple_table(self) -> None:
        lines = self._lines
        borders = [match.span() for match in re.finditer(r"=+", lines.line)]
        starts = [*(begin for begin, _ in borders), None]
        rows: _Rows = []
        rules = 1
        lines.number += 1
        while not lines.is_done:
            line = lines.line
            if _SIMPLE_TABLE.match(line):
                rules += 1
                if rules == 3 or not lines.at(1).strip():
                    lines.number += 1
                    break
            elif line.strip() and not re.fullmatch(r"[\s-]+", line):
                cells = [line[begin:end].strip() for begin, end in pairwise(starts)]
                _take(rows, lines.number, cells, is_new=not rows or bool(cells[0]))
            lines.number += 1
        self._rows(rows, has_header=rules == 3)

    def _grid_table(self) -> None:
        lines = self._lines
        rows: _Rows = []
        has_header, is_new = False, True
        while re.match(r"\s*[+|]", lines.line):
            line = lines.line.strip()
            if line.startswith("+"):
                has_header = has_header or (line.startswith("+=") and len(rows) == 1)
                is_new = True
            else:
                cells = [cell.strip() for cell in re.split(r"[|+]", line.strip("|+"))]
                _take(rows, lines.number, cells, is_new=is_new or len(cells) != len(rows[-1][1]))
                is_new = False
            lines.number += 1
        self._rows(rows, has_header=has_header)

    def _rows(self, rows: _Rows, *, has_header: bool) -> None:
        plain = [(line, [_plain(" ".join(texts)) for texts in cells]) for line, cells in rows]
        self._lines.rows(plain, has_header=has_header)

    def _paragraph(self) -> None:
        lines = self._lines
        start, indent = lines.number, indent_of(lines.line)
        item = _ITEM.match(lines.line)
        quoted = lines.line.lstrip().startswith("| ")
        found = [lines.line[item.end() if item else 0 :]]
        lines.number += 1
        while lines.line.strip() and not (item and _ITEM.match(lines.line)):
            if indent_of(lines.line) < indent and item:
                break
            found.append(lines.line)
            lines.number += 1
        text = " ".join(found)
        if quoted:
            text = " ".join(line.lstrip().removeprefix("|") for line in found)
        text = text.strip()
        is_code_next = text.endswith("::")
        if is_code_next:
            text = "" if text == "::" else text[:-2].rstrip() + ":"
        lines.add(BlockKind.LIST_ITEM if item else BlockKind.PARAGRAPH, _plain(text), start)
        if is_code_next:
            begins = lines.number
            lines.code(lines.deeper(indent), begins)
