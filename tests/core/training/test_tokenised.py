"""Token ids kept once give the batches that the tokenizer's own lists would give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.embedding.tokenizer import TextTokenizer, pad
from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.training.tokenised import QUERY_TOKENS, STEP, TokenisedTexts, micro_batches, tokenised

if TYPE_CHECKING:
    from findling.models import InstalledModel

reproducible = settings(derandomize=True, database=None, deadline=None, max_examples=60)


def texts_of(count: int) -> list[str]:
    return ["owl fox hawk " * (number * 7 % 40) for number in range(count)]


def test_rows_are_the_tokenizers_own(installed_model: InstalledModel) -> None:
    tokenizer = TextTokenizer(installed_model.tokenizer, QUERY_TOKENS)
    texts = texts_of(2500)
    kept = tokenised(texts, tokenizer)
    rows = tokenizer.encode(texts)
    assert len(kept) == len(texts)
    assert [row.tolist() for row in kept] == rows
    assert kept[-1].tolist() == rows[-1]
    assert kept.lengths.tolist() == [len(row) for row in rows]
    assert (kept.ids.dtype, kept.ids.nbytes) == (np.int32, 4 * sum(map(len, rows)))
    with pytest.raises(IndexError):
        kept[2500]
    ids, mask = kept.padded([3, 9, 3])
    assert ids.dtype == mask.dtype == np.int64
    expected = pad([rows[3], rows[9], rows[3]], STEP)
    assert (ids == expected[0]).all()
    assert (mask == expected[1]).all()
    assert ids.shape[1] % STEP == 0


def test_texts_end_as_the_model_wants_and_stay_within_it(installed_model: InstalledModel) -> None:
    tokenizer = TextTokenizer(installed_model.tokenizer, 13, eos="[MASK]")
    last = tokenizer.encode(["owl"])[0][-1]
    kept = tokenised(["owl", "owl " * 300], tokenizer)
    assert [row[-1] for row in kept] == [last, last]
    ids, mask = kept.padded([0, 1])
    assert ids.shape == (2, 13)  # not 16: a model may have 13 positions
    assert mask.sum(axis=1).tolist() == kept.lengths.tolist() == [4, 13]
    assert kept.padded([0])[0].shape == (1, 8)


def test_nothing_comes_of_nothing_and_a_cancel_is_obeyed(installed_model: InstalledModel) -> None:
    tokenizer = TextTokenizer(installed_model.tokenizer, 16)
    nothing = tokenised([], tokenizer)
    assert (len(nothing), list(nothing), nothing.lengths.tolist()) == (0, [], [])
    assert micro_batches(nothing.lengths, 100).batches == ()
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        tokenised(["owl"], tokenizer, cancel)


@reproducible
@given(st.lists(st.integers(0, 300), max_size=120), st.integers(1, 2000))
def test_micro_batches_keep_to_the_budget_and_can_be_undone(lengths: list[int], budget: int) -> None:
    found = micro_batches(lengths, budget)
    assert sorted(place for batch in found.batches for place in batch.tolist()) == list(range(len(lengths)))
    longest = [max(lengths[place] for place in batch) for batch in found.batches]
    assert longest == sorted(longest, reverse=True)
    for batch, most in zip(found.batches, longest, strict=True):
        padded = max(1, -(-most // STEP)) * STEP
        assert len(batch) == 1 or len(batch) * padded <= budget
    if lengths:
        computed = np.concatenate([np.array(lengths)[batch] for batch in found.batches])
        assert computed[found.inverse].tolist() == lengths


def test_texts_of_all_lengths_are_padded_little() -> None:
    lengths = np.minimum(256, np.exp(np.random.default_rng(1).normal(4.7, 0.6, 5000))).astype(int)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    kept = TokenisedTexts(np.ones(offsets[-1], np.int32), offsets, 256)
    batches = micro_batches(kept.lengths, 4096).batches
    computed = sum(kept.padded(batch)[0].size for batch in batches)
    assert computed < 1.1 * lengths.sum()
