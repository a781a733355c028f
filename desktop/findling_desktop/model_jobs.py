"""Models: what is here, what can be brought, and the one job that brings one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from findling_desktop.held_job import AskedJob

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.jobs import ChildJob
    from findling.library import Libraries
    from findling.library.keeping_models import KeptModel
    from findling.models.catalogue import CatalogueEntry
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
        super().__init__(bridge)
        #: Whether what goes on is a measurement.
        self.measuring = False
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

        def make_job() -> ChildJob:
            from findling.library.keeping_models import start_bringing

            return start_bringing(self._libraries().settings, source, fetched=fetched)

        self._begin_with(source, make_job, measuring=False)

    def measure(self, model_id: str) -> None:
        """Find out how fast a model is here, unless something else goes on."""

        def make_job() -> ChildJob:
            from findling.library.keeping_models import start_measuring

            return start_measuring(self._libraries().settings, model_id)

        self._begin_with(model_id, make_job, measuring=True)

    def _begin_with(self, source: str, make_job: Callable[[], ChildJob], *, measuring: bool) -> None:
        if not self.working:
            self.measuring = measuring
            self._begin(make_job)
            self.begun.emit(source)

    def remove(self, model_id: str) -> None:
        """Delete a model that nothing uses."""

        def work() -> None:
            from findling.library.keeping_models import remove_model

            remove_model(self._libraries(), model_id)

        self._bridge.io(work, lambda _: self.read(), self.failed.emit)

    def _end(self, error: Exception | None) -> None:
        super()._end(error)
        self.read()
