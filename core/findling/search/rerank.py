"""The order after a second look: a reranker's scores of the best documents put beside the first ones.

Both are standardised over those documents, and their weighted mean is taken; the rest keep their order
below. The first scores stay in it because the two see different things: the first ones match exact words,
and those of a cross-encoder come from what it was trained on, which may be far from a person's documents.
Interpolating is better than replacing outside its training's own domain (Akkalyoncu Yilmaz et al. 2019,
"Cross-Domain Modeling of Sentence-Level Evidence for Document Retrieval"; Leonhardt et al. 2022, "Efficient
Neural Ranking using Forward Indexes"); on MS MARCO, which most of them are trained on, it is not (Askari et
al. 2023, "Injecting the BM25 Score as Text Improves BERT-Based Re-rankers"). Only the best are looked at:
rerankers given more and more documents begin to bring up bad ones (Jacob et al. 2024, "Drowning in
Documents").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[np.float32]

#: Documents that are looked at again.
RERANK_DEPTH = 20
#: Of the reranker beside the first scores. Not measured here: no published reranker could be at hand.
RERANK_WEIGHT = 0.5
#: Scores of a reranker are log-odds. Where they differ by less than this (their standard deviation) it takes
#: all for alike, and what they differ by is noise that must not be stretched.
_LEAST_SPREAD = 1.0


@dataclass(frozen=True, slots=True)
class Reranked:
    """`order`, int64 (N,), holds places in the old order, best first; `scores`, float32 (N,), are those in
    the new order and never rise."""

    order: NDArray[np.int64]
    scores: Scores


def reranked(first: Scores, second: Scores, weight: float = RERANK_WEIGHT) -> Reranked:
    """The order of documents whose first scores are `first`, float32 (N,), best first, once the reranker has
    given the best of them `second`, float32 (K,), K at most N. `weight` 0 leaves all as it is, with 1 the
    reranker alone orders those K. Equal ones keep their order.

    The new scores are on the scale of the first ones.
    """
    depth = len(second)
    top = first[:depth].astype(np.float64)
    rest = first[depth:].astype(np.float64)
    if not depth:
        return Reranked(np.arange(len(first)), first.copy())
    mean, spread = top.mean(), top.std()
    looked = second.astype(np.float64)
    # On the scale of the first scores; where those are all equal, any scale will do.
    scale = (spread or 1.0) / max(looked.std(), _LEAST_SPREAD)
    mixed = (1 - weight) * top + weight * (mean + (looked - looked.mean()) * scale)
    order = np.argsort(-mixed, kind="stable")
    # Whatever the reranker thinks of them, those that it looked at stay above the others.
    lift = max(0.0, rest.max() - mixed.min()) if len(rest) else 0.0
    scores = np.concatenate([mixed[order] + lift, rest])
    return Reranked(np.concatenate([order, np.arange(depth, len(first))]), scores.astype(np.float32))
