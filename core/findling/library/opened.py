"""A library opened for reading: search, the text of a document, the list of files, its state."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from findling.errors import LibraryDamaged, LibraryNotFound
from findling.library.completing import completions
from findling.library.embedders import SharedEmbedders
from findling.library.info import INFO_FILE, LibraryInfo
from findling.library.model import model_of
from findling.library.personal import Personal
from findling.library.rerankers import SharedReranker
from findling.library.similar import similar
from findling.library.why import why
from findling.search import Answer, Hit, Mode, Question, Searcher
from findling.settings import tree_bytes
from findling.store import FileRow, StorePlace, StoreReader

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from findling.embedding import Chance, Embedder
    from findling.jobs import CancelToken
    from findling.library.why import Answer as FileAnswer
    from findling.search.completion import Completion
    from findling.settings import Settings


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document's text as it was indexed; what lies between passages is not kept and appears as blank
    lines. `span_of` finds a passage in it."""

    text: str
    spans: dict[str, tuple[int, int]]

    def span_of(self, passage_id: str) -> tuple[int, int]:
        """[start, end) of a passage in `text`; (0, 0) for one that is not there any more."""
        return self.spans.get(passage_id, (0, 0))


def disk_bytes(directory: Path, info: LibraryInfo | None = None) -> int:
    """What the library in `directory` takes up on this machine, with its tables unless those are in an object
    store; without `info`, which knows where they are, that of its directory alone."""
    return tree_bytes(directory) + (StorePlace(info.store).size_bytes() if info and info.store else 0)


class _Serving:
    """A generation that answers searches: its tables and its embedder, loaded side by side."""

    def __init__(
        self,
        settings: Settings,
        directory: Path,
        info: LibraryInfo,
        loader: Executor,
        embedders: SharedEmbedders,
    ) -> None:
        self.generation = info.active
        self.users = 0
        self.reader = loader.submit(StoreReader, info.store_in(directory), info.active.number)
        self._settings = settings
        self._name = info.name
        self._loader = loader
        self._embedders = embedders
        self._lock = threading.Lock()
        self._embedder: Future[Embedder] | None = None

    def embedder(self) -> Future[Embedder]:
        """The embedder; begins to load when it is first asked for."""
        with self._lock:
            if self._embedder is None:
                self._embedder = self._loader.submit(self._open_embedder)
            return self._embedder

    @property
    def ready(self) -> bool:
        """Whether all that was begun is loaded."""
        return self.reader.done() and self.embedder().done()

    @property
    def works(self) -> bool:
        """Whether it was loaded without an error. Only when `ready`."""
        return self.reader.exception() is None and self.embedder().exception() is None

    def _open_embedder(self) -> Embedder:
        model = model_of(self._settings, self._name, self.generation)
        return self._embedders.open(self._settings, model)

    def close(self) -> None:
        """End the reader's thread, once it is loaded. Nobody may use it any more."""
        self.reader.add_done_callback(lambda done: None if done.exception() else done.result().close())


