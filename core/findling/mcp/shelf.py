"""The libraries that a server shows: opened when first asked for, kept open, closed at its end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from findling.errors import LibraryNotFound, UserError
from findling.library.libraries import DEFAULT_LIBRARY
from findling.library.reading import Excerpt, read
from findling.search import Answer, Mode, Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.errors import FindlingError
    from findling.jobs import CancelToken
    from findling.library import Libraries, OpenLibraries, OpenLibrary


class Shelf:
    """Reads the libraries `names`, or all there are when none is named. Thread-safe.

    What names no library is about all of `names`, else about the default library, as on the command line.
    """

    def __init__(self, libraries: Libraries, names: Sequence[str] = ()) -> None:
        self._libraries = libraries
        self._names = tuple(names)
        self._lock = threading.Lock()
        self._opened: dict[tuple[str, ...], OpenLibraries] = {}

    @property
    def usual(self) -> tuple[str, ...]:
        """The libraries that are meant where none is named."""
        return self._names or (DEFAULT_LIBRARY,)

    def warm(self) -> None:
        """Begin to load what a search needs, and return at once."""
        self._several(self.usual).warm()

    def close(self) -> None:
        """Close what was opened. No other call may be running."""
        for opened in self._opened.values():
            opened.close()

    def search(
        self, query: str, mode: Mode, limit: int, names: Sequence[str], cancel: CancelToken
    ) -> tuple[Answer, dict[str, FindlingError]]:
        """The answer of these libraries, and why some of them gave none. Nothing is put into the history.

        Raises as `OpenLibraries.answer`.
        """
        opened = self._several(names or self.usual)
        return opened.answer(Question(query, mode, limit, cancel)), opened.problems

    def read(self, document: str, passage_id: str, before: int, after: int, name: str) -> Excerpt:
        """As `findling.library.reading.read`, in this library, or in that of the usual ones which has the
        document."""
        names = (name,) if name else self.usual
        for place, candidate in enumerate(names, 1):
            try:
                return read(self._library(candidate), document, passage_id, before, after)
            except UserError:
                if place == len(names):
                    raise
        raise AssertionError

    def list(self) -> list[dict[str, Any]]:
        """The libraries, each as in `findling libraries --json`."""
        return [self._libraries.summary(name) for name in self._names or self._libraries.names()]

    def status(self, name: str) -> dict[str, Any]:
        """As `findling status --json`."""
        return self._library(name or self.usual[0]).status()

    def _library(self, name: str) -> OpenLibrary:
        return self._several((name,)).library(name)

    def _several(self, names: Sequence[str]) -> OpenLibraries:
        wanted = tuple(dict.fromkeys(names))
        for name in wanted:
            if self._names and name not in self._names:
                raise LibraryNotFound(
                    f"There is no library {name!r} here.", f"Libraries: {', '.join(self._names)}."
                )
        with self._lock:
            if wanted not in self._opened:
                self._opened[wanted] = self._libraries.open_several(wanted)
            return self._opened[wanted]
