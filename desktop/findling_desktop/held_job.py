"""A child process's job that the window holds and looks at every other moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from findling.jobs import ChildJob

POLL_MILLISECONDS = 100


class HeldJob(QObject):
    """Methods but `close` belong to the GUI thread. Who derives from it starts `_poll` with a `_job`, and
    says in `_look` what is to be done when it is looked at."""

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

    def close(self) -> None:
        """End the job and wait for its process, from any thread. The bridge is closed by then."""
        if self._job is not None:
            self._job.close()

    def _look(self) -> None:
        raise NotImplementedError
