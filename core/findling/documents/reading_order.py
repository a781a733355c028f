"""The order in which lines on a page are read: columns one after the other, rows from the top."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Of its width: how far apart the places are where a gutter between columns is looked for.
_STEP = 0.005
#: A column has so many lines, of so many times their height: what is shorter are the cells of a table.
_LEAST_LINES = 3
_LEAST_WIDTH = 6.0
#: So many of all lines may go across the gutter: titles, captions.
_MOST_ACROSS = 0.34
#: Rows this much further apart than others of their column part paragraphs; where there are too few others,
#: it is in heights of a line. Parts of a row so many heights apart are cells of a table.
_FURTHER = 1.3
_FAR = 1.9
_LEAST_ROWS = 5
_CELL_GAP = 1.5
#: The next paragraph is of letters so much larger or smaller.
_OTHER_SIZE = 1.35
_ITEM = re.compile(r"[•·▪◦‣]|\d{1,2}[.)]\s")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or a part of one, and where it stands; downwards from the top."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def middle(self) -> float:
        """Halfway down its box."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """Of its box."""
        return self.bottom - self.top


def in_order(lines: Sequence[Line]) -> list[str]:
    """The texts, each row on one line, with an empty one between paragraphs."""
    found: list[str] = []
    for column in _columns(lines):
        found += _paragraphs(_rows(column))
    return found


def _columns(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Runs of lines that are read one below the other."""
    gutter = _gutter(lines)
    if gutter is None:
        yield list(lines)
        return
    across = [line for line in lines if line.left < gutter < line.right]
    beside = [line for line in lines if not line.left < gutter < line.right]
    left = [line for line in beside if line.right <= gutter]
    right = [line for line in beside if line.left >= gutter]
    above = float("-inf")
    for title in [*sorted(across, key=attrgetter("top")), None]:
        below = title.middle if title else float("inf")
        for side in (left, right):
            band = [line for line in side if above <= line.middle < below]
            if band:
                yield from _columns(band)
        if title:
            yield [title]
        above = below


def _gutter(lines: Sequence[Line]) -> float | None:
    """Between two columns of text, where there are two."""
    if len(lines) < 2 * _LEAST_LINES:
        return None
    start, end = min(line.left for line in lines), max(line.right for line in lines)
    found: list[tuple[int, int, float, float]] = []
    for step in range(1, int(1 / _STEP)):
        place = start + (end - start) * step * _STEP
        left = [line for line in lines if line.right <= place]
        right = [line for line in lines if line.left >= place]
        across = len(lines) - len(left) - len(right)
        if across <= _MOST_ACROSS * len(lines) and _is_column(left) and _is_column(right):
            # The fewest across; of those that divide them evenly; of those in the middle.
            found.append((across, abs(len(left) - len(right)), abs(place - (start + end) / 2), place))
    return min(found)[-1] if found else None


def _is_column(lines: Sequence[Line]) -> bool:
    if len(lines) < _LEAST_LINES:
        return False
    width = median(line.right - line.left for line in lines)
    return width >= _LEAST_WIDTH * median(line.height for line in lines)


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines side by side, from the left."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=attrgetter("middle")):
        last = rows[-1][-1] if rows else None
        if last is not None:
            shared = min(last.bottom, line.bottom) - max(last.top, line.top)
            if shared > 0.5 * min(last.height, line.height):
                rows[-1].append(line)
                continue
        rows.append([line])
    return [sorted(row, key=attrgetter("left")) for row in rows]


def _paragraphs(rows: Sequence[Sequence[Line]]) -> Iterator[str]:
    pitches = [_pitch(above, below) for above, below in pairwise(rows)]
    usual = median(pitches) * _FURTHER if len(rows) >= _LEAST_ROWS else 0.0
    for number, row in enumerate(rows):
        text = " ".join(line.text for line in row)
        if number == 0 or _ITEM.match(text) or _parted(rows[number - 1], row, usual):
            yield ""
        yield text
    yield ""


def _pitch(above: Sequence[Line], below: Sequence[Line]) -> float:
    return median(line.middle for line in below) - median(line.middle for line in above)


def _parted(above: Sequence[Line], below: Sequence[Line], usual: float) -> bool:
    if _is_of_table(above) or _is_of_table(below):
        return True
    before, after = (median(line.height for line in row) for row in (above, below))
    small, large = min(before, after), max(before, after)
    return _pitch(above, below) > (usual or _FAR * small) or large > _OTHER_SIZE * small


def _is_of_table(row: Sequence[Line]) -> bool:
    return any(
        after.left - before.right > _CELL_GAP * min(before.height, after.height)
        for before, after in pairwise(row)
    )
