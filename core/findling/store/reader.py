"""Reads a library's tables while another process may be writing to them.

LanceDB's asynchronous interface is used because there a dropped query really stops; its event loop runs in
a thread of the reader's own, and callers see plain functions.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from findling.errors import Cancelled, LibraryNotFound
from findling.store import rows as shapes
from findling.store.place import place_of, store_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from findling.jobs import CancelToken
    from findling.store.place import StorePlace
    from findling.store.rows import ArrowTable, FileRow, PassageRow

_PASSAGE_COLUMNS = list(shapes.PassageRow.__dataclass_fields__)
_T = TypeVar("_T")
#: Passages without an index of words that a query may take along, 36 ms for a thousand.
_MAX_UNINDEXED_ROWS = 5_000
#: Partitions of the vector index that are looked into: with fewer, questions, which lie elsewhere than
#: passages, lose some of the nearest. Of each wanted passage so many candidates are compared exactly.
_PROBES = 128
_REFINE_FACTOR = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that a leg brought up. `words` is its BM25 score, 0 where it was not found by words;
    `meaning` its exact cosine to the query, whichever leg found it, 0 in a search by words alone."""

    passage: PassageRow
    words: float
    meaning: float


class StoreReader:
    """The tables of one generation, always read at their newest version. Thread-safe.

    Opening them, and every method, raises `StoreUnreachable` for an object store that cannot be reached.
    """

    def __init__(self, place: StorePlace | Path, generation: int) -> None:
        self._place = place_of(place)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="store", daemon=True)
        self._thread.start()
        try:
            self._files, self._passages = self._wait(self._open(generation))
        except BaseException:
            self.close()
            raise
        schema = self._wait(self._passages.schema())
        self.dim: int = schema.field("vector").type.list_size
        #: Of the embedder whose vectors these are; "" where that was not written.
        self.fingerprint = shapes.fingerprint_in(schema)

    async def _open(self, generation: int) -> tuple[Any, Any]:
        database = await self._place.connect_async()
        try:
            with store_errors(self._place):
                files = await database.open_table(shapes.FILES_TABLE)
                passages = await database.open_table(shapes.passages_table(generation))
        except (ValueError, OSError, RuntimeError) as error:
            raise LibraryNotFound(
                f"There is no index in {self._place}.", "Add a folder: findling index FOLDER."
            ) from error
        return files, passages

    def close(self) -> None:
        """End the reader's thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        if not self._loop.is_closed():
            self._loop.close()

    def candidates(
        self,
        words: str,
        vector: NDArray[np.float32] | None,
        limit: int,
        cancel: CancelToken | None = None,
    ) -> list[Candidate]:
        """The `limit` best passages by BM25 on `words` (none when it is blank) and the `limit` nearest to
        `vector` (none when it is None), both legs at once; a passage found by both comes once.

        `vector` is float32 (dim,) of length 1. Raises `Cancelled` at once when `cancel` says so.
        """
        return self._wait(self._candidates(words, vector, limit), cancel)

    def files_of(self, document_ids: Collection[str]) -> dict[str, list[FileRow]]:
        """The files with these documents as their content, by document id, each list by path."""
        if not document_ids:
            return {}
        found: dict[str, list[FileRow]] = {}
        for row in self._files_where(shapes.one_of("document_id", document_ids)):
            found.setdefault(row.document_id, []).append(row)
        return found

    def files_version(self) -> int:
        """Version of the files' table: while it stays the same, no document has appeared or gone."""
        return self._wait(self._version())

    def files(self) -> list[FileRow]:
        """All files, by path."""
        return self._files_where(None)

    def file_counts(self) -> dict[str, int]:
        """Number of files by state; states without files are absent."""
        table = self._wait(self._scan(self._files, None, ["state"]))
        return {row["values"]: row["counts"] for row in table.column("state").value_counts().to_pylist()}

    def passages_of(self, document_id: str) -> list[PassageRow]:
        """A document's passages in reading order."""
        where = shapes.one_of("document_id", [document_id])
        table = self._wait(self._scan(self._passages, where, _PASSAGE_COLUMNS))
        return sorted(shapes.passages_from_arrow(table), key=lambda row: (row.start, row.end))

    def count_passages(self) -> int:
        """Number of passages."""
        return int(self._wait(self._count()))

    def _files_where(self, where: str | None) -> list[FileRow]:
        columns = list(shapes.FileRow.__dataclass_fields__)
        table = self._wait(self._scan(self._files, where, columns))
        return sorted(shapes.files_from_arrow(table), key=lambda row: row.path)

    async def _candidates(
        self, words: str, vector: NDArray[np.float32] | None, limit: int
    ) -> list[Candidate]:
        from lancedb.query import MatchQuery

        await self._passages.checkout_latest()
        indexed_alone = bool(words.strip()) and await self._has_long_tail()

        def by_words(query: Any) -> Any:
            # Always a MatchQuery with its column: a plain string would have its quotes interpreted.
            leg = query.nearest_to_text(MatchQuery(words, column="content"))
            if indexed_alone:
                leg = leg.fast_search()
            vectors = [] if vector is None else ["vector"]
            return leg.limit(limit).select([*_PASSAGE_COLUMNS, *vectors, "_score"])

        def by_meaning(query: Any) -> Any:
            # Probes and refinement are for an index; without one every vector is looked at.
            leg = query.nearest_to(vector).distance_type("dot")  # of unit vectors: 1 - cosine
            leg = leg.nprobes(_PROBES).refine_factor(_REFINE_FACTOR)
            return leg.limit(limit).select([*_PASSAGE_COLUMNS, "_distance"])

        legs = [by_words] if words.strip() else []
        if vector is not None:
            legs.append(by_meaning)
        found: dict[str, Candidate] = {}
        for table in await asyncio.gather(*(self._run(self._passages, leg) for leg in legs)):
            count = table.num_rows
            if "_distance" in table.column_names:
                scores = [0.0] * count
                cosines = [1.0 - distance for distance in table.column("_distance").to_pylist()]
            else:
                scores = table.column("_score").to_pylist()
                cosines = (
                    [0.0] * count
                    if vector is None
                    else (shapes.vectors_from_arrow(table, self.dim) @ vector).tolist()
                )
            for row, score, cosine in zip(shapes.passages_from_arrow(table), scores, cosines, strict=True):
                found.setdefault(row.passage_id, Candidate(row, score, cosine))
        return list(found.values())

    async def _has_long_tail(self) -> bool:
        """Whether so many passages are not in the index of words yet that it alone has to do: of the others
        the text is split anew with every query. The indexer sees to it that this is so only in mid-run."""
        for index in await self._passages.list_indices():
            if "content" in index.columns:
                state = await self._passages.index_stats(index.name)
                return state.num_unindexed_rows > _MAX_UNINDEXED_ROWS
        return False

    async def _scan(self, table: Any, where: str | None, columns: list[str]) -> ArrowTable:
        def build(query: Any) -> Any:
            chosen = query.select(columns)
            return chosen.where(where) if where else chosen

        return await self._read(table, build)

    async def _read(self, table: Any, build: Callable[[Any], Any]) -> ArrowTable:
        """Run a query on the newest version."""
        await table.checkout_latest()
        return await self._run(table, build)

    async def _run(self, table: Any, build: Callable[[Any], Any]) -> ArrowTable:
        """Run a query; once more, on the newest version, if the writer pruned this one under the query."""
        try:
            return await build(table.query()).to_arrow()
        except (RuntimeError, OSError):
            await table.checkout_latest()
            return await build(table.query()).to_arrow()

    async def _version(self) -> int:
        await self._files.checkout_latest()
        return int(await self._files.version())

    async def _count(self) -> int:
        await self._passages.checkout_latest()
        return int(await self._passages.count_rows())

    def _wait(self, work: Coroutine[Any, Any, _T], cancel: CancelToken | None = None) -> _T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        if cancel is not None:
            cancel.on_cancel(future.cancel)
        try:
            with store_errors(self._place):
                return future.result()
        except concurrent.futures.CancelledError:
            raise Cancelled from None
