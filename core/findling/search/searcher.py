"""Runs a query against one library or several: ask both legs at once, pool what all of them bring up, fuse
once, group by document, fold what is nearly the same, cut snippets.

What comes of one library alone is fused relative to its own best and means nothing beside another's. So it
is the candidates that are put together, with scores that compare: cosines do where one model embedded the
query and all passages, and are brought to one scale where it did not (`to_one_scale`). BM25 scores are taken
as they are. Each table weighs words by its own counts, so that a word which is rare in one library and common
in another counts for more in the one; libraries that differ little in size and subject are weighed alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from findling.errors import UserError
from findling.search.conditions import Conditions
from findling.search.fusion import Balance, strong_match, to_one_scale, weighed
from findling.search.hits import Answer, Mode
from findling.search.language import parse, verbatim
from findling.search.naming import named
from findling.search.presenting import Scored, hits_of
from findling.search.rerank import RERANK_DEPTH, reranked
from findling.search.words import Asked, asked_by
from findling.store import Documents, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from findling.embedding import Chance
    from findling.jobs import CancelToken
    from findling.search.hits import Hit
    from findling.search.naming import Named
    from findling.search.query import Query
    from findling.store import Candidate, FileRow, StoreReader

    Vector = NDArray[np.float32]
    EmbedQuery = Callable[[str], Vector]
    #: Texts as passages are embedded, to float32 (N, dim) of length 1.
    EmbedTexts = Callable[[Sequence[str], CancelToken | None], NDArray[np.float32]]
    Step = Callable[["Pool"], None]
    #: Takes a step with each of some pools, and returns those with which it went well.
    Each = Callable[[Step, Sequence["Pool"]], list["Pool"]]
    #: Scores, float32 (N,), of a second look at a query and passages.
    Rerank = Callable[[str, Sequence[str]], NDArray[np.float32]]

#: Passages that each leg brings up for one wanted hit: a document has several, and fusion needs depth.
_DEPTH = 5
_LEAST_CANDIDATES = 100
#: Documents that are looked up for one wanted hit: some are folded, some are about to appear.
_SPARE = 3
#: Reads of the two tables, at most, until they agree. Each further one needs a commit during the one before.
_READS = 5
#: Files that are brought up by their name, before the best of them are taken.
_MOST_NAMED = 200
_MOST_BEGINNINGS = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of libraries: the best `limit` documents for `query`, in the query language unless
    `literal`, with an end that may still grow while `typing`.

    `illustrate` looks for the sentence of each hit that is nearest in meaning. `fold` lets one document stand
    for others that are the same but for details. `bare` wants the ranking alone: hits without what stands in
    them. `rerank` takes a second look at the best; a library puts its own here where one is chosen in the
    settings, unless `once`.
    """

    query: str
    mode: Mode = Mode.HYBRID
    limit: int = 10
    cancel: CancelToken | None = None
    literal: bool = False
    typing: bool = False
    illustrate: bool = False
    fold: bool = True
    bare: bool = False
    rerank: Rerank | None = None
    once: bool = False
    #: In place of a query: what shall be found is near to this, float32 (dim,), and is none of these.
    like: Vector | None = None
    without: frozenset[str] = frozenset()

    @property
    def blank(self) -> bool:
        """Whether nothing is asked for."""
        return self.limit < 1 or (self.like is None and not self.query.strip())

    def parsed(self) -> Query:
        """Raises `QueryMistake`."""
        return verbatim(self.query) if self.literal else parse(self.query, typing=self.typing)


