"""What a search and the generator say of a query: bounds, and what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from findling.synthesis.checks import (
    MOST_NEARER,
    TEACHER_DEPTH,
    Ranked,
    Searched,
    discrimination,
    information,
    round_trip,
    round_trip_depth,
    teacher_scores,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

reproducible = settings(derandomize=True, database=None, deadline=None)
VECTOR = np.array([1.0, 0.0], np.float32)


def found(*scores: float) -> Searched:
    ranking = [Ranked(f"p{place}", score, f"text {place}") for place, score in enumerate(scores, 1)]
    return Searched(ranking, VECTOR)


def test_a_passage_must_be_among_more_of_the_best_the_larger_the_corpus() -> None:
    sizes = (0, 50, 1_000, 10_000, 100_000, 10_000_000)
    assert [round_trip_depth(size) for size in sizes] == [3, 3, 3, 6, 10, 10]


@pytest.mark.parametrize(("own", "value", "passed"), [("p1", 1, True), ("p3", 3, True), ("p4", 4, False)])
def test_a_round_trip_says_at_which_place_the_passage_is(own: str, value: int, *, passed: bool) -> None:
    verdict = round_trip(own, found(4, 3, 2, 1), 500)
    assert (verdict.passed, verdict.value) == (passed, value)
    assert ("hit 4" in verdict.reason) is not passed


def test_a_passage_that_is_not_found_at_all_does_not_pass() -> None:
    verdict = round_trip("gone", found(4, 3), 500)
    assert (verdict.passed, verdict.value) == (False, 0)
    assert "not found" in verdict.reason


def test_a_query_that_fits_much_of_the_library_better_does_not_discriminate() -> None:
    own = np.array([0.6, 0.8], np.float32)
    far, near = np.array([0.0, 1.0], np.float32), np.array([0.9, 0.4], np.float32)

    def judged(count: int) -> tuple[bool, float | None]:
        verdict = discrimination(VECTOR, own, np.array([near] * count + [far] * (100 - count)))
        return verdict.passed, verdict.value

    limit = round(100 * MOST_NEARER)
    assert judged(0) == (True, 0.0)
    assert judged(limit) == (True, pytest.approx(MOST_NEARER))
    assert judged(limit + 1) == (False, pytest.approx(MOST_NEARER + 0.01))
    assert discrimination(VECTOR, own, np.empty((0, 2), np.float32)).passed
    assert discrimination(VECTOR, own, np.array([own])).passed  # a passage is not nearer than itself


def test_what_is_as_likely_without_the_passage_could_be_asked_of_anything() -> None:
    assert information(-10, -20, 5, 1.0).value == 2.0
    assert information(-10, -15, 5, 1.0).passed
    for worse in (information(-10, -14.9, 5, 1.0), information(-20, -10, 5, 1.0)):
        assert not worse.passed
        assert worse.reason
    assert not information(0, 0, 0, 1.0).passed


@reproducible
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=40))
@example([21.425328968284283] * 3)  # their mean is another number, by rounding
def test_teacher_scores_are_normalised_over_the_candidates(scores: list[float]) -> None:
    searched = found(*sorted(scores, reverse=True))
    taught = teacher_scores("q", searched, None)
    values = np.array([each.score for each in taught])
    if not taught:
        assert np.ptp(sorted(scores)[-TEACHER_DEPTH:]) < 1e-3
        return
    assert [each.passage_id for each in taught] == [each.passage_id for each in searched.ranking][:20]
    assert values.mean() == pytest.approx(0, abs=1e-3)
    assert values.std() == pytest.approx(1, abs=1e-3)
    assert (np.diff(values) <= 1e-3).all()


def test_a_cross_encoder_takes_the_place_of_the_search() -> None:
    def teacher(query: str, texts: Sequence[str]) -> np.ndarray:
        assert query == "q"
        return np.array([float(text[-1]) for text in texts], np.float32)

    taught = teacher_scores("q", found(3, 2, 1), teacher)
    assert [each.passage_id for each in taught] == ["p1", "p2", "p3"]
    assert taught[0].score < 0 < taught[2].score
    assert teacher_scores("q", found(3), teacher) == ()
    assert teacher_scores("q", found(2, 2, 2), None) == ()
