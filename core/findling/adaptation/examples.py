"""From pairs to what is trained on, measured by and judged by: three sides of a split by document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from findling.errors import UserError
from findling.synthesis.pair import Origin
from findling.training.example import Candidate, Example
from findling.training.splits import groups_of, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from findling.store import PassageRow
    from findling.synthesis.pair import Pair

#: Below it nothing can be learned that would show.
LEAST_PAIRS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A query to measure by, and the document that answers it."""

    query: str
    document_id: str
    passage_id: str


@dataclass(frozen=True, slots=True)
class Material:
    """What a run learns of, and is measured and judged by; documents and near-duplicates of them are on one
    side alone. `groups` has the cluster of each document."""

    train: tuple[Example, ...]
    dev: tuple[Asked, ...]
    test: tuple[Asked, ...]
    groups: Mapping[str, str]


def material_of(pairs: Iterable[Pair], rows: Sequence[PassageRow], seed: int) -> Material:
    """Split the kept pairs of a library whose passages `rows` are. Raises `UserError` for too few."""
    known = {row.passage_id for row in rows}
    pairs = [pair for pair in pairs if pair.positive.passage_id in known]
    documents = {
        document: "\n".join(row.text for row in own)
        for document, own in groupby(
            sorted(rows, key=lambda row: (row.document_id, row.start)), key=lambda row: row.document_id
        )
    }
    asked_of = {pair.positive.document_id for pair in pairs}
    groups = groups_of({document: text for document, text in documents.items() if document in asked_of})
    sides = split(groups.values(), seed=seed)
    texts = {row.passage_id: row.content for row in rows}
    train: list[Example] = []
    dev: list[Asked] = []
    test: list[Asked] = []
    for pair in pairs:
        group = groups[pair.positive.document_id]
        if group in sides.train:
            train.append(_example(pair, group, texts))
        elif pair.provenance.origin in (Origin.GENERATED, Origin.PERSON):
            asked = Asked(pair.query, pair.positive.document_id, pair.positive.passage_id)
            (dev if group in sides.dev else test).append(asked)
    if len(train) < LEAST_PAIRS:
        raise UserError(
            f"There are {len(train)} pairs to learn from, too few to tune with.",
            f"Have at least {2 * LEAST_PAIRS} written: findling synth",
        )
    return Material(tuple(train), tuple(dev), tuple(test), groups)


def _example(pair: Pair, group: str, texts: Mapping[str, str]) -> Example:
    """`negatives` are the candidates that a teacher has scored; mined ones come later."""
    positive = pair.positive
    scores = {each.passage_id: each.score for each in pair.teacher}
    example = Example(
        pair.id,
        pair.query,
        positive.passage_id,
        positive.text,
        group,
        pair.provenance.kind,
        scores.pop(positive.passage_id, None),
    )
    candidates = tuple(
        Candidate(passage, texts[passage], score) for passage, score in scores.items() if passage in texts
    )
    return replace(example, negatives=candidates)
