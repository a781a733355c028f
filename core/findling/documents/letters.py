"""The letters of a page and where each of them stands: what a selection is made of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

from findling.documents.parsers.pdf import mended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    #: Left, top, right, bottom, as shares of the page's width and height, 0 … 1.
    Rect = tuple[float, float, float, float]

#: Of a page; a plan or a table of figures may have more than anybody selects.
_MOST_LETTERS = 40_000
#: Between two words of a line, as a share of the page's width: columns are further apart.
WIDEST_GAP = 0.02
#: A line above or below is as far away as one this much further to the side.
_UP_AND_DOWN = 40.0
_IN_WORDS = "'’"


@dataclass(frozen=True, slots=True)
class Letters:
    """`text` has one character for each of `boxes`; `lines` are [start, end) in it, and `bounds` around each.
    A place is between two letters: 0 is before the first."""

    text: str = ""
    boxes: tuple[Rect, ...] = ()
    lines: tuple[tuple[int, int], ...] = ()
    bounds: tuple[Rect, ...] = ()

    @classmethod
    def of(cls, text: str, boxes: Iterable[Rect]) -> Self:
        """With the lines that they stand in."""
        placed = tuple(boxes)
        starts = [0]
        starts += [at for at in range(1, len(placed)) if not goes_on(placed[at - 1], placed[at])]
        lines = tuple(pairwise([*starts, len(placed)])) if placed else ()
        return cls(text, placed, lines, tuple(_around(placed[start:end]) for start, end in lines))

    def place_at(self, x: float, y: float) -> int:
        """The place that is nearest to a point."""
        if not self.lines:
            return 0
        row = min(range(len(self.lines)), key=lambda row: _distance(self.bounds[row], x, y))
        return self._nearest(row, x)

    def letter_at(self, x: float, y: float) -> int | None:
        """The letter at a point."""
        for line, bounds in zip(self.lines, self.bounds, strict=True):
            if _holds(bounds, x, y):
                return next((at for at in range(*line) if _holds(self.boxes[at], x, y)), None)
        return None

    def word_at(self, place: int) -> tuple[int, int]:
        """[start, end) of the word around a place, or of the letter after it."""
        start = end = min(place, len(self.text))
        while start > 0 and self._is_in_word(start - 1):
            start -= 1
        while end < len(self.text) and self._is_in_word(end):
            end += 1
        return (start, end) if start < end else (place, min(place + 1, len(self.text)))

    def word_on(self, place: int, by: int) -> int:
        """The next end of a word after a place, with `by` -1 the beginning before it."""
        at = place
        inside = False
        while 0 <= (letter := at if by > 0 else at - 1) < len(self.text):
            if inside and not self._is_in_word(letter):
                break
            inside = inside or self._is_in_word(letter)
            at += by
        return at

    def line_of(self, place: int) -> tuple[int, int]:
        """Beginning and end of the line that a place is in, without its line break."""
        if not self.lines:
            return 0, 0
        start, end = self.lines[self._row_of(place)]
        return start, self._end_of(start, end)

    def line_on(self, place: int, by: int) -> int:
        """The place above this one, with `by` 1 below it; at the page's edge its beginning or end."""
        row = self._row_of(place) + by
        if not 0 <= row < len(self.lines):
            return 0 if by < 0 else len(self.text)
        x = self.boxes[place][0] if place < len(self.boxes) else self.boxes[-1][2]
        return self._nearest(row, x)

    def rects(self, start: int, end: int) -> Iterator[Rect]:
        """A rectangle for each line of the letters [start, end)."""
        for first, last in self.lines:
            if max(start, first) < min(end, last):
                yield _around(self.boxes[max(start, first) : min(end, last)])

    def copied(self, start: int, end: int) -> str:
        """The letters [start, end) as one wants them elsewhere: words that a line's end has cut in two are
        whole."""
        text = self.text[start:end].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return mended(text)

    def _row_of(self, place: int) -> int:
        """The line that a place is in: the last one after all letters."""
        rows = (row for row, (start, end) in enumerate(self.lines) if start <= place < end)
        return next(rows, len(self.lines) - 1)

    def _nearest(self, row: int, x: float) -> int:
        """The place in a line that is nearest to so far from the left."""
        start, end = self.lines[row]
        return next(
            (at for at in range(start, end) if x < (self.boxes[at][0] + self.boxes[at][2]) / 2),
            self._end_of(start, end),
        )

    def _end_of(self, start: int, end: int) -> int:
        return start + len(self.text[start:end].rstrip("\r\n"))

    def _is_in_word(self, at: int) -> bool:
        if self.text[at] in _IN_WORDS:
            return 0 < at < len(self.text) - 1 and self.text[at - 1].isalnum() and self.text[at + 1].isalnum()
        return self.text[at].isalnum()


