"""Run one stage of a pipeline ahead of the next, in a thread, through a bounded queue."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

_T = TypeVar("_T")


@contextmanager
def prefetched(items: Iterable[_T], ahead: int) -> Generator[Iterator[_T]]:
    """Iterate `items` in a thread, at most `ahead` of them before they are taken.

    What `items` raises is raised where it is taken. Leaving the block early stops the thread after the
    item in hand.
    """
    channel: queue.Queue[tuple[_T] | BaseException | None] = queue.Queue(ahead)
    stopped = threading.Event()

    def put(entry: tuple[_T] | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                channel.put(entry, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def produce() -> None:
        iterator = iter(items)
        try:
            for item in iterator:
                if not put((item,)):
                    return
            put(None)
        except BaseException as error:  # noqa: BLE001 — raised again where the item is taken
            put(error)
        finally:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()

    def take() -> Iterator[_T]:
        while (entry := channel.get()) is not None:
            if isinstance(entry, BaseException):
                raise entry
            yield entry[0]

    thread = threading.Thread(target=produce, name="prefetch", daemon=True)
    thread.start()
    try:
        yield take()
    finally:
        stopped.set()
        thread.join()
