"""The choice of tokens: by hand-made logits, and by grammars on the real vocabulary."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.errors import UserError
from findling.jobs import CancelToken
from findling.llama import Completion, Engine, Request, Sampling, Weights
from findling.llama.requests import End
from findling.llama.sampler import Sampler

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Written = Callable[..., dict[object, Completion]]

WIDE = Sampling(temperature=1.0, top_k=1000, top_p=1.0, min_p=1e-9)
JSON = r"""
root   ::= "{\"animal\": " text ", \"legs\": " number "}"
text   ::= "\"" [a-z ]{1,12} "\""
number ::= [0-9] [0-9]?
"""


def shares(weights: Weights, sampling: Sampling, probabilities: dict[int, float]) -> dict[int, float]:
    """How often each token is chosen, of 2000 times."""
    logits = logits_of(weights, probabilities)
    sampler = Sampler(Request(0, ("x",), 3, sampling), weights)
    chosen = [sampler.choose(logits)[0] for _ in range(2000)]
    return {token: chosen.count(token) / len(chosen) for token in set(chosen)}


def logits_of(weights: Weights, probabilities: dict[int, float]) -> NDArray[np.float32]:
    logits = np.full(weights.vocabulary_tokens, -60.0, np.float32)
    for token, probability in probabilities.items():
        logits[token] = np.log(probability) + 7  # whatever is added to all changes nothing
    return logits


def test_tokens_are_drawn_by_their_probabilities(weights: Weights) -> None:
    given = {100: 0.6, 200: 0.3, 300: 0.1}
    found = shares(weights, WIDE, given)
    assert found == pytest.approx(given, abs=0.04)
    sharper = shares(weights, replace(WIDE, temperature=0.5), given)
    assert sharper[100] == pytest.approx(0.36 / 0.46, abs=0.04)


@pytest.mark.parametrize(
    ("limit", "left"),
    [
        ({"top_k": 2}, {100, 200}),
        ({"min_p": 0.4}, {100, 200}),
        ({"top_p": 0.5}, {100}),
        ({"temperature": 0.0}, {100}),
    ],
)
def test_what_is_not_likely_enough_is_never_chosen(
    weights: Weights, limit: dict[str, float], left: set[int]
) -> None:
    found = shares(weights, replace(WIDE, **limit), {100: 0.6, 200: 0.3, 300: 0.1})
    assert set(found) == left


def test_the_likelihood_is_of_the_model_and_not_of_the_choice(weights: Weights) -> None:
    logits = logits_of(weights, {100: 0.6, 200: 0.4})
    without = logits_of(weights, {100: 0.9, 200: 0.1})
    sampling = Sampling(temperature=0, contrast=1.0)
    sampler = Sampler(Request(0, ("x",), 1, sampling), weights)
    token, likelihood, likelihood_without = sampler.choose(logits, without)
    assert token == 200  # the prompt makes it likelier
    assert np.exp([likelihood, likelihood_without]) == pytest.approx([0.4, 0.1], abs=1e-4)


def test_contrast_does_not_choose_what_is_unlikely_anyway(weights: Weights) -> None:
    sampling = Sampling(temperature=0, contrast=5.0, min_p=0.05)
    sampler = Sampler(Request(0, ("x",), 1, sampling), weights)
    logits = logits_of(weights, {100: 0.99, 200: 0.01})
    assert sampler.choose(logits, logits_of(weights, {100: 0.99999, 200: 0.00001}))[0] == 100


def test_what_was_written_becomes_less_likely(weights: Weights) -> None:
    sampling = Sampling(temperature=0, repetition=3.0)
    sampler = Sampler(Request(0, ("x",), 1, sampling), weights)
    logits = logits_of(weights, {100: 0.6, 200: 0.4})
    assert [sampler.choose(logits)[0] for _ in range(3)] == [100, 200, 100]


def test_a_text_does_not_end_too_early_though_it_would(weights: Weights) -> None:
    (end,) = weights.tokens("<|im_end|>", special=True)
    (line,) = weights.tokens("\n")
    sampling = Sampling(temperature=0, least_tokens=2, min_p=0.0001)
    sampler = Sampler(Request(0, ("x",), 1, sampling), weights)
    logits = logits_of(weights, {end: 0.6, line: 0.3, 100: 0.1})
    assert [sampler.choose(logits)[0] for _ in range(3)] == [100, 100, end]


def test_a_grammar_is_kept_to_whatever_the_model_would_say(written: Written) -> None:
    sampling = Sampling(temperature=1.5, max_tokens=60, grammar=JSON)
    requests = [Request(seed, ("Tell me of an animal.\n",), seed, sampling, stop="") for seed in range(6)]
    found = written(*requests)
    for completion in found.values():
        assert completion.end is End.STOP
        value = json.loads(completion.text)
        assert set(value) == {"animal", "legs"}
    assert len({completion.text for completion in found.values()}) > 1


def test_a_broken_grammar_is_refused_and_others_are_still_written(engine: Engine) -> None:
    broken = Request(0, ("x",), 1, Sampling(grammar='root ::= ( "a"'))
    without_root = Request(0, ("x",), 1, Sampling(grammar='leaf ::= "a"'))
    fine = Request(0, ("One, two,",), 1, Sampling(max_tokens=2), stop="")
    for request in (broken, without_root):
        with pytest.raises(UserError, match="grammar"):
            list(engine.complete([fine, request], CancelToken()))
    assert [each.tokens for each in engine.complete([fine], CancelToken())] == [2]
