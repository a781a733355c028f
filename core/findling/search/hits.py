"""What a search returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from findling.documents import Anchor

    Spans = tuple[tuple[int, int], ...]


class Mode(StrEnum):
    """Which legs a search uses."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True)
class Leg:
    """What a leg gave a document's best passage: its own score (BM25, or the cosine), the rank of that among
    all passages looked at, 0 where the leg did not find it, and the share of it in the fused score."""

    score: float
    rank: int
    share: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit is where it is. `matched` are the query's words that stand in the passage, as they stand
    there; `name` those in the file's name. `reranker` is the score of a second look, where one was taken."""

    words: Leg
    meaning: Leg
    meaning_weight: float
    matched: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    reranker: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The shape of `findling search --explain --json`."""
        legs = {
            name: {"score": round(leg.score, 4), "rank": leg.rank, "share": round(leg.share, 4)}
            for name, leg in (("words", self.words), ("meaning", self.meaning))
        }
        known = {**legs, "meaning_weight": round(self.meaning_weight, 4), "matched": list(self.matched)}
        if self.name:
            known["name"] = list(self.name)
        if self.reranker is not None:
            known["reranker"] = round(self.reranker, 4)
        return known


@dataclass(frozen=True, slots=True)
class Found:
    """A passage of a hit. `highlights` are [start, end) character spans of the query's words in `snippet`,
    `meaning_highlights` those of the sentence that is nearest in meaning, where that was looked for. `start`
    and `end` place the passage in the document's text."""

    passage_id: str
    score: float
    snippet: str
    highlights: Spans
    meaning_highlights: Spans
    anchor: Anchor
    start: int
    end: int

    def to_json(self) -> dict[str, Any]:
        """A part of the shape of `findling search --json`."""
        return {
            "passage_id": self.passage_id,
            "score": round(self.score, 4),
            "snippet": self.snippet,
            "highlights": [list(span) for span in self.highlights],
            "meaning_highlights": [list(span) for span in self.meaning_highlights],
            "anchor": self.anchor.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A document, by its best passage.

    `score` orders the hits of one search: cosine for semantic (where libraries of several embedders were
    asked: on the scale of the first), BM25 for keyword, 0 … 1 for hybrid. The passage's fields are those of
    `Found`; `others` are further passages of the document that were found, best first. `copies` are
    further paths with the same content, in any of the libraries asked; `similar` paths of documents that
    are the same but for details, and would have come after it. `library` is the name of the one that `path`
    is in. `modified_ns` is when the file was changed last, in nanoseconds since 1970, 0 where that is not
    known.
    """

    path: str
    title: str
    score: float
    snippet: str
    highlights: Spans
    anchor: Anchor
    passage_id: str
    document_id: str
    kind: str
    record: str
    start: int
    end: int
    copies: tuple[str, ...] = ()
    library: str = ""
    meaning_highlights: Spans = ()
    others: tuple[Found, ...] = ()
    similar: tuple[str, ...] = ()
    explanation: Explanation | None = None
    modified_ns: int = 0

    def to_json(self, *, explain: bool = False) -> dict[str, Any]:
        """The shape of `findling search --json`."""
        known = {
            "path": self.path,
            "title": self.title,
            "score": round(self.score, 4),
            "snippet": self.snippet,
            "highlights": [list(span) for span in self.highlights],
            "meaning_highlights": [list(span) for span in self.meaning_highlights],
            "anchor": self.anchor.to_json(),
            "passage_id": self.passage_id,
            "document_id": self.document_id,
            "kind": self.kind,
            "copies": list(self.copies),
            "similar": list(self.similar),
            "library": self.library,
            "passages": [found.to_json() for found in self.others],
        }
        if explain and self.explanation is not None:
            known["explanation"] = self.explanation.to_json()
        return known


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits of a search, best first, and in words what may be amiss with the query: never nothing in
    silence."""

    hits: list[Hit] = field(default_factory=list[Hit])
    notes: tuple[str, ...] = ()
