"""The model card: what must be known of a model to use it, as `card.json` beside its weights."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from findling.errors import ModelDamaged, UserError
from findling.settings import write_json

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

CARD_FILE = "card.json"
#: What to do about a damaged model: libraries go on with one of the same id and weights.
INSTALL_AGAIN = "Install it again under its id: 'findling models add' or 'export', with --id."


class Kind(StrEnum):
    """What a model is for."""

    EMBEDDER = "embedder"
    GENERATOR = "generator"
    RERANKER = "reranker"


class Pooling(StrEnum):
    """How token states become one vector. It is part of the graph; the card says which it is."""

    MEAN = "mean"
    WEIGHTED_MEAN = "weighted mean"  # token i of n counts i + 1 times: later tokens of a decoder saw more
    CLS = "cls"
    LAST_TOKEN = "last token"  # noqa: S105  # no password


@dataclass(frozen=True, slots=True)
class ModelCard:
    """An embedder: `dim` is the length of its vectors, `max_tokens` counts special tokens too.

    Or a reranker, a cross-encoder: its graph gives one number (`dim` is 1) for a query and a passage that it
    reads together, `max_tokens` long with special ones; it has neither prefixes nor pooling but CLS.

    The prefixes are put before the text byte for byte; `{instruction}` in the query's stands for
    `instruction`, which a library may replace. `eos` is a token that the tokenizer does not add itself and
    that must end every text, a truncated one too. `variants` maps each precision ("fp32", "int8", "fp16")
    to its graph. `needs_tuning` marks a base that searches badly until it is tuned. `weights` is the sha256
    of the weights that the graphs were made from. `files` maps every file of the model to its sha256, so
    that a cut-off or altered one is noticed; `provenance` says where the weights came from.
    """

    id: str
    name: str
    base: str
    dim: int
    max_tokens: int
    pooling: Pooling
    weights: str
    query_prefix: str = ""
    document_prefix: str = ""
    licence: str = ""
    languages: tuple[str, ...] = ()
    instruction: str = ""
    eos: str = ""
    needs_tuning: bool = False
    variants: dict[str, str] = field(default_factory=lambda: {"fp32": "model.onnx"})
    tokenizer: str = "tokenizer.json"
    files: dict[str, str] = field(default_factory=dict[str, str])
    provenance: dict[str, str] = field(default_factory=dict[str, str])
    kind: Kind = Kind.EMBEDDER

    @property
    def highest(self) -> str:
        """The highest precision that there is a graph of."""
        return "fp32" if "fp32" in self.variants else next(iter(self.variants))

    @property
    def graph(self) -> str:
        """The graph of the highest precision."""
        return self.variants[self.highest]

    @property
    def takes_instruction(self) -> bool:
        """Whether a query is preceded by its task."""
        return "{instruction}" in self.query_prefix

    def query_text(self, query: str, instruction: str = "") -> str:
        """The query as the model wants it, with `instruction` or else the card's own."""
        return self.query_prefix.replace("{instruction}", instruction or self.instruction) + query

    @property
    def fingerprint(self) -> str:
        """What vectors depend on: vectors of equal fingerprint may be compared and reused.

        A hash of weights, tokenizer, length, pooling, document prefix and EOS; 16 hexadecimal digits. All
        variants of the same weights agree: fusing and precision change speed and not meaning.
        """
        return fingerprint_of(
            self.weights,
            self.files[self.tokenizer],
            str(self.max_tokens),
            self.pooling,
            self.document_prefix,
            self.eos,
        )

    def check_kind(self, wanted: Kind) -> None:
        """Raises `UserError` unless the model is of that kind."""
        if self.kind is not wanted:
            raise UserError(f"{self.id} is no {wanted} but a model of the kind {self.kind}.")

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads."""
        return {**asdict(self), "languages": list(self.languages)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`; names of later versions are ignored.

        Raises KeyError, TypeError, ValueError.
        """
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        values["pooling"] = Pooling(values["pooling"])
        values["kind"] = Kind(values.get("kind", Kind.EMBEDDER))
        values["languages"] = tuple(values.get("languages", ()))
        return cls(**values)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read `card.json`. Raises `ModelDamaged` when it is missing, no card, or names files elsewhere."""
        with reading_card(directory) as stored:
            card = cls.from_json(stored)
            for name in (*card.variants.values(), card.tokenizer):
                if name not in card.files:
                    raise ValueError(f"{name} is not among its files")
            check_inside(card.files)
            return card

    def save(self, directory: Path) -> None:
        """Write `card.json`, last of all files, so that a directory with a card is complete."""
        write_card(self.to_json(), directory)


@contextmanager
def reading_card(directory: Path) -> Generator[dict[str, Any]]:
    """What `card.json` holds, of whatever kind of model. Raises `ModelDamaged` when it is missing, no JSON,
    or the block finds a value missing or wrong."""
    path = directory / CARD_FILE
    try:
        yield json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelDamaged(
            f"The model card {path} cannot be read: {error}.",
            INSTALL_AGAIN,
        ) from error


def write_card(stored: dict[str, Any], directory: Path) -> None:
    """Write `card.json`."""
    write_json(directory / CARD_FILE, stored)


def kind_in(directory: Path) -> Kind:
    """The kind of the model whose `card.json` lies there. Raises `ModelDamaged`."""
    with reading_card(directory) as stored:
        return Kind(stored.get("kind", Kind.EMBEDDER))


def check_inside(names: Iterable[str]) -> None:
    """Raises ValueError unless all files lie in the model's directory."""
    for name in names:
        place = PurePosixPath(name.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts or ":" in name:
            raise ValueError(f"{name} is not a file of the model")


def fingerprint_of(*parts: str) -> str:
    """16 hexadecimal digits over `parts`, each told apart from its neighbours."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part.encode())
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """sha256 of a file, hexadecimal, read in chunks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
