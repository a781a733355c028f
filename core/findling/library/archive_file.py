"""The file that a library is exported to: a zip, nothing in it compressed, `manifest.json` first.

A zip has its directory at the end, so that one that was cut off is known at once, and a member is read
without the others. Vectors, most of a library, do not shrink; and what is not compressed cannot unpack to
more than the file holds. The manifest names every member with its size and sha256.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
import zipfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from findling.errors import LibraryDamaged, LibraryTooNew, UserError, one_line
from findling.jobs import Progress, Rate
from findling.settings import private_directory, replacing, user_only

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from pathlib import Path

    from findling.jobs import CancelToken, Report

MANIFEST = "manifest.json"
FORMAT = "findling library"
FORMAT_VERSION = 1

_CHUNK_BYTES = 1024 * 1024
_ZIP_BEGINS = b"PK\x03\x04"
#: What `zipfile` and the manifest's reading raise on bytes that nobody wrote so.
_UNREADABLE = (
    zipfile.BadZipFile,
    struct.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the archive: size in bytes, sha256 hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds: the library's name, the Findling that wrote it, and the fingerprints of the
    models that are in it, by id."""

    library: str
    findling: str
    models: dict[str, str]
    members: tuple[Member, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The shape of `manifest.json`."""
        return {"format": FORMAT, "version": FORMAT_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`. Raises KeyError, TypeError, ValueError."""
        members = tuple(Member(item["name"], item["size"], item["sha256"]) for item in stored["members"])
        models: dict[str, str] = stored["models"]
        texts = (stored["library"], stored["findling"], *models.keys(), *models.values())
        texts += tuple(text for member in members for text in (member.name, member.sha256))
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("a name in its manifest is no text")
        return cls(stored["library"], stored["findling"], models, members)


class Tally:
    """Reports bytes as they go by. `total` is what this phase has of them, `whole` all phases together."""

    def __init__(self, report: Report, cancel: CancelToken, total: int, phases: int = 1) -> None:
        self._report = report
        self._cancel = cancel
        self._total = total
        self._rate = Rate(total * phases)
        self._phase, self._done = "", 0

    def begin(self, phase: str) -> None:
        """Count from 0 again, under another name."""
        self._phase, self._done = phase, 0

    def add(self, count: int, name: str = "") -> None:
        """`count` bytes of a member are done. Raises `Cancelled`."""
        self._cancel.check()
        self._done += count
        self._rate.add(count, count)
        self._report(
            Progress(
                self._phase,
                self._done,
                self._total,
                "bytes",
                name,
                share=self._rate.share(),
                per_second=self._rate.per_second(),
                remaining_seconds=self._rate.remaining_seconds(),
            )
        )


def size_of(source: Path | bytes) -> int:
    """Bytes of what is to be exported. Raises `OSError`."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def members_of(sources: Mapping[str, Path | bytes], tally: Tally) -> tuple[Member, ...]:
    """The members that `sources`, by name, will be. Raises `OSError`, `Cancelled`, and `UserError` for a name
    that `Archive` would refuse."""
    tally.begin("reading")
    members: list[Member] = []
    for name, source in sources.items():
        try:
            _check_name(name)
        except ValueError as error:
            raise UserError(f"{source!s} cannot be exported: {error}.", "Give it another name.") from error
        digest, size = hashlib.sha256(), 0
        for chunk in _chunks_of(source):
            digest.update(chunk)
            size += len(chunk)
            tally.add(len(chunk), name)
        members.append(Member(name, size, digest.hexdigest()))
    return tuple(members)


def write_archive(
    target: Path, manifest: Manifest, sources: Mapping[str, Path | bytes], tally: Tally
) -> None:
    """Write the members of `manifest` into `target`, which it replaces when it is complete; mode 0600.

    Raises `OSError`, `Cancelled`, and `UserError` for a source that has changed; then nothing is left behind
    and `target` is as it was.
    """
    tally.begin("writing")
    text = json.dumps(manifest.to_json(), indent=1).encode()
    with replacing(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(MANIFEST, len(text)), text)
        for member in manifest.members:
            _copy(archive, member, sources[member.name], tally)


class Archive:
    """An exported library, opened for reading; use as a context manager or `close()`.

    Opening it compares its directory with its manifest. Raises `UserError` for what is no exported library
    or cannot be opened, `LibraryTooNew`, and `LibraryDamaged` for one that is not as it was written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
        try:
            self._zip = self._opened()
            self.manifest = self._read_manifest()
            with self._reading():
                self._check_members()
        except BaseException:
            self._file.close()
            raise
        self._members = {member.name: member for member in self.manifest.members}

    @property
    def size_bytes(self) -> int:
        """Bytes of all members."""
        return sum(member.size for member in self.manifest.members)

    def names(self, below: str) -> list[str]:
        """The members in a directory and those below it, without its name."""
        start = f"{below}/"
        return [name.removeprefix(start) for name in self._members if name.startswith(start)]

    def digests(self) -> dict[str, str]:
        """The sha256 of every member, by name."""
        return {name: member.sha256 for name, member in self._members.items()}

    def unpack(self, name: str, place: Path, tally: Tally) -> None:
        """Write a member to `place`, with its directories, all user-only, flushed to the disk.

        Raises `LibraryDamaged` when it is not as it was written, `OSError`, `Cancelled`.
        """
        private_directory(place.parent)
        with open(place, "xb", opener=user_only) as file:
            for chunk in self._chunks(name):
                file.write(chunk)
                tally.add(len(chunk), name)
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> zipfile.ZipFile:
        begins = self._file.read(len(_ZIP_BEGINS))
        if begins != _ZIP_BEGINS:
            raise self._foreign()
        with self._reading():
            return zipfile.ZipFile(self._file)

    def _read_manifest(self) -> Manifest:
        with self._reading():
            if MANIFEST not in self._zip.namelist():
                raise self._foreign()
            _check_plain(self._zip.getinfo(MANIFEST))
            stored: dict[str, Any] = json.loads(self._zip.read(MANIFEST))
            if stored["format"] != FORMAT:
                raise self._foreign()
            if stored["version"] > FORMAT_VERSION:
                raise LibraryTooNew(f"{self.path} was written by a newer Findling.", "Update Findling.")
            return Manifest.from_json(stored)

    def _check_members(self) -> None:
        """Raises ValueError unless the directory has the members of the manifest and nothing else, each a
        plain file with a plain name."""
        entries = {entry.filename: entry for entry in self._zip.infolist()}
        names = [MANIFEST, *(member.name for member in self.manifest.members)]
        if len({name.casefold() for name in names}) < len(names) or len(entries) < len(self._zip.filelist):
            raise ValueError("it holds a file twice")
        if set(entries) != set(names):
            raise ValueError("it does not hold the files of its manifest")
        for member in self.manifest.members:
            entry = entries[member.name]
            _check_name(member.name)
            _check_plain(entry)
            if entry.file_size != member.size:
                raise ValueError(f"{member.name} has another size than it was exported with")
        if self.size_bytes > os.fstat(self._file.fileno()).st_size:
            raise ValueError("its files are larger than itself")

    def _chunks(self, name: str) -> Iterator[bytes]:
        digest = hashlib.sha256()
        with self._reading(), self._zip.open(name) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
                yield chunk
            if digest.hexdigest() != self._members[name].sha256:
                raise ValueError(f"{name} is not as it was exported")

    @contextmanager
    def _reading(self) -> Generator[None]:
        try:
            yield
        except _UNREADABLE as error:
            raise damaged(self.path, one_line(error)) from error

    def _foreign(self) -> UserError:
        return UserError(f"{self.path} is no exported library.", "Make one with: findling export FILE.")


def damaged(path: Path, what: str) -> LibraryDamaged:
    """The error that says that an archive is not as it was written."""
    return LibraryDamaged(
        f"{path} is cut off or damaged: {what}.", "Nothing was imported. Copy or export it again."
    )


def _check_plain(entry: zipfile.ZipInfo) -> None:
    """Raises ValueError for a link, a directory, and what is compressed or encrypted."""
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ValueError(f"{entry.filename} is a link or no file")
    if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
        raise ValueError(f"{entry.filename} is compressed or encrypted")


def _check_name(name: str) -> None:
    """Raises ValueError for a name that could lead out of the directory that it is unpacked into."""
    parts = name.split("/")
    plain = all(part not in {"", ".", ".."} and part.rstrip(". ") == part for part in parts)
    if not plain or any(sign in name for sign in '\\:*?"<>|') or not name.isprintable() or len(parts) < 2:
        raise ValueError(f"{name!r} is no name of a file in a library")


def _chunks_of(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _copy(archive: zipfile.ZipFile, member: Member, source: Path | bytes, tally: Tally) -> None:
    digest = hashlib.sha256()
    with archive.open(_entry(member.name, member.size), "w") as stream:
        for chunk in _chunks_of(source):
            digest.update(chunk)
            stream.write(chunk)
            tally.add(len(chunk), member.name)
    if digest.hexdigest() != member.sha256:
        raise UserError(f"{source!s} changed while it was exported.", "Try again when nobody writes to it.")


def _entry(name: str, size: int) -> zipfile.ZipInfo:
    """`size` tells the zip whether the member needs 64-bit lengths."""
    entry = zipfile.ZipInfo(name)
    entry.file_size = size
    entry.external_attr = (stat.S_IFREG | 0o600) << 16
    return entry
