"""Keep a library up to date while files change: the system's notices, and a look at everything now and then.

watchfiles (MIT, Rust, maintained) gathers notices until it is quiet for half a second, or for five at most:
a checkout of thousands of files is one run, and an editor's save is one change.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from findling.errors import one_line
from findling.library.rules import IGNORE_FILES
from findling.library.volumes import is_there, mounted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from findling.jobs import CancelToken
    from findling.settings import Home

#: Also how long the first look and the end of a watch may wait.
_QUIET_MILLISECONDS = 500
_AT_MOST_MILLISECONDS = 5000
#: How often it is looked whether the folders are still the same ones, and are there.
_LOOK_MILLISECONDS = 2000
#: Everything is looked at again after this time, whatever was noticed.
RECONCILE_SECONDS = 600.0
#: The same, where the system gives no notices.
_WITHOUT_NOTICES_SECONDS = 60.0


class Watch:
    """When to bring a library up to date. `folders` gives those that it has now; `hidden` whether hidden
    files count. `problem` says why there are no notices, or is ""."""

    def __init__(
        self, folders: Callable[[], list[Path]], home: Home, cancel: CancelToken, *, hidden: bool = False
    ) -> None:
        self._folders = folders
        self._own = [place.resolve() for place in (home.data, home.state, home.config)]
        self._hidden = hidden
        self._stop = threading.Event()
        self._cancel = cancel
        cancel.on_cancel(self._stop.set)
        self.problem = ""
        self._again_seconds: float | None = None

    def look_again(self, seconds: float) -> None:
        """Let `changes` give something in so many seconds, also if nothing changes until then."""
        self._again_seconds = seconds

    def changes(self) -> Iterator[int]:
        """At once, and then whenever something may have changed: how many notices there were. Ends, or raises
        `Cancelled`, when cancelled."""
        looked = 0.0
        while not self._stop.is_set():
            there = self._there()
            compared = time.monotonic()
            for noticed in self._notices(there[0]):
                self._cancel.check()
                if noticed or not looked or time.monotonic() - looked > self._pause_seconds():
                    looked = time.monotonic()
                    self._again_seconds = None
                    yield noticed
                if time.monotonic() - compared < _LOOK_MILLISECONDS / 1000:
                    continue
                compared = time.monotonic()
                if self._there() != there:
                    looked = 0.0
                    break
        self._cancel.check()

    def _there(self) -> tuple[list[Path], set[str]]:
        """The folders that can be looked at, and what is mounted in and above them: a notice comes from what
        was there when they were asked for."""
        folders = [folder for folder in self._folders() if is_there(folder)]
        return folders, mounted(folders)

    def _pause_seconds(self) -> float:
        if self._again_seconds is not None:
            return self._again_seconds
        return _WITHOUT_NOTICES_SECONDS if self.problem else RECONCILE_SECONDS

    def _notices(self, folders: list[Path]) -> Iterator[int]:
        """Number of notices, every other moment or when there are some; without end while they work."""
        import watchfiles

        if not folders:
            yield from self._ticks()
            return
        try:
            for changes in watchfiles.watch(
                *folders,
                watch_filter=lambda _, path: self._counts(Path(path), folders),
                debounce=_AT_MOST_MILLISECONDS,
                step=_QUIET_MILLISECONDS,
                rust_timeout=_QUIET_MILLISECONDS,
                yield_on_timeout=True,
                stop_event=self._stop,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                yield len(changes)
        except (OSError, RuntimeError) as error:  # the system's limits, a folder that went away
            self.problem = _in_words(error)
            yield from self._ticks()

    def _ticks(self) -> Iterator[int]:
        yield 0
        while not self._stop.wait(_LOOK_MILLISECONDS / 1000):
            yield 0

    def _counts(self, path: Path, folders: list[Path]) -> bool:
        """Whether a change there may matter: not to hidden files, nor to what Findling writes itself."""
        if any(path.is_relative_to(own) for own in self._own):
            return False
        inner = next((path.relative_to(folder) for folder in folders if path.is_relative_to(folder)), path)
        hidden = any(part.startswith(".") for part in inner.parts)
        return self._hidden or not hidden or path.name in IGNORE_FILES


def _in_words(error: Exception) -> str:
    said = one_line(error)
    if "limit" in said or "No space left" in said or "os error 28" in said:
        return (
            "The system watches as many files as it may, so changes are looked for every minute instead. "
            "To raise the limit: sudo sysctl fs.inotify.max_user_watches=524288"
        )
    return f"Changes cannot be noticed at once ({said}); they are looked for every minute."
