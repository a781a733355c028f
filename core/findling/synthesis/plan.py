"""What shall be written: a value that a file of pairs begins with, so that the work can go on from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from findling.errors import UserError
from findling.synthesis.augmentation import GENERATED, Augmentation
from findling.synthesis.kinds import Purpose, chosen_kinds, hint_of
from findling.synthesis.self_supervised import Source

#: Queries for one passage: it is read once for all of them.
PER_PASSAGE = 4
PAIRS = 1000
#: Pairs of a document's own words, for one that is wanted of the generator's.
_DOCUMENT_SHARE = 4


@dataclass(frozen=True, slots=True)
class SynthesisPlan:
    """`pairs` of `kinds` that pass the filters are wanted of `generator` (an id or a path; "" for none), and
    as many of `sources`, the documents' own words; `augmentations` are then made of a part of them.
    `examples` are the person's own queries and the passages that answer them, `tasks` what the person does
    with the corpus. `generation` and `fingerprint` say which passages they are about, `documents` and
    `passages` which of them alone (all: empty). `purpose` says in which way they are asked for. Everything is
    drawn under `seed`."""

    library: str
    generation: int
    fingerprint: str
    pairs: int = PAIRS
    generator: str = ""
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = tuple(Source)
    augmentations: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()
    tasks: tuple[str, ...] = ()
    per_passage: int = PER_PASSAGE
    seed: int = 0
    documents: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    purpose: Purpose = Purpose.LEARN

    def check(self) -> None:
        """Raises `UserError` for what cannot be."""
        if self.pairs < 1:
            raise UserError("At least one pair must be wanted.", "Give a number above 0.")
        if not self.generator and not self.sources:
            raise UserError("There is neither a generator nor a source of pairs.", "Choose one of them.")
        chosen_kinds(self.kinds)
        for what, names, known in (
            ("source", self.sources, tuple(Source)),
            ("augmentation", self.augmentations, tuple(Augmentation)),
        ):
            for name in names:
                if name not in known:
                    raise UserError(f"There is no {what} {name!r}.", hint_of(name, known))
        needing = [name for name in self.augmentations if name in GENERATED]
        if needing and not self.generator:
            raise UserError(
                f"Nothing writes {needing[0]!r} without a generator.", "Name one, or leave it out."
            )

    @property
    def pairs_of_documents(self) -> int:
        """How many pairs of the documents' own words are wanted."""
        return _DOCUMENT_SHARE * self.pairs if self.sources else 0

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`; names of later versions are ignored. Raises KeyError, TypeError, and
        ValueError."""
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        for name in ("kinds", "sources", "augmentations", "tasks", "documents", "passages"):
            values[name] = tuple(values.get(name, ()))
        values["purpose"] = Purpose(values.get("purpose", Purpose.LEARN))
        values["examples"] = tuple(
            (str(query), str(passage)) for query, passage in values.get("examples", ())
        )
        return cls(**values)
