"""Runs a query against one library or several: embed, ask both legs at once, pool what all of them bring up,
fuse once, group by document, cut snippets.

What comes of one library alone is fused relative to its own best and means nothing beside another's. So it
is the candidates that are put together, with scores that compare: cosines do where one model embedded the
query and all passages, and are brought to one scale where it did not (`to_one_scale`). BM25 scores are taken
as they are. Each table weighs words by its own counts, so that a word which is rare in one library and common
in another counts for more in the one; libraries that differ little in size and subject are weighed alike.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from findling.documents import Anchor
from findling.search.fusion import fuse, to_one_scale
from findling.search.hits import Hit, Mode
from findling.search.snippet import snippet_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from findling.embedding import Chance
    from findling.jobs import CancelToken
    from findling.store import Candidate, FileRow, StoreReader

    EmbedQuery = Callable[[str], NDArray[np.float32]]
    Step = Callable[["Pool"], None]
    #: Takes a step with each of some pools, and returns those with which it went well.
    Each = Callable[[Step, Sequence["Pool"]], list["Pool"]]
    #: The best passage, and its score, of a document in a pool.
    Best = dict[tuple[str, "Pool"], tuple[float, Candidate]]

#: Passages that each leg brings up for one wanted hit: a document has several, and fusion needs depth.
_DEPTH = 5
_LEAST_CANDIDATES = 100
#: Reads of the two tables, at most, until they agree. Each further one needs a commit during the one before.
_READS = 5


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of libraries: the best `limit` documents for `query`."""

    query: str
    mode: Mode = Mode.HYBRID
    limit: int = 10
    cancel: CancelToken | None = None

    @property
    def blank(self) -> bool:
        """Whether nothing is asked for."""
        return not self.query.strip() or self.limit < 1


