"""Batches hold no false negatives, every example once, and what is about as long together."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.errors import UserError
from findling.training.batches import Batches
from findling.training.example import Example

reproducible = settings(derandomize=True, database=None, deadline=None, max_examples=80)


def an_example(number: int, group: object, passage: object = None, query: str = "") -> Example:
    name = str(number if passage is None else passage)
    return Example(
        id=str(number),
        query=query or f"query {number}",
        passage_id=name,
        passage=f"text {number}",
        group=str(group),
    )


def clean(examples: list[Example], batch: tuple[int, ...]) -> bool:
    here = [examples[place] for place in batch]
    return all(
        len(set(kept)) == len(here)
        for kept in (
            [each.group for each in here],
            [each.passage_id for each in here],
            [each.query.lower() for each in here],
        )
    )


@reproducible
@given(
    st.lists(st.integers(0, 30), min_size=2, max_size=150).filter(lambda groups: len(set(groups)) > 1),
    st.integers(2, 40),
    st.integers(0, 3),
)
def test_every_example_once_an_epoch_no_group_twice_a_batch(groups: list[int], batch: int, seed: int) -> None:
    examples = [an_example(number, group) for number, group in enumerate(groups)]
    batches = Batches(examples, [1 + number % 17 for number in range(len(groups))], batch, seed)
    sizes = Counter(groups)
    epochs = 0
    seen = Counter[int]()
    while len(seen) < len(examples):
        plan = batches.of(epochs)
        assert batches.count(epochs) == len(plan)
        assert all(clean(examples, each) and 1 <= len(each) <= batch for each in plan)
        lengths = [len(each) for each in plan]
        assert max(lengths) - min(lengths) <= 1
        came = Counter(place for each in plan for place in each)
        assert set(came.values()) == {1}
        by_group = Counter(groups[place] for place in came)
        # All of a group, and of one that is too large as many as there are batches.
        assert by_group == {group: min(size, len(plan)) for group, size in sizes.items()}
        seen.update(came)
        epochs += 1
    assert epochs == -(-max(sizes.values()) // batches.count(0))  # none waits longer than it has to


@reproducible
@given(
    st.lists(
        st.tuples(st.integers(0, 15), st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=120
    ).filter(lambda made: len({group for group, _, _ in made}) > 1),
    st.integers(2, 24),
)
def test_no_passage_and_no_query_twice_a_batch(made: list[tuple[int, int, int]], batch: int) -> None:
    examples = [
        an_example(number, group, passage, f"{'Query' if number % 2 else 'query'} {query}")
        for number, (group, passage, query) in enumerate(made)
    ]
    batches = Batches(examples, [5] * len(made), batch, 0)
    seen = Counter[int]()
    for epoch in range(40):
        plan = batches.of(epoch)
        assert all(clean(examples, each) and len(each) <= batch for each in plan)
        came = Counter(place for each in plan for place in each)
        assert set(came.values()) == {1}
        seen.update(came)
    assert len(seen) == len(examples)


def test_the_same_text_of_two_documents_is_never_in_one_batch() -> None:
    footer = "Printed  on recycled paper"
    examples = [
        Example(str(n), f"query {n}", f"p{n}", footer.upper() if n % 2 else footer, f"d{n}") for n in range(4)
    ]
    others = [an_example(n, n) for n in range(10, 26)]
    batches = Batches([*examples, *others], [3] * 20, 5, 0)
    for plan in map(batches.of, range(10)):
        assert [len(each) for each in plan] == [5] * 4
        assert all(sum(place < 4 for place in each) == 1 for each in plan)


def test_a_run_goes_on_where_it_stopped() -> None:
    examples = [an_example(number, number % 30) for number in range(100)]
    tokens = [1 + number % 50 for number in range(100)]
    whole = Batches(examples, tokens, 8, 4)
    sequence = [each for epoch in range(4) for each in whole.of(epoch)]
    resumed = Batches(examples, tokens, 8, 4)
    assert resumed.at(2, 5) == sequence[whole.count(0) + whole.count(1) + 5]
    assert [each for epoch in range(4) for each in resumed.of(epoch)] == sequence
    assert whole.of(0) != whole.of(1)
    assert Batches(examples, tokens, 8, 5).of(0) != whole.of(0)
    with pytest.raises(IndexError):
        whole.at(0, whole.count(0))


def test_what_is_about_as_long_comes_together_and_not_always_with_the_same() -> None:
    chance = np.random.default_rng(3)
    tokens = np.minimum(256, np.exp(chance.normal(4.7, 0.6, 2000))).astype(int)
    groups = chance.integers(0, 400, 2000)
    examples = [an_example(number, group) for number, group in enumerate(groups.tolist())]
    batches = Batches(examples, tokens, 32, 0)

    def waste(plan: list[list[int]]) -> float:
        return sum(len(each) * tokens[each].max() for each in plan) / tokens[np.concatenate(plan)].sum()

    plan = [list(each) for each in batches.of(0)]
    shuffled = [each.tolist() for each in np.array_split(chance.permutation(2000), len(plan))]
    assert waste(shuffled) > 1.8
    assert waste(plan) < 1.2
    means = np.array([tokens[each].mean() for each in plan])
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 0.4  # no batch says how long the next one is
    beside = [
        {place: frozenset(each) for each in batches.of(epoch) for place in each}[0] for epoch in range(4)
    ]
    assert len(frozenset.intersection(*beside)) < 5


def test_a_document_larger_than_all_others_does_not_leave_batches_empty() -> None:
    groups = ["book"] * 500 + [f"note {number}" for number in range(100)]
    examples = [an_example(number, group) for number, group in enumerate(groups)]
    batches = Batches(examples, [7] * 600, 32, 0)
    assert min(len(each) for each in batches.of(0)) >= 16
    seen = {
        place for epoch in range(-(-500 // batches.count(0))) for each in batches.of(epoch) for place in each
    }
    assert len(seen) == 600


def test_a_full_table_is_filled_to_the_last_place() -> None:
    # Every batch must have every group: a single wrong choice leaves a hole.
    for groups, count in ((12, 9), (30, 40)):
        examples = [an_example(number, number % groups) for number in range(groups * count)]
        tokens = [1 + (number * 37) % 101 for number in range(len(examples))]
        batches = Batches(examples, tokens, groups, 0)
        for epoch in range(5):
            assert [len(each) for each in batches.of(epoch)] == [groups] * count


def test_what_cannot_be_learned_from_is_refused() -> None:
    for groups in ([], ["a"], ["a"] * 5):
        examples = [an_example(number, group) for number, group in enumerate(groups)]
        with pytest.raises(UserError, match="nothing to learn from"):
            Batches(examples, [1] * len(groups), 4, 0)
    pair = [an_example(1, "a"), an_example(2, "b")]
    with pytest.raises(ValueError, match="lengths"):
        Batches(pair, [1], 4, 0)
