"""The library's tuning runs: begun, gone on with from stage to stage, stopped, promoted and rolled back.

What a run does is `findling.adaptation`'s business; here its jobs are started one after the other, looked at
while they work, and ended with the window. A run that was stopped goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from findling.jobs import ChildJob, JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.adaptation.plan import TuningWishes
    from findling.adaptation.runs import Run
    from findling.library import Libraries
    from findling_desktop.bridge import Bridge
    from findling_desktop.indexing import IndexJobs, JobEnd

_POLL_MILLISECONDS = 100


@dataclass(frozen=True, slots=True)
class TuningState:
    """`runs` of the library, the last one first, and the id of the one whose model answers searches now."""

    runs: tuple[Run, ...] = ()
    in_use: str = ""


class TuningRuns(QObject):
    """Methods but `close` belong to the GUI thread; signals arrive there."""

    #: TuningState: what there is, whenever it was read.
    read_anew = Signal(object)
    #: Run: a job of its stage works from now on.
    advanced = Signal(object)
    #: Progress of that job, ten times a second at most.
    progressed = Signal(object)
    #: Run and None, where it is judged; or the exception that ended it, which is `Cancelled` for a stop.
    ended = Signal(object, object)
    #: An exception of what was asked for otherwise.
    failed = Signal(object)

    def __init__(
        self, bridge: Bridge, libraries: Callable[[], Libraries], name: Callable[[], str], jobs: IndexJobs
    ) -> None:
        """`libraries` is called in the io lane alone; `jobs` write to the library."""
        super().__init__()
        self.state = TuningState()
        #: The run that goes on.
        self.run: Run | None = None
        self._bridge = bridge
        self._libraries = libraries
        self._name = name
        self._jobs = jobs
        self._job: ChildJob | None = None
        self._promoting: Run | None = None
        self._starting = False
        self._stopping = False
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MILLISECONDS)
        self._poll.timeout.connect(self._look)
        jobs.ended.connect(self._take_promotion)

    @property
    def working(self) -> bool:
        """Whether a run goes on."""
        return self._starting or self._job is not None

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopping

    @property
    def paused(self) -> bool:
        """Whether it waits to be resumed."""
        return self._job is not None and self._job.paused

    # -- what a person wants ------------------------------------------------------------------------

    def read(self) -> None:
        """Read what there is anew."""

        def work() -> TuningState:
            from findling.adaptation.runs import Stage, runs_of

            name, libraries = self._name(), self._libraries()
            if name not in libraries.names():
                return TuningState()
            runs = tuple(runs_of(libraries, name))
            model = libraries.info(name).active.model
            tuned = [run for run in runs if run.model == model]
            # A promotion that was stopped, and ended with a later run, marked nothing.
            used = [
                run for run in tuned if run.stage is Stage.PROMOTED or run.plan.get("base", model) != model
            ]
            return TuningState(runs, used[0].id if used else "")

        def done(state: TuningState) -> None:
            self.state = state
            self.read_anew.emit(state)

        self._bridge.io(work, done, self.failed.emit)

    def begin(self, wishes: TuningWishes) -> None:
        """Begin a run, unless one goes on."""

        def planned(libraries: Libraries) -> Run:
            from findling.adaptation.flow import begin

            return begin(libraries, self._name(), wishes)

        self._start(planned)

    def go_on(self, run: Run) -> None:
        """Go on with a run that was stopped, unless one goes on."""
        self._start(lambda _: run)

    def pause(self) -> None:
        """Let it wait."""
        if self._job is not None:
            self._job.pause()

    def resume(self) -> None:
        """Let it go on."""
        if self._job is not None:
            self._job.resume()

    def cancel(self) -> None:
        """Ask it to stop; what it has done stays."""
        if self.working:
            self._stopping = True
        if self._job is not None:
            self._job.cancel()

    def promote(self, run: Run) -> None:
        """Embed the library anew with the run's model, which then answers; searches go on meanwhile."""
        from findling.adaptation.flow import start_promotion

        self._promoting = run
        self._jobs.rebuild(lambda: start_promotion(self._libraries(), run))

    def roll_back(self) -> None:
        """Let the model answer again that did before."""
        self._jobs.between(
            lambda: self._libraries().rollback(self._name()), lambda _: self.read(), self.failed.emit
        )

    def delete(self, run: Run) -> None:
        """Remove a run and its model, unless that is in use."""

        def work() -> None:
            from findling.adaptation.runs import delete_run

            delete_run(self._libraries(), run)

        self._bridge.io(work, lambda _: self.read(), self._refused)

    # -- a run's life -------------------------------------------------------------------------------

    def _start(self, planned: Callable[[Libraries], Run]) -> None:
        if self.working:
            return
        self._starting = True
        self._stopping = False

        def work() -> Run:
            from findling.adaptation.flow import next_job

            libraries = self._libraries()
            run = planned(libraries)
            # Kept here at once: a window that is being closed takes no answer, but must end the job.
            self.run = run
            self._job = next_job(libraries, run)
            return run

        self._bridge.io(work, self._advance, self._end)

    def _advance(self, run: Run) -> None:
        self._starting = False
        self.run = run
        if self._job is None:
            self._end(None)
            return
        if self._stopping:
            self._job.cancel()
        self.advanced.emit(run)
        self._poll.start()

    def _look(self) -> None:
        """Every other moment: where is the job?"""
        job = self._job
        if job is None or self.run is None:
            return
        if job.state is JobState.RUNNING:
            self.progressed.emit(job.progress)
            return
        self._poll.stop()
        self._job = None
        if job.state is not JobState.DONE:
            from findling.errors import Cancelled

            self._end(job.error or Cancelled())
            return
        run, found = self.run, job.result()
        self._starting = True

        def work() -> Run:
            from findling.adaptation.flow import after, clear, next_job

            now = after(run, found)
            self._job = next_job(self._libraries(), now)
            if self._job is None:
                clear(now)
            return now

        self._bridge.io(work, self._advance, self._end)

    def _end(self, error: Exception | None) -> None:
        self._starting = self._stopping = False
        run, self.run = self.run, None
        self.ended.emit(run, error)
        self.read()

    def _refused(self, error: Exception) -> None:
        self.failed.emit(error)
        self.read()

    def _take_promotion(self, end: JobEnd) -> None:
        run, self._promoting = self._promoting, None
        if run is None:
            return

        def work() -> None:
            from findling.adaptation.runs import Stage

            run.at(Stage.PROMOTED)

        if end.state is JobState.DONE:
            self._bridge.io(work, lambda _: self.read(), self.failed.emit)
        else:
            self.read()

    # -- closing ------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask the job to stop, and start none any more."""
        self._poll.stop()
        self.cancel()

    def close(self) -> None:
        """End the job and wait for its process, from any thread. The bridge is closed by then."""
        if self._job is not None:
            self._job.close()
