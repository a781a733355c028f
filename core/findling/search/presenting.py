"""Scored passages to hits: grouped by document, near-duplicates folded, snippets cut, reasons given."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from findling.documents import Anchor
from findling.resemblance import NEAR_DUPLICATE, resemblance
from findling.search.hits import Explanation, Found, Hit, Leg, Mode
from findling.search.snippet import Marker, Snippet, sentences, snippet_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from findling.search.searcher import Pool, Question
    from findling.store import Candidate, FileRow

#: Further passages of a document that a hit has.
_OTHERS = 3
#: The sentence that is nearest in meaning is marked where it is so many standard deviations above chance.
_LEAST_NEARNESS = 1.5


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate of a pool, its score, the shares of words and of meaning in it, and its rank by each."""

    candidate: Candidate
    pool: Pool
    score: float
    words: float
    meaning: float
    word_rank: int
    meaning_rank: int
    #: The reranker's score, of a passage that it looked at.
    second: float | None = None


@dataclass(slots=True)
class _Group:
    """A document's passages, best first, its files, and the paths of others that it stands for."""

    passages: list[Scored]
    files: list[FileRow]
    copies: list[str]
    similar: list[str] = field(default_factory=list[str])


def hits_of(ranked: Sequence[Scored], pools: Sequence[Pool], question: Question) -> list[Hit]:
    """The best documents among scored passages, which are in order."""
    groups = _groups(ranked, pools, question)
    markers = {id(pool): Marker(pool.asked, pool.languages) for pool in pools}
    nearest = _nearest(groups, question) if question.illustrate else {}
    hits: list[Hit] = []
    for group in groups:
        best, *others = group.passages
        pool = best.pool
        mark = _nothing if question.bare else markers[id(pool)].spans
        snippet = snippet_of(
            best.candidate.passage.text, mark, nearest.get(best.candidate.passage.passage_id, "")
        )
        found = [_found(one, snippet_of(one.candidate.passage.text, mark)) for one in others[:_OTHERS]]
        hits.append(_hit(group, best, snippet, tuple(found), question))
    return hits


def _nothing(_: str) -> list[tuple[int, int]]:
    return []


def _groups(ranked: Sequence[Scored], pools: Sequence[Pool], question: Question) -> list[_Group]:
    by_document: dict[str, _Group] = {}
    closed = False
    for one in ranked:
        document = one.candidate.passage.document_id
        if document in by_document:
            group = by_document[document]
            if group.passages and one.pool is group.passages[0].pool:
                group.passages.append(one)
            continue
        if closed or not (files := one.pool.files.get(document)):
            # A document without a file is one that the indexer is about to show, or has just replaced.
            continue
        copies = [file.path for pool in (one.pool, *pools) for file in pool.files.get(document, ())]
        group = _Group([one], files, [path for path in dict.fromkeys(copies) if path != files[0].path])
        first = _resembled(group, by_document.values()) if question.fold else None
        if first is not None:
            first.similar += [files[0].path, *group.copies]
            by_document[document] = _Group([], [], [])
            continue
        by_document[document] = group
        closed = sum(bool(group.passages) for group in by_document.values()) == question.limit
    return [group for group in by_document.values() if group.passages]


def _resembled(group: _Group, others: Iterable[_Group]) -> _Group | None:
    """The better document that this one is the same as, but for details."""
    for other in others:
        if other.files and resemblance(group.files[0].signature, other.files[0].signature) >= NEAR_DUPLICATE:
            return other
    return None


def _nearest(groups: Sequence[_Group], question: Question) -> dict[str, str]:
    """The sentence of each hit's passage that is nearest to the query, by passage id, where it is near."""
    nearest: dict[str, str] = {}
    for pool in {id(group.passages[0].pool): group.passages[0].pool for group in groups}.values():
        if pool.vector is None or pool.searcher.embed_texts is None:
            continue
        own = [group.passages[0].candidate.passage for group in groups if group.passages[0].pool is pool]
        parts = [(row.passage_id, sentence) for row in own for sentence in sentences(row.text)]
        embedded = pool.searcher.embed_texts([sentence for _, sentence in parts], question.cancel)
        cosines = embedded @ pool.vector
        least = pool.balance.mean + _LEAST_NEARNESS * pool.balance.spread
        best: dict[str, float] = {}
        for (passage_id, sentence), cosine in zip(parts, cosines.tolist(), strict=True):
            if cosine > best.get(passage_id, least):
                best[passage_id] = cosine
                nearest[passage_id] = sentence
    return nearest


def _found(one: Scored, snippet: Snippet) -> Found:
    passage = one.candidate.passage
    return Found(
        passage_id=passage.passage_id,
        score=one.score,
        snippet=snippet.text,
        highlights=snippet.words,
        meaning_highlights=snippet.meaning,
        anchor=Anchor.from_json(json.loads(passage.anchor)),
        start=passage.start,
        end=passage.end,
    )


def _hit(group: _Group, best: Scored, snippet: Snippet, others: tuple[Found, ...], question: Question) -> Hit:
    passage, file = best.candidate.passage, group.files[0]
    return Hit(
        path=file.path,
        title=file.title,
        score=min(1.0, max(0.0, best.score)) if question.mode is Mode.HYBRID else best.score,
        snippet=snippet.text,
        highlights=snippet.words,
        anchor=Anchor.from_json(json.loads(passage.anchor)),
        passage_id=passage.passage_id,
        document_id=passage.document_id,
        kind=file.kind,
        record=file.record,
        start=passage.start,
        end=passage.end,
        copies=tuple(group.copies),
        library=best.pool.library,
        meaning_highlights=snippet.meaning,
        others=others,
        similar=tuple(group.similar),
        explanation=_explanation(best, snippet),
        modified_ns=file.mtime_ns,
    )


def _explanation(best: Scored, snippet: Snippet) -> Explanation:
    names = best.pool.named.get(best.candidate.passage.document_id)
    return Explanation(
        words=Leg(best.candidate.words, best.word_rank, best.words),
        meaning=Leg(best.candidate.meaning, best.meaning_rank, best.meaning),
        meaning_weight=best.pool.balance.weight,
        matched=snippet.matched,
        reranker=best.second,
        name=names.words if names else (),
    )
