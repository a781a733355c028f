"""The order after a second look: both scores count, the rest stays below, noise is not stretched."""

from __future__ import annotations

import numpy as np
import pytest

from findling.search.rerank import reranked

FIRST = np.array([0.9, 0.7, 0.6, 0.5, 0.3, 0.2], np.float32)


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_what_the_reranker_finds_right_goes_up_and_the_rest_keeps_its_place_below() -> None:
    found = reranked(FIRST, scores(-9, -8, 7, -9))
    assert found.order.tolist() == [2, 0, 1, 3, 4, 5]
    assert found.scores.dtype == np.float32
    assert (np.diff(found.scores) <= 0).all()
    assert found.scores[4:].tolist() == FIRST[4:].tolist()


def test_the_last_of_twenty_comes_first_where_the_reranker_is_sure() -> None:
    second = np.full(20, -11, np.float32)
    second[19] = 8
    found = reranked(np.linspace(0.9, 0.5, 25, dtype=np.float32), second)
    assert found.order.tolist() == [19, *range(19), *range(20, 25)]


def test_the_first_scores_go_on_counting() -> None:
    second = scores(3.0, 3.2, -3.0, -3.0)
    assert reranked(FIRST, second).order[:2].tolist() == [0, 1]  # nearly equal to the reranker, not at first
    assert reranked(FIRST, second, weight=1.0).order[:2].tolist() == [1, 0]
    assert reranked(FIRST, scores(-5, 0, 3, 6), weight=0.0).order.tolist() == list(range(6))


def test_scores_that_hardly_differ_change_nothing() -> None:
    """The reranker takes all for equally wrong; its last decimals are not an order."""
    close = scores(0.9, 0.88, 0.86, 0.84)
    assert reranked(close, scores(-11.04, -11.03, -11.02, -11.01)).order.tolist() == [0, 1, 2, 3]


def test_an_order_does_not_depend_on_the_scale_of_the_first_scores() -> None:
    second = scores(-2, 4, -1, 5, 0, 1)
    small, large = reranked(FIRST, second), reranked(FIRST * 40 + 3, second)
    assert small.order.tolist() == large.order.tolist() != list(range(6))
    np.testing.assert_allclose(large.scores, small.scores * 40 + 3, rtol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 6])
def test_equal_first_scores_are_ordered_by_the_reranker_and_equal_ones_stay(count: int) -> None:
    equal = np.full(6, 0.5, np.float32)
    assert reranked(equal, scores(*[1.0] * count)).order.tolist() == list(range(6))
    second = np.arange(count, dtype=np.float32)
    assert reranked(equal, second).order.tolist() == [*reversed(range(count)), *range(count, 6)]
    assert np.isfinite(reranked(equal, second).scores).all()


def test_those_looked_at_stay_above_the_others_whatever_the_reranker_thinks() -> None:
    first = scores(0.9, 0.5, 0.49, 0.48)
    found = reranked(first, scores(9, -9))
    assert found.order.tolist() == [0, 1, 2, 3]
    assert found.scores[1] >= found.scores[2] == np.float32(0.49)
    assert reranked(scores(), scores()).order.tolist() == []
