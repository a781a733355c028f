"""Pairs with other surfaces of the same query: as people mistype it, shorten it, or put it in other words.

What is in a query decides what answers it, so numbers and part numbers are never touched, and what a
generator writes is dropped where it changed them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from findling.analysis import Token, fold, is_compound, normal_form, tokens, unspaced
from findling.stop_words import telling
from findling.synthesis.pair import Origin, pair_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from findling.synthesis.pair import Pair

    #: Queries to other queries, one for each and in their order; "" where there is none.
    Rewrite = Callable[[Sequence[str]], Sequence[str]]


class Augmentation(StrEnum):
    """What is done to a query; the `kind` of the pair that comes of it."""

    TYPOS = "typos"
    CASE = "case"
    KEYWORDS = "keywords"
    ORDER = "order"
    SYNONYMS = "synonyms"
    BACK_TRANSLATION = "back_translation"


#: Those that need no generator.
FREE = (Augmentation.TYPOS, Augmentation.CASE, Augmentation.KEYWORDS, Augmentation.ORDER)
#: Those that do.
GENERATED = (Augmentation.SYNONYMS, Augmentation.BACK_TRANSLATION)

_LEAST_KEYWORDS, _MOST_KEYWORDS = 2, 6
#: Two words in the other order are often somebody's name.
_LEAST_IN_ORDER = 3
#: A second typo is in longer queries only.
_WORDS_FOR_TWO_TYPOS = 6
#: Shorter words are not mistyped: another word comes of them soon.
_LEAST_LETTERS = 4
_LONGER = 2.0

_QWERTY = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_QWERTZ = ("qwertzuiopü", "asdfghjklöä", "yxcvbnm")
_AZERTY = ("azertyuiop", "qsdfghjklm", "wxcvbn")
_RUSSIAN = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_GREEK = ("ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ")
_BOARDS = {
    **dict.fromkeys(("de", "cs", "hr", "hu", "sk", "sl"), _QWERTZ),
    "fr": _AZERTY,
    "el": _GREEK,
    **dict.fromkeys(("ru", "uk", "bg", "be", "mk", "sr"), _RUSSIAN),
}


def augmented(
    pair: Pair,
    choose: Random,
    *,
    augmentations: Collection[Augmentation | str] = FREE,
    documents_with: Callable[[str], int] | None = None,
) -> Iterator[Pair]:
    """A further pair for each of `augmentations` that changes the query and leaves it one.

    `documents_with` says how many documents have a word: the rarest are kept as keywords, and without it the
    longest. Those that need a
    generator are `synonyms` and `back_translations`. The same `choose` gives the same pairs, and those of an
    augmentation are the same whichever others are asked for. Raises ValueError for a name that is not in
    `FREE`.
    """
    wanted = {Augmentation(each) for each in augmentations}
    if needing := sorted(wanted.difference(FREE)):
        raise ValueError(f"{', '.join(needing)} cannot be had without a generator")
    language = pair.language
    for augmentation in FREE:
        chance = Random(choose.getrandbits(64))  # noqa: S311 - nothing is secret here
        if augmentation not in wanted:
            continue
        match augmentation:
            case Augmentation.TYPOS:
                query = _mistyped(pair.query, language, chance)
            case Augmentation.CASE:
                query = _as_typed(pair.query)
            case Augmentation.KEYWORDS:
                query = _keywords(pair.query, language, chance, documents_with)
            case _:
                query = _shuffled(pair.query, language, chance)
        if query and query != pair.query:
            yield _made_of(pair, augmentation, query)


def synonyms(pairs: Sequence[Pair], rewrite: Rewrite) -> Iterator[Pair]:
    """The pairs whose queries `rewrite` put in other words. What comes back unchanged, empty, more than twice
    as long or with other numbers is dropped. Raises ValueError if not each query is answered."""
    if pairs:
        yield from _rewritten(pairs, Augmentation.SYNONYMS, rewrite([pair.query for pair in pairs]))


def back_translations(pairs: Sequence[Pair], there: Rewrite, back: Rewrite) -> Iterator[Pair]:
    """The pairs whose queries came back otherwise from another language (Sennrich, Haddow and Birch 2016,
    arXiv 1511.06709). Dropped is what `synonyms` drops. Raises ValueError if not each query is answered."""
    if not pairs:
        return
    abroad = there([pair.query for pair in pairs])
    arrived = [
        (pair, text.strip())
        for pair, text in zip(pairs, abroad, strict=True)
        if text.strip() and _numbers(text) == _numbers(pair.query)
    ]
    if arrived:
        returned = back([text for _, text in arrived])
        yield from _rewritten([pair for pair, _ in arrived], Augmentation.BACK_TRANSLATION, returned)


def _rewritten(pairs: Sequence[Pair], augmentation: Augmentation, answers: Sequence[str]) -> Iterator[Pair]:
    for pair, answer in zip(pairs, answers, strict=True):
        query = " ".join(answer.split())
        changed = _words(query) and _words(query) != _words(pair.query)
        short = len(query) <= _LONGER * len(pair.query)
        if changed and short and _numbers(query) == _numbers(pair.query):
            yield _made_of(pair, augmentation, query)


def _made_of(pair: Pair, augmentation: Augmentation, query: str) -> Pair:
    """The pair with another query, of which no filter and no teacher has said anything yet."""
    return replace(
        pair,
        id=pair_id(Origin.AUGMENTED, augmentation, pair.id, query),
        query=query,
        provenance=replace(pair.provenance, origin=Origin.AUGMENTED, kind=augmentation.value, parent=pair.id),
        verdicts=(),
        teacher=(),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def _numbers(text: str) -> Counter[str]:
    """The numbers and part numbers in a text, and how often each is there."""
    words = (word.text for word in tokens(unicodedata.normalize("NFKC", text)))
    return Counter(normal_form(word) for word in words if any(map(str.isdigit, word)))


def _mistyped(query: str, language: str, chance: Random) -> str:
    """With one or two typos, each in a word of its own; "" where no word is fit for one."""
    rows = _BOARDS.get(language, _QWERTY)
    fit = [word for word in tokens(query) if _can_be_mistyped(word, query, rows)]
    most = 2 if len(fit) > 1 and len(query.split()) >= _WORDS_FOR_TWO_TYPOS else 1
    chosen = chance.sample(fit, min(len(fit), chance.randint(1, most)))
    for word in sorted(chosen, key=lambda word: -word.start):  # what stands before stays where it is
        query = query[: word.start] + _with_typo(word.text, rows, chance) + query[word.end :]
    return query if chosen else ""


def _can_be_mistyped(word: Token, query: str, rows: Sequence[str]) -> bool:
    """Whether it is a plain word, with no capital within, that is typed on this keyboard."""
    text = word.text
    if len(text) < _LEAST_LETTERS or not text.isalpha() or not text[1:].islower() or is_compound(text):
        return False
    if word.end < len(query) and unicodedata.combining(query[word.end]):
        return False
    if len(set(text[1:])) == 1:  # no two letters could change places
        return False
    keys = "".join(rows)
    return all(letter in keys or fold(letter) in keys for letter in text.lower())


def _with_typo(word: str, rows: Sequence[str], chance: Random) -> str:
    """The word with one slip, not in its first letter: a neighbouring key, two letters that changed places,
    one left out, or one twice."""
    slip = chance.choice(("neighbour", "transposed", "dropped", "doubled"))
    at = chance.randrange(1, len(word))
    if slip == "transposed":
        places = [place for place in range(1, len(word) - 1) if word[place] != word[place + 1]]
        at = chance.choice(places)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if slip == "dropped":
        return word[:at] + word[at + 1 :]
    if slip == "doubled":
        return word[:at] + word[at] + word[at:]
    return word[:at] + chance.choice(_neighbours(word[at], rows)) + word[at + 1 :]


def _neighbours(letter: str, rows: Sequence[str]) -> list[str]:
    """The letters on the keys around that of a letter, whose accents do not count."""
    keys = "".join(rows)
    key = letter if letter in keys else fold(letter)
    line, at = next((line, row.index(key)) for line, row in enumerate(rows) if key in row)
    # Each row is shifted to the right by about half a key.
    shifts = ((-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0))
    places = [(line + down, at + right) for down, right in shifts]
    return [rows[y][x] for y, x in places if 0 <= y < len(rows) and 0 <= x < len(rows[y])]


def _as_typed(query: str) -> str:
    """In lower case, without punctuation but that within words."""
    lowered = query.lower()
    inside = {place for word in tokens(lowered) for place in range(word.start, word.end)}
    kept = (
        character if place in inside or not unicodedata.category(character).startswith("P") else " "
        for place, character in enumerate(lowered)
    )
    return " ".join("".join(kept).split())


def _keywords(query: str, language: str, chance: Random, documents_with: Callable[[str], int] | None) -> str:
    """Words that tell something, in their order; "" where they are the query, too few, or written without
    spaces between."""
    if unspaced(query):
        return ""
    words = [word.text for word in tokens(query)]
    marks = telling(words, [language or "en"])
    told = (word for word, mark in zip(words, marks, strict=True) if mark)
    distinct = list({fold(word): word for word in told}.values())
    if len(distinct) < _LEAST_KEYWORDS:
        return ""
    count = min(len(distinct), chance.randint(_LEAST_KEYWORDS + 1, _MOST_KEYWORDS))
    places = chance.sample(range(len(distinct)), len(distinct))
    rarity = documents_with or _brevity
    counts = [rarity(word) for word in distinct]
    places.sort(key=lambda place: counts[place])
    kept = [distinct[place] for place in sorted(places[:count])]
    return " ".join(kept) if _words(" ".join(kept)) != _words(query) else ""


def _brevity(word: str) -> int:
    """Short words are frequent ones (Zipf), and numbers say nothing alone."""
    return 0 if word.isdecimal() else -len(word)


def _shuffled(query: str, language: str, chance: Random) -> str:
    """A query of keywords in another order; "" for one that is a sentence or has but one word."""
    words = query.split()
    if not _LEAST_IN_ORDER <= len(words) <= _MOST_KEYWORDS or unspaced(query):
        return ""
    whole = [word.text for word in tokens(query)]
    # A word that is no stop word, so that words which are all stop words tell nothing.
    if whole != words or not all(telling([*whole, ""], [language or "en"])) or len(set(words)) == 1:
        return ""
    order = words
    while order == words:
        order = chance.sample(words, len(words))
    return " ".join(order)
