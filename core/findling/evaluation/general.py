"""The guard against forgetting: what a model makes of general knowledge, before tuning and after.

`general_pairs.jsonl`, written for this project, has questions, keywords, claims and descriptions of everyday
subjects, each with the one passage that answers it; most are in English, some in German, French and Spanish.
Every query is searched for among all passages.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from findling.evaluation.significance import Difference, differences_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: What may be lost on general questions in the mean. Points of nDCG@10, 0 … 100.
TOLERATED_POINTS = 1.0
_DEPTH = 10
_FILE = Path(__file__).with_name("general_pairs.jsonl")
_FIELDS = ("id", "language", "query", "passage")
#: How far a row's length may be from 1.
_LENGTH_TOLERANCE = 1e-2


@dataclass(frozen=True, slots=True)
class GeneralPair:
    """A query and the only passage that answers it, both in `language`, a code of two letters."""

    id: str
    language: str
    query: str
    passage: str


@cache
def general_pairs() -> tuple[GeneralPair, ...]:
    """All general pairs, always in the same order.

    Raises `ValueError` naming the line that is no pair, or has an id, a query or a passage of another one.
    """
    seen: set[tuple[str, str]] = set()
    pairs: list[GeneralPair] = []
    for number, line in enumerate(_FILE.read_text("utf-8").splitlines(), 1):
        values = json.loads(line)
        if set(values) != set(_FIELDS) or not all(str(values[name]).strip() for name in _FIELDS):
            raise ValueError(f"{_FILE.name}, line {number}: needs {', '.join(_FIELDS)}")
        pair = GeneralPair(**{name: str(values[name]) for name in _FIELDS})
        unique = {("id", pair.id), ("query", pair.query), ("passage", pair.passage)}
        if repeated := unique & seen:
            raise ValueError(f"{_FILE.name}, line {number}: repeats a {min(repeated)[0]}")
        seen |= unique
        pairs.append(pair)
    return tuple(pairs)


@dataclass(frozen=True, eq=False)
class GeneralProbe:
    """What one model makes of P general pairs: `queries` and `passages`, float32 (P, D) of unit rows, row by
    row of the same pair.

    Raises `ValueError` for other shapes, and for rows that are not finite or not of length 1.
    """

    queries: NDArray[np.float32]
    passages: NDArray[np.float32]

    def __post_init__(self) -> None:
        import numpy as np

        if self.queries.ndim != 2 or self.queries.shape != self.passages.shape or not len(self.queries):
            raise ValueError(f"not pairs of vectors: {self.queries.shape} and {self.passages.shape}")
        lengths = np.linalg.norm(np.concatenate([self.queries, self.passages]), axis=1)  # (2P,)
        if not (np.abs(lengths - 1) <= _LENGTH_TOLERANCE).all():
            raise ValueError("not vectors of length 1")

    @cached_property
    def scores(self) -> NDArray[np.float32]:
        """Cosine of each query with each passage: float32 (P queries, P passages)."""
        return self.queries @ self.passages.T

    def ndcg(self) -> NDArray[np.float64]:
        """nDCG@10 of each query, 0 … 1: float64 (P,). A passage that scores the same stands before the right
        one, so that a model which makes all texts equal finds nothing."""
        import numpy as np

        own = np.diagonal(self.scores)[:, None]  # (P, 1)
        rank = (self.scores >= own).sum(axis=1)  # (P,), from 1
        return np.where(rank <= _DEPTH, 1 / np.log2(rank + 1.0), 0.0)

    def best(self) -> NDArray[np.intp]:
        """The ten best passages of each query, or all of fewer, best first: (P, 10)."""
        import numpy as np

        return np.argsort(-self.scores, axis=1, kind="stable")[:, :_DEPTH]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What tuning has done to general knowledge, by nDCG@10 in points (0 … 100).

    `base` and `tuned` are the means, `difference` is tuned minus base. `drift_cosine` is the mean cosine of
    the two models' vectors of the same texts, None where they have different dimensions; `rank_overlap` is
    the mean share of a query's ten best passages that both find. Both are 1 for a model that has not moved,
    and fall smoothly, before anything is lost.
    """

    base: float
    tuned: float
    difference: Difference
    drift_cosine: float | None
    rank_overlap: float
    passed: bool


def forgetting(base: GeneralProbe, tuned: GeneralProbe, seed: int = 0) -> Forgetting:
    """Compare two models on the same general pairs; their vectors may differ in dimensions.

    It is passed where the mean loss is no more than 1 point; an interval that lies wholly below a loss of 1
    is then refused in any case. That its low end be above is not asked for: over 523 pairs the interval of
    the built-in model, tuned on 512 pairs, reaches 0.6 points to either side of the mean where it has moved a
    little (`drift_cosine` 0.998) and 1.3 where it has moved far (0.969), so that one which loses nothing
    would be refused as often as not. To refuse only what lies wholly below would let a likely loss of 2 pass.

    Raises `ValueError` when they have not the same number of pairs.
    """
    import numpy as np

    if len(base.queries) != len(tuned.queries):
        raise ValueError(f"{len(base.queries)} pairs and {len(tuned.queries)} are not the same")
    before, after = 100 * base.ndcg(), 100 * tuned.ndcg()  # (P,)
    [difference] = differences_of((after - before)[:, None], seed)
    cosine = None
    if base.queries.shape == tuned.queries.shape:
        both = [(base.queries, tuned.queries), (base.passages, tuned.passages)]
        cosine = float(np.mean([np.einsum("pd,pd->p", one, other) for one, other in both]))
    found, again = base.best(), tuned.best()
    overlap = np.mean([len(np.intersect1d(one, other)) for one, other in zip(found, again, strict=True)])
    return Forgetting(
        base=float(before.mean()),
        tuned=float(after.mean()),
        difference=difference,
        drift_cosine=cosine,
        rank_overlap=float(overlap) / found.shape[1],
        passed=difference.mean >= -TOLERATED_POINTS,
    )
