"""LaTeX through a small tokenizer of our own: pylatexenc makes one text of a file, without places, headings
and tables. Nothing is included or run; macros without parameters are replaced by what they stand for."""

from __future__ import annotations

import bisect
import re
import unicodedata
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from findling.documents.cleaning import DATE, clean, flow, made, tidy
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers.code import pieces
from findling.documents.parsers.plain import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from findling.documents.model import Document

_TOKEN = re.compile(
    r"""
    (?P<comment>%[^\n]*(?:\n[ \t]*(?=\S))?)
    |(?P<paragraph>\n[ \t]*\n\s*)
    |\\begin\s*\{(?P<begin>[^{}\n]*)\}
    |\\end\s*\{(?P<end>[^{}\n]*)\}
    |\\verb\*?(?P<verb>([^\sA-Za-z*])[^\n]{0,1000}?\6)
    |\\(?P<command>[A-Za-z@]+)\*?(?:[ \t]+|(?=\n))?
    |\$\$(?P<display>[^$]{1,5000})\$\$ |\\\[(?P<shown>.{1,2000}?)\\\]
    |\$(?P<math>(?:[^$\\]|\\.){1,2000})\$ |\\\((?P<inline>.{1,1000}?)\\\)
    |\\(?P<symbol>.)
    |(?P<brace>[{}])
    |(?P<cell>&)
    |(?P<text>[^\\%{}$&\n]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_DELIMITERS = re.compile(r"\\.|%[^\n]*|[{}]", re.DOTALL)
_OPTION = re.compile(r"\s*\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]")
_MACRO = re.compile(
    r"^[^%\n]*?\\(?:(?:re)?newcommand\*?|providecommand\*?|def)\s*\{?\\([A-Za-z]+)\}?\s*(?=\{)", re.MULTILINE
)
_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "))
_ENTRY = re.compile(r"^[ \t]*@(\w+)\s*[{(]\s*(?:([^,\s]+)\s*)?,", re.MULTILINE)
_FIELD = re.compile(r"(?:^|,)[ \t]*(\w[\w-]*)\s*=\s*", re.MULTILINE)
_VALUE = re.compile(r'"[^"]*"|[^,\n]*')
_NO_FORMULA = re.compile(r"\\label\{[^{}]*\}|\\nonumber\b|\\end\{[^{}]*\}\Z")
#: What a reference leaves behind that stood before a mark.
_LOOSE = re.compile(r" +([,.;:)])(?= |\Z)")
_MACRO_LIMIT = 300
#: An argument whose brace is not closed ends with its paragraph.
_ARGUMENT_LENGTH = 50_000
_DEPTH = 4

_LEVELS = {
    "part": 1,
    "chapter": 2,
    "section": 3,
    "subsection": 4,
    "subsubsection": 5,
    "paragraph": 6,
    "subparagraph": 7,
    "frametitle": 5,
}
_ACCENTS = {
    **dict(zip("`'^\"~=.", "\u0300\u0301\u0302\u0308\u0303\u0304\u0307", strict=True)),
    **dict(zip("Hcvukrdb", "\u030b\u0327\u030c\u0306\u0328\u030a\u0323\u0331", strict=True)),
}
_NAMED = """
    ss=ß o=ø O=Ø l=ł L=Ł ae=æ AE=Æ oe=œ OE=Œ aa=å AA=Å i=\u0131 j=\u0237 S=§ P=¶ pounds=£ euro=€ dots=…
    ldots=… textellipsis=… copyright=© textbackslash=\\ textasciitilde=~ textendash=– textemdash=—
    TeX=TeX LaTeX=LaTeX BibTeX=BibTeX slash=/ textquoteright=’
"""
_CHARACTERS = {
    **{name: meant for name, _, meant in (each.partition("=") for each in _NAMED.split())},
    **dict.fromkeys(("quad", "qquad", "newline", "linebreak"), " "),
    "and": ", ",
}
_SYMBOLS = {",": " ", ";": " ", ":": " ", " ": " ", "\n": " ", "/": "", "-": "", "@": "", "!": "", "\\": " "}
#: So many of a command's first arguments are no text.
_SKIPPED = {
    **dict.fromkeys(
        """
        label ref eqref pageref autoref cref Cref nameref cite citep citet citeauthor citeyear nocite
        parencite textcite autocite footcite fullcite citealp citealt usepackage RequirePackage documentclass
        includegraphics include input subfile bibliography bibliographystyle addbibresource pagestyle
        thispagestyle vspace hspace hypersetup color pagecolor setlist geometry graphicspath newcounter
        stepcounter refstepcounter usetikzlibrary usetheme usecolortheme index glossary hyphenation includepdf
        lstset theoremstyle captionsetup pgfplotsset hypertarget phantom vphantom hphantom selectlanguage
        cline cmidrule rowcolor columncolor cellcolor tikzset thanks inst orcidID date subtitle author title
        authorrunning titlerunning institute affiliation email linespread pagenumbering markboth textcolor
        colorbox href hyperref raisebox parbox scalebox rotatebox bibitem enlargethispage
        """.split(),
        1,
    ),
    **dict.fromkeys(
        """
        setlength addtolength setcounter addtocounter rule newcommand renewcommand providecommand newtheorem
        DeclareMathOperator multicolumn multirow resizebox fontsize""".split(),
        2,
    ),
    **dict.fromkeys("newenvironment renewenvironment definecolor addcontentsline".split(), 3),
}
_RULES = frozenset({"hline", "midrule", "toprule", "bottomrule", "cline", "cmidrule"})
_VERBATIM = frozenset({"verbatim", "Verbatim", "lstlisting", "minted", "alltt", "BVerbatim", "code"})
_DROPPED = frozenset({"comment", "filecontents", "tikzpicture", "pgfpicture", "picture", "asy", "axis"})
_MATH = frozenset(
    "equation align gather multline eqnarray displaymath math alignat flalign dmath subequations".split()
)
#: Tables, and how many arguments come before their columns' and with it.
_TABLES = {"tabular": 1, "longtable": 1, "supertabular": 1, "tabularx": 2, "tabulary": 2, "array": 1}
#: So many arguments of other environments are no text.
_SETTINGS = {
    "minipage": 1,
    "multicols": 1,
    "thebibliography": 1,
    "adjustbox": 1,
    "subfigure": 1,
    "wrapfigure": 2,
    "list": 2,
}


def parse(path: Path) -> Document:
    """Read the body of a LaTeX file, or the entries of a bibliography. Style files are read as code."""
    text = clean(decode(path.read_bytes()))
    suffix = path.suffix.lower()
    if suffix == ".bib":
        return made("tex", "", _entries(text))
    if suffix in (".sty", ".cls"):
        lines = text.split("\n")
        found = pieces(lines, 0, len(lines))
        return made("tex", "", [Block(BlockKind.CODE, code, Anchor(line=first + 1)) for first, code in found])
    macros = _macros(text)
    begin = text.find("\\begin{document}")
    end = text.find("\\end{document}", max(begin, 0))
    reader = _Reader(text[: end if end >= 0 else None], macros)
    reader.read(begin + len("\\begin{document}") if begin >= 0 else 0)
    title, author, date = (_named(text, name) for name in ("title", "author", "date"))
    authors = [re.sub(r"\$[^$]*\$", "", name.partition("\\\\")[0]) for name in author.split("\\and")]
    names = ", ".join(filter(None, (_plain(name, macros) for name in authors)))
    written = _plain(date, macros)
    written = written if DATE.fullmatch(written) else ""
    return made("tex", _plain(title, macros), reader.blocks, names, written)


def _named(text: str, command: str) -> str:
    """The source of the argument of a command that names the document."""
    match = re.search(rf"^[^%\n]*?\\{command}\s*(?:\[[^\]]{{0,1000}}\]\s*)?(?=\{{)", text, re.MULTILINE)
    return _group(text, match.end())[0] if match else ""


def _macros(text: str) -> dict[str, str]:
    """What macros without parameters stand for, as text."""
    macros: dict[str, str] = {}
    for match in islice(_MACRO.finditer(text), _MACRO_LIMIT):
        source, _ = _group(text, match.end())
        if "#" not in source and len(source) < _ARGUMENT_LENGTH // 100:
            macros[match[1]] = _plain(source, macros)
    return macros


def _plain(source: str, macros: dict[str, str], depth: int = 0) -> str:
    """Source as text on one line."""
    if depth > _DEPTH:
        return flow(re.sub(r"\\[A-Za-z]+|[{}]", " ", source))
    reader = _Reader(source, macros, depth + 1)
    reader.read(0)
    return " ".join(block.text for block in reader.blocks)


def _group(text: str, position: int) -> tuple[str, int]:
    """What is between the brace at `position` and the one that closes it, and the place after that."""
    depth = 0
    for match in _DELIMITERS.finditer(text, position, position + _ARGUMENT_LENGTH):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0 and match[0] == "}":
            return text[position + 1 : match.start()], match.end()
    end = text.find("\n\n", position)
    end = len(text) if end < 0 else end
    return text[position + 1 : end], end


def _entries(text: str) -> Iterator[Block]:
    """The entries of a bibliography, a line for each field."""
    found = list(_ENTRY.finditer(text))
    starts = [*(match.start() for match in found), len(text)]
    line = 1 + text.count("\n", 0, starts[0])
    for match, (start, end) in zip(found, pairwise(starts), strict=True):
        fields = _fields(text[match.end() : end])
        if fields and match[1].lower() not in ("string", "preamble", "comment"):
            yield Block(BlockKind.PARAGRAPH, "\n".join([match[2] or "", *fields]), Anchor(line=line))
        line += text.count("\n", start, end)


def _fields(entry: str) -> list[str]:
    """The fields of an entry, as lines."""
    lines: list[str] = []
    position = 0
    while field := _FIELD.search(entry, position):
        if entry.startswith("{", field.end()):
            source, position = _group(entry, field.end())
        else:
            value = _VALUE.match(entry, field.end())
            assert value is not None
            source, position = value[0].strip('" '), value.end()
        if words := _plain(source, {}):
            lines.append(f"{field[1].lower()}: {words}")
    return lines


class _Reader:
    """Collects blocks from the source."""

    def __init__(self, text: str, macros: dict[str, str], depth: int = 0) -> None:
        self._text = text
        self._macros = macros
        self._depth = depth  # of readers of arguments within arguments
        self._position = 0
        self._line_ends = [match.start() for match in re.finditer("\n", text)] if depth == 0 else []
        self._outline = Outline()
        self._kind = BlockKind.PARAGRAPH
        self._words: list[str] = []
        self._begins = 0
        self._notes: list[Block] = []
        self._table: _Table | None = None
        self._braces = 0
        self._accent = ""
        self.blocks: list[Block] = []
        self._handlers: dict[str, Callable[[str], None]] = {
            "paragraph": lambda _: self._end_paragraph(),
            "begin": self._begin,
            "end": self._end,
            "verb": lambda text: self._say(text[1:-1]),
            "command": self._command,
            "display": self._formula,
            "shown": self._formula,
            "math": self._say,
            "inline": self._say,
            "symbol": self._symbol,
            "brace": self._brace,
            "cell": lambda _: self._cell(),
            "text": self._prose,
        }

    def read(self, position: int) -> None:
        """Read the source from `position` on."""
        self._position = position
        while match := _TOKEN.match(self._text, self._position):
            self._position = match.end()
            name = match.lastgroup or ""
            if name in self._handlers:
                self._handlers[name](match[name])
        self._end_table()
        self._flush()

    def _say(self, text: str) -> None:
        if not self._words:
            self._begins = self._position - len(text)
        if self._accent and text:
            text = unicodedata.normalize("NFC", text[0].translate(_DOTTED) + self._accent) + text[1:]
            self._accent = ""
        if text.strip() or self._words:
            self._words.append(text)

    def _prose(self, text: str) -> None:
        for source, meant in _LIGATURES:
            text = text.replace(source, meant)
        self._say(text.lstrip() if self._accent else text)

    def _brace(self, brace: str) -> None:
        self._braces += 1 if brace == "{" else -1

    def _symbol(self, symbol: str) -> None:
        if symbol in _ACCENTS:
            self._accent = _ACCENTS[symbol]
        elif symbol == "\\":
            self._skip_option()
            if self._table and self._braces <= self._table.braces:
                self._cell()
                self._table.end_row(self._position)
            else:
                self._say(" ")
        else:
            self._say(_SYMBOLS.get(symbol, symbol))

    def _command(self, name: str) -> None:
        if name in _LEVELS:
            self._heading(_LEVELS[name], self._argument())
        elif name in ("caption", "captionof"):
            if name == "captionof":
                self._argument()
            self._add(BlockKind.CAPTION, self._argument())
        elif name in ("footnote", "footnotetext"):
            anchor = self._anchor(self._position)
            self._notes.append(Block(BlockKind.NOTE, self._argument(), anchor))
        elif name in ("item", "bibitem"):
            self._item(name)
        elif name in ("par", "newpage", "clearpage", "bigskip", "medskip", "smallskip"):
            self._end_paragraph()
        elif name == "def":
            begins = self._text.find("{", self._position)
            self._position = _group(self._text, begins)[1] if begins >= 0 else len(self._text)
        elif name in _ACCENTS:
            self._accent = _ACCENTS[name]
        elif name in _CHARACTERS or name in self._macros:
            self._say(_CHARACTERS.get(name, "") or self._macros[name])
        else:
            self._other(name)

    def _other(self, name: str) -> None:
        if name in _RULES and self._table:
            self._table.rule()
        self._skip_option()
        for _ in range(_SKIPPED.get(name, 0)):
            self._source()
        if name in _SKIPPED or name in _RULES:
            self._skip_option()

    def _item(self, name: str) -> None:
        self._flush()
        self._kind = BlockKind.LIST_ITEM
        if name == "bibitem":
            self._source()
        elif match := _OPTION.match(self._text, self._position):
            self._position = match.end()
            self._say(_plain(match[0].strip()[1:-1], self._macros, self._depth) + " ")

    def _begin(self, name: str) -> None:
        base = name.rstrip("*")
        if base in _VERBATIM | _DROPPED | _MATH:
            self._raw(name, base)
            return
        if base in _TABLES:
            self._end_table()
            self._flush()
            self._skip_option()
            for _ in range(_TABLES[base] + (name == "tabular*")):
                self._source()
            self._table = _Table(self._braces)
            return
        self._flush()
        self._skip_option()
        for _ in range(_SETTINGS.get(base, 0)):
            self._source()
        if base == "frame" and self._text.startswith("{", self._position):
            self._heading(_LEVELS["frametitle"], self._argument())

    def _raw(self, name: str, base: str) -> None:
        """An environment whose source is its text."""
        self._flush()
        start = self._position
        end = self._text.find(f"\\end{{{name}}}", start)
        end = len(self._text) if end < 0 else end
        self._position = min(end + len(f"\\end{{{name}}}"), len(self._text))
        if base in _MATH:
            self._formula(self._text[start : self._position])
        elif base in _VERBATIM:
            if (match := _OPTION.match(self._text, start)) and match.end() < end:
                start = match.end()
            if base == "minted" and self._text.startswith("{", start):
                start = _group(self._text, start)[1]
            source = self._text[start:end]
            code = "\n".join(line.rstrip() for line in source.split("\n")).strip("\n")
            if code.strip():
                start += len(source) - len(source.lstrip("\n "))
                self.blocks.append(Block(BlockKind.CODE, code, self._anchor(start)))

    def _end(self, name: str) -> None:
        if name.rstrip("*") in _TABLES:
            self._end_table()
        else:
            self._flush()

    def _formula(self, source: str) -> None:
        text = tidy(_NO_FORMULA.sub("", source))
        if self._table:
            self._say(text)
        else:
            self._flush()
            if text:
                anchor = self._anchor(self._position - len(source))
                self.blocks.append(Block(BlockKind.PARAGRAPH, text, anchor))

    def _cell(self) -> None:
        if self._table:
            self._table.cells.append(flow("".join(self._words)))
            self._words.clear()
        else:
            self._say(" ")

    def _end_table(self) -> None:
        table, self._table = self._table, None
        if table is None:
            return
        if self._words:
            table.cells.append(flow("".join(self._words)))
            self._words.clear()
        table.end_row(self._position)
        for number, (position, cells) in enumerate(table.rows):
            is_header = number == 0 and table.has_header and len(table.rows) > 1
            kind = BlockKind.TABLE_HEADER if is_header else BlockKind.TABLE_ROW
            self.blocks.append(Block(kind, row_text(cells), self._anchor(position), cells))

    def _heading(self, level: int, text: str) -> None:
        self._end_table()
        self._flush()
        if text:
            self._outline.enter(level, text)
            self._add(BlockKind.HEADING, text)

    def _end_paragraph(self) -> None:
        if self._table:
            self._say(" ")
        else:
            self._flush()

    def _flush(self) -> None:
        if self._table:
            return
        text = _LOOSE.sub(r"\1", flow("".join(self._words)))
        self._words.clear()
        self._accent = ""
        if text:
            self.blocks.append(Block(self._kind, text, self._anchor(self._begins)))
            self._kind = BlockKind.PARAGRAPH
        self.blocks.extend(note for note in self._notes if note.text)
        self._notes.clear()

    def _add(self, kind: BlockKind, text: str) -> None:
        if text:
            self.blocks.append(Block(kind, text, self._anchor(self._position - 1)))

    def _anchor(self, position: int) -> Anchor:
        line = None if self._depth else bisect.bisect_left(self._line_ends, position) + 1
        return Anchor(line=line, headings=self._outline.path)

    def _skip_option(self) -> None:
        while match := _OPTION.match(self._text, self._position):
            if "\n\n" in match[0]:
                return
            self._position = match.end()

    def _argument(self) -> str:
        """The next argument as text."""
        return _plain(self._source(), self._macros, self._depth)

    def _source(self) -> str:
        """The source of the next argument; options before it are passed over."""
        self._skip_option()
        while self._text[self._position : self._position + 1].isspace():
            self._position += 1
        if self._text.startswith("{", self._position):
            source, self._position = _group(self._text, self._position)
            return source
        match = re.compile(r"\\[A-Za-z@]+|\\?[^\\{}]").match(self._text, self._position)
        self._position = match.end() if match else self._position
        return match[0] if match else ""


class _Table:
    """The rows of a table that is being read."""

    def __init__(self, braces: int) -> None:
        self.braces = braces
        self.cells: list[str] = []
        self.rows: list[tuple[int, tuple[str, ...]]] = []  # where each ends, and its cells
        self.has_header = False

    def end_row(self, position: int) -> None:
        """Keep the cells so far as a row, if there is text in them."""
        if any(self.cells):
            self.rows.append((position, tuple(self.cells)))
        self.cells = []

    def rule(self) -> None:
        """A line drawn under the first row makes that a header."""
        self.has_header = self.has_header or len(self.rows) == 1


#: An accent takes the place of the dot.
_DOTTED = str.maketrans("ıȷ", "ij")