class OpenLibrary:
    """Reads one library, also while it is written to. Thread-safe; use as a context manager or `close()`.

    Store and embedder are loaded on first use, side by side, because each takes about a second. When another
    generation becomes active, it is loaded while searches go on in the one before. Libraries that are given
    the same `embedders` hold one embedder of a model together.
    """

    def __init__(
        self,
        settings: Settings,
        directory: Path,
        embedders: SharedEmbedders | None = None,
        rerankers: SharedReranker | None = None,
    ) -> None:
        self._settings = settings
        self._rerankers = rerankers or SharedReranker()
        self._directory = directory
        self._embedders = embedders or SharedEmbedders()
        self._lock = threading.RLock()
        self._loader = ThreadPoolExecutor(2, thread_name_prefix="load")
        self._serving: _Serving | None = None
        self._next: _Serving | None = None
        self._info: tuple[int, LibraryInfo] | None = None

    @property
    def info(self) -> LibraryInfo:
        """What the library consists of, as it is now on disk."""
        with self._lock:
            try:
                changed = (self._directory / INFO_FILE).stat().st_mtime_ns
            except OSError:
                changed = 0
            if self._info is None or self._info[0] != changed:
                self._info = (changed, LibraryInfo.load(self._directory))
            return self._info[1]

    @property
    def personal(self) -> Personal:
        """What was asked, saved and judged here."""
        return Personal(self._directory, keep_history=self._settings.keep_history)

    def warm(self) -> None:
        """Begin to load what a search needs, and return at once."""
        with self._used() as serving:
            serving.embedder()

    def close(self) -> None:
        """Give back what was opened. No other call may be running."""
        self._loader.shutdown(wait=True)
        for serving in filter(None, (self._serving, self._next)):
            serving.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def embedder(self) -> Embedder:
        """The embedder of the active generation; loaded on first use."""
        with self._used() as serving:
            return serving.embedder().result()

    @contextmanager
    def _used(self) -> Generator[_Serving]:
        """The generation that answers now; it is not closed before the block ends."""
        with self._lock:
            serving = self._serving = self._current()
            serving.users += 1
        try:
            yield serving
        finally:
            with self._lock:
                serving.users -= 1
                if serving is not self._serving and not serving.users:
                    serving.close()

    def _current(self) -> _Serving:
        """The generation to answer from: the active one, once it is loaded; until then the one before."""
        info, serving = self.info, self._serving
        failed = serving is not None and serving.reader.done() and serving.reader.exception() is not None
        if serving is None or failed:  # the first run may create it later
            self._next = None
            return self._begun(info)
        if serving.generation == info.active:
            return serving
        if self._next is None or self._next.generation != info.active:
            if self._next is not None:
                self._next.close()
            self._next = self._begun(info)
        if not self._next.ready:
            return serving
        coming, self._next = self._next, None
        if not coming.works and serving.generation in info.retired:
            return serving  # what was active before still answers
        if not serving.users:
            serving.close()
        return coming

    def _begun(self, info: LibraryInfo) -> _Serving:
        return _Serving(self._settings, self._directory, info, self._loader, self._embedders)

    @contextmanager
    def _store(self) -> Generator[StoreReader]:
        with self._used() as serving:
            yield serving.reader.result()

    def search(
        self,
        query: str,
        mode: Mode = Mode.HYBRID,
        limit: int = 10,
        cancel: CancelToken | None = None,
    ) -> list[Hit]:
        """The best `limit` documents for `query`. Raises `Cancelled`, and what opening raises."""
        return self.answer(Question(query, mode, limit, cancel)).hits

    def answer(self, question: Question) -> Answer:
        """Hits, and what may be amiss with the query. Raises as `search`, and `QueryMistake`."""
        question = self._rerankers.with_second_look(self._settings, question)
        with self.searcher(question.mode) as searcher:
            return searcher.answer(question)

    def similar(
        self,
        *,
        passage_id: str = "",
        document_id: str = "",
        text: str = "",
        limit: int = 10,
        cancel: CancelToken | None = None,
    ) -> Answer:
        """More like a passage or a document, which are not among the hits, or like any text: the documents
        that are nearest in meaning. Raises `Cancelled`, and `UserError` when there is no such passage or
        document, or no text."""
        with self.searcher(Mode.SEMANTIC) as searcher:
            return similar(searcher, self.embedder, passage_id, document_id, text, limit, cancel)

    def completions(self, text: str, cursor: int) -> list[Completion]:
        """What could be meant before the cursor of a query, with the folders, authors, languages, types and
        words that are here."""
        with self._store() as store:
            return completions(store, self.info.folders, text, cursor)

    @contextmanager
    def searcher(self, mode: Mode = Mode.HYBRID) -> Generator[Searcher]:
        """What searches the generation that answers now, which is not closed before the block ends. Raises
        what opening raises."""
        with self._used() as serving:
            if mode is not Mode.KEYWORD:
                serving.embedder()
            store = serving.reader.result()

            def embed(text: str) -> NDArray[np.float32]:
                embedder = serving.embedder().result()
                if store.fingerprint not in ("", embedder.card.fingerprint):
                    raise LibraryDamaged(
                        f"The index of {self.info.name!r} is not of the model {embedder.card.id}.",
                        "Run: findling check --repair",
                    )
                return embedder.embed_query(text, self.info.instruction)

            def chance() -> Chance:
                return serving.embedder().result().chance(self.info.instruction)

            def embed_texts(texts: Sequence[str], cancel: CancelToken | None) -> NDArray[np.float32]:
                return serving.embedder().result().embed_passages(texts, cancel)

            yield Searcher(
                store,
                embed,
                self._directory.name,
                serving.generation.fingerprint,
                chance,
                self.info.balances.get(str(serving.generation.number)),
                embed_texts,
            )

    def document(self, document_id: str) -> DocumentText:
        """The text of a document, put together from its passages."""
        parts: list[str] = []
        spans: dict[str, tuple[int, int]] = {}
        length = 0
        with self._store() as store:
            passages = store.passages_of(document_id)
        for passage in passages:
            if passage.start > length:
                parts.append("\n" * min(2, passage.start - length) + " " * (passage.start - length - 2))
                length = passage.start
            parts.append(passage.text[max(0, length - passage.start) :])
            length = max(length, passage.end)
            spans[passage.passage_id] = (passage.start, passage.end)
        return DocumentText("".join(parts), spans)

    def files(self) -> list[FileRow]:
        """All files that were looked at, by path."""
        with self._store() as store:
            return store.files()

    def files_among(self, **values: Collection[str]) -> list[FileRow]:
        """Those of which any of these columns has one of its values, by path; a blank is none."""
        with self._store() as store:
            return store.files_among(**values)

    def why(self, path: Path) -> FileAnswer:
        """How a file or folder stands with the library."""
        try:
            rows = self.files()
        except LibraryNotFound:  # its first run has not written anything yet
            rows = []
        return why(path, self.info, rows)

    def status(self) -> dict[str, Any]:
        """The shape of `findling status --json`."""
        info = self.info
        run = info.last_run
        try:
            with self._store() as store:
                counts, passages = store.file_counts(), store.count_passages()
        except LibraryNotFound:  # its first run has not written anything yet
            counts, passages = {}, 0
        return {
            "library": info.name,
            "model": info.active.model,
            "generation": info.active.number,
            "rebuilding": info.shadow.model if info.shadow else "",
            "instruction": info.instruction,
            "provider": run.provider if run else "",
            "precision": run.precision if run else "",
            "provider_problems": list(run.provider_problems) if run else [],
            "files": {state: counts.get(state, 0) for state in ("indexed", "skipped", "failed")},
            "passages": passages,
            "embedded_last_run": run.embedded if run else 0,
            "reused_last_run": run.reused if run else 0,
            "folders": list(info.folders),
            "collections": list(info.collections),
            "missing_folders": list(run.missing_folders) if run else [],
            "unfinished": info.unfinished,
            "last_run": run.finished if run else None,
            "last_run_seconds": run.seconds if run else None,
            "store": info.store,
            "disk_bytes": disk_bytes(self._directory, info),
        }
