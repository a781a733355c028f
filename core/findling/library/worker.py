"""What runs in the indexer process: the one writer of a library, under its lock."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.embedding import Embedder, ensure_installed, open_embedder
from findling.errors import LibraryBusy
from findling.evaluation import read_collection
from findling.jobs import Progress
from findling.library.indexing import Indexing
from findling.library.info import LOCK_FILE, STORE_DIRECTORY, Generation, LibraryInfo, RunSummary
from findling.library.model import model_of
from findling.library.rules import Rules
from findling.library.shadow import Filling
from findling.library.watching import Watch
from findling.settings import Settings
from findling.store import StoreWriter, drop_generation

#: A shadow generation is built in slices of this length; between two, changed files are looked for.
_SHADOW_SECONDS = 60.0
#: A watcher waits so long for another writer before it says that the library is busy.
_PATIENCE_SECONDS = 10.0
#: Optimising tables again and again makes a process grow (by half a gigabyte in 25 times); a watcher of this
#: size is replaced.
_LARGEST_WATCHER_BYTES = 2 * 1024**3

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from findling.jobs import CancelToken, Report


def index(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Bring a library up to date with its folders and collections, and its shadow generation if it has one.

    `arguments`: `settings`; `directory`, the library's; `folders` and `collections`, absolute paths to add
    first; `rules`, from now on, and `instruction`, the task of its queries, or None to leave them; `shadow`,
    the id of a model to embed the library anew with, or "". Returns the run's summary.

    Raises `LibraryBusy`, `LibraryDamaged`, `ModelNotFound`, `CollectionError`, `Cancelled`.
    """
    settings = Settings.from_json(arguments["settings"])
    embedders: dict[str, Embedder] = {}
    return asdict(_bring_up_to_date(settings, arguments, report, cancel, embedders))


