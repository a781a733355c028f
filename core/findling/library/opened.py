"""A library opened for reading: search, the text of a document, the list of files, its state."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from findling.embedding import Embedder, open_embedder
from findling.errors import LibraryNotFound
from findling.library.info import STORE_DIRECTORY, LibraryInfo
from findling.library.model import model_of
from findling.search import Hit, Mode, Searcher
from findling.store import FileRow, StoreReader

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from findling.jobs import CancelToken
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


class OpenLibrary:
    """Reads one library, also while it is written to. Thread-safe; use as a context manager or `close()`.

    Store and embedder are loaded on first use, side by side, because each takes about a second.
    """

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._settings = settings
        self._directory = directory
        self._lock = threading.Lock()
        self._loader = ThreadPoolExecutor(2, thread_name_prefix="load")
        self._reader: Future[StoreReader] | None = None
        self._embedder: Future[Embedder] | None = None

    @property
    def info(self) -> LibraryInfo:
        """What the library consists of, as it is now on disk."""
        return LibraryInfo.load(self._directory)

    def warm(self) -> None:
        """Begin to load what a search needs, and return at once."""
        self._begin_reader()
        self._begin_embedder()

    def close(self) -> None:
        """Give back what was opened. No other call may be running."""
        self._loader.shutdown(wait=True)
        if self._reader is not None and self._reader.exception() is None:
            self._reader.result().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def embedder(self) -> Embedder:
        """The embedder of the active generation; loaded on first use."""
        return self._begin_embedder().result()

    def search(
        self,
        query: str,
        mode: Mode = Mode.HYBRID,
        limit: int = 10,
        cancel: CancelToken | None = None,
    ) -> list[Hit]:
        """The best `limit` documents for `query`. Raises `Cancelled`, and what opening raises."""
        if mode is not Mode.KEYWORD:
            self._begin_embedder()
        store = self._store()
        return Searcher(store, self._embed_query).search(query, mode, limit, cancel)

    def document(self, document_id: str) -> DocumentText:
        """The text of a document, put together from its passages."""
        parts: list[str] = []
        spans: dict[str, tuple[int, int]] = {}
        length = 0
        for passage in self._store().passages_of(document_id):
            if passage.start > length:
                parts.append("\n" * min(2, passage.start - length) + " " * (passage.start - length - 2))
                length = passage.start
            parts.append(passage.text[max(0, length - passage.start) :])
            length = max(length, passage.end)
            spans[passage.passage_id] = (passage.start, passage.end)
        return DocumentText("".join(parts), spans)

    def files(self) -> list[FileRow]:
        """All files that were looked at, by path."""
        return self._store().files()

    def status(self) -> dict[str, Any]:
        """The shape of `findling status --json`."""
        info = self.info
        run = info.last_run
        try:
            counts, passages = self._store().file_counts(), self._store().count_passages()
        except LibraryNotFound:  # its first run has not written anything yet
            counts, passages = {}, 0
        return {
            "library": info.name,
            "model": info.model,
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
            "disk_bytes": sum(p.stat().st_size for p in self._directory.rglob("*") if p.is_file()),
        }

    def _store(self) -> StoreReader:
        reader = self._begin_reader()
        try:
            return reader.result()
        except LibraryNotFound:
            with self._lock:
                self._reader = None  # the first run may create it later
            raise

    def _begin_reader(self) -> Future[StoreReader]:
        with self._lock:
            if self._reader is None:
                directory = self._directory / STORE_DIRECTORY
                self._reader = self._loader.submit(StoreReader, directory, self.info.generation)
            return self._reader

    def _begin_embedder(self) -> Future[Embedder]:
        with self._lock:
            if self._embedder is None:
                self._embedder = self._loader.submit(self._open_embedder)
            return self._embedder

    def _open_embedder(self) -> Embedder:
        info = self.info
        model = model_of(self._settings, info)
        return open_embedder(self._settings, model)

    def _embed_query(self, text: str) -> NDArray[np.float32]:
        return self.embedder.embed_query(text, self.info.instruction)
