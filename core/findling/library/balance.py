"""How the legs of a search are weighed in a library, found out from its own passages.

An embedder that does not know a language, or a subject, gives all of its passages nearly the same vector. It
shows in whether a sentence finds the passage that it stands in, which words always do. MiniLM, an English
model, finds 9 of 10 in English encyclopedias, half in minutes of meetings, 8 of 10 in French, and 3 of 10 in
Japanese (tests/bench/RESULTS.md): there its cosines only disturb what the words have found.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

from findling.search import Balance
from findling.search.fusion import MEANING_WEIGHT
from findling.search.snippet import sentences

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from findling.embedding import Embedder
    from findling.jobs import CancelToken
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
