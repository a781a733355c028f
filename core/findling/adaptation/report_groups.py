"""Parts of a library side by side: what was asked of each, and whether any of them loses by tuning."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.evaluation.significance import differences_of
from findling.library.folders import folders_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from findling.store import FileRow

#: Of fewer questions neither a gain nor a loss is told: a bootstrap of them has too narrow an interval.
LEAST_QUESTIONS = 20
#: Groups of one kind; the smallest ones are taken together.
MOST_GROUPS = 12
OTHERS = "all others"
UNKNOWN = "not known"
#: Characters, and what documents of fewer are called.
_LENGTHS = (
    (1_000, "under 1,000 characters"),
    (5_000, "1,000 to 5,000"),
    (20_000, "5,000 to 20,000"),
    (100_000, "20,000 to 100,000"),
)
_LONGEST = "over 100,000 characters"


class Said(StrEnum):
    """What the questions about a group say of it."""

    LOSES = "loses"
    GAINS = "gains"
    NO_DIFFERENCE = "no difference"
    TOO_FEW = "too few to tell"
    NOT_ASKED = "nothing asked"


@dataclass(frozen=True, slots=True)
class Described:
    """What a document is grouped by."""

    folder: str
    format: str
    language: str
    length: str


def described(files: Iterable[FileRow], characters: Mapping[str, int]) -> dict[str, Described]:
    """The groups of each document, by id, of a library's indexed files; `characters` has their lengths."""
    first: dict[str, FileRow] = {}
    for row in files:
        if row.document_id:
            first.setdefault(row.document_id, row)
    folders = folders_of(first, MOST_GROUPS)
    return {
        document: Described(
            folders[document],
            row.kind or UNKNOWN,
            row.language or UNKNOWN,
            _length(characters.get(document, 0)),
        )
        for document, row in first.items()
    }


def groups_of(
    documents: Mapping[str, Described],
    pairs: Sequence[str],
    questions: Sequence[Mapping[str, Any]],
) -> dict[str, list[dict[str, Any]]]:
    """Groups by "folder", "format", "language" and "length": {name, documents, documents_with_pairs, pairs,
    questions, meaning, both, said}; the largest first, lengths in order.

    `pairs` are the documents of the pairs, `questions` have `documents` that answer and what the tuned model
    gained by meaning and by both legs, `gain` and `hybrid_gain`. A question belongs to the group that most of
    its documents are of. `meaning` and `both` are {mean, low, high, p}, nDCG@10 of 0 … 1; None where nothing
    was asked.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for by in Described.__dataclass_fields__:
        names = {document: getattr(row, by) for document, row in documents.items()}
        found[by] = _of_one_kind(names, pairs, questions)
    names = [*(name for _, name in _LENGTHS), _LONGEST]
    found["length"].sort(key=lambda group: names.index(group["name"]))
    return found


def losing(groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The groups that lose, with `by` and `leg`, "meaning" or "both", for each way in which they do."""
    return [
        {"by": by, "name": group["name"], "leg": leg, "questions": group["questions"], **group[leg]}
        for by, found in groups.items()
        for group in found
        if group["said"] == Said.LOSES
        for leg in ("meaning", "both")
        if group[leg]["high"] < 0
    ]


def _of_one_kind(
    names: dict[str, str], pairs: Sequence[str], questions: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    sizes = Counter(names.values())
    if len(sizes) > MOST_GROUPS:
        kept = {name for name, _ in sizes.most_common(MOST_GROUPS - 1)}
        names = {document: name if name in kept else OTHERS for document, name in names.items()}
        sizes = Counter(names.values())
    by_pairs = Counter(names[document] for document in pairs if document in names)
    with_pairs = Counter(names[document] for document in set(pairs) if document in names)
    asked: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for question in questions:
        found = Counter(names[document] for document in question["documents"] if document in names)
        if found:
            asked[found.most_common(1)[0][0]].append((question["gain"], question["hybrid_gain"]))
    return [
        {
            "name": name,
            "documents": sizes[name],
            "documents_with_pairs": with_pairs[name],
            "pairs": by_pairs[name],
            "questions": len(asked[name]),
            **_gained(asked[name]),
        }
        for name in sorted(sizes, key=lambda name: (name == OTHERS, -sizes[name], name))
    ]


def _gained(gains: list[tuple[float, float]]) -> dict[str, Any]:
    if not gains:
        return {"meaning": None, "both": None, "said": Said.NOT_ASKED}
    legs = differences_of(np.array(gains, np.float64))
    if len(gains) < LEAST_QUESTIONS:
        said = Said.TOO_FEW
    elif any(leg.high < 0 for leg in legs):
        said = Said.LOSES
    elif any(leg.low > 0 for leg in legs):
        said = Said.GAINS
    else:
        said = Said.NO_DIFFERENCE
    meaning, both = ({name: asdict(leg)[name] for name in ("mean", "low", "high", "p")} for leg in legs)
    return {"meaning": meaning, "both": both, "said": said}


def _length(characters: int) -> str:
    return next((name for least, name in _LENGTHS if characters < least), _LONGEST)
