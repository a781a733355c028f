"""All that Findling has written is removed from its own window, which is over then."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from findling.errors import FindlingError
from findling.jobs import Progress
from findling_desktop.held_job import POLL_MILLISECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.jobs import CancelToken
    from findling.library import Libraries
    from findling.library.removal import Stock
    from findling_desktop.bridge import Bridge

#: A window that was left for another library may still be ending its work.
_PATIENCE_SECONDS = 20.0


class Removal(QObject):
    """Methods belong to the GUI thread; answers and signals arrive there."""

    #: From now on nothing is to be written any more.
    begun = Signal()
    #: Progress, ten times a second at most.
    progressed = Signal(object)
    #: Stock: what has gone, and what stays. Nothing is left to be done but to quit.
    ended = Signal(object)
    #: An exception: nothing was removed.
    failed = Signal(object)
    #: The person has read how it ended: well, or else the window is to be as it was before.
    left = Signal(bool)

    def __init__(
        self,
        bridge: Bridge,
        libraries: Callable[[], Libraries],
        shutdown: Callable[[Callable[[], object]], None],
    ) -> None:
        """`libraries` is called in other threads; `shutdown` ends all work of the window, and then calls what
        it is given."""
        super().__init__()
        self._bridge = bridge
        self._libraries = libraries
        self._shutdown = shutdown
        self._progress = Progress("stopping")
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MILLISECONDS)
        self._poll.timeout.connect(lambda: self.progressed.emit(self._progress))

    def look(
        self, done: Callable[[Stock], None], failed: Callable[[Exception], None], *, keep_models: bool
    ) -> CancelToken:
        """What would go, and what would stay. Cancelling the token drops the answer."""

        def work() -> Stock:
            from findling.library.removal import stock_of

            return stock_of(self._libraries().settings.home, keep_models=keep_models)

        return self._bridge.io(work, done, failed)

    def begin(self, *, keep_models: bool) -> None:
        """End all work of the window, and remove everything."""
        self.begun.emit()
        self._poll.start()
        self._shutdown(lambda: self._start(keep_models))

    def _start(self, keep_models: bool) -> None:  # noqa: FBT001 — called back
        def work() -> None:
            from findling.library.removal import remove_everything

            try:
                gone = remove_everything(
                    self._libraries().settings.home,
                    keep_models=keep_models,
                    report=self._take,
                    patience_seconds=_PATIENCE_SECONDS,
                )
            except Exception as error:  # noqa: BLE001 — the GUI thread tells bugs from failures
                self._bridge.post(lambda error=error: self._fail(error))
            else:
                self._bridge.post(lambda: self._end(gone))

        # The process does not end before it has.
        threading.Thread(target=work, name="removing").start()

    def _take(self, progress: Progress) -> None:
        self._progress = progress

    def _end(self, gone: Stock) -> None:
        self._poll.stop()
        self.ended.emit(gone)

    def _fail(self, error: Exception) -> None:
        self._poll.stop()
        self.failed.emit(error)
        if not isinstance(error, FindlingError | OSError):
            raise error
