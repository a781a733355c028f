"""Passages whose words are theirs alone, a search that counts words, and a generator that plays a part."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.jobs import CancelToken
from findling.llama import Completion, End, Request
from findling.store import FileRow, FileState, PassageRow
from findling.synthesis.checks import Ranked, Searched
from findling.synthesis.overlap import passage_terms
from findling.synthesis.sampling import spread
from findling.synthesis.writing import Passages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

SYLLABLES = ("ba", "ko", "lum", "ter", "ni", "vas", "pel", "dro", "gu", "fen", "mi", "sor")
DIMENSIONS = 512


def own_words(number: int, count: int = 12) -> list[str]:
    """Words that the passage of that number has, and no other."""
    found: list[str] = []
    for place in range(number * count, (number + 1) * count):
        digits = [place // len(SYLLABLES) ** power % len(SYLLABLES) for power in range(4)]
        found.append("".join(SYLLABLES[digit] for digit in digits))
    return found


def vector_of(text: str) -> NDArray[np.float32]:
    """Counts of words, of length 1."""
    vector = np.full(DIMENSIONS, 1e-4, np.float32)
    for term in passage_terms(text, "en"):
        vector[zlib.crc32(term.encode()) % DIMENSIONS] += 1
    return vector / np.linalg.norm(vector)


def row_of(number: int, text: str = "", *, document: str = "", language: str = "en") -> PassageRow:
    """A passage of its own words, or with `text`."""
    words = own_words(number)
    text = text or f"About {words[0]}. " + " ".join(words) + f". All {words[1]} comes from {words[2]}."
    document = document or f"d{number}"
    return PassageRow(f"p{number}", document, f"k{number}", text, 0, 0, len(text), 40, "{}", language)


class ScriptedEngine:
    """Writes what `answer` says for a request: a text, or a whole completion. Like the real one it takes
    several requests before the first is done."""

    def __init__(self, answer: Callable[[Request], str | Completion], ahead: int = 4) -> None:
        self.answer = answer
        self.asked: list[Request] = []
        self._ahead = ahead

    def complete(self, requests: Iterable[Request], cancel: CancelToken) -> Iterator[Completion]:
        """Completions in the order of the requests."""
        waiting: list[Request] = []
        for request in requests:
            self.asked.append(request)
            waiting.append(request)
            if len(waiting) >= self._ahead:
                cancel.check()
                yield self._completion(waiting.pop(0))
        for request in waiting:
            cancel.check()
            yield self._completion(request)

    def _completion(self, request: Request) -> Completion:
        written = self.answer(request)
        if isinstance(written, Completion):
            return written
        return Completion(request.key, written, 5, -5.0, End.STOP, -20.0 if request.contrast else None)


class Corpus:
    """Passages, and a search among them."""

    def __init__(self, rows: Sequence[PassageRow], seed: int = 0) -> None:
        vectors = np.stack([vector_of(row.text) for row in rows])
        files = {
            row.document_id: FileRow(f"/docs/{row.document_id}.txt", "txt", FileState.INDEXED, title="")
            for row in rows
        }
        chosen = spread(rows, vectors, len(rows), seed, CancelToken())
        self.passages = Passages(rows, vectors, files, chosen, len(rows))
        self.searches = 0

    def search(self, query: str) -> Searched:
        """The passages by how many words they have in common with the query."""
        self.searches += 1
        vector = vector_of(query)
        scores = self.passages.vectors @ vector
        best = np.argsort(-scores, kind="stable")[:20].tolist()
        rows = self.passages.rows
        ranking = [Ranked(rows[place].passage_id, float(scores[place]), rows[place].text) for place in best]
        return Searched(ranking, vector)


@pytest.fixture
def scripted() -> type[ScriptedEngine]:
    """A generator that plays a part."""
    return ScriptedEngine


@pytest.fixture
def a_row() -> Callable[..., PassageRow]:
    """Makes a passage."""
    return row_of


@pytest.fixture
def a_corpus() -> Callable[..., Corpus]:
    """Makes a corpus of so many passages, or of these."""

    def made(rows: int | Sequence[PassageRow], seed: int = 0) -> Corpus:
        return Corpus([row_of(number) for number in range(rows)] if isinstance(rows, int) else rows, seed)

    return made
