"""Looks for damage in the tables of one generation, and takes out what is damaged.

Memory: ids are read a column at a time and kept as numbers; vectors go by in batches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.errors import one_line
from findling.settings import tree_bytes
from findling.store import rows as shapes
from findling.store.indexes import missing_indexes
from findling.store.place import place_of, store_errors
from findling.store.writer import StoreWriter, unindexed_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from findling.store.place import StorePlace
    from findling.store.rows import ArrowTable

    Mask = NDArray[np.bool_]

#: Vectors are made of length 1; float32 keeps it to 1e-6.
_LENGTH_TOLERANCE = 1e-3
#: Rows of the same text have copies of one vector, or one embedded in another batch.
_SAME_TEXT_TOLERANCE = 1e-3
#: Numbers kept of a vector to compare it with others: projections keep distances to within a factor of two.
_SKETCH = 16
_BATCH_ROWS = 4096
_FILTER_VALUES = 1000
_EXAMPLES = 5
_TABLE = re.compile(r"^passages_(\d+)$")


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of damage, how much there is of it, and a few of the things it was found in."""

    kind: str
    count: int
    examples: tuple[str, ...] = ()
    repaired: bool = False
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """A generation to be looked at. `complete`: it must hold every indexed document; one that is being
    built, or that was replaced, need not, and is filled up by whoever goes on with it."""

    number: int
    dim: int
    fingerprint: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Figures:
    """The state of a generation's tables; none of it is damage. Sizes in bytes."""

    passages: int = 0
    versions: int = 0
    fragments: int = 0
    unindexed_rows: int = 0
    disk_bytes: int = 0
    unneeded_bytes: int = 0


@dataclass(slots=True)
class Findings:
    """What `inspect` found; the other fields are what `repair` goes by, row ids of the version it saw.

    `damaged` holds the rows to be taken out by document, `paths` the paths of those documents that are not
    whole (any more, without these rows) and have to be read again.
    """

    problems: list[Problem] = field(default_factory=list[Problem])
    figures: Figures = field(default_factory=Figures)
    readable: bool = True
    surplus: list[int] = field(default_factory=list[int])
    surplus_files: list[int] = field(default_factory=list[int])
    damaged: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    paths: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


def inspect(place: StorePlace | Path, generation: Checked, seen: Callable[[int, int], None]) -> Findings:
    """Look at `files` and at a generation's passages, as they are now. `seen` is told how many passages of
    how many were looked at; what it raises stops the work. Raises `StoreUnreachable`."""
    where = place_of(place)
    found = Findings()
    database = where.connect()
    missing: list[str] = []
    tables: list[Any] = []
    try:
        for name in (shapes.FILES_TABLE, shapes.passages_table(generation.number)):
            try:
                with store_errors(where):
                    tables.append(database.open_table(name))
            except ValueError:  # "was not found"
                missing.append(name)
        if missing:
            found.readable = False
            found.problems.append(_problem("missing_table", missing, generation))
            return found
        with store_errors(where):
            found.figures = figures(where, generation.number)
            _Inspection(found, generation, *tables).run(seen)
    except (RuntimeError, OSError) as error:  # a torn or missing file of a table
        found.readable = False
        found.problems.append(_problem("unreadable_table", [one_line(error)], generation))
    return found


def figures(place: StorePlace | Path, number: int) -> Figures:
    """The state of a generation's tables; sizes are 0 for those of an object store. Raises ValueError,
    RuntimeError, OSError, `StoreUnreachable`."""
    where = place_of(place)
    table = where.connect().open_table(shapes.passages_table(number))
    stats = table.stats()
    return Figures(
        passages=stats["num_rows"],
        versions=len(table.list_versions()),
        fragments=stats["fragment_stats"]["num_fragments"],
        unindexed_rows=unindexed_rows(table),
        **_sizes(where.directory, number, stats["total_bytes"]),
    )


def _sizes(directory: Path | None, number: int, needed: int) -> dict[str, int]:
    """The sizes among the figures, of files: none without a directory."""
    if directory is None:
        return {}
    passages = directory / f"{shapes.passages_table(number)}.lance"
    kept = tree_bytes(passages / "data") + tree_bytes(passages / "_indices")
    return {
        "disk_bytes": tree_bytes(passages) + tree_bytes(directory / f"{shapes.FILES_TABLE}.lance"),
        "unneeded_bytes": max(0, kept - needed),
    }


