"""A training run: it learns, stops where it should, and goes on after a kill as if nothing had been."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.embedding.export.source import find_source
from findling.errors import Cancelled, JobFailed
from findling.jobs import CancelToken, Progress, ignore_progress
from findling.training.example import Candidate, Example
from findling.training.loop import Training
from findling.training.model import TrainableModel, Usage
from findling.training.recipe import Recipe
from findling.training.step import Guide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

RECIPE = Recipe(steps=12, batch=8, rate=2e-3, evaluations=4, seed=3)

pytestmark = pytest.mark.usefixtures("one_thread")


def examples(count: int = 48) -> list[Example]:
    """Each query is a word of its passage, and the negative has another one."""
    chance = random.Random(1)
    words = ["".join(chance.sample("abcdefghijklmnopqrstuvwxyz", 6)) for _ in range(count)]
    return [
        Example(
            f"e{place}",
            word,
            f"p{place}",
            f"the {word} of {words[place - 1][:2]}",
            f"d{place}",
            teacher=2.0,
            negatives=(Candidate(f"n{place}", f"a {words[place - 1]}, no more", -1.0),) * (place % 3 > 0),
        )
        for place, word in enumerate(words)
    ]


@pytest.fixture
def model(tiny: Callable[[str], Path], tmp_path: Path) -> Callable[[], TrainableModel]:
    def make() -> TrainableModel:
        usage = Usage(query_tokens=16, passage_tokens=32)
        made = TrainableModel(find_source(str(tiny("bert"))), usage, tmp_path / "tokenizer.json")
        made.bf16 = False
        return made

    return make


def accuracy(model: TrainableModel) -> float:
    """Share of queries whose own passage is nearest."""
    learned = examples()
    queries = model.vectors(model.query_rows([each.query for each in learned]))
    passages = model.vectors(model.passage_rows([each.passage for each in learned]))
    return float(((queries @ passages.T).argmax(1) == np.arange(len(learned))).mean())


def curve(points: Sequence[Any]) -> list[tuple[int, float, float | None]]:
    return [(point.step, round(point.loss, 5), point.measure) for point in points]


@pytest.mark.parametrize("also", [{}, {"listwise": 1.0}, {"matryoshka": (16, 64)}, {"denoising": 3}])
def test_it_learns_and_keeps_the_best_that_was_measured(
    model: Callable[[], TrainableModel], tmp_path: Path, also: dict[str, Any]
) -> None:
    tuned = model()
    recipe = replace(RECIPE, steps=40, patience=40, **also)
    outcome = Training(tuned, recipe, examples(), tmp_path / "run", accuracy).run(
        ignore_progress, CancelToken()
    )
    measures = [point.measure or 0.0 for point in outcome.points]
    assert outcome.points[-1].loss < outcome.points[1].loss
    assert max(measures) > measures[0] + 0.1
    tuned.put(outcome.weights)
    assert accuracy(tuned) == pytest.approx(max(measures), abs=RECIPE.slack)
    assert outcome.ended == "finished"


def test_a_run_that_was_stopped_goes_on_to_the_same_curve(
    model: Callable[[], TrainableModel], tmp_path: Path
) -> None:
    whole = Training(model(), RECIPE, examples(), tmp_path / "whole", accuracy).run(
        ignore_progress, CancelToken()
    )
    for stop_at in (2, 5, 9):
        token = CancelToken()

        def stop(progress: Progress, token: CancelToken = token, stop_at: int = stop_at) -> None:
            if progress.done >= stop_at:
                token.cancel()

        with pytest.raises(Cancelled):
            Training(model(), RECIPE, examples(), tmp_path / "parts", accuracy).run(stop, token)
    parts = Training(model(), RECIPE, examples(), tmp_path / "parts", accuracy).run(
        ignore_progress, CancelToken()
    )
    assert curve(parts.points) == curve(whole.points)
    for name, weight in whole.weights.items():
        assert np.allclose(weight, parts.weights[name], atol=1e-6)


@pytest.mark.parametrize("stopped", [0, 2, 4])
def test_a_measure_that_was_stopped_is_made_when_it_goes_on(
    model: Callable[[], TrainableModel], tmp_path: Path, stopped: int
) -> None:
    whole = Training(model(), RECIPE, examples(), tmp_path / "whole", accuracy).run(
        ignore_progress, CancelToken()
    )
    made = 0

    def stop(model: TrainableModel) -> float:
        nonlocal made
        made += 1
        if made == stopped + 1:
            raise Cancelled
        return accuracy(model)

    with pytest.raises(Cancelled):
        Training(model(), RECIPE, examples(), tmp_path / "parts", stop).run(ignore_progress, CancelToken())
    parts = Training(model(), RECIPE, examples(), tmp_path / "parts", accuracy).run(
        ignore_progress, CancelToken()
    )
    assert curve(parts.points) == curve(whole.points)


@pytest.mark.parametrize("steps", [1, 4, 12, 20, 29, 59, 150])
def test_measures_are_spread_over_the_steps(steps: int) -> None:
    recipe = Recipe(steps=steps)
    measured = [-1, *(step for step in range(steps) if recipe.evaluates_after(step))]
    assert len(measured) - 1 == min(recipe.evaluations, steps)
    assert measured[-1] == steps - 1
    gaps = [other - one for one, other in pairwise(measured)]
    assert max(gaps) - min(gaps) <= 1


def test_a_warm_up_is_done_once_and_leaves_the_curve_as_it_is(
    model: Callable[[], TrainableModel], tmp_path: Path
) -> None:
    recipe = replace(RECIPE, denoising=4)
    whole = Training(model(), recipe, examples(), tmp_path / "whole", accuracy).run(
        ignore_progress, CancelToken()
    )
    plain = Training(model(), RECIPE, examples(), tmp_path / "plain", accuracy).run(
        ignore_progress, CancelToken()
    )
    assert [point.loss for point in whole.points] != [point.loss for point in plain.points]
    for phase, done in (("warming up", 2), ("training", 5)):
        token = CancelToken()

        def stop(progress: Progress, token: CancelToken = token, at: tuple[str, int] = (phase, done)) -> None:
            if (progress.phase, progress.done) == at:
                token.cancel()

        with pytest.raises(Cancelled):
            Training(model(), recipe, examples(), tmp_path / "parts", accuracy).run(stop, token)
    phases: list[str] = []
    parts = Training(model(), recipe, examples(), tmp_path / "parts", accuracy).run(
        lambda progress: phases.append(progress.phase), CancelToken()
    )
    assert set(phases) == {"training"}
    assert curve(parts.points) == curve(whole.points)


def test_what_a_guide_takes_for_an_answer_is_not_pushed_away(
    model: Callable[[], TrainableModel], tmp_path: Path
) -> None:
    """Under a guide that takes every passage for an answer there is nothing to learn."""
    learned = examples()
    one = np.ones(4, np.float32) / 2
    ids = {each.passage_id for each in learned} | {
        other.passage_id for each in learned for other in each.negatives
    }
    guide = Guide({each.id: one for each in learned}, dict.fromkeys(ids, one))
    outcome = Training(model(), RECIPE, learned, tmp_path / "run", accuracy, guide).run(
        ignore_progress, CancelToken()
    )
    assert [point.loss for point in outcome.points[1:]] == [0.0] * (len(outcome.points) - 1)


def test_the_base_is_best_where_nothing_is_better(
    model: Callable[[], TrainableModel], tmp_path: Path
) -> None:
    falling = iter(range(100, 0, -1))
    recipe = replace(RECIPE, evaluations=12, patience=3)
    tuned = model()
    before = tuned.state()
    outcome = Training(tuned, recipe, examples(), tmp_path / "run", lambda _: next(falling) / 100).run(
        ignore_progress, CancelToken()
    )
    assert (outcome.ended, outcome.best_step, outcome.steps) == ("patience", 0, 3)
    assert all(bool((outcome.weights[name] == weight).all()) for name, weight in before.items())


def test_of_measures_that_differ_by_chance_alone_the_last_is_taken(
    model: Callable[[], TrainableModel], tmp_path: Path
) -> None:
    measures = iter([0.5, 0.6, 0.595, 0.592, 0.58, 0.575, *[0.58] * 9])
    recipe = replace(RECIPE, evaluations=12, patience=3)
    outcome = Training(model(), recipe, examples(), tmp_path / "run", lambda _: next(measures)).run(
        ignore_progress, CancelToken()
    )
    assert (outcome.ended, outcome.best_step, outcome.steps) == ("patience", 3, 6)


def test_a_loss_that_is_no_number_ends_with_the_last_good_state(
    model: Callable[[], TrainableModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = model()
    training = Training(tuned, RECIPE, examples(), tmp_path / "run", accuracy)
    backward = training._step.backward
    losses = iter([1, 1, 1, 1, float("nan")])

    def failing(*arguments: Any) -> float:
        return backward(*arguments) * next(losses)

    monkeypatch.setattr(training._step, "backward", failing)
    outcome = training.run(ignore_progress, CancelToken())
    assert outcome.ended == "not a number"
    assert outcome.steps == 4
    assert all(bool(weight.isfinite().all()) for weight in outcome.weights.values())
    assert all(bool(weight.isfinite().all()) for weight in tuned.state().values())


def test_without_memory_fewer_texts_are_computed_at_a_time(
    model: Callable[[], TrainableModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = Training(model(), RECIPE, examples(), tmp_path / "run")
    backward = training._step.backward
    asked: list[int] = []

    def short(batch: Sequence[int], epoch: int, micro_batch: int) -> float:
        asked.append(micro_batch)
        if not 0 < micro_batch <= 2:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")
        return backward(batch, epoch, micro_batch)

    monkeypatch.setattr(training._step, "backward", short)
    outcome = training.run(ignore_progress, CancelToken())
    assert (asked[:3], outcome.steps) == ([0, 4, 2], RECIPE.steps)
    assert set(asked[2:]) == {2}


def test_where_not_even_one_text_fits_it_is_said(
    model: Callable[[], TrainableModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = Training(model(), RECIPE, examples(), tmp_path / "run")

    def never(*_: Any) -> float:
        raise MemoryError

    monkeypatch.setattr(training._step, "backward", never)
    with pytest.raises(JobFailed, match="not enough memory"):
        training.run(ignore_progress, CancelToken())


def test_what_calibrates_leaves_no_trace(model: Callable[[], TrainableModel], tmp_path: Path) -> None:
    plain = Training(model(), RECIPE, examples(), tmp_path / "plain", accuracy).run(
        ignore_progress, CancelToken()
    )
    tuned = model()
    made: list[float] = []

    def measure(model: TrainableModel) -> float:
        made.append(accuracy(model))
        return made[-1]

    training = Training(tuned, RECIPE, examples(), tmp_path / "run", measure)
    before = tuned.state()
    assert training.seconds_a_step(CancelToken()) > 0
    assert training.seconds_a_measure() > 0
    assert all(bool((before[name] == weight).all()) for name, weight in tuned.state().items())
    outcome = training.run(ignore_progress, CancelToken())
    assert curve(outcome.points) == curve(plain.points)
    assert len(made) == len(outcome.points)


def test_a_limit_counts_after_a_stop_too(model: Callable[[], TrainableModel], tmp_path: Path) -> None:
    token = CancelToken()
    training = Training(model(), RECIPE, examples(), tmp_path / "run")
    training.limit(6)
    with pytest.raises(Cancelled):
        training.run(lambda _: token.cancel(), token)
    outcome = Training(model(), RECIPE, examples(), tmp_path / "run").run(ignore_progress, CancelToken())
    assert outcome.steps == 6


def test_a_damaged_checkpoint_is_said(model: Callable[[], TrainableModel], tmp_path: Path) -> None:
    Training(model(), RECIPE, examples(), tmp_path / "run").run(ignore_progress, CancelToken())
    [tensors] = (tmp_path / "run").glob("*.safetensors")
    tensors.write_bytes(tensors.read_bytes()[:100])
    with pytest.raises(JobFailed, match="damaged"):
        Training(model(), RECIPE, examples(), tmp_path / "run").run(ignore_progress, CancelToken())
