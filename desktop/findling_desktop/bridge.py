"""The one QObject that brings results of worker threads to the GUI thread.

Three lanes, a thread each: the query lane and the page lane, where a newer request drops the older one, and
the io lane, where requests wait their turn. Every answer is a call made on the GUI thread.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from findling.errors import Cancelled, FindlingError
from findling.jobs import CancelToken

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Bridge(QObject):
    """Runs work off the GUI thread. All methods but `post` belong to the GUI thread.

    `failed` hears every error but `Cancelled`; one that is no `FindlingError` is a bug and is raised on the
    GUI thread as well, where `sys.excepthook` meets it.
    """

    _rung = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._arrived: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._lanes = {
            name: ThreadPoolExecutor(1, thread_name_prefix=f"{name} lane") for name in ("query", "page", "io")
        }
        #: What was asked for last, by the lane.
        self._latest = {"query": CancelToken(), "page": CancelToken()}
        self._closed = False
        self._rung.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def query(
        self,
        work: Callable[[CancelToken], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> CancelToken:
        """Run `work` in the query lane; what was asked for there before is dropped."""
        return self._newest("query", work, done, failed)

    def page(
        self,
        work: Callable[[CancelToken], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> CancelToken:
        """Run `work` in the page lane; what was asked for there before is dropped."""
        return self._newest("page", work, done, failed)

    def drop_query(self) -> None:
        """Want no answer to the last query."""
        self._latest["query"].cancel()

    def io(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> CancelToken:
        """Run `work` in the io lane after what waits there. Cancelling the token drops the answer."""
        return self._submit("io", CancelToken(), work, done, failed)

    def post(self, call: Callable[[], object]) -> None:
        """Have `call` made on the GUI thread; from any thread."""
        self._arrived.put(call)
        self._rung.emit()

    def close(self) -> None:
        """Drop what waits, and wait for what runs; from any thread but the lanes' own."""
        self._closed = True
        for token in self._latest.values():
            token.cancel()
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)

    def _newest(
        self,
        lane: str,
        work: Callable[[CancelToken], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> CancelToken:
        self._latest[lane].cancel()
        self._latest[lane] = token = CancelToken()
        return self._submit(lane, token, lambda: work(token), done, failed)

    def _submit(
        self,
        lane: str,
        token: CancelToken,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> CancelToken:
        def run() -> None:
            if token.cancelled:
                return
            try:
                result = work()
            except Cancelled:
                return
            except Exception as error:  # noqa: BLE001 — the GUI thread tells bugs from failures
                # Bound as a default: Python unbinds the name when this block ends.
                self.post(lambda error=error: wanted() and _fail(error, failed))
            else:
                self.post(lambda: wanted() and done(result))

        def wanted() -> bool:
            return not token.cancelled and not self._closed

        if not self._closed:
            self._lanes[lane].submit(run)
        return token

    def _deliver(self) -> None:
        self._arrived.get()()


def _fail(error: Exception, failed: Callable[[Exception], None]) -> None:
    failed(error)
    if not isinstance(error, FindlingError):
        raise error
