"""Prompts: what a generator reads before it writes a query for a passage.

A generator that completes text gets demonstrations, a passage and the label of a kind, and writes one line.
All kinds stand below each demonstrated passage: the passage at hand is then read once for all its queries,
and small models do better than when they are shown one kind alone (tests/bench/RESULTS.md, synthesis). What
it would write had it read no passage counts against a query, without which a model of 135 M parameters mostly
asks what anybody could ask (`Sampling.contrast`).

One that follows instructions is told what to write, and answers in JSON, held to it by a grammar.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from findling.analysis import tokens
from findling.llama import Markup, Request, Sampling
from findling.stop_words import telling
from findling.synthesis import kinds as data
from findling.synthesis.kinds import Purpose
from findling.synthesis.slots import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from findling.synthesis.kinds import QueryKind

    #: Writes messages, (role, text) each, as a model wants them, up to where its answer begins.
    Template = Callable[[Sequence[tuple[str, str]]], str]

#: Characters of a passage that a generator reads: some 350 tokens of English.
PASSAGE_CHARACTERS = 1600
_PASSAGE = {"en": "Passage", "de": "Text", "fr": "Texte", "es": "Texto"}
#: How much what the passage adds counts, by specificity, for generators that complete text.
_CONTRAST = {"specific": 0.6, "broad": 0.35}
_COMPLETING = Sampling(temperature=0.7, min_p=0.1, repetition=1.3)
#: As in the paper, whose generators were large enough for it.
_CHATTING = Sampling(temperature=1.0, top_p=1.0, min_p=0.02, max_tokens=160)
_AVOIDANCE = 1.5
#: Of queries by the built-in model that tell less of their passage every second is made up or says nothing
#: (tests/bench/RESULTS.md, synthesis). Generators that are large enough to chat use words of their own.
_LEAST_INFORMATION_COMPLETING = 1.75
_LEAST_INFORMATION_CHATTING = 0.75
#: Who a generator that chats is to be, by purpose.
_PART = {
    Purpose.LEARN: "You write search queries for a person's own documents.",
    Purpose.JUDGE: (
        "You play a person who has never seen the documents and types into a search box what they hope to "
        "find there. You are shown one passage so that you ask for what it says; act as if you did not know "
        "its wording."
    ),
}
#: Tokens for a word: what is written must not be cut off.
_TOKENS_PER_WORD = 3.0
#: An object with one text: no quotes inside, so that nothing need be unescaped.
GRAMMAR = 'root ::= "{\\"query\\": \\"" [^"\\\\\\x00-\\x1f]{3,400} "\\"}"'


@dataclass(frozen=True, slots=True)
class Example:
    """A query that the person would ask, and a passage that answers it."""

    query: str
    passage: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query to be written: for this text, of this kind, with these slots. `language` is the passage's and
    `other` the query's where that is another one; `task` a task of the corpus, from the brainstorm."""

    text: str
    kind: QueryKind
    slots: dict[str, str]
    seed: int
    language: str = "en"
    other: str = ""
    task: str = ""


class Prompts(Protocol):
    """Makes requests for a generator, and reads what comes of them."""

    #: What a passage must tell of a query written for it (`checks.information`).
    least_information: float

    @property
    def version(self) -> str:
        """A hash of all that prompts are made of."""
        ...

    def request(self, key: object, wanted: Wanted) -> Request:
        """What is asked of the generator."""
        ...

    def query(self, written: str) -> str:
        """The query in what was written; "" where there is none."""
        ...


class Completing:
    """Prompts for a generator that completes text, with demonstrations in the passage's language: those of
    the purpose, in its own order.

    `examples` are the person's own: they take the place of demonstrations, and their kind is a question's
    unless they look otherwise to the generator.
    """

    least_information = _LEAST_INFORMATION_COMPLETING

    def __init__(
        self,
        kinds: Sequence[QueryKind],
        examples: Sequence[Example] = (),
        purpose: Purpose = Purpose.LEARN,
    ) -> None:
        self._kinds = sorted(kinds, key=lambda kind: kind.name, reverse=purpose is Purpose.JUDGE)
        self._examples = list(examples)
        self._purpose = purpose
        self._beginnings: dict[tuple[str, str], str] = {}

    @property
    def version(self) -> str:
        """A hash of the demonstrations in English."""
        return _hash(self._beginning("en", "de"))

    def request(self, key: object, wanted: Wanted) -> Request:
        """Demonstrations, the passage, and the label of the kind, up to where the query begins."""
        beginning = self._beginning(wanted.language, wanted.other)
        passage = f"{_PASSAGE.get(wanted.language, 'Passage')}: {shortened(wanted.text)}\n"
        label = f"{_label(wanted.kind, wanted.language, wanted.other)}:"
        least, most = wanted.kind.lengths[wanted.slots["length"]]
        other_words = wanted.slots["vocabulary"] == "other"
        sampling = replace(
            _COMPLETING,
            contrast=_CONTRAST[wanted.slots["specificity"]],
            avoidance=_AVOIDANCE if other_words else 0.0,
            least_tokens=least,
            max_tokens=min(wanted.kind.max_tokens, round(most * _TOKENS_PER_WORD)),
        )
        return Request(
            key,
            (beginning, passage, label),
            wanted.seed,
            sampling,
            contrast=(beginning, label),
            avoid=_content_words(wanted.text, wanted.language) if other_words else (),
        )

    def query(self, written: str) -> str:
        """The line that was written."""
        return " ".join(written.split())

    def _beginning(self, language: str, other: str) -> str:
        known = self._beginnings.get((language, other))
        if known is None:
            known = self._beginnings[language, other] = self._demonstrated(language, other)
        return known

    def _demonstrated(self, language: str, other: str) -> str:
        parts: list[str] = []
        named = _PASSAGE.get(language, "Passage")
        for number, (name, texts) in enumerate(data.passages(self._purpose).items()):
            lines = [
                f"{_label(kind, language, other)}: {query}"
                for kind in self._kinds
                if (query := _demonstration(kind, name, language, other))
            ]
            turn = number % max(1, len(lines))  # no kind shall always be the first
            parts.append(
                "\n".join([f"{named}: {texts.get(language, texts['en'])}", *lines[turn:], *lines[:turn]])
            )
        question = data.kinds()["question"]
        for example in self._examples:
            line = f"{_label(question, language, other)}: {' '.join(example.query.split())}"
            parts.append(f"{named}: {shortened(example.passage, 500)}\n{line}")
        return "".join(f"{part}\n\n" for part in parts)


