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
from findling.store.looking_for import Documents, FileFilter, Words, matching
from findling.store.place import place_of, store_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from findling.jobs import CancelToken
    from findling.store.place import StorePlace
    from findling.store.rows import ArrowTable, FileRow, PassageRow

_T = TypeVar("_T")
#: Passages without an index of words that a query may take along, 8 ms for a thousand.
_MAX_UNINDEXED_ROWS = 20_000
#: Of all documents, those of a language that queries are stemmed in.
_LEAST_LANGUAGE_SHARE = 0.01
#: Words of the vocabulary that are looked at to find those which are the most frequent.
_MOST_WORDS = 5_000
#: Passages that are read at a time where all are read.
_MOST_ROWS = 4_096
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

    Opening them, and every method, raises `StoreUnreachable` for an object store that cannot be reached;
    opening them `LibraryTooNew` for tables of a newer Findling.
    """

    def __init__(self, place: StorePlace | Path, generation: int) -> None:
        self._place = place_of(place)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="store", daemon=True)
        self._thread.start()
        try:
            self._wait(self._open(generation))
        except BaseException:
            self.close()
            raise
        schema = self._schema
        self.dim: int = schema.field("vector").type.list_size
        self._languages: tuple[int, tuple[str, ...]] = (-1, ())
        #: Of the embedder whose vectors these are; "" where that was not written.
        self.fingerprint = shapes.fingerprint_in(schema)

    async def _open(self, generation: int) -> None:
        self._database = database = await self._place.connect_async()
        try:
            with store_errors(self._place):
                self._files = await database.open_table(shapes.FILES_TABLE)
                self._passages = await database.open_table(shapes.passages_table(generation))
        except (ValueError, OSError, RuntimeError) as error:
            raise LibraryNotFound(
                f"There is no index in {self._place}.", "Add a folder: findling index FOLDER."
            ) from error
        await self._read_schemas()

    async def _read_schemas(self) -> None:
        """What the tables hold: those that an older version wrote hold less, until the next run."""
        self._schema = await self._passages.schema()
        shapes.refuse_newer(self._schema, self._place)
        self._columns = shapes.columns_of(shapes.PassageRow, self._schema)
        self._file_schema = await self._files.schema()
        self._file_columns = shapes.columns_of(shapes.FileRow, self._file_schema)
        self._has_terms = "terms" in self._schema.names
        try:
            self._vocabulary = await self._database.open_table(shapes.VOCABULARY_TABLE)
        except (ValueError, OSError, RuntimeError):
            self._vocabulary = None

    def close(self) -> None:
        """End the reader's thread; queries under way are cancelled."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        if not self._loop.is_closed():
            self._loop.close()

    def candidates(
        self,
        words: Words,
        vector: NDArray[np.float32] | None,
        limit: int,
        within: Documents | None = None,
        cancel: CancelToken | None = None,
    ) -> list[Candidate]:
        """The `limit` best passages of documents `within` (None: of all) by BM25 on `words` and the `limit`
        nearest to `vector` (none when it is None), both legs at once; a passage found by both comes once.

        `vector` is float32 (dim,) of length 1. Raises `Cancelled` at once when `cancel` says so.
        """
        within = within or Documents.all()
        return [] if within.nothing else self._wait(self._candidates(words, vector, limit, within), cancel)

    def documents_with(self, words: Words, cancel: CancelToken | None = None) -> Documents:
        """The documents in which any of `words` stands."""
        return self._wait(self._documents_with(words), cancel)

    def documents_of(self, files: FileFilter, cancel: CancelToken | None = None) -> Documents:
        """The documents of the files that are let in."""
        condition = files.condition(older="folded_name" not in self._file_schema.names)
        rows = self._wait(self._scan(self._files, condition, ["document_id"]), cancel)
        return Documents(frozenset(rows.column("document_id").to_pylist()) - {""})

    def files_named(self, fragments: Collection[str], limit: int) -> list[FileRow]:
        """Indexed files, at most `limit`, with any of the fragments in their name; case and accents do not
        count. Records have none."""
        if not fragments or "folded_name" not in self._file_schema.names:
            return []
        where = f"document_id != '' AND record = '' AND ({matching(fragments)})"
        return self._files_where(where, limit)

    def values(self, column: str, limit: int) -> list[str]:
        """What indexed files have in a column of text, the most frequent first; blanks left out."""
        if column not in self._file_columns:
            return []
        counts = self._wait(self._count_values(column))
        return sorted(counts, key=lambda value: (-counts[value], value))[:limit]

    def newest(self, documents: Documents, limit: int) -> list[str]:
        """The documents of this set whose files were changed last, the latest first."""
        columns = ["document_id", "mtime_ns"]
        table = self._wait(self._scan(self._files, "document_id != ''", columns)).sort_by(
            [("mtime_ns", "descending"), ("document_id", "ascending")]
        )
        found = dict.fromkeys(d for d in table.column("document_id").to_pylist() if d in documents)
        return list(found)[:limit]

    def beginnings(
        self, document_ids: Collection[str], vector: NDArray[np.float32] | None
    ) -> list[Candidate]:
        """The first passage of each of these documents, with its cosine to `vector`, float32 (dim,)."""
        if not document_ids:
            return []
        where = shapes.one_of("document_id", document_ids)
        places = self._wait(self._scan(self._passages, where, ["document_id", "passage_id", "start"]))
        first: dict[str, tuple[int, str]] = {}
        for row in places.to_pylist():
            place = (row["start"], row["passage_id"])
            first[row["document_id"]] = min(place, first.get(row["document_id"], place))
        if not first:
            return []
        where = shapes.one_of("passage_id", (passage_id for _, passage_id in first.values()))
        table = self._wait(self._scan(self._passages, where, [*self._columns, "vector"]))
        cosines = [0.0] * table.num_rows
        if vector is not None:
            cosines = (shapes.vectors_from_arrow(table, self.dim) @ vector).tolist()
        rows = shapes.passages_from_arrow(table)
        return [Candidate(row, 0.0, cosine) for row, cosine in zip(rows, cosines, strict=True)]

    def vectors_of(self, where: Mapping[str, str], limit: int) -> NDArray[np.float32]:
        """Vectors, float32 (N, dim), of at most `limit` passages whose columns have these values."""
        condition = " AND ".join(f"{column} = {shapes.quoted(value)}" for column, value in where.items())
        table = self._wait(self._scan(self._passages, condition, ["vector"], limit))
        return shapes.vectors_from_arrow(table, self.dim)

    def sample(self, limit: int) -> tuple[list[PassageRow], NDArray[np.float32]]:
        """At most `limit` passages, spread evenly over all, and their vectors, float32 (N, dim)."""
        ids = self._wait(self._scan(self._passages, None, ["passage_id"])).column("passage_id").to_pylist()
        step = max(1, -(-len(ids) // limit))
        where = shapes.one_of("passage_id", sorted(ids)[::step]) if ids else None
        table = self._wait(self._scan(self._passages, where, [*self._columns, "vector"]))
        return shapes.passages_from_arrow(table), shapes.vectors_from_arrow(table, self.dim)

    def every_vector(self) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
        """The vectors of all passages, float32 (N, dim), and the documents that these are of; some thousands
        at a time, all of one version."""
        import pyarrow as pa

        batches = self._wait(self._batches(["document_id", "vector"]))
        while (batch := self._wait(_following(batches))) is not None:
            table = pa.Table.from_batches([batch])
            ids: list[str] = table.column("document_id").to_pylist()
            yield ids, shapes.vectors_from_arrow(table, self.dim)

    def texts_of(self, document_ids: Collection[str]) -> dict[str, list[str]]:
        """What the passages of these documents hold, with its context and in reading order, by document."""
        if not document_ids:
            return {}
        where = shapes.one_of("document_id", document_ids)
        table = self._wait(self._scan(self._passages, where, ["document_id", "start", "content"]))
        found: dict[str, list[str]] = {}
        for row in sorted(table.to_pylist(), key=lambda row: row["start"]):
            found.setdefault(row["document_id"], []).append(row["content"])
        return found

    def words_from(self, beginning: str, limit: int) -> list[tuple[str, str]]:
        """The words, and the terms that they are found by, that begin so; the most frequent first."""
        if self._vocabulary is None:
            return []
        where = f"starts_with(word, {shapes.quoted(beginning)})"
        rows = self._wait(self._scan(self._vocabulary, where, None, _MOST_WORDS)).to_pylist()
        ranked = sorted(rows, key=lambda row: (-row["count"], row["word"]))
        return [(row["word"], row["term"]) for row in ranked[:limit]]

    def languages(self) -> tuple[str, ...]:
        """The languages of the documents, the most frequent first; without those of nearly none: short texts
        are taken for this and that."""
        version = self.files_version()
        if self._languages[0] != version:
            self._languages = (version, self._wait(self._count_languages()))
        return self._languages[1]

    def files_of(self, document_ids: Collection[str]) -> dict[str, list[FileRow]]:
        """The files with these documents as their content, by document id, each list by path."""
        found: dict[str, list[FileRow]] = {}
        for row in self.files_among(document_id=document_ids):
            found.setdefault(row.document_id, []).append(row)
        return found

    def files_among(self, **values: Collection[str]) -> list[FileRow]:
        """The files of which any of these columns has one of its values, by path; a blank is none."""
        known = {column: {*each} - {""} for column, each in values.items()}
        where = " OR ".join(shapes.one_of(column, sorted(each)) for column, each in known.items() if each)
        return self._files_where(where) if where else []

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
        table = self._wait(self._scan(self._passages, where, self._columns))
        return sorted(shapes.passages_from_arrow(table), key=lambda row: (row.start, row.end))

    def count_passages(self) -> int:
        """Number of passages."""
        return int(self._wait(self._count()))

    def _files_where(self, where: str | None, limit: int | None = None) -> list[FileRow]:
        table = self._wait(self._scan(self._files, where, self._file_columns, limit))
        return sorted(shapes.files_from_arrow(table), key=lambda row: row.path)

    async def _candidates(
        self, words: Words, vector: NDArray[np.float32] | None, limit: int, within: Documents
    ) -> list[Candidate]:
        await self._passages.checkout_latest()
        indexed_alone = bool(words) and await self._has_long_tail()

        def by_words(query: Any) -> Any:
            leg = query.nearest_to_text(self._any_of(words))
            if indexed_alone:
                leg = leg.fast_search()
            vectors = [] if vector is None else ["vector"]
            return self._let_in(leg, within).limit(limit).select([*self._columns, *vectors, "_score"])

        def by_meaning(query: Any) -> Any:
            # Probes and refinement are for an index; without one every vector is looked at.
            leg = query.nearest_to(vector).distance_type("dot")  # of unit vectors: 1 - cosine
            leg = leg.nprobes(_PROBES).refine_factor(_REFINE_FACTOR)
            return self._let_in(leg, within).limit(limit).select([*self._columns, "_distance"])

        legs = [by_words] if words else []
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

    async def _documents_with(self, words: Words) -> Documents:
        if not words:
            return Documents()
        await self._passages.checkout_latest()
        limit = max(1, int(await self._passages.count_rows()))

        def leg(query: Any) -> Any:
            return query.nearest_to_text(self._any_of(words)).limit(limit).select(["document_id", "_score"])

        found = await self._run(self._passages, leg)
        return Documents(frozenset(found.column("document_id").to_pylist()))

    def _any_of(self, words: Words) -> Any:
        """In LanceDB's terms. Always queries with their column: a plain string has its quotes interpreted,
        and is looked for in every column."""
        from lancedb.query import BooleanQuery, FullTextOperator, MatchQuery, Occur, PhraseQuery

        if not self._has_terms:  # written by an older version, whose one index knows no places
            every = [MatchQuery(text, "content", operator=FullTextOperator.AND) for text in words.phrases]
            some = " ".join((*words.terms, *words.unspaced))
            parts = [*every, MatchQuery(some, "content")] if some else every
        else:
            parts = [PhraseQuery(phrase, "content") for phrase in words.phrases]
            parts += [MatchQuery(" ".join(words.terms), "terms")] if words.terms else []
            parts += [MatchQuery(" ".join(words.unspaced), "content")] if words.unspaced else []
            if words.exact:
                parts.append(MatchQuery(" ".join(words.exact), "content", boost=words.exact_boost))
        return parts[0] if len(parts) == 1 else BooleanQuery([(Occur.SHOULD, part) for part in parts])

    def _let_in(self, leg: Any, within: Documents) -> Any:
        return leg if within.everything else leg.where(within.condition())

    async def _has_long_tail(self) -> bool:
        """Whether so many passages are not in the index of words yet that it alone has to do: of the others
        the terms are split anew with every query. The indexer sees to it that this is so only in mid-run."""
        column = "terms" if self._has_terms else "content"
        for index in await self._passages.list_indices():
            if column in index.columns:
                state = await self._passages.index_stats(index.name)
                return state.num_unindexed_rows > _MAX_UNINDEXED_ROWS
        return False

    async def _count_languages(self) -> tuple[str, ...]:
        if "language" not in self._file_columns:
            return ()
        counts = await self._count_values("language")
        least = _LEAST_LANGUAGE_SHARE * sum(counts.values())
        ranked = sorted(counts, key=lambda language: (-counts[language], language))
        return tuple(language for language in ranked if counts[language] >= least)

    async def _count_values(self, column: str) -> dict[str, int]:
        where = f"document_id != '' AND {column} != ''"
        table = await self._scan(self._files, where, [column])
        return {row["values"]: row["counts"] for row in table.column(column).value_counts().to_pylist()}

    async def _scan(
        self, table: Any, where: str | None, columns: list[str] | None, limit: int | None = None
    ) -> ArrowTable:
        def build(query: Any) -> Any:
            chosen = query if columns is None else query.select(columns)
            chosen = chosen.where(where) if where else chosen
            return chosen if limit is None else chosen.limit(limit)

        await table.checkout_latest()
        return await self._run(table, build)

    async def _batches(self, columns: list[str]) -> Any:
        await self._passages.checkout_latest()
        return await self._passages.query().select(columns).to_batches(max_batch_length=_MOST_ROWS)

    async def _run(self, table: Any, build: Callable[[Any], Any]) -> ArrowTable:
        """Run a query; once more, on the newest version, if the writer pruned this one under the query."""
        try:
            return await build(table.query()).to_arrow()
        except (RuntimeError, OSError):
            await table.checkout_latest()
            return await build(table.query()).to_arrow()

    async def _version(self) -> int:
        await self._files.checkout_latest()
        if not self._has_terms:  # perhaps there are by now
            await self._passages.checkout_latest()
            await self._read_schemas()
        return int(await self._files.version())

    async def _count(self) -> int:
        await self._passages.checkout_latest()
        return int(await self._passages.count_rows())

    def _wait(self, work: Coroutine[Any, Any, _T], cancel: CancelToken | None = None) -> _T:
        if cancel is not None and cancel.cancelled:
            work.close()
            raise Cancelled
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        if cancel is not None:
            cancel.on_cancel(future.cancel)
        try:
            with store_errors(self._place):
                return future.result()
        except concurrent.futures.CancelledError:
            raise Cancelled from None


async def _following(batches: Any) -> Any:
    """The next batch; None after the last one."""
    return await anext(batches, None)


async def _cancel_others() -> None:
    """Cancel all other tasks of this loop, and wait for their end: none may outlive it."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
