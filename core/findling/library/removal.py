"""Everything that Findling has written below a home, listed and removed; nothing else is touched.

What is Findling's is known by its name and its place, and what is not in these lists stays, with the
directory that holds it. Whoever lets Findling write something new adds it here. Links are neither followed
nor removed: they are the person's. What says whose a directory is goes last, so that an interrupted removal
can be run again.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from findling.component.place import MANIFEST
from findling.errors import LibraryBusy, SettingsError, UserError, one_line
from findling.jobs import Progress, ignore_progress
from findling.library.archive import IMPORT_LOCK, UNPACKING
from findling.library.info import BACKUP_FILE, INFO_FILE, LOCK_FILE, STORE_DIRECTORY
from findling.library.mapping import MAP_FILE
from findling.library.personal_file import PERSONAL_FILE
from findling.library.synthesis_plans import TUNING
from findling.models.card import CARD_FILE
from findling.models.download import DOWNLOAD_FILE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from findling.jobs import Report
    from findling.settings import Home


class Kind(StrEnum):
    """What is written, in the order in which it is told and removed."""

    LIBRARY = "library"  # index, texts, history, saved searches, judgements, tuning runs
    MODEL = "model"
    DOWNLOAD = "download"
    COMPONENT = "training component"
    RECOGNISED = "recognised text"
    SETTINGS = "settings"
    LOGS = "logs"
    CACHE = "caches"


class Why(StrEnum):
    """Why something stays."""

    STRANGE = "not made by Findling"
    LINK = "a link; what it leads to is left alone"
    DOCUMENTS = "a folder that you search lies in it"
    STORE = "tables kept elsewhere; 'findling delete NAME' removes them with their library"
    KEPT = "kept, as was asked"
    REFUSED = "could not be removed"


@dataclass(frozen=True, slots=True)
class Part:
    """Something that goes: of a library, a model or a download its `name`; its bytes on the disk."""

    kind: Kind
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Stay:
    """Something that stays, and why; `reason` is what the system said."""

    place: str
    why: Why
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stock:
    """What goes, or has gone, and what stays."""

    parts: tuple[Part, ...]
    stays: tuple[Stay, ...]

    @property
    def total_bytes(self) -> int:
        """Of all parts."""
        return sum(part.bytes for part in self.parts)

    def of(self, kind: Kind) -> tuple[Part, ...]:
        """The parts of one kind, by their names."""
        return tuple(part for part in self.parts if part.kind is kind)

    def to_json(self) -> dict[str, Any]:
        """The shape of `findling remove-my-data --json`."""
        return {
            "parts": [{"kind": part.kind, "name": part.name, "bytes": part.bytes} for part in self.parts],
            "stays": [{"place": stay.place, "why": stay.why, "reason": stay.reason} for stay in self.stays],
            "total_bytes": self.total_bytes,
        }


def stock_of(home: Home, *, keep_models: bool = False) -> Stock:
    """What `remove_everything` would remove. Raises `SettingsError` for a home that is a person's own
    directory, or the root of all."""
    return _found_in(home, keep_models=keep_models).stock()


def remove_everything(
    home: Home, *, keep_models: bool = False, report: Report = ignore_progress, patience_seconds: float = 0.0
) -> Stock:
    """Remove all that Findling has written below `home`, and the directories that are empty then. What cannot
    be removed stays, and is named.

    `keep_models` leaves installed and downloaded models, but none that was tuned on documents. Raises
    `SettingsError` as `stock_of`, and `LibraryBusy`, with nothing removed, while a window, a job or another
    writer is at work for longer than `patience_seconds`.
    """
    found = _found_in(home, keep_models=keep_models)
    with _alone(found, patience_seconds):
        found = _found_in(home, keep_models=keep_models)  # now that nobody writes
        removed = _Removal(report, found.total_bytes)
        for item in found.items:
            if item.path.name.endswith(_LOCK_SUFFIX):
                continue  # held: it goes when it is let go
            removed.take(item)
    for item in found.items:
        if item.path.name.endswith(_LOCK_SUFFIX):
            removed.take(item)
    for directory in found.directories:
        with suppress(OSError):  # it holds what stays, or what was written meanwhile
            directory.rmdir()
    return Stock(found.stock().parts, (*found.stays, *removed.refused))


# -- what is Findling's ---------------------------------------------------------------------------------

_LOCK_SUFFIX = ".lock"
_MARKED_KINDS = (Kind.MODEL, Kind.DOWNLOAD)


@dataclass(frozen=True, slots=True)
class _Ours:
    """What a name stands for. A directory whose `holds` is None is ours with all that is in it, others may
    hold strangers too. One with an `owner` has the name of a library, a model or a download, and is ours
    where it has the file `mark`, or something of what it `holds`, or nothing."""

    kind: Kind
    holds: Mapping[str, _Ours] | None = None
    mark: str = ""
    owner: bool = False


def _files(kind: Kind, *patterns: str) -> dict[str, _Ours]:
    """Files, and what `settings.replacing` leaves of them where it is killed."""
    return {name: _Ours(kind) for pattern in patterns for name in (pattern, f".{pattern}.*.new")}


_LIBRARY = {
    **_files(Kind.LIBRARY, INFO_FILE, BACKUP_FILE),
    f"{PERSONAL_FILE}*": _Ours(Kind.LIBRARY),
    TUNING: _Ours(Kind.LIBRARY),
    **_files(Kind.LIBRARY, MAP_FILE),
    STORE_DIRECTORY: _Ours(
        Kind.LIBRARY, {f"{name}.lance": _Ours(Kind.LIBRARY) for name in ("files", "vocabulary", "passages_*")}
    ),
    LOCK_FILE: _Ours(Kind.LIBRARY),
}
_CONFIG = _files(Kind.SETTINGS, "settings.json", "window.json")
_DATA = {
    "libraries": _Ours(
        Kind.LIBRARY,
        {
            IMPORT_LOCK: _Ours(Kind.CACHE),
            f"{UNPACKING}*": _Ours(Kind.CACHE),
            "*": _Ours(Kind.LIBRARY, _LIBRARY, owner=True),
        },
    ),
    "models": _Ours(
        Kind.MODEL,
        {
            ".building.lock": _Ours(Kind.CACHE),
            ".requantised": _Ours(Kind.CACHE),
            ".new-*": _Ours(Kind.CACHE),
            "*": _Ours(Kind.MODEL, mark=CARD_FILE, owner=True),
        },
    ),
    "downloads": _Ours(
        Kind.DOWNLOAD,
        {
            ".*.partial": _Ours(Kind.DOWNLOAD),
            ".*.partial.lock": _Ours(Kind.CACHE),
            "*": _Ours(Kind.DOWNLOAD, mark=DOWNLOAD_FILE, owner=True),
        },
    ),
    "components": _Ours(
        Kind.COMPONENT,
        {
            ".training.lock": _Ours(Kind.CACHE),
            ".training.*": _Ours(Kind.COMPONENT),
            "training": _Ours(Kind.COMPONENT, mark=MANIFEST),
        },
    ),
    "recognised": _Ours(Kind.RECOGNISED, {"[0-9a-f]*": _Ours(Kind.RECOGNISED)}),
}
_STATE = {
    "logs": _Ours(Kind.LOGS, {"*.log": _Ours(Kind.LOGS), "*.lock": _Ours(Kind.CACHE)}),
    "calibration": _Ours(Kind.CACHE, _files(Kind.CACHE, "*.json")),
    "taken out": _Ours(Kind.CACHE, {"[0-9a-f]*": _Ours(Kind.CACHE)}),
    "window.lock": _Ours(Kind.CACHE),
}


@dataclass(frozen=True, slots=True)
class _Item:
    """A file or a directory that goes as a whole, its `mark` last."""

    path: Path
    kind: Kind
    name: str
    bytes: int
    mark: str


@dataclass(slots=True)
class _Found:
    """What is below a home; `directories` are those to be removed once they are empty, the inner ones first,
    and `folders` what a person searches."""

    keep_models: bool
    folders: list[Path] = field(default_factory=list[Path])
    items: list[_Item] = field(default_factory=list[_Item])
    stays: list[Stay] = field(default_factory=list[Stay])
    directories: list[Path] = field(default_factory=list[Path])

    @property
    def total_bytes(self) -> int:
        """Of all items."""
        return sum(item.bytes for item in self.items)

    def stock(self) -> Stock:
        """The items by what they are and whose."""
        sizes: dict[tuple[Kind, str], int] = {}
        for item in self.items:
            key = (item.kind, item.name)
            sizes[key] = sizes.get(key, 0) + item.bytes
        order = list(Kind)
        parts = sorted(sizes.items(), key=lambda each: (order.index(each[0][0]), each[0][1]))
        return Stock(tuple(Part(*key, size) for key, size in parts), tuple(self.stays))

    def look(self, place: Path, ours: Mapping[str, _Ours], name: str = "") -> None:
        """Sort what a directory holds by what these names stand for."""
        try:
            left = {path.name: path for path in sorted(place.iterdir())}
        except OSError as error:
            self._stay(place, Why.REFUSED, one_line(error))
            return
        for pattern, what in ours.items():
            for path in [path for key, path in left.items() if fnmatchcase(key, pattern)]:
                if self._take(path, what, name):
                    del left[path.name]
        for path in left.values():
            self._stay(path, Why.STRANGE)
        self.directories.append(place)

    def _take(self, path: Path, what: _Ours, name: str) -> bool:
        """Whether it is Findling's, or is left for another reason."""
        if is_link(path):
            self._stay(path, Why.LINK)
            return True
        owner = path.name if what.owner else name
        if what.owner and not _is_known(path, what):
            return False
        if what.holds is not None:
            if path.is_dir():
                self.look(path, what.holds, owner)
            return path.is_dir()
        if any(folder.is_relative_to(path.resolve()) for folder in self.folders):
            self._stay(path, Why.DOCUMENTS)
        elif self.keep_models and what.kind in _MARKED_KINDS and what.owner and not _is_tuned(path):
            self._stay(path, Why.KEPT)
        else:
            self.items.append(_Item(path, what.kind, owner, _bytes(path), what.mark))
        return True

    def _stay(self, place: Path, why: Why, reason: str = "") -> None:
        self.stays.append(Stay(str(place), why, reason))


