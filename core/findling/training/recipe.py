"""How a model is tuned: everything that a run's result depends on, beside its examples."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """The defaults are for an encoder of the size of MiniLM: `ENCODER`.

    `temperature` is the one that the base was trained with: a model learns to fit it, and not its own task,
    from another. `listwise` is the share of the divergence to a teacher's scores where examples have any,
    beside `contrastive` of InfoNCE. `negatives` are mined passages an example. Left out of a batch is what
    the model finds better than the positive by `false_negative_margin`, and where there is a guide, what that
    finds worse by the share `guide_margin` at most. `matryoshka` are dimensions at which vectors are to be of
    use when they are cut off; none for a base that was not trained so. `denoising` are steps of warm-up on
    passages alone. A later evaluation is the better one unless it falls by `slack` below the best, which is
    chance among a hundred questions; `patience` counts those that do. `micro_batch` 0 computes a batch at
    once; otherwise vectors are cached, and so many texts have a graph at a time. Steps are counted in
    batches.
    """

    steps: int = 120
    batch: int = 32
    rate: float = 2e-5
    warm_up: float = 0.1
    weight_decay: float = 0.01
    longest_gradient: float = 1.0
    temperature: float = 0.05
    teacher_temperature: float = 0.5
    listwise: float = 0.0
    contrastive: float = 1.0
    negatives: int = 1
    false_negative_margin: float = 0.1
    guide_margin: float = 0.05
    matryoshka: tuple[int, ...] = ()
    denoising: int = 0
    evaluations: int = 10
    patience: int = 3
    slack: float = 0.01
    micro_batch: int = 0
    seed: int = 0

    def rate_at(self, step: int) -> float:
        """The learning rate of step `step`, counted from 0: up in a line, then down in one to 0."""
        warm = max(1, round(self.warm_up * self.steps))
        if step < warm:
            return self.rate * (step + 1) / warm
        return self.rate * max(0.0, (self.steps - step) / max(1, self.steps - warm))

    def evaluates_after(self, step: int) -> bool:
        """Whether the model is measured after step `step`, counted from 0: so often as there are evaluations,
        at equal distances, and after the last step."""
        times = max(1, self.evaluations)
        return (step + 1) * times // self.steps > step * times // self.steps


#: For an encoder whose weights are all tuned.
ENCODER = Recipe()
#: For a decoder that is tuned by adapters, whose batch has a graph for a few texts at a time.
DECODER = Recipe(rate=2e-4, micro_batch=8)
