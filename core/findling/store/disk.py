"""What a disk refuses, in the words of LanceDB and of the system, as errors that a person can act on."""

from __future__ import annotations

import errno
import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from findling.errors import DiskFull, PlaceNotWritable, UserError

if TYPE_CHECKING:
    from collections.abc import Generator

#: How a native library ends its message when the system refused something.
_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")


@contextmanager
def disk_errors(place: Path) -> Generator[None]:
    """What is done in the block, writing below `place`. Raises `DiskFull`, also for a used up quota, and
    `PlaceNotWritable`; every other error passes, that of a file elsewhere that cannot be read among them."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        meant = _meaning(error, place)
        if meant is None:
            raise
        raise meant from error


def _meaning(error: OSError | RuntimeError, place: Path) -> UserError | None:
    found = _SYSTEM_ERROR.search(str(error))
    code = error.errno if isinstance(error, OSError) and error.errno else int(found[1]) if found else 0
    named = error.filename if isinstance(error, OSError) else None
    where = Path(os.fsdecode(named)) if isinstance(named, str | bytes) else place
    if code == errno.ENOSPC:
        return DiskFull(
            f"The disk is full: {_free(where)} are free for {place}.",
            "What was written is kept. Make room and run it again: it goes on from there.",
        )
    if code == errno.EDQUOT:
        return DiskFull(
            f"Your quota on the disk of {place} is used up.",
            "What was written is kept. Make room and run it again: it goes on from there.",
        )
    closed = code in (errno.EACCES, errno.EPERM) and where.is_relative_to(place)
    if closed or code == errno.EROFS:
        return PlaceNotWritable(
            f"{where} cannot be written: {os.strerror(code)}.",
            "Allow it, or choose another place with --home DIR or FINDLING_HOME.",
        )
    return None


def _free(place: Path) -> str:
    there = next((path for path in (place, *place.parents) if path.exists()), place)
    try:
        return f"{shutil.disk_usage(there).free / 1e6:,.1f} MB"
    except OSError:
        return "0 MB"
