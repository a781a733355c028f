"""Pairs out of the documents themselves, without a generator.

A heading asks for its section, a title or a subject for what stands below it, a question for its answer, and
a sentence for the passage that it is taken from (the inverse cloze task: Lee, Chang and Toutanova 2019,
arXiv 1906.00300). What a query says is left out of its positive as far as it stands there as a title, a
heading or that sentence, so that there is more to learn than to find the same words.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING

from findling.analysis import fold, unspaced
from findling.documents import Anchor
from findling.synthesis.openings import asks_alone
from findling.synthesis.pair import Origin, Pair, Positive, Provenance, pair_id
from findling.synthesis.prose import (
    is_dialogue,
    is_query_of,
    telling_words,
    whole_sentences,
    without_label,
    word_count,
)
from findling.synthesis.titles import (
    bare_heading,
    heading_query,
    is_question,
    subject_query,
    title_key,
    title_query,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from findling.store import FileRow, PassageRow


class Source(StrEnum):
    """What of a document is the query; the `kind` of such a pair."""

    HEADING = "heading"
    TITLE = "title"
    SUBJECT = "subject"
    CLOZE = "cloze"
    FAQ = "faq"


ALL = frozenset(Source)
#: How many pairs of a kind a document gives at most.
MOST_OF_A_DOCUMENT = MappingProxyType(
    {Source.HEADING: 16, Source.TITLE: 1, Source.SUBJECT: 1, Source.CLOZE: 8, Source.FAQ: 16}
)
#: Files whose title is the subject of an e-mail. A question in one is not answered by what follows it.
MAIL_KINDS = frozenset({"eml", "mbox", "msg"})

_CONTEXT_MARK = " › "
#: A positive of fewer words answers nothing.
_LEAST_WORDS = 12
_LEAST_ANSWER_WORDS = 6
#: Telling words of a question.
_LEAST_ASKED = 2
#: What a title speaks of stands near the beginning.
_NEAR_TITLE = 3

_LABEL = r"(?:\d+(?:\.\d+)*[.)]?[^\S\n]+|\w{1,9}[.:)][^\S\n]*)"
_QUESTION_LINE = re.compile(
    r"^[^\S\n]*(?:[-*•–][^\S\n]+)?(?:\d+(?:\.\d+)*[.)]?[^\S\n]+)?"
    r"(?:(?:q|f|p|question|frage|pregunta)[^\S\n]*\d*[^\S\n]*[.:)–-]+[^\S\n]*)?"
    r"(?P<question>(?=[¿\w\"'“«„(])(?:(?![.!;:…]\s|[。！：])[^\n?？؟]){8,200}[?？؟])[\"'”»)*_]*",  # noqa: RUF001
    re.MULTILINE | re.IGNORECASE,
)
_ANSWER_LABEL = re.compile(
    r"^\s*(?:a|r|answer|antwort|réponse|respuesta)[^\S\n]*\d*[^\S\n]*[.:)–-]+\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A query, and what of a passage answers it: `text` is what an embedder is given, and stands at
    characters [start, end) of the passage's own text but for what was left out."""

    query: str
    passage: PassageRow
    text: str
    start: int
    end: int


