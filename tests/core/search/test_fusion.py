"""Fusion: scales that do not depend on what else was found, and order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.embedding import Chance
from findling.search.fusion import Balance, meaning_share, strong_match, to_one_scale, words_share

reproducible = settings(derandomize=True, database=None, deadline=None)
scores = st.lists(st.floats(0, 60, width=32), min_size=1, max_size=60).map(
    lambda each: np.array(each, np.float32)
)


@reproducible
@given(scores, st.floats(0.5, 40), st.integers(1, 10**7))
def test_words_keep_their_order_and_do_not_depend_on_what_else_was_found(
    found: np.ndarray, asked: float, passages: int
) -> None:
    share = words_share(found, asked, passages)
    assert share.dtype == np.float32
    assert (np.diff(share[np.argsort(found, kind="stable")]) >= 0).all()
    assert words_share(found[:1], asked, passages)[0] == pytest.approx(share[0], rel=1e-5)
    assert (share >= 0).all()


def test_a_full_match_counts_more_than_two_halves() -> None:
    strong = strong_match(4, 10_000)
    half, full = words_share(np.array([strong / 2, strong], np.float32), 4, 10_000)
    assert full > 2 * half > 0
    assert full == pytest.approx(0.4, abs=1e-3)


def test_the_same_score_says_less_for_a_longer_query_and_in_a_larger_library() -> None:
    score = np.array([12.0], np.float32)
    assert words_share(score, 8, 1000) < words_share(score, 4, 1000)
    assert words_share(score, 4, 1_000_000) < words_share(score, 4, 1000)


def test_meaning_is_counted_from_chance_on() -> None:
    balance = Balance(mean=0.7, spread=0.02)
    np.testing.assert_allclose(
        meaning_share(np.array([0.7, 0.8, 0.9], np.float32), balance), [0, 0.5, 1], atol=1e-5
    )


def test_embedders_are_compared_by_how_far_above_chance_they_are() -> None:
    plain, narrow = np.array([0.1, 0.5], np.float32), np.array([0.7, 0.72, 0.8], np.float32)
    first, second = to_one_scale([plain, narrow], [Chance(0.1, 0.1), Chance(0.7, 0.02)])
    np.testing.assert_allclose(first, plain, atol=1e-6)
    np.testing.assert_allclose(second, [0.1, 0.2, 0.6], atol=1e-5)
    assert second.dtype == np.float32
