"""One score from two legs.

Both are brought to scales that do not depend on what else was found, so that a leg which found nothing good
has little to say: rank fusion gives the best of a bad leg as many points as the best of a good one, and
scaling each leg to its own best does the same (Bruch et al. 2023, "An Analysis of Fusion Functions for
Hybrid Retrieval", compare them).

Meaning: how far the cosine is above what texts get that have nothing to do with each other, in standard
deviations. Words: BM25 as a share of what a passage would get that has every word of the query, each as
rare as can be. Matches add up to more than the sum: a passage with all words is worth more than twice one
with half of them. See tests/bench/RESULTS.md for what was tried, and on which questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from findling.embedding import Chance

    Scores = NDArray[np.float32]

#: Of meaning beside words, in a library whose texts the embedder knows how to tell apart.
MEANING_WEIGHT = 0.15
#: So many standard deviations above chance are a meaning of 1.
_FULL_MEANING = 10.0
#: The most that a word gives: its rarity (at most the logarithm of the passages) times k1 + 1.
_MOST_A_WORD = 2.2
#: A share of words that is as good as all: where most of a query's words are rare and stand together.
_STRONG = 0.4
_EXPONENT = 1.5


@dataclass(frozen=True, slots=True)
class Balance:
    """How a library's two legs are weighed: the `weight` of meaning, 0 … 1, and the mean and standard
    deviation of the cosines of its passages with texts that they have nothing to do with. `passages` is how
    many there were when that was found out."""

    weight: float = MEANING_WEIGHT
    mean: float = 0.1
    spread: float = 0.1
    passages: int = 0


def meaning_share(cosines: Scores, balance: Balance) -> Scores:
    """Cosines, float32 (N,), as 0 at chance … 1."""
    return ((cosines - balance.mean) / (_FULL_MEANING * balance.spread)).astype(np.float32)


def words_share(scores: Scores, asked: float, passages: int) -> Scores:
    """BM25 scores, float32 (N,), of a query of `asked` words among so many passages, as 0 … 1 and a little
    more."""
    share = scores / strong_match(asked, passages)
    return (share**_EXPONENT * _STRONG).astype(np.float32)


def weighed(
    words: Scores, cosines: Scores, balance: Balance, asked: float, passages: int
) -> tuple[Scores, Scores]:
    """What words and what meaning give to each candidate, whose sum is its score: float32 (N,) both, of BM25
    scores and cosines, float32 (N,); `asked` and `passages` as of `words_share`."""
    of_words = (1 - balance.weight) * words_share(words, asked, passages)
    return of_words, balance.weight * meaning_share(cosines, balance)


def strong_match(asked: float, passages: int) -> float:
    """The BM25 score of a passage that is found beyond doubt."""
    return _STRONG * _MOST_A_WORD * max(1.0, asked) * log(max(2, passages) + 1)


def to_one_scale(cosines: Sequence[Scores], chances: Sequence[Chance]) -> list[Scores]:
    """Cosines of several embedders, float32 (N,) each, moved and stretched until chance is for all what it is
    for the first.

    Z-scores, by what an embedder gives to texts that have nothing to do with each other. Those by a library's
    own candidates, or by its best and worst one, make the best of a library that knows nothing equal to the
    answer of another: see tests/bench/RESULTS.md, "several libraries".
    """
    first = chances[0]
    return [
        (mine - chance.mean) / chance.spread * first.spread + first.mean
        for mine, chance in zip(cosines, chances, strict=True)
    ]
