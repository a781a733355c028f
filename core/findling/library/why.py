"""Why a file is, or is not, found by searches of a library."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from findling.documents import split
from findling.library.rules import LeftOut
from findling.library.scan import Found, explain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from findling.library.info import LibraryInfo
    from findling.store import FileRow


class Standing(StrEnum):
    """Where a path stands with a library."""

    INDEXED = "indexed"
    SKIPPED = "skipped"
    FAILED = "failed"
    LEFT_OUT = "left out"  # a rule says so
    WAITING = "waiting"  # the next run looks at it
    FOLDER = "folder"  # its files are looked at
    NO_FILE = "no file"  # a pipe, a device, a link to nowhere
    OUTSIDE = "outside"  # in no folder of the library
    MISSING = "missing"  # there is nothing at that path


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason` is that of a file that was skipped, failed or cannot be read; `left_out` names the rule.

    `row_kept` says that the index still holds the file: until the next run.
    """

    path: Path
    standing: Standing
    reason: str = ""
    left_out: LeftOut | None = None
    row_kept: bool = False


def why(path: Path, info: LibraryInfo, rows: Iterable[FileRow]) -> Answer:
    """How `path` stands with the library; `rows` are those of its files."""
    folders = [Path(folder) for folder in info.folders]
    absolute = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 — `resolve` would follow a link
    ways = (absolute, absolute.parent.resolve() / absolute.name)
    place, folder = next(
        ((way, folder) for way in ways for folder in folders if way.is_relative_to(folder)), (absolute, None)
    )
    key = Found(place, 0, 0).key
    row = next((row for row in rows if row.path == key and not row.record), None)
    kept = row is not None
    outside, inside = split(place)
    if not os.path.lexists(outside):
        return Answer(place, Standing.MISSING, row_kept=kept)
    if folder is None:
        return Answer(place, Standing.OUTSIDE, row_kept=kept)
    outcome = explain(outside, folder, info.rules)
    if isinstance(outcome, LeftOut):
        return Answer(place, Standing.LEFT_OUT, left_out=outcome, row_kept=kept)
    if row is not None:
        return Answer(place, Standing(row.state.value), row.reason)
    if inside and outcome is not None:
        return Answer(place, Standing.MISSING)
    if outcome is None:
        return Answer(place, Standing.FOLDER if place.is_dir() else Standing.NO_FILE)
    return Answer(place, Standing.WAITING, outcome.problem)
