"""How many threads compute a batch: as many as there are cores, while nobody else needs them.

llama.cpp's threads wait for each other by spinning, so that all of them wait where one does not run. Spinning
is also what shows it: threads that all ran took as much of the processor as they took time.
"""

from __future__ import annotations

#: Seconds of computing after which the number is looked at again.
_WINDOW = 0.5
#: Of a core, on average: whoever lost more shares it with somebody.
_LOST = 0.25
#: Seconds after which all cores are tried again: at first, and at most, where trying was in vain each time.
_RETRY, _LONGEST_RETRY = 4.0, 60.0


class Threads:
    """The number of threads for each batch, by what the ones before took: `cores`, or one less while somebody
    else needs one."""

    def __init__(self, cores: int) -> None:
        self._cores = self._count = cores
        self._seconds = self._processor_seconds = 0.0
        self._retry = _RETRY
        #: Seconds of computing with one less, and 0 once all cores have proved to be there.
        self._with_less = 0.0

    def computed(self, seconds: float, processor_seconds: float) -> int:
        """The number for the next batch, after one that took so long, and so much of the processor for all of
        its threads together."""
        self._seconds += seconds
        self._processor_seconds += processor_seconds
        if self._seconds >= _WINDOW and self._cores > 1:
            self._look()
            self._seconds = self._processor_seconds = 0.0
        return self._count

    def _look(self) -> None:
        if self._count < self._cores:
            self._with_less += self._seconds
            if self._with_less >= self._retry:
                self._count = self._cores
        elif self._cores - self._processor_seconds / self._seconds <= _LOST:
            self._retry, self._with_less = _RETRY, 0.0
        else:
            if self._with_less:  # tried in vain
                self._retry = min(2 * self._retry, _LONGEST_RETRY)
            self._count, self._with_less = self._cores - 1, 0.0
