"""What could be meant in a query to a library: its folders, authors, languages, types and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling.analysis import fold
from findling.search.completion import MOST_COMPLETIONS, complete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.search.completion import Completion
    from findling.store import StoreReader

#: Values of a column that are offered.
_MOST_VALUES = 200
#: A shorter beginning is one of too many words.
_LEAST_BEGINNING = 2


def completions(store: StoreReader, folders: Sequence[str], text: str, cursor: int) -> list[Completion]:
    """Completions of what is typed before the cursor; see `OpenLibrary.completions`."""

    def words(beginning: str) -> list[str]:
        if len(beginning) < _LEAST_BEGINNING:
            return []
        found = store.words_from(fold(beginning), 4 * MOST_COMPLETIONS)
        return list(dict.fromkeys(word for word, _ in found if word != fold(beginning)))

    def values(field: str, column: str) -> list[str]:
        return store.values(column, _MOST_VALUES) if field in text[:cursor].lower() else []

    return complete(
        text,
        cursor,
        folders=folders,
        authors=values("author", "author"),
        languages=values("lang", "language"),
        types=values("type", "kind") or values("kind", "kind"),
        words=words,
    )
