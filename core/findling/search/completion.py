"""What could be meant where the cursor stands in a query: fields, their values, words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from findling.analysis import fold
from findling.documents.formats import FAMILIES
from findling.search.filters import FIELDS, field_of
from findling.search.language import begins_field
from findling.search.language_names import LANGUAGES
from findling.search.tokens import CLOSERS, Kind, Token, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: No list is longer.
MOST_COMPLETIONS = 12
_SIZES = {
    ">1mb": "larger than 1 MB",
    ">10mb": "larger than 10 MB",
    ">100mb": "larger than 100 MB",
    "<100kb": "smaller than 100 kB",
    "<1mb": "smaller than 1 MB",
    "1mb..10mb": "between 1 and 10 MB",
}
_DATES = {
    "today": "",
    "yesterday": "",
    "7d": "seven days ago",
    "4w": "four weeks ago",
    "6m": "six months ago",
    "1y": "a year ago",
}

_LAST_WORD = re.compile(r"\S+$")

#: A value and what it is.
_Value = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` may stand instead of characters [start, end) of the query; `label` and `explanation` are what a
    person reads."""

    label: str
    text: str
    start: int
    end: int
    explanation: str = ""


def complete(
    text: str,
    cursor: int,
    *,
    folders: Sequence[str] = (),
    authors: Sequence[str] = (),
    languages: Sequence[str] = (),
    types: Sequence[str] = (),
    words: Callable[[str], Sequence[str]] | None = None,
    now: datetime | None = None,
) -> list[Completion]:
    """At most `MOST_COMPLETIONS` for what is typed before the cursor, which stands before character `cursor`.

    The values offered are those given: `folders` as paths, `authors` by name, `languages` by ISO 639-1 code
    and `types` by family, where none is given all that there are; `words` gives words of the library that
    begin so, best first. Nothing is offered where nothing has been begun.
    """
    tokens = cut(text[:cursor], begins_field)
    if not tokens or tokens[-1].end != cursor:
        return []
    token = tokens[-1]
    end = _end_of(token, cut(text, begins_field), cursor)
    if token.kind is Kind.FIELD:
        now = now or datetime.now(UTC).astimezone()
        sources: dict[str, Callable[[], Iterable[_Value]]] = {
            "type": lambda: ((one, "") for one in types or FAMILIES),
            "in": lambda: ((one, "") for one in folders),
            "author": lambda: ((one, "") for one in authors),
            "lang": lambda: ((one, LANGUAGES.get(one, "")) for one in languages or LANGUAGES),
            "size": _SIZES.items,
            "after": lambda: _dates(now),
            "before": lambda: _dates(now),
            "date": lambda: _dates(now),
        }
        field = field_of(token.field)
        found = _values(field, token, end, sources[field]()) if field in sources else []
    elif token.kind is Kind.TEXT:
        found = _fields(token, text, end) + _words(token.text, token.start, end, words)
    elif token.kind is Kind.PHRASE and not token.closed:
        last = _LAST_WORD.search(token.text)
        found = _words(last[0], cursor - len(last[0]), cursor, words) if last else []
    else:
        found = []
    return found[:MOST_COMPLETIONS]


def _end_of(typed: Token, tokens: Iterable[Token], cursor: int) -> int:
    """Where what is typed before the cursor ends behind it. A quotation that is not closed ends there."""
    whole = next((token for token in tokens if token.start == typed.start), typed)
    if whole.kind is Kind.FIELD and typed.kind is Kind.TEXT:
        return whole.start + len(whole.field)
    return whole.end if whole.kind is typed.kind and whole.closed else cursor


def _fields(token: Token, text: str, end: int) -> list[Completion]:
    typed = token.text.lower()
    if text[end : end + 1] == ":":
        end += 1
    return [
        Completion(f"{field}:", f"{field}:", token.start, end, explanation)
        for field, explanation in FIELDS.items()
        if field.startswith(typed)
    ]


def _words(
    beginning: str, start: int, end: int, words: Callable[[str], Sequence[str]] | None
) -> list[Completion]:
    if words is None or not beginning[-1:].isalnum():
        return []
    return [Completion(word, word, start, end) for word in words(beginning) if word != beginning]


def _values(field: str, token: Token, end: int, values: Iterable[_Value]) -> list[Completion]:
    """Those that begin as typed first, then those with a word that does."""
    before, typed = "", token.text
    if field in ("type", "lang") and "," in typed:
        before, _, typed = typed.rpartition(",")
        before += ","
    folded = fold(typed.strip())
    ranked = [
        (_place(folded, fold(value), fold(explanation)), value, explanation)
        for value, explanation in values
        if fold(value) != folded
    ]
    ranked = sorted((one for one in ranked if one[0] is not None), key=lambda one: one[0] or 0)
    return [
        Completion(value, _quoted(before + value), token.value_start, end, explanation)
        for _, value, explanation in ranked
    ]


def _place(typed: str, value: str, explanation: str) -> int | None:
    """0 where the value begins as typed, 1 where a word of it or its explanation does, None for neither."""
    if value.startswith(typed):
        return 0
    inner = value.replace("/", " ").replace("\\", " ").replace("-", " ")
    return 1 if any(f" {typed}" in f" {text}" for text in (inner, explanation, value)) else None


def _dates(now: datetime) -> list[_Value]:
    return [
        *_DATES.items(),
        (f"{now.year}", "this year"),
        (f"{now.year - 1}", "last year"),
        (f"{now.year}-{now.month:02}", "this month"),
    ]


def _quoted(value: str) -> str:
    """The value as it can stand in a query."""
    if value[:1] not in CLOSERS and not any(char.isspace() or char in "()" for char in value):
        return value
    for opener in ('"', "«", "“"):
        if not any(closer in value for closer in CLOSERS[opener]):
            return f"{opener}{value}{CLOSERS[opener][0]}"
    return value
