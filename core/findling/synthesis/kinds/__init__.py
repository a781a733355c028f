"""The kinds of queries that are written, as data: one file each, after the task families of Wang et al. 2024
(arXiv 2401.00368, appendix), for documents that are real.

A generator that completes text is shown passages with a query of every kind below them (`demonstrations`), so
that a passage is read once for all its queries. One that follows instructions is told what to write (`chat`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from findling.errors import UserError

#: Names of languages, in themselves, of those that there are demonstrations in.
LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "français", "es": "español"}


@dataclass(frozen=True, slots=True)
class QueryKind:
    """A kind of query.

    `family` is the paper's family of tasks; `task` the instruction for an embedder that takes one. `share` is
    how many of ten queries are of this kind unless kinds are chosen (0: only where chosen). `max_tokens`
    limits what is written, `lengths` are words for each length that may be asked for. `chat` says what to
    write; `label` stands before it, by language, and `queries` are what it looks like: by demonstration
    passage and language.
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
        if file.name.endswith(".toml") and file.name != "passages.toml":
            stored = tomllib.loads(file.read_text("utf-8"))
            stored["lengths"] = {name: tuple(words) for name, words in stored["lengths"].items()}
            found.append(QueryKind(**stored))
    return {kind.name: kind for kind in sorted(found, key=lambda kind: (-kind.share, kind.name))}


def chosen_kinds(names: tuple[str, ...]) -> list[QueryKind]:
    """The kinds of these names; without names those with a share. Raises `UserError` for an unknown one."""
    known = kinds()
    for name in names:
        if name not in known:
            raise UserError(f"There is no kind of query {name!r}.", f"There are: {', '.join(known)}.")
    return [known[name] for name in names] if names else [kind for kind in known.values() if kind.share]
