"""`library.json`: what a library consists of, replaced as a whole by rename."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

from findling.errors import LibraryDamaged, LibraryTooNew
from findling.settings import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

INFO_FILE = "library.json"
STORE_DIRECTORY = "lance"
LOCK_FILE = "writer.lock"

#: Version of everything in a library's directory.
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What an indexing run did. Times in seconds; `finished` is a UTC time in ISO 8601."""

    finished: str = ""
    seconds: float = 0.0
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

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `dataclasses.asdict`; names of later versions are ignored."""
        values = {item.name: stored[item.name] for item in fields(cls) if item.name in stored}
        for name in ("provider_problems", "missing_folders"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class LibraryInfo:
    """A library: its folders, its embedder, its active generation.

    `collections` are directories in BEIR layout. `fingerprint` is that of the embedder that made the
    active generation's vectors. `instruction` is the task that queries are preceded by, in place of the
    model's own; "" for the model's. `unfinished` says that a run was begun and has not come to its end.
    """

    name: str
    model: str
    fingerprint: str
    dim: int
    folders: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    generation: int = 1
    instruction: str = ""
    unfinished: bool = False
    last_run: RunSummary | None = None
    schema: int = SCHEMA_VERSION

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read `library.json`. Raises `LibraryDamaged`, `LibraryTooNew`."""
        path = directory / INFO_FILE
        try:
            stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if stored["schema"] > SCHEMA_VERSION:
                raise LibraryTooNew(
                    f"The library in {directory} was written by a newer Findling.",
                    "Update Findling.",
                )
            known = {item.name for item in fields(cls)}
            values = {name: value for name, value in stored.items() if name in known}
            for name in ("folders", "collections"):
                values[name] = tuple(values.get(name, ()))
            if values.get("last_run") is not None:
                values["last_run"] = RunSummary.from_json(values["last_run"])
            return cls(**values)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LibraryDamaged(
                f"{path} cannot be read: {error}.",
                "Delete the library's directory and index the folders again.",
            ) from error

    def save(self, directory: Path) -> None:
        """Replace `library.json`."""
        write_atomically(directory / INFO_FILE, json.dumps(asdict(self), indent=2) + "\n")
