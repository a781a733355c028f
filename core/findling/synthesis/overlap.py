"""Which words a query has in common with its passage, by the terms that a search finds them by."""

from __future__ import annotations

from itertools import pairwise

from findling.analysis import query_terms_of, terms_of, tokens, unspaced
from findling.stop_words import telling


def word_count(text: str) -> int:
    """The length of a query in words; two characters of a script without spaces are taken for one."""
    return sum(1 for _ in tokens(text)) + sum((len(run) + 1) // 2 for run in unspaced(text))


def content_terms(query: str, language: str) -> frozenset[str]:
    """Terms of the words of a query that tell something; in scripts without spaces pairs of characters."""
    words = [token.text for token in tokens(query)]
    terms = {
        term
        for word, tells in zip(words, telling(words, (language,)), strict=True)
        if tells
        for term in query_terms_of(word, (language,))
    }
    return frozenset(terms | _character_pairs(query))


def passage_terms(text: str, language: str) -> frozenset[str]:
    """All terms of a text."""
    found = {term for word in {token.text for token in tokens(text)} for term in terms_of(word, (language,))}
    return frozenset(found | _character_pairs(text))


def shared_spans(query: str, text: str, language: str) -> list[tuple[int, int]]:
    """Where in `text` the words of `query` that tell something stand: spans of characters."""
    wanted = content_terms(query, language)
    spans = [(token.start, token.end) for token in tokens(text) if wanted & terms_of(token.text, (language,))]
    for at, (one, other) in enumerate(pairwise(text)):
        if one + other in wanted and unspaced(one + other):
            spans.append((at, at + 2))
    return sorted(spans)


def _character_pairs(text: str) -> set[str]:
    return {one + other for run in unspaced(text) for one, other in pairwise(run)}
