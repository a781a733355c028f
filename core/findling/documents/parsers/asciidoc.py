"""AsciiDoc, line by line: headings, lists, code, tables. Its own processor is a program in Ruby, and includes
files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from findling.documents.cleaning import DATE, made
from findling.documents.model import BlockKind
from findling.documents.parsers.lined import Lines, marked

if TYPE_CHECKING:
    from pathlib import Path

    from findling.documents.model import Document

_HEADING = re.compile(r"(={1,6}|#{1,6})\s+(\S.*?)(?:\s+\1)?\s*\Z")
_UNDERLINE = re.compile(r"([=~^+-])\1{3,}\s*\Z")
_ATTRIBUTE = re.compile(r":!?([\w-]+)!?:(?:\s+(.*))?\Z")
_ITEM = re.compile(r"\s*(?:[*.]{1,6}|-|\d{1,3}\.|[a-zA-Z]\.|<(?:\d+|\.)>)\s+(?:\[[ x*]\]\s+)?(?=\S)")
_TERM = re.compile(r"\s*(\S.*?)(?:::{1,3}|;;)(?:\s+(.*)|\s*\Z)")
_FENCE = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|={4,}|\*{4,}|_{4,}|--|```[\w-]*|[|,:!]===)\s*\Z")
_MACRO = re.compile(r"(include|ifdef|ifndef|ifeval|endif|toc|image|video|audio|\w+)::([^\[\s]*)\[(.*)\]\s*\Z")
_ADMONITION = re.compile(r"(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION):\s+")
_AUTHOR = re.compile(r"([^\W\d_][\w.'’-]*(?:\s+[\w.'’-]+){0,3})(?:\s*<[^>]*>)?\s*(?:;.*)?\Z")
_CELL = re.compile(r"(?:^|(?<=\s))(?:\d+[*+])?(?:\.\d+\+)?[<^>.]{0,3}[adehlmsv]?(?<!\\)\|")
_INLINE = (
    (re.compile(r"(?:xref|link|mailto):[^\s\[]{0,300}\[([^\]]{0,300})\]"), r"\1"),
    (re.compile(r"https?://[^\s\[\]]{1,300}\[([^\]]{1,300})\]"), r"\1"),
    (re.compile(r"<<[^,>]{1,300},\s*([^>]{1,300})>>"), r"\1"),
    (re.compile(r"<<([^>]{1,300})>>"), r"\1"),
    (
        re.compile(
            r"\[\[[^\]]{0,300}\]\]|\banchor:[\w-]+\[[^\]]{0,300}\]|\(\(\([^)]{0,300}\)\)\)|\bindexterm:\[[^\]]{0,300}\]"
        ),
        "",
    ),
    (re.compile(r"\bfootnote(?:ref)?:[\w-]*\[([^\]]{0,1000})\]"), r" (\1)"),
    (re.compile(r"\b(?:image|icon):[^\s\[]{0,300}\[([^\],]{0,300})[^\]]{0,300}\]"), r"\1"),
    (re.compile(r"\b(?:kbd|btn|menu|pass|stem|latexmath|asciimath|indexterm2):\w*\[([^\]]{0,300})\]"), r"\1"),
    (re.compile(r"\[[.#%\w-]+\](?=[#*_`])"), ""),
    (re.compile(r"([*_`#+])\1(?=\S)(.{1,300}?)(?<=\S)\1\1"), r"\2"),
    (re.compile(r"(?<![\w\\])([*_`#+])(?=\S)(.{1,300}?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"(?<=\w)[\^~](\w+)[\^~]"), r"\1"),
    (re.compile(r"\s\+\Z"), ""),
    (re.compile(r"\\([*_`#+{\[<])"), r"\1"),
)


def parse(path: Path) -> Document:
    """Read AsciiDoc. Title, author and date are those of its header."""
    lines = Lines(path)
    reader = _Reader(lines)
    reader.header()
    while not lines.is_done:
        reader.step()
    attributes = reader.attributes
    date = DATE.search(attributes.get("revdate", "") or attributes.get("date", ""))
    author = attributes.get("author", "") or attributes.get("authors", "")
    return made("adoc", attributes.get("doctitle", ""), lines.blocks, author, date[0] if date else "")


class _Reader:
    """Reads one construct after the other. What stands in a delimited block is read in its turn."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.attributes: dict[str, str] = {}

    def header(self) -> None:
        """Read the title of the document, its author, its revision and its attributes."""
        lines = self._lines
        while not lines.is_done and (not lines.line.strip() or self._is_remark() or self._attribute()):
            lines.number += 1
        match = _HEADING.match(lines.line)
        if not match or len(match[1]) > 1:
            return
        self.attributes["doctitle"] = title = self._plain(match[2])
        lines.head(1, title, lines.number)
        lines.number += 1
        is_first = True
        while line := lines.line.strip():
            if not (self._is_remark() or self._attribute()):
                self._named(line, is_author=is_first)
                is_first = False
            lines.number += 1

    def _named(self, line: str, *, is_author: bool) -> None:
        """The line of the author, or below it that of the revision."""
        if is_author and (match := _AUTHOR.match(line)):
            self.attributes.setdefault("author", match[1])
        elif match := DATE.search(line):
            self.attributes.setdefault("revdate", match[0])

    def _attribute(self) -> bool:
        match = _ATTRIBUTE.match(self._lines.line)
        if match:
            self.attributes[match[1].lower()] = match[2] or ""
        return match is not None

    def _is_remark(self) -> bool:
        line = self._lines.line
        return line.startswith("//") and not line.startswith("////")

    def step(self) -> None:
        """Read what begins at the cursor."""
        lines = self._lines
        line = lines.line.rstrip()
        if (
            not line
            or line in ("+", "'''", "<<<", "***", "---", "- - -")
            or self._is_remark()
            or self._attribute()
        ):
            lines.number += 1
        elif line.startswith("[") and line.endswith("]") and not line.startswith("[["):
            lines.number += 1  # what the block below is to look like
        elif re.fullmatch(r"\[\[[^\]]*\]\]", line):
            lines.number += 1
        elif match := _FENCE.match(line):
            self._fence(match[1])
        elif match := _HEADING.match(line):
            lines.head(len(match[1]), self._plain(match[2]), lines.number)
            lines.number += 1
        elif self._is_underlined():
            level = "=-~^+".index(lines.at(1)[0]) + 1
            lines.head(level, self._plain(line), lines.number)
            lines.number += 2
        elif match := _MACRO.match(line):
            caption = match[3].split(",")[0].strip('"') if match[1] == "image" else ""
            lines.add(BlockKind.CAPTION, self._plain(caption), lines.number)
            lines.number += 1
        elif re.match(r"\.[^\s.]", line):
            lines.add(BlockKind.CAPTION, self._plain(line[1:]), lines.number)
            lines.number += 1
        else:
            self._paragraph()

    def _is_underlined(self) -> bool:
        title, under = self._lines.line.rstrip(), self._lines.at(1).rstrip()
        return bool(_UNDERLINE.match(under)) and abs(len(title) - len(under)) <= 2 and title[:1].isalnum()

    def _fence(self, mark: str) -> None:
        """A delimited block: code, a table, a remark; of any other, what stands in it comes next."""
        lines = self._lines
        begins = lines.number + 1
        lines.number += 1
        end = "```" if mark.startswith("```") else mark

        def is_end(line: str) -> bool:
            return line.rstrip() == end

        if mark.endswith("===") and mark[0] in "|,:!":
            self._table(mark, lines.until(is_end), begins)
        elif mark.startswith(("----", "....", "```")):
            lines.code(lines.until(is_end), begins)
        elif mark.startswith(("////", "++++")):
            lines.until(is_end)

    def _table(self, mark: str, source: list[str], begins: int) -> None:
        rows: list[tuple[int, list[str]]] = []
        cells: list[tuple[int, list[str]]] = []  # each with the lines that it goes over
        for number, line in enumerate(source, begins):
            if mark[0] in ",:":
                rows.append((number, line.split(mark[0])))
                continue
            before, *parts = _CELL.split(line)
            if cells:
                cells[-1][1].append(before)
            cells.extend((number, [part]) for part in parts)
        width = self._columns(source)
        for start in range(0, len(cells), width):
            row = cells[start : start + width]
            rows.append((row[0][0], [" ".join(texts) for _, texts in row]))
        has_header = len(source) > 1 and bool(source[0].strip()) and not source[1].strip()
        plain = [(line, [self._plain(cell) for cell in row]) for line, row in rows]
        self._lines.rows([row for row in plain if any(row[1])], has_header=has_header)

    def _columns(self, source: list[str]) -> int:
        """How many columns a table has: as its attributes say, else as many as its first line has cells."""
        begins = self._lines.number - len(source) - 2
        for line in reversed(self._lines.lines[max(0, begins - 4) : begins]):
            if match := re.search(r'cols\s*=\s*"?([^"\]]+)', line):
                repeated = re.match(r"(\d+)\*", match[1])
                return int(repeated[1]) if repeated else match[1].count(",") + 1
        first = next((line for line in source if line.strip()), "")
        return max(1, len(_CELL.split(first)) - 1)

    def _paragraph(self) -> None:
        lines = self._lines
        start = lines.number
        item = _ITEM.match(lines.line)
        found = [lines.line[item.end() if item else 0 :]]
        lines.number += 1
        while lines.line.strip() and not self._begins_another(lines.line):
            found.append(lines.line)
            lines.number += 1
        if not item and start + 1 == lines.number and found[0][:1] == " ":
            lines.code(found, start)
            return
        text = _ADMONITION.sub("", " ".join(each.removesuffix(" +") for each in found))
        term = _TERM.match(found[0])
        if term and not item:
            text = f"{term[1]}: {term[2] or ''} {' '.join(found[1:])}"
        kind = BlockKind.LIST_ITEM if item or term else BlockKind.PARAGRAPH
        lines.add(kind, self._plain(text).removesuffix(":"), start)

    @staticmethod
    def _begins_another(line: str) -> bool:
        stripped = line.rstrip()
        return bool(
            stripped == "+"
            or line.startswith("//")
            or _FENCE.match(line)
            or _ITEM.match(line)
            or _TERM.match(line)
        )

    def _plain(self, text: str) -> str:
        known = re.sub(r"\{([\w-]+)\}", lambda match: self.attributes.get(match[1].lower(), match[0]), text)
        return marked(known, _INLINE)