def document_pairs(
    passages: Sequence[PassageRow],
    file: FileRow,
    choose: Random,
    *,
    kinds: Collection[Source | str] = ALL,
    recurring_titles: Collection[str] = frozenset(),
    most: Mapping[Source, int] = MOST_OF_A_DOCUMENT,
) -> Iterator[Pair]:
    """Pairs of one document, whose `passages` come in order; of a passage at most one of each kind.

    `recurring_titles` are what `titles.recurring` says of the titles, and perhaps the headings, of all
    documents; `most` says how many pairs of a kind a document gives. The same `choose` gives the same pairs,
    and those of a kind are the same whichever others are asked for. Raises ValueError for a kind that is none
    of `Source`.
    """
    wanted = {Source(kind) for kind in kinds}
    recurring = frozenset(recurring_titles)
    mail = file.kind in MAIL_KINDS
    for source in Source:
        chance = Random(choose.getrandbits(64))  # noqa: S311 - nothing is secret here
        if source not in wanted:
            continue
        match source:
            case Source.HEADING:
                found = _headings(passages, file, chance, recurring)
            case Source.TITLE:
                query = "" if mail else title_query(file.title, file.path, recurring)
                found = _titled(passages, file, chance, query)
            case Source.SUBJECT:
                found = _titled(passages, file, chance, subject_query(file.title, recurring) if mail else "")
            case Source.CLOZE:
                found = (each for passage in passages for each in _cloze(passage, file, chance))
            case Source.FAQ:
                found = () if mail else (each for passage in passages for each in _faq(passage, file, chance))
        yield from _pairs(source, list(found), file, chance, most.get(source, len(passages)))


def _pairs(
    source: Source, found: Sequence[_Found], file: FileRow, chance: Random, most: int
) -> Iterator[Pair]:
    """A query that has several answers in the document asks for none of them."""
    counts = Counter(title_key(each.query) for each in found)
    found = [each for each in found if counts[title_key(each.query)] == 1]
    if len(found) > most:
        found = [found[place] for place in sorted(chance.sample(range(len(found)), most))]
    for each in found:
        passage = each.passage
        yield Pair(
            id=pair_id(Origin.DOCUMENT, source, passage.passage_id, each.query),
            query=each.query,
            positive=Positive(
                passage_id=passage.passage_id,
                document_id=passage.document_id,
                start=passage.start + each.start,
                end=passage.start + each.end,
                text=each.text,
            ),
            provenance=Provenance(Origin.DOCUMENT, source.value),
            language=passage.language or file.language,
        )


def _headings(
    passages: Sequence[PassageRow], file: FileRow, chance: Random, recurring: frozenset[str]
) -> Iterator[_Found]:
    """For each section a passage of it."""
    for headings, section in groupby(passages, _headings_of):
        if not headings or is_question(headings[-1]) or title_key(headings[-1]) == title_key(file.title):
            continue
        query = heading_query(headings, recurring, file.title, file.language)
        if not query:
            continue
        named = [query, headings[-1], *_alike(query, (*headings, file.title))]
        if bodies := [body for passage in section if (body := _without(passage, named))]:
            yield _whole(query, *chance.choice(bodies))


def _titled(passages: Sequence[PassageRow], file: FileRow, chance: Random, query: str) -> Iterator[_Found]:
    """One of the first passages that say something below the title."""
    bodies: list[tuple[PassageRow, str]] = []
    for passage in passages if query else ():
        if body := _without(passage, [file.title, query, *_alike(query, _headings_of(passage))]):
            bodies.append(body)
        if len(bodies) == _NEAR_TITLE:
            break
    if bodies:
        yield _whole(query, *chance.choice(bodies))


def _alike(query: str, titles: Sequence[str]) -> list[str]:
    """Those of `titles` that are in the query, as the heading above is in "Wing loading: Results", or have it
    in them, as a title has the first heading."""
    said = title_key(query)
    keys = ((title, title_key(bare_heading(title))) for title in titles)
    return [title for title, key in keys if key and (f" {key} " in f" {said} " or f" {said} " in f" {key} ")]


def _whole(query: str, passage: PassageRow, text: str) -> _Found:
    return _Found(query, passage, text, 0, passage.end - passage.start)


def _headings_of(passage: PassageRow) -> tuple[str, ...]:
    return Anchor.from_json(json.loads(passage.anchor or "{}")).headings


def _without(passage: PassageRow, named: Sequence[str]) -> tuple[PassageRow, str] | None:
    """The passage and its content without what is `named`; None where too little is left."""
    text = passage.text
    for phrase in dict.fromkeys(named):
        text = _cut_out(text, phrase)
    return (passage, _with_context(passage, text, named)) if word_count(text) >= _LEAST_WORDS else None


