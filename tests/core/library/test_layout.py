"""Vectors on a plane: what is alike lies near, whether t-SNE placed it or its neighbours did."""

from __future__ import annotations

import numpy as np
import pytest

from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.library import layout
from findling.library.layout import clusters_of, laid_out

pytest.importorskip("sklearn")


def blobs(sizes: tuple[int, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors around as many directions, float32 (N, 32), and the direction of each."""
    random = np.random.default_rng(seed)
    own = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(32, dtype=np.float32)[own] + random.normal(0, 0.1, (len(own), 32)).astype(np.float32)
    order = random.permutation(len(own))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True))[order], own[order]


def purity(places: np.ndarray, own: np.ndarray) -> float:
    """The share of points whose nearest other point is of the same blob."""
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return float((own[distances.argmin(axis=1)] == own).mean())


def test_what_is_alike_lies_near_and_every_time_at_the_same_place():
    vectors, own = blobs((40, 30, 20))
    places = laid_out(vectors, 1, CancelToken())
    assert places.shape == (90, 2)
    assert (places.min(), places.max()) == (pytest.approx(0.0), pytest.approx(1.0))
    assert purity(places, own) > 0.95
    assert np.array_equal(places, laid_out(vectors, 1, CancelToken()))


def test_of_a_large_library_the_others_go_to_those_they_are_like(monkeypatch):
    monkeypatch.setattr(layout, "LANDMARKS", 60)
    vectors, own = blobs((200, 150, 50))
    places = laid_out(vectors, 1, CancelToken())
    assert places.shape == (400, 2)
    assert purity(places, own) > 0.95
    assert len(np.unique(places.round(9), axis=0)) == 400  # none hides another one
    assert np.array_equal(places, laid_out(vectors, 1, CancelToken()))


@pytest.mark.parametrize("count", [0, 1, 2, 5, 10])
def test_tiny_libraries_have_a_place_too(count):
    vectors, _ = blobs((count,))
    places = laid_out(vectors, 1, CancelToken())
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert count < 2 or np.ptp(places, axis=0).max() == pytest.approx(1.0)


def test_documents_that_are_all_the_same_have_places():
    places = laid_out(np.full((12, 32), 32**-0.5, np.float32), 1, CancelToken())
    assert np.isfinite(places).all()


def test_it_can_be_cancelled():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        laid_out(blobs((20,))[0], 1, cancel)


def test_clusters_are_those_that_there_are_the_largest_first():
    vectors, own = blobs((40, 30, 20))
    labels, middles = clusters_of(vectors, 3, 1)
    assert np.array_equal(labels, own)
    assert own[middles].tolist() == [0, 1, 2]
