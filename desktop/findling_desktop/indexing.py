"""The window's one writing job: an index run that was asked for, or a watcher with its runs.

A watcher is a job without end: it reports the phase "watching" between two runs. To give it a folder it is
ended and started anew. What a person did not ask for is told only when it takes longer than a moment.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QTimer, Signal

from findling.errors import LibraryBusy
from findling.jobs import JobState, Progress
from findling_desktop.held_job import POLL_MILLISECONDS, HeldJob

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from findling.jobs import ChildJob
    from findling_desktop.bridge import Bridge

T = TypeVar("T")

#: A watcher that waits for changes is looked at less often.
RESTING_POLL_MILLISECONDS = 400
#: While the indexer writes, what is shown is read anew at most this often.
REFRESH_SECONDS = 3.0
#: A run that nobody asked for is shown when it reads files for longer.
MOMENT_SECONDS = 1.0
#: While another process writes to the library, a watcher is tried again after this time.
AGAIN_MILLISECONDS = 30_000


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a run ended: with its summary, with an error, or stopped by the person. `asked` is False for one
    that a watcher made of itself."""

    state: JobState
    summary: dict[str, Any] | None = None
    error: Exception | None = None
    asked: bool = True


class WatchState(StrEnum):
    """Whether changes are noticed. `STOPPED` by the person or by an error, until the next update."""

    OFF = "off"
    STARTING = "starting"
    WATCHING = "watching"
    BUSY_ELSEWHERE = "busy elsewhere"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Watching:
    """`problem` says in words why changes are not noticed at once, or is ""."""

    state: WatchState = WatchState.OFF
    problem: str = ""


