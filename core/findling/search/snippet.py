"""The part of a passage that shows why it was found, and where the query's words stand in it."""

from __future__ import annotations

import re
import unicodedata

#: A snippet is about this long.
SNIPPET_CHARACTERS = 280

_WORD = re.compile(r"\w+(?:['’]\w+)*", re.UNICODE)
_SENTENCE_START = re.compile(r"(?<=[.!?…。！？])\s+|\n+")
#: Words that stand in every text and mark nothing. English, German, French.
_COMMON = frozenset(
    """
    a an and are as at be but by can do does for from had has have how i if in into is it its many may me much
    my not of on or our should so than that the their them then there these they this to was we were what when
    where which who whom whose why will with would you your
    aber als am an auch auf aus bei bin bis das dass dem den der des die doch du ein eine einem einen einer
    er es für hat ich ihr im in ist ja kann mit nach nicht noch nur ob oder sein sich sie sind so und uns von
    vor war was wenn wer wie wir wird wo zu zum zur
    au aux avec ce ces cette dans de des du elle en est et être il ils je la le les leur lui mais ne nous on
    ou où par pas pour que quel quelle qui sa se ses son sont sur un une vous y
    """.split()
)
_ENDINGS = ("ingly", "edly", "ing", "ies", "ed", "es", "ly", "s", "en", "er", "n", "e")


def snippet_of(text: str, query: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """About `SNIPPET_CHARACTERS` of `text` around most of the query's words, and their [start, end) spans
    in the snippet. Line breaks become spaces; a cut is marked with "…"."""
    text = " ".join(text.split())
    stems = {_stem(word) for word in _words(query)}
    found = [match.span() for match in _WORD.finditer(text) if _stem(match[0]) in stems]
    start, end = _window(text, found)
    lead, tail = "… " if start else "", " …" if end < len(text) else ""
    spans = tuple((a - start + len(lead), b - start + len(lead)) for a, b in found if a >= start and b <= end)
    return lead + text[start:end] + tail, spans


def _words(query: str) -> list[str]:
    # Keyboards of some systems give accents as characters of their own; documents are composed.
    words = [match[0] for match in _WORD.finditer(unicodedata.normalize("NFC", query))]
    telling = [word for word in words if word.lower() not in _COMMON]
    return telling or words


def _stem(word: str) -> str:
    """Folds case and accents and cuts a common ending: enough to mark "walls" for "wall"."""
    folded = unicodedata.normalize("NFKD", word.casefold())
    folded = "".join(character for character in folded if not unicodedata.combining(character))
    for ending in _ENDINGS:
        if folded.endswith(ending) and len(folded) - len(ending) >= 3:
            return folded[: -len(ending)]
    return folded


def _window(text: str, found: list[tuple[int, int]]) -> tuple[int, int]:
    """[start, end) of the part with most distinct found words, begun at a sentence where one is near."""
    if len(text) <= SNIPPET_CHARACTERS:
        return 0, len(text)
    best, most = 0, 0
    for begin, _ in found:
        stop = begin + SNIPPET_CHARACTERS * 3 // 4
        distinct = len({text[a:b].casefold() for a, b in found if a >= begin and b <= stop})
        if distinct > most:
            best, most = begin, distinct
    start = _sentence_before(text, best)
    end = min(len(text), start + SNIPPET_CHARACTERS)
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > start else end
    return start, end


def _sentence_before(text: str, position: int) -> int:
    earliest = max(0, position - SNIPPET_CHARACTERS // 4)
    starts = [match.end() for match in _SENTENCE_START.finditer(text, earliest, position)]
    if starts:
        return starts[0]
    if earliest == 0:
        return 0
    space = text.find(" ", earliest, position)
    return space + 1 if space >= 0 else earliest
