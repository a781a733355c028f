"""Systems side by side: what each measures, and how each differs from one of them, the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from findling.errors import UserError
from findling.evaluation.metrics import METRICS, answerable, evaluate_each, means
from findling.evaluation.significance import Difference, differences_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from findling.evaluation.qrels import Qrels


@dataclass(frozen=True, slots=True)
class SystemResult:
    """What one system measures: its means, and by query, each metric 0 … 1."""

    name: str
    means: dict[str, float]
    by_query: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a system differs from the baseline in one metric."""

    system: str
    metric: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Systems measured by the same queries; a comparison for each system but the baseline, in each metric."""

    queries: tuple[str, ...]
    systems: tuple[SystemResult, ...]
    baseline: str
    comparisons: tuple[Comparison, ...]

    def system(self, name: str) -> SystemResult:
        """The system of that name."""
        return next(system for system in self.systems if system.name == name)

    def differences(self, query: str, metric: str) -> dict[str, float]:
        """What each system but the baseline has more than that one for one query, by system."""
        base = self.system(self.baseline).by_query[query][metric]
        return {
            system.name: system.by_query[query][metric] - base
            for system in self.systems
            if system.name != self.baseline
        }

    def worst_first(self, metric: str) -> list[str]:
        """The queries; first those for which some system loses most against the baseline, and of equal ones
        those that the systems answer worst."""

        def order(query: str) -> tuple[float, float]:
            return (
                min(self.differences(query, metric).values(), default=0.0),
                sum(system.by_query[query][metric] for system in self.systems),
            )

        return sorted(self.queries, key=order)


def baseline_among(systems: Iterable[str], wanted: str = "") -> str:
    """The system that others are compared with: `wanted`, or the first one where that is ""; there must be
    one. Raises `UserError` when it is none of them.
    """
    systems = list(systems)
    if wanted and wanted not in systems:
        raise UserError(f"No system is called {wanted!r}.", f"There are: {', '.join(systems)}.")
    return wanted or systems[0]


def compare_runs(
    runs: Mapping[str, Mapping[str, Sequence[str]]], qrels: Qrels, baseline: str = "", seed: int = 0
) -> Evaluation:
    """Measure each system's rankings by query, and compare all with the `baseline` (default: the first).

    Only queries with a relevant document count; one that a run lacks counts as 0. The tests are those of
    `findling.evaluation.significance`, without a correction for how many there are. Raises `UserError` for
    a baseline that is none of them, `ValueError` without a system or a query.
    """
    queries = tuple(answerable(qrels))
    if not runs or not queries:
        raise ValueError("nothing to compare")
    baseline = baseline_among(runs, baseline)
    systems: list[SystemResult] = []
    for name, run in runs.items():
        by_query = evaluate_each(run, qrels)
        systems.append(SystemResult(name, means(by_query.values()), by_query))
    return Evaluation(queries, tuple(systems), baseline, _comparisons(systems, baseline, queries, seed))


def _comparisons(
    systems: Sequence[SystemResult], baseline: str, queries: Sequence[str], seed: int
) -> tuple[Comparison, ...]:
    import numpy as np

    base = next(system for system in systems if system.name == baseline)
    pairs = [(system, metric) for system in systems if system is not base for metric in METRICS]
    if not pairs:
        return ()
    values = np.array(
        [
            [system.by_query[query][metric] - base.by_query[query][metric] for system, metric in pairs]
            for query in queries
        ],
        np.float64,
    )  # (Q, pairs)
    return tuple(
        Comparison(system.name, metric, difference)
        for (system, metric), difference in zip(pairs, differences_of(values, seed), strict=True)
    )
