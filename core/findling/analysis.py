"""Text to the terms by which it is found: tokens, folded and stemmed, the same for documents and queries.

Pure functions. A word gives its stem in the language of its document. What is written with marks inside
(part numbers, file names, code, compounds) gives its parts and, without the marks, the whole: `AB-1234` is
found as `ab1234`, `AB 1234` and `1234`, `getUserName` as `getusername` and `user name`. Case and accents are
folded. Scripts that are written without spaces give no terms: the store's index of words cuts them by
dictionaries (see `findling.store`). Korean gives pairs of syllables, as Lucene's CJK analyser does.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Raise it when the same text gives other terms than before: tables are brought up to it by the next run.
ANALYSIS_VERSION = 1
#: Longer ones are cut here, in documents and queries alike.
MAX_TERM_CHARACTERS = 100

#: Snowball's algorithms by ISO 639-1 code.
STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    "yi": "yiddish",
}  # fmt: skip
#: Scripts whose words have no space between them: Thai to Burmese, Khmer, kana, Han.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_PART = rf"[^\W_{_UNSPACED}]+"
#: Parts with a mark or two between; C++ and C# keep theirs.
_TOKEN = re.compile(
    rf"{_PART}(?:[-_‐‑./\\@:&+'’]{{1,2}}{_PART})*(?:(?<=\b[^\W\d_])[+#]{{1,2}}(?![\w+#]))?"  # noqa: RUF001
)
_WORD = re.compile(_PART)
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_HANGUL = re.compile("[\uac00-\ud7a3]{2,}")
#: Where a part has parts of its own: fooBar, HTMLParser, AB1234.
_UPPER, _LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿ"
_INNER = re.compile(
    r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])"
    rf"|(?<=[{_LOWER}])(?=[{_UPPER}])|(?<=[{_UPPER}])(?=[{_UPPER}][{_LOWER}])"
)
_MARK = re.compile(r"(?<=\d)[-_‐‑./\\@:&+'’]{1,2}(?=\d)|([-_‐‑./\\@:&+'’]{1,2})")  # noqa: RUF001
_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHE_S = re.compile("['’][sS]$")
_stemmers = threading.local()

#: Of a vocabulary: a word as it is written, folded, and the term that it is found by.
Entry = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, at its characters [start, end)."""

    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The words of `text`, in order; what is written with marks inside is one of them."""
    for match in _TOKEN.finditer(text):
        yield Token(match[0], match.start(), match.end())


def analysed(text: str, language: str) -> tuple[str, set[Entry]]:
    """What a text in `language` (ISO 639-1; "" or unknown: as English) is found by: its terms in order, with
    blanks between, and the entries that they add to a vocabulary."""
    found: list[str] = []
    vocabulary: set[Entry] = set()
    for match in _TOKEN.finditer(text):
        entries = _entries_of(match[0], language)
        vocabulary.update(entries)
        found += dict.fromkeys(term for _, term in entries)
    return " ".join(found), vocabulary


def terms_of(token: str, languages: Iterable[str]) -> frozenset[str]:
    """The terms of one word of a document, whichever of `languages` that is in."""
    return frozenset(term for language in languages or ("",) for _, term in _entries_of(token, language))


def query_terms_of(token: str, languages: Iterable[str]) -> tuple[str, ...]:
    """The terms of one word of a query for documents in any of `languages`. It has no parts that are not set
    apart by marks: who asks for `p53` does not mean 53."""
    found: dict[str, None] = {}
    for language in languages or ("",):
        found.update(dict.fromkeys(term for _, term in _own_entries_of(token, language)))
    return tuple(found)


def is_compound(token: str) -> bool:
    """Whether a word has marks inside, which set parts of it apart."""
    return len(_WORD.findall(_APOSTROPHE_S.sub("", token))) > 1


def part_count(token: str) -> int:
    """The parts of a word that it is looked for by, beside the whole."""
    parts = _WORD.findall(_APOSTROPHE_S.sub("", token))
    return max(1, sum(len(part) > 1 for part in parts))


def normal_form(token: str) -> str:
    """A word as the vocabulary has it: folded, and without the marks inside."""
    token = _APOSTROPHE_S.sub("", token)
    bare = token.rstrip("+#")
    return (fold(_MARK.sub(lambda mark: "" if mark[1] else mark[0], bare)) + token[len(bare) :])[
        :MAX_TERM_CHARACTERS
    ]


def unspaced(text: str) -> list[str]:
    """The runs of `text` in scripts that are written without spaces."""
    return _UNSPACED_RUN.findall(text)


def fold(text: str) -> str:
    """Without case and accents, in composed form. Marks that are letters of their own in their script, as
    those of Hindi and kana, stay."""
    if text.isascii():
        return text.lower()
    # Taken apart before case too: of ™ and ℃ the letters are capitals only then.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart))


def bare(text: str) -> str:
    """Equal for texts that differ in case, accents and blanks alone."""
    return " ".join(fold(text).split())


@lru_cache(1 << 17)
def _entries_of(token: str, language: str) -> tuple[Entry, ...]:
    """Of a word of a document: its own, and those of parts that no mark sets apart."""
    found = dict.fromkeys(_own_entries_of(token, language))
    parts = _WORD.findall(token)
    for first, second in pairwise(parts):  # AB-1234 of AB-1234/56
        if first.isalpha() and second.isdecimal() and len(parts) > 2:
            found[fold(first + second), fold(first + second)] = None
    for part in parts:
        pieces = _INNER.split(part)
        if len(pieces) > 1:
            for piece in pieces:
                if len(piece) > 1:
                    found.update(dict.fromkeys(_word_entries(piece, language)))
    return tuple(found)


@lru_cache(1 << 14)
def _own_entries_of(token: str, language: str) -> tuple[Entry, ...]:
    """The parts of a word that marks set apart, and its whole."""
    if token.isalnum():
        return _word_entries(token, language)
    token = _APOSTROPHE_S.sub("", token)
    parts = _WORD.findall(token)
    if parts == [token]:
        return _word_entries(token, language)
    found: dict[Entry, None] = {}
    for part in parts:
        if len(part) > 1:
            found.update(dict.fromkeys(_word_entries(part, language)))
    whole = normal_form(token)
    found[whole, whole] = None
    return tuple(found)


def _word_entries(word: str, language: str) -> tuple[Entry, ...]:
    """Of a word without marks: its stem, and where it has accents also that of how it is written without."""
    folded = fold(word)
    if len(word) > MAX_TERM_CHARACTERS:
        return ((folded[:MAX_TERM_CHARACTERS], folded[:MAX_TERM_CHARACTERS]),)
    if _HANGUL.fullmatch(word):
        return tuple((word, word[at : at + 2]) for at in range(len(word) - 1))
    lowered = word.lower()
    stem = _stemmer(language)
    stems = [stem(folded) or folded]
    if folded != lowered:
        stems.insert(0, fold(stem(lowered)))
    return tuple((folded, each) for each in dict.fromkeys(stems))


def _stemmer(language: str) -> Callable[[str], str]:
    """Of this thread: Snowball's keep state."""
    known: dict[str, Callable[[str], str]] = _stemmers.__dict__
    if language not in known:
        from Stemmer import Stemmer

        known[language] = Stemmer(STEMMERS.get(language, "") or "english").stemWord
    return known[language]
