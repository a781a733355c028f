"""The loop of tuning: steps, measures, checkpoints; best of what was measured, the base included."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from findling.errors import Cancelled, JobFailed
from findling.jobs import Progress, Rate, give_back_memory
from findling.training import checkpoint
from findling.training.batches import Batches
from findling.training.checkpoint import Point, TrainingState
from findling.training.denoising import denoise
from findling.training.step import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from findling.jobs import CancelToken, Report
    from findling.training.example import Example
    from findling.training.model import TrainableModel
    from findling.training.recipe import Recipe
    from findling.training.step import Guide

    #: How good the model is now, 0 … 1.
    Measure = Callable[[TrainableModel], float]

#: Of a calibration; fewer where a step takes long.
CALIBRATION_STEPS = 20
_CALIBRATION_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: `weights` are those of the best measure, which the base has where `best_step` is 0.
    `ended` is "finished", "patience" or "not a number": the last good state counts then."""

    weights: Mapping[str, Any]
    points: Sequence[Point]
    best_step: int
    steps: int
    seconds: float
    ended: str


class Training:
    """Tunes a model on examples, with checkpoints in a directory: another one with the same arguments goes on
    where this was killed, and its curves are the same.

    Raises what `Batches` raises: `UserError` for too few examples.
    """

    def __init__(
        self,
        model: TrainableModel,
        recipe: Recipe,
        examples: Sequence[Example],
        directory: Path,
        measure: Measure | None = None,
        guide: Guide | None = None,
    ) -> None:
        torch = model.torch
        torch.manual_seed(recipe.seed)
        self._model = model
        self._recipe = recipe
        self._measure = measure
        self._directory = directory
        self._step = Step(model, recipe, examples, guide)
        self._examples = examples
        self._batches = Batches(examples, self._step.lengths, recipe.batch, recipe.seed)
        self._optimiser = torch.optim.AdamW(
            model.parameters, lr=recipe.rate, weight_decay=recipe.weight_decay, foreach=True
        )
        self._state = TrainingState(steps=recipe.steps, micro_batch=recipe.micro_batch)
        self._best = model.state()

    @property
    def recipe(self) -> Recipe:
        """What it goes by."""
        return self._recipe

    def limit(self, steps: int) -> None:
        """Do no more than so many steps, and let the rate of learning fall until then."""
        self._state.steps = min(steps, self._recipe.steps)
        self._recipe = replace(self._recipe, steps=self._state.steps)

    def seconds_a_step(self, cancel: CancelToken) -> float:
        """What a step takes, by some that are undone afterwards. Raises `Cancelled`."""
        before = self._model.state()
        started = time.monotonic()
        steps = 0
        micro_batch = self._state.micro_batch
        try:
            for batch in self._batches.of(epoch=0):
                cancel.check()
                self._computed(batch, 0)
                steps += 1
                if steps == 1:  # what is made ready once is not counted
                    started = time.monotonic()
                elif steps > CALIBRATION_STEPS or time.monotonic() - started > _CALIBRATION_SECONDS:
                    break
        finally:
            self._model.put(before)
            self._optimiser.state.clear()
            self._state.micro_batch = micro_batch
        return (time.monotonic() - started) / max(1, steps - 1)

    def seconds_a_measure(self) -> float:
        """What measuring takes, by the first one: of the model before its first step."""
        started = time.monotonic()
        self._measure_the_base()
        return time.monotonic() - started

    def run(self, report: Report, cancel: CancelToken) -> Outcome:
        """Train to the end of the recipe, or until measures have not risen for as long as it says. Raises
        `Cancelled` with a checkpoint written, and `JobFailed`."""
        self._resume()
        state, recipe = self._state, self._recipe
        rate = Rate(recipe.steps - state.step)
        self._measure_the_base()
        if recipe.denoising and not state.warmed:
            self._warm_up(report, cancel)
        began = time.monotonic() - state.seconds
        while True:
            try:
                cancel.check()
                if self._owes_a_measure:
                    self._measured(sum(state.losses) / len(state.losses))
                    state.losses = []
                    self._save()
            except Cancelled:
                self._save()
                raise
            if state.ended or state.step >= recipe.steps:
                break
            loss = self._one_step()
            if not math.isfinite(loss):
                self._undo()
                state.ended = "not a number"
                break
            state.losses.append(loss)
            state.step += 1
            rate.add(1)
            state.seconds = time.monotonic() - began
            report(
                Progress(
                    "training",
                    state.step,
                    recipe.steps,
                    "steps",
                    f"loss {loss:.3f}",
                    rate.per_second(),
                    rate.remaining_seconds(),
                    value=loss,
                    quality=state.points[-1].measure if state.points else None,
                )
            )
        state.ended = state.ended or "finished"
        self._save()
        return Outcome(self._best, state.points, state.best_step, state.step, state.seconds, state.ended)

    @property
    def _owes_a_measure(self) -> bool:
        """Whether it is to be measured where it stands, and was not: somebody may have stopped it then."""
        state = self._state
        measured = state.points[-1].step if state.points else 0
        return state.step > measured and self._recipe.evaluates_after(state.step - 1)

    def _warm_up(self, report: Report, cancel: CancelToken) -> None:
        """Learn to tell passages by what is left of them. Raises `Cancelled`: then it is done anew."""
        before = self._model.state()
        try:
            passages = list(dict.fromkeys(each.passage for each in self._examples))
            denoise(self._model, passages, self._recipe, report, cancel)
        except Cancelled:
            self._model.put(before)
            raise
        self._state.warmed = True
        self._save()

    def _one_step(self) -> float:
        state = self._state
        batch = self._batches.at(state.epoch, state.position)
        loss = self._computed(batch, state.epoch)
        state.position += 1
        if state.position == self._batches.count(state.epoch):
            state.epoch, state.position = state.epoch + 1, 0
        return loss

    def _computed(self, batch: Sequence[int], epoch: int) -> float:
        """The loss of a batch, after the step that it gave. Where memory does not suffice, fewer texts have a
        graph at a time."""
        recipe, torch = self._recipe, self._model.torch
        while True:
            self._optimiser.zero_grad()
            try:
                loss = self._step.backward(batch, epoch, self._state.micro_batch)
                break
            except (MemoryError, RuntimeError) as error:
                if not isinstance(error, MemoryError) and "memory" not in str(error).lower():
                    raise
                now = self._state.micro_batch or recipe.batch
                if now == 1:
                    raise JobFailed("There is not enough memory for a single text of this model.") from error
                self._state.micro_batch = now // 2
            if torch.cuda.is_initialized():
                torch.cuda.empty_cache()
        if math.isfinite(loss):
            norm = torch.nn.utils.clip_grad_norm_(self._model.parameters, recipe.longest_gradient)
            if not math.isfinite(float(norm)):
                return math.nan
            for group in self._optimiser.param_groups:
                group["lr"] = recipe.rate_at(self._state.step)
            self._optimiser.step()
        return loss

    def _measure_the_base(self) -> None:
        """Begin the curve, unless it has begun."""
        if self._measure is not None and not self._state.points:
            self._measured(math.nan)

    def _measured(self, loss: float) -> None:
        state = self._state
        give_back_memory()
        value = None if self._measure is None else self._measure(self._model)
        state.points.append(Point(state.step, loss if math.isfinite(loss) else 0.0, value))
        if value is None or value > state.best - self._recipe.slack:
            state.best = state.best if value is None else max(state.best, value)
            state.best_step = state.step
            state.without_gain = 0
            self._best = self._model.state()
        else:
            state.without_gain += 1
            if state.without_gain >= self._recipe.patience:
                state.ended = "patience"

    def _save(self) -> None:
        tensors: dict[str, Mapping[str, Any]] = {"weights": self._model.state(), "best": self._best}
        names = list(self._best)
        for group, key in (("first", "exp_avg"), ("second", "exp_avg_sq"), ("steps", "step")):
            moments = [self._optimiser.state.get(each, {}).get(key) for each in self._model.parameters]
            if all(each is not None for each in moments):
                tensors[group] = dict(zip(names, moments, strict=True))
        checkpoint.save(self._directory, self._state, tensors)

    def _resume(self) -> None:
        found = checkpoint.load(self._directory)
        if found is None:
            return
        self._state, tensors = found
        self._recipe = replace(self._recipe, steps=self._state.steps)
        self._put(tensors)
        self._best = tensors["best"]

    def _undo(self) -> None:
        """Back to the last checkpoint, or to the base."""
        found = checkpoint.load(self._directory)
        if found is None:
            self._model.put(self._best)
            return
        self._put(found[1])

    def _put(self, tensors: Mapping[str, Mapping[str, Any]]) -> None:
        self._model.put(tensors["weights"])
        for name, each in zip(self._best, self._model.parameters, strict=True):
            if "first" in tensors:
                self._optimiser.state[each] = {
                    "exp_avg": tensors["first"][name].to(each.device),
                    "exp_avg_sq": tensors["second"][name].to(each.device),
                    "step": tensors["steps"][name],
                }
