"""The words of a query as the keyword leg looks for them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from findling.analysis import Token, is_compound, normal_form, part_count, query_terms_of, tokens, unspaced
from findling.stop_words import telling
from findling.store import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from findling.search.query import Word

    #: The words, with their terms, that begin so; at most so many.
    WordsFrom = Callable[[str, int], list[tuple[str, str]]]

#: Words that a beginning stands for; and the one that is being typed, which may be whole already.
_MOST_BEGUN = 50
_MOST_COMPLETED = 8
#: What it adds that a word stands there as it is written, beside its stem; a word that is asked for alone
#: counts twice. So rare forms are found before frequent ones of the same stem (tests/bench/RESULTS.md).
_LEAST_EXACT = 0.25
#: A word is about so long in scripts without spaces.
_UNSPACED_WORD = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query's words come to: `words` for the store, how many matches make a full one, and what is
    looked for in file names."""

    words: Words = Words()  # noqa: RUF009 — frozen
    count: float = 0.0
    fragments: tuple[str, ...] = ()


def asked_by(words: Sequence[Word], languages: Sequence[str], words_from: WordsFrom) -> Asked:
    """What a query with these words looks for in documents of these languages. Words that tell nothing are
    left out, but not of phrases."""
    terms: dict[str, None] = {}
    phrases: list[str] = []
    runs: list[str] = []
    loose: list[tuple[Token, bool]] = []
    for word in words:
        text = unicodedata.normalize("NFC", word.text)
        runs += unspaced(text)
        if word.phrase:
            phrases.append(text)
        found = list(tokens(text))
        if word.prefix and found:
            terms.update((term, None) for _, term in words_from(normal_form(found[-1].text), _MOST_BEGUN))
        elif word.completes and found:
            begun = normal_form(found[-1].text)
            terms.update((term, None) for _, term in words_from(begun, _MOST_COMPLETED) if len(begun) > 1)
        loose += [(token, word.prefix) for token in found]
    keep = telling([token.text for token, _ in loose], languages)
    kept = [(token, prefix) for (token, prefix), tells in zip(loose, keep, strict=True) if tells]
    for token, prefix in kept:
        if not prefix:
            terms.update(dict.fromkeys(query_terms_of(token.text, languages)))
    count = (
        sum(part_count(token.text) for token, _ in kept)
        + sum(map(len, runs)) / _UNSPACED_WORD
        + sum(len(phrase.split()) for phrase in phrases)
    )
    written = dict.fromkeys(token.text for token, prefix in kept if not prefix)
    boost = max(_LEAST_EXACT, 1 / max(1, len(kept)))
    looked_for = Words(tuple(terms), tuple(phrases), tuple(runs), tuple(written), boost)
    return Asked(
        looked_for, count * (1 + boost), tuple(dict.fromkeys([*(token.text for token, _ in kept), *runs]))
    )


def required(word: Word, languages: Iterable[str], words_from: WordsFrom) -> Words:
    """What a document must have any of, to satisfy a word of a query."""
    text = unicodedata.normalize("NFC", word.text)
    found = list(tokens(text))
    if word.prefix and len(found) == 1:
        begun = words_from(normal_form(found[0].text), _MOST_BEGUN * 20)
        return Words(tuple(dict.fromkeys(term for _, term in begun)))
    if word.phrase or len(found) != 1 or unspaced(text):
        return Words(phrases=(text,) if found or unspaced(text) else ())
    if is_compound(found[0].text):  # its parts side by side, or as one
        return Words((normal_form(found[0].text),), (text,))
    return Words(query_terms_of(found[0].text, languages))
