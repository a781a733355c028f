"""The groups that points of a map have their colours by: subjects, folders, kinds of files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from findling.library.mapping import MOST_SUBJECTS
from findling_desktop.texts import tr as _tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from findling.library.mapping import LibraryMap


@dataclass(frozen=True, eq=False, slots=True)
class Grouping:
    """`names` of groups, the largest first, how many documents each has, and `of`, int64 (N,), the group of
    each document. One named after all that have a colour of their own is that of all others."""

    names: tuple[str, ...]
    counts: tuple[int, ...]
    of: NDArray[np.int64]


def grouped(library: LibraryMap, by: str) -> Grouping:
    """The documents by "subject", "folder" or "kind"."""
    if by == "subject":
        counts = np.bincount(library.subject_of, minlength=len(library.subjects)).tolist()
        return Grouping(tuple(each.name for each in library.subjects), tuple(counts), library.subject_of)
    if by == "folder":
        return _by_name([each.folder for each in library.documents])
    return _by_name([each.kind.upper() for each in library.documents])


def _by_name(found: Sequence[str]) -> Grouping:
    sizes = Counter(found)
    names = sorted(sizes, key=lambda name: (-sizes[name], name))[:MOST_SUBJECTS]
    rows = {name: row for row, name in enumerate(names)}
    of = np.array([rows.get(name, MOST_SUBJECTS) for name in found], np.int64)
    counts = [sizes[name] for name in names]
    others = len(found) - sum(counts)
    if others:
        names, counts = [*names, _tr("All others")], [*counts, others]
    return Grouping(tuple(names), tuple(counts), of)