def _cut_out(text: str, phrase: str) -> str:
    """Without the lines that say the phrase and no more, and without it at the beginning."""
    words = re.findall(r"\w+", phrase)
    if not words:
        return text
    said = r"[\W_]+".join(map(re.escape, words))
    lines = rf"^[^\w\n]*{_LABEL}{{0,3}}{said}[^\w\n]*$\n*"
    text = re.sub(lines, "", text, flags=re.IGNORECASE | re.MULTILINE).strip()
    # "Bats" begins "Bats are mammals", and that is no title.
    end = r"\b" if len(words) > 4 else r"\s*(?:[.:!?。！？]|[-–—|]\s|\n)"
    return re.sub(rf"^[^\w\n]*{said}{end}[\s.:!?。！？–—|-]*", "", text, flags=re.IGNORECASE).strip()


def _with_context(passage: PassageRow, text: str, named: Sequence[str]) -> str:
    """`text` below the passage's context, of which what is `named` is left out."""
    context = passage.content[: passage.text_offset].strip()
    said = {title_key(part) for phrase in named for part in (phrase, *phrase.split(_CONTEXT_MARK))}
    parts = [part for part in context.split(_CONTEXT_MARK) if title_key(part) not in said]
    return "\n".join(filter(None, (_CONTEXT_MARK.join(parts), text)))


def _cloze(passage: PassageRow, file: FileRow, chance: Random) -> Iterator[_Found]:
    """A sentence that can be understood without its passage, and the rest."""
    text = passage.text
    language = passage.language or file.language
    spans = whole_sentences(text, language)
    found: list[_Found] = []
    for start, end in spans if len(spans) > 1 else ():
        sentence = without_label(" ".join(text[start:end].split()))
        before, after = text[:start].rstrip(), text[end:].lstrip()
        gap = text[len(before) : start] + text[end : len(text) - len(after)]
        rest = (before + ("\n\n" if "\n\n" in gap else "\n" if "\n" in gap else " ") + after).strip()
        content = _with_context(passage, rest, [sentence])
        if word_count(rest) < _LEAST_WORDS or _plain(sentence) in _plain(content):
            continue
        if is_query_of(sentence, content, language):
            found.append(_whole(sentence, passage, content))
    if found:
        yield chance.choice(found)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _faq(passage: PassageRow, file: FileRow, chance: Random) -> Iterator[_Found]:
    """A question at the beginning of a line, or the heading, and what follows it."""
    text = passage.text
    language = passage.language or file.language
    questions = [] if is_dialogue(text) else list(_QUESTION_LINE.finditer(text))
    found: list[_Found] = []
    starts = [*(question.start() for question in questions), len(text)]
    for question, end in zip(questions, starts[1:], strict=True):
        asked = " ".join(question["question"].split()).lstrip("\"'“«„(")
        found.extend(_answered(passage, asked, question.end(), end, language))
    headings = _headings_of(passage)
    heading = (
        heading_query(headings[-1:], language=language) if headings and is_question(headings[-1]) else ""
    )
    if heading and all(fold(heading) != fold(question["question"]) for question in questions):
        found.extend(_answered(passage, heading, 0, starts[0], language))
    if found:
        yield chance.choice(found)


def _answered(passage: PassageRow, question: str, start: int, end: int, language: str) -> Iterator[_Found]:
    """The question with its answer at [start, end) of the passage's text, if both say something."""
    question = without_label(question)
    says = unspaced(question) or len(telling_words(question, language)) >= _LEAST_ASKED
    if not says or not asks_alone(question, language):
        return
    text = passage.text
    if label := _ANSWER_LABEL.match(text[start:end]):
        start += label.end()
    answer = text[start:end].strip()
    if word_count(answer) < _LEAST_ANSWER_WORDS or is_question(answer):
        return
    content = _with_context(passage, answer, [question, *_headings_of(passage)[-1:]])
    if _plain(question) not in _plain(content):
        start = text.index(answer, start)
        yield _Found(question, passage, content, start, start + len(answer))
