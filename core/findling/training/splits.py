"""Which documents are learned from, which choose, and which judge: whole clusters of near-duplicates, so that
nothing that is asked in a test was read in training."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from findling.analysis import bare
from findling.resemblance import NEAR_DUPLICATE, resemblance, signature_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

#: Of all groups: to train, to choose by (dev), to judge by (test).
SHARES = (0.7, 0.1, 0.2)
_BYTES = 64
#: Equal bytes of two signatures from which `resemblance` calls them near-duplicates.
_LEAST_SAME = next(
    same
    for same in range(_BYTES + 1)
    if resemblance("00" * _BYTES, "00" * same + "ff" * (_BYTES - same)) >= NEAR_DUPLICATE
)
#: One more than the bytes that near-duplicates differ in at most: one is equal in both, so none is missed.
_BANDS = np.array_split(np.arange(_BYTES), _BYTES - _LEAST_SAME + 1)


@dataclass(frozen=True, slots=True)
class Split:
    """Groups by what they are for; each is on one side."""

    train: frozenset[str]
    dev: frozenset[str]
    test: frozenset[str]


def split(groups: Iterable[str], *, seed: int, shares: tuple[float, float, float] = SHARES) -> Split:
    """Sides of groups: those given twice count once, and the order does not matter.

    A group's side comes of a hash of the seed and its name, so that it keeps it when others are added. Where
    chance gives a side less than half of its share, or nothing, it gets the groups that were next to it: then
    few of them do move. One group is trained on; of two, one tests. Raises ValueError for shares that are
    below 0, do not sum to 1 or leave nothing to train on.
    """
    if min(shares) < 0 or not shares[0] or abs(sum(shares) - 1) > 1e-9:
        raise ValueError(f"{shares} are no shares of train, dev and test")
    ordered = sorted((_chance(seed, group), group) for group in set(groups))
    count = len(ordered)
    _, dev_share, test_share = shares
    least_train, least_test, least_dev = _least(count, (shares[0], test_share, dev_share))
    tested = sum(chance < test_share for chance, _ in ordered)
    chosen_by = sum(chance < test_share + dev_share for chance, _ in ordered)
    tests = min(max(tested, least_test), count - least_train - least_dev)
    devs = min(max(chosen_by - tests, least_dev), count - least_train - tests)
    names = [group for _, group in ordered]
    return Split(
        train=frozenset(names[tests + devs :]),
        dev=frozenset(names[tests : tests + devs]),
        test=frozenset(names[:tests]),
    )


def groups_of(documents: Mapping[str, str]) -> dict[str, str]:
    """The group of each document, by the documents' texts: near-duplicates are in one, and so are theirs. It
    is named by the first of its documents in the order of ids.

    Two are near-duplicates where their signatures say so (see `findling.resemblance`); texts too short for
    one where they are equal but for case, accents and blanks.
    """
    ids = sorted(documents)
    clusters = _Clusters(len(ids))
    first: dict[str, int] = {}
    signed: dict[str, int] = {}
    for place, document_id in enumerate(ids):
        text = documents[document_id]
        signature = signature_of(text)
        key = signature or bare(text)
        clusters.join(first.setdefault(key, place), place)
        if signature:
            signed.setdefault(signature, place)
    if signed:
        bytes_of = np.frombuffer(bytes.fromhex("".join(signed)), np.uint8).reshape(-1, _BYTES)  # (S, 64)
        _join_near(bytes_of, np.fromiter(signed.values(), np.int64), clusters)
    return {document_id: ids[clusters.root(place)] for place, document_id in enumerate(ids)}


class _Clusters:
    """Places joined to clusters; the root of a cluster is its least place (Tarjan 1975)."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def root(self, place: int) -> int:
        parents = self._parents
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._parents[high] = low


def _join_near(bytes_of: NDArray[np.uint8], places: NDArray[np.int64], clusters: _Clusters) -> None:
    """Join the places of near-duplicate signatures, uint8 (S, 64): only those with an equal band are compared
    (Leskovec, Rajaraman and Ullman 2020, Mining of Massive Datasets, 3.4)."""
    for band in _BANDS:
        buckets: dict[bytes, list[int]] = defaultdict(list)
        for row, key in enumerate(np.ascontiguousarray(bytes_of[:, band])):
            buckets[key.tobytes()].append(row)
        for bucket in buckets.values():
            left = np.array(bucket, np.int64)
            reached: list[int] = []
            while len(left) + len(reached) > 1 and len(left):
                if not reached:
                    reached, left = [int(left[0])], left[1:]
                row = reached.pop()
                near = (bytes_of[left] == bytes_of[row]).sum(axis=1) >= _LEAST_SAME
                for other in left[near].tolist():
                    clusters.join(int(places[row]), int(places[other]))
                    reached.append(other)
                left = left[~near]


def _chance(seed: int, group: str) -> float:
    """0 … 1, the same for the same seed and group."""
    text = f"{seed}\x1f{group}".encode("utf-8", errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") / 2**64


def _least(count: int, shares: tuple[float, ...]) -> list[int]:
    """What each side has at least of `count` groups: half of its share and one, the first before the others
    where there are not enough."""
    least: list[int] = []
    for share in shares:
        wanted = max(1, int(share * count / 2)) if share else 0
        least.append(min(wanted, count - sum(least)))
    return least
