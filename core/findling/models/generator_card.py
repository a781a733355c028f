"""The card of a generator: what must be known of a GGUF language model to write with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from findling.models.card import Kind, check_inside, reading_card, write_card

if TYPE_CHECKING:
    from pathlib import Path

#: From this many parameters on a model does what it is told in its chat template, within a JSON grammar
#: (a judgement: little is published on smaller ones). Smaller ones go on with examples better than they obey.
CHAT_PARAMETERS = 3_000_000_000


class Style(StrEnum):
    """How a generator is asked."""

    COMPLETION = "completion"  # it goes on with a text of examples, one line at a time
    CHAT = "chat"  # it is given an instruction in its chat template, and answers in JSON


@dataclass(frozen=True, slots=True)
class GeneratorCard:
    """A language model in the GGUF file `file`, beside the card.

    `base` is the repository, or the name, of what the file was made from. `languages` are codes of ISO 639;
    "mul" stands for many, and none for unknown. `context_tokens` is the longest text that it was trained on,
    `parameters` how many numbers its tensors have. `sha256` is that of the file, "" for one that is used
    where it lies; `provenance` says where it came from.
    """

    id: str
    name: str
    base: str
    file: str
    context_tokens: int
    parameters: int
    style: Style
    has_chat_template: bool = False
    licence: str = ""
    languages: tuple[str, ...] = ()
    sha256: str = ""
    provenance: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def kind(self) -> Kind:
        """`Kind.GENERATOR`."""
        return Kind.GENERATOR

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads."""
        return {"kind": self.kind, **asdict(self), "languages": list(self.languages)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`; names of later versions are ignored.

        Raises KeyError, TypeError, ValueError.
        """
        if stored["kind"] != Kind.GENERATOR:
            raise ValueError("it is no generator's")
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        values["style"] = Style(values["style"])
        values["languages"] = tuple(values.get("languages", ()))
        return cls(**values)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read `card.json`. Raises `ModelDamaged` when it is missing, no generator's, or names a file
        elsewhere."""
        with reading_card(directory) as stored:
            card = cls.from_json(stored)
            check_inside([card.file])
            return card

    def save(self, directory: Path) -> None:
        """Write `card.json`, after the file, so that a directory with a card is complete."""
        write_card(self.to_json(), directory)


def style_for(parameters: int, *, has_chat_template: bool) -> Style:
    """How a model of that size is best asked."""
    return Style.CHAT if has_chat_template and parameters >= CHAT_PARAMETERS else Style.COMPLETION
