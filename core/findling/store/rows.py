"""The rows of a library's two tables, and their Arrow schemas.

`files` has a row for every path that was looked at. `passages_N` has a row for every passage of every
document, with its vector, for generation N. A passage belongs to a document (a file's bytes as parsed) and
not to a path: copies and renames add no passages, and a document is visible as soon as a row in `files`
names it, which is what makes an update atomic for readers.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    ArrowTable = Any
    ArrowSchema = Any

FILES_TABLE = "files"
#: In the metadata of a generation's table.
_FINGERPRINT = b"fingerprint"


class FileState(StrEnum):
    """What has become of a file."""

    INDEXED = "indexed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A path and what is known of it. `path` is unique; for a record of a collection it is
    "collection file#record" and `record` holds the record's id.

    `document_id` is empty unless the file is indexed; `reason` is empty only if it is.
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


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage. `content` is the embedder's input, context first; the passage's own text is
    `content[text_offset:]` and stands at characters [start, end) of the document. `anchor` is JSON."""

    passage_id: str
    document_id: str
    text_key: str
    content: str
    text_offset: int
    start: int
    end: int
    tokens: int
    anchor: str

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
    names = FileRow.__dataclass_fields__
    return pa.schema([pa.field(name, types.get(name, text), nullable=False) for name in names])


def passages_schema(dim: int, fingerprint: str = "") -> ArrowSchema:
    """Arrow schema of a generation's passages: `vector` is float32 (dim,), of the embedder `fingerprint`."""
    import pyarrow as pa

    numbers = ("text_offset", "start", "end", "tokens")
    columns = [
        pa.field(name, pa.int64() if name in numbers else pa.string(), nullable=False)
        for name in PassageRow.__dataclass_fields__
    ]
    vector = pa.field("vector", pa.list_(pa.float32(), dim), nullable=False)
    return pa.schema([*columns, vector], metadata={_FINGERPRINT: fingerprint} if fingerprint else None)


def fingerprint_in(schema: ArrowSchema) -> str:
    """The embedder whose vectors a table holds; "" for a table of a time when that was not written."""
    metadata: dict[bytes, bytes] = schema.metadata or {}
    return metadata.get(_FINGERPRINT, b"").decode()


def files_to_arrow(rows: Iterable[FileRow]) -> ArrowTable:
    """`FileRow`s as an Arrow table."""
    import pyarrow as pa

    dicts = [asdict(row) | {"state": row.state.value} for row in rows]
    return pa.Table.from_pylist(dicts, schema=files_schema())


def passages_to_arrow(rows: Sequence[PassageRow], vectors: NDArray[np.float32]) -> ArrowTable:
    """`PassageRow`s and their vectors, float32 (len(rows), dim), as an Arrow table."""
    import pyarrow as pa

    schema = passages_schema(vectors.shape[1])
    columns = [
        pa.array([getattr(row, name) for row in rows], type=schema.field(name).type)
        for name in PassageRow.__dataclass_fields__
    ]
    flat = pa.array(vectors.reshape(-1), type=pa.float32())
    columns.append(pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]))
    return pa.Table.from_arrays(columns, schema=schema)


def files_from_arrow(table: ArrowTable) -> list[FileRow]:
    """Inverse of `files_to_arrow`."""
    return [FileRow(**row | {"state": FileState(row["state"])}) for row in table.to_pylist()]


def passages_from_arrow(table: ArrowTable) -> list[PassageRow]:
    """The rows of an Arrow table that has all of `PassageRow`'s columns; others are ignored."""
    names = list(PassageRow.__dataclass_fields__)
    return [PassageRow(**row) for row in table.select(names).to_pylist()]


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
