"""Retrieval metrics as trec_eval computes them, averaged over the judged queries.

A ranking is a list of document ids, best first, none of them twice; `Qrels` maps query id to document id to
grade. A grade above 0 is relevant, and a document without a grade counts as one of grade 0. Queries without
a relevant document are left out of every mean.
"""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from findling.evaluation.qrels import Qrels

#: What is measured, in the order of tables; each 0 … 1. `map` is trec_eval's, over the whole ranking, so that
#: only rankings of the same depth compare.
METRICS = ("ndcg@10", "mrr@10", "recall@10", "recall@100", "map")


def evaluate(run: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, float]:
    """Means of `METRICS`, each 0 … 1; a query that the run lacks counts as 0."""
    return means(evaluate_each(run, qrels).values())


def evaluate_each(run: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, dict[str, float]]:
    """`METRICS` by query, for all queries that have a relevant document; 0 for those that the run lacks."""
    return {query: measure(run.get(query, ()), qrels[query]) for query in answerable(qrels)}


def answerable(qrels: Qrels) -> list[str]:
    """The queries that have a relevant document: those that count."""
    return [query for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())]


def means(measured: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Mean of each of `METRICS` over queries; 0 of none."""
    rows = list(measured)
    return {name: sum(row[name] for row in rows) / len(rows) if rows else 0.0 for name in METRICS}


def measure(ranking: Sequence[str], grades: Mapping[str, int]) -> dict[str, float]:
    """`METRICS` of one ranking."""
    return {
        "ndcg@10": ndcg(ranking, grades, 10),
        "mrr@10": reciprocal_rank(ranking, grades, 10),
        "recall@10": recall(ranking, grades, 10),
        "recall@100": recall(ranking, grades, 100),
        "map": average_precision(ranking, grades),
    }


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """Normalised discounted cumulative gain with gain = grade and discount log2(rank + 1), as trec_eval's
    `ndcg_cut` (Järvelin and Kekäläinen 2002)."""
    gains = [max(0, grades.get(document, 0)) for document in ranking[:depth]]
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:depth]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """1 / rank of the first relevant document among the first `depth`, or 0."""
    for rank, document in enumerate(ranking[:depth], 1):
        if grades.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """Share of the relevant documents that are among the first `depth`."""
    relevant = {document for document, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranking[:depth])) / len(relevant) if relevant else 0.0


def average_precision(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Mean over the relevant documents of the precision at their rank, 0 for those not in the ranking: as
    trec_eval's `map` for one query."""
    relevant = sum(grade > 0 for grade in grades.values())
    found, total = 0, 0.0
    for rank, document in enumerate(ranking, 1):
        if grades.get(document, 0) > 0:
            found += 1
            total += found / rank
    return total / relevant if relevant else 0.0


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))