class Searcher:
    """Searches the library named `library`. `embed_query` gives float32 (dim,) of length 1, `embed_texts` is
    needed to illustrate hits.

    To be searched beside others it needs the `fingerprint` of its embedder, and its `chance` where the
    others have another one.
    """

    def __init__(
        self,
        store: StoreReader,
        embed_query: EmbedQuery,
        library: str = "",
        fingerprint: str = "",
        chance: Callable[[], Chance] | None = None,
        balance: Balance | None = None,
        embed_texts: EmbedTexts | None = None,
    ) -> None:
        self.store = store
        self.embed_query = embed_query
        self.embed_texts = embed_texts
        self.library = library
        self.fingerprint = fingerprint
        self.chance = chance
        self.balance = balance or Balance()

    def search(
        self,
        query: str,
        mode: Mode = Mode.HYBRID,
        limit: int = 10,
        cancel: CancelToken | None = None,
    ) -> list[Hit]:
        """The best `limit` documents, best first, each by its best passage.

        A blank query has no hits. Raises `QueryMistake`, and `Cancelled` as soon as `cancel` says so.
        """
        return self.answer(Question(query, mode, limit, cancel)).hits

    def answer(self, question: Question) -> Answer:
        """Hits, and what may be amiss. Raises as `search`."""
        if question.blank:
            return Answer()
        query = question.parsed()
        return answer_of([Pool(self, question, query)], question, query)

    def ranking(self, question: Question) -> tuple[list[Candidate], list[float], Vector | None]:
        """All passages that both legs bring up, best first, their scores, and the query's vector. Neither are
        they grouped by document, nor are those of documents left out that are about to appear. Raises as
        `search`."""
        pool = Pool(self, question, question.parsed())
        pool.read()
        ranked = _ranked([pool], question)
        return [one.candidate for one in ranked], [one.score for one in ranked], pool.vector


class Pool:
    """What one library has to say to a question: passages that may be hits, and their files."""

    def __init__(self, searcher: Searcher, question: Question, query: Query) -> None:
        self.library = searcher.library
        self.searcher = searcher
        self.balance = searcher.balance
        self.candidates: list[Candidate] = []
        self.files: dict[str, list[FileRow]] = {}
        #: Whether the tables changed between passages and files, so that both have to be read again.
        self.torn = False
        #: Of its embedder, once it was asked to `measure`.
        self.chance: Chance | None = None
        self.asked = Asked()
        self.languages: tuple[str, ...] = ()
        self.named: dict[str, Named] = {}
        self.passages = 0
        #: Words and filters that nothing here satisfies, as they were typed.
        self.unmet: list[str] = []
        self.vector: Vector | None = None
        self._question = question
        self._query = query
        self._version = 0

    @property
    def scale(self) -> tuple[str, bytes]:
        """Equal for pools whose cosines compare: the same query vector, passages of the same embedder."""
        return self.searcher.fingerprint, b"" if self.vector is None else self.vector.tobytes()

    def read(self) -> None:
        """Ask the store for candidates. Raises `Cancelled`, and what embedding the query raises."""
        question, query, store = self._question, self._query, self.searcher.store
        if question.cancel is not None:
            question.cancel.check()
        if self.vector is None and question.mode is not Mode.KEYWORD:
            if question.like is not None:
                self.vector = question.like
            elif query.meaning:
                self.vector = self.searcher.embed_query(query.meaning)
        self._version = store.files_version()
        conditions = Conditions(store, question.cancel)
        within = conditions.satisfying(query.required)
        if question.without:
            within &= ~Documents(question.without)
        self.unmet = [query.source[leaf.start : leaf.end] for leaf in conditions.unmet]
        self.passages = store.count_passages()
        self.languages = store.languages()
        self.asked = asked_by(query.words, self.languages, store.words_from)
        words = Words() if question.mode is Mode.SEMANTIC else self.asked.words
        if not words and self.vector is None:
            self.candidates = self._listed(within)
            return
        depth = max(_LEAST_CANDIDATES, _DEPTH * question.limit)
        self.candidates = store.candidates(words, self.vector, depth, within, question.cancel)
        if question.mode is not Mode.SEMANTIC:
            self._look_at_names(within)

    def _listed(self, within: Documents) -> list[Candidate]:
        """What filters alone ask for: all that they let in, the newest first."""
        store = self.searcher.store
        if self._query.required is None:
            return []
        newest = store.newest(within, self._question.limit * _SPARE)
        place = {document: number for number, document in enumerate(newest, 1)}
        found = store.beginnings(newest, None)
        return [replace(each, words=1 / place[each.passage.document_id]) for each in found]

    def _look_at_names(self, within: Documents) -> None:
        """Raise what is found under a telling name, and bring up what is found by its name alone."""
        files = self.searcher.store.files_named(self.asked.fragments, _MOST_NAMED)
        let_in = [file for file in files if file.document_id in within]
        self.named = named(let_in, self.asked.fragments)
        there = {candidate.passage.document_id for candidate in self.candidates}
        best = sorted(self.named.values(), key=lambda each: (-each.share, each.document_id))
        missing = [each.document_id for each in best[:_MOST_BEGINNINGS] if each.document_id not in there]
        found = self.searcher.store.beginnings(missing, self.vector)
        strong = strong_match(self.asked.count, self.passages)
        self.candidates = [
            replace(each, words=each.words + strong * self.named[document].share ** 2)
            if (document := each.passage.document_id) in self.named
            else each
            for each in (*self.candidates, *found)
        ]

    def measure(self) -> None:
        """Find out the chance level of the embedder: some passages are embedded the first time."""
        self.chance = self.searcher.chance() if self.searcher.chance else None

    def look_up(self, documents: Sequence[str]) -> None:
        """Read the files of these documents, whichever library brought them up.

        The indexer writes a document's passages, then its file's row, then removes what that row named
        before. A search that read the passages before the first step and the files after the second finds
        neither the old document nor the new: it is `torn`.
        """
        self.files = self.searcher.store.files_of(documents)
        own = {candidate.passage.document_id for candidate in self.candidates}
        missing = any(document in own and document not in self.files for document in documents)
        self.torn = missing and self.searcher.store.files_version() != self._version


