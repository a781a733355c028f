"""The kinds of queries that are written, as data: one file each, after the task families of Wang et al. 2024
(arXiv 2401.00368, appendix), for documents that are real.

A generator that completes text is shown passages with a query of every kind below them (`demonstrations`), so
that a passage is read once for all its queries. One that follows instructions is told what to write (`chat`).
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from findling.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Names of languages, in themselves, of those that there are demonstrations in.
LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "français", "es": "español"}


@dataclass(frozen=True, slots=True)
class QueryKind:
    """A kind of query.

    `family` is the paper's family of tasks; `task` the instruction for an embedder that takes one. `share` is
    how many of ten queries are of this kind unless kinds are chosen (0: only where chosen). `max_tokens`
    limits what is written, `lengths` are words for each length that may be asked for. `chat` says what to
    write; `label` stands before it, by language, and `queries` are what it looks like: by demonstration
    passage and language, or are those of the kind `queries_of` in another language. One that
    `may_end_anywhere` is whole at any word.
    """

    name: str
    family: str
    task: str
    share: int
    max_tokens: int
    chat: str
    label: dict[str, str]
    lengths: dict[str, tuple[int, int]]
    queries: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    queries_of: str = ""
    may_end_anywhere: bool = False

    @property
    def crosses_languages(self) -> bool:
        """Whether the query is in another language than the passage."""
        return "{other}" in self.chat


@cache
def passages() -> dict[str, dict[str, str]]:
    """Demonstration passages, by name and language."""
    return tomllib.loads((resources.files(__name__) / "passages.toml").read_text("utf-8"))


@cache
def kinds() -> dict[str, QueryKind]:
    """All kinds by name, those with the greatest share first."""
    found: list[QueryKind] = []
    for file in resources.files(__name__).iterdir():
        if file.name.endswith(".toml") and file.name not in ("passages.toml", "telltale.toml"):
            stored = tomllib.loads(file.read_text("utf-8"))
            stored["lengths"] = {name: tuple(words) for name, words in stored["lengths"].items()}
            found.append(QueryKind(**stored))
    return {kind.name: kind for kind in sorted(found, key=lambda kind: (-kind.share, kind.name))}


@cache
def telltale() -> tuple[str, ...]:
    """Words, of all languages, that a query can hardly have but from the demonstrations."""
    text = (resources.files(__name__) / "telltale.toml").read_text("utf-8")
    stored: dict[str, list[str]] = tomllib.loads(text)
    return tuple(dict.fromkeys(word for words in stored.values() for word in words))


def chosen_kinds(names: tuple[str, ...]) -> list[QueryKind]:
    """The kinds of these names; without names those with a share. Raises `UserError` for an unknown one."""
    known = kinds()
    for name in names:
        if name not in known:
            raise UserError(f"There is no kind of query {name!r}.", hint_of(name, known))
    chosen = [known[name] for name in dict.fromkeys(names)]
    return chosen or [kind for kind in known.values() if kind.share]


def hint_of(name: str, known: Iterable[str]) -> str:
    """What to say to whom writes a name that there is not."""
    names = [str(each) for each in known]
    close = difflib.get_close_matches(name.strip().lower(), names, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(names)}."
