"""Fusion: bounds, the two ends of the weight, and order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.embedding import Chance
from findling.search.fusion import fuse, to_one_scale

reproducible = settings(derandomize=True, database=None, deadline=None)
legs = st.lists(
    st.tuples(st.floats(-1, 1, width=32), st.floats(0, 60, width=32)), min_size=1, max_size=60
).map(lambda pairs: np.array(pairs, np.float32).T)
weights = st.floats(0, 1)


@reproducible
@given(legs, weights)
def test_scores_lie_between_0_and_1(scores: np.ndarray, weight: float) -> None:
    fused = fuse(*scores, weight)
    assert fused.dtype == np.float32
    assert fused.shape == scores[0].shape
    assert (fused >= 0).all()
    assert (fused <= 1 + 1e-6).all()


@reproducible
@given(legs, weights)
def test_who_is_no_worse_in_either_leg_is_no_worse(scores: np.ndarray, weight: float) -> None:
    fused = fuse(*scores, weight)
    for leg in (0, 1):
        best_here = scores[leg] == scores[leg].max()
        best = best_here & (scores[1 - leg] == scores[1 - leg][best_here].max())
        beaten = (scores[0] <= scores[0][best].min()) & (scores[1] <= scores[1][best].min())
        assert fused[best].min() >= fused[beaten].max(initial=0) - 1e-6


@reproducible
@given(legs)
def test_at_either_end_one_leg_decides(scores: np.ndarray) -> None:
    meaning, words = scores
    assert (np.diff(fuse(meaning, words, 1.0)[np.argsort(meaning, kind="stable")]) >= 0).all()
    assert (np.diff(fuse(meaning, words, 0.0)[np.argsort(words, kind="stable")]) >= 0).all()


@reproducible
@given(legs, weights, st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(scores: np.ndarray, weight: float, chance) -> None:
    order = list(range(scores.shape[1]))
    chance.shuffle(order)
    np.testing.assert_array_equal(fuse(*scores[:, order], weight), fuse(*scores, weight)[order])


def test_the_best_of_both_has_1_and_words_not_found_add_nothing() -> None:
    fused = fuse(np.array([0.9, 0.5, 0.1], np.float32), np.array([8.0, 0.0, 0.0], np.float32), 0.5)
    np.testing.assert_allclose(fused, [1.0, 0.25, 0.0], atol=1e-6)


def test_without_candidates_there_are_no_scores() -> None:
    none = np.empty(0, np.float32)
    assert fuse(none, none).shape == (0,)


def test_embedders_are_compared_by_how_far_above_chance_they_are() -> None:
    plain, narrow = np.array([0.1, 0.5], np.float32), np.array([0.7, 0.72, 0.8], np.float32)
    first, second = to_one_scale([plain, narrow], [Chance(0.1, 0.1), Chance(0.7, 0.02)])
    np.testing.assert_allclose(first, plain, atol=1e-6)
    np.testing.assert_allclose(second, [0.1, 0.2, 0.6], atol=1e-5)
    assert second.dtype == np.float32
