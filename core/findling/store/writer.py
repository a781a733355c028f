"""The one writer of a library's tables. Whoever opens it holds the library's lock."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from findling.analysis import ANALYSIS_VERSION, analysed
from findling.errors import LibraryDamaged
from findling.store import rows as shapes
from findling.store.indexes import ensure_indexes
from findling.store.place import place_of, store_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from findling.store.place import StorePlace
    from findling.store.rows import ArrowSchema, ArrowTable, FileRow, PassageRow

#: Readers hold a version for the length of a query; older ones than this are pruned. Zero broke queries
#: of other processes, 60 s broke none.
_KEEP_VERSIONS = timedelta(seconds=60)
#: Optimising rewrites the table, so it waits until that is worth it. Rows that the indexes of words do not
#: have are searched by splitting their terms anew with every query, 8 ms for a thousand, and with phrases
#: their text, 36 ms.
_MAX_UNINDEXED_SHARE = 0.1
_MAX_UNINDEXED_ROWS = 2_000
_MAX_FRAGMENTS = 20
#: A large table has more fragments before it is rewritten: one for so many rows, and at most so many.
_ROWS_A_FRAGMENT = 2_000
_MOST_FRAGMENTS = 100
#: While much is being added, a table is rewritten each time it has grown by half: no more is written in all
#: than three times what is kept. Until it has this many rows more, it is not.
_BULK_UNINDEXED_ROWS = 4_000
_BULK_UNINDEXED_SHARE = 0.5
#: Versions that no reader holds any more, before it is worth a visit to prune them.
_MAX_STALE_VERSIONS = 20
#: From here on all vectors together take longer to look at than an index that finds 99 of 100; see
#: tests/bench/RESULTS.md. Its partitions are laid out anew when the table has grown by this factor.
_VECTOR_INDEX_ROWS = 30_000
_VECTOR_INDEX_GROWTH = 4
#: Followed by the number of rows that its partitions were laid out for.
_VECTOR_INDEX = "vector_of_"
#: Passages whose terms are made anew at a time.
_UPGRADE_ROWS = 1024
#: Values in one filter expression.
_FILTER_VALUES = 500


class StoreWriter:
    """Adds, replaces and removes rows of `files` and of one generation's passages.

    `dim` is the length of the generation's vectors, `fingerprint` that of the embedder that makes them: a
    table of another one is refused, and one of a newer Findling. Every method is one commit or none.
    """

    def __init__(self, place: StorePlace | Path, generation: int, dim: int, fingerprint: str = "") -> None:
        self._dim = dim
        self._place = place_of(place)
        self._database = database = self._place.connect(make=True)
        self._files = _opened(database, shapes.FILES_TABLE, shapes.files_schema())
        self._vocabulary = _opened(database, shapes.VOCABULARY_TABLE, shapes.vocabulary_schema())
        #: What the vocabulary has, once that was read: it is asked for with every batch.
        self._known_words: Any = None
        schema = shapes.passages_schema(dim, fingerprint)
        self._passages = _opened(database, shapes.passages_table(generation), schema)
        stored = self._passages.schema
        shapes.refuse_newer(stored, place)
        stored_dim = stored.field("vector").type.list_size
        other = shapes.fingerprint_in(stored) not in ("", fingerprint)
        if stored_dim != dim or other:
            what = "vectors of another model" if other else f"vectors of {stored_dim} dimensions, not {dim}"
            raise LibraryDamaged(f"The index in {place} has {what}.", "Index the folder into a new library.")
        self._fingerprint = fingerprint
        if len(self._files.schema) < len(shapes.files_schema()):
            self._files.add(shapes.files_to_arrow(self.files()), mode="overwrite")
        if not self.outdated:
            ensure_indexes(self._passages)

    @property
    def outdated(self) -> bool:
        """Whether the passages were written by an older version: `upgrade` comes before anything is added."""
        return shapes.analysis_in(self._passages.schema) != ANALYSIS_VERSION

    def upgrade(self, language_of: Callable[[str], str], done: Callable[[int, int], None]) -> None:
        """Make the terms of all passages anew, in one commit; their vectors stay as they are.

        `language_of` tells the language of a text whose language is not known yet. `done` is told how many
        passages of how many are done; what it raises stops the work, and all is as before.
        """
        import pyarrow as pa

        total = self.count_passages()
        columns = [*shapes.columns_of(shapes.PassageRow, self._passages.schema), "vector"]
        reader = self._passages.search().select(columns).to_batches(_UPGRADE_ROWS)
        languages: dict[str, str] = {}
        vocabulary: Counter[tuple[str, str]] = Counter()
        stopped: list[BaseException] = []

        def upgraded() -> Iterator[Any]:
            seen = 0
            for batch in reader:
                table = pa.Table.from_batches([batch])
                rows = shapes.passages_from_arrow(table)
                for number, row in enumerate(rows):
                    if not row.language:
                        if row.document_id not in languages:
                            languages[row.document_id] = language_of(row.text)
                        rows[number] = replace(row, language=languages[row.document_id])
                terms = _terms_of(rows, vocabulary)
                vectors = shapes.vectors_from_arrow(table, self._dim)
                yield from shapes.passages_to_arrow(rows, terms, vectors).to_batches()
                seen += len(rows)
                try:
                    done(seen, total)
                except BaseException as error:
                    stopped.append(error)
                    raise
            # Before the commit: whoever is killed here does it again.
            self._note_words(vocabulary)
            self._note_languages(languages)

        async def write() -> None:
            database = await self._place.connect_async()
            schema = shapes.passages_schema(self._dim, self._fingerprint)
            data = pa.RecordBatchReader.from_batches(schema, upgraded())
            await database.create_table(self._passages.name, data=data, mode="overwrite")

        try:
            # In a loop of its own: LanceDB's is needed to read meanwhile.
            asyncio.run(write())
        except Exception:
            if stopped:  # told by the store in words of its own
                raise stopped[0] from None
            raise
        self._passages = self._database.open_table(self._passages.name)
        ensure_indexes(self._passages)

    def _note_languages(self, languages: Mapping[str, str]) -> None:
        """Add to files the languages of their documents, where they are not known yet."""
        unknown = [row for row in self.files() if not row.language and languages.get(row.document_id)]
        self.put_files([replace(row, language=languages[row.document_id]) for row in unknown])

    def files(self) -> list[FileRow]:
        """All rows of `files`."""
        return shapes.files_from_arrow(self._files.to_arrow())

    def put_files(self, rows: Sequence[FileRow]) -> None:
        """Insert rows, or replace those of the same path."""
        if rows:
            merge = self._files.merge_insert("path").when_matched_update_all()
            merge.when_not_matched_insert_all().execute(shapes.files_to_arrow(rows))

    def remove_files(self, paths: Collection[str]) -> None:
        """Forget paths."""
        for part in _parts(paths):
            self._files.delete(shapes.one_of("path", part))

    def rename_files(self, paths: Mapping[str, str]) -> None:
        """Give files other paths, by those that they have; the new ones must be as unique as the old."""
        renamed = [replace(row, path=paths.get(row.path, row.path)) for row in self.files()]
        self._files.add(shapes.files_to_arrow(renamed), mode="overwrite")

    def recount_files(self) -> None:
        """Let every file's row say how many passages its document has here: in a generation that is cut
        otherwise these are others."""
        counts = {row["values"]: row["counts"] for row in self._documents().value_counts().to_pylist()}
        self.put_files(
            [
                replace(row, passages=counts[row.document_id])
                for row in self.files()
                if counts.get(row.document_id, row.passages) != row.passages
            ]
        )

    def document_ids(self) -> set[str]:
        """The documents that have passages."""
        return set(self._documents().unique().to_pylist())

    def _documents(self) -> Any:
        """The column of document ids, one a passage."""
        return self._passages.search().select(["document_id"]).to_arrow().column("document_id")

    def passage_ids(self, document_ids: Collection[str]) -> dict[str, str]:
        """Text key by passage id, of these documents."""
        known: dict[str, str] = {}
        for part in _parts(document_ids):
            query = self._passages.search().where(shapes.one_of("document_id", part))
            for row in query.select(["passage_id", "text_key"]).to_arrow().to_pylist():
                known[row["passage_id"]] = row["text_key"]
        return known

    def passages_of(self, document_ids: Collection[str]) -> list[PassageRow]:
        """All passages of these documents, in reading order, document by document."""
        found: list[PassageRow] = []
        columns = shapes.columns_of(shapes.PassageRow, self._passages.schema)
        for part in _parts(document_ids):
            query = self._passages.search().where(shapes.one_of("document_id", part))
            found += shapes.passages_from_arrow(query.select(columns).to_arrow())
        return sorted(found, key=lambda row: (row.document_id, row.start, row.end))

    def vectors_of(self, text_keys: Collection[str]) -> dict[str, NDArray[np.float32]]:
        """Known vectors, float32 (dim,), by text key; keys without one are absent."""
        known: dict[str, NDArray[np.float32]] = {}
        for part in _parts(text_keys):
            query = self._passages.search().where(shapes.one_of("text_key", part))
            table = query.select(["text_key", "vector"]).to_arrow()
            vectors = shapes.vectors_from_arrow(table, self._dim)
            known.update(zip(table.column("text_key").to_pylist(), vectors, strict=True))
        return known

    def add_passages(self, rows: Sequence[PassageRow], vectors: NDArray[np.float32]) -> None:
        """Append passages with their vectors, float32 (len(rows), dim)."""
        if rows:
            vocabulary: Counter[tuple[str, str]] = Counter()
            terms = _terms_of(rows, vocabulary)
            self._passages.add(shapes.passages_to_arrow(rows, terms, vectors))
            self._note_words(vocabulary)

    def _note_words(self, vocabulary: Counter[tuple[str, str]]) -> None:
        """Add the words to the vocabulary that are not in it yet."""
        import pyarrow as pa
        import pyarrow.compute as pc

        words, terms = zip(*vocabulary, strict=True) if vocabulary else ((), ())
        columns = (pa.array(words, pa.string()), pa.array(terms, pa.string()), list(vocabulary.values()))
        met = pa.table(columns, schema=shapes.vocabulary_schema())
        if self._known_words is None:
            self._known_words = _joined(self._vocabulary.search().select(["word", "term"]).to_arrow())
        new = met.filter(pc.invert(pc.is_in(_joined(met), value_set=self._known_words)))
        if new.num_rows:
            self._vocabulary.add(new)
            self._known_words = pa.concat_arrays([self._known_words, _joined(new)])

    def remove_passages(self, passage_ids: Collection[str]) -> None:
        """Delete passages by id."""
        for part in _parts(passage_ids):
            self._passages.delete(shapes.one_of("passage_id", part))

    def remove_documents(self, document_ids: Collection[str]) -> None:
        """Delete all passages of these documents."""
        for part in _parts(document_ids):
            self._passages.delete(shapes.one_of("document_id", part))

    def count_passages(self) -> int:
        """Rows of the generation's table."""
        return int(self._passages.count_rows())

    def optimize(self, *, force: bool = False) -> None:
        """Bring the indexes up to date, join small fragments and prune old versions, if it pays. Vectors get
        an index when they are many."""
        if force or self._lags() or self._is_fragmented(self._passages):
            self._optimize_passages()
        for table in (self._files, self._vocabulary):
            if force or self._is_fragmented(table):
                table.optimize(cleanup_older_than=_KEEP_VERSIONS)

    def optimize_in_bulk(self) -> None:
        """The same between two batches of many: as seldom as keeps searches bearable meanwhile."""
        unindexed, rows = self._unindexed()
        if unindexed > max(_BULK_UNINDEXED_ROWS, _BULK_UNINDEXED_SHARE * (rows - unindexed)):
            self._optimize_passages()
            for table in (self._files, self._vocabulary):
                table.optimize(cleanup_older_than=_KEEP_VERSIONS)

    def prune(self) -> None:
        """Remove versions that no reader holds any more, where there are many; for times of rest."""
        stale = datetime.now() - _KEEP_VERSIONS  # noqa: DTZ005 — LanceDB gives local times without a zone
        for table in (self._passages, self._files, self._vocabulary):
            versions = table.list_versions()
            if sum(version["timestamp"] < stale for version in versions) > _MAX_STALE_VERSIONS:
                table.optimize(cleanup_older_than=_KEEP_VERSIONS)

    def remove_debris(self) -> None:
        """Delete files that no version of a table names: of a writer that was killed. Nobody else may be
        writing, on another machine neither."""
        for table in (self._passages, self._files, self._vocabulary):
            table.optimize(cleanup_older_than=_KEEP_VERSIONS, delete_unverified=True)

    def _optimize_passages(self) -> None:
        self._passages.optimize(cleanup_older_than=_KEEP_VERSIONS)
        self._ensure_vector_index()

    def _ensure_vector_index(self) -> None:
        """RaBitQ codes (Gao and Long 2024, arXiv 2405.12497): a bit a dimension, made in seconds, and exact
        after a second look at the best of them."""
        from lancedb.index import IvfRq

        rows = self.count_passages()
        there = [index.name for index in self._passages.list_indices() if "vector" in index.columns]
        laid_out_for = max((int(name.removeprefix(_VECTOR_INDEX)) for name in there), default=0)
        if rows < max(_VECTOR_INDEX_ROWS, _VECTOR_INDEX_GROWTH * laid_out_for):
            return
        name = f"{_VECTOR_INDEX}{rows}"
        self._passages.create_index("vector", config=IvfRq(distance_type="dot"), name=name)
        for older in there:
            self._passages.drop_index(older)

    def _lags(self) -> bool:
        """Whether the indexes lack so many rows that searches take longer."""
        unindexed, rows = self._unindexed()
        return unindexed > min(_MAX_UNINDEXED_ROWS, _MAX_UNINDEXED_SHARE * rows)

    def _unindexed(self) -> tuple[int, int]:
        """Rows that an index does not have yet, and all rows."""
        return unindexed_rows(self._passages), self.count_passages()

    def _is_fragmented(self, table: Any) -> bool:
        stats = table.stats()
        most = min(_MOST_FRAGMENTS, max(_MAX_FRAGMENTS, stats["num_rows"] // _ROWS_A_FRAGMENT))
        return stats["fragment_stats"]["num_fragments"] > most


def _terms_of(rows: Sequence[PassageRow], vocabulary: Counter[tuple[str, str]]) -> list[str]:
    """The terms of each passage; `vocabulary` counts the passages that its words are in."""
    found: list[str] = []
    for row in rows:
        terms, entries = analysed(row.content, row.language)
        found.append(terms)
        vocabulary.update(entries)
    return found


def _joined(vocabulary: ArrowTable) -> Any:
    """Words with their terms, as one column."""
    import pyarrow.compute as pc

    columns = (vocabulary.column(name).combine_chunks() for name in ("word", "term"))
    return pc.binary_join_element_wise(*columns, "\t")


def unindexed_rows(table: Any) -> int:
    """Rows of a table that the index which lacks most of them does not have yet."""
    states = (table.index_stats(index.name) for index in table.list_indices())
    return max((state.num_unindexed_rows for state in states), default=0)


def drop_generation(place: StorePlace | Path, generation: int) -> None:
    """Delete a generation's table if it is there, also one that cannot be read. Only under the library's
    lock. Raises `StoreUnreachable`."""
    where = place_of(place)
    database = where.connect()
    with store_errors(where):
        database.drop_table(shapes.passages_table(generation), ignore_missing=True)


def drop_tables(place: StorePlace) -> None:
    """Delete all tables of a library, that of files last: whoever is stopped can do it again. What else lies
    there is left. Only under the library's lock. Raises `StoreUnreachable`."""
    names = place.table_names()
    database = place.connect()
    with store_errors(place):
        for name in sorted(names, key=lambda name: name == shapes.FILES_TABLE):
            database.drop_table(name, ignore_missing=True)


def table_directories(directory: Path, generations: Collection[int]) -> list[Path]:
    """Where the tables of these generations are kept, that of files first; only those that are there."""
    names = (shapes.FILES_TABLE, shapes.VOCABULARY_TABLE, *map(shapes.passages_table, generations))
    places = [directory / f"{name}.lance" for name in names]
    return [place for place in places if place.is_dir()]


def _opened(database: Any, name: str, schema: ArrowSchema) -> Any:
    """The table of that name, made if it is not there."""
    try:
        return database.open_table(name)
    except ValueError:
        return database.create_table(name, schema=schema)


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _FILTER_VALUES):
        yield ordered[start : start + _FILTER_VALUES]
