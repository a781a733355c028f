"""`library.json`: what a library consists of, replaced as a whole by rename."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

from findling.chunking import CHUNKER_VERSION
from findling.errors import LibraryDamaged, LibraryTooNew, SettingsError, one_line
from findling.library.rules import Rules
from findling.search import Balance
from findling.settings import write_atomically, write_json
from findling.store import StorePlace

if TYPE_CHECKING:
    from pathlib import Path

INFO_FILE = "library.json"
#: `library.json` as it was before the last change, read where that one is torn.
BACKUP_FILE = "library.json.bak"
STORE_DIRECTORY = "lance"
LOCK_FILE = "writer.lock"

#: Version of everything in a library's directory.
SCHEMA_VERSION = 3


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What an indexing run did. Times in seconds; `finished` is a UTC time in ISO 8601.

    Of `seconds`, `embedding_seconds` is what was spent in the embedder, pauses included.
    """

    finished: str = ""
    seconds: float = 0.0
    embedding_seconds: float = 0.0
    files: dict[str, int] = field(default_factory=dict[str, int])
    passages: int = 0
    new_or_changed: int = 0
    removed: int = 0
    embedded: int = 0
    reused: int = 0
    provider: str = ""
    precision: str = ""
    provider_problems: tuple[str, ...] = ()
    missing_folders: tuple[str, ...] = ()
    waits: bool = False  # scanned pages are left to the next run

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `dataclasses.asdict`; names of later versions are ignored."""
        values = {item.name: stored[item.name] for item in fields(cls) if item.name in stored}
        for name in ("provider_problems", "missing_folders"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Generation:
    """One complete embedding of a library: its number, and what made its vectors. `fingerprint` is that of
    the embedder; `chunker` the version of the chunker, `passage_tokens` the most that a passage may have, 0
    for as many as the embedder reads."""

    number: int
    model: str
    fingerprint: str
    dim: int
    chunker: int
    passage_tokens: int = 0

    @property
    def cutting(self) -> tuple[int, int]:
        """What decides how documents are cut: equal for generations that hold the same passages."""
        return self.chunker, self.passage_tokens


@dataclass(frozen=True, slots=True)
class LibraryInfo:
    """A library: its folders and its generations.

    `active` answers searches. `shadow` is being built to take its place; `retired` are those that were
    active before, the last one first, kept for a rollback. `collections` are directories in BEIR layout.
    `rules` say which files of the folders are looked at.
    `instruction` is the task that queries are preceded by, in place of the model's own; "" for the model's.
    `store` is where its tables are kept, as `StorePlace.uri`; "" for the directory beside `library.json`.
    `volumes` are the mount points in and above its folders that files may have been found on.
    `balances` are how the legs of a search are weighed, by the generation's number.
    `unfinished` says that a run was begun and has not come to its end.
    """

    name: str
    active: Generation
    folders: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    shadow: Generation | None = None
    retired: tuple[Generation, ...] = ()
    volumes: tuple[str, ...] = ()
    balances: dict[str, Balance] = field(default_factory=dict[str, Balance])
    rules: Rules = Rules()  # noqa: RUF009 — frozen
    instruction: str = ""
    store: str = ""
    unfinished: bool = False
    last_run: RunSummary | None = None
    schema: int = SCHEMA_VERSION

    @property
    def generations(self) -> tuple[Generation, ...]:
        """All that have a table: the active one first."""
        return (self.active, *((self.shadow,) if self.shadow else ()), *self.retired)

    def store_in(self, directory: Path) -> StorePlace:
        """Where the tables of the library in `directory` are kept."""
        return StorePlace(self.store or str(directory / STORE_DIRECTORY))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read `library.json`, of this schema or an older one; the next `save` writes it in this one. Where
        it is torn the backup stands in for it; a library without it has been deleted.

        Raises `LibraryDamaged`, `LibraryTooNew`.
        """
        try:
            return cls.read(directory / INFO_FILE)
        except LibraryDamaged:
            if not (directory / INFO_FILE).is_file():
                raise
            try:
                return cls.read(directory / BACKUP_FILE)
            except LibraryDamaged:
                pass  # the first error says what is wrong
            raise

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read this file and no other. Raises as `load`."""
        try:
            stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if stored["schema"] > SCHEMA_VERSION:
                raise _too_new(path)
            info = cls.from_json(migrated(stored))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SettingsError) as error:
            raise LibraryDamaged(
                f"{path} cannot be read: {one_line(error)}.",
                f"Try: findling check --repair --library {path.parent.name!r}.",
            ) from error
        if any(generation.chunker > CHUNKER_VERSION for generation in info.generations):
            raise _too_new(path)  # passages of two kinds would be mixed
        return info

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `dataclasses.asdict`; names of later versions are ignored.

        Raises KeyError, TypeError.
        """
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        for name in ("folders", "collections", "volumes"):
            values[name] = tuple(values.get(name, ()))
        values["rules"] = Rules.from_json(values.get("rules", {}))
        stored_balances: dict[str, dict[str, Any]] = values.get("balances", {})
        values["balances"] = {number: Balance(**each) for number, each in stored_balances.items()}
        values["active"] = Generation(**stored["active"])
        values["shadow"] = Generation(**stored["shadow"]) if stored.get("shadow") else None
        values["retired"] = tuple(Generation(**item) for item in stored.get("retired", ()))
        if values.get("last_run") is not None:
            values["last_run"] = RunSummary.from_json(values["last_run"])
        return cls(**values)

    def save(self, directory: Path) -> None:
        """Replace `library.json`; the one before it is kept as the backup, unless it was torn."""
        path = directory / INFO_FILE
        with contextlib.suppress(LibraryDamaged):
            self.read(path)
            write_atomically(directory / BACKUP_FILE, path.read_text(encoding="utf-8"))
        write_json(path, asdict(self))


def _too_new(path: Path) -> LibraryTooNew:
    return LibraryTooNew(f"The library in {path.parent} was written by a newer Findling.", "Update Findling.")


def migrated(stored: dict[str, Any]) -> dict[str, Any]:
    """`library.json` of any older schema in the form of this one. The tables of schema 1 are those of 2;
    those of 2 are brought up to date by the next run (see `StoreWriter.upgrade`)."""
    if stored["schema"] == 1:
        active = {name: stored[name] for name in ("model", "fingerprint", "dim")}
        active |= {"number": stored["generation"], "chunker": 1}
        stored = {**stored, "active": active, "schema": 2}
    return {**stored, "schema": SCHEMA_VERSION} if stored["schema"] == 2 else stored