class Chatting:
    """Prompts for a generator that follows instructions, by what they are for; `template` writes messages as
    its model wants them, (role, text) each, up to where the answer begins."""

    least_information = _LEAST_INFORMATION_CHATTING

    def __init__(
        self, template: Template, examples: Sequence[Example] = (), purpose: Purpose = Purpose.LEARN
    ) -> None:
        self._examples = list(examples)
        shown = "".join(
            f'\nA real query of this person: "{" ".join(each.query.split())}"' for each in examples
        )
        system = (
            f"{_PART[purpose]} A query must be answered by the passage, "
            "must be understood without it, and must not speak of a passage, a text or a document. "
            'Answer with a JSON object: {"query": "…"}.' + shown
        )
        before, between, self._after = frame_of(template)
        self._before = (before, system, between)

    @property
    def version(self) -> str:
        """A hash of the instructions."""
        return _hash("".join(piece if isinstance(piece, str) else piece.text for piece in self._before))

    def request(self, key: object, wanted: Wanted) -> Request:
        """The instructions, the passage, and what to write."""
        least, most = wanted.kind.lengths[wanted.slots["length"]]
        asked = wanted.kind.chat.format(other=data.LANGUAGES.get(wanted.other, wanted.other))
        told = [asked, in_words(wanted.slots, (least, most))]
        if wanted.task:
            told.append(f"The person's task: {wanted.task}")
        if not wanted.other:
            told.append(f"Write in the language of the passage ({wanted.language}).")
        ending = (" ".join(told), self._after)
        passage = f"Passage:\n{shortened(wanted.text)}\n\n"
        return Request(
            key,
            (self._before, passage, ending),
            wanted.seed,
            replace(_CHATTING, grammar=GRAMMAR),
            stop="",
            contrast=(self._before, "Passage:\n(not given)\n\n", ending),
        )

    def query(self, written: str) -> str:
        """The text in the object; "" for one that was cut off."""
        return query_in(written)


#: Where the texts go in what a template writes.
_MARKS = ("\ue000system\ue000", "\ue000user\ue000")


def frame_of(template: Template) -> tuple[Markup, Markup, Markup]:
    """What a template writes before instructions, between them and what is asked, and up to the answer."""
    before, _, rest = template([("system", _MARKS[0]), ("user", _MARKS[1])]).partition(_MARKS[0])
    between, _, after = rest.partition(_MARKS[1])
    return Markup(before), Markup(between), Markup(after)


def query_in(written: str) -> str:
    """The text in an object that `GRAMMAR` admits; "" for one that was cut off."""
    beginning, end = '{"query": "', '"}'
    written = written.strip()
    if not (written.startswith(beginning) and written.endswith(end)):
        return ""
    return " ".join(written[len(beginning) : -len(end)].split())


def shortened(text: str, most: int = PASSAGE_CHARACTERS) -> str:
    """A passage on one line, of at most so many characters, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rpartition(" ")[0] or line[:most]


def _label(kind: QueryKind, language: str, other: str) -> str:
    label = kind.label.get(language, kind.label["en"])
    return label.format(other=data.LANGUAGES.get(other, other))


def _demonstration(kind: QueryKind, passage: str, language: str, other: str) -> str:
    if kind.crosses_languages:
        return data.kinds()[kind.queries_of].queries[passage].get(other, "") if other else ""
    queries = kind.queries[passage]
    return queries.get(language, queries["en"])


def _content_words(text: str, language: str) -> tuple[str, ...]:
    """Words of a passage that are not in every text; as written."""
    words = [token.text for token in tokens(text)]
    marks = telling(words, (language,))
    return tuple(sorted({word for word, mark in zip(words, marks, strict=True) if mark and len(word) > 3}))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
