"""One batch: its texts as token ids, its loss, and the gradients of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.training.cached import backward
from findling.training.losses import (
    false_negatives,
    false_negatives_by_base,
    info_nce,
    listwise_kl,
    matryoshka,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from findling.training.example import Candidate, Example
    from findling.training.model import TrainableModel
    from findling.training.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """What a frozen embedder makes of the examples, to leave out of a batch what it takes for an answer too:
    unit vectors, float32, of queries by their example's id, (D,) each, and of passages by theirs."""

    queries: Mapping[str, NDArray[np.float32]]
    passages: Mapping[str, NDArray[np.float32]]


class Step:
    """Computes losses of examples, whose texts it has tokenised once."""

    def __init__(
        self, model: TrainableModel, recipe: Recipe, examples: Sequence[Example], guide: Guide | None = None
    ) -> None:
        self._model = model
        self._guide = guide
        self._recipe = recipe
        self._examples = examples
        self._queries = model.query_rows([each.query for each in examples])
        self._positives = model.passage_rows([each.passage for each in examples])
        others = {each.passage_id: each.text for example in examples for each in example.negatives}
        self._others = dict(zip(others, model.passage_rows(list(others.values())), strict=True))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each example's query and positive together, int64 (N,)."""
        return self._queries.lengths + self._positives.lengths

    def backward(self, batch: Sequence[int], epoch: int, micro_batch: int) -> float:
        """The loss of the examples at these places; its gradients are added to the parameters'. With
        `micro_batch` so many texts have a graph at a time."""
        examples = [self._examples[place] for place in batch]
        beside = [self._beside(example, epoch) for example in examples]
        positives = [self._positives[place] for place in batch]
        negatives = [self._others[each.passage_id] for row in beside for each in row]
        rows: list[list[Any]] = [[self._queries[place] for place in batch], positives, negatives]

        dims = self._recipe.matryoshka

        def full(queries: Any, positives: Any, negatives: Any) -> Any:
            return self._loss(examples, beside, queries, positives, negatives)

        def loss_of(*vectors: Any) -> Any:
            return matryoshka(full, *vectors, dims=dims) if dims else full(*vectors)

        return backward(self._model.encode, rows, loss_of, micro_batch, around=self._model.autocast)

    def _beside(self, example: Example, epoch: int) -> list[Candidate]:
        """The negatives whose turn it is."""
        count = min(self._recipe.negatives, len(example.negatives))
        first = epoch * count
        return [example.negatives[(first + place) % len(example.negatives)] for place in range(count)]

    def _answers_too(self, guide: Guide, examples: Sequence[Example], others: Sequence[str]) -> Any:
        """bool (B, C): candidates, by their passages' ids, that the frozen embedder finds nearly as good as
        the positive."""
        queries = np.stack([guide.queries[example.id] for example in examples])
        candidates = np.stack([guide.passages[each] for each in others])
        scores = self._model.torch.from_numpy(queries @ candidates.T)
        return false_negatives_by_base(scores, margin=self._recipe.guide_margin, relative=True)

    def _loss(
        self,
        examples: Sequence[Example],
        beside: Sequence[Sequence[Candidate]],
        queries: Any,
        positives: Any,
        negatives: Any,
    ) -> Any:
        """Of unit vectors: queries (B, D), positives (B, D), and M negatives for everybody, (M, D)."""
        torch, recipe = self._model.torch, self._recipe
        own = [example.passage_id for example in examples]
        others = own + [each.passage_id for row in beside for each in row]
        with torch.no_grad():
            scores = queries @ torch.cat([positives, negatives]).T  # (B, B + M)
            masked = same(own, others).to(scores.device) | false_negatives(
                scores, margin=recipe.false_negative_margin
            )
            if self._guide is not None:
                masked |= self._answers_too(self._guide, examples, others).to(scores.device)
        weights = torch.tensor([example.weight for example in examples], device=queries.device)
        loss = recipe.contrastive * info_nce(
            queries, positives, negatives, temperature=recipe.temperature, masked=masked, weights=weights
        )
        taught = [
            place
            for place, (example, row) in enumerate(zip(examples, beside, strict=True))
            if len(row) == recipe.negatives
            and example.teacher is not None
            and all(each.teacher is not None for each in row)
        ]
        if not recipe.listwise or not taught:
            return loss
        starts = [sum(map(len, beside[:place])) for place in taught]
        own_negatives = torch.stack([negatives[start : start + recipe.negatives] for start in starts])
        lists = torch.cat([positives[taught].unsqueeze(1), own_negatives], dim=1)  # (T, 1 + N, D)
        found = (queries[taught].unsqueeze(1) * lists).sum(-1)  # (T, 1 + N)
        wanted = torch.tensor(
            [[examples[place].teacher, *(each.teacher for each in beside[place])] for place in taught],
            device=queries.device,
        )
        return loss + recipe.listwise * listwise_kl(
            found,
            wanted,
            temperature=recipe.temperature,
            teacher_temperature=recipe.teacher_temperature,
            weights=weights[taught],
        )
