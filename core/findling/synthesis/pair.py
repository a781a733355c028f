"""A pair: a query and the passage that answers it, with all that is known of how it came about.

Documents are the person's own, and only queries are synthetic; the paper whose task families the kinds follow
(Wang et al. 2024, arXiv 2401.00368) had its documents written by a model, too.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Self


class Origin(StrEnum):
    """Who wrote the query."""

    GENERATED = "generated"  # a language model
    DOCUMENT = "document"  # the document itself: a heading, a sentence
    AUGMENTED = "augmented"  # made of another pair's
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a pair came about: the `kind` of query (a file of `synthesis/kinds`, or a source of
    `self_supervised`), the generator's id, a hash of the prompt, the seed, the slots that were filled in, and
    for an augmented pair how (`kind`) and of which pair (`parent`)."""

    origin: Origin
    kind: str
    generator: str = ""
    prompt: str = ""
    seed: int = 0
    slots: dict[str, str] = field(default_factory=dict[str, str])
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Positive:
    """The passage that answers: `text` is what an embedder is given for it, and stands at characters
    [start, end) of the document, but for what a self-supervised pair left out of it."""

    passage_id: str
    document_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one filter found: `value` is what it measured, `reason` says in words why it did not let pass."""

    filter: str
    passed: bool
    value: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TeacherScore:
    """How well a passage answers the query, by a teacher: z-normalised over the candidates of the query."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Pair:
    """`id` is the same in every run of the same plan. `language` is an ISO 639-1 code or ""."""

    id: str
    query: str
    positive: Positive
    provenance: Provenance
    language: str = ""
    verdicts: tuple[Verdict, ...] = ()
    teacher: tuple[TeacherScore, ...] = ()

    @property
    def refusal(self) -> Verdict | None:
        """The first verdict that did not let it pass."""
        return next((verdict for verdict in self.verdicts if not verdict.passed), None)

    @property
    def kept(self) -> bool:
        """Whether every filter let it pass."""
        return self.refusal is None

    @property
    def reason(self) -> str:
        """Why it was not kept; "" where it was."""
        return self.refusal.reason if self.refusal else ""

    def judged(self, *verdicts: Verdict) -> Pair:
        """The pair with further verdicts."""
        return replace(self, verdicts=(*self.verdicts, *verdicts))

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`. Raises KeyError, TypeError, ValueError."""
        provenance = stored["provenance"]
        values: dict[str, Any] = stored | {
            "positive": Positive(**stored["positive"]),
            "provenance": Provenance(**provenance | {"origin": Origin(provenance["origin"])}),
            "verdicts": tuple(Verdict(**each) for each in stored.get("verdicts", ())),
            "teacher": tuple(TeacherScore(**each) for each in stored.get("teacher", ())),
        }
        return cls(**values)


def pair_id(*parts: object) -> str:
    """16 hexadecimal digits that tell a pair from all others."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode("utf-8", errors="surrogatepass"), digest_size=8).hexdigest()
