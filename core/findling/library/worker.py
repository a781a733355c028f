"""What runs in the indexer process: the one writer of a library, under its lock."""

from __future__ import annotations

import math
import time
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.chunking import CHUNKER_VERSION
from findling.documents import Document
from findling.documents.language import language_of
from findling.embedding import Embedder, ensure_installed, open_embedder
from findling.errors import LibraryBusy, LibraryDamaged, ModelDamaged, ModelNotFound, StoreUnreachable
from findling.evaluation import CORPUS_FILE, read_collection
from findling.jobs import Progress
from findling.library.balance import find_out, is_due
from findling.library.indexing import Indexing
from findling.library.info import LOCK_FILE, Generation, LibraryInfo, RunSummary
from findling.library.model import model_of
from findling.library.rules import Rules
from findling.library.shadow import Filling
from findling.library.sources import sources
from findling.library.volumes import is_there, mounted, still_of_use
from findling.library.watching import Watch
from findling.search import Balance
from findling.settings import Settings
from findling.store import StoreReader, StoreWriter, disk_errors, drop_generation, store_errors

#: A shadow generation is built in slices of this length; between two, changed files are looked for.
_SHADOW_SECONDS = 60.0
#: A watcher that met another writer looks again after this time.
_BUSY_SECONDS = 30.0
#: And so long after the last change, when no reader holds what was there before it: versions are pruned.
_REST_SECONDS = 75.0
#: A watcher looks for changed files after so long, however many scanned pages are left.
_RECOGNITION_SECONDS = 180.0
#: A watcher waits so long for another writer before it says that the library is busy.
_PATIENCE_SECONDS = 10.0
#: And a run: a writer that was killed a moment ago may still be on its way out.
_GOING_SECONDS = 1.0
#: How long they wait at a time.
_LOCK_SECONDS = 0.25
#: Optimising tables again and again makes a process grow (by half a gigabyte in 25 times); a watcher of this
#: size is replaced.
_LARGEST_WATCHER_BYTES = 2 * 1024**3

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from findling.evaluation import Collection
    from findling.jobs import CancelToken, Report
    from findling.store import StorePlace


