"""What groups of documents are about: words that are frequent in a group, and rare in the others.

A word counts in a document for the more the oftener it is there, up to 1. Its worth for a group is what it
counts there in the mean, times the logarithm of how much that is for each 1 elsewhere (a part of the
Kullback-Leibler divergence): a word of all groups is worth nothing, whatever its language.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from findling.analysis import is_compound, normal_form, query_terms_of, tokens, unspaced
from findling.stop_words import telling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: How often a text has each form of a word, by term.
Words = defaultdict[str, Counter[str]]

#: Words that name a group.
_MOST_WORDS = 3
#: Beside the first word, one is worth at least so much.
_LEAST_WORTH = 0.35
_LEAST_LETTERS = 3
_MOST_LETTERS = 24
#: A word that is so often in a document counts half.
_HALF = 1.5
#: Terms of so many letters count in full, shorter ones less.
_LONG = 7
#: Documents of a group that a word is in at least, where the group has so many.
_LEAST_DOCUMENTS = 2
_MANY = 4
#: Of scripts without spaces: words are written in kanji or katakana, or two characters are taken for one.
_KANA_WORD = re.compile("[\u30a1-\u30fa\u30fc]{2,10}")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_HAN_WORD = 4


def words_in(text: str, language: str) -> Words:
    """The words of a text in `language` (ISO 639-1 or "") that tell something, by the term that all their
    forms share: how they are written, and how often."""
    written = Counter(token.text for token in tokens(text))
    tells = telling(list(written), [language] if language else [])
    found: Words = defaultdict(Counter)
    for (word, times), says in zip(written.items(), tells, strict=True):
        letters = sum(character.isalpha() for character in word)
        if says and _LEAST_LETTERS <= letters <= len(word) <= _MOST_LETTERS and letters > len(word) / 2:
            terms = () if is_compound(word) else query_terms_of(word, [language])
            found[terms[0] if terms else normal_form(word)][word] += times
    for run in unspaced(text):
        for word in (*_KANA_WORD.findall(run), *_han_words(run)):
            found[word][word] += 1
    return found


def named(groups: Sequence[Sequence[Words]]) -> list[str]:
    """A few words for each group of documents, given by their words: "telescope · mirror"; "" for a group of
    which none are told."""
    forms: Words = defaultdict(Counter)
    counts: list[Counter[str]] = []
    sums: list[dict[str, float]] = []
    for group in groups:
        counts.append(Counter(term for words in group for term in words))
        sums.append(defaultdict(float))
        for words in group:
            for term, written in words.items():
                times = written.total()
                sums[-1][term] += times / (times + _HALF)
                forms[term].update(written.keys())
    totals: dict[str, float] = defaultdict(float)
    for each in sums:
        for term, value in each.items():
            totals[term] += value
    every = sum(map(len, groups))
    names: list[str] = []
    for group, count, own in zip(groups, counts, sums, strict=True):
        least = _LEAST_DOCUMENTS if len(group) >= _MANY else 1
        outside = every - len(group) + 1
        worth = {
            term: _worth(value / len(group), (totals[term] - value + 0.5) / outside) * _length(term)
            for term, value in own.items()
            if count[term] >= least
        }
        names.append(" · ".join(_best(worth, forms)))
    return names


def _worth(inside: float, outside: float) -> float:
    return inside * math.log(inside / outside) if inside > outside else 0.0


def _length(term: str) -> float:
    """Short words say less, but not in scripts without spaces."""
    return 1.0 if unspaced(term) else min(1.0, len(term) / _LONG)


def _best(worth: Mapping[str, float], forms: Mapping[str, Counter[str]]) -> list[str]:
    """The words that are worth most, none of which begins as another one does."""
    ranked = sorted((term for term in worth if worth[term] > 0), key=lambda term: (-worth[term], term))
    chosen: list[str] = []
    for term in ranked:
        if len(chosen) == _MOST_WORDS or worth[term] < _LEAST_WORTH * worth[ranked[0]]:
            break
        if not any(term.startswith(other) or other.startswith(term) for other in chosen):
            chosen.append(term)
    return [_form(forms[term]) for term in chosen]


def _form(forms: Counter[str]) -> str:
    """The most frequent way to write a word; of two, the one in small letters."""
    return min(forms, key=lambda form: (-forms[form], form.isupper(), not form.islower(), form))


def _han_words(run: str) -> list[str]:
    found: list[str] = []
    for han in _HAN.findall(run):
        if 1 < len(han) <= _HAN_WORD:
            found.append(han)
        else:
            found += [han[at : at + 2] for at in range(len(han) - 1)]
    return found
