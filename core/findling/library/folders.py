"""Names of the folders that a library's documents are in, few enough to tell them apart."""

from __future__ import annotations

from itertools import takewhile
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findling.store import FileRow

#: Folders are told apart as many levels below the one that has them all as give no more groups than fit.
_DEEPEST = 4


def folders_of(files: Mapping[str, FileRow], most: int) -> dict[str, str]:
    """A name for the folder of each document, by id: below the folder that has them all, as deep as gives no
    more than `most` names, and one level at least. That of a record is the collection's."""
    places = {document: _place(row) for document, row in files.items()}
    low, high = min(places.values(), default=()), max(places.values(), default=())
    together = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False)))
    top = low[together - 1] if together else ""
    found: dict[str, str] = {}
    for depth in range(1, _DEEPEST + 1):
        deeper = {
            document: "/".join(parts[together : together + depth]) or top
            for document, parts in places.items()
        }
        if found and len(set(deeper.values())) > most:
            break
        found = deeper
    return found


def _place(row: FileRow) -> tuple[str, ...]:
    """The parts of the folder that a file is in."""
    return PurePath(row.path.rpartition("#")[0] if row.record else row.path).parent.parts
