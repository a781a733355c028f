"""What a query asks for, as values: words, filters, and the tree that joins them.

A document satisfies a word when it stands anywhere in it; filters look at its file. The tree has no empty
`All` or `Any`, and none of a single part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or the words of a phrase, as typed, without quotes and operators, at [start, end) of the query.

    `prefix`: every word that begins so (`walk*`). `completes`: the last word while typing, which may be a
    beginning or whole.
    """

    text: str
    phrase: bool = False
    prefix: bool = False
    completes: bool = False
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a document's file. `field` and `value` are what a person reads; the filter stands at
    [start, end) of the query. Evaluate by the subclass."""

    field: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TypeFilter(Filter):
    """The file is of one of these families (`findling.documents.registry.FAMILIES`)."""

    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FolderFilter(Filter):
    """The file lies in the folder, however deep. An absolute path is that folder; any other is one or more
    whole names in a row, anywhere in the path of the file's folder. Without a slash at the end."""

    folder: str


@dataclass(frozen=True, slots=True)
class NameFilter(Filter):
    """The file's whole name matches the pattern: `*` any characters, `?` one, all others themselves. The
    pattern is in lower case: compare it with the name in lower case."""

    pattern: str


@dataclass(frozen=True, slots=True)
class PeriodFilter(Filter):
    """The file was changed at or after `start_ns` and before `end_ns`, both in nanoseconds since 1970 (UTC)
    as in `mtime_ns`; None is no bound. At least one is given."""

    start_ns: int | None
    end_ns: int | None


@dataclass(frozen=True, slots=True)
class LanguageFilter(Filter):
    """The document is in one of these languages (ISO 639-1)."""

    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuthorFilter(Filter):
    """The author's name, folded by `findling.analysis.fold`, has this part in it, which is folded too."""

    part: str


@dataclass(frozen=True, slots=True)
class SizeFilter(Filter):
    """The file has `least_bytes` to `most_bytes` bytes, both included; None is no bound. At least one is
    given."""

    least_bytes: int | None
    most_bytes: int | None


@dataclass(frozen=True, slots=True)
class All:
    """Every part is satisfied."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part is satisfied."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is not satisfied."""

    part: Node


#: What a document must satisfy.
Node = All | Any | Not | Word | Filter


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that stands for itself, as the window shows it: taking out characters [start, end) of the
    query removes it (see `removed`)."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood.

    `words` are those that rank, in order: optional and required ones, not the excluded. `required` is what a
    document must satisfy, None for all documents; optional words are not in it. `meaning` is the text to
    embed: exactly the stripped source for a `plain` query, one without any syntax. Without words and meaning
    the query lists what satisfies `required`.
    """

    source: str
    words: tuple[Word, ...] = ()
    required: Node | None = None
    meaning: str = ""
    plain: bool = True
    chips: tuple[Chip, ...] = ()

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Every filter, wherever it stands, the negated ones too; in order."""
        return tuple(leaf for leaf in leaves(self.required) if isinstance(leaf, Filter))


def leaves(node: Node | None) -> Iterator[Word | Filter]:
    """The words and filters of a tree, in order, the negated ones too."""
    if isinstance(node, Word | Filter):
        yield node
    elif isinstance(node, Not):
        yield from leaves(node.part)
    elif node is not None:
        for part in node.parts:
            yield from leaves(part)


def all_of(nodes: Iterable[Node]) -> Node:
    """What is satisfied when each of `nodes` is; there must be one."""
    parts: list[Node] = []
    for node in nodes:
        parts += node.parts if isinstance(node, All) else (node,)
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def any_of(nodes: Iterable[Node]) -> Node:
    """What is satisfied when one of `nodes` is; there must be one."""
    parts: list[Node] = []
    for node in nodes:
        parts += node.parts if isinstance(node, Any) else (node,)
    return parts[0] if len(parts) == 1 else Any(tuple(parts))


def removed(source: str, start: int, end: int) -> str:
    """The query without its characters [start, end), and without the blanks left over there."""
    before, after = source[:start].rstrip(), source[end:].lstrip()
    return f"{before} {after}".strip()