def index(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Bring a library up to date with its folders and collections, and its shadow generation if it has one.

    `arguments`: `settings`; `directory`, the library's; `folders` and `collections`, absolute paths to add
    first, and `without`, folders to leave out from now on; `again`, whether files that failed are tried once
    more; `rules`, from now on, and `instruction`, the task
    of its queries, or None to leave them; `shadow`, the id of a model to embed the library anew with, or "",
    and `passage_tokens`, the most that a passage may have then (0: what the model reads), or None for as many
    as now, and `balance`, how its legs are weighed, or None to find it out. Returns the run's summary.

    Raises `LibraryBusy`, `LibraryDamaged`, `ModelNotFound`, `CollectionError`, `StoreUnreachable`,
    `Cancelled`.
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
    with writing(directory, _PATIENCE_SECONDS, cancel):
        info = _changed(LibraryInfo.load(directory), arguments)
        info.save(directory)
    nothing: dict[str, Any] = {
        "folders": [],
        "without": [],
        "collections": [],
        "rules": None,
        "instruction": None,
        "again": False,
        "recognition_seconds": _RECOGNITION_SECONDS,
    }
    unchanged = arguments | nothing

    def folders() -> list[Path]:
        return [Path(folder) for folder in LibraryInfo.load(directory).folders]

    watched = Watch(folders, settings.home, cancel, hidden=info.rules.hidden)
    for _ in watched.changes():
        try:
            summary = _bring_up_to_date(settings, unchanged, report, cancel, embedders)
        except (LibraryBusy, StoreUnreachable) as hindered:
            watched.look_again(_BUSY_SECONDS)
            report(Progress("watching", detail=hindered.message))
            continue
        if summary.waits:
            watched.look_again(0.0)
        elif summary.new_or_changed or summary.removed:
            watched.look_again(_REST_SECONDS)
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
    with writing(directory, _GOING_SECONDS, cancel):
        before = LibraryInfo.load(directory)
        with store_errors(before.store_in(directory)):
            info = replace(_changed(before, arguments), unfinished=True)
            if arguments["shadow"]:
                info = _with_shadow(settings, directory, info, arguments)
            info = replace(info, volumes=tuple(sorted({*info.volumes, *mounted(info.folders)})))
            info.save(directory)
            run = _Run(settings, directory, info, report, cancel, embedders, arguments)
            if before.unfinished:
                run.remove_debris()
            summary = run.bring_up_to_date()
            if not summary.provider and before.last_run is not None:  # nothing was embedded
                summary = replace(
                    summary,
                    provider=before.last_run.provider,
                    precision=before.last_run.precision,
                    provider_problems=before.last_run.provider_problems,
                )
            volumes = still_of_use(info.volumes, info.folders, summary.missing_folders)
            replace(run.info, unfinished=False, last_run=summary, volumes=volumes).save(directory)
    return summary


def _changed(info: LibraryInfo, arguments: dict[str, Any]) -> LibraryInfo:
    """The library with what the arguments say of it from now on."""
    return replace(
        info,
        folders=outermost(
            folder for folder in [*info.folders, *arguments["folders"]] if folder not in arguments["without"]
        ),
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
        arguments: dict[str, Any],
    ) -> None:
        self.info = info
        self._again: bool = arguments["again"]
        self._recognition_seconds: float = arguments.get("recognition_seconds", math.inf)
        self._settings = settings
        self._directory = directory
        self._report = report
        self._cancel = cancel
        self._embedders = embedders

    def remove_debris(self) -> None:
        """Delete what a killed run has left in the tables that it may have written to; the lock guards
        those on this machine alone."""
        if not self.info.store:
            for generation in filter(None, (self.info.active, self.info.shadow)):
                self._writer(generation).remove_debris()

    def bring_up_to_date(self) -> RunSummary:
        """The active generation, and the shadow generation if there is one, which then becomes active."""
        try:
            summary = self.update()
        except (LibraryDamaged, ModelNotFound, ModelDamaged):
            # The active generation's model is gone or is another one now: that is what a rebuild is for.
            if self.info.shadow is None:
                raise
            while not self.build_shadow(_SHADOW_SECONDS):
                pass
            return self.update()
        while self.info.shadow is not None and not self.build_shadow(_SHADOW_SECONDS):
            summary = self.update()
        return summary

    def update(self) -> RunSummary:
        """Bring the active generation up to date."""
        active = self.info.active
        opener = self._opener(active)
        if self.info.retired:  # it may have been retired itself, and miss what came since
            self._fill(self.info.retired[0], active).run()
        writer = self._writer(active)  # after another handle of the table was used: it would not see that
        tokens = active.passage_tokens
        run = Indexing(writer, opener, self._settings, self._report, self._cancel, tokens)
        folders = [Path(folder) for folder in self.info.folders]
        collections = self._collections()
        again, self._again = self._again, False
        summary = run.run(
            folders,
            collections,
            self.info.rules,
            self.info.volumes,
            again=again,
            recognition_seconds=self._recognition_seconds,
        )
        self._weigh(active, opener)
        read = {collection.corpus.parent for collection in collections}
        missing = tuple(place for place in self.info.collections if Path(place) not in read)
        return replace(summary, missing_folders=(*summary.missing_folders, *missing))

    def _weigh(self, generation: Generation, opener: Callable[[], Embedder]) -> None:
        """Find out how the legs of a search are weighed here, if it is time to."""
        number = str(generation.number)
        with closing(StoreReader(self.info.store_in(self._directory), generation.number)) as store:
            if is_due(self.info.balances.get(number), store.count_passages()):
                balance = find_out(store, opener(), self._cancel)
                self.info = replace(self.info, balances=self.info.balances | {number: balance})
                self.info.save(self._directory)

    def build_shadow(self, seconds: float) -> bool:
        """Work on the shadow generation for about `seconds`; whether it was complete, and is active now."""
        shadow, active = self.info.shadow, self.info.active
        assert shadow is not None
        if not self._fill(active, shadow).run(seconds):
            return False
        retired = (active, *self.info.retired)
        self.info = replace(self.info, active=shadow, shadow=None, retired=retired)
        self.info.save(self._directory)
        self._writer(shadow).recount_files()
        return True

    def _fill(self, source: Generation, target: Generation) -> Filling:
        opener = self._opener(target)
        stored = self._writer(source)
        return Filling(
            stored,
            self._writer(target),
            opener,
            self._settings,
            self._report,
            self._cancel,
            target.passage_tokens,
            None if source.cutting == target.cutting else partial(self._read_again, stored),
        )

    def _read_again(self, stored: StoreWriter, wanted: set[str]) -> Iterator[tuple[str, Document]]:
        """Documents of `wanted` as their files give them now; those that these give no more are left out."""
        known = {row.path: row for row in stored.files() if row.document_id not in wanted}
        there = [folder for folder in map(Path, self.info.folders) if is_there(folder)]
        rules, settings = self.info.rules, self._settings
        for source in sources(there, self._collections(), rules, known, settings, self._report, self._cancel):
            with source.items() as items:
                for item in items:
                    if item and item.row.document_id in wanted and isinstance(item.outcome, Document):
                        yield item.row.document_id, item.outcome

    def _collections(self) -> list[Collection]:
        """Those whose corpus is there now."""
        there = [place for place in map(Path, self.info.collections) if is_there(place)]
        return [read_collection(place) for place in there if (place / CORPUS_FILE).is_file()]

    def _writer(self, generation: Generation) -> StoreWriter:
        writer = writer_of(self.info.store_in(self._directory), generation)
        if writer.outdated:
            writer.upgrade(language_of, self._upgraded)
        return writer

    def _upgraded(self, done: int, total: int) -> None:
        self._cancel.check()
        self._report(Progress("upgrading", done, total, "passages"))

    def _opener(self, generation: Generation) -> Callable[[], Embedder]:
        """Opens the generation's embedder when it is first needed, and once."""
        model = model_of(self._settings, self.info.name, generation)

        def opened() -> Embedder:
            if generation.fingerprint not in self._embedders:
                self._embedders[generation.fingerprint] = open_embedder(self._settings, model, bulk=True)
            return self._embedders[generation.fingerprint]

        return opened


def writer_of(place: StorePlace | Path, generation: Generation) -> StoreWriter:
    """Writes a generation of the library whose tables are in `place`. Only under the library's lock."""
    return StoreWriter(place, generation.number, generation.dim, generation.fingerprint)


def _with_shadow(
    settings: Settings, directory: Path, info: LibraryInfo, arguments: dict[str, Any]
) -> LibraryInfo:
    """The library with a shadow generation of the model in `arguments`, cut by today's chunker, and with its
    balance, where that is known; one that was begun otherwise is dropped."""
    model, passage_tokens = arguments["shadow"], arguments["passage_tokens"]
    card = ensure_installed(settings, model).card
    number = 1 + max(generation.number for generation in info.generations)
    tokens = info.active.passage_tokens if passage_tokens is None else passage_tokens
    shadow = Generation(number, model, card.fingerprint, card.dim, CHUNKER_VERSION, tokens)
    balances = {key: balance for key, balance in info.balances.items() if key != str(number)}
    if info.shadow is not None:
        if replace(shadow, number=info.shadow.number) == info.shadow:
            shadow = info.shadow
        else:
            drop_generation(info.store_in(directory), info.shadow.number)
    if arguments["balance"] is not None:
        balances[str(shadow.number)] = Balance(**arguments["balance"])
    return replace(info, shadow=shadow, balances=balances)


@contextmanager
def writing(
    directory: Path, patience_seconds: float = 0.0, cancel: CancelToken | None = None
) -> Generator[None]:
    """Hold a library's writer lock, which knows of this machine's processes alone; it falls with the process.

    Raises `LibraryBusy`, `Cancelled` while it waits for another writer, and for what the disk refuses in the
    block `DiskFull` and `PlaceNotWritable`.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(directory / LOCK_FILE, mode=0o600)
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            with disk_errors(directory):
                lock.acquire(timeout=max(0.0, min(_LOCK_SECONDS, deadline - time.monotonic())))
            break
        except Timeout:
            if cancel is not None:
                cancel.check()
            if time.monotonic() >= deadline:
                raise LibraryBusy(
                    f"The library {directory.name!r} is being written to by another process.",
                    "Wait for it to finish, or stop it.",
                ) from None
    try:
        with disk_errors(directory):
            yield
    finally:
        lock.release()


def outermost(folders: Iterable[str]) -> tuple[str, ...]:
    """Folders, each once and in their order, without those that lie inside another one."""
    paths = [Path(folder) for folder in dict.fromkeys(folders)]
    return tuple(str(path) for path in paths if not any(path != p and path.is_relative_to(p) for p in paths))
