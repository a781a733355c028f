"""Which passages are asked about: of every subject and document some, none twice, no boilerplate."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.synthesis.sampling import Spread, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from findling.store import PassageRow

reproducible = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # it only makes rows
)


def around(subject: int, count: int, random: np.random.Generator, width: float = 0.04) -> NDArray[np.float32]:
    """Vectors of a subject: near an axis of its own, and no two nearly the same."""
    vectors = random.normal(0, width, (count, 64))
    vectors[:, subject] += 1
    vectors[:, 20 + np.arange(count) % 40] += 0.35  # what is particular to each
    return np.float32(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def taken(rows: Sequence[PassageRow], vectors: NDArray[np.float32], most: int, seed: int = 0) -> Spread:
    return spread(rows, vectors, most, seed, CancelToken())


def test_a_small_subject_among_large_ones_has_more_than_its_share(a_row: Any) -> None:
    random = np.random.default_rng(1)
    sizes = (300, 300, 12)
    vectors = np.concatenate([around(subject, size, random, 0.12) for subject, size in enumerate(sizes)])
    rows = [a_row(n) for n in range(len(vectors))]
    subject = np.repeat(range(3), sizes)
    counts = Counter[int]()
    for seed in range(5):
        found = taken(rows, vectors, 100, seed)
        assert len(found.order) == 100
        assert set(subject[list(found.order[:40])].tolist()) == {0, 1, 2}  # from the beginning
        counts.update(subject[list(found.order)].tolist())
    assert counts[2] > 1.4 * 500 * 12 / sum(sizes)
    assert min(counts[0], counts[1]) > 150


def test_the_same_seed_gives_the_same_passages_and_another_others(a_row: Any) -> None:
    vectors = around(0, 120, np.random.default_rng(2), 0.15)
    rows = [a_row(n) for n in range(120)]
    one, again, other = (taken(rows, vectors, 40, seed) for seed in (5, 5, 6))
    assert one.order == again.order
    assert (one.clusters == again.clusters).all()
    assert set(one.order) != set(other.order)


@reproducible
@given(
    st.lists(st.integers(0, 6), min_size=0, max_size=60),
    st.integers(1, 80),
    st.integers(0, 3),
)
def test_none_is_taken_twice_and_all_are_if_there_is_room(
    a_row: Any, documents: list[int], most: int, seed: int
) -> None:
    vectors = around(0, len(documents), np.random.default_rng(seed), 0.2)
    rows = [a_row(n, document=f"d{document}") for n, document in enumerate(documents)]
    found = taken(rows, vectors, most, seed)
    assert len(set(found.order)) == len(found.order)
    assert len(found.order) + found.passed_over.get("nearly the same as another", 0) >= min(most, len(rows))
    assert found.clusters.shape == (len(rows),)
    assert all(0 <= cluster < found.count for cluster in found.clusters.tolist())


def test_a_long_document_does_not_crowd_out_short_ones(a_row: Any) -> None:
    vectors = around(0, 200, np.random.default_rng(3), 0.2)
    documents = ["long"] * 160 + [f"short{n // 2}" for n in range(40)]
    rows = [a_row(n, document=document) for n, document in enumerate(documents)]
    first = Counter(documents[place] for place in taken(rows, vectors, 42).order)
    assert len(first) > 18
    assert first["long"] <= 4  # twice what each of 21 would have
    most = Counter(documents[place] for place in taken(rows, vectors, 120).order)
    assert len(most) == 21  # all of what is short comes before the rest of what is long
    assert sum(most.values()) == 120


def test_what_is_nearly_the_same_is_asked_about_once(a_row: Any) -> None:
    vectors = around(0, 10, np.random.default_rng(4), 0.2)
    doubled = np.concatenate([vectors, vectors[:4]])
    rows = [a_row(n % 10, document=f"d{n % 10}") for n in range(14)]
    found = taken(rows, doubled, 14)
    assert len(found.order) == 10
    assert len({place % 10 for place in found.order}) == 10
    assert found.passed_over == {"nearly the same as another": 4}


def test_what_several_documents_have_alike_is_boilerplate(a_row: Any) -> None:
    vectors = around(0, 20, np.random.default_rng(5), 0.2)
    vectors[[3, 8, 15]] = vectors[3]
    rows = [a_row(n) for n in range(20)]
    found = taken(rows, vectors, 20)
    assert not {3, 8, 15} & set(found.order)
    assert found.passed_over == {"boilerplate": 3}
    within_one = [a_row(n, document="d" if n in (3, 8, 15) else f"d{n}") for n in range(20)]
    assert taken(within_one, vectors, 20).passed_over == {"nearly the same as another": 2}


PROSE = "The haul rope of the lift is inspected every other year by people who know what they do."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PROSE, ""),
        ("Too short to ask about.", "too short"),
        ("1 024 | 3.75 | 88 | 2019-04-01 | 17 % | 4,400 | 0.25 | total 9 981 " * 4, "few letters"),
        ("Ropes . . . . . . . . . . . . . . . 12\nPylons . . . . . . . . . . . . . . . . 14", "few letters"),
        (
            "索道のロープは二年ごとに磁気探傷で検査され、断線が多い場合は次の季節の前に交換または短縮される必要がある。",
            "",
        ),
        ("索道のロープは二年ごとに検査される。", "too short"),
        ("Het kabelbaankabeltje wordt elke twee jaar gekeurd en bij veel breuken meteen vervangen.", ""),
        ("", "too short"),
    ],
)
def test_only_of_a_passage_that_says_something_anything_is_asked(a_row: Any, text: str, reason: str) -> None:
    row = a_row(1, text or "x")
    if not text:
        row = a_row(1, " ")
    found = taken([row], around(0, 1, np.random.default_rng(6)), 5)
    assert found.passed_over == ({reason: 1} if reason else {})
    assert found.order == (() if reason else (0,))


def test_of_a_part_alone_what_all_have_alike_is_boilerplate_still(a_row: Any) -> None:
    random = np.random.default_rng(4)
    vectors = around(0, 40, random, 0.12)
    vectors[:6] = vectors[0]  # six documents have it
    rows = [a_row(n) for n in range(40)]
    only = [0, *range(20, 30)]
    found = spread(rows, vectors, 40, 0, CancelToken(), only)
    assert set(found.order) == set(range(20, 30))
    assert found.passed_over == {"boilerplate": 1}
    assert len(found.clusters) == 40


def test_nothing_comes_of_nothing_and_a_cancel_is_obeyed(a_row: Any) -> None:
    nothing = taken([], np.empty((0, 64), np.float32), 5)
    assert (nothing.order, nothing.passed_over) == ((), {})
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        spread([a_row(1)], around(0, 1, np.random.default_rng(7)), 5, 0, cancel)
