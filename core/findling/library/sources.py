"""Where an index gets its documents from: folders of files, and collections of records.

A source says what is new or changed against the rows known, gives it as a stream of items, and says which
paths are gone.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
from findling.jobs import Progress
from findling.jobs.prefetch import prefetched
from findling.library.scan import UNREAD, Found, scan
from findling.library.volumes import away, lie_together, mounted
from findling.store import FileRow, FileState

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from findling.evaluation import Collection, Record
    from findling.jobs import CancelToken, Report
    from findling.library.rules import Rules
    from findling.settings import Settings

    Rows = Mapping[str, FileRow]

#: Parsed documents that wait for the embedder.
_DOCUMENTS_AHEAD = 32
#: How the reason of a file begins that is skipped for its size.
_LARGER = "larger than "


@dataclass(frozen=True, slots=True)
class Item:
    """A file that is new or changed.

    `row` is what is known of it before it is cut into passages. `outcome` is its document, the error that
    says why there is none, or None when its document is known: from an earlier run, or from an item before
    this one.
    """

    row: FileRow
    outcome: Document | ParseError | None


class FolderSource:
    """The files below `folders` that `rules` let in. The folders are there now, and scanned when it is made.

    A file that is known and left out now is gone. What cannot be looked at is kept as it was: in folders that
    cannot be listed, and on `volumes`, mount points of earlier runs, that are not mounted now. `missing` says
    which volumes, or which of `folders` on them. Raises `Cancelled`.
    """

    def __init__(
        self,
        folders: list[Path],
        rules: Rules,
        rows: Rows,
        settings: Settings,
        report: Report,
        cancel: CancelToken,
        volumes: Iterable[str] = (),
    ) -> None:
        self._settings = settings
        self._largest_mebibytes = rules.largest_mebibytes or settings.file_limit_mebibytes
        self._cancel = cancel
        self._known = {row.document_id for row in rows.values() if row.document_id}
        found: dict[str, Found] = {}
        before = mounted(folders)
        for folder in folders:
            for file in scan(folder, rules, cancel):
                found[file.key] = file
                if len(found) % 500 == 0:
                    report(Progress("scanning", len(found), None, "files", str(file.path)))
        changed = [file for key, file in found.items() if self._has_changed(rows.get(key), file)]
        #: Search is useful in seconds: small files first, and of about one size those changed last.
        self._changed = sorted(changed, key=lambda file: (file.size.bit_length() // 3, -file.mtime_ns))
        now = mounted(folders)
        files = [path for path, row in rows.items() if not row.record]
        #: Those that went while they were scanned are not looked at twice.
        lost = (before - now) | away(set(volumes) - before - now, files, found)
        closed = [file.path for file in found.values() if file.closed] + [Path(volume) for volume in lost]
        self.missing = {
            str(folder) if folder.is_relative_to(volume) else volume
            for volume in lost
            for folder in folders
            if lie_together(folder, Path(volume))
        }
        #: Kind and size in bytes of what will come.
        self.work = [(family_of_name(file.path.name), file.size) for file in changed]
        self.gone = {
            path
            for path in files
            if path not in found and _lies_in(path, folders) and not _lies_in(path, closed)
        }

    @contextmanager
    def items(self) -> Generator[Iterator[Item]]:
        """What each changed file turned out to be; files are read ahead, in other processes."""
        limits = self._settings
        with ParserPool(
            limits.parser_processes or max(1, (os.cpu_count() or 2) - 1),
            limit_seconds=limits.parse_limit_seconds,
            limit_mebibytes=limits.parse_limit_mebibytes,
        ) as pool:
            self._cancel.on_cancel(pool.stop)  # whoever waits for the next file need not wait for it
            with prefetched(self._read(pool), _DOCUMENTS_AHEAD) as items:
                try:
                    yield items
                finally:
                    pool.stop()

    def _read(self, pool: ParserPool) -> Iterator[Item]:
        files = {file.path: file for file in self._changed}
        ids: dict[Path, str] = {}
        unread: list[Item] = []

        def to_parse() -> Iterator[Path]:
            claimed = set(self._known)
            for file in self._changed:
                try:
                    document_id = self._identify(file)
                except ParseError as error:
                    unread.append(_item(file, "", error))
                    continue
                if document_id in claimed:
                    unread.append(_item(file, document_id, None))
                    continue
                claimed.add(document_id)
                ids[file.path] = document_id
                yield file.path

        for parsed in pool.parse_all(to_parse()):
            yield _item(files[parsed.path], ids[parsed.path], parsed.outcome)
        self._cancel.check()  # a pool that was stopped ends as one that has read everything
        yield from unread  # after the documents that they may be copies of

    def _identify(self, file: Found) -> str:
        """The id of the document that a file's bytes make. Raises `ParseError` for one not to be read."""
        if file.problem:
            raise ParseError(file.problem)
        if file.size == 0:
            raise UnsupportedFormat("empty file")
        if too_large := self._too_large(file):
            raise UnsupportedFormat(too_large)
        try:
            with file.path.open("rb") as opened:
                content = hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=16))
        except OSError as error:
            raise ParseError(f"{UNREAD}{error.strerror or error}") from error
        return digest(family_of_name(file.path.name), str(PARSER_VERSION), content.hexdigest())

    def _too_large(self, file: Found) -> str:
        """The reason to skip a file for its size, or ""."""
        limit = self._largest_mebibytes
        return f"{_LARGER}{limit} MB" if file.size > limit * 1024 * 1024 and not file.problem else ""

    def _has_changed(self, row: FileRow | None, file: Found) -> bool:
        if row is None:
            return True
        if file.problem and row.document_id:
            return False
        if (row.size, row.mtime_ns) != (file.size, file.mtime_ns):
            return True
        # It may be read by now: a permission, or a drive, came back.
        if row.reason.startswith(UNREAD) and os.access(file.path, os.R_OK):
            return True
        # The limit may be another one than when the file was looked at.
        skipped_for_size = row.reason if row.reason.startswith(_LARGER) else ""
        return row.parser_version != PARSER_VERSION or skipped_for_size != self._too_large(file)


