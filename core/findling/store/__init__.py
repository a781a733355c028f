"""LanceDB: the tables of a library, one writer, many readers. Given vectors, never an embedder."""

from findling.store.disk import disk_errors
from findling.store.looking_for import Documents, FileFilter, Words
from findling.store.place import StorePlace, place_of, store_errors
from findling.store.reader import Candidate, StoreReader
from findling.store.rows import FileRow, FileState, PassageRow
from findling.store.writer import StoreWriter, drop_generation, drop_tables, table_directories

__all__ = [
    "Candidate",
    "Documents",
    "FileFilter",
    "FileRow",
    "FileState",
    "PassageRow",
    "StorePlace",
    "StoreReader",
    "StoreWriter",
    "Words",
    "disk_errors",
    "drop_generation",
    "drop_tables",
    "place_of",
    "store_errors",
    "table_directories",
]
