"""Models: what is here, what can be brought, and the one job that brings one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from findling.errors import Cancelled
from findling.jobs import JobState
from findling_desktop.held_job import AskedJob

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.jobs import ChildJob
    from findling.library import Libraries
    from findling.library.keeping_models import KeptModel
    from findling.models.catalogue import CatalogueEntry
    from findling.settings import Settings
    from findling_desktop.bridge import Bridge


@dataclass(frozen=True, slots=True)
class Shelf:
    """The models that are here, and those of the catalogue that are not."""

    kept: tuple[KeptModel, ...] = ()
    offered: tuple[CatalogueEntry, ...] = ()

    def names(self, kind: str) -> dict[str, str]:
        """What those of a kind call themselves, by id."""
        return {model.id: model.name for model in self.kept if model.kind == kind}


class ModelJobs(AskedJob):
    """Methods but `close` belong to the GUI thread; signals arrive there."""

    #: Shelf, whenever it was read.
    read_anew = Signal(object)
    #: What is being brought, by its id or path, or measured.
    begun = Signal(str)

    def __init__(self, bridge: Bridge, libraries: Callable[[], Libraries]) -> None:
        """`libraries` is called in the io lane alone."""
        super().__init__()
        #: Whether what goes on is a measurement.
        self.measuring = False
        self._bridge = bridge
        self._libraries = libraries

    def read(self) -> None:
        """Look at what there is."""

        def work() -> Shelf:
            from findling.library.keeping_models import kept_models
            from findling.models.catalogue import CATALOGUE

            kept = kept_models(self._libraries())
            there = {model.id for model in kept}
            return Shelf(tuple(kept), tuple(each for each in CATALOGUE.values() if each.id not in there))

        self._bridge.io(work, self.read_anew.emit, self.failed.emit)

    def bring(self, source: str, *, fetched: bool) -> None:
        """Download a model of the catalogue, or install one from a file or directory, unless another is on
        its way."""

        def make_job(settings: Settings) -> ChildJob:
            from findling.library.keeping_models import start_bringing

            return start_bringing(settings, source, fetched=fetched)

        self._begin(source, make_job, measuring=False)

    def measure(self, model_id: str) -> None:
        """Find out how fast a model is here, unless something else goes on."""

        def make_job(settings: Settings) -> ChildJob:
            from findling.library.keeping_models import start_measuring

            return start_measuring(settings, model_id)

        self._begin(model_id, make_job, measuring=True)

    def _begin(self, source: str, make_job: Callable[[Settings], ChildJob], *, measuring: bool) -> None:
        if self.working:
            return
        self._starting, self._stopping, self.measuring = True, False, measuring

        def work() -> ChildJob:
            # Kept here at once: a window that is being closed takes no answer, but must end the job.
            self._job = make_job(self._libraries().settings)
            return self._job

        def started(job: ChildJob) -> None:
            self._starting = False
            if self._stopping:
                job.cancel()
            self._poll.start()

        self.begun.emit(source)
        self._bridge.io(work, started, self._end)

    def remove(self, model_id: str) -> None:
        """Delete a model that nothing uses."""

        def work() -> None:
            from findling.library.keeping_models import remove_model

            remove_model(self._libraries(), model_id)

        self._bridge.io(work, lambda _: self.read(), self.failed.emit)

    def _look(self) -> None:
        job = self._job
        if job is None:
            return
        if job.state is JobState.RUNNING:
            self.progressed.emit(job.progress)
            return
        self._poll.stop()
        self._job = None
        self._end(None if job.state is JobState.DONE else job.error or Cancelled())

    def _end(self, error: Exception | None) -> None:
        self._starting = self._stopping = False
        self.ended.emit(error)
        self.read()
