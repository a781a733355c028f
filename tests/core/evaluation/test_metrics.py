"""Metrics agree with ir_measures, which computes them by trec_eval."""

from __future__ import annotations

import random
import time

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import AP, RR, R, nDCG

from findling.evaluation import METRICS, evaluate
from findling.evaluation.metrics import (
    average_precision,
    evaluate_each,
    measure,
    ndcg,
    recall,
    reciprocal_rank,
)

PEERS = {"ndcg@10": nDCG @ 10, "mrr@10": RR @ 10, "recall@10": R @ 10, "recall@100": R @ 100, "map": AP}
NAMES = st.sampled_from([f"d{number}" for number in range(40)])


def scored(run: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    return {query: {d: -float(rank) for rank, d in enumerate(ranking)} for query, ranking in run.items()}


@pytest.mark.parametrize("seed", range(12))
def test_random_rankings_measure_as_in_ir_measures(seed: int) -> None:
    chance = random.Random(seed)
    documents = [f"d{number}" for number in range(300)]
    qrels: dict[str, dict[str, int]] = {}
    run: dict[str, list[str]] = {"of another set": ["d1", "d2"]}
    for number in range(25):
        query = f"q{number}"
        judged = chance.sample(documents, chance.randrange(1, 150 if seed % 2 else 8))
        qrels[query] = {document: chance.randrange(-2, 4) for document in judged}
        qrels[query][judged[0]] = chance.randrange(1, 4)
        if number % 9 != 8:  # a few queries have no ranking at all
            run[query] = chance.sample(documents, chance.choice([1, 5, 30, 150]))
    expected = ir_measures.calc_aggregate(PEERS.values(), qrels, scored(run))
    measured = evaluate(run, qrels)
    assert tuple(measured) == METRICS == tuple(PEERS)
    for name, peer in PEERS.items():
        assert measured[name] == pytest.approx(expected[peer], abs=1e-9), name


@settings(deadline=None, max_examples=150)
@given(
    st.dictionaries(NAMES, st.integers(-2, 4), min_size=1, max_size=30).filter(
        lambda grades: max(grades.values()) > 0
    ),
    st.lists(NAMES, unique=True, min_size=1),
)
def test_any_query_measures_as_in_ir_measures(grades: dict[str, int], ranking: list[str]) -> None:
    found = ir_measures.iter_calc(PEERS.values(), {"q": grades}, scored({"q": ranking}))
    expected = {metric.measure: metric.value for metric in found}
    assert measure(ranking, grades) == pytest.approx(
        {name: expected[peer] for name, peer in PEERS.items()}, abs=1e-9
    )


def test_a_perfect_ranking_measures_1_and_a_useless_one_0() -> None:
    qrels = {"q": {"a": 3, "b": 1, "c": 0}}
    assert evaluate({"q": ["a", "b"]}, qrels) == dict.fromkeys(METRICS, 1.0)
    assert evaluate({"q": ["c", "x"]}, qrels) == dict.fromkeys(METRICS, 0.0)


def test_queries_without_a_relevant_document_count_in_no_mean() -> None:
    qrels = {"q": {"a": 1}, "empty": {}, "none": {"a": 0, "b": -1}}
    assert evaluate({"q": ["a"], "none": ["a"]}, qrels)["ndcg@10"] == 1.0
    assert list(evaluate_each({}, qrels)) == ["q"]
    assert evaluate({}, {"none": {"a": 0}}) == dict.fromkeys(METRICS, 0.0)


def test_what_lies_below_the_depth_does_not_count() -> None:
    ranking = [f"d{number}" for number in range(20)]
    grades = {"d10": 2}
    assert ndcg(ranking, grades, 10) == 0
    assert reciprocal_rank(ranking, grades, 10) == 0
    assert recall(ranking, grades, 10) == 0
    assert reciprocal_rank(ranking, grades, 11) == 1 / 11
    assert recall(ranking, grades, 11) == 1
    assert average_precision(ranking, grades) == 1 / 11


def test_average_precision_counts_what_was_not_found() -> None:
    grades = {"a": 1, "b": 3, "c": 1, "d": 0, "e": -1}
    assert average_precision(["a", "e", "d", "b"], grades) == pytest.approx((1 / 1 + 2 / 4 + 0) / 3)


def test_no_judgement_measures_nothing() -> None:
    assert measure(["a"], {}) == dict.fromkeys(METRICS, 0)


def test_ten_thousand_queries_take_about_a_second() -> None:
    ranking = [f"d{number}" for number in range(100)]
    run = {f"q{number}": ranking for number in range(10_000)}
    qrels = {query: {"d3": 1, "d40": 2, "x": 1} for query in run}
    started = time.process_time()
    assert evaluate(run, qrels)["recall@100"] == pytest.approx(2 / 3)
    assert time.process_time() - started < 10  # a second on an idle machine