def repair(
    place: StorePlace | Path, generation: Checked, found: Findings, may_read_again: Callable[[str], bool]
) -> list[str]:
    """Take out what `inspect` found in this very state, and bring the indexes up to date.

    A document that has to be read again loses its rows in `files`, so that the next run does so and takes
    over the passages that are good; it is left as it is where `may_read_again` denies it for one of its
    paths. Orphans are left to the next run too, which takes over those that belong to a file after all.
    Returns the paths to be read again. Only under the library's lock.
    """
    # Makes a table or an index that is missing.
    writer = StoreWriter(place, generation.number, generation.dim, generation.fingerprint)
    kept = {
        document_id
        for document_id, paths in found.paths.items()
        if generation.complete and not all(map(may_read_again, paths))
    }
    again = {document_id: paths for document_id, paths in found.paths.items() if document_id not in kept}
    marked = sorted(path for paths in again.values() for path in paths) if generation.complete else []
    # First the rows that show a document, then its passages: a reader never sees half of one.
    writer.remove_files(marked)
    if not generation.complete:
        writer.remove_documents(again.keys())
    database = place_of(place).connect()
    files = database.open_table(shapes.FILES_TABLE)
    passages = database.open_table(shapes.passages_table(generation.number))
    _delete(files, found.surplus_files)
    damaged = [row for document_id, rows in found.damaged.items() if document_id not in kept for row in rows]
    _delete(passages, [*found.surplus, *damaged])
    # Of its own handles: those of the writer above do not know of what others have deleted.
    StoreWriter(place, generation.number, generation.dim, generation.fingerprint).remove_debris()
    return marked


def make(place: StorePlace | Path, generation: Checked) -> None:
    """Make the tables that are missing, empty. Only under the library's lock."""
    StoreWriter(place, generation.number, generation.dim, generation.fingerprint)


def stored_generations(place: StorePlace | Path) -> list[int]:
    """Numbers of the generations that have a table, whether it can be read or not. Raises
    `StoreUnreachable`."""
    found = (_TABLE.match(name) for name in place_of(place).table_names())
    return sorted(int(name[1]) for name in found if name)


@dataclass(frozen=True, slots=True)
class Told:
    """What the tables say of their library: the fingerprint of a generation's embedder ("" where that was
    not written), the number of its documents, and by path the id of a record of a collection ("": a file)."""

    fingerprint: str
    documents: int
    records: dict[str, str]


def told(place: StorePlace | Path, number: int) -> Told:
    """Read what a library consisted of off its tables. Raises ValueError, RuntimeError, OSError."""
    database = place_of(place).connect()
    passages = database.open_table(shapes.passages_table(number))
    documents = _scan(passages, "document_id").to_arrow()["document_id"].unique()
    files = _scan(database.open_table(shapes.FILES_TABLE), "path", "record").to_arrow()
    records = dict(zip(files["path"].to_pylist(), files["record"].to_pylist(), strict=True))
    return Told(shapes.fingerprint_in(passages.schema), len(documents), records)


