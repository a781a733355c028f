"""A token through which one thread asks another to stop, or to wait."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from findling.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable


class CancelToken:
    """Cancel and pause, asked for from any thread and obeyed at the next `check()`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._callbacks: list[Callable[[], object]] = []

    @property
    def cancelled(self) -> bool:
        """Whether `cancel()` was called."""
        return self._cancelled.is_set()

    @property
    def paused(self) -> bool:
        """Whether `pause()` was called last."""
        return not self._running.is_set()

    def cancel(self) -> None:
        """Ask the work to stop; a paused one too. Runs the callbacks, once."""
        with self._lock:
            self._cancelled.set()
            self._running.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def pause(self) -> None:
        """Ask the work to wait at its next check."""
        if not self.cancelled:
            self._running.clear()

    def resume(self) -> None:
        """Let paused work go on."""
        self._running.set()

    def check(self) -> None:
        """Return at once, or after a pause. Raises `Cancelled` when the work is to stop."""
        self._running.wait()
        if self._cancelled.is_set():
            raise Cancelled

    def on_cancel(self, callback: Callable[[], object]) -> None:
        """Call `callback` when cancelled (at once, if that has happened), for waits not polled."""
        with self._lock:
            if not self._cancelled.is_set():
                self._callbacks.append(callback)
                return
        callback()
