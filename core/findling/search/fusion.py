"""One score from two legs.

A convex combination of scores keeps what ranks throw away: by how much a passage is the better one (Bruch
et al. 2023, "An Analysis of Fusion Functions for Hybrid Retrieval"). Every candidate has an exact cosine,
because its vector comes with it, whichever leg brought it up; one that the words did not find has BM25 0,
which is the function's true minimum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from findling.embedding import Chance

    Scores = NDArray[np.float32]

#: Weight of meaning beside words; swept over six sets, see tests/bench/RESULTS.md.
MEANING_WEIGHT = 0.5


def fuse(meaning: Scores, words: Scores, weight: float = MEANING_WEIGHT) -> Scores:
    """Fused scores 0 … 1, float32 (N,), of N candidates' cosines and BM25 scores, both float32 (N,)."""
    fused = weight * _scaled(meaning, meaning.min(initial=1.0)) + (1 - weight) * _scaled(words, 0.0)
    return fused.astype(np.float32)


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


def _scaled(scores: Scores, floor: float) -> Scores:
    """0 at `floor`, 1 at the best."""
    spread = scores.max(initial=floor) - floor
    return (scores - floor) / spread if spread > 0 else np.zeros_like(scores)
