"""What a tuning run is to do: all that a person chose, and what was there when it was planned."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from findling.adaptation.budget import MINUTES, PAIRS
from findling.errors import FindlingError, ModelNotFound, UserError
from findling.models import BUILTIN_EMBEDDERS, InstalledModels, Kind
from findling.models.builtin import BUILTIN_LANGUAGE_MODELS

if TYPE_CHECKING:
    from findling.embedding.export.source import Source
    from findling.library import Libraries
    from findling.settings import Settings


class Promotion(StrEnum):
    """When the tuned model takes over."""

    AUTO = "auto"  # when it is better
    ASK = "ask"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class TuningPlan:
    """`base` is the id of the embedder to tune, `pairs_file` a file of pairs that is there already ("": they
    are written first), `qrels` a collection in BEIR layout whose judgements decide ("": the library's own,
    and pairs of held-out documents where those are too few). `minutes` bound the training, `denoising` are
    steps of warm-up on passages before it. With `review` the run waits for the person to look at the pairs
    before anything is learned."""

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
    denoising: int = 0
    review: bool = False

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
    denoising: int = 0
    review: bool = False


def plan_of(libraries: Libraries, library: str, wishes: TuningWishes) -> TuningPlan:
    """The plan. Raises `LibraryNotFound`, `ModelNotFound`, `CollectionError`, and `UserError` for what cannot
    be: a base that there are no weights of to tune, no torch, a file of other pairs."""
    from findling.component import tune_command
    from findling.embedding.export import can_export
    from findling.evaluation import QRELS_FILE, read_qrels
    from findling.synthesis.pair_file import read_pairs

    if not can_export():
        raise UserError("Tuning needs torch and transformers.", f"Run: {tune_command()}")
    active = libraries.info(library).active
    base = wishes.base or active.model
    tunable_source(base, libraries.settings)
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
        wishes.denoising,
        wishes.review,
    )


def tunable_bases(settings: Settings) -> list[str]:
    """Ids of the embedders whose weights are here to be tuned: built in, downloaded or tuned before."""
    installed = InstalledModels(settings.home.models)
    found = {model.card.id for model in installed.list() if installed.kind(model.card.id) is Kind.EMBEDDER}
    bases: list[str] = []
    for model_id in sorted(found | {*BUILTIN_EMBEDDERS, *BUILTIN_LANGUAGE_MODELS}):
        try:
            tunable_source(model_id, settings)
        except FindlingError:
            continue
        bases.append(model_id)
    return bases


def tunable_source(base: str, settings: Settings) -> Source:
    """Where the torch weights of an embedder are: of a built-in, a downloaded or a tuned model, or in a
    directory. Raises `UserError` for one whose weights are not there, or no longer."""
    from findling.embedding.export import known_source

    models = InstalledModels(settings.home.models)
    if base not in BUILTIN_EMBEDDERS and models.kind(base) is Kind.EMBEDDER:
        made_of = models.get(base).card.provenance.get("source", "")
        if Path(made_of).is_absolute() and Path(made_of).exists():
            return known_source(made_of, settings)
    try:
        return known_source(base, settings)
    except ModelNotFound as error:
        raise UserError(
            f"There are no weights of {base} to tune.",
            f"Built in: {', '.join((*BUILTIN_EMBEDDERS, *BUILTIN_LANGUAGE_MODELS))} (--base).",
        ) from error
