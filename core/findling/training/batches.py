"""Batches for a contrastive step: no two examples in one that would be each other's false negatives.

A document has several passages that answer a query of one of them, so two of its examples in one batch would
push apart what belongs together: batches of 6,000 did so in Promptagator (Dai et al. 2022, arXiv 2209.11755).
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from findling.analysis import bare
from findling.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from findling.training.example import Example

    #: Places of examples, in batches.
    Plan = tuple[tuple[int, ...], ...]

#: Batches whose examples are sorted by length together. Of more, chance has less to say; fewer pad more.
_WINDOW_BATCHES = 16


class Batches:
    """Examples in batches of at most `batch`, anew in every epoch: what comes is a function of the arguments,
    the epoch and the position, so that these two are all that a checkpoint has to keep.

    No two in a batch are of one group, or have a passage or a query the same but for case and accents.
    Examples of about the same length (`tokens`, one number an example) come together; the batches follow in
    no order. An epoch has every example once. Batches are equally large to within one, so that there is no
    short last one; where groups leave no other way they are smaller.

    A group with more examples than an epoch has batches gives one to each, and the others are first in the
    next epoch. Where few groups have most of the examples an epoch is shorter: its batches are on average at
    least half full, or have examples of half of the groups. Raises `UserError` for examples of fewer than two
    groups: there is nothing to tell apart.
    """

    def __init__(
        self, examples: Sequence[Example], tokens: Sequence[int] | NDArray[np.integer], batch: int, seed: int
    ) -> None:
        groups = Counter(example.group for example in examples)
        if len(groups) < 2:
            raise UserError(
                f"{len(examples)} pairs of {len(groups)} documents are nothing to learn from.",
                "Make pairs of several documents.",
            )
        if len(tokens) != len(examples) or batch < 2:
            raise ValueError(f"{len(tokens)} lengths of {len(examples)} examples, batches of {batch}")
        self._tokens = np.asarray(tokens, np.int64)  # (N,)
        self._keys = _keys(examples)
        self._count = _batch_count(list(groups.values()), batch)
        self._seed = seed
        self._seen = np.zeros(len(examples), np.int64)  # (N,)
        self._plans: list[Plan] = []

    def of(self, epoch: int) -> Plan:
        """The batches of an epoch, counted from 0: places among the examples."""
        while len(self._plans) <= epoch:
            self._plans.append(self._plan(len(self._plans)))
        return self._plans[epoch]

    def at(self, epoch: int, position: int) -> tuple[int, ...]:
        """The batch at a position of an epoch, both counted from 0. Raises IndexError behind the last."""
        return self.of(epoch)[position]

    def count(self, epoch: int) -> int:
        """Batches of an epoch."""
        return len(self.of(epoch))

    def _plan(self, epoch: int) -> Plan:
        random = np.random.default_rng([self._seed, epoch])
        shuffled = random.permutation(len(self._tokens))
        taken = self._taken(shuffled[np.argsort(self._seen[shuffled], kind="stable")].tolist())
        size, longer = divmod(len(taken), self._count)
        room = [size + (number < longer) for number in range(self._count)]
        order = shuffled[np.isin(shuffled, taken)]
        table = _Table(self._keys, room)
        for place in self._by_length(order, (size + bool(longer)) * _WINDOW_BATCHES):
            table.place(place)
        batches = table.batches
        for batch in batches:
            self._seen[batch] += 1
        numbers: list[int] = random.permutation(self._count).tolist()
        return tuple(tuple(batches[number]) for number in numbers if batches[number])

    def _taken(self, order: Sequence[int]) -> list[int]:
        """Those that fit into an epoch, the first in `order` before others: of a group, a passage and a query
        no more than there are batches."""
        times = Counter[int]()
        taken: list[int] = []
        for place in order:
            if all(times[key] < self._count for key in self._keys[place]):
                times.update(self._keys[place])
                taken.append(place)
        return taken

    def _by_length(self, order: NDArray[np.int64], window: int) -> list[int]:
        """Windows of `order`, each sorted by length, up and down in turn: so they join at like lengths."""
        found: list[int] = []
        for number, start in enumerate(range(0, len(order), window)):
            part = order[start : start + window]
            part = part[np.argsort(self._tokens[part], kind="stable")]
            found.extend((part[::-1] if number % 2 else part).tolist())
        return found


def _keys(examples: Sequence[Example]) -> list[tuple[int, ...]]:
    """Numbers of each example's group, passage, its text and query: what no two in a batch may have alike."""
    numbers: dict[tuple[str, str], int] = {}
    return [
        tuple(
            numbers.setdefault(key, len(numbers))
            for key in (
                ("group", example.group),
                ("passage", example.passage_id),
                ("text", bare(example.passage)),
                ("query", bare(example.query)),
            )
        )
        for example in examples
    ]


def _batch_count(groups: Sequence[int], batch: int) -> int:
    """Batches of an epoch, by the sizes of the groups: enough for all examples, fewer where most would be but
    half as large as they could."""
    half = min(batch, len(groups)) / 2
    count = -(-sum(groups) // batch)
    while count > 1 and sum(min(size, count) for size in groups) < half * count:
        count -= 1
    return count


class _Table:
    """Batches that fill with examples, at most `room[b]` in batch b, no two with a key in common."""

    def __init__(self, keys: Sequence[tuple[int, ...]], room: Sequence[int]) -> None:
        self.batches: list[list[int]] = [[] for _ in room]
        self._keys = keys
        self._room = room
        self._held: list[set[int]] = [set() for _ in room]
        self._open = [number for number, most in enumerate(room) if most]

    def place(self, example: int) -> None:
        """Put an example into the first batch that takes it.

        Where none does it takes the place of another, which moves on to a batch with room. By groups alone
        there is always such a one: of two batches, the larger has a group that the other has not. By passages
        and queries besides there may be none, and the example is left out.
        """
        number = self._taking(example)
        if number is None:
            number = self._made_room(example)
        if number is not None:
            self._put(example, number)

    def _taking(self, example: int) -> int | None:
        keys = self._keys[example]
        return next((number for number in self._open if self._held[number].isdisjoint(keys)), None)

    def _made_room(self, example: int) -> int | None:
        """The batch that takes `example` now that one of its own has moved on."""
        keys = set(self._keys[example])
        for number, batch in enumerate(self.batches):
            in_the_way = [other for other in batch if not keys.isdisjoint(self._keys[other])]
            if len(in_the_way) > 1:
                continue
            for other in in_the_way or batch:
                target = self._taking(other)
                if target is not None:
                    self._put(other, target)
                    self._take(other, number)
                    return number
        return None

    def _put(self, example: int, number: int) -> None:
        self.batches[number].append(example)
        self._held[number].update(self._keys[example])
        if len(self.batches[number]) == self._room[number]:
            self._open.remove(number)

    def _take(self, example: int, number: int) -> None:
        self.batches[number].remove(example)
        self._held[number].difference_update(self._keys[example])
        if number not in self._open:
            insort(self._open, number)
