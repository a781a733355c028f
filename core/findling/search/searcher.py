"""Runs a query against a library: embed, ask both legs at once, fuse, group by document, cut snippets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from findling.documents import Anchor
from findling.search.fusion import fuse
from findling.search.hits import Hit, Mode
from findling.search.snippet import snippet_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from findling.jobs import CancelToken
    from findling.store import Candidate, FileRow, StoreReader

    EmbedQuery = Callable[[str], NDArray[np.float32]]

#: Passages that each leg brings up for one wanted hit: a document has several, and fusion needs depth.
_DEPTH = 5
_LEAST_CANDIDATES = 100
#: Reads of the two tables, at most, until they agree. Each further one needs a commit during the one before.
_READS = 5


class Searcher:
    """Searches one library. `embed_query` gives float32 (dim,) of length 1."""

    def __init__(self, store: StoreReader, embed_query: EmbedQuery) -> None:
        self._store = store
        self._embed_query = embed_query

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
        if not query.strip() or limit < 1:
            return []
        if cancel is not None:
            cancel.check()
        vector = None if mode is Mode.KEYWORD else self._embed_query(query)
        words = "" if mode is Mode.SEMANTIC else query
        depth = max(_LEAST_CANDIDATES, _DEPTH * limit)
        best, files = self._read(words, vector, depth, limit * 2, mode, cancel)
        hits: list[Hit] = []
        for document_id, (score, candidate) in best.items():
            # A document without a file is one that the indexer is about to show, or has just replaced.
            if len(hits) < limit and (paths := files.get(document_id)):
                hits.append(_hit(score, candidate, paths, query))
        return hits

    def _read(
        self,
        words: str,
        vector: NDArray[np.float32] | None,
        depth: int,
        limit: int,
        mode: Mode,
        cancel: CancelToken | None,
    ) -> tuple[dict[str, tuple[float, Candidate]], dict[str, list[FileRow]]]:
        """Documents by their best passage, best first, and the files of the first `limit`.

        The indexer writes a document's passages, then its file's row, then removes what that row named
        before. A search that read the passages before the first step and the files after the second finds
        neither the old document nor the new: it reads both again.
        """
        reads = 0
        while True:
            reads += 1
            version = self._store.files_version()
            candidates = self._store.candidates(words, vector, depth, cancel)
            best = _best_by_document(candidates, _scores(candidates, mode))
            wanted = list(best)[:limit]
            files = self._store.files_of(wanted)
            if len(files) == len(wanted) or reads == _READS or self._store.files_version() == version:
                return best, files


def _scores(candidates: list[Candidate], mode: Mode) -> NDArray[np.float32]:
    words = np.array([candidate.words for candidate in candidates], np.float32)  # (N,)
    meaning = np.array([candidate.meaning for candidate in candidates], np.float32)  # (N,)
    if mode is Mode.KEYWORD:
        return words
    return meaning if mode is Mode.SEMANTIC else fuse(meaning, words)


def _best_by_document(
    candidates: list[Candidate], scores: NDArray[np.float32]
) -> dict[str, tuple[float, Candidate]]:
    """Documents by their best passage's score, best first; equal scores by passage id."""
    ranked = sorted(
        zip(scores.tolist(), candidates, strict=True),
        key=lambda pair: (-pair[0], pair[1].passage.passage_id),
    )
    best: dict[str, tuple[float, Candidate]] = {}
    for score, candidate in ranked:
        best.setdefault(candidate.passage.document_id, (score, candidate))
    return best


def _hit(score: float, candidate: Candidate, files: list[FileRow], query: str) -> Hit:
    passage = candidate.passage
    first, *others = files
    snippet, highlights = snippet_of(passage.text, query)
    return Hit(
        path=first.path,
        title=first.title,
        score=score,
        snippet=snippet,
        highlights=highlights,
        anchor=Anchor.from_json(json.loads(passage.anchor)),
        passage_id=passage.passage_id,
        document_id=passage.document_id,
        kind=first.kind,
        record=first.record,
        start=passage.start,
        end=passage.end,
        copies=tuple(file.path for file in others),
    )
