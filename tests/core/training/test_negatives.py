"""Hard negatives are near the query and do not answer it, as far as anybody can tell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.training import negatives as negatives_module
from findling.training.negatives import FROM_MEANING, MOST_OF_POSITIVE, SAME, Leg, Mined, Reason, mine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]


def unit(values: NDArray[Any]) -> Vectors:
    return np.float32(values / np.linalg.norm(values, axis=-1, keepdims=True))


def corpus(
    queries: int, passages: int, seed: int = 0, dim: int = 24
) -> tuple[Vectors, list[int], Vectors, list[str]]:
    """Queries near their positives, passages of documents of five."""
    chance = np.random.default_rng(seed)
    vectors = unit(chance.normal(size=(passages, dim)))
    positives = chance.choice(passages, queries, replace=False).tolist()
    asked = unit(vectors[positives] + 0.6 * unit(chance.normal(size=(queries, dim))))
    return asked, positives, vectors, [f"d{place // 5}" for place in range(passages)]


def mined(
    asked: Vectors, positives: Sequence[int], vectors: Vectors, groups: Sequence[str], **options: Any
) -> Mined:
    texts = options.pop("texts", [f"query {row}" for row in range(len(asked))])
    passage_texts = options.pop("passage_texts", [f"passage {place}" for place in range(len(vectors))])
    return mine(
        texts,
        asked,
        positives,
        vectors,
        passage_texts,
        groups,
        **({"count": 4, "seed": 1} | options),
    )


@pytest.mark.parametrize("cells", [1, 2000, 10**9])
def test_it_finds_what_a_comparison_of_all_finds(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(negatives_module, "_CELLS", cells)  # a row at a time, a few, all
    asked, positives, vectors, groups = corpus(40, 400)
    found = mined(asked, positives, vectors, groups, count=1000)
    scores = asked @ vectors.T
    for row, positive in enumerate(positives):
        others = [place for place in range(400) if groups[place] != groups[positive]]
        nearest = sorted(others, key=lambda place: -scores[row, place])[:FROM_MEANING]
        most = MOST_OF_POSITIVE * scores[row, positive]
        usable = [
            place
            for place in nearest
            if scores[row, place] <= most and vectors[place] @ vectors[positive] < SAME
        ]
        assert [each.place for each in found.negatives[row]] == usable
        assert {each.place for each in found.dropped[row]} == set(nearest) - set(usable)
        assert [each.score for each in found.negatives[row]] == pytest.approx(scores[row, usable], abs=1e-5)
        assert {each.rank: each.place for each in (*found.negatives[row], *found.dropped[row])} == dict(
            enumerate(nearest)
        )


def test_a_planted_false_negative_is_left_out_and_said_why() -> None:
    asked, positives, vectors, groups = corpus(30, 300, seed=2)
    texts = [f"passage {place}" for place in range(300)]
    groups += ["other"] * 3
    # Beside the corpus: one that answers the first query even better, a near-duplicate of the second's
    # positive, and the words of the third's, embedded otherwise.
    better = asked[0]
    chance = np.random.default_rng(3)
    near = unit(vectors[positives[1]] + 0.1 * unit(chance.normal(size=24)))
    # 0.7 of the way to the query is near enough to be found, and not so near that it probably answers.
    away = unit(chance.normal(size=24))
    away = unit(away - (away @ asked[2]) * asked[2])
    again = np.float32(0.7 * asked[2] + np.sqrt(1 - 0.49) * away)
    vectors = np.concatenate([vectors, better[None], near[None], again[None]])
    texts += ["the better answer", "nearly as it was", f"PASSAGE  {positives[2]}"]
    found = mined(asked, positives, vectors, groups, passage_texts=texts, count=1000)
    reasons = [{each.place: each.reason for each in dropped} for dropped in found.dropped]
    assert reasons[0][300] is Reason.PROBABLY_ANSWERS
    assert reasons[1][301] is Reason.NEAR
    assert reasons[2][302] is Reason.SAME_TEXT
    for row, place in ((0, 300), (1, 301), (2, 302)):
        assert place not in {each.place for each in found.negatives[row]}
    assert found.reasons[Reason.NEAR] == sum(
        each.reason is Reason.NEAR for dropped in found.dropped for each in dropped
    )
    assert found.reasons[Reason.PROBABLY_ANSWERS] >= 1


def test_the_rest_of_the_document_is_never_a_negative_and_crowds_out_none() -> None:
    asked, _, vectors, groups = corpus(3, 200, seed=4)
    # A document has more passages near the query than are looked at, a bit less near than its positive.
    chance = np.random.default_rng(5)
    book = unit(asked[0] + 0.75 * unit(chance.normal(size=(60, 24))))
    book[0] = unit(asked[0] + 0.05 * unit(chance.normal(size=24)))
    groups = ["book"] * 60 + groups
    vectors = np.concatenate([book, vectors])

    def by_words(query: str, count: int) -> list[int]:
        return list(range(count))

    found = mined(asked[:1], [0], vectors, groups, keyword=by_words, count=1000)
    assert len(found.negatives[0]) >= 20
    assert all(each.place >= 60 for each in (*found.negatives[0], *found.dropped[0]))


def test_both_legs_are_asked_and_each_passage_comes_once() -> None:
    asked, positives, vectors, groups = corpus(5, 300, seed=6)
    scores = asked @ vectors.T
    far, near = int(np.argmin(scores[0])), int(np.argsort(-scores[0])[12])
    calls: list[tuple[str, int]] = []

    def by_words(query: str, count: int) -> list[int]:
        calls.append((query, count))
        return [far, near, positives[0], *range(100, 300)] if query == "query 0" else []

    found = mined(asked, positives, vectors, groups, keyword=by_words, count=1000)
    legs = {each.place: each.leg for each in (*found.negatives[0], *found.dropped[0])}
    assert legs[far] is Leg.WORDS
    assert legs[near] is Leg.BOTH
    assert sum(leg is not Leg.MEANING for leg in legs.values()) <= 10
    assert found.negatives[0][-1].place == far  # in the order of the cosine
    assert calls == [(f"query {row}", 10) for row in range(5)]
    places = [each.place for each in (*found.negatives[0], *found.dropped[0])]
    assert len(places) == len(set(places))


def test_a_teacher_has_the_last_word_where_it_has_seen_both() -> None:
    asked, positives, vectors, groups = corpus(2, 300, seed=7)
    plain = mined(asked, positives, vectors, groups, count=1000)
    cheap, dear = plain.negatives[0][3].place, plain.negatives[0][5].place
    unseen = plain.negatives[0][7].place
    vectors = np.concatenate([vectors, asked[:1]])  # by its cosine it answers
    teacher = {positives[0]: -0.5, cheap: -0.51, dear: -2.0, 300: -3.0}
    found = mined(asked, positives, vectors, [*groups, "other"], count=1000, teachers=[teacher, {}])
    used = {each.place: each for each in found.negatives[0]}
    reasons = {each.place: each.reason for each in found.dropped[0]}
    assert reasons[cheap] is Reason.PROBABLY_ANSWERS
    assert {dear, 300, unseen} <= set(used)
    assert used[300].teacher == -3.0
    assert used[unseen].teacher is None
    # A passage alone says nothing without the positive's score.
    alone = mined(asked, positives, vectors, [*groups, "other"], count=1000, teachers=[{300: -3.0}, {}])
    assert 300 not in {each.place for each in alone.negatives[0]}


def test_another_answer_to_the_same_query_is_no_negative() -> None:
    asked, positives, vectors, groups = corpus(2, 100, seed=8)
    asked[1] = asked[0]
    other = int(np.argsort(-(vectors @ asked[0]))[15])
    assert groups[other] != groups[positives[0]]
    found = mined(asked, [positives[0], other], vectors, groups, texts=["Opening  hours", "opening hours"])
    reasons = {each.place: each.reason for each in found.dropped[0]}
    assert reasons[other] is Reason.POSITIVE
    assert other not in {each.place for each in found.negatives[0]}


def test_so_many_are_drawn_spread_over_the_ranks_the_same_under_a_seed() -> None:
    asked, positives, vectors, groups = corpus(60, 600, seed=9)
    one, again, other = (mined(asked, positives, vectors, groups, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one.negatives != other.negatives
    everything = mined(asked, positives, vectors, groups, count=1000).negatives
    quarters = 0
    drawn_ranks: set[tuple[int, ...]] = set()
    for drawn, usable in zip(one.negatives, everything, strict=True):
        assert len(drawn) == min(4, len(usable))
        order = [each.place for each in usable]
        ranks = [order.index(each.place) * 4 // len(order) for each in drawn]
        quarters += ranks == [0, 1, 2, 3]
        drawn_ranks.add(tuple(order.index(each.place) for each in drawn))
    assert len(drawn_ranks) > 40  # not the same ranks for all
    assert quarters > 40  # borders fall between ranks where these are no multiple of four
    # What one query gets does not depend on those after it.
    assert mined(asked[:20], positives[:20], vectors, groups).negatives == one.negatives[:20]


def test_fifty_thousand_passages_take_seconds() -> None:
    asked, positives, vectors, groups = corpus(1000, 50_000, dim=64)
    started = time.process_time()
    found = mined(asked, positives, vectors, groups)
    assert time.process_time() - started < 20
    assert all(len(each) <= 4 for each in found.negatives)


def test_what_does_not_fit_together_is_refused_and_a_cancel_obeyed() -> None:
    asked, positives, vectors, groups = corpus(3, 50)
    with pytest.raises(ValueError, match="differ"):
        mined(asked, positives[:2], vectors, groups)
    with pytest.raises(ValueError, match="differ"):
        mined(asked, positives, vectors, groups[:-1])
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        mined(asked, positives, vectors, groups, cancel=cancel)
