"""The outline of a PDF, as headings: each holds from its own line on, or from the top of its page where it is
not found there as a line."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import sensible_title
from findling.documents.finding import bare
from findling.documents.model import Outline

if TYPE_CHECKING:
    from collections.abc import Sequence

#: More of them are not looked at: PDFium finds loops, and not how long a way to them is.
_MOST_BOOKMARKS = 5000
PAGE_NUMBER = re.compile(
    r"^\W*(?:page|seite|p\.)?\s*\d{1,4}(?:\s*(?:/|of|von|sur|de)\s*\d{1,4})?\W*$", re.IGNORECASE
)
_SECTION_NUMBER = re.compile(r"^[A-Z]?\d*(?:\.\d+)*[.:)]?\s+")
#: A heading is at most so many lines of its page.
_HEADING_LINES = 3


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A heading of a page, from 1, under those above it."""

    page: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a path of headings. Where `is_heading`, they are the last of it."""

    path: tuple[str, ...]
    lines: Sequence[str]
    is_heading: bool = False


class Contents:
    """The bookmarks of a document, by page."""

    def __init__(self, bookmarks: Sequence[Bookmark]) -> None:
        self._bookmarks = sorted(bookmarks, key=attrgetter("page"))

    @classmethod
    def of(cls, pdf: Any) -> Contents:
        """Of PDFium's document."""
        from pypdfium2 import PdfiumError

        outline = Outline()
        found: list[Bookmark] = []
        for bookmark in islice(pdf.get_toc(), _MOST_BOOKMARKS):
            try:
                title, target = sensible_title(bookmark.get_title()), bookmark.get_dest()
                page = target.get_index() if target else None
            except (PdfiumError, UnicodeError):
                continue
            if title and not PAGE_NUMBER.match(title):
                path = outline.enter(bookmark.level, title)
                if page is not None:
                    found.append(Bookmark(page + 1, path))
        return cls(found)

    def sections(self, page: int, lines: Sequence[str]) -> list[Section]:
        """The lines of a page, divided where a heading is found among them."""
        first = bisect_left(self._bookmarks, page, key=attrgetter("page"))
        last = bisect_right(self._bookmarks, page, key=attrgetter("page"))
        path = self._bookmarks[first - 1].path if first else ()
        if first == last:
            return [Section(path, lines)]
        said = _Said(lines)
        sections: list[Section] = []
        done = 0
        for bookmark in self._bookmarks[first:last]:
            start, end = said.place_of(bookmark.path[-1], done)
            if end:
                sections.append(Section(path, lines[done:start]))
                sections.append(Section(bookmark.path, lines[start:end], is_heading=True))
                done = end
            path = bookmark.path
        sections.append(Section(path, lines[done:]))
        return sections


class _Said:
    """What stands in a row of lines, found again by its letters and digits."""

    def __init__(self, lines: Sequence[str]) -> None:
        #: By those, with and without a number before them: [start, end), and the characters of all but the
        #: last of these lines; in the order of the lines.
        self._places: dict[str, list[tuple[int, int, int]]] = {}
        for start in range(len(lines)):
            text = ""
            for end in range(start + 1, min(start + _HEADING_LINES, len(lines)) + 1):
                before = len(text)
                text += lines[end - 1] + " "
                if lines[end - 1]:
                    for said in _with_and_without_number(text):
                        self._places.setdefault(said, []).append((start, end, before))

    def place_of(self, heading: str, first: int) -> tuple[int, int]:
        """[start, end) of the lines from `first` on that are the heading and nothing else, with or without
        its number; (0, 0) where there are none."""
        found: list[tuple[int, int]] = []
        for said in _with_and_without_number(heading):
            places = self._places.get(said, [])
            for at in range(bisect_left(places, (first, 0, 0)), len(places)):
                start, end, before = places[at]
                if before <= 2 * len(heading) + _HEADING_LINES:
                    found.append((start, end))
                    break
        return min(found, default=(0, 0))


def _with_and_without_number(text: str) -> set[str]:
    return {bare(text), bare(_SECTION_NUMBER.sub("", text))} - {""}
