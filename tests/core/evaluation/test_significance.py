"""Paired tests: known cases, every outcome counted for few queries, and scipy for more."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from findling.evaluation.significance import differences_of, smallest_difference


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float64)[:, None]


def test_equal_systems_do_not_differ() -> None:
    [same] = differences_of(np.zeros((50, 1)))
    assert (same.mean, same.low, same.high, same.p, same.smallest) == (0, 0, 0, 1, 0)
    assert (same.wins, same.ties, same.losses) == (0, 50, 0)


def test_a_constant_gain_is_certain() -> None:
    [shifted] = differences_of(np.full((30, 1), 0.25))
    assert (shifted.low, shifted.high) == (pytest.approx(0.25), pytest.approx(0.25))
    assert shifted.p == pytest.approx(1 / 10_001)  # 2 of 2**30 outcomes are as extreme
    assert shifted.wins == 30


def test_all_outcomes_of_few_queries_give_the_same_p() -> None:
    values = [0.3, -0.1, 0.2, 0.4, -0.05, 0.1, 0.0]
    sums = [
        abs(sum(s * v for s, v in zip(signs, values, strict=True))) for signs in product((-1, 1), repeat=7)
    ]
    exact = np.mean([value >= abs(sum(values)) - 1e-12 for value in sums])
    [found] = differences_of(column(*values))
    assert found.p == pytest.approx(exact, abs=0.015)  # 3 standard errors of 10,000 tosses
    assert (found.wins, found.ties, found.losses) == (4, 1, 2)


def test_all_resamples_of_few_queries_give_the_same_interval() -> None:
    values = [0.31, -0.12, 0.23, 0.44, -0.05, 0.17]
    exact = np.quantile([np.mean(drawn) for drawn in product(values, repeat=6)], [0.025, 0.975])
    [found] = differences_of(column(*values))
    assert [found.low, found.high] == pytest.approx(exact, abs=0.01)
    assert found.low < found.mean < found.high


def test_more_queries_give_what_scipy_gives() -> None:
    values = np.random.default_rng(5).normal(0.03, 0.1, 60)
    [found] = differences_of(values[:, None])
    peer = stats.permutation_test(
        (values, np.zeros(60)),
        lambda a, b: np.mean(a - b),
        permutation_type="samples",
        n_resamples=10_000,
        rng=1,
    )
    interval = stats.bootstrap((values,), np.mean, n_resamples=10_000, method="percentile", rng=1)
    assert found.p == pytest.approx(peer.pvalue, abs=0.015)
    low, high = interval.confidence_interval
    assert (found.low, found.high) == (pytest.approx(low, abs=0.003), pytest.approx(high, abs=0.003))


def test_p_is_that_of_chance_where_there_is_no_difference() -> None:
    values = np.random.default_rng(7).normal(0, 1, (40, 400))
    found = differences_of(values)
    assert 0.02 < np.mean([one.p < 0.05 for one in found]) < 0.09
    assert 0.89 < np.mean([one.low <= 0 <= one.high for one in found]) < 0.98


def test_the_seed_decides_and_other_columns_do_not() -> None:
    values = np.random.default_rng(3).normal(0.01, 0.1, (35, 3))
    assert differences_of(values, seed=4)[1] == differences_of(values[:, 1:2], seed=4)[0]
    assert differences_of(values, seed=4) != differences_of(values, seed=5)


def test_the_smallest_difference_is_found_four_times_in_five() -> None:
    chance = np.random.default_rng(11)
    spread = chance.normal(0, 0.2, 100)
    smallest = smallest_difference(spread)
    assert smallest == pytest.approx(2.8016 * spread.std(ddof=1) / 10, rel=1e-4)
    experiments = chance.normal(smallest, spread.std(ddof=1), (100, 500))
    assert 0.74 < np.mean([one.p < 0.05 for one in differences_of(experiments)]) < 0.86


def test_a_single_query_proves_nothing() -> None:
    [found] = differences_of(column(0.5))
    assert (found.p, found.smallest) == (1, None)


def test_thousands_of_queries_are_tested_in_slices() -> None:
    values = np.random.default_rng(2).normal(0.002, 0.1, (10_000, 2))
    [found, other] = differences_of(values)
    error = values[:, 0].std(ddof=1) / 100
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.05)
    assert other.wins + other.losses == 10_000
