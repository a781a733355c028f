"""A library as a map in two dimensions, before and after tuning: what is near in meaning lies near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from findling.library.layout import embedded, in_frame, principal, start_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Points of a map at most: of so many both maps take a few seconds.
POINTS = 1500
NEIGHBOURS = 10
#: The first map finds its order until little moves. The second begins where that ended, and nothing shakes
#: it: points of vectors that hardly differ move by 0.02 of its width, and by ten times that where they are
#: shaken by a third as much as in the first.
_FIRST = (750, 12.0)
_SECOND = (250, 1.0)


@dataclass(frozen=True, eq=False)
class Maps:
    """Places of the same N points, float64 (N, 2) of 0 … 1, and int64 (N, 10) their nearest neighbours in
    all dimensions, the nearest first (fewer columns of fewer points)."""

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    neighbours_before: NDArray[np.int64]
    neighbours_after: NDArray[np.int64]

    @property
    def kept(self) -> NDArray[np.float64]:
        """The share of its nearest neighbours that each point has kept: float64 (N,)."""
        both = zip(self.neighbours_before, self.neighbours_after, strict=True)
        return np.array([len(np.intersect1d(one, other)) / len(one) for one, other in both])

    def alike(self, colours: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The share of each point's nearest neighbours that have its colour, int64 (N,), before and after."""
        before, after = (
            (colours[neighbours] == colours[:, None]).mean(axis=1)
            for neighbours in (self.neighbours_before, self.neighbours_after)
        )
        return before, after


def maps_of(before: NDArray[np.float32], after: NDArray[np.float32], seed: int) -> Maps:
    """Maps of vectors of length 1, float32 (N, dim) each, of `LEAST_POINTS` or more; the dimensions of the
    two may differ. The second begins with the first and is turned to it, so that both can be compared."""
    components = principal(before)
    first = embedded(components, start_of(components), seed, *_FIRST)
    second = _turned(embedded(principal(after), first, seed, *_SECOND), first)
    return Maps(in_frame(first), in_frame(second), _nearest(before), _nearest(after))


def centres(vectors: NDArray[np.float32], documents: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
    """The documents by id, in order, and the mean of each one's passages at length 1: float32 (D, dim)."""
    ids, places = np.unique(np.array(documents), return_inverse=True)
    sums = np.zeros((len(ids), vectors.shape[1]), np.float32)
    np.add.at(sums, places, vectors)
    lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return ids.tolist(), sums / lengths


def _turned(points: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points turned or mirrored so that they lie as near to the other ones as they can (Procrustes)."""
    points, other = points - points.mean(axis=0), other - other.mean(axis=0)
    left, _, right = np.linalg.svd(points.T @ other)
    return points @ (left @ right)


def _nearest(vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    cosines = vectors @ vectors.T  # (N, N)
    np.fill_diagonal(cosines, -np.inf)
    count = min(NEIGHBOURS, len(vectors) - 1)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :count].astype(np.int64)
