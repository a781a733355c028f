"""What a tuning run is to do: all that a person chose, and what was there when it was planned."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from findling.errors import UserError
from findling.models import BUILTIN_EMBEDDERS

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries

#: Without a wish.
PAIRS = 1500
MINUTES = 15.0


class Promotion(StrEnum):
    """When the tuned model takes over."""

    AUTO = "auto"  # when it is better
    ASK = "ask"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class TuningPlan:
    """`base` is the id of the embedder to tune, `pairs_file` a file of pairs that is there already ("": they
    are written first), `qrels` a collection in BEIR layout whose judgements decide ("": the library's own,
    and pairs of held-out documents where those are too few). `minutes` bound the training."""

    library: str
    generation: int
    fingerprint: str
    base: str
    generator: str
    pairs: int = PAIRS
    pairs_file: str = ""
    minutes: float = MINUTES
    qrels: str = ""
    promotion: Promotion = Promotion.ASK
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`; names of later versions are ignored. Raises TypeError, ValueError."""
        known = {item.name for item in fields(cls)}
        values: dict[str, Any] = {name: value for name, value in stored.items() if name in known}
        values["promotion"] = Promotion(values.get("promotion", Promotion.ASK))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class TuningWishes:
    """What a person says; "" and None leave it to Findling."""

    base: str = ""
    generator: str | None = None
    pairs: int = PAIRS
    pairs_file: Path | None = None
    minutes: float = MINUTES
    qrels: Path | None = None
    promotion: Promotion = Promotion.ASK
    seed: int = 0


def plan_of(libraries: Libraries, library: str, wishes: TuningWishes) -> TuningPlan:
    """The plan. Raises `LibraryNotFound`, `ModelNotFound`, `CollectionError`, and `UserError` for what cannot
    be: a base that there are no weights of to tune, no torch, a file of other pairs."""
    from findling.embedding.export import can_export
    from findling.evaluation import QRELS_FILE, read_qrels
    from findling.synthesis.pair_file import read_pairs

    if not can_export():
        raise UserError("Tuning needs torch and transformers.", "Run: pip install 'findling[tune]'")
    active = libraries.info(library).active
    base = wishes.base or active.model
    tunable_source(base)
    if wishes.qrels is not None:
        read_qrels(wishes.qrels / QRELS_FILE)
    if wishes.pairs_file is not None:
        made_of = read_pairs(wishes.pairs_file).plan.get("library")
        if made_of not in (library, None):
            raise UserError(f"{wishes.pairs_file} has pairs of the library {made_of!r}.")
    chosen = libraries.settings.generator if wishes.generator is None else wishes.generator
    return TuningPlan(
        library,
        active.number,
        active.fingerprint,
        base,
        "" if chosen == "none" else chosen,
        wishes.pairs,
        str(wishes.pairs_file.absolute()) if wishes.pairs_file else "",
        wishes.minutes,
        str(wishes.qrels.absolute()) if wishes.qrels else "",
        wishes.promotion,
        wishes.seed,
    )


def tunable_source(base: str) -> str:
    """Where the torch weights of an embedder are: a built-in id. Raises `UserError` for one whose weights are
    not there."""
    if base in BUILTIN_EMBEDDERS:
        return base
    raise UserError(
        f"There are no weights of {base} to tune, only its graph.",
        f"Tune one of: {', '.join(BUILTIN_EMBEDDERS)} (--base).",
    )
