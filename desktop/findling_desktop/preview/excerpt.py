"""Which part of a document is shown, and where the query's words stand in it: pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Shown to either side of the passage at first, and added with every "show more": what a text widget
#: lays out within a frame or two.
STEP_CHARACTERS = 20_000
#: More marks than this help nobody, and each is drawn.
MOST_MARKS = 400

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_LEAST_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The characters [start, end) of a document of `length` characters."""

    start: int
    end: int
    length: int

    @classmethod
    def around(cls, text: str, span: tuple[int, int]) -> Self:
        """A step to either side of `span`, from line to line where one ends near."""
        start = max(0, span[0] - STEP_CHARACTERS)
        end = min(len(text), span[1] + STEP_CHARACTERS)
        return cls(_line_start(text, start), _line_end(text, end), len(text))

    def grown_up(self, text: str) -> Excerpt:
        """With a step more before it."""
        return replace(self, start=_line_start(text, max(0, self.start - STEP_CHARACTERS)))

    def grown_down(self, text: str) -> Excerpt:
        """With a step more after it."""
        return replace(self, end=_line_end(text, min(self.length, self.end + STEP_CHARACTERS)))


def telling_words(query: str, found: Iterable[str]) -> frozenset[str]:
    """The words to mark, folded: those `found` by the search, and the query's own longer ones."""
    asked = (match[0] for match in _WORD.finditer(query) if len(match[0]) >= _LEAST_LETTERS)
    return frozenset(word.casefold() for word in (*found, *asked))


def marks(text: str, words: frozenset[str]) -> list[tuple[int, int]]:
    """[start, end) of every one of `words` in `text`, at most `MOST_MARKS`."""
    found: list[tuple[int, int]] = []
    if words:
        joined = sorted((word for word in words if not _WORD.fullmatch(word)), key=len, reverse=True)
        for match in re.finditer("|".join((*map(re.escape, joined), _WORD.pattern)), text, re.IGNORECASE):
            if match[0].casefold() in words:
                found.append(match.span())
                if len(found) == MOST_MARKS:
                    break
    return found


def place_of(sentence: str, text: str, within: tuple[int, int]) -> tuple[int, int] | None:
    """[start, end) of a sentence in a part of `text`, whatever the white space between its words; None where
    it is not there."""
    words = sentence.replace("…", " ").split()
    if not words:
        return None
    found = re.compile(r"\s+".join(map(re.escape, words))).search(text, *within)
    return found.span() if found else None


def _line_start(text: str, position: int) -> int:
    if position <= 0:
        return 0
    newline = text.find("\n", position, position + 500)
    return newline + 1 if newline >= 0 else position


def _line_end(text: str, position: int) -> int:
    if position >= len(text):
        return len(text)
    newline = text.rfind("\n", max(0, position - 500), position)
    return newline if newline >= 0 else position
