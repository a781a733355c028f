"""The training component: whether it is needed and there, and the one job that installs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from findling_desktop.held_job import AskedJob

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.component import Status
    from findling.jobs import ChildJob
    from findling.library import Libraries
    from findling_desktop.bridge import Bridge


@dataclass(frozen=True, slots=True)
class ComponentState:
    """`needed`: without it nothing can be tuned here; what there is of it is looked at then alone."""

    needed: bool
    status: Status | None


class ComponentJobs(AskedJob):
    """Methods but `close` belong to the GUI thread; signals arrive there."""

    #: ComponentState, whenever it was read.
    read_anew = Signal(object)
    #: The file or the address that is being installed.
    begun = Signal(str)

    def __init__(self, bridge: Bridge, libraries: Callable[[], Libraries]) -> None:
        """`libraries` is called in the io lane alone."""
        super().__init__(bridge)
        self._libraries = libraries

    def read(self) -> None:
        """Look whether it is there; one that fits is used from now on, in this process and its children."""

        def work() -> ComponentState:
            from findling.component import activate, status
            from findling.embedding.export import can_export

            home = self._libraries().settings.home
            activate(home)
            needed = not can_export()
            return ComponentState(needed, status(home) if needed else None)

        self._bridge.io(work, self.read_anew.emit, self.failed.emit)

    def install(self, source: str) -> None:
        """Install it from a file or an address, unless that goes on."""
        if self.working:
            return

        def make_job() -> ChildJob:
            from findling.component.installing import start_install

            return start_install(self._libraries().settings.home, source)

        self._begin(make_job)
        self.begun.emit(source)

    def _end(self, error: Exception | None) -> None:
        super()._end(error)
        self.read()
