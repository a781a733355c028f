"""The libraries that there are, and the generations of the one that is open: read and changed off the GUI
thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from findling.errors import LibraryNotFound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findling.library import Libraries, OpenLibrary
    from findling.library.info import LibraryInfo
    from findling.library.why import Answer
    from findling_desktop.bridge import Bridge
    from findling_desktop.indexing import IndexJobs


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What the open library consists of, and the bytes that it takes up."""

    info: LibraryInfo
    disk_bytes: int


class Keeping(QObject):
    """Methods belong to the GUI thread; answers and signals arrive there."""

    #: The names of all libraries, whenever they were read.
    names_read = Signal(tuple)
    #: IndexFacts, whenever they were read.
    facts_read = Signal(object)
    #: An exception of what was asked for.
    failed = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        libraries: Callable[[], Libraries],
        opened: Callable[[], OpenLibrary | None],
        jobs: IndexJobs,
    ) -> None:
        """`libraries` is called in the io lane alone; `jobs` write to the open library."""
        super().__init__()
        self._bridge = bridge
        self._libraries = libraries
        self._opened = opened
        self._jobs = jobs

    def read_names(self) -> None:
        """Look which libraries there are."""

        def work() -> tuple[str, ...]:
            return tuple(self._libraries().names())

        self._bridge.io(work, self.names_read.emit, self.failed.emit)

    def check_name(self, name: str, free: Callable[[], None], refused: Callable[[Exception], None]) -> None:
        """Whether a new library may be called so."""
        self._bridge.io(lambda: self._libraries().refuse_taken(name), lambda _: free(), refused)

    def delete(self, name: str) -> None:
        """Delete a library that is not open, with all that was derived from its files."""
        self._bridge.io(lambda: self._libraries().delete(name), lambda _: self.read_names(), self.failed.emit)

    def why(self, path: Path, done: Callable[[Answer], None]) -> None:
        """How a file or folder stands with the open library."""

        def work() -> Answer:
            library = self._opened()
            if library is None:
                raise LibraryNotFound("The library is not open yet.", "Wait a moment.")
            return library.why(path)

        self._bridge.io(work, done, self.failed.emit)

    # -- generations --------------------------------------------------------------------------------

    def read_facts(self) -> None:
        """Look what the open library consists of."""

        def work() -> IndexFacts | None:
            library = self._opened()
            if library is None:
                return None
            name = library.info.name
            return IndexFacts(library.info, self._libraries().disk_bytes(name))

        self._bridge.io(work, lambda facts: facts and self.facts_read.emit(facts), self.failed.emit)

    def roll_back(self, name: str) -> None:
        """Let the generation that answered before answer again."""
        self._jobs.between(
            lambda: self._libraries().rollback(name), lambda _: self.read_facts(), self.failed.emit
        )

    def forget(self, name: str, number: int) -> None:
        """Delete a generation that does not answer."""
        self._jobs.between(
            lambda: self._libraries().forget(name, number), lambda _: self.read_facts(), self.failed.emit
        )
