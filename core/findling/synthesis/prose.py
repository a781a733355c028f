"""Sentences of passages: where they begin and end, and which of them can be a query by themselves."""

from __future__ import annotations

import re

from findling.analysis import terms_of, tokens, unspaced
from findling.chunking import sentence_spans
from findling.stop_words import telling
from findling.synthesis.openings import stands_alone

#: Of these words the sentence of a cloze has at least and at most, and so many that tell something.
_SENTENCE_WORDS = range(6, 31)
_LEAST_TELLING = 4
_LEAST_TELLING_SPOKEN = 7
#: So many of them, by their stems, stand in the rest of the passage, too: what shares none is about nothing.
_LEAST_SHARED = 2
_LEAST_LETTERS = 0.8
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\[])(?:[^\W\d_]|(?:[^\W\d_]\.)+[^\W\d_]|abb|abs|al|approx|art|bd|bzw|ca|cf|ch|chap|dr|ed|eds|eq|eqs|etc"
    r"|evtl|ex|exp|ext|fig|figs|ggf|hd|hr|inc|incl|inkl|jr|kap|ltd|max|min|mio|mme|mr|mrs|ms|mrd|no|nos|nr|op|pág|pp|prof|ref"
    r"|refs|resp|sec|sect|sog|sr|sra|st|tab|tel|usw|vgl|vol|vs|ziff)\.$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.。｡।][\"'”’»)\]」』]*$")
#: Numbers of sections, tables, addresses, formulas, code, speakers' names.
_NO_PROSE = re.compile(
    r"^\d+(?:\.\d+)+\s|^\d{1,2}[.)]\s|^[^:]{0,90}[:：]\s"  # noqa: RUF001
    r"|[|{}<>=\\@#^~•…\t]|\.{3}|_{2}|https?:|www\.|\byou know\b"
)
_SPEAKER = re.compile(r"^([A-Z][^\n:]{1,60}):\s", re.MULTILINE)
_ASKERS = frozenset("question answer frage antwort réponse pregunta respuesta note tip hinweis nota".split())
_BRACKETS = ("()", "[]", "«»")
_QUOTES = '"„“”'
#: Of abstracts and manuals: RESULTS, MATERIALS AND METHODS, TIP.
_CAPITALS = re.compile(r"^(?:[A-Z]{4,}(?:[ /][A-Z]{3,})*|AIMS?|TIP)\b[:.]?\s+(?=[A-Z0-9]\w* )")
#: Where "19." is an ordinal.
_ORDINALS = frozenset("cs da de et fi hr hu is lv nb nn no pl sk sl sr tr".split())
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}\.$")


def word_count(text: str) -> int:
    """Words of a text; in scripts without spaces two characters count as one."""
    found = sum(len(run) for run in unspaced(text)) // 2
    return found + sum(any(map(str.isalnum, part)) and not unspaced(part) for part in text.split())


def without_label(sentence: str) -> str:
    """Without the word in capitals before it that names a part of an abstract or a manual."""
    return _CAPITALS.sub("", sentence)


def whole_sentences(text: str, language: str) -> list[tuple[int, int]]:
    """[start, end) of sentences, which neither abbreviations end nor the ends of lines in mid-paragraph."""
    spans: list[tuple[int, int]] = []
    cased = any(map(str.isupper, text))
    for start, end in sentence_spans(text):
        if spans:
            begin, stop = spans[-1]
            gap = text[stop:start]
            goes_on = cased and text[start].islower()
            last = text[max(begin, stop - 12) : stop]
            numbered = language in _ORDINALS and _ORDINAL.search(last)
            abbreviated = (_ABBREVIATED.search(last) or numbered) and "\n" not in gap
            if "\n\n" not in gap and (goes_on or abbreviated):
                spans[-1] = begin, end
                continue
        spans.append((start, end))
    return spans


def is_query_of(sentence: str, rest: str, language: str) -> bool:
    """Whether a sentence stands by itself, is prose, says enough, and shares some of it with the `rest`."""
    if word_count(sentence) not in _SENTENCE_WORDS or not _SENTENCE_END.search(sentence):
        return False
    if _NO_PROSE.search(sentence) or not _is_balanced(sentence) or not stands_alone(sentence, language):
        return False
    first = next((character for character in sentence if not character.isspace()), "")
    if not first.isalnum() or (first.islower() and any(map(str.isupper, rest))):
        return False
    letters = sum(map(str.isalpha, sentence))
    if letters < _LEAST_LETTERS * sum(not character.isspace() for character in sentence):
        return False
    if unspaced(sentence):
        return True
    told = telling_words(sentence, language)
    terms = [term for word in told for term in terms_of(word, [language])]
    around = {term for word in tokens(rest) for term in terms_of(word.text, [language])}
    shared = sum(term in around for term in dict.fromkeys(terms))
    least = _LEAST_TELLING_SPOKEN if is_dialogue(rest) else _LEAST_TELLING
    return len(told) >= least and shared >= _LEAST_SHARED


def is_dialogue(text: str) -> bool:
    """Whether it is a record of what people said. Their questions are not what readers ask."""
    labels = {label for label in _SPEAKER.findall(text) if label.split()[0].lower() not in _ASKERS}
    return len(labels) > 1 or any(" " in label and label.istitle() for label in labels)


def telling_words(text: str, language: str) -> list[str]:
    """The words of a text in `language` (ISO 639-1 or "") that are neither stop words nor numbers."""
    words = [word.text for word in tokens(text)]
    marks = telling([*words, ""], [language or "en"])  # of stop words alone all would tell something
    return [word for word, mark in zip(words, marks, strict=False) if mark and not word.isdecimal()]


def _is_balanced(sentence: str) -> bool:
    """Whether no bracket and no quotation began or ends outside."""
    if sum(sentence.count(mark) for mark in _QUOTES) % 2:
        return False
    return all(sentence.count(left) == sentence.count(right) for left, right in _BRACKETS)
