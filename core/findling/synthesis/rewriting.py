"""Queries put in other words by a generator, at once or by way of another language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING, Any

from findling.llama import End, Request, Sampling
from findling.synthesis.augmentation import GENERATED, Augmentation, back_translations, synonyms
from findling.synthesis.kinds import LANGUAGES
from findling.synthesis.overlap import word_count
from findling.synthesis.pair import pair_id
from findling.synthesis.prompts import GRAMMAR, frame_of, query_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from findling.jobs import CancelToken
    from findling.llama import Engine
    from findling.synthesis.augmentation import Rewrite
    from findling.synthesis.pair import Pair
    from findling.synthesis.prompts import Template

_OTHER_WORDS = Sampling(temperature=0.8, min_p=0.1)
_TRANSLATING = Sampling(temperature=0.3, min_p=0.1)
#: Tokens for a word, of a rewritten query of twice as many words.
_TOKENS_PER_WORD = 6
_TOKENS_OF_OBJECT = 16
_INSTRUCTION = (
    "You rewrite search queries. Whoever asks must get the same answers: keep names, numbers, part numbers "
    "and terms of the trade as they are, and add nothing. "
    'Answer with a JSON object: {"query": "…"}.'
)


@dataclass(frozen=True, slots=True)
class _Way:
    """How queries are rewritten: `shown` are queries and what became of them, `labels` stand before each of
    the two, and `asked` says it to a generator that chats."""

    labels: tuple[str, str]
    shown: tuple[tuple[str, str], ...]
    asked: str
    sampling: Sampling


def can_go_abroad(languages: Sequence[str]) -> bool:
    """Whether a generator that knows these languages can translate queries there and back."""
    return "mul" in languages or sum(each in languages for each in LANGUAGES) > 1


class Rewriting:
    """Rewrites queries with a generator that knows `languages` (all: "mul"). One that chats is asked by its
    `template`; without that, it is shown demonstrations. Its methods raise what the engine raises."""

    def __init__(
        self,
        engine: Engine,
        languages: Sequence[str],
        cancel: CancelToken,
        seed: int = 0,
        template: Template | None = None,
    ) -> None:
        self._engine = engine
        self._languages = languages
        self._cancel = cancel
        self._seed = seed
        self._frame = frame_of(template) if template else None

    def offered(self, language: str) -> tuple[Augmentation, ...]:
        """What can be done to a query in this language."""
        known = "mul" in self._languages or language in self._languages or not self._languages
        if not known or language not in LANGUAGES:
            return ()
        return GENERATED if self._abroad(language) else (Augmentation.SYNONYMS,)

    def pairs(self, augmentation: Augmentation, pairs: Sequence[Pair]) -> Iterator[Pair]:
        """Of pairs in languages that this is offered for those that came back otherwise. No filter has judged
        them yet."""
        ordered = sorted(pairs, key=lambda pair: pair.language)
        for language, some in groupby(ordered, key=lambda pair: pair.language):
            if augmentation is Augmentation.SYNONYMS:
                yield from synonyms(list(some), self.synonyms(language))
            elif abroad := self._abroad(language):
                there, back = self.translation(language, abroad), self.translation(abroad, language)
                yield from back_translations(list(some), there, back)

    def synonyms(self, language: str) -> Rewrite:
        """Puts queries in other words of their language."""
        data = _data()
        way = _Way(
            (data["query"][language], data["again"][language]),
            tuple((each["query"][language], each["again"][language]) for each in data["demonstrations"]),
            f"Put this query in other words of the same language ({language}).",
            _OTHER_WORDS,
        )
        return partial(self._rewritten, way)

    def translation(self, source: str, target: str) -> Rewrite:
        """Translates queries from one language into another."""
        way = _Way(
            (LANGUAGES[source], LANGUAGES[target]),
            tuple(
                (each[form][source], each[form][target])
                for each in _data()["demonstrations"]
                for form in ("query", "again")
            ),
            f"Translate this query from {LANGUAGES[source]} into {LANGUAGES[target]}.",
            _TRANSLATING,
        )
        return partial(self._rewritten, way)

    def _abroad(self, language: str) -> str:
        """The language by way of which those in `language` come back; "" where the generator knows none."""
        known = (each for each in LANGUAGES if "mul" in self._languages or each in self._languages)
        return next((each for each in known if each != language), "")

    def _rewritten(self, way: _Way, queries: Sequence[str]) -> list[str]:
        """For each query what was written; "" where that came to no end."""
        found = [""] * len(queries)
        requests = (self._request(way, place, query) for place, query in enumerate(queries))
        for completion in self._engine.complete(requests, self._cancel):
            if completion.end is End.STOP:
                found[completion.key] = query_in(completion.text) if self._frame else completion.text.strip()
        return found

    def _request(self, way: _Way, place: int, query: str) -> Request:
        query = " ".join(query.split())
        seed = int(pair_id(self._seed, way.asked, query), 16) % 2**32
        tokens = _TOKENS_PER_WORD * (word_count(query) + 2)
        if self._frame is None:
            label, again = way.labels
            shown = "".join(f"{label}: {one}\n{again}: {other}\n\n" for one, other in way.shown)
            parts = (shown, f"{label}: {query}\n{again}:")
            return Request(place, parts, seed, replace(way.sampling, max_tokens=tokens))
        start, between, end = self._frame
        asked = ((start, _INSTRUCTION, between), (f"{way.asked}\n\nQuery: {query}", end))
        sampling = replace(way.sampling, grammar=GRAMMAR, max_tokens=tokens + _TOKENS_OF_OBJECT)
        return Request(place, asked, seed, sampling, stop="")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("findling.synthesis") / "rewriting.toml").read_text("utf-8"))
