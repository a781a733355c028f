"""Install a component: from a file or an address, resumed where it was stopped, whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.component.file import BLOCK_BYTES, ComponentFile
from findling.component.place import (
    MANIFEST,
    Status,
    alone,
    cleared,
    directory_of,
    fetched_of,
    partial_of,
    replaced_of,
    status,
)
from findling.errors import DiskFull, PlaceNotWritable, UserError
from findling.jobs import CancelToken, ChildJob, ignore_progress
from findling.settings import Settings, private_directory, user_only

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Generator

    from findling.jobs import Report
    from findling.models.partial import Meter
    from findling.settings import Home

#: Space left free on the disk, for the files of everybody else.
_SPARE_BYTES = 64 * 2**20
_JOB = "component"
_GO_ON = "Make room, or allow it, and install again: it goes on from there."


def start_install(home: Home, source: str) -> ChildJob:
    """Install in a process of its own; the job's result is the shape of `findling component status --json`.
    Who waits for it calls `activate` then."""
    return ChildJob(
        "findling.component.installing:install_job",
        {"settings": Settings(home).to_json(), "source": source},
        log=private_directory(home.logs) / f"{_JOB}.log",
    )


def install_job(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """`install` as a job."""
    home = Settings.from_json(arguments["settings"]).home
    return install(arguments["source"], home, report=report, cancel=cancel).to_json()


def install(
    source: str, home: Home, *, report: Report = ignore_progress, cancel: CancelToken | None = None
) -> Status:
    """Install the component of a file, or of what is at an address (`findling.component.fetching`), in place
    of the one that is there.

    Raises `UserError` for what is no component, is damaged or does not fit, `DownloadError`, `DiskFull`,
    `PlaceNotWritable`, and `Cancelled`, each with the old one left as it was. What had come and was unpacked
    is kept then, and the next call goes on from there.
    """
    from findling.component.fetching import fetch, is_address

    cancel = cancel or CancelToken()
    with alone(home):
        fetched = fetched_of(home)
        path = Path(source).expanduser()
        if is_address(source):
            path = fetch(source, fetched, report=report, cancel=cancel)
        try:
            with ComponentFile(path) as file:
                _check_space(file, home)
                _unpack(file, home, report, cancel)
        except (DiskFull, PlaceNotWritable):
            raise
        except UserError:
            cleared(fetched)  # what is damaged is so the next time, too
            raise
        _take_place(home)
        cleared(fetched)
    return status(home)


def _check_space(file: ComponentFile, home: Home) -> None:
    """Raises `DiskFull`. What is unpacked already needs no room any more."""
    from findling.models.partial import in_words

    partial = partial_of(home)
    there = sum(_size_of(partial / entry.filename) for entry in file.entries) if partial.is_dir() else 0
    needed = file.manifest.bytes - min(there, file.manifest.bytes) + _SPARE_BYTES
    free = shutil.disk_usage(home.components).free
    if needed > free:
        raise DiskFull(
            f"The component needs {in_words(needed)} in {home.components}, and {in_words(free)} are free.",
            _GO_ON,
        )


def _unpack(file: ComponentFile, home: Home, report: Report, cancel: CancelToken) -> None:
    """Bring the partial directory to hold exactly what the file does."""
    from findling.models.elsewhere import answer
    from findling.models.partial import Meter

    partial = partial_of(home)
    with _writing(partial):
        if not (partial / MANIFEST).is_file() or (partial / MANIFEST).read_bytes() != file.text:
            cleared(partial)
        private_directory(partial)
        _write(partial / MANIFEST, file.text)
        meter = Meter(file.manifest.bytes, report)
        missing = [entry for entry in file.entries if not _is_there(partial, entry, meter, cancel)]
        meter.begin_transfer()
        for entry in missing:
            place = partial / entry.filename
            private_directory(place.parent)
            with open(place, "wb", opener=user_only) as target:
                for block in file.blocks(entry):
                    cancel.check()
                    target.write(block)
                    meter.add(len(block), entry.filename, "unpacking")
            if entry.external_attr >> 16 & stat.S_IXUSR:
                place.chmod(0o700)
        meter.end("unpacked")
        if hasattr(os, "sync"):
            answer(os.sync, cancel)  # thousands of files at once, before they count


def _is_there(partial: Path, entry: zipfile.ZipInfo, meter: Meter, cancel: CancelToken) -> bool:
    """Whether a file is unpacked already, and as it should be."""
    cancel.check()
    place = partial / entry.filename
    if _size_of(place) != entry.file_size or not place.is_file():
        return False
    checksum = 0
    with place.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            cancel.check()
            checksum = zlib.crc32(block, checksum)
    if checksum != entry.CRC:
        return False
    meter.add(entry.file_size, entry.filename, "checking")
    return True


def _take_place(home: Home) -> None:
    directory, replaced = directory_of(home), cleared(replaced_of(home))
    with _writing(directory):
        if directory.exists():
            directory.rename(replaced)
        partial_of(home).rename(directory)
    cleared(replaced)


@contextmanager
def _writing(place: Path) -> Generator[None]:
    """What the system denies, as a `UserError`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"The disk of {place.parent} is full.", _GO_ON) from error
        raise PlaceNotWritable(f"Cannot write to {place}: {error.strerror or error}.", _GO_ON) from error


def _write(place: Path, content: bytes) -> None:
    with open(place, "wb", opener=user_only) as file:
        file.write(content)


def _size_of(place: Path) -> int:
    try:
        return place.stat().st_size
    except OSError:
        return 0
