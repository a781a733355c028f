"""Hard negatives: passages that a search finds for a query and that do not answer it, from both of its legs.

The best of what is found often does answer, only nobody said so. What scores above 95 % of the positive is
left out for that ("TopK-PercPos" of NV-Retriever, Moreira et al. 2024, arXiv 2407.15831).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from findling.analysis import bare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from findling.jobs import CancelToken

    Vectors = NDArray[np.float32]
    #: Places of the passages that words find for a query, the best first, at most so many.
    Keyword = Callable[[str, int], Sequence[int]]

#: How many of each leg are looked at.
FROM_MEANING, FROM_WORDS = 30, 10
#: Share of the positive's score above which a passage probably answers, too.
MOST_OF_POSITIVE = 0.95
#: Cosine from which two passages say the same.
SAME = 0.95
#: Scores that are held at a time, with their order 12 bytes each: under 200 MB.
_CELLS = 16_000_000


class Leg(StrEnum):
    """What found a passage."""

    MEANING = "meaning"
    WORDS = "words"
    BOTH = "both"


class Reason(StrEnum):
    """Why a passage that was found is no negative."""

    POSITIVE = "answers the same query elsewhere"
    SAME_TEXT = "the same text as the positive"
    NEAR = "nearly the same as the positive"
    PROBABLY_ANSWERS = "probably answers, too"


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that a search found for a query, by its place among the passages. `score` is its cosine with
    the query, `rank` counts from 0 in the order of that among all that was found; `teacher` is None where no
    teacher saw it."""

    place: int
    score: float
    rank: int
    leg: Leg
    teacher: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Mined:
    """For each query its negatives, the best found first, and what was found but left out. Passages of the
    positive's own group are in neither."""

    negatives: tuple[tuple[Found, ...], ...]
    dropped: tuple[tuple[Found, ...], ...]

    @property
    def reasons(self) -> dict[Reason, int]:
        """How many were left out for which reason."""
        return Counter(found.reason for each in self.dropped for found in each if found.reason is not None)


def mine(
    texts: Sequence[str],
    queries: Vectors,
    positives: Sequence[int],
    passages: Vectors,
    passage_texts: Sequence[str],
    groups: Sequence[str],
    *,
    count: int,
    seed: int,
    keyword: Keyword | None = None,
    teachers: Sequence[Mapping[int, float]] | None = None,
    cancel: CancelToken | None = None,
) -> Mined:
    """At most `count` negatives for each of Q queries among N passages, spread over the ranks at which they
    were found. The same under the same seed.

    `texts` are the queries, `queries` their vectors, float32 (Q, D) of length 1; `positives` the places of
    their passages. `passages`, float32 (N, D) of length 1, `passage_texts` and `groups`, the document or
    cluster of each, are of all passages. `teachers` has what a teacher gave to passages, by place, for each
    query; where it scored the positive and a passage, its scores decide whether that probably answers, and
    else the cosines. Raises `Cancelled`.
    """
    if not len(texts) == len(queries) == len(positives) or not len(passages) == len(passage_texts) == len(
        groups
    ):
        raise ValueError("lengths of queries and positives, or of passages and groups, differ")
    own = _members(groups)
    keys = [bare(text) for text in texts]
    answers: dict[str, set[int]] = defaultdict(set)
    for key, positive in zip(keys, positives, strict=True):
        answers[key].add(positive)
    negatives: list[tuple[Found, ...]] = []
    dropped: list[tuple[Found, ...]] = []
    without = [own[groups[positive]] for positive in positives]
    for row, nearest in enumerate(_nearest(queries, passages, without, cancel)):
        positive = positives[row]
        by_words = _by_words(keyword, texts[row], groups, groups[positive])
        found = _ranked(queries[row], passages, nearest, by_words, teachers[row] if teachers else {})
        score = float(queries[row] @ passages[positive])
        teacher = teachers[row].get(positive) if teachers else None
        near = passages[[each.place for each in found]] @ passages[positive]  # (F,)
        judged: list[Found] = []
        for each, likeness in zip(found, near.tolist(), strict=True):
            reason = _probably_answers(each, score, teacher)
            if likeness >= SAME:
                reason = Reason.NEAR
            if _same_text(passage_texts[each.place], passage_texts[positive]):
                reason = Reason.SAME_TEXT
            if each.place in answers[keys[row]]:
                reason = Reason.POSITIVE
            judged.append(replace(each, reason=reason))
        usable = [each for each in judged if each.reason is None]
        negatives.append(_spread(usable, count, np.random.default_rng([seed, row])))
        dropped.append(tuple(each for each in judged if each.reason is not None))
    return Mined(tuple(negatives), tuple(dropped))


def _members(groups: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """Places of each group's passages."""
    members: dict[str, list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        members[group].append(place)
    return {group: np.array(places, np.int64) for group, places in members.items()}


def _nearest(
    queries: Vectors, passages: Vectors, without: Sequence[NDArray[np.int64]], cancel: CancelToken | None
) -> Iterator[list[int]]:
    """Places of the nearest passages of each query but for those of `without`, by exact search in slices."""
    rows = max(1, _CELLS // max(1, len(passages)))
    for start in range(0, len(queries), rows):
        if cancel is not None:
            cancel.check()
        scores = queries[start : start + rows] @ passages.T  # (R, N)
        for offset, each in enumerate(scores):
            each[without[start + offset]] = -np.inf
        most = min(FROM_MEANING, scores.shape[1])
        best = np.argpartition(scores, -most, axis=1)[:, -most:]  # (R, most)
        for offset, places in enumerate(best):
            if cancel is not None:
                cancel.check()
            yield [place for place in places.tolist() if scores[offset, place] > -np.inf]


def _by_words(keyword: Keyword | None, text: str, groups: Sequence[str], own: str) -> list[int]:
    if keyword is None:
        return []
    return [place for place in keyword(text, FROM_WORDS)[:FROM_WORDS] if groups[place] != own]


def _ranked(
    query: Vectors,
    passages: Vectors,
    nearest: Sequence[int],
    by_words: Sequence[int],
    taught: Mapping[int, float],
) -> list[Found]:
    """What both legs found, each passage once, by cosine with the query."""
    places = sorted({*nearest, *by_words})
    scores: list[float] = (passages[places] @ query).tolist()
    ordered = sorted(zip(scores, places, strict=True), key=lambda each: (-each[0], each[1]))
    legs = dict.fromkeys(nearest, Leg.MEANING)
    for place in by_words:
        legs[place] = Leg.BOTH if place in nearest else Leg.WORDS
    return [
        Found(place, score, rank, legs[place], taught.get(place))
        for rank, (score, place) in enumerate(ordered)
    ]


def _probably_answers(found: Found, score: float, teacher: float | None) -> Reason | None:
    """By a teacher where it scored both. The border is below the positive's score, also where that is < 0."""
    if teacher is not None and found.teacher is not None:
        most, reached = teacher, found.teacher
    else:
        most, reached = score, found.score
    return Reason.PROBABLY_ANSWERS if reached > most - (1 - MOST_OF_POSITIVE) * abs(most) else None


def _same_text(one: str, other: str) -> bool:
    return one == other or bare(one) == bare(other)


def _spread(found: Sequence[Found], count: int, random: np.random.Generator) -> tuple[Found, ...]:
    """One of each of `count` parts of what was found, by rank; all of fewer."""
    if len(found) <= count:
        return tuple(found)
    borders = [len(found) * part // count for part in range(count + 1)]
    return tuple(found[int(random.integers(start, end))] for start, end in pairwise(borders))
