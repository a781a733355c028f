"""An unfinished download on the disk: files that grow and are checked as they do, and how far they are."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from findling.errors import DownloadError
from findling.jobs import Progress, Rate
from findling.settings import tree_bytes

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from typing import BinaryIO

    from findling.jobs import CancelToken, Report
    from findling.models.hub import Piece, RemoteFile

_REPORT_INTERVAL_SECONDS = 0.1
_BLOCK_BYTES = 2**20


class Part:
    """A file on its way: `PATH.DIGEST.part` grows, its hash with it, and becomes `PATH` when it is right."""

    def __init__(self, file: RemoteFile, directory: Path) -> None:
        self.file = file
        self.size = 0
        self._place = directory / file.path
        self._path = _part_path(directory, file)
        self._hash = _hash_of(file)
        self._stream: BinaryIO | None = None

    @property
    def finished(self) -> bool:
        """Whether the file has come, and is right."""
        return self._place.exists()

    def complete(self, meter: Meter, cancel: CancelToken) -> bool:
        """Whether the file is there and right; else takes up what there is, and removes what is wrong."""
        self._place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._place.exists():
            if self._place.stat().st_size == self.file.size_bytes:
                self._place.replace(self._path)
            else:
                self._place.unlink()  # of another commit
        if self._path.exists() and self._path.stat().st_size <= self.file.size_bytes:
            self._read(meter, cancel)
            if self.size < self.file.size_bytes:
                return False
            if self._hash.hexdigest() == self.file.digest:
                self._path.replace(self._place)
                return True
            meter.add(-self.size, self.file.path, "checking")
        self._path.unlink(missing_ok=True)
        self._path.touch(mode=0o600)
        self._hash, self.size = _hash_of(self.file), 0
        if self.file.size_bytes == 0:
            self.finish()
        return self.finished

    def _read(self, meter: Meter, cancel: CancelToken) -> None:
        with self._path.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                cancel.check()
                self._hash.update(block)
                self.size += len(block)
                meter.add(len(block), self.file.path, "checking")

    def open(self) -> None:
        """Be ready for `put`."""
        self._stream = self._path.open("r+b")
        self._stream.seek(self.size)

    def put(self, piece: Piece) -> int:
        """Write a piece; returns by how much the file has grown (shrunk, where the server began anew)."""
        assert self._stream is not None
        before = self.size
        if piece.start == 0 and self.size:
            self._stream.seek(0)
            self._stream.truncate()
            self._hash, self.size = _hash_of(self.file), 0
        assert piece.start == self.size
        self._stream.write(piece.data)
        self._hash.update(piece.data)
        self.size += len(piece.data)
        return self.size - before

    def finish(self) -> None:
        """Give the file its name. Raises `DownloadError`, and removes it, where its checksum is wrong."""
        self.close()
        found = self._hash.hexdigest()
        if found != self.file.digest:
            self._path.unlink()
            raise DownloadError(
                f"{self.file.path} is not what the hub promised: checksum {found[:12]}…, not "
                f"{self.file.digest[:12]}…. It was removed.",
                "Download again; if it happens again, the network or the mirror alters files.",
            )
        self._path.replace(self._place)

    def close(self) -> None:
        """Bring what has come to the disk."""
        if self._stream is not None:
            with self._stream as stream:
                self._stream = None
                stream.flush()
                os.fsync(stream.fileno())


class Meter:
    """Counts bytes and reports them, ten times a second at most and never backwards."""

    def __init__(self, total: int, report: Report) -> None:
        self.done = 0
        self._total = total
        self._report = report
        self._told = 0
        self._untold = 0
        self._last = float("-inf")
        self._rate: Rate | None = None

    def begin_transfer(self) -> None:
        """What was there already does not count as speed."""
        self._untold = 0
        self._rate = Rate(self._total - self.done)

    def add(self, count: int, path: str, phase: str = "downloading") -> None:
        """Note `count` bytes of a file."""
        self.done += count
        self._untold += count
        now = time.monotonic()
        if now - self._last >= _REPORT_INTERVAL_SECONDS:
            self._last = now
            if self._rate is not None:
                self._rate.add(max(0, self._untold), max(0, self._untold))
                self._untold = 0
            self._tell(phase, path)

    def end(self, phase: str = "downloaded") -> None:
        """Report the whole."""
        self._tell(phase, "")

    def _tell(self, phase: str, path: str) -> None:
        self._told = max(self._told, self.done)
        self._report(
            Progress(
                phase,
                self._told,
                self._total,
                "bytes",
                path,
                self._rate.per_second() if self._rate else None,
                self._rate.remaining_seconds() if self._rate else None,
            )
        )


@contextmanager
def alone(partial: Path) -> Generator[None]:
    """Hold a download for this process. Raises `DownloadError` when another has it."""
    from filelock import FileLock, Timeout

    place = partial.with_name(f"{partial.name}.lock")
    lock = FileLock(place)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise DownloadError(f"{partial} is being downloaded by another process.", "Wait for it.") from None
    try:
        yield
    finally:
        with suppress(OSError):
            partial.rmdir()  # where nothing has come
        lock.release()
        with suppress(OSError):
            place.unlink()


def remove_strangers(partial: Path, files: tuple[RemoteFile, ...]) -> None:
    """Delete what belongs to another commit, so that nothing but `files` is moved into place."""
    ours = {path for file in files for path in (partial / file.path, _part_path(partial, file))}
    for path in list(partial.rglob("*")):
        if path.is_file() and path not in ours:
            path.unlink()


def _hash_of(file: RemoteFile) -> hashlib._Hash:  # pyright: ignore[reportPrivateUsage]
    if len(file.digest) == 64:
        return hashlib.sha256()
    return hashlib.sha1(b"blob %d\0" % file.size_bytes, usedforsecurity=False)


def _part_path(directory: Path, file: RemoteFile) -> Path:
    return directory / f"{file.path}.{file.digest[:12]}.part"


def disk_error(error: OSError, partial: Path) -> DownloadError:
    """What a failed write means to the person."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        kept = tree_bytes(partial)
        with suppress(OSError):
            free = in_words(shutil.disk_usage(partial).free)
            return DownloadError(
                f"The disk of {partial.parent} is full: {free} are free, {in_words(kept)} have come.",
                "Make room and download again: it goes on from there.",
            )
    return DownloadError(f"Cannot write to {partial}: {error.strerror or error}.", "Choose another place.")


def in_words(count: int) -> str:
    """Bytes for a person: "1.20 GB"."""
    return f"{count / 1e9:,.2f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"
