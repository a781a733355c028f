"""Splits keep apart what belongs apart: no cluster of near-duplicates on two sides."""

from __future__ import annotations

import random
import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.resemblance import NEAR_DUPLICATE, resemblance, signature_of
from findling.training.splits import groups_of, split

reproducible = settings(derandomize=True, database=None, deadline=None, max_examples=60)


def words_of(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    return [f"word{chance.randrange(4000)}" for _ in range(count)]


def altered(words: list[str], times: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    changed = [*words]
    for _ in range(times):
        changed[chance.randrange(len(changed))] = f"other{chance.randrange(4000)}"
    return changed


@reproducible
@given(st.sets(st.text(max_size=8), max_size=60), st.integers(0, 5), st.sampled_from([0.7, 0.5, 0.9]))
def test_every_group_is_on_one_side_the_same_under_a_seed(groups: set[str], seed: int, train: float) -> None:
    shares = (train, (1 - train) / 3, (1 - train) * 2 / 3)
    found = split(groups, seed=seed, shares=shares)
    assert found.train | found.dev | found.test == groups
    assert len(found.train) + len(found.dev) + len(found.test) == len(groups)
    assert split(sorted(groups, reverse=True) + sorted(groups), seed=seed, shares=shares) == found
    if len(groups) >= 3:
        assert found.train
        assert found.dev
        assert found.test


def test_one_group_is_trained_on_and_a_second_one_tests() -> None:
    assert split([], seed=1) == split([], seed=2)
    one, two = split(["a"], seed=1), split(["a", "b"], seed=1)
    assert (len(one.train), len(one.dev), len(one.test)) == (1, 0, 0)
    assert (len(two.train), len(two.dev), len(two.test)) == (1, 0, 1)


def test_sides_have_about_their_shares_and_another_seed_gives_others() -> None:
    groups = [f"document {number}" for number in range(3000)]
    one, other = split(groups, seed=1), split(groups, seed=2)
    for found in (one, other):
        assert len(found.dev) == pytest.approx(300, abs=60)
        assert len(found.test) == pytest.approx(600, abs=80)
    assert len(one.test & other.test) == pytest.approx(120, abs=50)  # a fifth of a fifth


@pytest.mark.parametrize("seed", range(20))
def test_few_groups_still_give_each_side_half_of_its_share(seed: int) -> None:
    found = split(map(str, range(20)), seed=seed)
    assert len(found.train) >= 7
    assert len(found.dev) >= 1
    assert len(found.test) >= 2


def test_a_group_that_is_added_moves_no_other() -> None:
    groups = [f"document {number}" for number in range(400)]
    before = split(groups[:300], seed=3)
    after = split(groups, seed=3)
    assert before.train < after.train
    assert before.dev < after.dev
    assert before.test < after.test


def test_a_side_that_is_not_wanted_stays_empty_and_no_shares_are_refused() -> None:
    found = split(map(str, range(50)), seed=1, shares=(0.9, 0.1, 0.0))
    assert not found.test
    assert found.dev
    for shares in ((0.7, 0.2, 0.2), (1.2, -0.2, 0.0), (0.0, 0.5, 0.5)):
        with pytest.raises(ValueError, match="no shares"):
            split(["a"], seed=1, shares=shares)


@settings(reproducible, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), st.integers(0, 99)), max_size=40))
def test_near_duplicates_are_never_apart_and_clusters_hang_together(made: list[tuple[int, int, int]]) -> None:
    documents = {
        f"d{number}": " ".join(altered(words_of(text, 150), times, seed))
        for number, (text, times, seed) in enumerate(made)
    }
    groups = groups_of(documents)
    assert set(groups) == set(documents)
    signatures = {each: signature_of(text) for each, text in documents.items()}
    near = [
        (one, other)
        for one, other in combinations(documents, 2)
        if resemblance(signatures[one], signatures[other]) >= NEAR_DUPLICATE
    ]
    # Clusters by brute force: what is near takes the name of the least, until nothing changes.
    expected = {each: each for each in documents}
    for _ in documents:
        for one, other in near:
            expected[one] = expected[other] = min(expected[one], expected[other])
    assert groups == expected
    parts = split(groups.values(), seed=1)
    for one, other in near:
        assert [groups[one] in side for side in (parts.train, parts.dev, parts.test)] == [
            groups[other] in side for side in (parts.train, parts.dev, parts.test)
        ]


def test_near_duplicates_of_near_duplicates_are_in_one_cluster() -> None:
    versions = [words_of(7, 300)]
    for step in range(8):
        versions.append(altered(versions[-1], 5, step))
    documents = {f"v{number}": " ".join(words) for number, words in enumerate(versions)}
    first, last = signature_of(documents["v0"]), signature_of(documents["v8"])
    assert resemblance(first, last) < NEAR_DUPLICATE
    assert set(groups_of(documents).values()) == {"v0"}


def test_signatures_that_differ_as_far_apart_as_they_may_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("findling.training.splits.signature_of", lambda text: text)
    middle = bytes(64)
    one, other = bytearray(middle), bytearray(middle)
    for byte in range(0, 60, 5):  # as many as near-duplicates may differ in, spread as widely
        one[byte] = 1
        other[byte + 1] = 1
    documents = {"a": bytes(one).hex(), "b": middle.hex(), "c": bytes(other).hex()}
    assert resemblance(documents["a"], documents["b"]) >= NEAR_DUPLICATE
    assert resemblance(documents["a"], documents["c"]) < NEAR_DUPLICATE
    assert set(groups_of(documents).values()) == {"a"}
    one[62] = 1
    assert resemblance(bytes(one).hex(), middle.hex()) < NEAR_DUPLICATE
    assert groups_of(documents | {"a": bytes(one).hex()}) == {"a": "a", "b": "b", "c": "b"}


def test_short_texts_are_together_only_where_they_are_the_same() -> None:
    documents = {"a": "Café  at noon", "b": "cafe at\nNOON", "c": "cafe at one", "d": "", "e": " "}
    assert groups_of(documents) == {"a": "a", "b": "a", "c": "c", "d": "d", "e": "d"}
    assert groups_of({}) == {}


def test_ten_thousand_documents_take_seconds() -> None:
    # A third of them share a long form, so that many have a band in common.
    form = words_of(99_999, 60)
    documents = {
        f"{number:05}": " ".join([*(form if number % 3 == 0 else []), *words_of(number // 2, 60)])
        for number in range(10_000)
    }
    started = time.process_time()
    groups = groups_of(documents)
    assert time.process_time() - started < 20
    # Pairs are the same text, but for those of which one has the form.
    together = sum(groups[f"{number:05}"] == groups[f"{number + 1:05}"] for number in range(0, 10_000, 2))
    assert together == sum(number % 3 != 0 and (number + 1) % 3 != 0 for number in range(0, 10_000, 2))
