"""Texts continued at once: the same as one by one, in whatever room there is."""

from __future__ import annotations

import ctypes
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.llama import Engine, Markup, Request, Sampling, Weights
from findling.llama.requests import End
from findling.llama.weights import library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from findling.llama import Completion

    Written = Callable[..., dict[object, Completion]]

SHOWN = "Animals and what they eat.\nThe cow eats grass.\nThe sparrow eats seeds.\n"
ANIMALS = ("cat", "dog", "owl", "fox", "whale", "goat", "horse", "bee")
GREEDY = Sampling(temperature=0, max_tokens=10)
#: Natural logarithms, for a token: batches of other shapes are added up in another order.
CLOSE = 0.1


def about(animal: str, key: object = None, sampling: Sampling = GREEDY, stop: str = "") -> Request:
    parts = (SHOWN, f"Think of the {animal}.\n", f"The {animal} eats")
    return Request(key or animal, parts, 1, sampling, stop)


def evaluated(weights: Weights, prompt: list[int], rest: list[int]) -> float:
    """The likelihood of `rest` after a prompt, by one plain call of llama.cpp for all tokens."""
    llama = library()
    tokens = prompt + rest
    context = weights.context(512, 32, 512, 1)  # as many outputs as sequences
    parameters = (ctypes.c_int32 * len(tokens))(*tokens)
    batch = llama.llama_batch_init(512, 0, 1)
    try:
        for place, token in enumerate(parameters):
            batch.token[place], batch.pos[place] = token, place
            batch.n_seq_id[place], batch.logits[place] = 1, place >= len(prompt) - 1
            batch.seq_id[place][0] = 0
        batch.n_tokens = len(tokens)
        assert llama.llama_decode(context, batch) == 0
        total = 0.0
        for place, token in enumerate(rest, len(prompt) - 1):
            pointer = llama.llama_get_logits_ith(context, place)
            logits = np.ctypeslib.as_array(pointer, shape=(weights.vocabulary_tokens,)).astype(np.float64)
            total += logits[token] - logits.max() - np.log(np.exp(logits - logits.max()).sum())
        return total
    finally:
        llama.llama_batch_free(batch)
        llama.llama_free(context)


def of_parts(weights: Weights, request: Request) -> list[int]:
    return [token for part in request.parts for token in weights.tokens(str(part))]


def test_many_at_once_write_what_each_writes_alone(weights: Weights, written: Written) -> None:
    together = written(*map(about, ANIMALS))
    assert len({each.text for each in together.values()}) > 4
    same = 0
    for animal in ANIMALS[::3]:
        with Engine(weights, threads=1, sequences=1, cells=256) as single:
            alone = written(about(animal), by=single)[animal]
        same += alone.text.split()[:2] == together[animal].text.split()[:2]
    # Kernels for one and for many differ in the last digits: two words that are as likely may change places.
    assert same >= len(ANIMALS[::3]) - 1


def test_the_likelihood_is_that_of_a_plain_evaluation(weights: Weights, written: Written) -> None:
    compared = 0
    for animal, found in written(*map(about, ANIMALS)).items():
        rest = weights.tokens(found.text)
        assert found.tokens == 10
        assert found.end is End.LENGTH
        if len(rest) == found.tokens:  # it was not put together of other tokens
            expected = evaluated(weights, of_parts(weights, about(str(animal))), rest)
            assert found.log_likelihood == pytest.approx(expected, abs=CLOSE * found.tokens)
            compared += 1
    assert compared >= 4


def test_the_likelihood_without_is_that_after_the_contrasting_prompt(
    weights: Weights, written: Written
) -> None:
    plain = about("owl", sampling=replace(GREEDY, contrast=1.0))
    bare = ("Animals.\n", "The owl eats")
    found = written(replace(plain, contrast=bare))["owl"]
    assert found.log_likelihood_without is not None
    rest = weights.tokens(found.text)
    assert len(rest) == found.tokens
    for parts, likelihood in (
        (plain.parts, found.log_likelihood),
        (bare, found.log_likelihood_without),
    ):
        expected = evaluated(weights, of_parts(weights, Request(0, parts, 0)), rest)
        assert likelihood == pytest.approx(expected, abs=CLOSE * found.tokens)
    assert written(plain)["owl"].log_likelihood_without is None


