"""Files whose name says what is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from findling.analysis import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from findling.store import FileRow

#: A shorter part of a name says little: "art" is in "chart".
_LEAST_PART = 3
#: What a part in the midst of a name's word counts, beside a whole one.
_INSIDE = 0.5
#: Names with less than this share of the query's words are not brought up by it.
_LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Named:
    """A document that a file name brings up: the share of the query's words that are in it, and which."""

    document_id: str
    share: float
    words: tuple[str, ...]


def named(files: Iterable[FileRow], fragments: Sequence[str]) -> dict[str, Named]:
    """The documents whose names have at least half of `fragments`, the words of a query, by document id."""
    found: dict[str, Named] = {}
    for file in files:
        name = fold(file.name)
        worth = {fragment: _worth(fold(fragment), name) for fragment in fragments}
        share = sum(worth.values()) / max(1, len(fragments))
        words = tuple(fragment for fragment in fragments if worth[fragment])
        before = found.get(file.document_id)
        if share >= _LEAST_SHARE and (before is None or before.share < share):
            found[file.document_id] = Named(file.document_id, share, words)
    return found


def _worth(fragment: str, name: str) -> float:
    if fragment not in name:
        return 0.0
    whole = re.search(rf"(?<![^\W_]){re.escape(fragment)}(?![^\W_])", name)
    if whole or not fragment.isascii():
        return 1.0
    return _INSIDE if len(fragment) >= _LEAST_PART else 0.0
