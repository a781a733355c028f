"""Signatures tell how much two texts have in common."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.resemblance import NEAR_DUPLICATE, resemblance, signature_of

reproducible = settings(derandomize=True, database=None, deadline=None, max_examples=30)


def text_of(seed: int, count: int = 400) -> list[str]:
    return [f"word{random.Random(seed * 10_000 + n).randrange(5000)}" for n in range(count)]


def runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}


@pytest.mark.parametrize("shared", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_it_is_the_share_of_runs_that_both_have(shared: float) -> None:
    errors: list[float] = []
    for seed in range(12):
        one = text_of(seed)
        cut = int(shared * len(one))
        other = one[:cut] + text_of(100 + seed)[cut:]
        true = len(runs(one) & runs(other)) / len(runs(one) | runs(other))
        errors.append(resemblance(signature_of(" ".join(one)), signature_of(" ".join(other))) - true)
    assert abs(sum(errors) / len(errors)) < 0.06  # without a bias
    assert max(map(abs, errors)) < 0.25  # four standard errors


def test_a_changed_detail_leaves_a_near_duplicate_and_another_text_none() -> None:
    words = text_of(1, 1000)
    changed = [*words]
    changed[500] = "otherwise"
    long = " ".join(words)
    assert resemblance(signature_of(long), signature_of(" ".join(changed))) >= NEAR_DUPLICATE
    assert resemblance(signature_of(long), signature_of(" ".join(text_of(2, 1000)))) < 0.2
    assert signature_of(long) == signature_of(long.upper().replace(" ", "\n\n  "))


def test_short_texts_resemble_nothing() -> None:
    short = "twelve words are too few to say whether it is the same"
    assert signature_of(short) == signature_of("") == ""
    assert resemblance("", "") == resemblance(signature_of(" ".join(text_of(1))), "") == 0.0


@reproducible
@given(st.lists(st.text("abcdé ßx", min_size=1, max_size=6), min_size=0, max_size=80).map(" ".join))
def test_a_signature_is_64_bytes_and_the_texts_own(text: str) -> None:
    signature = signature_of(text)
    assert len(bytes.fromhex(signature)) in (0, 64)
    if signature:
        assert resemblance(signature, signature) == 1.0
        assert signature_of(text) == signature
