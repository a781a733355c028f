"""What the tools return, as JSON schemas tell it to agents. Names stay; new ones may be added."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict  # below Python 3.12 pydantic reads no other


class Anchor(TypedDict):
    """Where a passage stands in its document: what is known of it."""

    page: NotRequired[int]
    line: NotRequired[int]
    headings: NotRequired[list[str]]
    record: NotRequired[str]
    label: NotRequired[str]


class Hit(TypedDict):
    """A document, by its best passage, as in `findling search --json`."""

    path: str
    title: str
    score: float
    snippet: str
    highlights: list[list[int]]
    anchor: Anchor
    passage_id: str
    document_id: str
    kind: str
    copies: list[str]
    library: str


class Problem(TypedDict):
    """Why a library gave no answer."""

    library: str
    error: str
    hint: str


class SearchResult(TypedDict):
    """Hits, best first; `notes` say what may be amiss with the query."""

    hits: list[Hit]
    notes: list[str]
    problems: list[Problem]


class ReadPassage(TypedDict):
    """A passage: characters [start, end) of the text."""

    passage_id: str
    anchor: Anchor
    start: int
    end: int


class ReadResult(TypedDict):
    """A part of a document. `cut`: there was no room for all that was wished for."""

    path: str
    copies: list[str]
    title: str
    kind: str
    document_id: str
    library: str
    text: str
    passages: list[ReadPassage]
    previous_passage_id: str
    next_passage_id: str
    cut: bool


class LibrarySummary(TypedDict):
    """A library; of one that cannot be read no more than its name, its size and the problem."""

    library: str
    disk_bytes: int
    problem: str
    model: NotRequired[str]
    folders: NotRequired[list[str]]
    collections: NotRequired[list[str]]
    passages: NotRequired[int]
    last_run: NotRequired[str | None]
    unfinished: NotRequired[bool]


class LibraryList(TypedDict):
    """All libraries."""

    libraries: list[LibrarySummary]


class Status(TypedDict):
    """The state of a library, as in `findling status --json`."""

    library: str
    model: str
    files: dict[str, int]
    passages: int
    folders: list[str]
    missing_folders: list[str]
    unfinished: bool
    last_run: str | None
    disk_bytes: int
    provider_problems: list[Any]
