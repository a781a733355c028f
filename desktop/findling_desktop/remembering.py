"""What a person asked, saved and judged, read and written off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.library import OpenLibrary
    from findling.library.personal import Personal
    from findling.search import Hit
    from findling_desktop.bridge import Bridge

    #: Grades by document id and passage id, "" for a document as a whole.
    Grades = dict[str, dict[str, int]]

T = TypeVar("T")
#: Queries of the history that are offered.
MOST_RECENT = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """A query that was asked before, or one saved under a `name`."""

    query: str
    mode: str = ""
    name: str = ""


class Remembering(QObject):
    """History, saved searches and judgements of the library that `opened` gives. Methods belong to the GUI
    thread, and answers arrive there; nothing happens while no library is open."""

    #: Whether the person wants what is asked to be remembered.
    keep_changed = Signal(bool)
    #: An exception that stops nothing.
    failed = Signal(object)

    def __init__(self, bridge: Bridge, opened: Callable[[], OpenLibrary | None], *, keep: bool) -> None:
        super().__init__()
        self._bridge = bridge
        self._opened = opened
        self.keep = keep

    def set_keep(self, keep: bool) -> None:  # noqa: FBT001 — a slot of `toggled`
        """Remember what is asked from now on, or do not. What is remembered stays."""
        if keep != self.keep:
            self.keep = keep
            self.keep_changed.emit(keep)

    def remember(self, query: str, mode: str, hits: int, opened: str = "") -> None:
        """Put a query into the history, and that its hit at the path `opened` was opened."""
        if not (self.keep and query):
            return

        def work(personal: Personal) -> None:
            from findling.search import Mode

            personal.remember(query, Mode(mode), hits)
            if opened:
                personal.remember_opened(query, opened)

        self._do(work, lambda _: None)

    def offers(self, done: Callable[[list[Offer]], None]) -> None:
        """The saved searches by name, then what was asked last."""

        def work(personal: Personal) -> list[Offer]:
            saved = [Offer(search.query, search.mode.value, search.name) for search in personal.saved()]
            asked = personal.suggestions("", MOST_RECENT) if self.keep else []
            return saved + [Offer(query) for query in asked]

        self._do(work, done)

    def clear_history(self, done: Callable[[int], None]) -> None:
        """Forget all that was asked; `done` hears how many entries that were."""
        self._do(lambda personal: personal.clear_history(), done)

    def save(self, name: str, query: str, mode: str, done: Callable[[], None]) -> None:
        """Save a query under a name."""

        def work(personal: Personal) -> None:
            from findling.search import Mode

            personal.save(name, query, Mode(mode))

        self._do(work, lambda _: done())

    def remove_saved(self, name: str, done: Callable[[], None]) -> None:
        """Remove a saved search."""
        self._do(lambda personal: personal.remove_saved(name), lambda _: done())

    def grades(self, query: str, done: Callable[[Grades], None]) -> None:
        """What was said of passages for a query."""

        def work(library: OpenLibrary) -> Grades:
            from findling.library.judgements import grades

            return grades(library, query)

        self._with_library(work, done)

    def judge(self, query: str, hit: Hit, grade: int | None, done: Callable[[Grades], None]) -> None:
        """Say whether a hit's passage answers a query, 1 or 0, or take back what was said of it, None; `done`
        hears what is said now."""

        def work(library: OpenLibrary) -> Grades:
            from findling.library.judgements import grades, judge, withdraw

            if grade is None:
                withdraw(library, query, hit.document_id, hit.passage_id)
            else:
                judge(library, query, hit.document_id, grade, hit.passage_id)
            return grades(library, query)

        self._with_library(work, done)

    def _do(self, work: Callable[[Personal], T], done: Callable[[T], None]) -> None:
        def with_personal(library: OpenLibrary) -> T:
            personal = library.personal
            personal.keep_history = self.keep
            return work(personal)

        self._with_library(with_personal, done)

    def _with_library(self, work: Callable[[OpenLibrary], T], done: Callable[[T], None]) -> None:
        library = self._opened()
        if library is not None:
            self._bridge.io(lambda: work(library), done, self.failed.emit)