def test_contrast_prefers_what_the_prompt_adds(written: Written) -> None:
    asked = "Question: When was the lighthouse of"
    sampling = Sampling(temperature=0, max_tokens=4, contrast=2.0, min_p=0.001)
    told = f"The lighthouse of Skagen was built in 1747.\n{asked}"
    found = written(Request("asked", (told,), 1, sampling, stop="", contrast=(asked,)))["asked"]
    assert found.log_likelihood_without is not None
    assert "skagen" in found.text.lower()
    assert found.log_likelihood > found.log_likelihood_without + 1


def test_shared_beginnings_are_computed_once(engine: Engine, weights: Weights, written: Written) -> None:
    written(*map(about, ANIMALS))
    nodes = [SHOWN, *(about(animal).parts[1] for animal in ANIMALS)]
    once = sum(len(weights.tokens(str(node))) for node in nodes)
    assert engine.prompt_tokens == once
    assert engine.written_tokens == 10 * len(ANIMALS)
    written(*map(about, reversed(ANIMALS)))
    assert engine.prompt_tokens == once


def test_there_may_be_more_requests_than_sequences(weights: Weights, written: Written) -> None:
    requests = [about(ANIMALS[number % 8], f"{number:02}") for number in range(12)]
    with Engine(weights, threads=1, sequences=3, cells=512) as small:
        found = written(*requests, by=small)
    expected = written(*map(about, ANIMALS))
    same = [
        found[f"{number:02}"].text.split()[:2] == expected[ANIMALS[number % 8]].text.split()[:2]
        for number in range(12)
    ]
    assert sum(same) >= 9


def test_what_does_not_fit_is_said_and_the_others_go_on(weights: Weights, written: Written) -> None:
    long = " ".join(f"word {number}" for number in range(500))
    requests = [
        about("cat"),
        Request("long", (SHOWN, long, "The"), 1, GREEDY),
        Request("long contrast", (SHOWN, "The"), 1, GREEDY, contrast=(long, "The")),
        Request("long answer", (SHOWN, "The"), 1, replace(GREEDY, max_tokens=4000)),
        Request("blank", (SHOWN, ""), 1, GREEDY),
        about("dog"),
    ]
    with Engine(weights, threads=1, sequences=4, cells=512) as small:
        found = written(*requests, by=small)
    ends = {key: each.end for key, each in found.items()}
    refused = dict.fromkeys(("long", "long contrast", "long answer", "blank"), End.TOO_LONG)
    assert ends == refused | {"cat": End.LENGTH, "dog": End.LENGTH}
    assert found["long"].text == ""
    assert found["dog"].text


def test_of_a_full_context_the_beginning_is_forgotten_that_was_not_needed_for_longest(
    weights: Weights, written: Written
) -> None:
    def rooted(number: int, key: str) -> Request:
        root = f"Chapter {number}. " + SHOWN * 3
        return Request(key, (root, "The horse eats"), 1, replace(GREEDY, max_tokens=4), stop="")

    size = len(weights.tokens(rooted(0, "").parts[0]))  # type: ignore[arg-type]
    with Engine(weights, threads=1, sequences=2, cells=4 * size) as small:
        for number in range(3):
            written(rooted(number, "first"), by=small)
        written(rooted(0, "again"), by=small)
        known = small.prompt_tokens
        assert known == 3 * size
        written(rooted(3, "one more"), by=small)  # in the place of chapter 1
        assert small.prompt_tokens == known + size
        written(rooted(0, "still there"), by=small)
        assert small.prompt_tokens == known + size
        written(rooted(1, "gone"), by=small)
        assert small.prompt_tokens == known + 2 * size