class IndexJobs(HeldJob):
    """Starts the job, looks how far it is, and goes on after its end. Methods but `close` belong to the GUI
    thread; signals arrive there. `progressed` and `ended`, with a JobEnd, are of the run that is shown."""

    #: A run is shown from now on.
    started = Signal()
    #: A job runs; the library exists from now on.
    made = Signal()
    #: The library's content may have changed.
    written = Signal()
    #: Watching.
    watching_changed = Signal(object)
    #: Whether the library is to be kept up to date from now on.
    keep_changed = Signal(bool)

    def __init__(
        self,
        bridge: Bridge,
        make_job: Callable[[Sequence[Path], bool], ChildJob],
        last_summary: Callable[[], dict[str, Any]],
        *,
        keep: bool,
    ) -> None:
        """`make_job` starts an index run or, with True, a watcher, `last_summary` reads that of the last run;
        both are called in the io lane. `keep` is the person's wish to keep the library up to date."""
        super().__init__()
        self.keep = keep
        #: Whether the library has a folder: without one there is nothing to watch.
        self.has_folders = False
        self.watching = Watching()
        self._bridge = bridge
        self._make_job = make_job
        self._last_summary = last_summary
        self._starting = False
        self._watcher = False
        self._resting = False
        self._shown = False
        self._asked = False
        self._told_failure = False
        self._stop_wanted = False
        self._waiting: list[Path] = []
        self._rebuild: Callable[[], ChildJob] | None = None
        self._between: list[Callable[[], None]] = []
        self._given: list[Path] = []
        self._rested: Progress | None = None
        self._run_began: float | None = None
        self._last_refresh = 0.0
        self._last_seen = (-1, -1)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.go_on)

    @property
    def busy(self) -> bool:
        """Whether a run is shown."""
        return self._shown

    @property
    def working(self) -> bool:
        """Whether a run goes on, shown or not."""
        return self._starting or (self._job is not None and not self._resting)

    # -- what a person wants ------------------------------------------------------------------------

    def index(self, folders: Sequence[Path] = ()) -> None:
        """Add `folders`, or bring those known up to date. While a run goes on, folders wait for its end."""
        self._waiting.extend(folders)
        if self._stop_wanted and self.working:
            return
        self._asked = True
        self._show()
        if not self.working:
            self._renew()

    def rebuild(self, make_job: Callable[[], ChildJob]) -> None:
        """Have this job run next, which does more than bring the library up to date; it is shown as any run
        is."""
        self._rebuild = make_job
        self.index()

    def between(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Do something that takes a moment, in the io lane, while nobody here writes to the library: a run
        that goes on is finished first, and a watcher is ended and started again."""

        def ended(tell: Callable[[], None]) -> None:
            self._starting = False
            tell()
            self.written.emit()
            self.go_on()

        def do() -> None:
            self._starting = True
            self._bridge.io(
                work,
                lambda found: ended(lambda: done(found)),
                lambda error: ended(lambda: failed(error)),
            )

        self._between.append(do)
        if self._resting:
            self._end_watcher()
        else:
            self.go_on()

    def keep_up_to_date(self, *, keep: bool) -> None:
        """Watch the library's folders from now on, or do not. A run that goes on is finished."""
        if keep == self.keep:
            return
        self.keep = keep
        self.keep_changed.emit(keep)
        if keep:
            self.go_on()
            return
        self._again.stop()
        self._tell_watching(WatchState.OFF)
        if self._resting:
            self._end_watcher()

    def cancel(self) -> None:
        """Ask the job to stop, a watcher too; what it has written stays."""
        self._stop_wanted = True
        self._waiting.clear()
        self._rebuild = None
        super().cancel()

    def go_on(self) -> None:
        """Start what is wanted, if nothing runs: an update that was asked for, or to watch."""
        if self._job is not None or self._starting:
            return
        if self._between:
            self._between.pop(0)()
        elif self._rebuild or self._asked or self._waiting or (self.keep and self.has_folders):
            self._start()
        else:
            self._tell_watching(WatchState.OFF)

    # -- the job's life -----------------------------------------------------------------------------

    def _renew(self) -> None:
        """Start a job; a watcher that rests is ended first."""
        if self._job is None:
            self.go_on()
        else:
            self._end_watcher()

    def _end_watcher(self) -> None:
        assert self._job is not None
        self._poll.setInterval(POLL_MILLISECONDS)
        self._job.cancel()

    def _start(self) -> None:
        rebuild, self._rebuild = self._rebuild, None
        folders: list[Path] = []
        if rebuild is None:
            folders, self._waiting = self._waiting, []
        watch = rebuild is None and self.keep and bool(folders or self.has_folders)
        self._again.stop()
        self._given = folders
        self._watcher = watch
        self._starting = True
        self._resting = False
        self._stop_wanted = False
        # What failed stands in the strip: it is to be seen that this has changed.
        self._asked = self._asked or self._told_failure
        self._run_began = None
        self._last_seen = (-1, -1)
        if watch:
            self._tell_watching(WatchState.STARTING)

        def work() -> None:
            # Kept here at once: a window that is being closed takes no answer, but must end the job.
            self._job = rebuild() if rebuild else self._make_job(folders, watch)

        self._bridge.io(work, lambda _: self._made(), self._refused)

    def _made(self) -> None:
        self._starting = False
        if self._stop_wanted and self._job is not None:
            self._job.cancel()
        self._poll.start(POLL_MILLISECONDS)
        self.made.emit()

    def _refused(self, error: Exception) -> None:
        self._starting = False
        self._tell_end(JobEnd(JobState.FAILED, error=error))
        self._tell_watching(WatchState.STOPPED)

    def _look(self) -> None:
        """Every other moment: where is the job?"""
        job = self._job
        if job is None:
            return
        progress = job.progress
        if job.state is not JobState.RUNNING:
            self._take_end(job)
        elif progress.phase != "watching":
            self._take_progress(progress)
        elif progress is not self._rested:
            self._take_rest(progress)

    def _take_progress(self, progress: Progress) -> None:
        if self._resting:
            self._resting = False
            self._run_began = None
            self._poll.setInterval(POLL_MILLISECONDS)
        now = time.monotonic()
        if progress.phase == "indexing" and progress.total and self._run_began is None:
            self._run_began = now
        long = self._run_began is not None and now - self._run_began > MOMENT_SECONDS
        if long or (self._asked and progress.phase != "starting"):
            self._show()
        if self._shown:
            self.progressed.emit(progress)
        seen = (progress.done, progress.counts.get("embedded", 0))
        if seen != self._last_seen and now - self._last_refresh > REFRESH_SECONDS:
            self._last_refresh, self._last_seen = now, seen
            self.written.emit()

    def _take_rest(self, progress: Progress) -> None:
        """A watcher's run has ended, and it waits for changes."""
        self._rested = progress
        self._resting = True
        self._poll.setInterval(RESTING_POLL_MILLISECONDS)
        self._tell_watching(WatchState.WATCHING, progress.detail)
        self.written.emit()
        # What was asked for while the run went on is told as one with it.
        if (self._asked or self._shown) and not (self._waiting or self._rebuild):
            self._bridge.io(self._last_summary, self._take_summary, lambda _: self._take_summary({}))
        else:
            self._after_rest()

    def _take_summary(self, summary: dict[str, Any]) -> None:
        self._tell_end(JobEnd(JobState.DONE, summary, asked=self._asked))
        self._after_rest()

    def _after_rest(self) -> None:
        if self._waiting or self._rebuild:
            self.index()
        elif (self._between or not self.keep) and self._resting and self._job is not None:
            self._end_watcher()

    def _take_end(self, job: ChildJob) -> None:
        self._poll.stop()
        self._job = None
        self._resting = False
        stopped, self._stop_wanted = self._stop_wanted, False
        self.written.emit()
        if isinstance(job.error, LibraryBusy):
            self._take_busy(job.error)
            return
        if job.state is JobState.FAILED or (stopped and job.state is JobState.CANCELLED):
            self._tell_end(JobEnd(job.state, error=job.error))
            self._tell_watching(WatchState.STOPPED)
            if self._waiting:
                self.index()
            elif self._between:
                self.go_on()
            return
        if not self._watcher:
            self._tell_end(JobEnd(job.state, job.result()))
        if self._waiting or self._asked:
            self.index()
        else:
            self.go_on()

    def _take_busy(self, error: LibraryBusy) -> None:
        """Another process writes: say so to who asked, keep the folders, and try again later."""
        self._waiting = [*self._given, *self._waiting]
        if self._asked or self._shown:
            self._tell_end(JobEnd(JobState.FAILED, error=error))
        if self.keep:
            self._tell_watching(WatchState.BUSY_ELSEWHERE)
            self._again.start(AGAIN_MILLISECONDS)

    # -- telling ------------------------------------------------------------------------------------

    def _show(self) -> None:
        if not self._shown:
            self._shown = True
            self.started.emit()
            self.progressed.emit(Progress(phase="starting"))

    def _tell_end(self, end: JobEnd) -> None:
        self._shown = self._asked = False
        self._told_failure = end.state is not JobState.DONE
        self.ended.emit(end)

    def _tell_watching(self, state: WatchState, problem: str = "") -> None:
        watching = Watching(state if self.keep else WatchState.OFF, problem)
        if watching != self.watching:
            self.watching = watching
            self.watching_changed.emit(watching)

    # -- closing ------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask the job to stop, and start none any more."""
        self._poll.stop()
        self._again.stop()
        self.cancel()
