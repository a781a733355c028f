"""The library that the window shows: opened, searched, indexed and closed off the GUI thread."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from findling.errors import Cancelled, LibraryNotFound
from findling.jobs import ChildJob, JobState, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from findling.jobs import CancelToken
    from findling.library import DocumentText, Libraries, OpenLibrary
    from findling.search import Hit
    from findling.store import FileRow
    from findling_desktop.bridge import Bridge

POLL_MILLISECONDS = 100
#: While the indexer writes, what is shown is read anew at most this often.
REFRESH_SECONDS = 3.0

RESULT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits of one query, best first, and how long they took."""

    query: str
    mode: str
    hits: tuple[Hit, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """What the library holds now. `files` counts by state: indexed, skipped, failed. `indexed_on` says what
    the last run that embedded ran on, "CPU, bf16", and is "" before that; `problems` why not on more."""

    name: str
    model: str
    folders: tuple[str, ...]
    files: dict[str, int]
    passages: int
    unfinished: bool
    indexed_on: str
    problems: tuple[str, ...]

    @property
    def all_files(self) -> int:
        """Files of any state."""
        return sum(self.files.values())


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How an indexing job ended: with a run's summary, with an error, or stopped by the person."""

    state: JobState
    summary: dict[str, Any] | None = None
    error: Exception | None = None


class Workspace(QObject):
    """One library at a time. Methods belong to the GUI thread; signals arrive there."""

    #: There is no library yet.
    absent = Signal()
    #: The library cannot be opened (an exception).
    broken = Signal(object)
    #: LibraryStatus, when the library is opened and whenever its content changed.
    status_changed = Signal(object)
    #: What a search would find may have changed.
    content_changed = Signal()
    #: ProviderReport of the loaded embedder.
    provider_known = Signal(object)
    job_started = Signal()
    #: Progress, ten times a second at most.
    job_progressed = Signal(object)
    #: JobEnd.
    job_ended = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        make_libraries: Callable[[], Libraries],
        name: str = "",
        last_name: str = "",
    ) -> None:
        """`name` is the library asked for, made if need be; else the one shown last is opened."""
        super().__init__()
        self.name = name
        self._last_name = last_name
        self._bridge = bridge
        self._make_libraries = make_libraries
        self._libraries: Libraries | None = None
        self._library: OpenLibrary | None = None
        self.status: LibraryStatus | None = None
        self._early_search: Callable[[], None] | None = None
        self._job: ChildJob | None = None
        self._busy = False
        self._stop_wanted = False
        self._waiting: list[Path] = []
        self._last_refresh = 0.0
        self._last_seen = (-1, -1)
        self._closing = threading.Lock()
        self._closed = False
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MILLISECONDS)
        self._poll.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether an indexing job runs or is about to."""
        return self._busy

    @property
    def paused(self) -> bool:
        """Whether the job waits to be resumed."""
        return self._job is not None and self._job.paused

    @property
    def closed(self) -> bool:
        """Whether everything is given back."""
        return self._closed

    # -- opening ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the library, if there is one, and go on with an index that was interrupted."""
        self._bridge.io(self._find, self._found, self.broken.emit)

    def _find(self) -> LibraryStatus | None:
        libraries = self._ready_libraries()
        names = libraries.names()
        if not self.name and names:
            self.name = self._last_name if self._last_name in names else names[0]
        return self._open() if self.name in names else None

    def _found(self, status: LibraryStatus | None) -> None:
        if status is None:
            self.absent.emit()
            return
        self._opened(status)
        if status.unfinished and status.folders:
            self.index()

    def _open(self) -> LibraryStatus:
        if self._library is None:
            library = self._ready_libraries().open(self.name)
            library.warm()
            self._library = library
        return self._status()

    def _opened(self, status: LibraryStatus) -> None:
        self._tell_status(status)
        self._bridge.io(
            lambda: self._library and self._library.embedder.providers,
            self.provider_known.emit,
            lambda _: None,  # the first search says it, where there is room for it
        )

    def _tell_status(self, status: LibraryStatus) -> None:
        self.status = status
        self.status_changed.emit(status)
        early, self._early_search = self._early_search, None
        if early is not None:
            early()

    def _ready_libraries(self) -> Libraries:
        if self._libraries is None:
            self._libraries = self._make_libraries()
        return self._libraries

    def _status(self) -> LibraryStatus:
        assert self._library is not None
        told = self._library.status()
        return LibraryStatus(
            told["library"],
            told["model"],
            tuple(told["folders"]),
            told["files"],
            told["passages"],
            told["unfinished"],
            ", ".join(filter(None, (told["provider"], told["precision"]))),
            tuple(told["provider_problems"]),
        )

    # -- reading ------------------------------------------------------------------------------------

    def search(
        self,
        query: str,
        mode: str,
        done: Callable[[Answer], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Search in the query lane; an earlier request that is not answered yet never will be. What is
        asked before the library is open is answered as soon as it is."""
        if self.status is None:
            self._early_search = lambda: self.search(query, mode, done, failed)
            return

        def work(cancel: CancelToken) -> Answer:
            from findling.search import Mode

            began = time.perf_counter()
            hits: list[Hit] = []
            if self._library is not None:
                try:
                    hits = self._library.search(query, Mode(mode), RESULT_LIMIT, cancel)
                except LibraryNotFound:
                    if not self._busy:  # else the first run has written nothing yet
                        raise
            return Answer(query, mode, tuple(hits), time.perf_counter() - began)

        self._bridge.query(work, done, failed)

    def drop_search(self) -> None:
        """Want no answer to the last search."""
        self._early_search = None
        self._bridge.drop_query()

    def document(
        self,
        document_id: str,
        done: Callable[[DocumentText], None],
        failed: Callable[[Exception], None],
    ) -> CancelToken:
        """The text of a document."""

        def work() -> DocumentText:
            if self._library is None:
                raise Cancelled
            return self._library.document(document_id)

        return self._bridge.io(work, done, failed)

    def files(
        self, done: Callable[[list[FileRow]], None], failed: Callable[[Exception], None]
    ) -> CancelToken:
        """All files that were looked at."""

        def work() -> list[FileRow]:
            try:
                return self._library.files() if self._library is not None else []
            except LibraryNotFound:
                return []

        return self._bridge.io(work, done, failed)

    # -- indexing -----------------------------------------------------------------------------------

    def index(self, folders: Sequence[Path] = ()) -> None:
        """Add `folders`, or bring those known up to date. While a job runs, folders wait for its end."""
        if self._busy:
            self._waiting.extend(folders)
            return
        self._busy = True
        self._stop_wanted = False
        self._last_seen = (-1, -1)
        self.job_started.emit()
        self.job_progressed.emit(Progress(phase="starting"))

        def work() -> LibraryStatus:
            from findling.library.libraries import DEFAULT_LIBRARY

            self.name = self.name or DEFAULT_LIBRARY
            # Kept by the worker at once: a window that is being closed takes no answer, but must end it.
            self._job = self._ready_libraries().start_index(self.name, list(folders))
            return self._open()

        self._bridge.io(work, self._indexing, self._refused)

    def update(self) -> None:
        """Bring the library's folders up to date."""
        self.index()

    def pause(self) -> None:
        """Let the job wait."""
        if self._job is not None:
            self._job.pause()

    def resume(self) -> None:
        """Let the job go on."""
        if self._job is not None:
            self._job.resume()

    def cancel(self) -> None:
        """Ask the job to stop; what it has written stays."""
        self._stop_wanted = True
        self._waiting.clear()
        if self._job is not None:
            self._job.cancel()

    def _indexing(self, status: LibraryStatus) -> None:
        self._opened(status)
        if self._stop_wanted and self._job is not None:
            self._job.cancel()
        self._poll.start()

    def _refused(self, error: Exception) -> None:
        if self._job is not None:  # it was started, and the library could not be opened
            self._poll.start()
            self.broken.emit(error)
            return
        self._busy = False
        self.job_ended.emit(JobEnd(JobState.FAILED, error=error))

    def _look(self) -> None:
        """Ten times a second: where is the job?"""
        job = self._job
        if job is None:
            return
        progress = job.progress
        if job.state is JobState.RUNNING:
            self.job_progressed.emit(progress)
            self._refresh(progress)
            return
        self._poll.stop()
        self._job = None
        self._busy = False
        summary = job.result() if job.state is JobState.DONE else None
        self.job_ended.emit(JobEnd(job.state, summary, job.error))
        self.refresh()
        if self._waiting:
            folders, self._waiting = self._waiting, []
            self.index(folders)

    def _refresh(self, progress: Progress) -> None:
        seen = (progress.done, progress.counts.get("embedded", 0))
        now = time.monotonic()
        if seen != self._last_seen and now - self._last_refresh > REFRESH_SECONDS:
            self._last_refresh, self._last_seen = now, seen
            self.refresh()

    def refresh(self) -> None:
        """Read the library's state anew, and say that its content may have changed."""
        if self._library is not None:
            self._bridge.io(self._status, self._tell_status, lambda _: None)
            self.content_changed.emit()

    # -- closing ------------------------------------------------------------------------------------

    def shutdown(self, done: Callable[[], object]) -> None:
        """End everything in a thread; `done` is called on the GUI thread when all is given back."""
        self._poll.stop()
        self.cancel()

        def work() -> None:
            self.close()
            self._bridge.post(done)

        threading.Thread(target=work, name="closing", daemon=True).start()

    def close(self) -> None:
        """End everything and wait for it: seconds, while an indexer finishes its batch."""
        with self._closing:
            if self._closed:
                return
            if self._job is not None:
                self._job.cancel()
            self._bridge.close()
            if self._job is not None:
                self._job.close()
            if self._library is not None:
                self._library.close()
            self._closed = True
