"""What a reader is asked for: words, files, sets of documents."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from findling.analysis import fold
from findling.store.rows import one_of, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What comes nearest to a folded name where there is none.
_NAME_IN_PATH = r"lower(regexp_replace(path, '^.*[/\\]', ''))"


@dataclass(frozen=True, slots=True)
class Words:
    """What the keyword leg looks for: any of it. `terms` are of `findling.analysis`, `exact` words as they
    are written, case and accents aside, which count `exact_boost` times; `phrases` words that stand side by
    side, `unspaced` text in scripts that are written without spaces."""

    terms: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    unspaced: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    exact_boost: float = 1.0

    def __bool__(self) -> bool:
        return bool(self.terms or self.phrases or self.unspaced or self.exact)


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Which files are let in: those of which all holds that is given.

    `kinds` are families or suffixes of names; `folder` is a directory, or a part of its path; `name` a glob,
    or a part of the name; `modified` and `size` are [least, end) in nanoseconds since 1970 and in bytes, None
    for no bound; `languages` ISO 639-1 codes; `author` a part of the name. Case and accents count in no
    name.
    """

    kinds: tuple[str, ...] = ()
    folder: str = ""
    name: str = ""
    modified: tuple[int | None, int | None] = (None, None)
    size: tuple[int | None, int | None] = (None, None)
    languages: tuple[str, ...] = ()
    author: str = ""

    def condition(self, *, older: bool = False) -> str:
        """In the store's SQL; of an `older` table, which has no folded names, no authors and no languages."""
        parts: list[str] = []
        name = _NAME_IN_PATH if older else "folded_name"
        if self.kinds:
            endings = [f"ends_with({name}, {quoted('.' + fold(kind))})" for kind in self.kinds]
            parts.append(f"({' OR '.join([one_of('kind', self.kinds), *endings])})")
        if self.folder:
            folder = self.folder.rstrip("/\\")
            if folder.startswith("/") or folder[1:2] == ":":
                parts.append(f"(starts_with(path, {quoted(folder + '/')}) OR {_in_folder(folder)})")
            else:
                inside = quoted("/" + folder.lower().replace("\\", "/").strip("/") + "/")
                parts.append(f"contains(replace(lower(path), '\\', '/'), {inside})")
        if self.name:
            parts.append(_name_like(name, fold(self.name)))
        for column, (least, end) in (("mtime_ns", self.modified), ("size", self.size)):
            parts += [] if least is None else [f"{column} >= {least}"]
            parts += [] if end is None else [f"{column} < {end}"]
        if older and (self.languages or self.author):
            return "false"
        if self.languages:
            parts.append(one_of("language", self.languages))
        if self.author:
            parts.append(f"contains(folded_author, {quoted(fold(self.author))})")
        return " AND ".join(parts) or "true"


@dataclass(frozen=True, slots=True)
class Documents:
    """A set of documents: those of `ids`, or all but those."""

    ids: frozenset[str] = frozenset()
    others: bool = False

    @classmethod
    def all(cls) -> Self:
        """Every document."""
        return cls(others=True)

    @property
    def everything(self) -> bool:
        """Whether none is left out."""
        return self.others and not self.ids

    @property
    def nothing(self) -> bool:
        """Whether none is let in."""
        return not self.others and not self.ids

    def __invert__(self) -> Documents:
        return Documents(self.ids, not self.others)

    def __and__(self, other: Documents) -> Documents:
        if self.others and other.others:
            return Documents(self.ids | other.ids, others=True)
        if self.others:
            return Documents(other.ids - self.ids)
        return Documents(self.ids - other.ids if other.others else self.ids & other.ids)

    def __or__(self, other: Documents) -> Documents:
        return ~(~self & ~other)

    def __contains__(self, document_id: str) -> bool:
        return (document_id in self.ids) != self.others

    def condition(self) -> str:
        """In the store's SQL."""
        if self.everything or self.nothing:
            return "true" if self.everything else "false"
        return f"{'NOT ' if self.others else ''}({one_of('document_id', sorted(self.ids))})"


def matching(fragments: Iterable[str]) -> str:
    """A condition on files: any of the fragments is in the name. Case and accents do not count."""
    return " OR ".join(f"contains(folded_name, {quoted(fold(fragment))})" for fragment in fragments)


def _in_folder(folder: str) -> str:
    """Windows writes its paths with backslashes."""
    return f"starts_with(lower(path), {quoted(folder.lower() + chr(92))})"


def _name_like(column: str, name: str) -> str:
    if not any(sign in name for sign in "*?["):
        return f"contains({column}, {quoted(name)})"
    # Python's translation, in the form that Rust's regular expressions know.
    pattern = fnmatch.translate(name).removeprefix("(?s:").removesuffix(")\\Z").removesuffix(")\\z")
    return f"regexp_like({column}, {quoted('(?s)^' + _without_atomic(pattern) + '$')})"


def _without_atomic(pattern: str) -> str:
    """From Python 3.11 on several stars come as atomic groups: (?>.*?x)."""
    return pattern.replace("(?>", "(?:")
