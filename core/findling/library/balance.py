"""How the legs of a search are weighed in a library, found out from its own passages.

An embedder that does not know a language, or a subject, gives all of its passages nearly the same vector. It
shows in whether a sentence finds the passage that it stands in, which words always do. MiniLM, an English
model, finds 9 of 10 in English encyclopedias, half in minutes of meetings, 8 of 10 in French, and 3 of 10 in
Japanese (tests/bench/RESULTS.md): there its cosines only disturb what the words have found.

Where there are questions with their answers, as in a tuning run, these may say more. Written ones repeat the
words of their passage more than people do, and were kept because a search finds it: the weight that is best
for a hundred of them, taken as they are, costs people 0.7 points in the mean of four collections. So they
count by how far they are from the words of their passage, and move the weight little, and only when the gain
is beyond chance.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from findling.search import Balance, Pool, Question
from findling.search.fusion import MEANING_WEIGHT, weighed
from findling.search.snippet import sentences
from findling.synthesis.overlap import content_terms, passage_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from findling.embedding import Embedder
    from findling.jobs import CancelToken
    from findling.search import Searcher
    from findling.store import PassageRow, StoreReader

#: Passages among which the right one is looked for, and sentences that look.
_PASSAGES = 1000
_SENTENCES = 128
#: With fewer sentences nothing is found out.
_LEAST_SENTENCES = 24
_SENTENCE_CHARACTERS = (30, 300)
#: Shares of sentences that find their passage, at which meaning counts nothing and all.
_NOTHING, _ALL = 0.3, 0.5
#: It is found out anew when a library has grown by this factor.
_GROWTH = 2
_SEED = 20261121

#: Weights of meaning that are tried, as multiples of the one that was found. Further away people's questions
#: lose in most collections, whatever the written ones say (tests/bench/RESULTS.md).
_STEPS = (5 / 6, 1.0, 7 / 6, 4 / 3, 5 / 3)
#: Questions that are asked at most, and with how many the weight stays; counted by how much they count.
_QUESTIONS = 200
_LEAST_QUESTIONS = 24
_DEPTH = 10
#: Documents in the rankings that are looked at, as where runs are judged.
_RANKING = 100
_RESAMPLES = 2000
_CONFIDENCE = 0.95


class Answered(Protocol):
    """A question, and where its answer stands."""

    @property
    def query(self) -> str:
        """As it is asked."""
        ...

    @property
    def document_id(self) -> str:
        """The document that answers."""
        ...

    @property
    def passage_id(self) -> str:
        """The passage of it that answers."""
        ...


@dataclass(frozen=True, slots=True)
class Tried:
    """What a weight of meaning gains over the one that was found: the mean of nDCG@10, 0 … 1, over the
    questions by how much they count; within `low` … `high` with 95 % confidence."""

    weight: float
    gain: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TunedBalance:
    """The balance that questions speak for, the weight that was `found` without them, and what was tried.
    `questions` could be asked, and count together as much as `effective` that count alike; `distance` is the
    mean share of their words that do not stand in the passage that answers."""

    balance: Balance
    found: float
    questions: int
    effective: float
    distance: float
    tried: tuple[Tried, ...] = ()


def _different(
    rows: list[PassageRow], vectors: NDArray[np.float32]
) -> tuple[list[PassageRow], NDArray[np.float32]]:
    """Each text once: what a library says over and over is not unlike itself."""
    first = {row.text: number for number, row in reversed(list(enumerate(rows)))}
    kept = sorted(first.values())
    return [rows[number] for number in kept], vectors[kept]


def is_due(balance: Balance | None, passages: int) -> bool:
    """Whether it is to be found out, for the first time or anew."""
    return passages > 0 and (balance is None or passages >= _GROWTH * max(1, balance.passages))


def find_out(store: StoreReader, embedder: Embedder, cancel: CancelToken) -> Balance:
    """Weigh the legs by a sample of the library's passages. Takes half a second. Raises `Cancelled`."""
    rows, vectors = _different(*store.sample(_PASSAGES))
    passages = store.count_passages()
    choose = random.Random(_SEED)  # noqa: S311 — not a secret
    asked: list[tuple[int, str]] = []
    for number in choose.sample(range(len(rows)), len(rows)):
        _, *later = sentences(rows[number].text) or [""]  # the first often is a title
        least, most = _SENTENCE_CHARACTERS
        if fitting := [sentence for sentence in later if least <= len(sentence) <= most]:
            asked.append((number, choose.choice(fitting)))
        if len(asked) == _SENTENCES:
            break
    if len(asked) < _LEAST_SENTENCES:
        chance = embedder.chance()
        return Balance(mean=chance.mean, spread=chance.spread, passages=passages)
    own = np.array([number for number, _ in asked])
    cosines = embedder.embed_passages([sentence for _, sentence in asked], cancel) @ vectors.T  # (S, N)
    right = cosines[np.arange(len(own)), own]
    others = np.ones_like(cosines, bool)
    others[np.arange(len(own)), own] = False
    found = float((right > np.where(others, cosines, -1.0).max(axis=1) + 1e-6).mean())
    share = min(1.0, max(0.0, (found - _NOTHING) / (_ALL - _NOTHING)))
    return Balance(
        weight=round(MEANING_WEIGHT * share, 3),
        mean=round(float(cosines[others].mean()), 4),
        spread=round(max(1e-3, float(cosines[others].std())), 4),
        passages=passages,
    )


