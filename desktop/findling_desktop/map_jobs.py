"""The library's map: read, and the one job that draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from findling_desktop.held_job import AskedJob

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.jobs import ChildJob
    from findling.library import Libraries, OpenLibrary
    from findling.library.mapping import LibraryMap
    from findling_desktop.bridge import Bridge


class MapJobs(AskedJob):
    """Methods but `close` belong to the GUI thread; signals arrive there."""

    #: LibraryMap, or None where none was drawn yet, whenever it was read.
    read_anew = Signal(object)
    begun = Signal()

    def __init__(
        self, bridge: Bridge, libraries: Callable[[], Libraries], opened: Callable[[], OpenLibrary | None]
    ) -> None:
        """`libraries` is called in the io lane alone."""
        super().__init__(bridge)
        self._libraries = libraries
        self._opened = opened

    def read(self) -> None:
        """Look which map there is."""

        def work() -> LibraryMap | None:
            from findling.library.mapping import read_map

            library = self._opened()
            if library is None:
                return None
            return read_map(library, self._libraries().existing_directory(library.info.name))

        self._bridge.io(work, self.read_anew.emit, self.failed.emit)

    def draw(self) -> None:
        """Draw the map anew, unless that is being done."""
        library = self._opened()
        if self.working or library is None:
            return

        def make_job() -> ChildJob:
            from findling.library.mapping import start_drawing

            return start_drawing(self._libraries(), library.info.name)

        self._begin(make_job)
        self.begun.emit()

    def _end(self, error: Exception | None) -> None:
        super()._end(error)
        if error is None:
            self.read()