def test_many_roots_pass_through_few_places(weights: Weights, written: Written) -> None:
    requests = [
        Request(f"{number:03}", (f"Item {number}.", " It is"), 1, replace(GREEDY, max_tokens=2), stop="")
        for number in range(60)
    ]
    with Engine(weights, threads=1, sequences=8, cells=256) as small:
        found = written(*requests, by=small)
    assert {each.end for each in found.values()} <= {End.LENGTH, End.STOP}


def test_parts_may_be_empty_but_for_the_last(written: Written) -> None:
    plain = about("cat")
    empty = replace(plain, key="empty", parts=("", *plain.parts[:2], "", *plain.parts[2:]))
    found = written(plain, empty)
    assert found["empty"].text.split()[:3] == found["cat"].text.split()[:3]


def test_texts_end_at_the_stop_and_not_before_the_least(written: Written) -> None:
    sampling = Sampling(temperature=0, max_tokens=30)
    at_once, later = (
        about("goat", key, replace(sampling, least_tokens=least), stop=".")
        for key, least in (("at once", 0), ("later", 12))
    )
    found = written(at_once, later)
    assert found["at once"].end is End.STOP
    assert "." not in found["at once"].text
    assert found["at once"].tokens < 12 <= found["later"].tokens


def test_words_that_are_avoided_are_not_written(written: Written) -> None:
    plain = about("horse", sampling=replace(GREEDY, max_tokens=4))
    usual = written(plain)["horse"].text.split()[0]
    sampling = replace(plain.sampling, avoidance=20.0, min_p=0.0001)
    avoiding = replace(plain, sampling=sampling, avoid=(usual,))
    assert written(avoiding)["horse"].text.split()[0] != usual


def test_a_character_that_was_cut_in_two_does_no_harm(written: Written) -> None:
    sampling = Sampling(max_tokens=1, grammar='root ::= "🦉🦉"')
    found = written(Request(0, ("An owl: ",), 1, sampling, stop=""))[0]
    assert found.end is End.LENGTH
    assert "🦉🦉" not in found.text


def test_the_same_seed_writes_the_same_and_another_something_else(written: Written) -> None:
    def drawn(seed: int) -> str:
        request = replace(about("owl", sampling=Sampling(temperature=1.5, max_tokens=20)), seed=seed)
        return written(request)["owl"].text

    drawn(1)  # what is shared is there from now on
    assert drawn(7) == drawn(7)
    assert len({drawn(seed) for seed in range(5)}) > 1


def test_names_of_special_tokens_are_letters_but_in_markup(engine: Engine, weights: Weights) -> None:
    def tokens_read(part: str | Markup) -> int:
        before = engine.prompt_tokens
        request = Request(0, ((part,), "The"), 1, replace(GREEDY, max_tokens=1))
        list(engine.complete([request], CancelToken()))
        return engine.prompt_tokens - before

    assert tokens_read(Markup("<|im_end|>")) == 1
    assert tokens_read("<|im_end|>") == len(weights.tokens("<|im_end|>")) > 1
    request = Request(0, ((Markup("<s>"), "a"), "b"), 1)
    assert request.prompt == "<s>ab"


def test_cancel_is_obeyed_within_a_step(engine: Engine) -> None:
    cancel = CancelToken()
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            cancel.cancel()

    engine._on_step = step
    with pytest.raises(Cancelled):
        list(engine.complete([about("cat", sampling=replace(GREEDY, max_tokens=200))], cancel))
    assert steps == 3
    assert [each.text for each in engine.complete([about("cat")], CancelToken())]


def test_who_stops_listening_leaves_the_engine_usable_and_may_close_it(
    weights: Weights, written: Written
) -> None:
    def endless() -> Iterator[Request]:
        while True:
            yield about("cat")

    with Engine(weights, threads=1, sequences=2, cells=512) as small:
        completions = small.complete(endless(), CancelToken())
        assert next(completions).text
        completions.close()  # type: ignore[attr-defined]
        assert written(about("dog"), by=small)["dog"].text
        left = small.complete(endless(), CancelToken())
        assert next(left).text
    left.close()  # type: ignore[attr-defined]
