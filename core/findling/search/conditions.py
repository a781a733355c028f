"""The documents that satisfy what a query requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling.search.query import (
    All,
    Any,
    AuthorFilter,
    Filter,
    FolderFilter,
    LanguageFilter,
    NameFilter,
    Not,
    PeriodFilter,
    SizeFilter,
    TypeFilter,
    Word,
)
from findling.search.words import required
from findling.store import Documents, FileFilter

if TYPE_CHECKING:
    from findling.jobs import CancelToken
    from findling.search.query import Node
    from findling.store import StoreReader


class Conditions:
    """Evaluates conditions in one library. `unmet` are the words and filters that no document satisfies."""

    def __init__(self, store: StoreReader, cancel: CancelToken | None) -> None:
        self.unmet: list[Word | Filter] = []
        self._store = store
        self._cancel = cancel

    def satisfying(self, node: Node | None) -> Documents:
        """The documents that satisfy `node`. Raises `Cancelled`."""
        match node:
            case None:
                return Documents.all()
            case All(parts):
                found = Documents.all()
                for part in parts:
                    found &= self.satisfying(part)
                return found
            case Any(parts):
                found = Documents()
                for part in parts:
                    found |= self.satisfying(part)
                return found
            case Not(part):
                known = list(self.unmet)
                left_out = self.satisfying(part)
                self.unmet = known  # that there is nothing to leave out is no matter
                return ~left_out
            case Word() | Filter():
                found = self._of_leaf(node)
                if found.nothing:
                    self.unmet.append(node)
                return found

    def _of_leaf(self, leaf: Word | Filter) -> Documents:
        store = self._store
        if isinstance(leaf, Word):
            return store.documents_with(required(leaf, store.languages(), store.words_from), self._cancel)
        return store.documents_of(files_of(leaf), self._cancel)


def files_of(leaf: Filter) -> FileFilter:
    """The store's form of a filter."""
    match leaf:
        case TypeFilter():
            return FileFilter(kinds=leaf.families)
        case FolderFilter():
            return FileFilter(folder=leaf.folder)
        case NameFilter():
            return FileFilter(name=leaf.pattern.replace("[", "[[]"))
        case PeriodFilter():
            return FileFilter(modified=(leaf.start_ns, leaf.end_ns))
        case LanguageFilter():
            return FileFilter(languages=leaf.languages)
        case AuthorFilter():
            return FileFilter(author=leaf.part)
        case SizeFilter():
            end = None if leaf.most_bytes is None else leaf.most_bytes + 1
            return FileFilter(size=(leaf.least_bytes, end))
        case _:
            raise TypeError(leaf)
