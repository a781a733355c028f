"""Vectors laid out on a plane, so that what is near in meaning lies near; and which of them belong together.

t-SNE: van der Maaten and Hinton 2008; its start: Kobak and Linderman 2021, doi:10.1038/s41587-020-00809-z.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from findling.errors import UserError
from findling.jobs import CancelToken
from findling.synthesis.sampling import cluster_centres

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

#: Fewer points are laid out by their two principal components.
LEAST_POINTS = 10
#: Points that t-SNE lays out, in some seconds; the others go where the nearest of these are.
LANDMARKS = 2500
_DIMENSIONS = 50
_PERPLEXITY = 30.0
_EXAGGERATION = 12.0
_ITERATIONS = 750
#: How coarsely far points are taken together (Barnes-Hut): twice as fast as 0.5, and looks the same.
_ANGLE = 0.7
#: Landmarks that say where another point lies, and how much less one counts whose cosine is less.
_GUIDES = 5
_COSINE_SCALE = 0.04
#: Points with the same guides are strewn so widely, of the width of the map.
_STREWN = 0.006
_BATCH = 2048


def laid_out(vectors: Vectors, seed: int, cancel: CancelToken) -> NDArray[np.float64]:
    """Places of vectors of length 1, float32 (N, dim): float64 (N, 2) of 0 … 1; the same for the same seed.
    Raises `Cancelled` between its steps, and `UserError` where scikit-learn is missing."""
    if len(vectors) < LEAST_POINTS:
        return in_frame(_few(vectors))
    random = np.random.default_rng(seed)
    chosen = np.sort(random.permutation(len(vectors))[:LANDMARKS])
    components = principal(vectors[chosen])
    cancel.check()
    places = embedded(components, start_of(components), seed, _ITERATIONS, _EXAGGERATION)
    cancel.check()
    if len(chosen) == len(vectors):
        return in_frame(places)
    every = np.empty((len(vectors), 2), np.float32)
    spread = _STREWN * float(np.ptp(places, axis=0).max())
    for start in range(0, len(vectors), _BATCH):
        cancel.check()
        found = _guided(vectors[start : start + _BATCH], vectors[chosen], places)
        every[start : start + _BATCH] = found + random.normal(0.0, spread, found.shape)
    every[chosen] = places
    return in_frame(every)


def principal(vectors: Vectors) -> Vectors:
    """The first principal components: float32 (N, 50), or fewer."""
    left, sizes, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    signs = np.sign(left[np.abs(left).argmax(axis=0), np.arange(left.shape[1])])  # the same everywhere
    return (left * sizes * signs)[:, :_DIMENSIONS].astype(np.float32)


def start_of(components: Vectors) -> Vectors:
    """Where t-SNE begins with these principal components: float32 (N, 2)."""
    return components[:, :2] / max(float(components[:, 0].std()), 1e-12) * 1e-4


def embedded(components: Vectors, start: Vectors, seed: int, iterations: int, exaggeration: float) -> Vectors:
    """Places that t-SNE finds for principal components, from `start` on: float32 (N, 2). Raises `UserError`
    where scikit-learn is missing."""
    try:
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise UserError(
            "A map needs scikit-learn, which is not installed.", "Run: pip install 'findling[desktop]'"
        ) from error

    found = TSNE(
        perplexity=min(_PERPLEXITY, (len(components) - 1) / 3),
        early_exaggeration=exaggeration,
        max_iter=iterations,
        init=start.astype(np.float32),
        random_state=seed,
        angle=_ANGLE,
    )
    # Its threads wait for each other by spinning: two on two busy cores take four times as long as one.
    with threadpool_limits(1):
        return found.fit(components).embedding_


def in_frame(points: Vectors) -> NDArray[np.float64]:
    """In 0 … 1, with the same scale for both directions."""
    if not len(points):
        return np.empty((0, 2))
    low, high = points.min(axis=0), points.max(axis=0)
    size = max(float((high - low).max()), 1e-12)
    return (0.5 + (points - (low + high) / 2) / size).astype(np.float64)


def clusters_of(
    vectors: Vectors, count: int, seed: int, cancel: CancelToken | None = None
) -> tuple[NDArray[np.int64], list[int]]:
    """`count` clusters of vectors float32 (N, dim): the one of each, int64 (N,), and of each the place of the
    vector in its middle. The largest comes first."""
    centres = cluster_centres(vectors, count, np.random.default_rng(seed), cancel or CancelToken())
    cosines = vectors @ centres.T
    labels = cosines.argmax(axis=1)
    order = np.argsort(-np.bincount(labels, minlength=count), kind="stable")
    middles = cosines.argmax(axis=0)[order]
    return np.argsort(order)[labels], middles.tolist()


def _few(vectors: Vectors) -> Vectors:
    components = principal(vectors) if len(vectors) else vectors
    places = np.zeros((len(vectors), 2), np.float32)
    width = min(2, components.shape[1])
    places[:, :width] = components[:, :width]
    return places


def _guided(vectors: Vectors, landmarks: Vectors, places: Vectors) -> Vectors:
    """Between the nearest landmarks, nearer to those that are more alike: float32 (N, 2)."""
    cosines = vectors @ landmarks.T  # (N, landmarks)
    count = min(_GUIDES, len(landmarks))
    nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    alike = np.take_along_axis(cosines, nearest, axis=1)
    weights = np.exp((alike - alike.max(axis=1, keepdims=True)) / _COSINE_SCALE)
    weights /= weights.sum(axis=1, keepdims=True)
    return (places[nearest] * weights[:, :, None]).sum(axis=1)
