"""The file that a component comes as: a zip with `component.json` first, checked before and as it is read."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from findling.component.place import MANIFEST, Manifest
from findling.errors import UserError, one_line

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

BLOCK_BYTES = 2**20
_MOST_MANIFEST_BYTES = 2**20
#: What `zipfile` raises on bytes that nobody wrote so.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


class ComponentFile:
    """A component that is not installed, opened for reading; use as a context manager.

    Raises `UserError` for what cannot be read, is none, is damaged, or does not fit this Findling.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
        try:
            self._read()
        except BaseException:
            self._file.close()
            raise

    def _read(self) -> None:
        try:
            self._zip = zipfile.ZipFile(self._file)
            entries = self._zip.infolist()
            if not entries or entries[0].filename != MANIFEST or entries[0].file_size > _MOST_MANIFEST_BYTES:
                raise ValueError("it does not begin with its manifest")
            self.text = self._zip.read(MANIFEST)
            self.manifest = Manifest.parse(self.text)
        except (*_UNREADABLE, OSError) as error:
            raise UserError(
                f"{self.path} is no training component: {one_line(error)}.",
                "Where it was cut off or altered on its way, get it again.",
            ) from error
        if why := self.manifest.misfit:
            raise UserError(
                f"{self.path} does not fit: {why}.", "Get the component that belongs to this Findling."
            )
        #: The files, with their sizes and checksums.
        self.entries = tuple(entries[1:])
        with self.reading():
            _check(self.entries, self.manifest)

    def blocks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """A file's bytes. Raises `UserError` at its end where they are not what was written."""
        with self.reading(), self._zip.open(entry) as stream:
            while block := stream.read(BLOCK_BYTES):
                yield block

    @contextmanager
    def reading(self) -> Generator[None]:
        """Whatever is found to be wrong in here is the file's fault."""
        try:
            yield
        except _UNREADABLE as error:
            raise UserError(
                f"{self.path} is damaged: {one_line(error)}.", "Get it again, and install that."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()


def _check(entries: tuple[zipfile.ZipInfo, ...], manifest: Manifest) -> None:
    """Raises ValueError unless all are plain files with names that stay inside, together as large as is
    said."""
    names = {MANIFEST}
    for entry in entries:
        name = entry.filename
        parts = name.split("/")
        plain = all(part not in {"", ".", ".."} and part.rstrip(". ") == part for part in parts)
        if not plain or any(sign in name for sign in '\\:*?"<>|') or not name.isprintable():
            raise ValueError(f"{name!r} is no name of a file in it")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise ValueError(f"{name} is a link or no file")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
            raise ValueError(f"{name} is packed in another way")
        names.add(name.casefold())
    if len(names) <= len(entries):
        raise ValueError("it holds a file twice")
    if sum(entry.file_size for entry in entries) != manifest.bytes:
        raise ValueError("its files are not as large as its manifest says")
