"""One index run, for a library whose lock is held: items of sources to passages, vectors and rows.

Items are cut into passages; known vectors are reused by text key and the others embedded, in batches.
Documents are written passages first and file row last, so that a reader never
sees half of one, and a killed run leaves at most passages without a file, which the next run takes over.
"""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from findling.documents import CONTAINERS, Block, BlockKind, outsides
from findling.errors import ParseError, UnsupportedFormat
from findling.jobs import CancelToken, Progress, Rate
from findling.jobs.prefetch import prefetched
from findling.library.effort import FILE_TOKENS, Effort
from findling.library.info import RunSummary
from findling.library.passages import rows_of, vectors_for
from findling.library.scans import WAITING
from findling.library.sources import Item, sources
from findling.library.volumes import is_there
from findling.resemblance import signature_of
from findling.store import FileRow, FileState, PassageRow, StoreWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from findling.documents import Document
    from findling.embedding import Embedder
    from findling.evaluation import Collection
    from findling.jobs import Report
    from findling.library.rules import Rules
    from findling.settings import Settings

#: Batches that wait for the embedder.
_BATCHES_AHEAD = 1
#: The first batch has no more passages than this (or one file), and each after it up to twice as many.
_FIRST_BATCH_PASSAGES = 64
#: A batch that is not full is embedded and written when it is this old.
_BATCH_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Pending:
    """A file to be written: its row, the kind that its name said, its document's passages, and whether it
    counts as a file: those that lie in others do not, nor those that come again."""

    row: FileRow
    kind: str
    passages: list[PassageRow]
    counts: bool

    @property
    def tokens(self) -> int:
        """Of all passages."""
        return sum(passage.tokens for passage in self.passages)


