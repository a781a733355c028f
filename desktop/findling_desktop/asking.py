"""What the window asks of the library: searches in the query lane, completions beside them."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from findling.errors import LibraryNotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.jobs import CancelToken
    from findling.library import OpenLibrary
    from findling.search import Answer as LibraryAnswer
    from findling.search import Hit
    from findling.search.completion import Completion
    from findling.search.query import Chip
    from findling_desktop.bridge import Bridge

    Done = Callable[["Answer"], None]
    Failed = Callable[[Exception], None]

#: Documents that are asked for first; who goes to their end is shown so many times more, up to the most.
RESULT_LIMIT = 50
MORE_TIMES = 4
MOST_RESULTS = 3200


@dataclass(frozen=True, slots=True)
class Like:
    """What shall be found is like one of these: a passage, a document, or any text. `title` names it."""

    title: str
    passage_id: str = ""
    document_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A query as it is typed, blanks and all, or what results shall be `like`.

    `typing`, `illustrate` and `limit` are those of `findling.search.Question`.
    """

    text: str = ""
    mode: str = "hybrid"
    typing: bool = False
    illustrate: bool = False
    like: Like | None = None
    limit: int = RESULT_LIMIT

    @property
    def query(self) -> str:
        """The query without the blanks around it."""
        return self.text.strip()

    def asks_same(self, other: Request | None) -> bool:
        """Whether both are answered by the same documents, but for an end that was still being typed."""
        return other is not None and (self.query, self.mode, self.like) == (
            other.query,
            other.mode,
            other.like,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits of one request, best first, what may be amiss with it, its filters, and how long it took."""

    request: Request
    hits: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()
    seconds: float = 0.0

    @property
    def query(self) -> str:
        """What was asked."""
        return self.request.query

    @property
    def more(self) -> Request | None:
        """The request for further documents, None where these are all that are shown."""
        request = self.request
        if len(self.hits) < request.limit or request.limit >= MOST_RESULTS:
            return None
        return replace(request, limit=min(MOST_RESULTS, MORE_TIMES * request.limit), illustrate=False)

    def after(self, before: Answer) -> Answer:
        """This answer to what `before` answers; where it goes further, with the snippets that are known."""
        if self.request.limit <= before.request.limit:
            return self
        known = {(hit.document_id, hit.passage_id): hit for hit in before.hits}
        return replace(
            self, hits=tuple(known.get((hit.document_id, hit.passage_id), hit) for hit in self.hits)
        )

    @property
    def may_be_illustrated(self) -> bool:
        """Whether the sentences that are nearest in meaning may be asked for: of the first documents."""
        first = self.request.limit == RESULT_LIMIT and self.request.like is None
        return first and bool(self.hits) and self.mode != "keyword"

    @property
    def mode(self) -> str:
        """How it was searched."""
        return self.request.mode

    @property
    def title(self) -> str:
        """What was asked, or what the hits are like."""
        return self.request.like.title if self.request.like is not None else self.query

    @property
    def shares(self) -> dict[str, float]:
        """The documents that were found, by id: their share of the best one's score, 0 … 1."""
        best = max((hit.score for hit in self.hits), default=0.0)
        return {hit.document_id: hit.score / best if best > 0 else 1.0 for hit in self.hits}


class Asking:
    """Asks the library that `opened` gives, None while there is none; `being_made` says whether its first run
    may still be about to write it. Methods belong to the GUI thread, and answers arrive there.

    What is asked before the library is `ready` is answered as soon as it is.
    """

    def __init__(
        self, bridge: Bridge, opened: Callable[[], OpenLibrary | None], being_made: Callable[[], bool]
    ) -> None:
        self._bridge = bridge
        self._opened = opened
        self._being_made = being_made
        self._ready = False
        self._early: Callable[[], None] | None = None
        self._completing: CancelToken | None = None

    def begin(self) -> None:
        """The library is ready, as far as it ever will be."""
        self._ready = True
        early, self._early = self._early, None
        if early is not None:
            early()

    def search(self, request: Request, done: Done, failed: Failed) -> None:
        """Answer in the query lane; an earlier request that is not answered yet never will be. `failed` may
        hear a `QueryMistake`."""
        if not self._ready:
            self._early = lambda: self.search(request, done, failed)
            return

        def work(cancel: CancelToken) -> Answer:
            from findling.search import Answer as LibraryAnswer

            began = time.perf_counter()
            library, found = self._opened(), LibraryAnswer()
            if library is not None:
                try:
                    found = _found(library, request, cancel)
                except LibraryNotFound:
                    if not self._being_made():  # else the first run has written nothing yet
                        raise
            seconds = time.perf_counter() - began
            return Answer(request, tuple(found.hits), found.notes, _chips(request), seconds)

        self._bridge.query(work, done, failed)

    def drop_search(self) -> None:
        """Want no answer to the last request."""
        self._early = None
        self._bridge.drop_query()

    def complete(self, text: str, cursor: int, done: Callable[[list[Completion]], None]) -> None:
        """What could be meant before the cursor; of two requests only the later one is answered."""
        self.drop_completions()
        library = self._opened()
        if library is None:
            return

        def work() -> list[Completion]:
            try:
                return library.completions(text, cursor)
            except LibraryNotFound:
                return []

        self._completing = self._bridge.io(work, done, lambda _: None)  # the search tells what is wrong

    def drop_completions(self) -> None:
        """Want no answer to the last request for completions."""
        if self._completing is not None:
            self._completing.cancel()


def _found(library: OpenLibrary, request: Request, cancel: CancelToken) -> LibraryAnswer:
    from findling.search import Mode, Question

    like = request.like
    if like is not None:
        return library.similar(
            passage_id=like.passage_id,
            document_id=like.document_id,
            text=like.text,
            limit=request.limit,
            cancel=cancel,
        )
    question = Question(
        request.text,
        Mode(request.mode),
        request.limit,
        cancel,
        typing=request.typing,
        illustrate=request.illustrate,
    )
    return library.answer(question)


def _chips(request: Request) -> tuple[Chip, ...]:
    from findling.search.language import parse

    return () if request.like else parse(request.text, typing=request.typing).chips
