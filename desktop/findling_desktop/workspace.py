"""The library that the window shows: opened, searched, indexed and closed off the GUI thread."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from findling.errors import Cancelled, LibraryNotFound
from findling.jobs import give_back_memory
from findling_desktop.asking import Asking
from findling_desktop.component_jobs import ComponentJobs
from findling_desktop.indexing import IndexJobs
from findling_desktop.keeping import Keeping
from findling_desktop.map_jobs import MapJobs
from findling_desktop.model_jobs import ModelJobs
from findling_desktop.remembering import Remembering
from findling_desktop.removal import Removal
from findling_desktop.tuning_runs import TuningRuns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from findling.documents import Page, PagePainter, Part
    from findling.jobs import CancelToken, ChildJob
    from findling.library import DocumentText, Libraries, OpenLibrary, Rules
    from findling.search import Hit
    from findling.store import FileRow
    from findling_desktop.bridge import Bridge
    from findling_desktop.indexing import Watching


#: What searches have freed is given back this often: some milliseconds, for up to 200 MB.
_TIDY_MILLISECONDS = 10_000


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
    #: An index run is shown from now on.
    job_started = Signal()
    #: Progress, ten times a second at most.
    job_progressed = Signal(object)
    #: JobEnd.
    job_ended = Signal(object)
    #: Watching: whether changes are noticed.
    watching_changed = Signal(object)
    #: Whether the person wants the library to be kept up to date.
    keep_changed = Signal(bool)

    def __init__(
        self,
        bridge: Bridge,
        make_libraries: Callable[[], Libraries],
        name: str = "",
        last_name: str = "",
        model: str = "",
        *,
        keep_up_to_date: bool = True,
        keep_history: bool = True,
    ) -> None:
        """`name` is the library asked for, made if need be, with `model` ("": the settings'); else the one
        shown last is opened. It is watched
        where the person wants to `keep_up_to_date`, and what is asked remembered where to `keep_history`."""
        super().__init__()
        self.name = name
        self._last_name = last_name
        self._model = model
        self._bridge = bridge
        self._make_libraries = make_libraries
        self._libraries: Libraries | None = None
        self._library: OpenLibrary | None = None
        self.status: LibraryStatus | None = None
        self._painter: PagePainter | None = None
        self._closing = threading.Lock()
        self._closed = False
        self.jobs = IndexJobs(bridge, self._make_job, self._last_summary, keep=keep_up_to_date)
        self.asking = Asking(bridge, lambda: self._library, lambda: self.jobs.working)
        self.remembering = Remembering(bridge, lambda: self._library, keep=keep_history)
        self.tuning = TuningRuns(bridge, self._ready_libraries, lambda: self.name, self.jobs)
        self.models = ModelJobs(bridge, self._ready_libraries)
        self.map = MapJobs(bridge, self._ready_libraries, lambda: self._library)
        tidy = QTimer(self)
        tidy.timeout.connect(give_back_memory)
        tidy.start(_TIDY_MILLISECONDS)
        self.component = ComponentJobs(bridge, self._ready_libraries)
        self._work = (self.jobs, self.tuning, self.models, self.map, self.component)
        self.keeping = Keeping(bridge, self._ready_libraries, lambda: self._library, self.jobs)
        self.removal = Removal(bridge, self._ready_libraries, self.shutdown)
        self.jobs.started.connect(self.job_started)
        self.jobs.progressed.connect(self.job_progressed)
        self.jobs.ended.connect(self.job_ended)
        self.jobs.watching_changed.connect(self.watching_changed)
        self.jobs.keep_changed.connect(self.keep_changed)
        self.jobs.made.connect(self._job_made)
        self.jobs.written.connect(self.refresh)

    @property
    def busy(self) -> bool:
        """Whether an index run is shown, or about to be."""
        return self.jobs.busy

    @property
    def paused(self) -> bool:
        """Whether the job waits to be resumed."""
        return self.jobs.paused

    @property
    def keep_up_to_date(self) -> bool:
        """Whether the person wants the library to be watched."""
        return self.jobs.keep

    @property
    def watching(self) -> Watching:
        """Whether changes are noticed."""
        return self.jobs.watching

    @property
    def closed(self) -> bool:
        """Whether everything is given back."""
        return self._closed

    # -- opening ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the library, if there is one, go on with an index that was interrupted, and watch."""
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
        else:
            self.jobs.go_on()

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
        self.jobs.has_folders = bool(status.folders)
        self.status_changed.emit(status)
        self.asking.begin()

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

    def use(self, make_libraries: Callable[[], Libraries]) -> None:
        """Work with these from the next job on; what is open stays as it is."""

        def work() -> None:
            self._make_libraries = make_libraries
            self._libraries = None

        self._bridge.io(work, lambda _: None, self.broken.emit)

    # -- reading ------------------------------------------------------------------------------------

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

    def page(
        self,
        path: str,
        number: int,
        width: int,
        passage: str,
        words: tuple[str, ...],
        done: Callable[[Page], None],
        failed: Callable[[Exception], None],
    ) -> CancelToken:
        """A page of a file as a picture, `width` pixels wide, with the places of a passage and of words. A
        newer request drops this one."""

        def work(token: CancelToken) -> Page:
            from findling.documents import PagePainter, PageWish

            self._painter = self._painter or PagePainter()
            return self._painter.draw(PageWish(path, number, width, passage, words), token)

        return self._bridge.page(work, done, failed)

    def part(
        self,
        hit: Hit,
        passage: str,
        around: tuple[int, int],
        done: Callable[[Part], None],
        failed: Callable[[Exception], None],
    ) -> CancelToken:
        """The part of a hit's file around its passage as it is formatted, with so many characters before and
        after it. A newer request drops this one."""

        def work(token: CancelToken) -> Part:
            from findling.documents import PagePainter, PartWish

            self._painter = self._painter or PagePainter()
            wish = PartWish(hit.path, passage, hit.start, hit.anchor.line or 0, *around)
            return self._painter.format(wish, token)

        return self._bridge.page(work, done, failed)

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
        """Add `folders`, or bring those known up to date. While a run goes on, folders wait for its end."""
        self.jobs.index(folders)

    def leave_out(self, folder: Path) -> None:
        """Search this folder no more; what it holds stays as it is."""
        self.jobs.rebuild(lambda: self._ready_libraries().start_index(self.name, without=[folder]))

    def try_again(self) -> None:
        """Bring the library up to date, and try files once more that could not be read."""
        self.jobs.rebuild(lambda: self._ready_libraries().start_index(self.name, again=True))

    def follow_rules(self, rules: Rules) -> None:
        """Look at the files that these let in from now on."""
        self.jobs.rebuild(lambda: self._ready_libraries().start_index(self.name, rules=rules))

    def update(self) -> None:
        """Bring the library's folders up to date."""
        self.jobs.index()

    def pause(self) -> None:
        """Let the run wait."""
        self.jobs.pause()

    def resume(self) -> None:
        """Let the run go on."""
        self.jobs.resume()

    def cancel(self) -> None:
        """Ask the job to stop; what it has written stays."""
        self.jobs.cancel()

    def set_keep_up_to_date(self, keep: bool) -> None:  # noqa: FBT001 — a slot of `toggled`
        """Watch the library's folders from now on, or do not."""
        self.jobs.keep_up_to_date(keep=keep)

    def _make_job(self, folders: Sequence[Path], watch: bool) -> ChildJob:  # noqa: FBT001 — a callback
        from findling.library.libraries import DEFAULT_LIBRARY

        self.name = self.name or DEFAULT_LIBRARY
        libraries = self._ready_libraries()
        start = libraries.start_watch if watch else libraries.start_index
        return start(self.name, folders, model="" if self.name in libraries.names() else self._model)

    def _last_summary(self) -> dict[str, Any]:
        run = self._library.info.last_run if self._library is not None else None
        return asdict(run) if run is not None else {}

    def _job_made(self) -> None:
        self._bridge.io(self._open, self._opened, self.broken.emit)

    def refresh(self) -> None:
        """Read the library's state anew, and say that its content may have changed."""
        if self._library is not None:
            self._bridge.io(self._status, self._tell_status, lambda _: None)
            self.content_changed.emit()

    # -- closing ------------------------------------------------------------------------------------

    def shutdown(self, done: Callable[[], object]) -> None:
        """End everything in a thread; `done` is called on the GUI thread when all is given back."""
        for each in self._work:
            each.stop()

        def work() -> None:
            self.close()
            self._bridge.post(done)

        threading.Thread(target=work, name="closing", daemon=True).start()

    def close(self) -> None:
        """End everything and wait for it: seconds, while an indexer finishes its batch."""
        with self._closing:
            if self._closed:
                return
            for each in self._work:
                each.cancel()
            self._bridge.close()
            for each in self._work:
                each.close()
            if self._painter is not None:
                self._painter.close()
            if self._library is not None:
                self._library.close()
                self._library = None  # with it goes its embedder: a closed window may live on a while
            self._closed = True
