"""Fill one generation with what another one holds, under its own embedder and its own cutting.

Where both are cut alike, passages are taken as they are stored, so that no file is read again; one that is
too long for the embedder is cut further. Otherwise files are read again and cut anew, and only those that
cannot be (unmounted, changed in the meantime) give their stored passages. A batch of whole documents is one
commit: a document is in the generation complete or not at all, and a killed build goes on with those that are
missing.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import chain, groupby
from typing import TYPE_CHECKING, Protocol

from findling.chunking import cut
from findling.documents import Block, BlockKind, Document
from findling.jobs import Progress, Rate
from findling.library.passages import longest, row_of, rows_of, vectors_for
from findling.store import FileState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from findling.embedding import Embedder
    from findling.jobs import CancelToken, Report
    from findling.settings import Settings
    from findling.store import FileRow, PassageRow, StoreWriter

    #: Gives documents by id as their files are now, of those that are asked for; some may be left out.
    ReadAgain = Callable[[set[str]], Iterator[tuple[str, Document]]]

    Cut = tuple[str, list[PassageRow]]

#: Documents whose passages are read at once.
_DOCUMENTS = 64


class Source(Protocol):
    """What a generation is filled out of."""

    def files(self) -> list[FileRow]:
        """All rows of files."""
        ...

    def document_ids(self) -> set[str]:
        """The documents that have passages."""
        ...

    def passages_of(self, document_ids: Collection[str]) -> list[PassageRow]:
        """All passages of these documents, document by document."""
        ...


class Filling:
    """Brings `target` to hold every document that the library has, out of `source`.

    `open_embedder` gives the same embedder each time; `passage_tokens` is the most that a passage of the
    target may have, 0 for as many as the embedder reads. `read_again` is None where both are cut alike.
    """

    def __init__(
        self,
        source: Source,
        target: StoreWriter,
        open_embedder: Callable[[], Embedder],
        settings: Settings,
        report: Report,
        cancel: CancelToken,
        passage_tokens: int = 0,
        read_again: ReadAgain | None = None,
    ) -> None:
        self._source = source
        self._target = target
        self._open_embedder = open_embedder
        self._settings = settings
        self._report = report
        self._cancel = cancel
        self._passage_tokens = passage_tokens
        self._read_again = read_again
        self.embedded = 0

    def run(self, seconds: float = float("inf")) -> bool:
        """Work for about `seconds`; whether nothing is missing any more. Raises `Cancelled`: what is written
        stays."""
        rows = self._source.files()
        documents = {row.document_id for row in rows if row.state is FileState.INDEXED}
        there = self._target.document_ids()
        self._target.remove_documents(there - documents)
        missing = sorted((documents & self._source.document_ids()) - there)
        began = time.monotonic()
        rate = Rate(len(missing))
        done = 0
        self._tell(done, len(missing), rate)
        for ids, passages in self._batches(chain(self._cut_anew(missing), self._stored(missing))):
            self._cancel.check()
            if time.monotonic() - began > seconds:
                return False
            vectors = vectors_for(
                passages,
                self._target,
                self._open_embedder,
                self._cancel,
                reused=_ignore,
                embedded=self._count,
            )
            self._target.add_passages(passages, vectors)
            done += len(ids)
            rate.add(len(ids), len(ids))
            self._tell(done, len(missing), rate)
        self._target.optimize()
        return True

    def _batches(self, documents: Iterable[Cut]) -> Iterator[tuple[list[str], list[PassageRow]]]:
        """Whole documents, each once, together a batch of passages or a little more."""
        seen: set[str] = set()
        ids: list[str] = []
        batch: list[PassageRow] = []
        for document_id, passages in documents:
            if document_id in seen:
                continue
            seen.add(document_id)
            ids.append(document_id)
            batch += passages
            if len(batch) >= self._settings.batch_passages:
                yield ids, batch
                ids, batch = [], []
        if batch:
            yield ids, batch

    def _cut_anew(self, missing: list[str]) -> Iterator[Cut]:
        """Documents out of their files, where that is called for."""
        if self._read_again is None or not missing:
            return
        for document_id, document in self._read_again(set(missing)):
            passages = rows_of(document, document_id, self._open_embedder(), self._passage_tokens)
            if passages:
                yield document_id, list({passage.passage_id: passage for passage in passages}.values())

    def _stored(self, missing: list[str]) -> Iterator[Cut]:
        """Documents out of their stored passages."""
        for start in range(0, len(missing), _DOCUMENTS):
            stored = self._source.passages_of(missing[start : start + _DOCUMENTS])
            for document_id, own in groupby(stored, key=lambda row: row.document_id):
                yield document_id, self._fitted(list(own))

    def _fitted(self, rows: list[PassageRow]) -> list[PassageRow]:
        """A document's passages; those too long for the target are cut."""
        embedder = self._open_embedder()
        most = longest(embedder, self._passage_tokens)
        counts = embedder.count_tokens([row.content for row in rows])
        fitted: list[PassageRow] = []
        for row, tokens in zip(rows, counts, strict=True):
            fitted += [replace(row, tokens=tokens)] if tokens <= most else self._cut(row, embedder, most)
        return fitted

    def _cut(self, row: PassageRow, embedder: Embedder, most: int) -> list[PassageRow]:
        context = row.content[: row.text_offset].strip()
        document = Document("text", context, (Block(BlockKind.PARAGRAPH, row.text),))
        parts = cut(document, embedder.count_tokens, most)
        return [row_of(part, row.document_id, row.anchor, row.language, row.start) for part in parts]

    def _count(self, passages: int, _: float) -> None:
        self.embedded += passages

    def _tell(self, done: int, total: int, rate: Rate) -> None:
        self._report(
            Progress(
                "re-embedding",
                done,
                total,
                "documents",
                share=rate.share(),
                per_second=rate.per_second(),
                remaining_seconds=rate.remaining_seconds(),
                counts={"embedded": self.embedded},
            )
        )


def _ignore(_: int) -> None:
    """Passages whose vectors were known."""
