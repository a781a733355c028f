"""LanceDB: the tables of a library, one writer, many readers. Given vectors, never an embedder."""

from findling.store.disk import disk_errors
from findling.store.reader import Candidate, StoreReader
from findling.store.rows import FileRow, FileState, PassageRow
from findling.store.writer import StoreWriter, drop_generation, table_directories

__all__ = [
    "Candidate",
    "FileRow",
    "FileState",
    "PassageRow",
    "StoreReader",
    "StoreWriter",
    "disk_errors",
    "drop_generation",
    "table_directories",
]
