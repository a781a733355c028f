"""Volumes that files lie on: one that is not mounted now was not emptied.

A mount point without its volume is an empty folder, or is not there at all. So a library remembers the mount
points in and above its folders, and keeps what was found on one that has gone.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable


def is_there(folder: Path) -> bool:
    """Whether a folder can be looked at now: not below a dead network drive or a closed folder, either."""
    try:
        return folder.is_dir()
    except OSError:
        return False


def mounted(folders: Iterable[Path | str]) -> set[str]:
    """The mount points that lie in `folders` or hold them, without the root of the file system.

    One that mounts on demand counts when its volume is there.
    """
    import psutil

    places = [Path(folder) for folder in folders]
    points = {Path(part.mountpoint) for part in psutil.disk_partitions(all=True) if part.fstype != "autofs"}
    return {
        str(point)
        for point in points
        if point != Path(point.anchor) and any(lie_together(point, place) for place in places)
    }


def away(volumes: Iterable[str], known: Iterable[str], found: Container[str]) -> set[str]:
    """Which of `volumes`, none of them mounted, lack more of the `known` paths on them than are `found`.

    Where most are found, the volume's files were moved onto the disk below; a few were written to it since.
    """
    places = set(volumes)
    lacking: Counter[str] = Counter()
    for path in known if places else ():
        for volume in places:
            if Path(path).is_relative_to(volume):
                lacking[volume] += -1 if path in found else 1
    return {volume for volume, balance in lacking.items() if balance > 0}


def still_of_use(volumes: Iterable[str], folders: Iterable[str], missing: Iterable[str]) -> tuple[str, ...]:
    """The volumes to remember after a run: those mounted now, and those of what was `missing`."""
    now = mounted(folders)
    lost = [Path(place) for place in missing]
    return tuple(
        sorted(now | {volume for volume in volumes if any(lie_together(Path(volume), p) for p in lost)})
    )


def lie_together(one: Path, other: Path) -> bool:
    """Whether one of two places is the other, or lies in it."""
    return one.is_relative_to(other) or other.is_relative_to(one)
