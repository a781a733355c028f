"""What is learned of: a query, a passage that answers it, and passages that do not, or less well."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage beside the positive. `teacher` is how well it answers by a teacher, on the same scale as the
    positive's score; None where no teacher has seen it."""

    passage_id: str
    text: str
    teacher: float | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """`id` tells it from all others. `group` is the document, or the cluster of near-duplicate documents,
    that the positive comes from: two examples of one group never stand in one batch, and all of a group are
    on the same side of a split. `kind` is what the query is like, `weight` how much it counts, 1 for most.
    `teacher` is the positive's score where there is one."""

    id: str
    query: str
    passage_id: str
    passage: str
    group: str
    kind: str = ""
    teacher: float | None = None
    negatives: tuple[Candidate, ...] = ()
    weight: float = 1.0
