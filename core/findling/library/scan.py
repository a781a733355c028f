"""Walk folders and find the regular files in them that the rules let in."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from findling.library.rules import LeftOut, Place, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findling.jobs import CancelToken

#: How the reason begins of a file that the system does not let be read.
UNREAD = "cannot be read: "


@dataclass(frozen=True, slots=True)
class Found:
    """A file as the file system shows it; `problem` says why it cannot even be looked at. `closed` is said of
    a folder that cannot be listed."""

    path: Path
    size: int
    mtime_ns: int
    problem: str = ""
    closed: bool = False

    @property
    def key(self) -> str:
        """The path as it is stored: text. Bytes that are no UTF-8 are replaced, and `problem` says so."""
        return os.fsencode(self.path).decode("utf-8", errors="replace")


def scan(folder: Path, rules: Rules, cancel: CancelToken) -> Iterator[Found]:
    """Every regular file below `folder` that `rules` let in.

    Links to folders are followed last, and no folder is listed twice: there are no loops, and a file that
    can be reached without a link has the path without one. A folder that cannot be listed is yielded with its
    problem. Raises `Cancelled`.
    """
    stack = [(str(folder), Place.top(rules))]
    links: list[tuple[str, Place]] = []
    visited: set[tuple[int, int]] = set()
    while stack or links:
        cancel.check()
        path, place = stack.pop() if stack else links.pop(0)
        try:
            if rules.links:
                facts = os.stat(path)  # noqa: PTH116 — as text, for speed
                if (facts.st_dev, facts.st_ino) in visited:
                    continue
                visited.add((facts.st_dev, facts.st_ino))
            entries, place = _listed(path, place)
        except OSError as error:
            yield _closed(path, error)
            continue
        for entry in entries:
            outcome = _look(entry, place)
            if isinstance(outcome, Found):
                yield outcome
            elif isinstance(outcome, Place):
                (links if entry.is_symlink() else stack).append((entry.path, outcome))


def explain(path: Path, folder: Path, rules: Rules) -> Found | LeftOut | None:
    """What `scan` makes of `path`, which lies below `folder` and exists: found, or the rule that leaves it
    out; None for what is no file, or a folder that is looked into."""
    place = Place.top(rules)
    parent = str(folder)
    for name in path.relative_to(folder).parts:
        try:
            entries, place = _listed(parent, place)
        except OSError as error:
            return _closed(parent, error)
        entry = next((entry for entry in entries if entry.name == name), None)
        if entry is None:
            return None
        outcome = _look(entry, place)
        if not isinstance(outcome, Place):
            return outcome
        parent, place = entry.path, outcome
    return None


def _listed(folder: str, place: Place) -> tuple[list[os.DirEntry[str]], Place]:
    """The entries of a folder, and its place with its ignore files. Raises `OSError`."""
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    return entries, place.obeying(folder, (entry.name for entry in entries))


def _look(entry: os.DirEntry[str], place: Place) -> Found | Place | LeftOut | None:
    """A file, a folder to look into, the rule that leaves the entry out, or None for what is neither."""
    try:
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.is_symlink() and entry.is_dir():
            if not place.rules.links:
                return LeftOut("links")
            is_folder = True
        if left_out := place.left_out(entry.name, folder=is_folder):
            return left_out
        if is_folder:
            return place.inside(entry.name)
        facts = entry.stat()
    except OSError as error:
        if entry.is_symlink():  # a dangling link is nobody's document
            return None
        return Found(Path(entry.path), 0, 0, f"{UNREAD}{error.strerror or error}")
    if stat.S_ISREG(facts.st_mode):
        return Found(Path(entry.path), facts.st_size, facts.st_mtime_ns, _name_problem(entry.path))
    return None


def _closed(folder: str, error: OSError) -> Found:
    return Found(Path(folder), 0, 0, f"folder cannot be listed: {error.strerror or error}", closed=True)


def _name_problem(path: str) -> str:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not valid UTF-8: rename the file"
    return ""
