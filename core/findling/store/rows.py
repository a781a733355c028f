"""The rows of a library's tables, and their Arrow schemas.

`files` has a row for every path that was looked at. `passages_N` has a row for every passage of every
document, with its vector, for generation N. A passage belongs to a document (a file's bytes as parsed) and
not to a path: copies and renames add no passages, and a document is visible as soon as a row in `files`
names it, which is what makes an update atomic for readers. `vocabulary` has the words that passages were
ever found by, for those of which only the beginning is asked for.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from findling.analysis import ANALYSIS_VERSION, fold
from findling.errors import LibraryTooNew

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    ArrowTable = Any
    ArrowSchema = Any

FILES_TABLE = "files"
VOCABULARY_TABLE = "vocabulary"
#: In the metadata of a generation's table.
_FINGERPRINT = b"fingerprint"
_ANALYSIS = b"analysis"
#: Columns of `files` that are there to be looked for in, and are made of others.
_FOLDED_NAME, _FOLDED_AUTHOR = "folded_name", "folded_author"


class FileState(StrEnum):
    """What has become of a file."""

    INDEXED = "indexed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A path and what is known of it. `path` is unique; for a record of a collection it is
    "collection file#record" and `record` holds the record's id.

    `document_id` is empty unless the file is indexed; `reason` is empty only if it is. `language` is an
    ISO 639-1 code, or "" where it could not be told; `signature` is the text's, by `findling.resemblance`.
    """

    path: str
    kind: str
    state: FileState
    reason: str = ""
    size: int = 0
    mtime_ns: int = 0
    document_id: str = ""
    title: str = ""
    passages: int = 0
    record: str = ""
    parser_version: int = 0
    author: str = ""
    language: str = ""
    signature: str = ""

    @property
    def name(self) -> str:
        """The last part of the path; of a record its id."""
        return self.record or PurePath(self.path).name


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage. `content` is the embedder's input, context first; the passage's own text is
    `content[text_offset:]` and stands at characters [start, end) of the document. `anchor` is JSON;
    `language` the document's."""

    passage_id: str
    document_id: str
    text_key: str
    content: str
    text_offset: int
    start: int
    end: int
    tokens: int
    anchor: str
    language: str = ""

    @property
    def text(self) -> str:
        """The passage's own text."""
        return self.content[self.text_offset :]


def passages_table(generation: int) -> str:
    """Name of the table of a generation's passages."""
    return f"passages_{generation}"


def files_schema() -> ArrowSchema:
    """Arrow schema of `files`."""
    import pyarrow as pa

    text, count = pa.string(), pa.int64()
    types = {"size": count, "mtime_ns": count, "passages": count, "parser_version": count}
    names = (*FileRow.__dataclass_fields__, _FOLDED_NAME, _FOLDED_AUTHOR)
    return pa.schema([pa.field(name, types.get(name, text), nullable=False) for name in names])


def passages_schema(dim: int, fingerprint: str = "") -> ArrowSchema:
    """Arrow schema of a generation's passages: `vector` is float32 (dim,), of the embedder `fingerprint`;
    `terms` what `findling.analysis` makes of the content."""
    import pyarrow as pa

    numbers = ("text_offset", "start", "end", "tokens")
    columns = [
        pa.field(name, pa.int64() if name in numbers else pa.string(), nullable=False)
        for name in PassageRow.__dataclass_fields__
    ]
    terms = pa.field("terms", pa.string(), nullable=False)
    vector = pa.field("vector", pa.list_(pa.float32(), dim), nullable=False)
    metadata = {_FINGERPRINT: fingerprint.encode(), _ANALYSIS: str(ANALYSIS_VERSION).encode()}
    return pa.schema([*columns, terms, vector], metadata=metadata)


def vocabulary_schema() -> ArrowSchema:
    """Arrow schema of `vocabulary`: a word as it is written, folded, the term that it is found by, and in
    how many passages it was when it was first met."""
    import pyarrow as pa

    columns = [("word", pa.string()), ("term", pa.string()), ("count", pa.int64())]
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in columns])


def fingerprint_in(schema: ArrowSchema) -> str:
    """The embedder whose vectors a table holds; "" for a table of a time when that was not written."""
    metadata: dict[bytes, bytes] = schema.metadata or {}
    return metadata.get(_FINGERPRINT, b"").decode()


def analysis_in(schema: ArrowSchema) -> int:
    """The version of the analysis whose terms a table holds; 0 for a table of a time before there was one."""
    metadata: dict[bytes, bytes] = schema.metadata or {}
    return int(metadata.get(_ANALYSIS, b"0"))


def refuse_newer(schema: ArrowSchema, place: object) -> None:
    """Raises `LibraryTooNew` for a table of `place` whose terms a newer Findling has made: these are others
    than those that would be looked for."""
    if analysis_in(schema) > ANALYSIS_VERSION:
        raise LibraryTooNew(f"The index in {place} was written by a newer Findling.", "Update Findling.")


def files_to_arrow(rows: Iterable[FileRow]) -> ArrowTable:
    """`FileRow`s as an Arrow table."""
    import pyarrow as pa

    dicts = [
        asdict(row)
        | {"state": row.state.value, _FOLDED_NAME: fold(row.name), _FOLDED_AUTHOR: fold(row.author)}
        for row in rows
    ]
    return pa.Table.from_pylist(dicts, schema=files_schema())


def passages_to_arrow(
    rows: Sequence[PassageRow], terms: Sequence[str], vectors: NDArray[np.float32]
) -> ArrowTable:
    """`PassageRow`s, their terms and their vectors, float32 (len(rows), dim), as an Arrow table."""
    import pyarrow as pa

    schema = passages_schema(vectors.shape[1])
    columns = [
        pa.array([getattr(row, name) for row in rows], type=schema.field(name).type)
        for name in PassageRow.__dataclass_fields__
    ]
    columns.append(pa.array(terms, type=pa.string()))
    flat = pa.array(vectors.reshape(-1), type=pa.float32())
    columns.append(pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]))
    return pa.Table.from_arrays(columns, schema=schema)


def columns_of(row: type[FileRow | PassageRow], schema: ArrowSchema) -> list[str]:
    """The columns of a table that a row has; tables of older times have not all of them."""
    return [name for name in row.__dataclass_fields__ if name in schema.names]


def files_from_arrow(table: ArrowTable) -> list[FileRow]:
    """Inverse of `files_to_arrow`; an older table says less of its files."""
    rows = table.select(columns_of(FileRow, table.schema)).to_pylist()
    return [FileRow(**row | {"state": FileState(row["state"])}) for row in rows]


def passages_from_arrow(table: ArrowTable) -> list[PassageRow]:
    """The rows of an Arrow table that has `PassageRow`'s columns; others are ignored."""
    return [PassageRow(**row) for row in table.select(columns_of(PassageRow, table.schema)).to_pylist()]


def vectors_from_arrow(table: ArrowTable, dim: int) -> NDArray[np.float32]:
    """The `vector` column, float32 (rows, dim)."""
    import numpy as np

    column = table.column("vector").combine_chunks()
    if table.num_rows == 0:
        return np.empty((0, dim), np.float32)
    return column.flatten().to_numpy(zero_copy_only=False).reshape(-1, dim)


def quoted(value: str) -> str:
    """A string literal of the store's SQL."""
    return "'" + value.replace("'", "''") + "'"


def one_of(column: str, values: Iterable[str]) -> str:
    """A filter: the column is one of `values`."""
    return f"{column} IN ({', '.join(quoted(value) for value in values)})"