def answer_of(pools: Sequence[Pool], question: Question, query: Query, each: Each | None = None) -> Answer:
    """The best documents of all pools together, best first, each by its best passage; with the same content
    in two libraries a document is one hit of the better one.

    `each` may take its steps at once, and leave out pools with which they fail; else what they raise is
    raised.
    """
    each = each or _one_by_one
    pools = each(Pool.read, pools)
    reads = 1
    while True:
        if _of_several_scales(pools, question.mode):
            pools = each(Pool.measure, pools)
        ranked = _ranked(pools, question)
        wanted = list(dict.fromkeys(one.candidate.passage.document_id for one in ranked))
        wanted = wanted[: max(question.limit, RERANK_DEPTH if question.rerank else 0) * _SPARE]
        told = each(partial(Pool.look_up, documents=wanted), pools)
        torn = [pool for pool in told if pool.torn] if reads < _READS else []
        if not torn and len(told) == len(pools):
            notes = _notes(pools, query)
            if question.rerank is not None and query.meaning:
                ranked, problem = _looked_at_again(ranked, query.meaning, question.rerank)
                notes += problem
            return Answer(hits_of(ranked, pools, question), notes)
        reads += 1
        read = each(Pool.read, torn)
        pools = [pool for pool in told if pool not in torn or pool in read]


def _one_by_one(step: Step, pools: Sequence[Pool]) -> list[Pool]:
    for pool in pools:
        step(pool)
    return list(pools)


def _looked_at_again(
    ranked: list[Scored], query: str, rerank: Rerank
) -> tuple[list[Scored], tuple[str, ...]]:
    """Scored passages in the order after a second look at the best of each document, and why there was
    none."""
    best: dict[str, Scored] = {}
    for one in ranked:
        document = one.candidate.passage.document_id
        if document in one.pool.files:
            best.setdefault(document, one)
    bests = list(best.values())
    try:
        second = rerank(query, [one.candidate.passage.content for one in bests[:RERANK_DEPTH]])
    except UserError as error:
        return ranked, (f"Without a second look: {error.message}",)
    found = reranked(np.array([one.score for one in bests], np.float32), second)
    given: list[float | None] = [*second.tolist(), *[None] * (len(bests) - len(second))]
    order: list[int] = found.order.tolist()
    scores: list[float] = found.scores.tolist()
    again = [
        replace(bests[place], score=score, second=given[place])
        for place, score in zip(order, scores, strict=True)
    ]
    chosen = {id(one) for one in bests}
    return [*again, *(one for one in ranked if id(one) not in chosen)], ()


