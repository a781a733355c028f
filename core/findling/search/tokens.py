"""A query's text cut into what the language is made of. Any text can be cut; nothing is judged here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: What closes a quotation, by what opens it: English, German (both ways), French, Swedish.
CLOSERS = {'"': '"', "“": '”“"', "„": '“”"', "”": "”", "«": "»", "»": "«"}
_OPERATOR = re.compile(r'(?:OR|AND|NOT)(?=[\s()"“„”«»]|$)')
#: A letter or digit before the next blank or parenthesis.
_TELLING = re.compile(r"(?:[^\w\s()]|_)*[^\W_]")
_FIELD = re.compile(r"([^\W\d_]+):(?!:|//)")


class Kind(StrEnum):
    """What a token is."""

    TEXT = "text"
    PHRASE = "phrase"
    FIELD = "field"
    SIGN = "sign"
    OPERATOR = "operator"
    OPEN = "("
    CLOSE = ")"


@dataclass(frozen=True, slots=True)
class Token:
    """Characters [start, end) of a query.

    `text` is what stands there, of a phrase and a field's value without quotes. `field` is a field's name as
    typed, its value begins at `value_start`. `closed` is False where a quotation has no end: it then
    reaches to the end of the query.
    """

    kind: Kind
    text: str
    start: int
    end: int
    field: str = ""
    value_start: int = 0
    closed: bool = True

    @property
    def names_something(self) -> bool:
        """Whether there is a letter or digit to look for."""
        return any(character.isalnum() for character in self.text)


def cut(text: str, is_field: Callable[[str], bool]) -> list[Token]:
    """The tokens of a query in order, without the blanks between. A word before a colon begins a field where
    `is_field` says so.

    Signs, quotes, operators and fields count at the beginning of a word alone: `AB-1234`, `5" pipe` and
    `f(x, y)` are text.
    """
    return _Cutter(text, is_field).tokens()


class _Cutter:
    def __init__(self, text: str, is_field: Callable[[str], bool]) -> None:
        self._text = text
        self._is_field = is_field
        self._at = 0
        self._found: list[Token] = []
        #: Parentheses opened inside words and not closed yet: `f(x, y)` is text to its end.
        self._inner = 0

    def tokens(self) -> list[Token]:
        begins = True  # whether a word can begin here
        while self._at < len(self._text):
            if self._text[self._at].isspace():
                self._at += 1
                begins = True
                continue
            token = self._next(begins=begins)
            self._found.append(token)
            self._at = token.end
            begins = token.kind in (Kind.SIGN, Kind.OPEN, Kind.OPERATOR)
        return self._found

    def _next(self, *, begins: bool) -> Token:
        text, at = self._text, self._at
        if text[at] == ")" and not self._inner:
            return Token(Kind.CLOSE, ")", at, at + 1)
        if begins:
            if text[at] == "(":
                return Token(Kind.OPEN, "(", at, at + 1)
            if text[at] in CLOSERS:
                content, end, closed = self._quotation(at)
                return Token(Kind.PHRASE, content, at, end, closed=closed)
            signed = bool(self._found) and self._found[-1].kind is Kind.SIGN
            if not signed and self._is_sign():
                return Token(Kind.SIGN, text[at], at, at + 1)
            if not signed and (operator := _OPERATOR.match(text, at)):
                return Token(Kind.OPERATOR, operator[0], at, operator.end())
            if (field := _FIELD.match(text, at)) and self._is_field(field[1]):
                return self._field(field)
        end = self._word_end(at)
        return Token(Kind.TEXT, text[at:end], at, end)

    def _is_sign(self) -> bool:
        """A plus or minus with a word, phrase or parenthesis right behind it."""
        text, at = self._text, self._at
        if text[at] not in "+-" or at + 1 == len(text):
            return False
        follows = text[at + 1]
        if follows == "(" or follows in CLOSERS:
            return True
        return follows not in "+-=<>|*" and _TELLING.match(text, at + 1) is not None

    def _quotation(self, at: int) -> tuple[str, int, bool]:
        """What is quoted from `at` on, where that ends, and whether it is closed."""
        closers = CLOSERS[self._text[at]]
        ends = [end for closer in closers if (end := self._text.find(closer, at + 1)) >= 0]
        if not ends:
            return self._text[at + 1 :], len(self._text), False
        return self._text[at + 1 : min(ends)], min(ends) + 1, True

    def _field(self, match: re.Match[str]) -> Token:
        at = match.end()
        content, end, closed = "", at, True
        if at < len(self._text) and self._text[at] in CLOSERS:
            content, end, closed = self._quotation(at)
        # in:"My Documents"/letters goes on behind the quotes.
        tail = self._word_end(end, whole=True)
        content += self._text[end:tail]
        return Token(Kind.FIELD, content, match.start(), tail, match[1], at, closed)

    def _word_end(self, at: int, *, whole: bool = False) -> int:
        """The end of the word at `at`: a blank, or a parenthesis that was not opened in it. With `whole` one
        that stays open is no matter of what follows."""
        inner = 0 if whole else self._inner
        while at < len(self._text) and not self._text[at].isspace():
            if self._text[at] == "(":
                inner += 1
            elif self._text[at] == ")":
                if not inner:
                    break
                inner -= 1
            at += 1
        if not whole:
            self._inner = inner
        return at
