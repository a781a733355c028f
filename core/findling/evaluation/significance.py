"""Whether two systems differ: paired tests over the same queries.

Which queries were asked is chance, and queries differ far more than systems do. So it is the difference of
two systems on each query that is tested, and not the two means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

#: Of the bootstrap, and permutations of the randomisation test. An interval's end then wavers by about 2 % of
#: its width between seeds, and a p of 0.05 by 0.002.
RESAMPLES = 10_000
#: Share of the resampled means within the interval.
CONFIDENCE = 0.95
#: How sure the smallest difference is to be found.
POWER = 0.8
#: Random numbers that are drawn at a time: about 20 MB.
_SLICE = 1_000_000
#: Differences below it are rounding.
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Difference:
    """How a system differs from another in one metric, in that metric's unit; above 0 it is better.

    `mean` lies within `low` … `high` with 95 % confidence; `p` is the probability (two-sided) of a mean at
    least as large if the two were interchangeable. `wins`, `ties` and `losses` count queries. `smallest` is
    the mean difference that so many queries would show at p < 0.05 in 80 % of such experiments; None of a
    single query.
    """

    mean: float
    low: float
    high: float
    p: float
    wins: int
    ties: int
    losses: int
    smallest: float | None

    @property
    def queries(self) -> int:
        """How many were asked."""
        return self.wins + self.ties + self.losses


def differences_of(values: NDArray[np.float64], seed: int = 0) -> list[Difference]:
    """Test the differences of each column of `values`, float64 (queries, columns) of at least one query.

    A column's result does not depend on the others beside it, and is the same for the same seed. Memory stays
    below 100 MB; 10,000 queries take some seconds however many the columns.
    """
    import numpy as np

    values = np.where(np.abs(values) < _NOTHING, 0.0, values)  # (Q, K)
    count = len(values)
    low, high = _bootstrap(values, seed)
    p = _randomisation(values, seed)
    smallest = [smallest_difference(column) for column in values.T]
    return [
        Difference(
            mean=float(values[:, column].mean()),
            low=float(low[column]),
            high=float(high[column]),
            p=float(p[column]),
            wins=(wins := int((values[:, column] > 0).sum())),
            ties=count - wins - (losses := int((values[:, column] < 0).sum())),
            losses=losses,
            smallest=smallest[column],
        )
        for column in range(values.shape[1])
    ]


def smallest_difference(values: NDArray[np.float64]) -> float | None:
    """The mean difference that a paired two-sided test at 5 % finds with a power of 80 %, from the standard
    deviation of the differences float64 (queries,); None of fewer than two.

    The normal approximation (z₀.₉₇₅ + z₀.₈)·sd/√n, as in Sakai, Laboratory Experiments in Information
    Retrieval (2018), chapter 6.
    """
    from statistics import NormalDist

    if len(values) < 2:
        return None
    normal = NormalDist()
    both = normal.inv_cdf(0.5 + CONFIDENCE / 2) + normal.inv_cdf(POWER)
    return float(both * values.std(ddof=1) / len(values) ** 0.5)


def _bootstrap(values: NDArray[np.float64], seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentile interval of the mean of each column: queries are drawn anew with replacement, all columns
    of a query together (Efron and Tibshirani 1993, chapter 13; for retrieval Sakai, SIGIR 2006)."""
    import numpy as np

    count = len(values)
    chance = np.random.default_rng([seed, 0])
    drawn: list[NDArray[np.float64]] = []
    for rows in _slices(count):
        queries = chance.integers(0, count, (rows, count))  # (R, Q)
        queries += np.arange(rows)[:, None] * count
        times = np.bincount(queries.ravel(), minlength=rows * count).reshape(rows, count)  # (R, Q)
        drawn.append(times.astype(np.float64) @ values / count)  # (R, K)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.concatenate(drawn), [tail, 1 - tail], axis=0)
    return low, high


def _randomisation(values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Two-sided p of each column: which of the two systems a query's values belong to is tossed, so that the
    sign of its difference is (Fisher's test; Smucker, Allan and Carterette, CIKM 2007). The outcome itself
    counts as one permutation, so that no p is 0 (Davison and Hinkley 1997, 4.2)."""
    import numpy as np

    count = len(values)
    chance = np.random.default_rng([seed, 1])
    total = values.sum(axis=0)  # (K,)
    least = np.abs(total) - _NOTHING * count
    hits = np.zeros(values.shape[1], np.int64)
    width = (count + 7) // 8
    for rows in _slices(count):
        tosses = np.unpackbits(
            np.frombuffer(chance.bytes(rows * width), np.uint8).reshape(rows, width), axis=1
        )
        sums = 2 * (tosses[:, :count].astype(np.float64) @ values) - total  # (R, K)
        hits += (np.abs(sums) >= least).sum(axis=0)
    return (1 + hits) / (1 + RESAMPLES)


def _slices(count: int) -> Iterator[int]:
    """Numbers of resamples of `count` queries, together `RESAMPLES`."""
    rows = max(1, _SLICE // count)
    for start in range(0, RESAMPLES, rows):
        yield min(rows, RESAMPLES - start)
