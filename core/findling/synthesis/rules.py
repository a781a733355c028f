"""What can be told from a query and its passage alone: whether it is a query at all, and not a copy.

Each rule that is broken is a verdict in the pair. Kinds of rules and the bound for copies are those of the
published pipelines (InPars, Promptagator, and see the paper's own clean-up); what is particular here are
echoes of the prompt, which small generators are given to.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

from findling.analysis import fold, tokens, unspaced
from findling.documents.language import language_of
from findling.synthesis.overlap import content_terms, passage_terms
from findling.synthesis.pair import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Words, and characters of languages that do not part them, of a query.
_WORDS = (2, 60)
_CHARACTERS = (4, 400)
#: A run of words that stands in the passage may be so much of a query, if it is of any length.
COPIED_SHARE = 0.6
_COPIED_WORDS = 6
#: Of the words of a query, so many are different.
_DIFFERENT = 0.6
#: A query of which so much is in one before it is asked already: Jaccard index of the terms that tell
#: something.
_NEARLY_THE_SAME = 0.8
#: Languages are told apart from so many characters on.
_LANGUAGE_CHARACTERS = 40

_SELF_REFERENCE = re.compile(
    r"\b(?:th(?:is|ese|e (?:above|following|given|present))\s+(?:\w+\s+)?"
    r"(?:passages?|texts?(?! message)|articles?|documents?|excerpts?|paragraphs?|sections?|abstracts?"
    r"|sentences?|lectures?)"
    r"|(?:the|in the) (?:passage|excerpt|paragraph)\b"
    r"|according to the (?:passage|text|article|author|document)"
    r"|(?:mentioned|described|pictured|stated|discussed|listed|given) (?:above|below|here)"
    r"|as (?:mentioned|described|stated) (?:in|above)"
    r"|the (?:author|writer)s? of (?:the|this) (?:passage|text|article|document|excerpt|paper|study)"
    r"|in diesem (?:text|abschnitt|artikel|dokument|absatz)|(?:im|der|dem) (?:obigen|vorliegenden)\b"
    r"|laut (?:dem )?text|dans (?:ce|cet) (?:texte|passage|article|document)|ci-dessus|ci-dessous"
    r"|en este (?:texto|pasaje|artículo|documento)|arriba mencionad)",
    re.IGNORECASE,
)
#: What small generators write instead of a query.
_PROMPT_LINE = re.compile(
    r"^(?:passage|text|question|keywords|claim|title|need|in other words|query)\s*:", re.IGNORECASE
)

#: Who speaks, at the beginning of a line of a transcript; a note's or a warning's label.
_LABEL = re.compile(r"^\s*([^\W\d_][\w.'’ -]{0,40}?)\s*:(?=\s|$)", re.MULTILINE)


class Rules:
    """Judges queries one after the other; knows those before. `prompt` are queries that the generator was
    shown, `telltale` words of which each gives away that a query comes from there."""

    def __init__(self, prompt: Iterable[str] = (), telltale: Iterable[str] = ()) -> None:
        self._shown = [content_terms(query, "en") for query in prompt]
        self._telltale = {fold(word) for word in telltale}
        self._exact: set[str] = set()
        self._of_word: dict[str, list[frozenset[str]]] = {}

    def remember(self, query: str, language: str) -> None:
        """Note a query that is there."""
        self._exact.add(_plain(query))
        words = content_terms(query, language)
        for word in words:
            self._of_word.setdefault(word, []).append(words)

    def verdicts(self, query: str, text: str, language: str, *, cut_off: bool = False) -> list[Verdict]:
        """What is wrong with a query for the passage `text`, in `language`; a list without a failed verdict
        where nothing is. Looks no further once something is."""
        for name, reason in (
            ("cut off", "the generator did not come to an end" if cut_off else ""),
            ("length", _wrong_length(query)),
            ("echo", self._echo(query, text, language)),
            ("self-reference", _self_reference(query)),
            ("repetition", _repetition(query)),
            ("language", _other_language(query, language)),
            ("copy", _copy(query, text)),
            ("duplicate", self._duplicate(query, language)),
        ):
            if reason:
                return [Verdict(name, passed=False, reason=reason)]
        return [Verdict("rules", passed=True)]

    def _echo(self, query: str, text: str, language: str) -> str:
        if _PROMPT_LINE.search(query):
            return "a line of the prompt"
        words = content_terms(query, language)
        inside = passage_terms(text, language)
        own = {fold(token.text) for token in tokens(query)}
        if (own & self._telltale) - {fold(token.text) for token in tokens(text)}:
            return "repeats a demonstration of the prompt"
        for shown in self._shown:
            common = (words & shown) - inside
            if len(common) >= 2 and len(common) * 3 >= len(words):
                return "repeats a demonstration of the prompt"
        return ""

    def _duplicate(self, query: str, language: str) -> str:
        if _plain(query) in self._exact:
            return "there already"
        words = content_terms(query, language)
        if len(words) < 3:
            return ""
        rarest = sorted(words, key=lambda word: len(self._of_word.get(word, ())))
        # Two sets that share four of five words share one of the two rarest, up to nine words.
        for word in rarest[: max(2, len(words) // 4)]:
            for other in self._of_word.get(word, ()):
                if len(words & other) > _NEARLY_THE_SAME * len(words | other):
                    return "nearly there already"
        return ""


def _wrong_length(query: str) -> str:
    if not _CHARACTERS[0] <= len(query) <= _CHARACTERS[1]:
        return f"{len(query)} characters"
    words = sum(1 for _ in tokens(query))
    if sum(map(len, unspaced(query))) >= _CHARACTERS[0]:
        return ""
    return "" if _WORDS[0] <= words <= _WORDS[1] else f"{words} words"


def _self_reference(query: str) -> str:
    found = _SELF_REFERENCE.search(query)
    return f"speaks of its passage: {found[0]!r}" if found else ""


def _repetition(query: str) -> str:
    words = [fold(token.text) for token in tokens(query)]
    if len(words) >= 6 and len(set(words)) < _DIFFERENT * len(words):
        return "says the same words over and over"
    runs = Counter(zip(words, words[1:], words[2:], strict=False))
    if any(count > 1 for count in runs.values()):
        return "says the same words again"
    if any(one == other for one, other in itertools.pairwise(words)):
        return "says a word twice"
    return ""


def _other_language(query: str, language: str) -> str:
    if not language or len(query) < _LANGUAGE_CHARACTERS:
        return ""
    found = language_of(query)
    return f"in another language: {found}" if found and found != language else ""


def _copy(query: str, text: str) -> str:
    label = _LABEL.match(query)
    if label and fold(label[1]) in {fold(found[1]) for found in _LABEL.finditer(text)}:
        return f"begins like a line of the passage: {label[0].strip()!r}"
    words = [fold(token.text) for token in tokens(query)]
    if len(words) < _COPIED_WORDS:
        return ""
    longest = longest_run(words, [fold(token.text) for token in tokens(text)])
    if longest >= _COPIED_WORDS and longest > COPIED_SHARE * len(words):
        return f"{longest} of {len(words)} words stand in the passage in a row"
    return ""


def longest_run(words: list[str], inside: list[str]) -> int:
    """Length of the longest run of `words` that stands in `inside`."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(inside):
        places.setdefault(word, []).append(place)
    longest = 0
    ends: dict[int, int] = {}
    for word in words:
        ends = {place: ends.get(place - 1, 0) + 1 for place in places.get(word, ())}
        longest = max(longest, max(ends.values(), default=0))
    return longest


def _plain(query: str) -> str:
    return " ".join(fold(token.text) for token in tokens(query)) or query.strip()
