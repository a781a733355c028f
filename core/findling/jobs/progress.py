"""How far a job is: one frozen value, replaced as the work goes on."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Progress:
    """A snapshot of a job.

    `done` of `total` `unit`s (`total` is None until it is known); `share` is 0 … 1 of the work where units
    differ in size; `phase` is one word for the stage, `detail` names the thing in hand, `counts` is what the
    job wants told (passages embedded …), `value` the figure that it goes by (a loss), and `quality` how good
    what it makes was found to be when it was last measured, 0 … 1.
    """

    phase: str = ""
    done: int = 0
    total: int | None = None
    unit: str = ""
    detail: str = ""
    per_second: float | None = None
    remaining_seconds: float | None = None
    counts: dict[str, int] = field(default_factory=dict[str, int])
    share: float | None = None
    value: float | None = None
    quality: float | None = None

    @property
    def fraction(self) -> float | None:
        """0 … 1, or None while the total is unknown."""
        if self.share is not None or self.total is None:
            return self.share
        return min(1.0, self.done / self.total) if self.total else 1.0

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`."""
        return cls(**stored)


class Rate:
    """Throughput over the last `window_seconds`, and the time left at that pace.

    `weight` is the amount of work behind a step (bytes, tokens), because files differ in size by orders
    of magnitude: an estimate by count alone swings wildly.
    """

    def __init__(self, total_weight: float, window_seconds: float = 30.0) -> None:
        self._total = total_weight
        self._window = window_seconds
        self._steps: deque[tuple[float, float, int]] = deque([(time.monotonic(), 0.0, 0)])
        self._weight = 0.0
        self._count = 0

    def expect(self, weight: float) -> None:
        """So much is left, as far as is known now."""
        self._total = self._weight + weight

    def restart(self) -> None:
        """Take the pace from now on alone: what is done stays done, but was slow to begin."""
        self._steps = deque([(time.monotonic(), self._weight, self._count)])

    def add(self, weight: float, count: int = 1) -> None:
        """Note that `count` units of together `weight` are done."""
        now = time.monotonic()
        self._weight += weight
        self._count += count
        self._steps.append((now, self._weight, self._count))
        while len(self._steps) > 2 and now - self._steps[1][0] > self._window:
            self._steps.popleft()

    def share(self) -> float:
        """0 … 1 of the total weight is done."""
        return min(1.0, self._weight / self._total) if self._total else 1.0

    def per_second(self) -> float | None:
        """Units per second over the window, or None before anything can be said."""
        start, _, count = self._steps[0]
        elapsed = time.monotonic() - start
        done = self._count - count
        return done / elapsed if done and elapsed > 0.5 else None

    def remaining_seconds(self) -> float | None:
        """Seconds until all weight is done at the window's pace, or None when unknown."""
        start, weight, _ = self._steps[0]
        elapsed = time.monotonic() - start
        done = self._weight - weight
        if done <= 0 or elapsed < 1.0:
            return None
        return max(0.0, (self._total - self._weight) * elapsed / done)


def ignore_progress(progress: Progress) -> None:
    """A progress callback for callers that do not look."""
