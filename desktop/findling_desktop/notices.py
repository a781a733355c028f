"""Tells of long work that has come to its end while the person looked elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from findling.errors import Cancelled
from findling.jobs import JobState
from findling_desktop import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling_desktop.indexing import JobEnd
    from findling_desktop.workspace import Workspace

#: What was over sooner needs no message.
LONG_SECONDS = 10.0


class Notices(QObject):
    """Follows the jobs of a window; `away` says whether the person looks elsewhere."""

    #: A title and a text.
    told = Signal(str, str)

    def __init__(self, workspace: Workspace, away: Callable[[], bool]) -> None:
        super().__init__()
        self._away = away
        self._began: dict[str, float] = {}
        workspace.job_started.connect(lambda: self._begin("index"))
        workspace.job_ended.connect(self._index_ended)
        workspace.tuning.advanced.connect(lambda _: self._begin("tuning"))
        workspace.tuning.ended.connect(self._tuning_ended)
        workspace.models.begun.connect(lambda _: self._begin("models"))
        workspace.models.ended.connect(self._models_ended)

    def _begin(self, work: str) -> None:
        self._began.setdefault(work, time.monotonic())

    def _tell(self, work: str, title: str, text: str) -> None:
        began = self._began.pop(work, None)
        if began is not None and time.monotonic() - began >= LONG_SECONDS and self._away():
            self.told.emit(title, text)

    def _index_ended(self, end: JobEnd) -> None:
        if end.state is JobState.DONE:
            counts: dict[str, int] = (end.summary or {}).get("files", {})
            text = self.tr("{} can be searched.").format(texts.files(counts.get("indexed", 0)))
            self._tell("index", self.tr("The index is up to date"), text)
        else:
            self._tell_failure("index", self.tr("Indexing failed"), end.error)

    def _tuning_ended(self, error: Exception | None) -> None:
        if error is None:
            text = self.tr("It is your turn: look at what came of it.")
            self._tell("tuning", self.tr("Learning your documents"), text)
        else:
            self._tell_failure("tuning", self.tr("Learning your documents failed"), error)

    def _models_ended(self, error: Exception | None) -> None:
        if error is None:
            self._tell("models", self.tr("The model is ready"), self.tr("It can be used from now on."))
        else:
            self._tell_failure("models", self.tr("The model could not be brought"), error)

    def _tell_failure(self, work: str, title: str, error: Exception | None) -> None:
        if error is None or isinstance(error, Cancelled):  # the person stopped it
            self._began.pop(work, None)
        else:
            self._tell(work, title, texts.error_texts(error)[0])
