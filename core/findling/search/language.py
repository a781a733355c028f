"""The query language: what a person types, as words, filters and conditions.

    owl roost                  plain words are optional: documents are ranked by them
    "snowy owl"  +owl  owl*    a phrase, a word that must be there; words that begin so
    -draft  NOT draft          leaves out; so do they before a phrase, a filter or a group
    owl OR hawk  owl AND hawk  one of them, both; OR binds closer than AND, that closer than no operator
    (owl OR hawk) -(old draft) groups; in a group with operators every word is required
    type:pdf,md  in:"My notes"  name:*.md  date:2024-05  after:7d  before:2024  lang:de  author:doe  size:>1mb

Operators are upper case. Of several filters of one field one is enough (after, before and size: all hold);
those of different fields all hold. What looks like an operator inside a word is text (`AB-1234`, `C++`,
`5" pipe`, `12:30`), as are parentheses around plain words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from findling.errors import QueryMistake
from findling.search.filters import BOUNDS, field_meant_by, field_of, filter_of
from findling.search.query import Chip, Filter, Node, Not, Query, Word, all_of, any_of, leaves
from findling.search.tokens import Kind, Token, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

#: Parentheses within parentheses.
_DEEPEST = 50
_QUOTE_HINT = "Put in quotes what shall be looked for as it stands."

#: Conditions that stand side by side, and whether each is required; None: not typed to its end yet.
_Parts = list[tuple[Node, bool]] | None


def parse(text: str, *, typing: bool = False, now: datetime | None = None) -> Query:
    """What `text` asks for. Raises `QueryMistake` where it cannot be understood.

    With `typing` the text may still grow: an unfinished end is taken as if it was not there, and a word at
    the very end is marked as one that completes. Dates are read in the zone of `now`, by default as the
    machine's clock says.
    """
    return _Parser(text, now, typing=typing).query()


def verbatim(text: str) -> Query:
    """`text` as plain words, whatever stands in it: for passages, and questions of test collections."""
    found = [Word(match[0], start=match.start(), end=match.end()) for match in re.finditer(r"\S+", text)]
    words = tuple(word for word in found if any(character.isalnum() for character in word.text))
    return Query(text, words, meaning=text.strip())


def begins_field(name: str) -> bool:
    """Whether `name:` is one of the language's fields, or one of them mistyped."""
    return bool(field_of(name) or field_meant_by(name))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the text to embed, at [start, end) of the query."""

    text: str
    start: int
    end: int


class _Parser:
    """Reads tokens from left to right; each method reads one thing and leaves off behind it."""

    def __init__(self, source: str, now: datetime | None, *, typing: bool) -> None:
        self._source = source
        self._now = now
        self._typing = typing
        self._tokens = cut(source, begins_field)
        self._at = 0
        self._depth = 0
        #: Whether what is read is excluded.
        self._negative = False
        #: Whether the group that is read has operators, and whether it has any syntax at all.
        self._operators = False
        self._syntax = False
        self._words: list[Word] = []
        self._pieces: list[_Piece] = []
        self._chips: list[Chip] = []

    def query(self) -> Query:
        parts = self._side_by_side()
        while self._peek() is not None:  # a parenthesis that closes none is text: "1) install", ":)"
            self._at += 1
            parts += self._side_by_side()
        conditions = [node for node, required in parts if required]
        required = _together(conditions) if conditions else None
        if required and not self._words and not any(isinstance(leaf, Filter) for leaf in leaves(required)):
            if self._grows():
                return Query(self._source, plain=False)
            raise QueryMistake(
                "This only says what to leave out.",
                "Name something to look for besides.",
                self._tokens[0].start,
                self._tokens[-1].end,
            )
        return Query(
            self._source,
            tuple(self._words),
            required,
            self._meaning() if self._syntax else self._source.strip(),
            not self._syntax,
            tuple(self._chips),
        )

    def _side_by_side(self) -> list[tuple[Node, bool]]:
        """What stands without operators between, up to the end or a parenthesis that closes."""
        found: list[tuple[Node, bool]] = []
        while (token := self._peek()) is not None and token.kind is not Kind.CLOSE:
            begin = self._at
            parts = self._both() or []
            found += parts
            if not self._depth and parts:
                self._note_chip(parts[0][0], self._tokens[begin : self._at])
        return found

    def _both(self) -> _Parts:
        return self._joined("AND", self._either, all_of)

    def _either(self) -> _Parts:
        return self._joined("OR", self._operand, any_of)

    def _joined(
        self, operator: str, read: Callable[[], _Parts], join: Callable[[Iterable[Node]], Node]
    ) -> _Parts:
        parts = read()
        joined: list[Node] = []
        while parts is not None and (sign := self._take(operator)):
            following = read()
            if following is None or (not following and self._grows()):
                break
            if not joined:
                joined.append(self._condition(parts, sign))
            joined.append(self._condition(following, sign))
        return [(join(joined), True)] if joined else parts

    def _operand(self) -> _Parts:
        """A word, phrase, filter or group, with the signs before it."""
        outside, sign = self._negative, None
        while one := self._take("NOT", "+", "-"):
            sign = one
            if one.text != "+":
                self._negative = not self._negative
        parts = self._single()
        negated, self._negative = self._negative != outside, outside
        if sign is None or parts is None or (not parts and self._grows()):
            return parts
        node = self._condition(parts, sign)
        if not negated:
            return [(node, True)]
        return [(node.part if isinstance(node, Not) else Not(node), True)]

    def _single(self) -> _Parts:
        token = self._peek()
        if token is None or token.kind is Kind.CLOSE or token.kind is Kind.OPERATOR:
            return self._missing(token)
        self._at += 1
        if token.kind is Kind.OPEN:
            return self._group(token)
        if token.kind is Kind.PHRASE:
            return self._phrase(token)
        if token.kind is Kind.FIELD and not self._is_text(token):
            return self._filter(token)
        return self._text(token.start, token.end)

    def _missing(self, token: Token | None) -> _Parts:
        """An operator where `token` stands has nothing on one side."""
        before = token is not None and token.kind is Kind.OPERATOR
        operator = token if token and before else self._tokens[self._at - 1]
        if self._typing and (token is None or (before and self._at == len(self._tokens) - 1)):
            self._at, self._syntax = len(self._tokens), True
            return None
        side = "before" if before else "behind"
        raise QueryMistake(
            f"Nothing to look for stands {side} {operator.text}.", _QUOTE_HINT, operator.start, operator.end
        )

    def _group(self, opening: Token) -> _Parts:
        if self._depth == _DEEPEST:
            raise QueryMistake("Too many parentheses in parentheses.", "", opening.start, opening.end)
        before = self._tokens[self._at - 2].kind if self._at > 1 else Kind.TEXT
        outer, self._operators, self._syntax = (self._operators, self._syntax), False, False
        first_piece = len(self._pieces)
        self._depth += 1
        parts = self._side_by_side()
        self._depth -= 1
        operators, syntax = self._operators, self._syntax
        self._operators, self._syntax = outer
        if (closing := self._peek()) is not None:
            self._at += 1
        elif not self._typing:
            raise QueryMistake("This parenthesis is not closed.", _QUOTE_HINT, opening.start, opening.end)
        follows = self._peek()
        joined = before in (Kind.SIGN, Kind.OPERATOR) or (
            follows is not None and follows.text in ("AND", "OR")
        )
        if closing and not syntax and not joined:
            self._note_piece("(", opening.start, opening.end, at=first_piece)
            self._note_piece(")", closing.start, closing.end)
        else:
            self._syntax = True
        if not parts and not closing:
            return None
        return [(_together(node for node, _ in parts), True)] if parts and operators else parts

    def _phrase(self, token: Token) -> _Parts:
        self._syntax = True
        if not token.closed:
            if not self._typing:
                raise QueryMistake("The quotation is not closed.", "Close it.", token.start, token.end)
            return None if self._negative else self._open_quotation(token)
        text = " ".join(token.text.split())
        self._note_piece(text, token.start, token.end)
        if not token.names_something:
            return []
        return [(self._noted(Word(text, phrase=True, start=token.start, end=token.end)), True)]

    def _open_quotation(self, token: Token) -> _Parts:
        """While typing its words are plain ones."""
        found: list[tuple[Node, bool]] = []
        at = token.start + 1
        for word in token.text.split():
            start = self._source.index(word, at)
            at = start + len(word)
            found += self._text(start, at)
        return found

    def _is_text(self, token: Token) -> bool:
        """`Author: Jane` begins a line of a letter, and `lan:` is a field only by a slip."""
        if not field_of(token.field):
            return not token.text or (token is self._tokens[-1] and self._grows())
        bare = token.end == token.value_start and token.field[0].isupper()
        return bare and not (self._typing and token.end == len(self._source))

    def _filter(self, token: Token) -> _Parts:
        self._syntax = True
        last = token is self._tokens[-1]
        if not (field := field_of(token.field)):
            meant = field_meant_by(token.field)
            raise QueryMistake(
                f"There is no field {token.field}:.",
                f"Did you mean {meant}:? {_QUOTE_HINT}",
                token.start,
                token.start + len(token.field) + 1,
            )
        if self._typing and last and (not token.closed or not token.text.strip()):
            return None
        if not token.closed:
            raise QueryMistake("The quotation is not closed.", "Close it.", token.value_start, token.end)
        try:
            return [(filter_of(field, token.text, token.start, token.end, self._now), True)]
        except QueryMistake:
            if last and self._grows():
                return None
            raise

    def _text(self, start: int, end: int) -> list[tuple[Node, bool]]:
        text = self._source[start:end]
        stem = text.removesuffix("*")
        prefix = stem != text and stem[-1:].isalnum() and "*" not in stem
        self._syntax = self._syntax or prefix
        self._note_piece(stem if prefix else text, start, end)
        if not any(character.isalnum() for character in text):
            return []
        completes = self._grows() and end == len(self._source) and not prefix and not self._negative
        word = Word(stem if prefix else text, prefix=prefix, completes=completes, start=start, end=end)
        return [(self._noted(word), False)]

    def _condition(self, parts: list[tuple[Node, bool]], operator: Token) -> Node:
        """What stands on one side of an operator, all of it."""
        if not parts:
            raise QueryMistake(
                f"Nothing to look for stands beside {operator.text}.",
                _QUOTE_HINT,
                operator.start,
                operator.end,
            )
        return _together(node for node, _ in parts)

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *operators: str) -> Token | None:
        token = self._peek()
        if token is None or token.kind not in (Kind.SIGN, Kind.OPERATOR) or token.text not in operators:
            return None
        self._at += 1
        self._operators = self._syntax = True
        return token

    def _grows(self) -> bool:
        """Whether what has been read last may be typed on: it stands at the very end."""
        at_end = self._at == len(self._tokens)
        return self._typing and at_end and not self._source[-1:].isspace()

    def _noted(self, word: Word) -> Word:
        if not self._negative:
            self._words.append(word)
        return word

    def _note_piece(self, text: str, start: int, end: int, at: int | None = None) -> None:
        if text and not self._negative:
            self._pieces.insert(len(self._pieces) if at is None else at, _Piece(text, start, end))

    def _note_chip(self, node: Node, tokens: list[Token]) -> None:
        """Where a filter with its signs is all that these tokens say."""
        negated = isinstance(node, Not)
        leaf = node.part if isinstance(node, Not) else node
        if isinstance(leaf, Filter) and tokens[-1].kind is Kind.FIELD and leaf.start == tokens[-1].start:
            label = f"{'not ' if negated else ''}{leaf.field}: {leaf.value}"
            self._chips.append(Chip(label, tokens[0].start, tokens[-1].end))

    def _meaning(self) -> str:
        """The pieces, punctuation where it stood."""
        text, end = "", 0
        for piece in self._pieces:
            glued = piece.start == end and not (text[-1:].isalnum() and piece.text[0].isalnum())
            text += piece.text if glued or not text else f" {piece.text}"
            end = piece.end
        return text


def _together(nodes: Iterable[Node]) -> Node:
    """All of what stands side by side; of several filters of one field one is enough, unless each is a
    bound."""
    sides: dict[str | int, list[Node]] = {}
    for at, node in enumerate(nodes):
        key = node.field if isinstance(node, Filter) and node.field not in BOUNDS else at
        sides.setdefault(key, []).append(node)
    return all_of(any_of(side) for side in sides.values())