class _Inspection:
    """One look at a pair of tables. Arrays have one entry a passage, in the order of `rows`, its row ids."""

    def __init__(self, found: Findings, generation: Checked, files: Any, passages: Any) -> None:
        self._found = found
        self._generation = generation
        self._table = passages
        self._files: ArrowTable = _scan(files, "path", "state", "document_id", "passages").to_arrow()
        self._rows = np.sort(_numbers(_scan(passages, "tokens").to_arrow(), "_rowid"))
        self._passage, _ = self._coded("passage_id")
        self._text, _ = self._coded("text_key")
        self._document, documents = self._coded("document_id")
        self._documents: list[str] = documents.to_pylist()

    def _coded(self, column: str) -> tuple[NDArray[np.int32], Any]:
        """A column with its values numbered, and the values: one column at a time is in memory as text."""
        table = _scan(self._table, column).to_arrow()
        coded = table[column].combine_chunks().dictionary_encode()
        codes = np.empty(table.num_rows, np.int32)
        codes[np.searchsorted(self._rows, _numbers(table, "_rowid"))] = coded.indices.to_numpy()
        return codes, coded.dictionary

    def run(self, seen: Callable[[int, int], None]) -> None:
        """Fill in the findings."""
        self._words_index()
        stored = self._table.schema
        dim, fingerprint = stored.field("vector").type.list_size, shapes.fingerprint_in(stored)
        if dim != self._generation.dim:
            what = f"{dim} dimensions, not {self._generation.dim}"
            self._add("bad_vectors", [what], len(self._rows))
            self._found.readable = False
            return
        if fingerprint not in ("", self._generation.fingerprint):
            self._add("other_model", ["the vectors are those of another model"], len(self._rows))
            self._found.readable = False
            return
        bad, differing = self._vectors(dim, seen)
        self._add("bad_vectors", self._named(bad), int(bad.sum()))
        self._add("differing_vectors", self._named(differing), int(differing.sum()))
        damaged = bad | differing | self._contradictory()
        doubled = self._doubled(damaged)
        rows_of = self._files_by_document()
        self._orphans(rows_of)
        self._not_whole(rows_of, doubled, damaged)

    def _words_index(self) -> None:
        if missing := missing_indexes(self._table):
            self._add(
                "words_index", [f"the index of {column} is missing" for column in missing], len(missing)
            )

    def _vectors(self, dim: int, seen: Callable[[int, int], None]) -> tuple[Mask, Mask]:
        """Which rows have vectors that none can be, and which have others than rows of the same text."""
        count = len(self._rows)
        bad = np.zeros(count, bool)
        repeated = np.bincount(self._text, minlength=1) > 1  # by text
        place = np.cumsum(repeated) - 1  # of a repeated text among such
        first = np.full((int(repeated.sum()), _SKETCH), np.nan, np.float32)
        differs = np.zeros(len(first), bool)
        projection = np.random.default_rng(0).normal(size=(dim, _SKETCH)).astype(np.float32) / _SKETCH**0.5
        done = 0
        seen(done, count)
        # A scan reads ahead without bound, 1 GB for a million passages; rows asked for by id do not.
        for start in range(0, count, _BATCH_ROWS):
            wanted = self._rows[start : start + _BATCH_ROWS].tolist()
            batch = self._table.take_row_ids(wanted).select(["vector"]).with_row_id().to_arrow()
            rows = np.searchsorted(self._rows, _numbers(batch, "_rowid"))
            vectors = shapes.vectors_from_arrow(batch, dim)  # (rows, dim)
            with np.errstate(all="ignore"):
                off = np.abs(np.linalg.norm(vectors.astype(np.float64), axis=1) - 1)
                bad[rows] = ~(off <= _LENGTH_TOLERANCE)
            told_apart = repeated[self._text[rows]] & ~bad[rows]
            texts = place[self._text[rows[told_apart]]]
            sketches = vectors[told_apart] @ projection  # (rows told apart, _SKETCH)
            new, where = np.unique(texts, return_index=True)
            unknown = np.isnan(first[new, 0])
            first[new[unknown]] = sketches[where[unknown]]
            apart = np.linalg.norm(sketches - first[texts], axis=1) > _SAME_TEXT_TOLERANCE
            differs[texts[apart]] = True
            done += len(rows)
            seen(done, count)
        differing = repeated[self._text] & ~bad
        differing[differing] = differs[place[self._text[differing]]]
        return bad, differing

    def _contradictory(self) -> Mask:
        """Rows whose passage stands in another row with another text: nobody knows which is right."""
        order = np.lexsort((self._text, self._passage))
        same = self._passage[order[1:]] == self._passage[order[:-1]]
        other = same & (self._text[order[1:]] != self._text[order[:-1]])
        return np.isin(self._passage, self._passage[order[1:]][other])

    def _doubled(self, damaged: Mask) -> Mask:
        """Rows whose passage stands in another row too, which is kept: the first that is not damaged."""
        order = np.lexsort((damaged, self._passage))
        doubled = np.zeros(len(order), bool)
        doubled[order[1:]] = self._passage[order[1:]] == self._passage[order[:-1]]
        self._add("doubled_passages", self._named(doubled), int(doubled.sum()))
        self._found.surplus += self._rows[doubled & ~damaged].tolist()
        return doubled

    def _files_by_document(self) -> dict[str, list[tuple[str, int]]]:
        """Path and number of passages of every indexed file, by document. Of doubled paths the row that was
        written last counts: where it is wrong, the next run sees that the file is another one."""
        last: dict[str, dict[str, Any]] = {}
        doubled: list[str] = []
        for row in self._files.sort_by("_rowid").to_pylist():
            before = last.pop(row["path"], None)
            if before is not None:
                doubled.append(row["path"])
                self._found.surplus_files.append(before["_rowid"])
            last[row["path"]] = row
        self._add("doubled_paths", sorted(set(doubled)), len(doubled))
        rows_of: dict[str, list[tuple[str, int]]] = {}
        for path, row in last.items():
            if row["document_id"]:
                rows_of.setdefault(row["document_id"], []).append((path, row["passages"]))
        return rows_of

    def _orphans(self, rows_of: dict[str, Any]) -> None:
        """Passages of documents that no file names: left by a killed run."""
        if self._generation.complete:
            orphan = np.array([document not in rows_of for document in self._documents], bool)
            rows = orphan[self._document] if len(orphan) else np.zeros(0, bool)
            self._add("orphans", self._named(rows), int(rows.sum()))

    def _not_whole(self, rows_of: dict[str, list[tuple[str, int]]], doubled: Mask, damaged: Mask) -> None:
        """Note the rows to be taken out, and the documents that lack passages now or will do then."""
        whole = np.bincount(self._document[~doubled & ~damaged], minlength=len(self._documents))
        left = dict(zip(self._documents, whole.tolist(), strict=True))
        for row in np.flatnonzero(damaged).tolist():
            document_id = self._documents[int(self._document[row])]
            self._found.damaged.setdefault(document_id, []).append(int(self._rows[row]))
        kept = np.bincount(self._document[~doubled], minlength=len(self._documents))
        stored = dict(zip(self._documents, kept.tolist(), strict=True))
        missing: list[str] = []
        count = 0
        for document_id, files in rows_of.items():
            wanted = max(1, *(passages for _, passages in files)) if self._generation.complete else 0
            if (lacking := wanted - stored.get(document_id, 0)) > 0:
                missing.append(files[0][0])
                count += lacking
            hit = document_id in self._found.damaged
            if left.get(document_id, 0) < wanted or (hit and not self._generation.complete):
                self._found.paths[document_id] = [path for path, _ in files]
        self._add("missing_passages", sorted(missing), count)

    def _named(self, mask: Mask) -> list[str]:
        """The ids of the first passages of those marked."""
        if not mask.any():
            return []
        rows = self._rows[np.flatnonzero(mask)[:_EXAMPLES]].tolist()
        return _scan(self._table, "passage_id").where(_among(rows)).to_arrow()["passage_id"].to_pylist()

    def _add(self, kind: str, examples: Iterable[str], count: int) -> None:
        if count:
            self._found.problems.append(_problem(kind, examples, self._generation, count))


def _scan(table: Any, *columns: str) -> Any:
    return table.search().select(list(columns)).with_row_id(with_row_id=True)


def _problem(kind: str, examples: Iterable[str], generation: Checked, count: int = 1) -> Problem:
    return Problem(kind, count, tuple(examples)[:_EXAMPLES], generation=generation.number)


def _numbers(table: ArrowTable, column: str) -> NDArray[np.int64]:
    return table[column].to_numpy().astype(np.int64)


def _delete(table: Any, rows: Sequence[int]) -> None:
    """Delete rows by id, which deleting others does not change."""
    ordered = sorted(set(rows))
    for start in range(0, len(ordered), _FILTER_VALUES):
        part = ordered[start : start + _FILTER_VALUES]
        table.delete(_among(part))


def _among(rows: Sequence[int]) -> str:
    return f"_rowid IN ({', '.join(map(str, rows))})"