def tuned_balance(searcher: Searcher, asked: Sequence[Answered], cancel: CancelToken) -> TunedBalance:
    """Weigh the legs of `searcher`, whose balance was found out, by questions that it has not learned; at
    most 200 are asked, some 20 a second. Raises `Cancelled`, and what searching raises.

    What was found stays unless another weight gains beyond chance, by a bootstrap over the questions. Of
    those that do, and are no more than a standard error worse than the best of them, the one is taken that
    changes least (the one-standard-error rule of Breiman et al. 1984, Classification and Regression Trees).

    Only the weight is chosen: within a library the mean of chance moves all scores alike and its spread is a
    factor of the weight; the exponent of the words makes no difference that people notice.
    """
    found = searcher.balance
    weights = np.array(sorted({found.weight, *(round(step * found.weight, 3) for step in _STEPS)}))
    chance = np.random.default_rng(_SEED)
    order: list[int] = chance.permutation(len(asked))[:_QUESTIONS].tolist()
    distances: list[float] = []
    rows: list[NDArray[np.float64]] = []
    for place in order if len(weights) > 1 else ():
        if (scores := _ndcg_of(searcher, asked[place], weights, cancel)) is not None:
            rows.append(scores)
            distances.append(_distance(searcher.store, asked[place]))
    counts = np.array(distances)  # (Q,)
    effective = float(counts.sum() ** 2 / (counts**2).sum()) if counts.any() else 0.0
    distance = float(counts.mean()) if rows else 0.0
    unchanged = TunedBalance(found, found.weight, len(rows), round(effective, 1), round(distance, 3))
    if effective < _LEAST_QUESTIONS:
        return unchanged
    values = np.array(rows)  # (Q, W)
    own = int(np.flatnonzero(weights == found.weight)[0])
    drawn = chance.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), _RESAMPLES) * counts  # (R, Q)
    means = drawn @ values / np.maximum(drawn.sum(axis=1, keepdims=True), 1e-9)  # (R, W)
    tail = (1 - _CONFIDENCE) / 2
    low, high = np.quantile(means - means[:, [own]], [tail, 1 - tail], axis=0)
    gains = counts @ (values - values[:, [own]]) / counts.sum()  # (W,)
    tried = tuple(
        Tried(float(weight), *(round(float(each), 5) for each in figures))
        for weight, *figures in zip(weights, gains, low, high, strict=True)
    )
    better = np.flatnonzero(low > 0)
    if not len(better):
        return replace(unchanged, tried=tried)
    best = better[np.argmax(gains[better])]
    errors = (means - means[:, [best]]).std(axis=0)
    near = better[gains[better] + errors[better] >= gains[best]]
    chosen = near[np.argmin(np.abs(weights[near] - found.weight))]
    return replace(unchanged, balance=replace(found, weight=float(weights[chosen])), tried=tried)


def _ndcg_of(
    searcher: Searcher, asked: Answered, weights: NDArray[np.float64], cancel: CancelToken
) -> NDArray[np.float64] | None:
    """nDCG@10 under each weight, float64 (W,); with one document that answers it is 1 / log2(1 + its rank).
    None for a question whose ranking does not depend on the weight."""
    question = Question(asked.query, limit=_RANKING, cancel=cancel, literal=True)
    pool = Pool(searcher, question, question.parsed())
    pool.read()
    if not pool.candidates or not pool.asked.count or pool.vector is None:
        return None
    words = np.array([each.words for each in pool.candidates], np.float32)
    cosines = np.array([each.meaning for each in pool.candidates], np.float32)
    balances = [replace(searcher.balance, weight=weight) for weight in weights.tolist()]
    scores = np.stack(
        [sum(weighed(words, cosines, each, pool.asked.count, pool.passages)) for each in balances]
    )  # (W, N)
    ids, places = np.unique([each.passage.document_id for each in pool.candidates], return_inverse=True)
    order = np.argsort(places, kind="stable")
    best = np.maximum.reduceat(scores[:, order], np.searchsorted(places[order], np.arange(len(ids))), axis=1)
    answer = np.flatnonzero(ids == asked.document_id)
    if not len(answer):
        return np.zeros(len(weights))
    ranks = 1 + (best > best[:, answer]).sum(axis=1)  # (W,)
    return np.where(ranks <= _DEPTH, 1 / np.log2(1 + ranks), 0.0)


def _distance(store: StoreReader, asked: Answered) -> float:
    """Share of the words of a question that do not stand in the passage that answers, 0 … 1."""
    passages = store.passages_of(asked.document_id)
    answering = [each for each in passages if each.passage_id == asked.passage_id] or passages
    if not answering:
        return 0.0
    language = answering[0].language
    words = content_terms(asked.query, language)
    there = passage_terms("\n".join(each.content for each in answering), language)
    return len(words - there) / len(words) if words else 0.0
