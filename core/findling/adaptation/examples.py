"""From pairs to what is trained on, measured by and judged by: three sides of a split by document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from findling.adaptation.relocation import relocated
from findling.adaptation.sides import sides_of
from findling.errors import UserError
from findling.synthesis.pair import Origin
from findling.training.example import Candidate, Example

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from findling.store import PassageRow
    from findling.synthesis.pair import Pair

#: Below it nothing can be learned that would show.
LEAST_PAIRS = 100
#: Queries to measure by; documents' own words make up for what is missing of them.
_ENOUGH_ASKED = 100
#: Whose queries are like questions that somebody asks.
_ASKING = (Origin.GENERATED, Origin.PERSON)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query to measure by, and the document that answers it."""

    query: str
    document_id: str
    passage_id: str

    def answer(self, *, by_passages: bool) -> str:
        """The id of what answers, where documents are searched for or passages."""
        return self.passage_id if by_passages else self.document_id


@dataclass(frozen=True, slots=True)
class Material:
    """What a run learns of, and is measured and judged by; documents and near-duplicates of them are on one
    side alone. `groups` has the group of each passage, as in `Sides`; `learnable` are those of the side that
    `train` is of, among which hard negatives are to be looked for.

    `by_passages` says that documents were so few, or one so large, that parts of one are on several sides:
    then it is the passage that answers, and to find its document is nothing. `dev` is filled up with
    documents' own words, and `test` is of them where nobody asked anything. `held_out_pairs` says that
    `test` are pairs like those that were learned, for want of questions written to judge by.
    """

    train: tuple[Example, ...]
    dev: tuple[Asked, ...]
    test: tuple[Asked, ...]
    groups: Mapping[str, str]
    learnable: frozenset[str]
    by_passages: bool = False
    held_out_pairs: bool = True


def material_of(
    pairs: Iterable[Pair], rows: Sequence[PassageRow], seed: int, questions: Iterable[Pair] = ()
) -> Material:
    """Split the kept pairs of a library. `rows` are all of its passages: sides come of what it holds, and not
    of what was asked of it. Kept `questions` about passages of the test side judge, with what a person asks
    of these; without any, pairs about them do. Those of passages that have another id by now are `relocated`.
    Raises `UserError` for too few pairs."""
    sides = sides_of(rows, seed)
    given = list(pairs)
    pairs = relocated(given, rows)
    texts = {row.passage_id: row.content for row in rows if row.passage_id in sides.train}
    train: list[Example] = []
    dev: list[Asked] = []
    test: list[Asked] = []
    persons: list[Asked] = []
    dev_words: list[Asked] = []
    test_words: list[Asked] = []
    for pair in pairs:
        passage, origin = pair.positive.passage_id, pair.provenance.origin
        if passage in sides.train:
            train.append(_example(pair, sides.groups[passage], texts))
        elif passage in sides.dev and origin in _ASKING:
            dev.append(_asked(pair))
        elif passage in sides.test and origin in _ASKING:
            test.append(_asked(pair))
            if origin is Origin.PERSON:
                persons.append(test[-1])
        elif origin is Origin.DOCUMENT and (passage in sides.dev or passage in sides.test):
            (dev_words if passage in sides.dev else test_words).append(_asked(pair))
    judging = [_asked(pair) for pair in relocated(questions, rows) if pair.positive.passage_id in sides.test]
    if len(train) < LEAST_PAIRS:
        lost = len(given) - len(pairs)
        about = f" {lost:,} others are about texts that are not in this library any more." if lost else ""
        raise UserError(
            f"There are {len(train)} pairs to learn from, too few to tune with.{about}",
            f"Have at least {2 * LEAST_PAIRS} written: findling synth",
        )
    dev += dev_words[: max(0, _ENOUGH_ASKED - len(dev))]
    return Material(
        tuple(train),
        tuple(dev),
        (*judging, *persons) if judging else tuple(test or test_words),
        sides.groups,
        sides.train,
        sides.by_passages,
        not judging,
    )


def _asked(pair: Pair) -> Asked:
    return Asked(pair.query, pair.positive.document_id, pair.positive.passage_id)


def _example(pair: Pair, group: str, texts: Mapping[str, str]) -> Example:
    """`negatives` are the candidates that a teacher has scored, of those to learn from, `texts`; mined ones
    come later."""
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
