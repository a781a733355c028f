"""Copies of files that lie in other files, for the programs that open them."""

from __future__ import annotations

import shutil
import stat
import time
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from findling.documents import split, unpacked
from findling.errors import ParseError, UserError
from findling.library.digest import digest
from findling.settings import private_directory

if TYPE_CHECKING:
    from pathlib import Path

    from findling.settings import Home

#: A copy that nobody asked for in so long goes when the next one is made.
_KEPT_SECONDS = 7 * 24 * 3600


def taken_out(path: Path, home: Home) -> Path:
    """The file itself, or a copy of what lies there in another one: to be read and not to be written to, for
    no change goes back. Raises `UserError` where it is not there, or cannot be unpacked."""
    outside, inside = split(path)
    if not inside:
        return path
    copies = private_directory(home.state / "taken out")
    known = outside.stat()
    place = copies / digest(str(path), str(known.st_size), str(known.st_mtime_ns))
    copy = place / PurePosixPath(inside).name
    if not copy.exists():
        _remove_old(copies)
        try:
            with unpacked(path) as found:
                private_directory(place)
                shutil.copyfile(found, copy)
                copy.chmod(stat.S_IRUSR)
        except (ParseError, OSError) as error:
            raise UserError(f"{path} cannot be opened: {error}") from error
    return copy


def _remove_old(copies: Path) -> None:
    for place in copies.iterdir():
        if time.time() - place.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(place, ignore_errors=True)