def _found_in(home: Home, *, keep_models: bool) -> _Found:
    found = _Found(keep_models)
    for info in _told_by(home.libraries):
        searched = (*info.get("folders", ()), *info.get("collections", ()))
        found.folders += [Path(str(folder)).resolve() for folder in searched]
        if store := info.get("store"):
            found.stays.append(Stay(str(store), Why.STORE))
    # On some systems they are one directory.
    places: dict[Path, dict[str, _Ours]] = {}
    for place, ours in ((home.data, _DATA), (home.config, _CONFIG), (home.state, _STATE)):
        _refuse_persons_own(place)
        places.setdefault(place, {}).update(ours)
    for place, ours in places.items():
        if is_link(place):
            found.stays.append(Stay(str(place), Why.LINK))
        elif place.is_dir():
            found.look(place, ours)
    return found


def _told_by(libraries: Path) -> Iterable[dict[str, Any]]:
    """What each `library.json` says, of whatever version it is."""
    if is_link(libraries):
        return
    for file in sorted(libraries.glob(f"*/{INFO_FILE}")):
        with suppress(OSError, ValueError):
            stored: object = json.loads(file.read_text(encoding="utf-8"))
            if isinstance(stored, dict):
                yield cast("dict[str, Any]", stored)


def _refuse_persons_own(place: Path) -> None:
    """Raises `SettingsError` for the root of all, and a directory that people's homes are or lie in."""
    where = place.resolve()
    with suppress(RuntimeError):  # nobody's home is known
        if Path.home().resolve().is_relative_to(where) or where == Path(where.anchor):
            raise SettingsError(
                f"{place} is no directory of Findling's own: nothing in it is removed.",
                "Name the directory that Findling keeps its data in with --home DIR.",
            )


