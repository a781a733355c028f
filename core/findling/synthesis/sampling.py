"""Which passages get queries: spread over all that a library is about, none of them twice, no boilerplate.

Clusters of the vectors that are there already stand for subjects (as in DUQGen, Chandradevan et al. 2024,
arXiv 2404.02489): small ones get more than their share, so that no corner of a corpus is left out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from findling.analysis import tokens, unspaced

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from findling.jobs import CancelToken
    from findling.store import PassageRow

    Vectors = NDArray[np.float32]

#: With fewer words, or characters of a language that does not part them, nothing can be asked of a passage.
_LEAST_WORDS, _LEAST_CHARACTERS = 12, 40
#: Of the characters that are not blank: below, it is a table of numbers, an index, a drawing.
_LEAST_LETTERS = 0.6
#: Cosine above which two passages say the same.
_SAME = 0.95
#: A text that so many documents have is a footer, a disclaimer, a form.
_BOILERPLATE_DOCUMENTS = 3
_PASSAGES_PER_CLUSTER = 25
_MOST_CLUSTERS = 200
_ITERATIONS = 12


@dataclass(frozen=True, slots=True)
class Spread:
    """Passages in the order in which they are to be asked about, as places among those given; `clusters` is
    the cluster of each that was given, int64 (N,), of `count`; `passed_over` says how many were not taken for
    which reason."""

    order: tuple[int, ...]
    clusters: NDArray[np.int64]
    count: int
    passed_over: dict[str, int]


def spread(
    rows: Sequence[PassageRow],
    vectors: Vectors,
    most: int,
    seed: int,
    cancel: CancelToken,
    only: Collection[int] | None = None,
) -> Spread:
    """At most `most` of these passages, with their vectors, float32 (N, dim) of length 1; of those at the
    places `only`, where that is given, though boilerplate is what is so among all. The same under the same
    seed. Raises `Cancelled`."""
    among = set(range(len(rows)) if only is None else only)
    reasons = [_unfit(row) for row in rows]
    for place in _boilerplate(rows, vectors, cancel):
        reasons[place] = reasons[place] or "boilerplate"
    fit = np.array([place for place, reason in enumerate(reasons) if not reason and place in among], np.int64)
    passed_over = Counter(reason for place, reason in enumerate(reasons) if reason and place in among)
    random = np.random.default_rng(seed)
    count = max(1, min(_MOST_CLUSTERS, len(fit) // _PASSAGES_PER_CLUSTER))
    clusters = np.full(len(rows), -1, np.int64)
    if len(fit):
        centres = cluster_centres(vectors[fit], count, random, cancel)
        clusters = np.argmax(vectors @ centres.T, axis=1)  # (N,)
    order, same = _in_turn(rows, vectors, fit[random.permutation(len(fit))], clusters, most)
    if same:
        passed_over["nearly the same as another"] = same
    return Spread(tuple(order), clusters, count, dict(passed_over))


def _in_turn(
    rows: Sequence[PassageRow],
    vectors: Vectors,
    fit: NDArray[np.int64],
    clusters: NDArray[np.int64],
    most: int,
) -> tuple[list[int], int]:
    """Passages of all clusters in turn, of each in the order given, and how many say the same as one before.

    A cluster's turn comes by the square root of its size. No document has more than its share, before all
    others have theirs.
    """
    waiting: dict[int, list[int]] = {}
    for place in fit.tolist():
        waiting.setdefault(int(clusters[place]), []).append(place)
    weights = {cluster: math.sqrt(len(places)) for cluster, places in waiting.items()}
    taken = dict.fromkeys(waiting, 0)
    chosen: dict[int, list[int]] = {cluster: [] for cluster in waiting}
    documents = Counter[str]()
    all_documents: set[str] = {rows[place].document_id for place in map(int, fit)}
    share = max(1, math.ceil(2 * most / max(1, len(all_documents))))
    order: list[int] = []
    postponed: dict[int, list[int]] = {}
    same = 0
    while len(order) < most and (waiting or postponed):
        if not waiting:
            waiting, postponed = postponed, {}
            share *= 2
        cluster = min(waiting, key=lambda each: ((taken[each] + 1) / weights[each], each))
        place = waiting[cluster].pop(0)
        if not waiting[cluster]:
            del waiting[cluster]
        if documents[rows[place].document_id] >= share:
            postponed.setdefault(cluster, []).append(place)
            continue
        if chosen[cluster] and float((vectors[chosen[cluster]] @ vectors[place]).max()) > _SAME:
            same += 1
            continue
        chosen[cluster].append(place)
        documents[rows[place].document_id] += 1
        taken[cluster] += 1
        order.append(place)
    return order, same


def _unfit(row: PassageRow) -> str:
    """Why nothing can be asked of a passage; "" where something can."""
    text = row.text
    letters = sum(character.isalpha() for character in text)
    if letters < _LEAST_LETTERS * len(re.sub(r"\s", "", text)):
        return "few letters"
    words = sum(1 for _ in tokens(text))
    if words < _LEAST_WORDS and sum(map(len, unspaced(text))) < _LEAST_CHARACTERS:
        return "too short"
    return ""


def _boilerplate(rows: Sequence[PassageRow], vectors: Vectors, cancel: CancelToken) -> list[int]:
    """Places of passages that several documents have nearly as they are."""
    found: list[int] = []
    documents = np.unique([row.document_id for row in rows], return_inverse=True)[1] if rows else np.empty(0)
    for start in range(0, len(rows), 1024):
        cancel.check()
        near = vectors[start : start + 1024] @ vectors.T > _SAME  # (≤ 1024, N)
        for offset in np.flatnonzero(near.sum(axis=1) >= _BOILERPLATE_DOCUMENTS).tolist():
            others = len(np.unique(documents[near[offset]]))
            if others >= _BOILERPLATE_DOCUMENTS:
                found.append(start + offset)
    return found


def cluster_centres(
    vectors: Vectors, count: int, random: np.random.Generator, cancel: CancelToken
) -> Vectors:
    """Centres of clusters, float32 (count, dim) of length 1, by spherical k-means (Dhillon and Modha 2001)
    begun with k-means++."""
    first = int(random.integers(len(vectors)))
    chosen = [first]
    nearest = vectors @ vectors[first]
    for _ in range(count - 1):
        distance = np.maximum(0.0, 1.0 - nearest.astype(np.float64)) + 1e-9
        following = int(random.choice(len(vectors), p=distance / distance.sum()))
        chosen.append(following)
        nearest = np.maximum(nearest, vectors @ vectors[following])
    centres = vectors[chosen]
    for _ in range(_ITERATIONS):
        cancel.check()
        own = np.argmax(vectors @ centres.T, axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, own, vectors)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 0, sums / np.maximum(lengths, 1e-12), centres).astype(np.float32)
    return centres
