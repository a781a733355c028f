"""Which of a library's passages are learned from, which choose, and which judge. All of them have a side,
whether anything was asked of them or not: it is settled before a query is written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from findling.training.splits import groups_of, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from findling.store import PassageRow

#: A document with more than this share of all passages is cut: on one side alone it would leave too little to
#: the others. So all are in libraries of five documents or fewer, unless they are short.
LARGE = 1 / 6
#: Blocks that such a document is cut into at most, and passages of a block at least.
_BLOCKS = 20
_LEAST_BLOCK = 8
#: Passages that are left out where one side borders on another: neighbours may overlap.
GAP = 1
#: Where two sides have something in common, the one that comes first here gives it up.
_GIVE = ("train", "dev", "test")


@dataclass(frozen=True, slots=True)
class Sides:
    """Ids of passages by what they are for. Those on no side are only searched: they stand between two sides,
    or repeat what is on another one.

    `groups` has the group of each passage: of near-duplicates of its document, or, where that was cut, of its
    block. `by_passages` says whether a document was.
    """

    train: frozenset[str]
    dev: frozenset[str]
    test: frozenset[str]
    groups: Mapping[str, str]
    by_passages: bool


def sides_of(rows: Iterable[PassageRow], seed: int) -> Sides:
    """The sides of all passages of a library. The same for the same passages under the same seed, in whatever
    order; no document, nor a near-duplicate of it, is on two sides, but for one that is cut into blocks (see
    `LARGE`)."""
    documents: dict[str, list[PassageRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.document_id, row.start, row.end, row.passage_id)):
        documents[row.document_id].append(row)
    clusters = groups_of({name: "\n".join(row.text for row in own) for name, own in documents.items()})
    total = sum(map(len, documents.values()))
    cut: dict[str, str] = {}
    for name, own in documents.items():
        if len(own) > LARGE * total and len(own) >= 2 * _LEAST_BLOCK:
            cut.setdefault(clusters[name], name)
    groups: dict[str, str] = {}
    taken: dict[str, dict[str, str]] = defaultdict(dict)  # by the document that was cut, "" for all others
    for name, own in documents.items():
        cut_here = cut.get(clusters[name])
        blocks = min(_BLOCKS, len(own) // _LEAST_BLOCK) if cut_here == name else 0
        for place, row in enumerate(own):
            group = f"{name}#{place * blocks // len(own)}" if blocks else clusters[name]
            groups[row.passage_id] = group
            if blocks or cut_here is None:  # a near-duplicate would have to be cut at the same places
                taken[cut_here or ""][row.passage_id] = group
    sides: dict[str, str] = {}
    for group_of in taken.values():
        parts = split(group_of.values(), seed=seed)
        side_of = {group: side for side in _GIVE for group in getattr(parts, side)}
        sides |= {passage: side_of[group] for passage, group in group_of.items()}
    for name in cut.values():
        _leave_gaps(documents[name], sides)
    _leave_repeated([row for name in cut.values() for row in documents[name]], sides)
    train, dev, test = (frozenset(each for each, side in sides.items() if side == name) for name in _GIVE)
    return Sides(train, dev, test, groups, bool(cut))


def _leave_gaps(own: Sequence[PassageRow], sides: dict[str, str]) -> None:
    """Take off passages of a document, in its order, where two sides meet."""
    before = [sides[row.passage_id] for row in own]
    for place, (one, other) in enumerate(pairwise(before), 1):
        if one == other:
            continue
        back = _GIVE.index(one) < _GIVE.index(other)
        for row in own[max(0, place - GAP) : place] if back else own[place : place + GAP]:
            sides.pop(row.passage_id, None)


def _leave_repeated(rows: Sequence[PassageRow], sides: dict[str, str]) -> None:
    """Of passages that say nearly the same leave those on the last of their sides: what judges was read
    nowhere else."""
    left = [row for row in rows if row.passage_id in sides]
    alike: dict[str, list[str]] = defaultdict(list)
    for passage, group in groups_of({row.passage_id: row.text for row in left}).items():
        alike[group].append(passage)
    for passages in alike.values():
        last = max(_GIVE.index(sides[passage]) for passage in passages)
        for passage in passages:
            if sides[passage] != _GIVE[last]:
                del sides[passage]
