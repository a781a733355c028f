"""Where a text stands in another that was made of it in another way: by letters and digits alone.

Spaces, hyphens, line ends and marks of formatting are otherwise on a page, or in a source, than in a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Letters and digits of a passage that have to be found in a row, where all of it is not.
LEAST_RUN = 12


def bare(text: str) -> str:
    """Its letters and digits, folded."""
    return "".join(filter(str.isalnum, text.casefold()))


def bare_with_places(text: str) -> tuple[str, list[int]]:
    """Its letters and digits, folded, and where in `text` each of them stands."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for part in letter.casefold():
            if part.isalnum():
                letters.append(part)
                places.append(place)
    return "".join(letters), places


def spans_of(text: str, passage: str) -> Iterator[tuple[int, int]]:
    """[start, end) of the parts of a passage in a text, both bare: as long ones as there are."""
    at = 0
    while len(passage) - at >= LEAST_RUN:
        start = text.find(passage[at : at + LEAST_RUN])
        if start < 0:
            at += 1
            continue
        end = start + LEAST_RUN
        at += LEAST_RUN
        while at < len(passage) and end < len(text) and passage[at] == text[end]:
            at, end = at + 1, end + 1
        yield start, end
    if 0 < len(passage) < LEAST_RUN and (start := text.find(passage)) >= 0:
        yield start, start + len(passage)


def place_of(text: str, passage: str, near: int = 0) -> tuple[int, int] | None:
    """[start, end) of a passage in a text, both bare: the place nearest to `near` where as much of its
    beginning stands as anywhere, up to where its last letters follow. None where it is not there."""
    for skipped in (0, *(LEAST_RUN * 2**times for times in range(4))):  # something may stand in its beginning
        wanted = passage[skipped:]
        begins = len(wanted)
        while begins and text.find(wanted[:begins]) < 0:
            begins = begins * 3 // 4
        if begins and begins >= min(LEAST_RUN, len(wanted)):
            start = min(_occurrences(text, wanted[:begins]), key=lambda at: abs(at - near))
            return max(0, start - skipped), _end_of(text, wanted, start, begins)
    return None


def _end_of(text: str, passage: str, start: int, begins: int) -> int:
    if begins < len(passage):
        tail = passage[-LEAST_RUN:]
        ends = text.find(tail, start + begins, start + 2 * len(passage))
        begins = ends + len(tail) - start if ends >= 0 else len(passage)
    return min(len(text), start + begins)


def _occurrences(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