class Searcher:
    """Searches the library named `library`. `embed_query` gives float32 (dim,) of length 1.

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
    ) -> None:
        self.store = store
        self.embed_query = embed_query
        self.library = library
        self.fingerprint = fingerprint
        self.chance = chance

    def search(
        self,
        query: str,
        mode: Mode = Mode.HYBRID,
        limit: int = 10,
        cancel: CancelToken | None = None,
    ) -> list[Hit]:
        """The best `limit` documents, best first, each by its best passage.

        A blank query has no hits. Raises `Cancelled` as soon as `cancel` says so.
        """
        question = Question(query, mode, limit, cancel)
        return best_hits([Pool(self, question)], question)


class Pool:
    """What one library has to say to a question: passages that may be hits, and their files."""

    def __init__(self, searcher: Searcher, question: Question) -> None:
        self.library = searcher.library
        self.candidates: list[Candidate] = []
        self.files: dict[str, list[FileRow]] = {}
        #: Whether the tables changed between passages and files, so that both have to be read again.
        self.torn = False
        #: Of its embedder, once it was asked to `measure`.
        self.chance: Chance | None = None
        self._searcher = searcher
        self._question = question
        self._vector: NDArray[np.float32] | None = None
        self._version = 0

    @property
    def scale(self) -> tuple[str, bytes]:
        """Equal for pools whose cosines compare: the same query vector, passages of the same embedder."""
        return self._searcher.fingerprint, b"" if self._vector is None else self._vector.tobytes()

    def read(self) -> None:
        """Ask the store for candidates. Raises `Cancelled`, and what embedding the query raises."""
        question = self._question
        if question.cancel is not None:
            question.cancel.check()
        if question.mode is not Mode.KEYWORD and self._vector is None:
            self._vector = self._searcher.embed_query(question.query)
        words = "" if question.mode is Mode.SEMANTIC else question.query
        depth = max(_LEAST_CANDIDATES, _DEPTH * question.limit)
        self._version = self._searcher.store.files_version()
        self.candidates = self._searcher.store.candidates(words, self._vector, depth, question.cancel)

    def measure(self) -> None:
        """Find out the chance level of the embedder: some passages are embedded the first time."""
        self.chance = self._searcher.chance() if self._searcher.chance else None

    def look_up(self, documents: Sequence[str]) -> None:
        """Read the files of these documents, whichever library brought them up.

        The indexer writes a document's passages, then its file's row, then removes what that row named
        before. A search that read the passages before the first step and the files after the second finds
        neither the old document nor the new: it is `torn`.
        """
        self.files = self._searcher.store.files_of(documents)
        own = {candidate.passage.document_id for candidate in self.candidates}
        missing = any(document in own and document not in self.files for document in documents)
        self.torn = missing and self._searcher.store.files_version() != self._version


def best_hits(pools: Sequence[Pool], question: Question, each: Each | None = None) -> list[Hit]:
    """The best documents of all pools together, best first, each by its best passage; with the same content
    in two libraries a document is one hit of the better one. A blank query has none.

    `each` may take its steps at once, and leave out pools with which they fail; else what they raise is
    raised.
    """
    if question.blank:
        return []
    each = each or _one_by_one
    pools = each(Pool.read, pools)
    reads = 1
    while True:
        if _of_several_scales(pools, question.mode):
            pools = each(Pool.measure, pools)
        best = _best_by_document(pools, question.mode)
        wanted = list(dict.fromkeys(document for document, _ in best))[: question.limit * 2]
        told = each(partial(Pool.look_up, documents=wanted), pools)
        torn = [pool for pool in told if pool.torn] if reads < _READS else []
        if not torn and len(told) == len(pools):
            return _hits(best, pools, question)
        reads += 1
        read = each(Pool.read, torn)
        pools = [pool for pool in told if pool not in torn or pool in read]


def _one_by_one(step: Step, pools: Sequence[Pool]) -> list[Pool]:
    for pool in pools:
        step(pool)
    return list(pools)


def _of_several_scales(pools: Sequence[Pool], mode: Mode) -> bool:
    return mode is not Mode.KEYWORD and len({pool.scale for pool in pools if pool.candidates}) > 1


def _scores(pools: Sequence[Pool], mode: Mode) -> NDArray[np.float32]:
    """Scores of all candidates, pool after pool, on one scale."""
    candidates = [candidate for pool in pools for candidate in pool.candidates]
    words = np.array([candidate.words for candidate in candidates], np.float32)  # (N,)
    if mode is Mode.KEYWORD:
        return words
    cosines = [np.array([candidate.meaning for candidate in p.candidates], np.float32) for p in pools]
    chances = [pool.chance for pool in pools if pool.chance is not None]
    if len(chances) == len(pools) and _of_several_scales(pools, mode):
        cosines = to_one_scale(cosines, chances)
    meaning = np.concatenate([np.empty(0, np.float32), *cosines])  # (N,)
    return meaning if mode is Mode.SEMANTIC else fuse(meaning, words)


def _best_by_document(pools: Sequence[Pool], mode: Mode) -> Best:
    """Documents of each pool by their best passage's score, best first; equal scores by passage id."""
    candidates = [(candidate, pool) for pool in pools for candidate in pool.candidates]
    ranked = sorted(
        zip(_scores(pools, mode).tolist(), candidates, strict=True),
        key=lambda pair: (-pair[0], pair[1][0].passage.passage_id),
    )
    best: Best = {}
    for score, (candidate, pool) in ranked:
        best.setdefault((candidate.passage.document_id, pool), (score, candidate))
    return best


def _hits(best: Best, pools: Sequence[Pool], question: Question) -> list[Hit]:
    hits: dict[str, Hit] = {}
    for (document_id, pool), (score, candidate) in best.items():
        if len(hits) == question.limit:
            break
        # A document without a file is one that the indexer is about to show, or has just replaced.
        if document_id in hits or not (files := pool.files.get(document_id)):
            continue
        paths = [file.path for file in files]
        for other in pools:
            paths += [file.path for file in other.files.get(document_id, ())]
        copies = tuple(path for path in dict.fromkeys(paths) if path != files[0].path)
        hits[document_id] = _hit(score, candidate, files[0], copies, pool.library, question.query)
    return list(hits.values())


def _hit(
    score: float, candidate: Candidate, file: FileRow, copies: tuple[str, ...], library: str, query: str
) -> Hit:
    passage = candidate.passage
    snippet, highlights = snippet_of(passage.text, query)
    return Hit(
        path=file.path,
        title=file.title,
        score=score,
        snippet=snippet,
        highlights=highlights,
        anchor=Anchor.from_json(json.loads(passage.anchor)),
        passage_id=passage.passage_id,
        document_id=passage.document_id,
        kind=file.kind,
        record=file.record,
        start=passage.start,
        end=passage.end,
        copies=copies,
        library=library,
    )
