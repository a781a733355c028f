"""What queries are like, counted: words in common with their passages, variety, lengths, languages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from findling.analysis import fold, tokens
from findling.synthesis.overlap import passage_terms, word_count

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Sequence

#: Where, in words, each group of lengths but the first begins.
LENGTH_BORDERS = (3, 5, 8, 12, 18, 30)
_OVERLAP_GROUPS = 10
_BEGINNINGS = 5
#: Self-overlap grows with the number of queries: so many are drawn.
_COMPARED = 500


@dataclass(frozen=True, slots=True)
class Overlap:
    """The share of a query's words that stand in its passage, stop words apart: the mean over `queries` of
    them, and how many are in each tenth of 0 … 1. `mean` is None for no queries."""

    queries: int
    mean: float | None
    tenths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Diversity:
    """How much queries differ. All but `self_overlap` fall as queries become more.

    `distinct_1` and `distinct_2` are the shares of words and of pairs of neighbouring words that are
    different (Li et al. 2016, arXiv 1510.03055); `beginnings` are the most common first two words with the
    share of queries that begin so; `self_overlap` is the mean, over at most 500 queries, of how much of its
    words a query has in common with that which is most like it (Jaccard).
    """

    queries: int
    distinct_1: float
    distinct_2: float
    beginnings: tuple[tuple[str, float], ...]
    self_overlap: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """Shares of the kept queries by group, and of the person's own; `distance` is the total variation
    distance of the two, 0 … 1, None where one of them has none."""

    kept: dict[str, float]
    own: dict[str, float]
    distance: float | None


def overlap_of(queries: Sequence[frozenset[str]], passages: Iterable[tuple[str, str]]) -> Overlap:
    """Of queries, given by their terms; `passages` are (text, language) of each."""
    known: dict[tuple[str, str], frozenset[str]] = {}
    tenths = [0] * _OVERLAP_GROUPS
    shares: list[float] = []
    for terms, passage in zip(queries, passages, strict=True):
        if not terms:
            continue
        if passage not in known:
            known[passage] = passage_terms(*passage)
        share = len(terms & known[passage]) / len(terms)
        shares.append(share)
        tenths[min(int(share * _OVERLAP_GROUPS), _OVERLAP_GROUPS - 1)] += 1
    return Overlap(len(shares), sum(shares) / len(shares) if shares else None, tuple(tenths))


def diversity_of(queries: Sequence[str], terms: Sequence[frozenset[str]], drawn: random.Random) -> Diversity:
    """Of queries, and their terms."""
    words = [[fold(token.text) for token in tokens(query)] for query in queries]
    one = Counter(word for query in words for word in query)
    two = Counter(pair for query in words for pair in pairwise(query))
    beginnings = Counter(" ".join(query[:2]) for query in words if len(query) > 1)
    sample = drawn.sample(terms, min(_COMPARED, len(terms)))
    nearest = [
        max((_jaccard(each, other) for at, other in enumerate(sample) if at != place), default=0.0)
        for place, each in enumerate(sample)
    ]
    return Diversity(
        len(queries),
        len(one) / max(1, one.total()),
        len(two) / max(1, two.total()),
        tuple((start, count / len(queries)) for start, count in beginnings.most_common(_BEGINNINGS)),
        sum(nearest) / max(1, len(nearest)),
    )


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common) if common else 0.0


def lengths_of(queries: Iterable[str]) -> Counter[str]:
    """How many queries are in each group of lengths; all groups, in order."""
    counts = Counter(sum(word_count(query) >= border for border in LENGTH_BORDERS) for query in queries)
    names = [f"{low}–{high - 1}" for low, high in pairwise((1, *LENGTH_BORDERS))]
    names.append(f"{LENGTH_BORDERS[-1]} and more")
    return Counter({name: counts[at] for at, name in enumerate(names)})


def languages_of(codes: Iterable[str]) -> Counter[str]:
    """How many queries are in each language that is known, the most common first."""
    return Counter(dict(Counter(filter(None, codes)).most_common()))


def histogram_of(kept: Counter[str], own: Counter[str]) -> Histogram:
    """Of the kept queries by group, and of the person's own."""
    names = (*kept, *(name for name in own if name not in kept))
    mine, yours = (
        {name: count[name] / count.total() for name in names} if count.total() else {}
        for count in (kept, own)
    )
    distance = sum(abs(mine[name] - yours[name]) for name in names) / 2 if mine and yours else None
    return Histogram(mine, yours, distance)