def watch(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """As `index`, again and again as files change, until cancelled; the lock is held during each run alone.

    Returns {"restart": True} when this process has grown too large: whoever started it starts it anew.
    """
    import psutil

    settings = Settings.from_json(arguments["settings"])
    directory = Path(arguments["directory"])
    embedders: dict[str, Embedder] = {}
    with writing(directory, _PATIENCE_SECONDS):
        info = _changed(LibraryInfo.load(directory), arguments)
        info.save(directory)
    nothing: dict[str, Any] = {"folders": [], "collections": [], "rules": None, "instruction": None}
    unchanged = arguments | nothing

    def folders() -> list[Path]:
        return [Path(folder) for folder in LibraryInfo.load(directory).folders]

    watched = Watch(folders, settings.home, cancel, hidden=info.rules.hidden)
    for _ in watched.changes():
        try:
            summary = _bring_up_to_date(settings, unchanged, report, cancel, embedders)
        except LibraryBusy:  # whoever is writing sees the change, or the next look will
            continue
        counts = {"files": summary.files["indexed"], "embedded": summary.embedded}
        report(Progress("watching", detail=watched.problem, counts=counts))
        if psutil.Process().memory_info().rss > _LARGEST_WATCHER_BYTES:
            return {"restart": True}
    return {"restart": False}


def _bring_up_to_date(
    settings: Settings,
    arguments: dict[str, Any],
    report: Report,
    cancel: CancelToken,
    embedders: dict[str, Embedder],
) -> RunSummary:
    """One run, under the lock. `embedders`, by fingerprint, are kept by whoever runs more than once."""
    directory = Path(arguments["directory"])
    with writing(directory):
        before = LibraryInfo.load(directory)
        info = replace(_changed(before, arguments), unfinished=True)
        if arguments["shadow"]:
            info = _with_shadow(settings, directory, info, arguments["shadow"])
        info.save(directory)
        run = _Run(settings, directory, info, report, cancel, embedders)
        summary = run.update()
        while run.info.shadow is not None and not run.build_shadow(_SHADOW_SECONDS):
            summary = run.update()
        if not summary.provider and before.last_run is not None:  # nothing was embedded
            summary = replace(
                summary,
                provider=before.last_run.provider,
                precision=before.last_run.precision,
                provider_problems=before.last_run.provider_problems,
            )
        replace(run.info, unfinished=False, last_run=summary).save(directory)
    return summary


def _changed(info: LibraryInfo, arguments: dict[str, Any]) -> LibraryInfo:
    """The library with what the arguments say of it from now on."""
    return replace(
        info,
        folders=outermost([*info.folders, *arguments["folders"]]),
        collections=outermost([*info.collections, *arguments["collections"]]),
        rules=info.rules if arguments["rules"] is None else Rules.from_json(arguments["rules"]),
        instruction=info.instruction if arguments["instruction"] is None else arguments["instruction"],
    )


class _Run:
    """What one indexer process does to a library whose lock it holds."""

    def __init__(
        self,
        settings: Settings,
        directory: Path,
        info: LibraryInfo,
        report: Report,
        cancel: CancelToken,
        embedders: dict[str, Embedder],
    ) -> None:
        self.info = info
        self._settings = settings
        self._directory = directory
        self._report = report
        self._cancel = cancel
        self._embedders = embedders

    def update(self) -> RunSummary:
        """Bring the active generation up to date."""
        active = self.info.active
        opener = self._opener(active)
        if self.info.retired:  # it may have been retired itself, and miss what came since
            self._fill(self._writer(self.info.retired[0]), active).run()
        writer = self._writer(active)  # after another handle of the table was used: it would not see that
        run = Indexing(writer, opener, self._settings, self._report, self._cancel)
        corpora = [read_collection(place) for place in map(Path, self.info.collections) if place.is_dir()]
        return run.run([Path(folder) for folder in self.info.folders], corpora, self.info.rules)

    def build_shadow(self, seconds: float) -> bool:
        """Work on the shadow generation for about `seconds`; whether it was complete, and is active now."""
        shadow, active = self.info.shadow, self.info.active
        assert shadow is not None
        if not self._fill(self._writer(active), shadow).run(seconds):
            return False
        retired = (active, *self.info.retired)
        self.info = replace(self.info, active=shadow, shadow=None, retired=retired)
        self.info.save(self._directory)
        return True

    def _fill(self, source: StoreWriter, generation: Generation) -> Filling:
        opener = self._opener(generation)
        target = self._writer(generation)
        return Filling(source, target, opener, self._settings, self._report, self._cancel)

    def _writer(self, generation: Generation) -> StoreWriter:
        place = self._directory / STORE_DIRECTORY
        return StoreWriter(place, generation.number, generation.dim, generation.fingerprint)

    def _opener(self, generation: Generation) -> Callable[[], Embedder]:
        """Opens the generation's embedder when it is first needed, and once."""
        model = model_of(self._settings, self.info.name, generation)

        def opened() -> Embedder:
            if generation.fingerprint not in self._embedders:
                self._embedders[generation.fingerprint] = open_embedder(self._settings, model, bulk=True)
            return self._embedders[generation.fingerprint]

        return opened


def _with_shadow(settings: Settings, directory: Path, info: LibraryInfo, model: str) -> LibraryInfo:
    """The library with a shadow generation of that model; one that was begun of another is dropped."""
    card = ensure_installed(settings, model).card
    if info.shadow is not None:
        if info.shadow.fingerprint == card.fingerprint:
            return info
        drop_generation(directory / STORE_DIRECTORY, info.shadow.number)
    number = 1 + max(generation.number for generation in info.generations)
    chunker = info.active.chunker
    return replace(info, shadow=Generation(number, model, card.fingerprint, card.dim, chunker))


@contextmanager
def writing(directory: Path, patience_seconds: float = 0.0) -> Generator[None]:
    """Hold a library's writer lock; it falls with the process. Raises `LibraryBusy`."""
    from filelock import FileLock, Timeout

    lock = FileLock(directory / LOCK_FILE, timeout=patience_seconds, mode=0o600)
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


def outermost(folders: Iterable[str]) -> tuple[str, ...]:
    """Folders, each once and in their order, without those that lie inside another one."""
    paths = [Path(folder) for folder in dict.fromkeys(folders)]
    return tuple(str(path) for path in paths if not any(path != p and path.is_relative_to(p) for p in paths))
