"""The pipeline of an index, for one library whose lock is held.

scan → diff by size and mtime, then by content → parse in a pool → cut into passages → reuse known vectors,
embed the others → write. Documents are written passages first and file row last, so that a reader never
sees half of one, and a killed run leaves at most passages without a file, which the next run takes over.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from findling.chunking import CHUNKER_VERSION, cut
from findling.documents import (
    PARSER_VERSION,
    Anchor,
    Block,
    BlockKind,
    Document,
    ParserPool,
    family_of_name,
)
from findling.errors import ParseError, UnsupportedFormat
from findling.jobs import CancelToken, Progress, Rate
from findling.jobs.prefetch import prefetched
from findling.library.info import RunSummary
from findling.library.scan import Found, scan
from findling.store import FileRow, FileState, PassageRow, StoreWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from findling.embedding import Embedder
    from findling.evaluation import Collection, Record
    from findling.jobs import Report
    from findling.settings import Settings

#: A batch that is not full is embedded and written when it is this old.
_BATCH_SECONDS = 10.0
#: Parsed documents that wait for the embedder.
_DOCUMENTS_AHEAD = 32


@dataclass(frozen=True, slots=True)
class _Pending:
    """A file to be written: its row, its document's passages, its share of the work."""

    row: FileRow
    passages: list[PassageRow]
    weight: float


