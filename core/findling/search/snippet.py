"""The part of a passage that shows why it was found, and where the query's words stand in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from findling.analysis import fold, terms_of, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from findling.search.hits import Spans
    from findling.search.words import Asked

#: A snippet is about this long.
SNIPPET_CHARACTERS = 280

_SENTENCE_START = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？])|\n+")
_PART = re.compile(r"\w+")
#: Shorter parts are not taken for sentences.
_LEAST_SENTENCE = 20


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a passage, and [start, end) spans in it: of the query's words, and of the sentence that is
    nearest in meaning where one was named. Line breaks are blanks; a cut is marked with "…"."""

    text: str
    words: Spans
    meaning: Spans
    #: The words as they stand in the whole passage, folded, in order.
    matched: tuple[str, ...]


class Marker:
    """Finds a query's words in passages."""

    def __init__(self, asked: Asked, languages: Sequence[str]) -> None:
        self._terms = frozenset(asked.words.terms)
        self._languages = languages
        self._phrases = [[fold(part) for part in _PART.findall(phrase)] for phrase in asked.words.phrases]
        runs = asked.words.unspaced
        self._pairs = {run[at : at + 2] for run in runs for at in range(max(1, len(run) - 1))}

    def spans(self, text: str) -> list[tuple[int, int]]:
        """[start, end) of the query's words and phrases in `text`, in order."""
        words = list(tokens(text))
        found = [
            (word.start, word.end)
            for word in words
            if not self._terms.isdisjoint(terms_of(word.text, self._languages))
        ]
        parts = list(_PART.finditer(text)) if self._phrases else []
        folded = [fold(part[0]) for part in parts]
        for phrase in self._phrases:
            places = range(len(folded) - len(phrase) + 1) if phrase else range(0)
            found += [
                (parts[at].start(), parts[at + len(phrase) - 1].end())
                for at in places
                if folded[at : at + len(phrase)] == phrase
            ]
        found += self._unspaced(text)
        return _merged(found)

    def _unspaced(self, text: str) -> Iterator[tuple[int, int]]:
        for pair in self._pairs:
            at = text.find(pair)
            while at >= 0:
                yield at, at + len(pair)
                at = text.find(pair, at + 1)


def snippet_of(text: str, mark: Callable[[str], list[tuple[int, int]]], nearest: str = "") -> Snippet:
    """About `SNIPPET_CHARACTERS` of `text`: around most of the words that `mark` finds, and the sentence
    `nearest`, where one is named."""
    text = " ".join(text.split())
    found = mark(text)
    nearest = " ".join(nearest.split())
    at = text.find(nearest) if nearest else -1
    sentence = [(at, at + len(nearest))] if at >= 0 else []
    start, end = _window(text, found, sentence)
    lead, tail = "… " if start else "", " …" if end < len(text) else ""

    def shown(spans: list[tuple[int, int]]) -> Spans:
        inside = [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start]
        return tuple((a - start + len(lead), b - start + len(lead)) for a, b in inside)

    whole = [(a, b) for a, b in found if a >= start and b <= end]
    matched = dict.fromkeys(text[a:b].casefold() for a, b in found)
    return Snippet(lead + text[start:end] + tail, shown(whole), shown(sentence), tuple(matched))


def sentences(text: str) -> list[str]:
    """The sentences of a passage; crumbs go with the one before."""
    found: list[str] = []
    for part in map(str.strip, _SENTENCE_START.split(text)):
        if found and len(part) < _LEAST_SENTENCE:
            continue
        if part:
            found.append(part)
    return found


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _window(text: str, found: list[tuple[int, int]], sentence: list[tuple[int, int]]) -> tuple[int, int]:
    """[start, end) of the part with most distinct found words, begun at a sentence where one is near; the
    sentence counts as much as two words."""
    if len(text) <= SNIPPET_CHARACTERS:
        return 0, len(text)
    best, most = 0, 0
    for begin, _ in sorted(found + sentence):
        stop = begin + SNIPPET_CHARACTERS * 3 // 4
        worth = len({text[a:b].casefold() for a, b in found if a >= begin and b <= stop})
        worth += 2 * sum(a >= begin and a < stop for a, _ in sentence)
        if worth > most:
            best, most = begin, worth
    start = _sentence_before(text, best)
    end = min(len(text), start + SNIPPET_CHARACTERS)
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > start else end
    return start, end


def _sentence_before(text: str, position: int) -> int:
    earliest = max(0, position - SNIPPET_CHARACTERS // 4)
    starts = [match.end() for match in _SENTENCE_START.finditer(text, earliest, position)]
    if starts:
        return starts[0]
    if earliest == 0:
        return 0
    space = text.find(" ", earliest, position)
    return space + 1 if space >= 0 else earliest
