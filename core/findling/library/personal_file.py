"""`personal.sqlite`: the file beside the tables that keeps what a person asked, saved and judged.

Window, command line and MCP write to it at the same time, so every access is a short transaction on a
connection of its own. It has SQLite's rollback journal and no write-ahead log: that log wants memory shared
by all processes, which a library on a network drive does not have, and leaves two more files lying about.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock

from findling.errors import (
    DiskFull,
    LibraryBusy,
    LibraryDamaged,
    LibraryNotFound,
    LibraryTooNew,
    PlaceNotWritable,
    UserError,
    one_line,
)
from findling.library.info import INFO_FILE
from findling.settings import user_only
from findling.store import disk_errors

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

PERSONAL_FILE = "personal.sqlite"
#: What SQLite puts beside it while it writes.
JOURNAL_SUFFIX = "-journal"
#: Another process writes for milliseconds; a slow drive for longer.
BUSY_SECONDS = 10.0

#: Step N brings schema N to N + 1. A step that was released is never changed.
_STEPS = (
    """
    CREATE TABLE history (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        query TEXT NOT NULL, folded TEXT NOT NULL, mode TEXT NOT NULL,
        asked_ms INTEGER NOT NULL, hits INTEGER NOT NULL, opened TEXT NOT NULL DEFAULT '');
    CREATE TABLE saved (
        folded TEXT PRIMARY KEY, name TEXT NOT NULL,
        query TEXT NOT NULL, mode TEXT NOT NULL, created_ms INTEGER NOT NULL);
    CREATE TABLE judgements (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        query TEXT NOT NULL, folded TEXT NOT NULL,
        document_id TEXT NOT NULL, paths TEXT NOT NULL, record TEXT NOT NULL,
        start INTEGER NOT NULL, "end" INTEGER NOT NULL, quote TEXT NOT NULL,
        grade INTEGER NOT NULL, judged_ms INTEGER NOT NULL,
        UNIQUE (folded, document_id, start, "end", quote));
    """,
)
SCHEMA_VERSION = len(_STEPS)

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_CLOSED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
_TAKEN = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class PersonalFile:
    """The file of the library in `directory`; made, with mode 0600, when something is first written.

    Every access raises `LibraryTooNew` for the file of a newer Findling, `LibraryBusy` when others write for
    longer than `BUSY_SECONDS`, `DiskFull`, `PlaceNotWritable`, and `LibraryDamaged` for one that is not as it
    was written: by then it has been set aside, and the next access begins with an empty one.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / PERSONAL_FILE

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection | None]:
        """A connection to read with; None where nothing has been written yet."""
        if not self.path.is_file():
            yield None
            return
        with self._explained(), closing(self._opened()) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """A transaction: what is done in the block is kept as a whole when it ends, or not at all. Raises
        `LibraryNotFound` where the library has been deleted."""
        if not (self.directory / INFO_FILE).is_file():
            raise LibraryNotFound(f"There is no library in {self.directory} any more.")
        with self._explained():
            with disk_errors(self.directory):
                os.close(user_only(str(self.path), os.O_RDWR | os.O_CREAT))
            with closing(self._opened()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                with connection:
                    yield connection

    def snapshot(self) -> bytes:
        """The file as it is at one moment, with what others have written completely; b"" for none."""
        with self.reading() as file:
            if file is None:
                return b""
            with closing(sqlite3.connect(":memory:")) as copy:
                file.backup(copy)
                return copy.serialize()

    def problem(self) -> str:
        """What is wrong with the file, "" where nothing is or there is none; it is left as it is."""
        if not self.path.is_file():
            return ""
        try:
            with closing(self._opened()) as connection:
                answers: list[tuple[str]] = connection.execute("PRAGMA integrity_check(1)").fetchall()
        except sqlite3.DatabaseError as error:
            return f"{PERSONAL_FILE}: {one_line(error)}" if _is_damage(error) else ""
        return "" if answers == [("ok",)] else f"{PERSONAL_FILE}: {one_line(ValueError(answers[0][0]))}"

    def set_aside(self) -> Path | None:
        """Give a damaged file another name, which is returned; None where it is not damaged, or not any
        more because another process has done so."""
        lock = FileLock(self.directory / f"{PERSONAL_FILE}.lock", mode=0o600)
        with disk_errors(self.directory), lock:
            if not self.problem():
                return None
            number, aside = 1, self.path.with_name(f"{PERSONAL_FILE}.damaged-1")
            while aside.exists():
                number += 1
                aside = self.path.with_name(f"{PERSONAL_FILE}.damaged-{number}")
            journal = self.path.with_name(PERSONAL_FILE + JOURNAL_SUFFIX)
            if journal.exists():  # else it would be taken for that of the next file
                journal.rename(aside.with_name(aside.name + JOURNAL_SUFFIX))
            return self.path.rename(aside)

    def _opened(self) -> sqlite3.Connection:
        """A connection to the file, brought to this schema."""
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        connection.text_factory = _text
        try:
            connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is not left in the file
            if self._schema(connection) < SCHEMA_VERSION:
                connection.execute("BEGIN IMMEDIATE")
                with connection:
                    for step in _STEPS[self._schema(connection) :]:  # others may have done it meanwhile
                        for statement in filter(str.strip, step.split(";")):
                            connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _schema(self, connection: sqlite3.Connection) -> int:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise LibraryTooNew(f"{self.path} was written by a newer Findling.", "Update Findling.")
        return int(version)

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self._meaning(error) from error

    def _meaning(self, error: sqlite3.DatabaseError) -> UserError:
        code = _code(error)
        if _is_damage(error):
            aside = self.set_aside()
            where = f" It was set aside as {aside.name}." if aside else ""
            return LibraryDamaged(
                f"{self.path} was damaged: {one_line(error)}.{where}",
                "History, saved searches and judgements of this library begin anew.",
            )
        if code in _TAKEN:
            return LibraryBusy(f"{self.path} is being written to by others.", "Try again.")
        if code in _CLOSED:
            return PlaceNotWritable(
                f"{self.path} cannot be opened or written: {one_line(error)}.", "Allow it."
            )
        if code == sqlite3.SQLITE_FULL:
            return DiskFull(f"The disk is full: {self.path} cannot be written.", "Make room.")
        return UserError(f"{self.path} cannot be read or written: {one_line(error)}.", "Try again.")


def _text(stored: bytes) -> str:
    """SQLite checks its pages and not what stands in them."""
    return stored.decode(errors="replace")


def _code(error: sqlite3.DatabaseError) -> int:
    """SQLite's primary error code, 0 where the error is none of its own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return _code(error) in _DAMAGE
