"""A part of a document to read: a passage among its neighbours, or the beginning."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from findling.documents import SEPARATOR, Anchor
from findling.errors import UserError
from findling.library.judgements import Documents
from findling.search import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.library.opened import OpenLibrary
    from findling.store import PassageRow

#: The most that is given at a time: about 5,000 tokens of a language model.
MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A run of a document's passages as one text. What lies between passages was not indexed and is a blank
    line. `cut` says that less was given than was wished for, because of its length."""

    path: str
    copies: tuple[str, ...]
    title: str
    kind: str
    document_id: str
    library: str
    text: str
    passages: tuple[ReadPassage, ...]
    #: Ids of the passages before and after, "" at the ends of the document.
    previous: str
    next: str
    cut: bool

    def to_json(self) -> dict[str, Any]:
        """What agents are given."""
        return {
            "path": self.path,
            "copies": list(self.copies),
            "title": self.title,
            "kind": self.kind,
            "document_id": self.document_id,
            "library": self.library,
            "text": self.text,
            "passages": [passage.to_json() for passage in self.passages],
            "previous_passage_id": self.previous,
            "next_passage_id": self.next,
            "cut": self.cut,
        }


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage of an excerpt: it stands at characters [start, end) of its text."""

    passage_id: str
    anchor: Anchor
    start: int
    end: int

    def to_json(self) -> dict[str, Any]:
        """What agents are given."""
        return {
            "passage_id": self.passage_id,
            "anchor": self.anchor.to_json(),
            "start": self.start,
            "end": self.end,
        }


def read(
    library: OpenLibrary,
    document: str,
    passage_id: str = "",
    before: int = 1,
    after: int = 1,
    most_characters: int = MOST_CHARACTERS,
) -> Excerpt:
    """A passage with so many of those `before` and `after` it, as far as there is room; without `passage_id`
    the document from its beginning, as much as there is room for. `document` is its id, its path, the end of
    its path, or the id of a record.

    Raises `UserError` for a document or a passage that is not there, and what opening raises.
    """
    with library.searcher(Mode.KEYWORD) as searcher:
        store = searcher.store
        files = store.files_of([document]).get(document, [])
        file = files[0] if files else Documents(library).existing(document)
        files = files or store.files_of([file.document_id]).get(file.document_id, [])
        passages = store.passages_of(file.document_id)
    if passage_id:
        found = next((n for n, passage in enumerate(passages) if passage.passage_id == passage_id), None)
        if found is None:
            raise UserError(
                f"{file.path} has no passage {passage_id}.",
                "The document may have changed: search again.",
            )
        wished = range(max(0, found - before), min(len(passages), found + after + 1))
    else:
        found, wished = 0, range(len(passages))
    given = _with_room(passages, found, wished, most_characters)
    text, places = _joined(passages[given.start : given.stop], most_characters)
    return Excerpt(
        path=file.path,
        copies=tuple(other.path for other in files if other.path != file.path),
        title=file.title,
        kind=file.kind,
        document_id=file.document_id,
        library=library.info.name,
        text=text,
        passages=places,
        previous=passages[given.start - 1].passage_id if given.start else "",
        next=passages[given.stop].passage_id if given.stop < len(passages) else "",
        cut=given != wished or len(text) == most_characters,
    )


def _with_room(passages: Sequence[PassageRow], found: int, wished: range, room: int) -> range:
    """The passages around `found` that have room together, `found` in any case; as many of those `wished` as
    may be, from the middle outwards."""
    first, last = found, found
    left = room - len(passages[found].text) if passages else 0
    growing = True
    while growing:
        growing = False
        for number in (last + 1, first - 1):
            needed = len(passages[number].text) + len(SEPARATOR) if number in wished else left + 1
            if needed <= left:
                first, last, left, growing = min(first, number), max(last, number), left - needed, True
    return range(first, last + 1 if passages else 0)


def _joined(passages: Sequence[PassageRow], most: int) -> tuple[str, tuple[ReadPassage, ...]]:
    """The text of passages that follow each other, at most so many characters, and where each stands in it.
    Some overlap; those of one block have a blank between them."""
    text, end = "", 0
    places: list[ReadPassage] = []
    for passage in passages:
        if passage.start > end and text:
            text += " " if passage.start == end + 1 else SEPARATOR
        begin = len(text) - max(0, end - passage.start) if text else 0
        text += passage.text[len(text) - begin :]
        end = max(end, passage.end)
        anchor = Anchor.from_json(json.loads(passage.anchor))
        places.append(ReadPassage(passage.passage_id, anchor, begin, min(most, begin + len(passage.text))))
    return text[:most], tuple(places)
