"""Where names of places are written so that none lies over another, and few points lie under them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

#: Between two names, in pixels.
_GAP = 4
#: Where a name may stand beside its place, in its own widths and heights; and what it costs to go as far as
#: its own height, in points that it would cover.
_BESIDE = (0.0, -0.3, 0.3)
_ABOVE = (0.0, -1.2, 1.2, -2.2, 2.2)
_COST = 0.6
#: Points are counted by squares of so many pixels.
_CELL = 6


@dataclass(frozen=True, slots=True)
class Label:
    """A name and its place on the plane. One of `level` 0 is always written, where it can be; others when
    one looks closer."""

    text: str
    x: float
    y: float
    level: int = 0


class Crowd:
    """How many points there are in parts of a widget."""

    def __init__(self, pixels: NDArray[np.float64], weights: NDArray[np.float64], size: QSizeF) -> None:
        """Points at `pixels`, (N, 2), which count as much as `weights`, (N,), say."""
        width, height = 1 + int(size.width() // _CELL), 1 + int(size.height() // _CELL)
        cells = (pixels // _CELL).astype(np.int64)
        inside = ((cells >= 0) & (cells < (width, height))).all(axis=1)
        flat = cells[inside, 1] * width + cells[inside, 0]
        counts = np.bincount(flat, weights[inside], width * height).reshape(height, width)
        self._sums = np.pad(counts.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))  # of all above and left

    def under(self, rect: QRectF) -> float:
        """What the points count that a rectangle covers, or nearly covers."""
        height, width = self._sums.shape
        left, top = max(0, int(rect.left() // _CELL)), max(0, int(rect.top() // _CELL))
        right = min(width - 1, 1 + int(rect.right() // _CELL))
        bottom = min(height - 1, 1 + int(rect.bottom() // _CELL))
        sums = self._sums
        return float(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])


def placed(wanted: Iterable[tuple[QPointF, QSizeF]], room: QRectF, crowd: Crowd) -> list[QRectF | None]:
    """A rectangle for each name, given by its place and its size in pixels, the most important first; None
    for one that finds no room. Those whose place is not in `room` have none."""
    taken: list[QRectF] = []
    found: list[QRectF | None] = []
    for place, size in wanted:
        rect = _best(place, size, room, taken, crowd) if room.contains(place) else None
        if rect is not None:
            taken.append(rect.adjusted(-_GAP, -_GAP, _GAP, _GAP))
        found.append(rect)
    return found


def _best(place: QPointF, size: QSizeF, room: QRectF, taken: list[QRectF], crowd: Crowd) -> QRectF | None:
    best: tuple[float, QRectF | None] = (float("inf"), None)
    for above in _ABOVE:
        for beside in _BESIDE:
            rect = QRectF(QPointF(), size)
            rect.moveCenter(place + QPointF(beside * size.width(), above * size.height()))
            rect.moveLeft(min(max(rect.left(), room.left()), room.right() - size.width()))
            rect.moveTop(min(max(rect.top(), room.top()), room.bottom() - size.height()))
            covered = crowd.under(rect.adjusted(-_CELL, -_CELL, _CELL, _CELL))
            cost = covered + _COST * (abs(above) + abs(beside))
            if cost < best[0] and not any(rect.intersects(other) for other in taken):
                best = (cost, rect)
    return best[1]
