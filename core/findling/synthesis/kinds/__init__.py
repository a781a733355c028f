"""The kinds of queries that are written, as data: one file each, after the task families of Wang et al. 2024
(arXiv 2401.00368, appendix), for documents that are real.

A generator that completes text is shown passages with a query of every kind below them (`demonstrations`), so
that a passage is read once for all its queries. One that follows instructions is told what to write (`chat`).
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from findling.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Names of languages, in themselves, of those that there are demonstrations in.
LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "français", "es": "español"}


class Purpose(StrEnum):
    """What queries are written for. Those that a tuned model is judged by are asked for in another way than
    those that it learns: it shall not do well by having learned the manner of its pairs."""

    LEARN = "learn"
    JUDGE = "judge"


_PASSAGES = {Purpose.LEARN: "passages.toml", Purpose.JUDGE: "judging_passages.toml"}
_TELLTALE = "telltale.toml"


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
def passages(purpose: Purpose = Purpose.LEARN) -> dict[str, dict[str, str]]:
    """Demonstration passages, by name and language; none of one purpose are there for another."""
    return tomllib.loads((resources.files(__name__) / _PASSAGES[purpose]).read_text("utf-8"))


def demonstrations(purpose: Purpose = Purpose.LEARN) -> list[str]:
    """The queries below those passages, of all kinds and languages."""
    return [
        query
        for kind in kinds().values()
        for name in passages(purpose)
        for query in kind.queries.get(name, {}).values()
    ]


@cache
def kinds() -> dict[str, QueryKind]:
    """All kinds by name, those with the greatest share first."""
    found: list[QueryKind] = []
    for file in resources.files(__name__).iterdir():
        if file.name.endswith(".toml") and file.name not in (*_PASSAGES.values(), _TELLTALE):
            stored = tomllib.loads(file.read_text("utf-8"))
            stored["lengths"] = {name: tuple(words) for name, words in stored["lengths"].items()}
            found.append(QueryKind(**stored))
    return {kind.name: kind for kind in sorted(found, key=lambda kind: (-kind.share, kind.name))}


@cache
def telltale(purpose: Purpose = Purpose.LEARN) -> tuple[str, ...]:
    """Words, of all languages, that a query can hardly have but from the demonstrations."""
    text = (resources.files(__name__) / _TELLTALE).read_text("utf-8")
    stored: dict[str, list[str]] = tomllib.loads(text)[purpose]
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