class CollectionSource:
    """The records of a test collection: each is a document of its own, at "corpus file#record id"."""

    missing: frozenset[str] = frozenset()

    def __init__(self, collection: Collection, rows: Rows, cancel: CancelToken) -> None:
        self._known = {row.document_id for row in rows.values() if row.document_id}
        self._changed: list[tuple[FileRow, Record]] = []
        paths: set[str] = set()
        for record in collection.records():
            cancel.check()
            row = _row_of_record(collection, record)
            paths.add(row.path)
            if _is_new_record(rows.get(row.path), row):
                self._changed.append((row, record))
        prefix = f"{collection.corpus}#"
        self.work = [(row.kind, row.size) for row, _ in self._changed]
        self.gone = {path for path in rows if path.startswith(prefix) and path not in paths}

    @contextmanager
    def items(self) -> Generator[Iterator[Item]]:
        """Each changed record as a document; one without a text is its title."""
        yield self._read()

    def _read(self) -> Iterator[Item]:
        claimed = set(self._known)
        for row, record in self._changed:
            if row.document_id in claimed:
                yield Item(row, None)
                continue
            claimed.add(row.document_id)
            text = record.text if record.text.strip() else record.title
            blocks = (Block(BlockKind.PARAGRAPH, text, Anchor(record=record.id)),) if text else ()
            yield Item(row, Document("record", record.title, blocks))


def sources(
    folders: Iterable[Path],
    collections: Iterable[Collection],
    rules: Rules,
    rows: Rows,
    settings: Settings,
    report: Report,
    cancel: CancelToken,
    volumes: Iterable[str] = (),
) -> Iterator[FolderSource | CollectionSource]:
    """A source for the folders and one for each collection, each made when its turn comes."""
    yield FolderSource(list(folders), rules, rows, settings, report, cancel, volumes)
    for collection in collections:
        yield CollectionSource(collection, rows, cancel)


def digest(*parts: str) -> str:
    """32 hexadecimal digits over `parts`, each told apart from its neighbours."""
    hashed = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", errors="surrogatepass")
        hashed.update(len(data).to_bytes(8, "little"))
        hashed.update(data)
    return hashed.hexdigest()


def _item(file: Found, document_id: str, outcome: Document | ParseError | None) -> Item:
    row = FileRow(
        path=file.key,
        kind=family_of_name(file.path.name),
        state=FileState.INDEXED,
        size=file.size,
        mtime_ns=file.mtime_ns,
        document_id=document_id,
        parser_version=PARSER_VERSION,
    )
    return Item(row, outcome)


def _lies_in(path: str, folders: list[Path]) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _row_of_record(collection: Collection, record: Record) -> FileRow:
    return FileRow(
        path=f"{collection.corpus}#{record.id}",
        kind="record",
        state=FileState.INDEXED,
        size=len(record.title) + len(record.text),
        document_id=digest("record", str(PARSER_VERSION), record.title, record.text),
        record=record.id,
        parser_version=PARSER_VERSION,
    )


def _is_new_record(known: FileRow | None, row: FileRow) -> bool:
    if known is None or known.parser_version != row.parser_version:
        return True
    return known.document_id != row.document_id and (known.size, row.size) != (0, 0)
