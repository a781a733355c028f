"""What a search returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from findling.documents import Anchor


class Mode(StrEnum):
    """Which legs a search uses."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True)
class Hit:
    """A document's best passage.

    `score` orders the hits of one search: cosine for semantic (where libraries of several embedders were
    asked: on the scale of the first), BM25 for keyword, 0 … 1 for hybrid.
    `highlights` are [start, end) character spans of the query's words in `snippet`. `start` and `end`
    place the passage in the document's text. `copies` are further paths with the same content, in any of the
    libraries asked; `library` is the name of the one that `path` is in.
    """

    path: str
    title: str
    score: float
    snippet: str
    highlights: tuple[tuple[int, int], ...]
    anchor: Anchor
    passage_id: str
    document_id: str
    kind: str
    record: str
    start: int
    end: int
    copies: tuple[str, ...] = ()
    library: str = ""

    def to_json(self) -> dict[str, Any]:
        """The shape of `findling search --json`."""
        return {
            "path": self.path,
            "title": self.title,
            "score": round(self.score, 4),
            "snippet": self.snippet,
            "highlights": [list(span) for span in self.highlights],
            "anchor": self.anchor.to_json(),
            "passage_id": self.passage_id,
            "document_id": self.document_id,
            "kind": self.kind,
            "copies": list(self.copies),
            "library": self.library,
        }
