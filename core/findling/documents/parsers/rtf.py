"""Rich Text Format by a small reader of our own, after Microsoft's RTF specification 1.9.1: striprtf, the one
permissive library, gives bare text, without headings, footnotes, text boxes and dates.

RTF is a tree of groups. A control word sets what follows it in its group; one at a group's beginning may say
that the group is no text. Left out are headers and footers, hidden and deleted text, pictures, and the codes
of fields, whose results are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from findling.documents.cleaning import made
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers.code_pages import codec_of, codec_of_character_set, text_of_units
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path

    from findling.documents.model import Document

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n\0]+)|[\r\n\0]+",
    re.DOTALL,
)
_DEPTH_LIMIT = 10_000
_HEADING_STYLE = re.compile(r"heading (\d)\b", re.IGNORECASE)
_BODY_LEVEL = 9
_LAST_CHARACTER = 0x10FFFF

#: What a group's text is.
_TEXT, _SKIPPED, _FONTS, _STYLES, _ABOUT, _TITLE, _AUTHOR, _CREATED, _SAVED = range(9)
_TARGETS = {"fonttbl": _FONTS, "stylesheet": _STYLES, "info": _ABOUT}
_TARGETS_IN_ABOUT = {"title": _TITLE, "author": _AUTHOR, "creatim": _CREATED, "revtim": _SAVED}
_ASIDES = {
    "footnote": BlockKind.NOTE,
    "annotation": BlockKind.NOTE,
    "shptxt": BlockKind.PARAGRAPH,
    "dptxbxtext": BlockKind.PARAGRAPH,
}
#: Groups that a reader may skip, and that are text all the same.
_KEPT = frozenset(
    """
    annotation footnote shpinst shptxt dptxbxtext do ud cs ds ts fldrslt nesttableprops moMath moMathPara
    mmath
    """.split()
)
_NO_TEXT = frozenset(
    """
    colortbl pict header headerl headerr headerf footer footerl footerr footerf fldinst listtext pntext
    pntxta pntxtb objdata objclass objname sp shprslt nonshppict xe tc rxe txe filetbl listtable
    listoverridetable revtbl ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn bkmkstart bkmkend nonesttables
    mmathPict mchr mpos mtype mbegChr mendChr msepChr mvertJc mgrow mlimLoc mdegHide msubHide msupHide mctrlPr
    """.split()
)
_CHARACTERS = {
    "line": " ",
    "tab": " ",
    "emdash": "\u2014",
    "endash": "\u2013",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "bullet": "\u2022",
    "lquote": "\u2018",
    "rquote": "\u2019",
    "ldblquote": "\u201c",
    "rdblquote": "\u201d",
}
_SYMBOLS = {b"~": " ", b"_": "-", b"\t": " "}
_LITERAL = (b"\\", b"{", b"}")
_PARAGRAPH_ENDS = frozenset({"par", "sect", "page", "column", "nestcell"})
_DATE_PARTS = ("yr", "mo", "dy", "hr", "min")
#: Control words whose value is kept for the group.
_SETTINGS = {
    "f": "font",
    "uc": "fallback",
    "upr": "twofold",
    "v": "unseen",
    "deleted": "deleted",
    "s": "style",
    "outlinelevel": "level",
    "ls": "listed",
    "intbl": "in_table",
}
_CODE_PAGES = {"mac": 10000, "pc": 437, "pca": 850}


def parse(path: Path) -> Document:
    """Read an RTF file. The title is that of its properties, else of its first heading."""
    return read(path.read_bytes())


def read(data: bytes) -> Document:
    """Read RTF. Raises `ParseError` where groups are nested without end."""
    reader = _Reader()
    reader.read(data)
    about = reader.about
    return made(
        "rtf",
        "".join(about[_TITLE]),
        reader.blocks,
        "".join(about[_AUTHOR]),
        reader.date(_SAVED) or reader.date(_CREATED),
    )


@dataclass(slots=True)
class _State:
    """What holds in a group, and in those within."""

    target: int = _TEXT
    font: int = -1
    fallback: int = 1  # how many characters stand for one of Unicode in programs that know none
    twofold: int = 0  # a group without Unicode follows, then one with it
    unseen: int = 0
    deleted: int = 0
    style: int = 0
    level: int = _BODY_LEVEL
    listed: int = 0
    in_table: int = 0


@dataclass(slots=True)
class _Flow:
    """A run of paragraphs: the document's, or one aside from it."""

    kind: BlockKind = BlockKind.PARAGRAPH
    depth: int = 0  # of the group that it ends with
    parts: list[str] = field(default_factory=list[str])
    listed: bool = False
    cell: list[str] = field(default_factory=list[str])
    row: list[str] = field(default_factory=list[str])
    done: list[str] = field(default_factory=list[str])  # paragraphs, if it is aside


