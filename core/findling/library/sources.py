"""Where an index gets its documents from: folders of files, and collections of records.

A source says what is new or changed against the rows known, gives it as a stream of items, and says which
paths are gone.
"""

from __future__ import annotations

import math
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from findling.documents import (
    CONTAINERS,
    INSIDE,
    PARSER_VERSION,
    Anchor,
    Block,
    BlockKind,
    Document,
    ParserPool,
    content_of,
    family_of_name,
    outsides,
)
from findling.errors import ParseError, UnsupportedFormat
from findling.jobs import Progress
from findling.jobs.prefetch import prefetched
from findling.library.digest import digest
from findling.library.scan import UNREAD, Found, scan
from findling.library.scans import WAITING, Scans, version_of
from findling.library.volumes import away, lie_together, mounted
from findling.store import FileRow, FileState

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from findling.documents import Inner
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
    this one. One that is `inner` lies in another file, which comes after it. One comes `again` whose
    pages were pictures: with their text.
    """

    row: FileRow
    outcome: Document | ParseError | None
    inner: bool = False
    again: bool = False


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
        recognition_seconds: float = math.inf,
    ) -> None:
        self._settings = settings
        self._rows = rows
        self._scans = Scans(settings, report, cancel, recognition_seconds)
        self._families_off = rules.families_off
        largest_mebibytes = rules.largest_mebibytes or settings.file_limit_mebibytes
        self._largest_bytes = largest_mebibytes * 1024 * 1024
        #: The reason to skip a file for its size.
        self._too_large = f"{_LARGER}{largest_mebibytes} MB"
        self._cancel = cancel
        self._known = {
            row.document_id for row in rows.values() if row.document_id and row.parser_version != WAITING
        }
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
        #: Files that lie in others, by the path of that.
        within: dict[str, set[str]] = {}
        for path in files:
            if path not in found and (outside := next(filter(found.__contains__, outsides(path)), "")):
                within.setdefault(outside, set()).add(path)
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
        inside = {path for paths in within.values() for path in paths}
        self.gone = {
            path
            for path in files
            if not (path in found or path in inside)
            and _lies_in(path, folders)
            and not _lies_in(path, closed)
        }
        for file in changed:  # until they are met in there again
            self.gone |= within.get(file.key, set())

    @property
    def waits(self) -> bool:
        """Whether pages that are pictures are left to the next run."""
        return self._scans.left

    @contextmanager
    def items(self) -> Generator[Iterator[Item | None]]:
        """What each changed file turned out to be; files are read ahead, in other processes. None says that
        the next one takes a while."""
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

    def _read(self, pool: ParserPool) -> Iterator[Item | None]:
        files = {file.path: file for file in self._changed}
        contents: dict[Path, str] = {}
        unread: list[Item] = []

        def to_parse() -> Iterator[Path]:
            claimed = set(self._known)
            for file in self._changed:
                try:
                    content = self._content(file)
                except ParseError as error:
                    unread.append(self._item(file, "", error))
                    continue
                item = self._item(file, content, None)
                if item.row.document_id in claimed and item.row.kind not in CONTAINERS:
                    unread.append(item)
                    continue
                claimed.add(item.row.document_id)
                contents[file.path] = content
                yield file.path

        inner = set(self._known)
        for parsed in pool.parse_all(to_parse()):
            file = files[parsed.path]
            if parsed.inner is None:
                item = self._item(file, contents[parsed.path], parsed.outcome)
                yield from self._now(item, contents[parsed.path])
            elif (item := self._inner_item(file, parsed.inner, inner)) is not None:
                self.gone.discard(item.row.path)
                yield from self._now(item, parsed.inner.content, file.key)
        self._cancel.check()  # a pool that was stopped ends as one that has read everything
        yield from unread  # after the documents that they may be copies of
        pool.close()
        yield None
        yield from self._scans.recognised()

    def _now(self, item: Item, content: str, outside: str = "") -> Iterator[Item]:
        """The item, unless it waits for its text and is written as far as it is known."""
        now = self._scans.put_off(item, content, outside)
        known = self._rows.get(item.row.path)
        waits_still = (
            known is not None
            and known.parser_version == now.row.parser_version == WAITING
            and known.document_id in ("", now.row.document_id)
        )
        if not waits_still:
            yield now

    def _item(self, file: Found, content: str, outcome: Document | ParseError | None) -> Item:
        """`content` is what `_content` gave, or ""."""
        kind = family_of_name(file.path.name)
        return Item(self._row(file.key, kind, file.size, file.mtime_ns, content), outcome)

    def _inner_item(self, file: Found, inner: Inner, claimed: set[str]) -> Item | None:
        """A file that lies in another one; None where the rules leave its family out."""
        kind = family_of_name(PurePosixPath(inner.name).name)
        if kind in self._families_off:
            return None
        written = _nanoseconds(inner.written) or file.mtime_ns
        row = self._row(f"{file.key}{INSIDE}{inner.name}", kind, inner.size, written, inner.content)
        outcome: Document | ParseError | None = inner.outcome
        if inner.size > self._largest_bytes:
            outcome = UnsupportedFormat(self._too_large)
        elif isinstance(outcome, Document) and outcome.blocks:
            if row.document_id in claimed:
                outcome = None
            claimed.add(row.document_id)
        return Item(row, outcome, inner=True)

    def _row(self, path: str, kind: str, size: int, mtime_ns: int, content: str) -> FileRow:
        """`content` are hexadecimal digits over a file's bytes, "" where they could not be had."""
        version = version_of(kind, self._settings)
        return FileRow(
            path=path,
            kind=kind,
            state=FileState.INDEXED,
            size=size,
            mtime_ns=mtime_ns,
            document_id=digest(kind, str(version), content) if content else "",
            parser_version=version,
        )

    def _content(self, file: Found) -> str:
        """32 hexadecimal digits over a file's bytes. Raises `ParseError` for one not to be read."""
        if file.problem:
            raise ParseError(file.problem)
        if file.size == 0:
            raise UnsupportedFormat("empty file")
        if self._is_too_large(file):
            raise UnsupportedFormat(self._too_large)
        try:
            return content_of(file.path)
        except OSError as error:
            raise ParseError(f"{UNREAD}{error.strerror or error}") from error

    def _is_too_large(self, file: Found) -> bool:
        """Containers are read part by part."""
        return (
            file.size > self._largest_bytes
            and not file.problem
            and family_of_name(file.path.name) not in CONTAINERS
        )

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
        if skipped_for_size != (self._too_large if self._is_too_large(file) else ""):
            return True
        return row.parser_version != version_of(family_of_name(file.path.name), self._settings)


class CollectionSource:
    """The records of a test collection: each is a document of its own, at "corpus file#record id"."""

    missing: frozenset[str] = frozenset()
    waits = False

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
    recognition_seconds: float = math.inf,
) -> Iterator[FolderSource | CollectionSource]:
    """A source for the folders and one for each collection, each made when its turn comes."""
    yield FolderSource(list(folders), rules, rows, settings, report, cancel, volumes, recognition_seconds)
    for collection in collections:
        yield CollectionSource(collection, rows, cancel)


def _nanoseconds(written: str) -> int:
    """Since 1970, of a date in ISO 8601; 0 for none."""
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        return 0
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1e9)


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