def _notes(pools: Sequence[Pool], query: Query) -> tuple[str, ...]:
    """What nothing satisfies in any library."""
    if not pools or query.required is None:
        return ()
    unmet = [typed for typed in pools[0].unmet if all(typed in pool.unmet for pool in pools)]
    return tuple(f"Nothing matches {typed}." for typed in dict.fromkeys(unmet))


def _of_several_scales(pools: Sequence[Pool], mode: Mode) -> bool:
    return mode is not Mode.KEYWORD and len({pool.scale for pool in pools if pool.candidates}) > 1


def _ranked(pools: Sequence[Pool], question: Question) -> list[Scored]:
    """All candidates with their scores on one scale, best first; equal scores by passage id."""
    candidates = [(candidate, pool) for pool in pools for candidate in pool.candidates]
    words = [np.array([each.words for each in pool.candidates], np.float32) for pool in pools]
    cosines = [np.array([each.meaning for each in pool.candidates], np.float32) for pool in pools]
    chances = [pool.chance for pool in pools if pool.chance is not None]
    balances = [pool.balance for pool in pools]
    if len(chances) == len(pools) and _of_several_scales(pools, question.mode):
        cosines = to_one_scale(cosines, chances)
        balances = [replace(pools[0].balance, weight=each.weight) for each in balances]
    elif pools:  # cosines of one embedder compare as they are
        weights = [max(1, pool.passages) for pool in pools]
        mean = float(np.average([each.mean for each in balances], weights=weights))
        spread = float(np.average([each.spread for each in balances], weights=weights))
        balances = [replace(each, mean=mean, spread=spread) for each in balances]
    passages = sum(pool.passages for pool in pools)
    asked = max((pool.asked.count for pool in pools), default=0.0)
    shares: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    for own_words, own_cosines, balance in zip(words, cosines, balances, strict=True):
        of_words, of_meaning = own_words, own_cosines
        if question.mode is Mode.HYBRID and asked and question.like is None:
            of_words, of_meaning = weighed(own_words, own_cosines, balance, asked, passages)
        shares.append((of_words, of_meaning))
    of_words = np.concatenate([np.empty(0, np.float32), *(share for share, _ in shares)])
    of_meaning = np.concatenate([np.empty(0, np.float32), *(share for _, share in shares)])
    by_meaning = question.mode is not Mode.KEYWORD and any(pool.vector is not None for pool in pools)
    if not by_meaning:
        of_meaning = np.zeros_like(of_meaning)
    word_ranks = _ranks(np.concatenate([np.empty(0, np.float32), *words]), found=0.0)
    least = -2.0 if by_meaning else 2.0  # no cosine is so low, or so high
    meaning_ranks = _ranks(np.concatenate([np.empty(0, np.float32), *cosines]), found=least)
    scored = [
        Scored(candidate, pool, *numbers)
        for (candidate, pool), *numbers in zip(
            candidates,
            (of_words + of_meaning).tolist(),
            of_words.tolist(),
            of_meaning.tolist(),
            word_ranks,
            meaning_ranks,
            strict=True,
        )
    ]
    return sorted(scored, key=lambda one: (-one.score, one.candidate.passage.passage_id))


def _ranks(scores: NDArray[np.float32], found: float) -> list[int]:
    """Place of each among all, from 1 on; 0 for those not above `found`."""
    places = np.empty(len(scores), np.int64)
    places[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return np.where(scores > found, places, 0).tolist()