class _Reader:
    """Collects blocks from tokens."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.about: dict[int, list[str]] = {_TITLE: [], _AUTHOR: []}
        self._dates: dict[int, dict[str, int]] = {_CREATED: {}, _SAVED: {}}
        self._state = _State()
        self._above: list[_State] = []
        self._starred = False
        self._bytes = bytearray()
        self._to_skip = 0  # of what stands for the last character of Unicode
        self._codec = "cp1252"
        self._codecs: dict[int, str] = {}  # of fonts
        self._font = 0  # in the table of fonts: the one that is described
        self._usual_font = -1
        self._style: dict[str, int] = {}  # in the table of styles: what is said of the one described
        self._style_name: list[str] = []
        self._levels: dict[int, int] = {}  # of styles
        self._outline = Outline()
        self._flows = [_Flow()]
        self._asides: list[tuple[BlockKind, str]] = []  # they follow the paragraph in which they are

    def read(self, data: bytes) -> None:
        """Read from the first group to its end."""
        position = data.find(b"{\\rtf")
        if position < 0:
            raise ParseError("not RTF")
        while (match := _TOKEN.match(data, position)) is not None:
            position = match.end()
            word, value, code, symbol, brace, text = match.groups()
            if text or code:
                self._add(text or bytes.fromhex(code.decode()))
            elif word == b"bin":
                position += max(int(value or 0), 0)
            elif word:
                self._take(word.decode(), None if value is None else int(value))
            elif symbol:
                self._take_symbol(symbol)
            elif brace == b"{":
                self._open()
            elif brace and not self._close():
                break
        while self._close():
            pass

    def date(self, which: int) -> str:
        """In ISO 8601; the file names no time zone."""
        year, month, day, hour, minute = (self._dates[which].get(part, 0) for part in _DATE_PARTS)
        try:
            moment = datetime(year, month, day, hour, minute)  # noqa: DTZ001
        except (ValueError, OverflowError):
            return ""
        return moment.isoformat()

    def _open(self) -> None:
        self._flush()
        if len(self._above) >= _DEPTH_LIMIT:
            raise ParseError("nested too deeply to read")
        state = self._state
        self._above.append(state)
        self._state = replace(state, target=_SKIPPED if state.twofold else state.target, twofold=0)
        self._starred, self._to_skip = False, 0

    def _close(self) -> bool:
        """Whether any group is left open."""
        self._flush()
        self._to_skip = 0
        while self._flows[-1].depth == len(self._above) > 0:
            self._end_aside()
        if len(self._above) == 1:
            self._end_paragraph()
            self._end_row()
        if self._above:
            self._state = self._above.pop()
        return bool(self._above)

    def _take_symbol(self, symbol: bytes) -> None:
        if symbol in _LITERAL:
            self._add(symbol)
        elif symbol == b"*":
            self._starred = True
        elif symbol in b"\r\n":
            self._take("par", None)
        elif symbol in _SYMBOLS:
            self._put(_SYMBOLS[symbol])

    def _add(self, data: bytes) -> None:
        """Characters in the code page of their font; one may be of two bytes, given in two ways."""
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        if self._state.target != _SKIPPED:
            self._bytes += data

    def _put(self, text: str) -> None:
        self._flush()
        if self._to_skip:
            self._to_skip -= 1
        else:
            self._write(text)

    def _flush(self) -> None:
        if self._bytes:
            codec = self._codecs.get(self._state.font, self._codec)
            self._write(self._bytes.decode(codec, "replace"))
            self._bytes.clear()

    def _write(self, text: str) -> None:
        target = self._state.target
        if target == _TEXT:
            if not (self._state.unseen or self._state.deleted):
                self._flows[-1].parts.append(text)
        elif target in self.about:
            self.about[target].append(text)
        elif target == _STYLES:
            self._style_name.append(text)
            if ";" in text:
                self._end_style()

    def _take(self, word: str, value: int | None) -> None:
        """Do what a control word says."""
        starred, self._starred = self._starred, False
        if word in _CHARACTERS:
            self._put(_CHARACTERS[word])
            return
        self._flush()
        self._to_skip = 0
        target = self._state.target
        if word == "ud" and self._above:
            self._state.target = self._above[-1].target
        elif target == _SKIPPED or self._begins(word, starred=starred):
            return
        elif target == _FONTS:
            self._take_of_font(word, value or 0)
        elif target == _STYLES and word in ("s", "outlinelevel"):
            self._style[word] = value or 0
        elif target in self._dates:
            self._dates[target][word] = value or 0
        else:
            self._set(word, value)
            if target == _TEXT:
                self._end(word)

    def _begins(self, word: str, *, starred: bool) -> bool:
        """Whether the word says what its group is."""
        state = self._state
        if word in _NO_TEXT or (starred and (state.target == _STYLES or word not in _KEPT)):
            self._flows[-1].listed |= word in ("listtext", "pntext")
            state.target = _SKIPPED
        elif word in _ASIDES and state.target == _TEXT:
            self._flows.append(_Flow(_ASIDES[word], len(self._above)))
        elif word in _TARGETS:
            state.target, state.font = _TARGETS[word], -1
        elif word in _TARGETS_IN_ABOUT and state.target == _ABOUT:
            state.target = _TARGETS_IN_ABOUT[word]
            self.about.get(state.target, []).clear()
        else:
            return False
        return True

    def _take_of_font(self, word: str, value: int) -> None:
        if word == "f":
            self._font = value
        elif word == "fcharset" and (codec := codec_of_character_set(value)):
            self._codecs[self._font] = codec
        elif word == "cpg":
            self._codecs[self._font] = codec_of(value)

    def _set(self, word: str, value: int | None) -> None:
        state = self._state
        if word in _SETTINGS:
            setattr(state, _SETTINGS[word], 1 if value is None else value)
        elif word == "u":
            self._add_character(value or 0)
        elif word == "pard":
            state.style, state.level, state.listed, state.in_table = 0, _BODY_LEVEL, 0, 0
        elif word == "plain":
            state.font, state.unseen, state.deleted = self._usual_font, 0, 0
        elif word == "deff":
            state.font = self._usual_font = value or 0
        elif word == "ansicpg" or word in _CODE_PAGES:
            self._codec = codec_of(_CODE_PAGES.get(word, value or 0))

    def _end(self, word: str) -> None:
        if word in _PARAGRAPH_ENDS:
            self._end_paragraph()
        elif word == "cell":
            self._end_cell()
        elif word == "row":
            self._end_row()

    def _add_character(self, value: int) -> None:
        value += 0x10000 if value < 0 else 0
        self._write(chr(value) if 0 <= value <= _LAST_CHARACTER else "\ufffd")
        self._to_skip = max(self._state.fallback, 0)

    def _end_style(self) -> None:
        name = "".join(self._style_name).partition(";")[0].strip().lower()
        level = self._style.get("outlinelevel", 0 if name == "title" else _BODY_LEVEL)
        if match := _HEADING_STYLE.match(name):
            level = int(match[1]) - 1
        self._levels[self._style.get("s", 0)] = level
        self._style, self._style_name = {}, []

    def _taken(self) -> str:
        """The text of the paragraph that ends here."""
        parts = self._flows[-1].parts
        text = text_of_units("".join(parts))
        parts.clear()
        return text

    def _end_paragraph(self) -> None:
        text = self._taken()
        current = self._flows[-1]
        listed, current.listed = current.listed or self._state.listed > 0, False
        if current.depth:
            current.done.append(text)
        elif self._state.in_table:
            current.cell.append(text)
        else:
            self._end_row()
            level = self._state.level
            if level >= _BODY_LEVEL:
                level = self._levels.get(self._state.style, _BODY_LEVEL)
            if text and 0 <= level < _BODY_LEVEL:
                self._outline.enter(level + 1, text)
                self._add_block(BlockKind.HEADING, text)
            else:
                self._add_block(BlockKind.LIST_ITEM if listed else BlockKind.PARAGRAPH, text)

    def _end_cell(self) -> None:
        text = self._taken()
        current = self._flows[-1]
        current.listed = False
        if current.depth:
            current.done.append(text)
        else:
            current.row.append(" ".join(filter(None, (*current.cell, text))))
            current.cell = []

    def _end_row(self) -> None:
        current = self._flows[-1]
        cells = (*current.row, *current.cell)
        current.row, current.cell = [], []
        if cells:
            self._add_block(BlockKind.TABLE_ROW, row_text(cells), cells)

    def _end_aside(self) -> None:
        self._end_paragraph()
        ended = self._flows.pop()
        texts = list(filter(None, ended.done))
        if ended.kind is BlockKind.NOTE:
            texts = [" ".join(texts)]
        self._asides.extend((ended.kind, text) for text in texts)

    def _add_block(self, kind: BlockKind, text: str, cells: tuple[str, ...] = ()) -> None:
        anchor = Anchor(headings=self._outline.path)
        if text:
            self.blocks.append(Block(kind, text, anchor, cells))
        self.blocks.extend(Block(each, found, anchor) for each, found in self._asides if found)
        self._asides = []
