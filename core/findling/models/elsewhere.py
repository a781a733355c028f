"""Wait for the network in a thread of its own, so that a cancel need not wait for the network."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from findling.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from findling.jobs import CancelToken

_T = TypeVar("_T")

_AHEAD = 16


def answer(question: Callable[[], _T], cancel: CancelToken) -> _T:
    """The answer to one question, or `Cancelled` before it comes."""
    with elsewhere(lambda _: (question() for _ in (0,)), cancel) as answers:
        return next(answers)


@contextmanager
def elsewhere(
    items: Callable[[threading.Event], Iterable[_T]], cancel: CancelToken
) -> Generator[Iterator[_T]]:
    """Iterate in a thread that is not waited for: a name server or a socket may block it for long.

    Unlike `jobs.prefetched`, leaving the block leaves the thread to its own time-outs. It holds nothing but
    its connection.
    """
    channel: queue.Queue[tuple[_T] | BaseException | None] = queue.Queue(_AHEAD)
    stopped = threading.Event()

    def put(entry: tuple[_T] | BaseException | None) -> None:
        while not stopped.is_set():
            with suppress(queue.Full):
                channel.put(entry, timeout=0.1)
                return
        raise Cancelled

    def produce() -> None:
        with suppress(Cancelled):
            try:
                for item in items(stopped):
                    put((item,))
                put(None)
            except Exception as error:  # noqa: BLE001 — raised again where the item is taken
                put(error)

    def take() -> Iterator[_T]:
        while True:
            cancel.check()
            with suppress(queue.Empty):
                entry = channel.get(timeout=0.1)
                if entry is None:
                    return
                if isinstance(entry, BaseException):
                    raise entry
                yield entry[0]

    threading.Thread(target=produce, name="download", daemon=True).start()
    try:
        yield take()
    finally:
        stopped.set()
