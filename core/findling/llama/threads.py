"""How many threads compute a batch: as many as there are cores, while nobody else needs them.

llama.cpp's threads wait for each other by spinning, so that all of them wait where one does not run: two on
two cores, beside another busy program, are ten times slower than one (tests/bench/RESULTS.md). Spinning is
also what shows it: threads that all ran took as much of the processor as they took time.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds of computing after which the number is looked at again.
_WINDOW = 0.5
#: Of a core: whoever lost more of it shares it with somebody, and one of which less is in use can be taken.
_LOST = 0.25
#: Seconds after which all cores are tried again: at first, and at most, where trying was in vain each time.
_RETRY, _LONGEST_RETRY = 1.0, 60.0


def _idle_seconds() -> float:
    return psutil.cpu_times().idle


class Threads:
    """How many threads shall compute: one less than there are cores, or all of them where none is missed.

    `clock` tells seconds, and `idle` for how many of them the machine's cores did nothing, in sum.
    """

    def __init__(
        self,
        cores: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        idle: Callable[[], float] = _idle_seconds,
    ) -> None:
        self._cores, self.count = cores, max(1, cores - 1)
        self._clock, self._idle = clock, idle
        self._seconds = self._processor_seconds = 0.0
        self._looked = clock(), idle()
        self._retry = _RETRY
        #: Seconds with one less, and 0 once all cores have proved to be there.
        self._with_less = 0.0

    def computed(self, seconds: float, processor_seconds: float) -> None:
        """Take note of a batch: how long it took, and how much of the processor for all threads together."""
        self._seconds += seconds
        self._processor_seconds += processor_seconds
        if self._seconds >= _WINDOW and self._cores > 1:
            self._look()

    def _look(self) -> None:
        (then, idle_then), self._looked = self._looked, (self._clock(), self._idle())
        passed, idle = self._looked[0] - then, self._looked[1] - idle_then
        if self.count < self._cores:
            self._with_less += passed
            if idle > (1 - _LOST) * passed and self._with_less >= self._retry:
                self.count = self._cores
        elif self._cores - self._processor_seconds / self._seconds <= _LOST:
            self._retry, self._with_less = _RETRY, 0.0
        else:
            if self._with_less:  # what looked free was not: a container has a share of the machine
                self._retry = min(2 * self._retry, _LONGEST_RETRY)
            self.count, self._with_less = self._cores - 1, 0.0
        self._seconds = self._processor_seconds = 0.0