def letters_of(page: Any, text_page: Any) -> tuple[str, list[Rect]]:
    """What stands on a page of PDFium's, in the order of its text."""
    from ctypes import byref

    from pypdfium2 import raw

    on_page = _projection(page)
    found = raw.FS_RECTF()
    letters: list[str] = []
    boxes: list[Rect] = []
    for at in range(min(text_page.count_chars(), _MOST_LETTERS)):
        code: int = raw.FPDFText_GetUnicode(text_page, at)
        letters.append(chr(code) if 0 < code <= 0x10FFFF else " ")
        raw.FPDFText_GetLooseCharBox(text_page, at, byref(found))
        box = on_page(found.left, found.top, found.right, found.bottom)
        if boxes and (box[0] == box[2] or raw.FPDFText_IsGenerated(text_page, at) == 1):
            _, top, right, bottom = boxes[-1]
            box = right, top, right, bottom  # a blank that is not on the page: at the letter before
        boxes.append(box)
    return "".join(letters), boxes


def goes_on(before: Rect, after: Rect) -> bool:
    """Whether a part of a line is followed by this one."""
    shared = min(before[3], after[3]) - max(before[1], after[1])
    least = min(before[3] - before[1], after[3] - after[1])
    return shared > least / 2 and before[0] <= after[0] <= before[2] + WIDEST_GAP


def _projection(page: Any) -> Callable[[float, float, float, float], Rect]:
    """From a rectangle in the page's own measure to shares of it as it is shown, perhaps turned."""
    from ctypes import byref, c_int

    from pypdfium2 import raw

    fine = 10_000_000

    def shown(x: float, y: float) -> tuple[float, float]:
        across, down = c_int(), c_int()
        raw.FPDF_PageToDevice(page, 0, 0, fine, fine, 0, x, y, byref(across), byref(down))
        return across.value / fine, down.value / fine

    (x0, y0), (x1, y1), (x2, y2) = shown(0, 0), shown(100, 0), shown(0, 100)
    across, down = ((x1 - x0) / 100, (y1 - y0) / 100), ((x2 - x0) / 100, (y2 - y0) / 100)

    def on_page(left: float, top: float, right: float, bottom: float) -> Rect:
        xs = [x0 + x * across[0] + y * down[0] for x, y in ((left, top), (right, bottom))]
        ys = [y0 + x * across[1] + y * down[1] for x, y in ((left, top), (right, bottom))]
        return _within(min(xs)), _within(min(ys)), _within(max(xs)), _within(max(ys))

    return on_page


def _within(share: float) -> float:
    return round(min(1.0, max(0.0, share)), 5)


def _around(boxes: Sequence[Rect]) -> Rect:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _distance(line: Rect, x: float, y: float) -> float:
    aside = max(line[0] - x, 0.0, x - line[2])
    return aside + _UP_AND_DOWN * max(line[1] - y, 0.0, y - line[3])


def _holds(rect: Rect, x: float, y: float) -> bool:
    return rect[0] <= x <= rect[2] and rect[1] <= y <= rect[3]
