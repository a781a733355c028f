"""Several libraries searched as one: their passages are pooled and ranked together."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Self, TypeVar

from findling.errors import Cancelled, FindlingError, LibraryDamaged, one_line
from findling.search import Answer, Hit, Mode, Pool, Question, answer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from findling.jobs import CancelToken
    from findling.library.opened import OpenLibrary

    Problems = dict[str, FindlingError]

_T = TypeVar("_T")
#: Libraries that are asked at the same time.
_AT_ONCE = 16


class OpenLibraries:
    """Searches the libraries of these names, also while they are written to. Thread-safe; use as a context
    manager or `close()`.

    One that cannot answer does not silence the others: `problems` says why, and the next search asks it
    again.
    """

    def __init__(
        self,
        open_library: Callable[[str], OpenLibrary],
        names: Iterable[str],
        second_look: Callable[[Question], Question] | None = None,
    ) -> None:
        self._second_look = second_look
        self.names = tuple(dict.fromkeys(names))
        self._open_library = open_library
        self._lock = threading.Lock()
        self._opened: dict[str, OpenLibrary] = {}
        self._problems: Problems = {}
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="libraries")

    @property
    def problems(self) -> Problems:
        """Why libraries, by name, did not answer the search that ended last; none when all did."""
        return dict(self._problems)

    def library(self, name: str) -> OpenLibrary:
        """One of them, opened, to show its documents. It is closed with the others. Raises as
        `Libraries.open`."""
        with self._lock:
            if name not in self._opened:
                self._opened[name] = self._open_library(name)
            return self._opened[name]

    def warm(self) -> None:
        """Begin to load what a search needs, and return at once. What cannot be opened is told by the first
        search."""
        for name in self.names:
            with suppress(FindlingError):
                self.library(name).warm()

    def close(self) -> None:
        """Give back what was opened. No other call may be running."""
        self._threads.shutdown(wait=True)
        for library in self._opened.values():
            library.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def search(
        self,
        query: str,
        mode: Mode = Mode.HYBRID,
        limit: int = 10,
        cancel: CancelToken | None = None,
    ) -> list[Hit]:
        """The best `limit` documents for `query` in all libraries together. Content that several of them
        hold is one hit.

        Raises `Cancelled`, and the problem of the first library when none can answer.
        """
        return self.answer(Question(query, mode, limit, cancel)).hits

    def answer(self, question: Question) -> Answer:
        """Hits, and what may be amiss with the query. Raises as `search`, and `QueryMistake`."""
        if question.blank:
            return Answer()
        query = question.parsed()
        question = self._second_look(question) if self._second_look else question
        problems: Problems = {}

        def each(step: Callable[[Pool], None], pools: Sequence[Pool]) -> list[Pool]:
            by_name = {pool.library: pool for pool in pools}
            went_well = self._of_each(lambda name: step(by_name[name]), list(by_name), problems)
            return [by_name[name] for name in went_well]

        with ExitStack() as in_use:

            def opened(name: str) -> Pool:
                searcher = in_use.enter_context(self.library(name).searcher(question.mode))
                return Pool(searcher, question, query)

            pools = list(self._of_each(opened, self.names, problems).values())
            answer = answer_of(pools, question, query, each)
        self._problems = {name: problems[name] for name in self.names if name in problems}
        if self.names and len(problems) == len(self.names):
            raise self._problems[self.names[0]]
        return answer

    def _of_each(self, work: Callable[[str], _T], names: Sequence[str], problems: Problems) -> dict[str, _T]:
        """What `work` gives for each name, all at once; names with which it fails are absent, and why is
        added to `problems`. Raises `Cancelled`."""

        def attempt(name: str) -> tuple[_T] | FindlingError:
            try:
                return (work(name),)
            except FindlingError as error:
                return error
            except (OSError, RuntimeError) as error:  # LanceDB's own, of a torn or missing file of a table
                damaged = LibraryDamaged(
                    f"The library {name!r} cannot be read: {one_line(error)}.",
                    f"Run: findling check --repair --library {name!r}.",
                )
                damaged.__cause__ = error
                return damaged

        if len(names) == 1:
            outcomes = [attempt(names[0])]
        else:
            futures = [self._threads.submit(attempt, name) for name in names]
            wait(futures)  # what they use is in use until the last has ended
            outcomes = [future.result() for future in futures]
        answers: dict[str, _T] = {}
        for name, outcome in zip(names, outcomes, strict=True):
            if isinstance(outcome, Cancelled):
                raise outcome
            if isinstance(outcome, FindlingError):
                problems[name] = outcome
            else:
                answers[name] = outcome[0]
        return answers