class Indexing:
    """One run over a library. `open_embedder` is called when the first document has to be cut;
    `passage_tokens` is the most that a passage may have, 0 for as many as the embedder reads."""

    def __init__(
        self,
        writer: StoreWriter,
        open_embedder: Callable[[], Embedder],
        settings: Settings,
        report: Report,
        cancel: CancelToken,
        passage_tokens: int = 0,
    ) -> None:
        self._writer = writer
        self._open_embedder = open_embedder
        self._embedder: Embedder | None = None
        self._settings = settings
        self._report = report
        self._cancel = cancel
        self._passage_tokens = passage_tokens
        self._began = time.monotonic()
        self._rows = {row.path: row for row in writer.files()}
        self._paths_of: dict[str, set[str]] = {}
        for row in self._rows.values():
            self._paths_of.setdefault(row.document_id, set()).add(row.path)
        #: What each known document came to; copies and moves of it take this over.
        self._done = {row.document_id: row for row in self._rows.values() if row.document_id}
        stored = writer.document_ids()
        #: Documents whose passages are (perhaps not all) there, but which no file names: of a killed run.
        self._orphans = stored - self._paths_of.keys()
        #: Documents that lost a path; those left without any are removed at the end, because a file that
        #: moved may be met after its old path was given a new content.
        self._replaced: set[str] = set()
        self._summary = RunSummary()
        self._embedding_seconds = 0.0
        self._effort = Effort(())
        self._rate = Rate(0)
        #: Whether the source in hand has got past its first batch: until then its pace says nothing.
        self._under_way = False
        #: Files and weight of the batch in hand that are counted already.
        self._ahead = (0, 0.0)
        self._progress = Progress(phase="scanning", unit="files")

    def run(
        self,
        folders: Iterable[Path],
        collections: Iterable[Collection],
        rules: Rules,
        volumes: Iterable[str] = (),
        *,
        again: bool = False,
        recognition_seconds: float = math.inf,
    ) -> RunSummary:
        """Bring the library up to date with the files that `rules` let in, and with its collections; with
        `again` those that could not be read before are tried once more. After `recognition_seconds` scanned
        pages are left to the next run.

        A folder that is not there now is unmounted for all one knows: what it held is kept, and so is what
        was found on one of `volumes`, mount points of earlier runs, that is not mounted now. Raises
        `Cancelled`; what is written stays.
        """
        present: list[Path] = []
        missing: list[str] = []
        for folder in folders:
            present.append(folder) if is_there(folder) else missing.append(str(folder))
        # Those of a folder that the library does not have any more.
        own = tuple(str(folder).rstrip(os.sep) + os.sep for folder in (*present, *missing))
        gone = {path for path, row in self._rows.items() if not row.record and not path.startswith(own)}
        rows, settings = self._rows, self._settings
        if again:
            failed = {path for path, row in rows.items() if row.state is FileState.FAILED}
            failed |= {outside for path in failed for outside in outsides(path)}
            rows = {path: row for path, row in rows.items() if path not in failed}
        report, cancel = self._report, self._cancel
        for source in sources(
            present, collections, rules, rows, settings, report, cancel, volumes, recognition_seconds
        ):
            self._begin(source.work)
            # The next batch is cut in a thread: the embedder is idle while it waits for passages.
            with source.items() as items, prefetched(self._batches(items), _BATCHES_AHEAD) as batches:
                for batch in batches:
                    self._cancel.check()
                    self._flush(batch)
                    if not self._under_way:  # parsers and embedder had to start, and kernels to be compiled
                        self._rate.restart()
                        self._under_way = True
            gone |= source.gone
            self._summary = replace(self._summary, waits=self._summary.waits or source.waits)
            missing += sorted(source.missing)
        return self._finish(gone, missing)

    def _batches(self, items: Iterable[Item | None]) -> Iterator[list[_Pending]]:
        """Files that are embedded and written together, few at first: the embedder is not to wait. In a
        thread of its own."""
        batch: list[_Pending] = []
        passages = 0
        most = self._settings.batch_passages
        wanted = min(most, _FIRST_BATCH_PASSAGES)
        began = time.monotonic()
        for item in items:
            self._cancel.check()
            if item is not None:
                batch.append(self._cut(item))
                passages += len(batch[-1].passages)
            if (item is None and batch) or passages >= wanted or time.monotonic() - began > _BATCH_SECONDS:
                yield batch
                batch, passages, began = [], 0, time.monotonic()
                wanted = min(most, 2 * wanted)
        if batch:
            yield batch

    def _cut(self, item: Item) -> _Pending:
        """One file's outcome: its row as it will be, and its passages."""
        row = item.row
        passages: list[PassageRow] = []
        if item.outcome is None:
            same = self._done[row.document_id]
            row = replace(same, path=row.path, size=row.size, mtime_ns=row.mtime_ns, record=row.record)
        elif isinstance(item.outcome, ParseError):
            skipped = isinstance(item.outcome, UnsupportedFormat)
            state = FileState.SKIPPED if skipped else FileState.FAILED
            row = replace(row, state=state, reason=str(item.outcome), document_id="")
        else:
            row, passages = self._passages_of(row, item.outcome)
        if item.row.document_id:
            self._done[item.row.document_id] = row
        return _Pending(row, item.row.kind, passages, not (item.inner or item.again))

    def _passages_of(self, row: FileRow, document: Document) -> tuple[FileRow, list[PassageRow]]:
        """The document's row, and its passages."""
        row = replace(row, kind=document.kind, title=document.title, author=document.author)
        if not document.blocks and document.title:  # it can be found by that
            document = replace(document, blocks=(Block(BlockKind.PARAGRAPH, document.title),))
        rows = rows_of(document, row.document_id, self._opened_embedder(), self._passage_tokens)
        if not rows and document.kind in CONTAINERS:
            return replace(row, passages=0), []
        if not rows:
            reason = "no text in it"
            if row.parser_version == WAITING:
                reason = "its pages are pictures, whose text is read at last"
            elif document.scans:
                reason = "its pages are pictures, and no program here reads their text"
            return replace(row, state=FileState.SKIPPED, reason=reason, document_id=""), []
        signature = signature_of(document.text)
        return replace(row, passages=len(rows), language=rows[0].language, signature=signature), rows

    def _flush(self, batch: list[_Pending]) -> None:
        """Embed and write the batch: the passages, then the rows that make them visible."""
        for pending in batch:
            if not pending.counts:
                continue
            self._effort.learn(pending.kind, pending.row.size, pending.tokens)
        self._rate.expect(_weight(batch) + self._effort.left())
        passages = self._without_stored([passage for pending in batch for passage in pending.passages])
        settled = 0.0

        def settle(work: float) -> None:
            nonlocal settled
            settled += work
            self._advance(batch, 0.999 * min(1.0, settled / len(passages)))

        size = self._settings.batch_passages
        for start in range(0, len(passages), size):
            part = passages[start : start + size]
            self._writer.add_passages(part, self._vectors(part, settle))
        self._writer.put_files([pending.row for pending in batch])
        self._writer.optimize_in_bulk()
        for pending in batch:
            self._note(pending.row)
        self._advance(batch, 1.0)
        self._ahead = (0, 0.0)

    def _without_stored(self, passages: list[PassageRow]) -> list[PassageRow]:
        """Leave out what a killed run has written already, and remove what it wrote otherwise."""
        taken_over = {passage.document_id for passage in passages} & self._orphans
        unique = {passage.passage_id: passage for passage in passages}
        if not taken_over:
            return list(unique.values())
        stored = self._writer.passage_ids(taken_over)
        wrong = {
            passage_id
            for passage_id, text_key in stored.items()
            if passage_id not in unique or unique[passage_id].text_key != text_key
        }
        self._writer.remove_passages(wrong)
        return [p for p in unique.values() if p.passage_id in wrong or p.passage_id not in stored]

    def _vectors(self, passages: list[PassageRow], settle: Callable[[float], None]) -> NDArray[np.float32]:
        """Vectors of `passages`, float32 (N, dim). `settle` is told of work done, len(passages) in all."""
        began = time.monotonic()
        to_embed = len(passages)

        def reused(count: int) -> None:
            nonlocal began, to_embed
            self._summary = replace(self._summary, reused=self._summary.reused + count)
            to_embed -= count
            settle(count)
            began = time.monotonic()  # known vectors have been looked up: what follows is embedding

        def embedded(count: int, share: float) -> None:
            self._summary = replace(self._summary, embedded=self._summary.embedded + count)
            settle(share * to_embed)

        opened, cancel = self._opened_embedder, self._cancel
        vectors = vectors_for(passages, self._writer, opened, cancel, reused=reused, embedded=embedded)
        self._embedding_seconds += time.monotonic() - began
        return vectors

    def _note(self, row: FileRow) -> None:
        """Remember a written row, and the document that its path named before."""
        before = self._rows.get(row.path)
        if before is not None:
            self._forget(before)
        self._rows[row.path] = row
        self._paths_of.setdefault(row.document_id, set()).add(row.path)

    def _forget(self, row: FileRow) -> None:
        self._paths_of[row.document_id].discard(row.path)
        self._replaced.add(row.document_id)

    def _finish(self, gone: set[str], missing: list[str]) -> RunSummary:
        """Remove what no file holds any more, bring the indexes up to date, sum up."""
        self._report(replace(self._progress, phase="finishing", detail=""))
        self._writer.remove_files(gone)
        for path in gone:
            self._forget(self._rows.pop(path))
        unused = {
            document_id
            for document_id in self._orphans | self._replaced
            if document_id and not self._paths_of.get(document_id)
        }
        self._writer.remove_documents(unused)
        self._writer.optimize()
        if not (self._summary.new_or_changed or gone):
            self._writer.prune()
        states = [row.state.value for row in self._rows.values()]
        providers = self._embedder.providers if self._embedder else None
        return replace(
            self._summary,
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self._began, 2),
            embedding_seconds=round(self._embedding_seconds, 2),
            files={state.value: states.count(state.value) for state in FileState},
            passages=self._writer.count_passages(),
            removed=len(gone),
            provider=providers.actual if providers else "",
            precision=self._embedder.precision if self._embedder else "",
            provider_problems=providers.problems if providers else (),
            missing_folders=tuple(missing),
        )

    def _opened_embedder(self) -> Embedder:
        if self._embedder is None:
            self._embedder = self._open_embedder()
        return self._embedder

    def _begin(self, work: list[tuple[str, int]]) -> None:
        files = len(work)
        self._effort = Effort(work)
        self._rate = Rate(self._effort.left())
        self._under_way = False
        self._summary = replace(self._summary, new_or_changed=self._summary.new_or_changed + files)
        self._progress = Progress("indexing", 0, files, "files")
        self._report(self._progress)

    def _advance(self, batch: list[_Pending], share: float) -> None:
        """Report that `share` of the batch's work is done, 1 when it is written."""
        files = int(sum(pending.counts for pending in batch) * share)
        weight = share * _weight(batch)
        files_before, weight_before = self._ahead
        self._ahead = (files, weight)
        self._rate.add(weight - weight_before, files - files_before)
        self._progress = replace(
            self._progress,
            done=self._progress.done + files - files_before,
            share=max(self._progress.share or 0.0, self._rate.share()),
            detail=batch[min(int(len(batch) * share), len(batch) - 1)].row.path,
            per_second=self._rate.per_second(),
            remaining_seconds=self._rate.remaining_seconds() if self._under_way else None,
            counts={"embedded": self._summary.embedded, "reused": self._summary.reused},
        )
        self._report(self._progress)


def _weight(batch: list[_Pending]) -> float:
    """The batch's work, in tokens."""
    return sum(FILE_TOKENS + pending.tokens for pending in batch)
