"""Systems side by side."""

from __future__ import annotations

import pytest

from findling.errors import UserError
from findling.evaluation import METRICS, compare_runs, evaluate

QRELS = {"1": {"a": 1}, "2": {"b": 2, "c": 1}, "3": {"d": 1}, "unanswerable": {"a": 0}}
GOOD = {"1": ["a"], "2": ["b", "c"], "3": ["x", "d"], "unanswerable": ["a"]}
POOR = {"1": ["x", "a"], "2": ["x", "c", "b"], "3": ["d"]}


def test_systems_are_measured_and_compared_with_the_first() -> None:
    found = compare_runs({"good": GOOD, "poor": POOR, "same": GOOD}, QRELS)
    assert found.queries == ("1", "2", "3")
    assert found.baseline == "good"
    assert found.system("poor").means == evaluate(POOR, QRELS)
    assert [(one.system, one.metric) for one in found.comparisons] == [
        (name, metric) for name in ("poor", "same") for metric in METRICS
    ]
    differences = {(one.system, one.metric): one.difference for one in found.comparisons}
    poor = differences["poor", "mrr@10"]
    assert poor.mean == pytest.approx((-0.5 - 0.5 + 0.5) / 3)
    assert (poor.wins, poor.ties, poor.losses) == (1, 0, 2)
    assert differences["same", "map"].p == 1


def test_another_baseline_turns_the_sign() -> None:
    forth = compare_runs({"good": GOOD, "poor": POOR}, QRELS)
    back = compare_runs({"good": GOOD, "poor": POOR}, QRELS, baseline="poor")
    assert [one.system for one in back.comparisons] == ["good"] * len(METRICS)
    for one, other in zip(forth.comparisons, back.comparisons, strict=True):
        assert one.difference.mean == pytest.approx(-other.difference.mean)
        assert one.difference.p == other.difference.p
    with pytest.raises(UserError, match=r"No system is called 'god'. There are: good, poor"):
        compare_runs({"good": GOOD, "poor": POOR}, QRELS, baseline="god")


def test_the_biggest_losses_come_first() -> None:
    found = compare_runs({"good": GOOD, "poor": POOR}, QRELS)
    assert found.differences("1", "mrr@10") == {"poor": -0.5}
    assert found.worst_first("mrr@10") == ["1", "2", "3"]
    assert found.worst_first("ndcg@10") == ["2", "1", "3"]
    assert compare_runs({"poor": POOR}, QRELS).worst_first("ndcg@10")[-1] == "3"


def test_nothing_is_not_compared() -> None:
    with pytest.raises(ValueError, match="nothing"):
        compare_runs({}, QRELS)
    with pytest.raises(ValueError, match="nothing"):
        compare_runs({"good": GOOD}, {"unanswerable": {"a": 0}})
