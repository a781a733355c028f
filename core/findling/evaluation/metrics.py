"""Retrieval metrics as trec_eval computes them, averaged over the judged queries.

A ranking is a list of document ids, best first; `Qrels` maps query id to document id to grade. A grade
above 0 is relevant. Queries without a relevant document are left out of every mean.
"""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from findling.evaluation.collection import Qrels


def evaluate(run: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, float]:
    """Means of nDCG@10, MRR@10 and recall@100, each 0 … 1; a query that the run lacks counts as 0."""
    judged = {query: grades for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
    if not judged:
        return {"ndcg@10": 0.0, "mrr@10": 0.0, "recall@100": 0.0}
    count = len(judged)
    return {
        "ndcg@10": sum(ndcg(run.get(query, ()), judged[query], 10) for query in judged) / count,
        "mrr@10": sum(reciprocal_rank(run.get(q, ()), judged[q], 10) for q in judged) / count,
        "recall@100": sum(recall(run.get(query, ()), judged[query], 100) for query in judged) / count,
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


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))
