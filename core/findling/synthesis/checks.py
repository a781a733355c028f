"""What a search, and the generator, say of a query and its passage."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from findling.synthesis.pair import TeacherScore, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from findling.synthesis.pair import Pair

#: A passage is looked for among the best so many of a small corpus and of a large one. The first place alone
#: is too strict: on the small sets NFCorpus and SciFact that hurt (Dai et al. 2022, arXiv 2209.11755).
_ROUND_TRIP = (3, 10)
#: Passages of a small and of a large corpus.
_SIZES = (1_000, 100_000)
#: A query may be nearer to so much of the corpus than to its own passage.
MOST_NEARER = 0.05
#: Candidates that a teacher scores.
TEACHER_DEPTH = 20
#: Standard deviations by which another passage must be better to become the positive.
_CLEARLY = 1.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage that a search found: `score` orders it among those of the query; `text` is what an embedder
    is given, from characters [start, end) of the document."""

    passage_id: str
    score: float
    text: str
    document_id: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Searched:
    """What a hybrid search finds for a query, best first, and the query's vector, float32 (dim,)."""

    ranking: Sequence[Ranked]
    vector: NDArray[np.float32]


if TYPE_CHECKING:
    #: Searches the library with a query as it stands.
    Search = Callable[[str], Searched]
    #: Scores of passages, float32 (N,), for a query: a cross-encoder.
    Teacher = Callable[[str, Sequence[str]], NDArray[np.float32]]


def round_trip_depth(passages: int) -> int:
    """Among how many of the best a passage of a corpus of so many must be."""
    low, high = (math.log10(size) for size in _SIZES)
    share = (math.log10(max(1, passages)) - low) / (high - low)
    least, most = _ROUND_TRIP
    return round(least + (most - least) * min(1.0, max(0.0, share)))


def round_trip(passage_id: str, searched: Searched, passages: int) -> Verdict:
    """Whether a search finds the passage for the query (round-trip consistency, Alberti et al. 2019, arXiv
    1906.05416). The value is its place, 0 where it was not found."""
    depth = round_trip_depth(passages)
    places = (place for place, each in enumerate(searched.ranking, 1) if each.passage_id == passage_id)
    place = next(places, 0)
    if 0 < place <= depth:
        return Verdict("round trip", passed=True, value=place)
    found = f"is hit {place}" if place else "is not found"
    return Verdict(
        "round trip", passed=False, value=place, reason=f"its passage {found}; best {depth} asked for"
    )


def discrimination(
    vector: NDArray[np.float32], own: NDArray[np.float32], sample: NDArray[np.float32]
) -> Verdict:
    """Whether a query, float32 (dim,), fits its passage better than most of a sample of the corpus, float32
    (N, dim). The value is the share of the sample that is nearer to it."""
    nearer = float((sample @ vector > float(own @ vector)).mean()) if len(sample) else 0.0
    if nearer <= MOST_NEARER:
        return Verdict("discrimination", passed=True, value=round(nearer, 4))
    reason = f"nearer to {100 * nearer:.0f} % of the library than to its passage"
    return Verdict("discrimination", passed=False, value=round(nearer, 4), reason=reason)


def information(log_likelihood: float, without: float, tokens: int, least: float) -> Verdict:
    """Whether the passage explains the query: pointwise mutual information by the generator, per token, in
    natural logarithms, must be `least`. What is below could be asked of anything, or was made up."""
    value = (log_likelihood - without) / max(1, tokens)
    if value >= least:
        return Verdict("information", passed=True, value=round(value, 3))
    return Verdict(
        "information", passed=False, value=round(value, 3), reason="could be asked without the passage"
    )


#: Scores whose spread is smaller, relatively, do not differ.
_ROUNDING = 1e-9


def teacher_scores(query: str, searched: Searched, teacher: Teacher | None) -> tuple[TeacherScore, ...]:
    """Scores of the best candidates, by a cross-encoder or else as the search itself scores them,
    z-normalised over the candidates. Empty where they do not differ."""
    candidates = list(searched.ranking[:TEACHER_DEPTH])
    if len(candidates) < 2:
        return ()
    scores = (
        teacher(query, [each.text for each in candidates]).astype(np.float64)
        if teacher
        else np.array([each.score for each in candidates])
    )
    spread = float(scores.std())
    if spread <= _ROUNDING * max(1.0, float(np.abs(scores).max())):
        return ()
    normalised = (scores - scores.mean()) / spread
    return tuple(
        TeacherScore(each.passage_id, round(float(score), 4))
        for each, score in zip(candidates, normalised, strict=True)
    )


def better_positive(pair: Pair, searched: Searched) -> Ranked | None:
    """The candidate, if there is one, that answers a pair's query clearly better than its passage, by the
    teacher's scores of the pair (relabelling of positives: Gecko, Lee et al. 2024, arXiv 2403.20327)."""
    scores = {each.passage_id: each.score for each in pair.teacher}
    own = scores.get(pair.positive.passage_id)
    if own is None:
        return None
    best = max(scores, key=lambda passage_id: scores[passage_id])
    if scores[best] - own < _CLEARLY:
        return None
    return next(each for each in searched.ranking if each.passage_id == best)