def _is_known(directory: Path, what: _Ours) -> bool:
    """Whether a directory that anybody may have made there holds what Findling's do, or nothing."""
    known = what.holds or {what.mark: what}
    try:
        names = [path.name for path in directory.iterdir()]
    except OSError:  # no directory, or a closed one
        return False
    return not names or any(fnmatchcase(name, pattern) for name in names for pattern in known)


def _is_tuned(model: Path) -> bool:
    """Whether a model was tuned on documents, as its card says: made of what a tuning run has kept."""
    try:
        source = str(json.loads((model / CARD_FILE).read_text(encoding="utf-8"))["provenance"]["source"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return Path(source).parts[-3:-2] == (TUNING,)


def is_link(path: Path) -> bool:
    """Whether a place leads to another one, as a link or a junction."""
    try:
        found = path.lstat()
    except OSError:
        return False
    reparse = getattr(found, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_REPARSE_POINT
    return stat.S_ISLNK(found.st_mode) or bool(reparse)


def _bytes(path: Path) -> int:
    """Of a file, or of all in a directory; of links their own."""
    total = 0
    with suppress(OSError):
        total = path.lstat().st_size if not path.is_dir() else 0
    for directory, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(directory, name)).st_size  # noqa: PTH118 — thousands of files
    return total


# -- being alone ----------------------------------------------------------------------------------------


@contextmanager
def _alone(found: _Found, patience_seconds: float) -> Generator[None]:
    """Hold all locks that processes hold while they write below a home. Raises `LibraryBusy`."""
    from filelock import FileLock, Timeout

    with ExitStack() as held:
        for path in _locks(found):
            lock = FileLock(path, mode=0o600)
            try:
                lock.acquire(timeout=patience_seconds)
            except Timeout:
                raise _busy(path) from None
            except OSError as error:
                raise UserError(
                    f"{path} cannot be locked: {one_line(error)}.", "Allow it, and try again."
                ) from error
            held.callback(lock.release)
        yield


def _locks(found: _Found) -> list[Path]:
    """The lock files that are there, and that of each library."""
    locks = {path / LOCK_FILE for path in found.directories if (path / INFO_FILE).is_file()}
    for item in found.items:
        if item.path.name.endswith(_LOCK_SUFFIX):
            locks.add(item.path)
        elif item.path.suffix != ".lance" and item.path.is_dir():
            inner = (*item.path.glob(f"*{_LOCK_SUFFIX}"), *item.path.glob(f"*/*{_LOCK_SUFFIX}"))
            locks.update(path for path in inner if not (is_link(path) or is_link(path.parent)))
    return sorted(locks)


def _busy(lock: Path) -> LibraryBusy:
    if lock.name == "window.lock":
        return LibraryBusy(
            "The window of Findling is open.", "Quit it, also where it stays in the tray, and try again."
        )
    if lock.name == LOCK_FILE:
        return LibraryBusy(
            f"The library {lock.parent.name!r} is being written to by another process.",
            "Stop it, or wait for it to finish, and try again.",
        )
    return LibraryBusy(
        f"Findling is at work: another process holds {lock}.",
        "Stop it, or wait for it to finish, and try again.",
    )


# -- removing -------------------------------------------------------------------------------------------


class _Removal:
    """Removes one item after the other; `refused` are those that would not go."""

    def __init__(self, report: Report, total_bytes: int) -> None:
        self._report = report
        self._done = 0
        self._total = total_bytes
        self.refused: list[Stay] = []

    def take(self, item: _Item) -> None:
        self._report(Progress("removing", self._done, self._total, "bytes", item.name or str(item.kind)))
        try:
            _delete(item.path, item.mark)
        except FileNotFoundError:
            pass
        except OSError as error:
            self.refused.append(Stay(str(error.filename or item.path), Why.REFUSED, error.strerror or ""))
        self._done += item.bytes


def _delete(path: Path, mark: str) -> None:
    """Raises OSError where something of it would not go."""
    if not path.is_dir():
        path.unlink()
        return
    for inner in list(path.iterdir()) if mark else ():
        if inner.name != mark:
            _delete_whole(inner)
    _delete_whole(path)


def _delete_whole(path: Path) -> None:
    if is_link(path) or not path.is_dir():
        path.unlink()
        return
    if os.name == "nt":  # copies that are only to be read would not go
        for directory, _, names in os.walk(path):
            for name in names:
                with suppress(OSError):
                    Path(directory, name).chmod(stat.S_IWRITE, follow_symlinks=False)
    shutil.rmtree(path)
