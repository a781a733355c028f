"""Metrics agree with ir_measures, which computes them by trec_eval."""

from __future__ import annotations

import random

import ir_measures
import pytest
from ir_measures import RR, R, nDCG

from findling.evaluation import evaluate
from findling.evaluation.metrics import ndcg, recall, reciprocal_rank

_PEERS = {"ndcg@10": nDCG @ 10, "mrr@10": RR @ 10, "recall@100": R @ 100}


@pytest.mark.parametrize("seed", range(12))
def test_random_rankings_measure_as_in_ir_measures(seed: int) -> None:
    chance = random.Random(seed)
    documents = [f"d{number}" for number in range(300)]
    qrels: dict[str, dict[str, int]] = {}
    run: dict[str, list[str]] = {}
    for number in range(25):
        query = f"q{number}"
        judged = chance.sample(documents, chance.randrange(1, 150 if seed % 2 else 8))
        qrels[query] = {document: chance.randrange(4) for document in judged}
        qrels[query][judged[0]] = chance.randrange(1, 4)
        if number % 9 != 8:  # a few queries have no ranking at all
            run[query] = chance.sample(documents, chance.choice([1, 5, 30, 150]))
    scored = {query: {d: -float(rank) for rank, d in enumerate(ranking)} for query, ranking in run.items()}
    expected = ir_measures.calc_aggregate(_PEERS.values(), qrels, scored)
    measured = evaluate(run, qrels)
    assert set(measured) == set(_PEERS)
    for name, peer in _PEERS.items():
        assert measured[name] == pytest.approx(expected[peer], abs=1e-9), name


def test_a_perfect_ranking_measures_1_and_a_useless_one_0() -> None:
    qrels = {"q": {"a": 3, "b": 1, "c": 0}}
    assert evaluate({"q": ["a", "b"]}, qrels) == {"ndcg@10": 1.0, "mrr@10": 1.0, "recall@100": 1.0}
    assert evaluate({"q": ["c", "x"]}, qrels) == {"ndcg@10": 0.0, "mrr@10": 0.0, "recall@100": 0.0}


def test_queries_without_a_relevant_document_count_in_no_mean() -> None:
    qrels = {"q": {"a": 1}, "empty": {}, "none": {"a": 0, "b": -1}}
    assert evaluate({"q": ["a"], "none": ["a"]}, qrels)["ndcg@10"] == 1.0
    assert evaluate({}, {"none": {"a": 0}}) == {"ndcg@10": 0.0, "mrr@10": 0.0, "recall@100": 0.0}


def test_what_lies_below_the_depth_does_not_count() -> None:
    ranking = [f"d{number}" for number in range(20)]
    grades = {"d10": 2}
    assert ndcg(ranking, grades, 10) == 0
    assert reciprocal_rank(ranking, grades, 10) == 0
    assert recall(ranking, grades, 10) == 0
    assert reciprocal_rank(ranking, grades, 11) == 1 / 11
    assert recall(ranking, grades, 11) == 1


def test_no_judgement_measures_nothing() -> None:
    assert (ndcg(["a"], {}, 10), recall(["a"], {}, 10), reciprocal_rank(["a"], {}, 10)) == (0, 0, 0)