class Indexing:
    """One run over a library. `open_embedder` is called when the first passage has to be embedded."""

    def __init__(
        self,
        writer: StoreWriter,
        open_embedder: Callable[[], Embedder],
        settings: Settings,
        report: Report,
        cancel: CancelToken,
    ) -> None:
        self._writer = writer
        self._open_embedder = open_embedder
        self._embedder: Embedder | None = None
        self._settings = settings
        self._report = report
        self._cancel = cancel
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
        self._stored_anything = bool(stored)
        self._batch: list[_Pending] = []
        self._batch_passages = 0
        self._batch_began = time.monotonic()
        self._summary = RunSummary()
        self._rate = Rate(0)
        #: Weight of the batch in hand that is counted already.
        self._weight_ahead = 0.0
        self._progress = Progress(phase="scanning", unit="files")

    def run(self, folders: Iterable[Path], collections: Iterable[Collection]) -> RunSummary:
        """Bring the library up to date with its folders and collections.

        A folder that is not there now is unmounted for all one knows: what it held is kept. Raises
        `Cancelled`; what is written stays.
        """
        present: list[Path] = []
        missing: list[str] = []
        for folder in folders:
            present.append(folder) if folder.is_dir() else missing.append(str(folder))
        gone = self._run_folders(present)
        for collection in collections:
            gone |= self._run_collection(collection)
        return self._finish(gone, missing)

    def _run_folders(self, folders: list[Path]) -> set[str]:
        """Index what is new or changed; returns the paths that are gone."""
        found = self._scan(folders)
        changed = [file for key, file in found.items() if self._has_changed(key, file)]
        changed.sort(key=lambda file: file.size)  # small files first: search is useful in seconds
        self._begin(len(changed), sum(_weight(file) for file in changed))
        limits = self._settings
        with (
            ParserPool(
                limits.parser_processes or max(1, (os.cpu_count() or 2) - 1),
                limit_seconds=limits.parse_limit_seconds,
                limit_mebibytes=limits.parse_limit_mebibytes,
            ) as pool,
            prefetched(self._outcomes(pool, changed), _DOCUMENTS_AHEAD) as outcomes,
        ):
            try:
                for file, document_id, outcome in outcomes:
                    self._cancel.check()
                    self._take(_row_of(file, document_id), outcome, _weight(file))
            finally:
                pool.stop()
        self._flush()
        closed = [file.path for file in found.values() if file.problem and file.path.is_dir()]
        return {
            path
            for path, row in self._rows.items()
            if path not in found and not row.record and _lies_in(path, folders) and not _lies_in(path, closed)
        }

    def _run_collection(self, collection: Collection) -> set[str]:
        """Index the records that are new or changed; returns the paths of those that are gone."""
        rows: dict[str, tuple[FileRow, Record]] = {}
        for record in collection.records():
            self._cancel.check()
            row = FileRow(
                path=f"{collection.corpus}#{record.id}",
                kind="record",
                state=FileState.INDEXED,
                size=len(record.title) + len(record.text),
                document_id=_digest("record", str(PARSER_VERSION), record.title, record.text),
                record=record.id,
                parser_version=PARSER_VERSION,
            )
            rows[row.path] = (row, record)
        changed = [(row, record) for row, record in rows.values() if self._is_new_record(row)]
        self._begin(len(changed), sum(row.size for row, _ in changed))
        for row, record in changed:
            self._cancel.check()
            if row.document_id in self._done:
                self._take(row, None, row.size)
                continue
            text = record.text if record.text.strip() else record.title
            blocks = (Block(BlockKind.PARAGRAPH, text, Anchor(record=record.id)),) if text else ()
            self._take(row, Document("record", record.title, blocks), row.size)
        self._flush()
        prefix = f"{collection.corpus}#"
        return {path for path in self._rows if path.startswith(prefix) and path not in rows}

    def _is_new_record(self, row: FileRow) -> bool:
        known = self._rows.get(row.path)
        if known is None or known.parser_version != row.parser_version:
            return True
        return known.document_id != row.document_id and (known.size, row.size) != (0, 0)

    def _scan(self, folders: list[Path]) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for folder in folders:
            for file in scan(folder, self._cancel):
                found[file.key] = file
                if len(found) % 500 == 0:
                    self._report(Progress("scanning", len(found), None, "files", str(file.path)))
        return found

    def _has_changed(self, key: str, file: Found) -> bool:
        row = self._rows.get(key)
        return (
            row is None
            or (row.size, row.mtime_ns) != (file.size, file.mtime_ns)
            or row.parser_version != PARSER_VERSION
        )

    def _outcomes(
        self, pool: ParserPool, files: list[Found]
    ) -> Iterator[tuple[Found, str, Document | ParseError | None]]:
        """What each file turned out to be: a document, an error, or None for one whose content is that of
        a document known before or parsed earlier in this run."""
        by_path = {file.path: file for file in files}
        ids: dict[Path, str] = {}
        unread: list[tuple[Found, str, ParseError | None]] = []

        def to_parse() -> Iterator[Path]:
            claimed = set(self._done)
            for file in files:
                try:
                    document_id = self._identify(file)
                except ParseError as error:
                    unread.append((file, "", error))
                    continue
                if document_id in claimed:
                    unread.append((file, document_id, None))
                    continue
                claimed.add(document_id)
                ids[file.path] = document_id
                yield file.path

        for parsed in pool.parse_all(to_parse()):
            yield by_path[parsed.path], ids[parsed.path], parsed.outcome
        yield from unread  # after the documents that they may be copies of

    def _identify(self, file: Found) -> str:
        """The id of the document that a file's bytes make. Raises `ParseError` for one not to be read."""
        if file.problem:
            raise ParseError(file.problem)
        if file.size == 0:
            raise UnsupportedFormat("empty file")
        limit = self._settings.file_limit_mebibytes
        if file.size > limit * 1024 * 1024:
            raise UnsupportedFormat(f"larger than {limit} MB")
        try:
            with file.path.open("rb") as opened:
                content = hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=16))
        except OSError as error:
            raise ParseError(f"cannot be read: {error.strerror or error}") from error
        return _digest(family_of_name(file.path.name), str(PARSER_VERSION), content.hexdigest())

    def _take(self, row: FileRow, outcome: Document | ParseError | None, weight: float) -> None:
        """Note one file's outcome; embed and write when the batch is full."""
        document_id = row.document_id
        passages: list[PassageRow] = []
        if outcome is None:
            same = self._done[document_id]
            row = replace(same, path=row.path, size=row.size, mtime_ns=row.mtime_ns)
        elif isinstance(outcome, ParseError):
            skipped = isinstance(outcome, UnsupportedFormat)
            state = FileState.SKIPPED if skipped else FileState.FAILED
            row = replace(row, state=state, reason=str(outcome), document_id="")
        else:
            row, passages = self._cut(row, outcome)
        if document_id:
            self._done[document_id] = row
        self._batch.append(_Pending(row, passages, weight))
        self._batch_passages += len(passages)
        self._progress = replace(self._progress, detail=row.path)
        full = self._batch_passages >= self._settings.batch_passages
        if full or time.monotonic() - self._batch_began > _BATCH_SECONDS:
            self._flush()

    def _cut(self, row: FileRow, document: Document) -> tuple[FileRow, list[PassageRow]]:
        """The document's row as it will be, and its passages."""
        row = replace(row, kind=document.kind, title=document.title)
        embedder = self._opened_embedder()
        passages = cut(document, embedder.count_tokens, embedder.max_passage_tokens)
        if not passages:
            reason = "no text in it"
            if document.kind == "pdf":
                reason = "no text layer: its pages are images"
            return replace(row, state=FileState.SKIPPED, reason=reason, document_id=""), []
        rows = [
            PassageRow(
                passage_id=f"{row.document_id}-{passage.start}-{passage.end}",
                document_id=row.document_id,
                text_key=_digest(str(CHUNKER_VERSION), passage.content),
                content=passage.content,
                text_offset=len(passage.content) - len(passage.text),
                start=passage.start,
                end=passage.end,
                tokens=passage.tokens,
                anchor=json.dumps(passage.anchor.to_json(), ensure_ascii=False),
            )
            for passage in passages
        ]
        return replace(row, passages=len(rows)), rows

    def _flush(self) -> None:
        """Embed and write the batch: the passages, then the rows that make them visible."""
        batch, self._batch = self._batch, []
        weight = sum(pending.weight for pending in batch)
        self._batch_passages = 0
        passages = [passage for pending in batch for passage in pending.passages]
        passages = self._without_stored(passages)
        size = self._settings.batch_passages
        for start in range(0, len(passages), size):
            part = passages[start : start + size]
            self._writer.add_passages(part, self._vectors(part, weight / len(passages)))
            self._stored_anything = True
        self._writer.put_files([pending.row for pending in batch])
        for pending in batch:
            self._note(pending.row)
        self._progress = replace(self._progress, done=self._progress.done + len(batch))
        self._rate.add(weight - self._weight_ahead, len(batch))
        self._weight_ahead = 0.0
        self._tell()
        self._batch_began = time.monotonic()

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

    def _vectors(self, passages: list[PassageRow], weight: float) -> NDArray[np.float32]:
        """Vectors of `passages`, float32 (N, dim): known ones by text key, the others embedded once.

        `weight` is a passage's share of the work.
        """
        texts = {passage.text_key: passage.content for passage in passages}
        vectors = self._writer.vectors_of(texts.keys()) if self._stored_anything else {}
        unknown = [key for key in texts if key not in vectors]
        if unknown:
            embedder = self._opened_embedder()
            contents = [texts[key] for key in unknown]

            def count(passages: int) -> None:
                embedded = self._summary.embedded + passages
                self._summary = replace(self._summary, embedded=embedded)
                self._weight_ahead += weight * passages
                self._rate.add(weight * passages, 0)
                self._tell()

            new = embedder.embed_passages(contents, self._cancel, count)
            vectors.update(zip(unknown, new, strict=True))
        reused = self._summary.reused + len(passages) - len(unknown)
        self._summary = replace(self._summary, reused=reused)
        return np.stack([vectors[passage.text_key] for passage in passages])

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
        states = [row.state.value for row in self._rows.values()]
        providers = self._embedder.providers if self._embedder else None
        return replace(
            self._summary,
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self._began, 2),
            files={state.value: states.count(state.value) for state in FileState},
            passages=self._writer.count_passages(),
            removed=len(gone),
            provider=providers.actual if providers else "",
            provider_problems=providers.problems if providers else (),
            missing_folders=tuple(missing),
        )

    def _opened_embedder(self) -> Embedder:
        if self._embedder is None:
            self._embedder = self._open_embedder()
        return self._embedder

    def _begin(self, files: int, weight: float) -> None:
        self._rate = Rate(weight)
        self._summary = replace(self._summary, new_or_changed=self._summary.new_or_changed + files)
        self._progress = Progress("indexing", 0, files, "files")
        self._report(self._progress)

    def _tell(self) -> None:
        self._progress = replace(
            self._progress,
            per_second=self._rate.per_second(),
            remaining_seconds=self._rate.remaining_seconds(),
            counts={"embedded": self._summary.embedded, "reused": self._summary.reused},
        )
        self._report(self._progress)


def _row_of(file: Found, document_id: str) -> FileRow:
    return FileRow(
        path=file.key,
        kind=family_of_name(file.path.name),
        state=FileState.INDEXED,
        size=file.size,
        mtime_ns=file.mtime_ns,
        document_id=document_id,
        parser_version=PARSER_VERSION,
    )


def _weight(file: Found) -> float:
    """Bytes, and a fixed cost a file: what the estimate of the time left counts."""
    return file.size + 2000.0


def _lies_in(path: str, folders: list[Path]) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _digest(*parts: str) -> str:
    """32 hexadecimal digits over `parts`, each told apart from its neighbours."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", errors="surrogatepass")
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()
