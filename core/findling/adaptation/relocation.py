"""Pairs of passages that have other ids by now: a library that was made anew, or whose documents a newer
Findling reads or cuts in another way, keeps what was written for it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from findling.analysis import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from findling.store import PassageRow
    from findling.synthesis.pair import Pair

#: What a passage is known again by: so many pieces of words in a row, or signs of a script without blanks.
_IN_A_ROW = 8
_PIECE = re.compile(r"[^\W\0-\u0dff]|[^\W\u0e00-\U0010ffff]{1,4}")
#: Of a pair's text, the share of such rows that a passage must have, to be the one that it was written of.
_LEAST_SHARED = 0.5


def relocated(pairs: Iterable[Pair], rows: Sequence[PassageRow]) -> list[Pair]:
    """The pairs, each with the passage of the library (`rows` are all of them) that has its text.

    What is there by its id stays as it is. The others get the id, document and place of the passage that has
    most of their text, and at least half of it; the text itself stays. Those whose text no passage has are
    left out.
    """
    given = list(pairs)
    known = {row.passage_id for row in rows}
    if all(pair.positive.passage_id in known for pair in given):
        return given
    places = _Places(rows)
    found: list[Pair] = []
    for pair in given:
        if pair.positive.passage_id in known:
            found.append(pair)
        elif row := places.of(pair.positive.text):
            there = replace(
                pair.positive,
                passage_id=row.passage_id,
                document_id=row.document_id,
                start=row.start,
                end=row.end,
            )
            found.append(replace(pair, positive=there))
    return found


class _Places:
    """Passages by what they contain."""

    def __init__(self, rows: Sequence[PassageRow]) -> None:
        self._rows = rows
        self._having: dict[int, list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            for pieces in _pieces(row.content):
                self._having[pieces].append(place)

    def of(self, text: str) -> PassageRow | None:
        """The passage with most of a text, the first of several; None where none has enough."""
        wanted = _pieces(text)
        shared = Counter(place for pieces in wanted for place in self._having.get(pieces, ()))
        place, count = max(shared.items(), key=lambda item: (item[1], -item[0]), default=(0, 0))
        return self._rows[place] if count and count >= _LEAST_SHARED * len(wanted) else None


def _pieces(text: str) -> set[int]:
    """Hashes of all rows of pieces; of a text with fewer pieces than that, of the whole."""
    found = _PIECE.findall(fold(text))
    return {hash(tuple(found[at : at + _IN_A_ROW])) for at in range(max(1, len(found) - _IN_A_ROW + 1))}
