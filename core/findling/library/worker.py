"""What runs in the indexer process: the one writer of a library, under its lock."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.embedding import Embedder, open_embedder
from findling.errors import LibraryBusy
from findling.evaluation import read_collection
from findling.library.indexing import Indexing
from findling.library.info import LOCK_FILE, STORE_DIRECTORY, LibraryInfo
from findling.library.model import model_of
from findling.settings import Settings
from findling.store import StoreWriter

if TYPE_CHECKING:
    from collections.abc import Generator

    from findling.jobs import CancelToken, Report


def index(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Bring a library up to date with its folders and collections.

    `arguments`: `settings`; `directory`, the library's; `folders` and `collections`, absolute paths to add
    first; `instruction`, the task of its queries, or None to leave it. Returns the run's summary.

    Raises `LibraryBusy`, `LibraryDamaged`, `ModelNotFound`, `CollectionError`, `Cancelled`.
    """
    settings = Settings.from_json(arguments["settings"])
    directory = Path(arguments["directory"])
    with writing(directory):
        info = LibraryInfo.load(directory)
        model = model_of(settings, info)
        info = replace(
            info,
            folders=_joined(info.folders, arguments["folders"]),
            collections=_joined(info.collections, arguments["collections"]),
            instruction=info.instruction if arguments["instruction"] is None else arguments["instruction"],
            unfinished=True,
        )
        info.save(directory)
        writer = StoreWriter(directory / STORE_DIRECTORY, info.generation, info.dim)

        def embedder() -> Embedder:
            return open_embedder(settings, model, bulk=True)

        run = Indexing(writer, embedder, settings, report, cancel)
        corpora = [read_collection(place) for place in map(Path, info.collections) if place.is_dir()]
        summary = run.run([Path(folder) for folder in info.folders], corpora)
        before = info.last_run
        if not summary.provider and before is not None:  # nothing was embedded
            summary = replace(
                summary,
                provider=before.provider,
                precision=before.precision,
                provider_problems=before.provider_problems,
            )
        replace(info, unfinished=False, last_run=summary).save(directory)
    return asdict(summary)


@contextmanager
def writing(directory: Path) -> Generator[None]:
    """Hold a library's writer lock; it falls with the process. Raises `LibraryBusy`."""
    from filelock import FileLock, Timeout

    lock = FileLock(directory / LOCK_FILE, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise LibraryBusy(
            f"The library {directory.name!r} is being written to by another process.",
            "Wait for it to finish, or stop it.",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _joined(known: tuple[str, ...], added: list[str]) -> tuple[str, ...]:
    """Folders without those that lie inside another one."""
    paths = [Path(folder) for folder in dict.fromkeys([*known, *added])]
    return tuple(str(path) for path in paths if not any(path != p and path.is_relative_to(p) for p in paths))
