"""Walk folders and find the regular files in them."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findling.jobs import CancelToken


@dataclass(frozen=True, slots=True)
class Found:
    """A file as the file system shows it; `problem` says why it cannot even be looked at."""

    path: Path
    size: int
    mtime_ns: int
    problem: str = ""

    @property
    def key(self) -> str:
        """The path as it is stored: text. Bytes that are no UTF-8 are replaced, and `problem` says so."""
        return os.fsencode(self.path).decode("utf-8", errors="replace")


def scan(folder: Path, cancel: CancelToken) -> Iterator[Found]:
    """Every regular file below `folder`, hidden ones and what lies in hidden folders left out.

    Links to folders are not followed: they may form loops. A folder that cannot be listed is yielded with
    its problem. Raises `Cancelled`.
    """
    stack = [folder]
    while stack:
        cancel.check()
        current = stack.pop()
        try:
            with os.scandir(current) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield Found(current, 0, 0, f"folder cannot be listed: {error.strerror or error}")
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(Path(entry.path))
                    continue
                facts = entry.stat()
            except OSError as error:
                if not entry.is_symlink():  # a dangling link is nobody's document
                    yield Found(Path(entry.path), 0, 0, f"cannot be read: {error.strerror or error}")
                continue
            if stat.S_ISREG(facts.st_mode):
                yield Found(Path(entry.path), facts.st_size, facts.st_mtime_ns, _name_problem(entry.path))


def _name_problem(path: str) -> str:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not valid UTF-8: rename the file"
    return ""
