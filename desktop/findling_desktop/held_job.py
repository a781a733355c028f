"""A child process's job that the window holds and looks at every other moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from findling.errors import Cancelled
from findling.jobs import JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.jobs import ChildJob
    from findling_desktop.bridge import Bridge

POLL_MILLISECONDS = 100


class HeldJob(QObject):
    """Methods but `close` belong to the GUI thread. Who derives from it starts `_poll` with a `_job`, and
    says in `_look` what is to be done when it is looked at."""

    #: Progress, ten times a second at most.
    progressed = Signal(object)
    #: How it ended.
    ended = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._job: ChildJob | None = None
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MILLISECONDS)
        self._poll.timeout.connect(self._look)

    @property
    def paused(self) -> bool:
        """Whether the job waits to be resumed."""
        return self._job is not None and self._job.paused

    @property
    def process_id(self) -> int:
        """The job's process, 0 for none."""
        return self._job.process_id if self._job is not None else 0

    def pause(self) -> None:
        """Let the job wait."""
        if self._job is not None:
            self._job.pause()

    def resume(self) -> None:
        """Let the job go on."""
        if self._job is not None:
            self._job.resume()

    def cancel(self) -> None:
        """Ask the job to stop; what it has done stays."""
        if self._job is not None:
            self._job.cancel()

    def close(self) -> None:
        """End the job and wait for its process, from any thread. The bridge is closed by then."""
        if self._job is not None:
            self._job.close()

    def _look(self) -> None:
        raise NotImplementedError


class AskedJob(HeldJob):
    """A job that goes on because a person asked for it, until it ends or is stopped. It has `ended` with
    None, or the exception that ended it, `Cancelled` for a stop. One of a single process is begun by
    `_begin`."""

    #: An exception of what was asked for otherwise.
    failed = Signal(object)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._starting = False
        self._stopping = False

    @property
    def working(self) -> bool:
        """Whether it goes on, or is about to."""
        return self._starting or self._job is not None

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopping

    def cancel(self) -> None:
        """Ask it to stop; what it has done stays."""
        if self.working:
            self._stopping = True
        super().cancel()

    def stop(self) -> None:
        """Ask it to stop, and look at it no more."""
        self._poll.stop()
        self.cancel()

    def _begin(self, make_job: Callable[[], ChildJob]) -> None:
        """Start a job, which is made in the io lane; none goes on."""
        self._starting, self._stopping = True, False

        def work() -> ChildJob:
            # Kept here at once: a window that is being closed takes no answer, but must end the job.
            self._job = make_job()
            return self._job

        def started(job: ChildJob) -> None:
            self._starting = False
            if self._stopping:
                job.cancel()
            self._poll.start()

        self._bridge.io(work, started, self._end)

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
