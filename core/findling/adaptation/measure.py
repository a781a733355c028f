"""How good a model is while it learns: questions about held-out documents, asked of a part of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from findling.evaluation.metrics import ndcg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from findling.adaptation.examples import Asked
    from findling.jobs import CancelToken
    from findling.store import PassageRow
    from findling.training.loop import Outcome
    from findling.training.model import TrainableModel

#: Passages that are searched: those that answer, those that the base takes for answers first, and others up
#: to so many. A training measures fourteen times, and 1,500 of 250 tokens took as long as eight of its steps.
POOL = 450
_RIVALS = 2
#: Questions that are asked at most.
QUERIES = 150
#: Of the way from the base to the tuned weights.
SHARES = (0.25, 0.5, 0.75, 1.0)
#: What is taken unless another gains more than `CHANCE`: on human queries of four sets the full way was ahead
#: of it once (tests/bench/RESULTS.md).
HALF = 0.5
CHANCE = 0.01
#: The synthetic questions are like those that were learned, and overrate the full way: else, of shares that
#: gain at least so much of the largest gain, the smallest is taken.
ENOUGH = 0.8
_DEPTH = 10


class DevMeasure:
    """nDCG@10 of documents, or `by_passages` of passages, 0 … 1, over the questions; called with a model.
    Rivals are what the library's own embedder finds: `vectors` (N, D) are its of `rows`, and `embed_queries`
    is it. Raises `Cancelled` where it is cancelled."""

    def __init__(
        self,
        asked: Sequence[Asked],
        rows: Sequence[PassageRow],
        vectors: NDArray[np.float32],
        embed_queries: Callable[[Sequence[str]], NDArray[np.float32]],
        model: TrainableModel,
        seed: int,
        cancel: CancelToken,
        *,
        by_passages: bool = False,
    ) -> None:
        self._cancel = cancel
        chance = np.random.default_rng(seed)
        order = chance.permutation(len(asked))[:QUERIES]
        self._asked: list[Asked] = [asked[place] for place in order.tolist()]
        self._queries = model.query_rows([each.query for each in self._asked])
        places = {row.passage_id: place for place, row in enumerate(rows)}
        pool = {places[each.passage_id] for each in self._asked}
        found = embed_queries([each.query for each in self._asked]) @ vectors.T
        rivals = np.argsort(-found, axis=1)[:, :_RIVALS]  # (Q, 2)
        pool |= set(rivals.ravel().tolist())
        for place in chance.permutation(len(rows)).tolist():
            if len(pool) >= POOL:
                break
            pool.add(place)
        places_of_pool = sorted(pool)
        self._answers = [each.answer(by_passages=by_passages) for each in self._asked]
        self._names = [
            rows[place].passage_id if by_passages else rows[place].document_id for place in places_of_pool
        ]
        self._passages = model.passage_rows([rows[place].content for place in places_of_pool])

    def __call__(self, model: TrainableModel) -> float:
        """Of the model as it is now; 0 without questions."""
        if not self._asked:
            return 0.0
        queries, passages = (model.vectors(each, self._cancel) for each in (self._queries, self._passages))
        scores = queries @ passages.T  # (Q, P)
        found: list[float] = []
        for answer, row in zip(self._answers, scores, strict=True):
            order: list[int] = np.argsort(-row, kind="stable")[:200].tolist()
            ranking = list(dict.fromkeys(self._names[place] for place in order))[:_DEPTH]
            found.append(ndcg(ranking, {answer: 1}, _DEPTH))
        return float(np.mean(found))


def interpolated(
    model: TrainableModel, outcome: Outcome, measure: DevMeasure
) -> tuple[float, list[dict[str, Any]]]:
    """How far to go from the base to the tuned weights, which the model has afterwards; and what each share
    measured. 0 where the base is better by more than chance (LM-Cocktail, Xiao et al. 2023, arXiv
    2311.13534)."""
    while_training = {point.step: point.measure or 0.0 for point in outcome.points}
    base = while_training[0]
    measured = [{"share": 0.0, "measure": base}]
    for share in SHARES if outcome.best_step else ():
        model.put(outcome.weights, share)
        found = while_training[outcome.best_step] if share == 1.0 else measure(model)
        measured.append({"share": share, "measure": found})
    gains = {each["share"]: each["measure"] - base for each in measured}
    most = max(gains.values())
    chosen = next(share for share, gain in gains.items() if gain >= ENOUGH * most)
    if gains.get(HALF, -1.0) >= most - CHANCE:
        chosen = HALF
    model.put(outcome.weights, chosen)
    return chosen, measured
