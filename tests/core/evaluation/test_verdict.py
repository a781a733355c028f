"""The judge: planted gains are accepted, chance and harm are not, and each verdict ends where it should."""

from __future__ import annotations

import numpy as np
import pytest

from findling.evaluation import Decision, Difference, Forgetting, Qrels, Run, Verdict, compare_runs, decide
from findling.evaluation.significance import differences_of

ACCEPTED = {Verdict.BETTER, Verdict.PROBABLY_BETTER}


def difference(mean: float, low: float, high: float, n: int = 225, smallest: float = 0.04) -> Difference:
    return Difference(mean, low, high, 0.01, n - 2, 1, 1, smallest)


def kept(*, passed: bool) -> Forgetting:
    return Forgetting(
        83.9, 80.1, Difference(-3.8, -5.0, -2.6, 0.0001, 10, 413, 100, 1.7), 0.9, 0.7, passed=passed
    )


def rankings(ranks: np.ndarray) -> tuple[Run, Qrels]:
    """Runs in which the only relevant document of each query has that rank, from 0."""
    qrels: Qrels = {str(query): {"right": 1} for query in range(len(ranks))}
    return {
        str(query): [*(f"wrong {n}" for n in range(rank)), "right"][:100] for query, rank in enumerate(ranks)
    }, qrels


def judged(base: np.ndarray, tuned: np.ndarray, seed: int) -> Decision:
    """What is decided on the two rankings, through the comparison that a run of tuning makes."""
    (before, qrels), (after, _) = rankings(base), rankings(tuned)
    found = compare_runs({"base": before, "tuned": after}, qrels, "base", seed)
    [ndcg] = [one.difference for one in found.comparisons if one.metric == "ndcg@10"]
    return decide(ndcg, real=True, base=found.system("base").means["ndcg@10"])


@pytest.mark.parametrize("seed", range(10))
def test_poison_is_declined_and_a_planted_gain_accepted(seed: int) -> None:
    chance = np.random.default_rng(seed)
    base = chance.geometric(0.3, 225) - 1
    shuffled = chance.permutation(base) + chance.integers(0, 3, 225)  # of other queries, and a little worse
    assert judged(base, shuffled, seed).verdict not in ACCEPTED
    gain = np.where(chance.random(225) < 0.3, base // 2, base)
    assert judged(base, gain, seed).verdict == Verdict.BETTER


def test_what_is_chance_is_seldom_taken_for_a_gain() -> None:
    chance = np.random.default_rng(1)
    for spread in (0.005, 0.05, 0.25):
        found = [
            decide(one, real=True).verdict for one in differences_of(chance.normal(0, spread, (300, 400)))
        ]
        assert np.mean([verdict == Verdict.BETTER for verdict in found]) < 0.05
        assert np.mean([verdict in ACCEPTED for verdict in found]) < 0.22


@pytest.mark.parametrize(
    ("found", "verdict", "words"),
    [
        (difference(0.02, 0.0001, 0.04), Verdict.BETTER, "Finds the right document more often: "),
        (difference(0.02, 0.0, 0.04), Verdict.PROBABLY_BETTER, "Probably finds"),
        (difference(0.012, -0.0099, 0.03), Verdict.PROBABLY_BETTER, "Probably finds"),
        (difference(0.012, -0.01, 0.03), Verdict.KEEP_BASE, "The gain may be chance"),
        (difference(0.002, -0.0019, 0.006), Verdict.PROBABLY_BETTER, "Probably finds"),
        (difference(0.002, -0.002, 0.006), Verdict.KEEP_BASE, "The gain may be chance"),
        (difference(0.0, 0.0, 0.0), Verdict.KEEP_BASE, "Does not find the right document more often"),
        (difference(-0.001, -0.005, 0.003), Verdict.KEEP_BASE, "Does not find"),
        (difference(-0.02, -0.03, -0.01), Verdict.KEEP_BASE, "Finds the right document less often"),
        (difference(0.02, 0.01, 0.03, n=49), Verdict.CANNOT_TELL, "Too few questions"),
        (difference(-0.2, -0.3, -0.1, n=49), Verdict.CANNOT_TELL, "Too few questions"),
        (difference(0.02, 0.01, 0.03, n=50), Verdict.BETTER, "Finds"),
        (
            difference(0.06, -0.005, 0.14, smallest=0.101),
            Verdict.CANNOT_TELL,
            "Too few questions to tell, 0.101",
        ),
        (difference(0.06, -0.005, 0.14, smallest=0.1), Verdict.PROBABLY_BETTER, "Probably finds"),
        (difference(0.15, 0.01, 0.3, smallest=0.2), Verdict.BETTER, "Finds"),
        (difference(-0.15, -0.3, -0.01, smallest=0.2), Verdict.KEEP_BASE, "Finds the right document less"),
    ],
)
def test_each_verdict_ends_where_it_should(found: Difference, verdict: Verdict, words: str) -> None:
    decision = decide(found, real=True)
    assert decision.verdict == verdict
    assert decision.reason.startswith(words)
    assert (decision.mean, decision.low, decision.high) == (found.mean, found.low, found.high)
    assert decision.queries == found.wins + found.ties + found.losses


def test_a_single_question_tells_nothing() -> None:
    assert decide(Difference(0.5, 0.5, 0.5, 1, 1, 0, 0, None), real=True).verdict == Verdict.CANNOT_TELL


def test_the_reason_has_the_figures_and_says_what_was_asked() -> None:
    found = difference(0.023, 0.009, 0.037)
    assert decide(found, real=True, base=0.498).reason == (
        "Finds the right document more often: nDCG@10 0.498 → 0.521 over 225 judged questions "
        "(95 %: +0.009 … +0.037)."
    )
    generated = decide(found, real=False)
    assert "nDCG@10 +0.023 over 225 generated questions (95 %: +0.009 … +0.037)" in generated.reason
    assert "upper bound" in generated.reason
    assert not generated.real


def test_whoever_forgets_is_declined_whatever_is_gained() -> None:
    gain = difference(0.1, 0.08, 0.12)
    declined = decide(gain, real=True, forgetting=kept(passed=False))
    assert declined.verdict == Verdict.KEEP_BASE
    assert declined.reason == (
        "Forgets too much of what it knew: nDCG@10 83.9 → 80.1 points over 523 general questions "
        "(95 %: -5.0 … -2.6)."
    )
    assert decide(gain, real=True, forgetting=kept(passed=True)).verdict == Verdict.BETTER


def test_a_failed_check_ends_it_before_all_else() -> None:
    stopped = decide(
        difference(0.1, 0.08, 0.12, n=10),
        real=True,
        forgetting=kept(passed=False),
        hard_stops=["it is the base", "the graph differs from the model by 0.02"],
    )
    assert stopped.verdict == Verdict.KEEP_BASE
    assert stopped.reason == (
        "The tuned model is not used: it is the base; the graph differs from the model by 0.02."
    )
