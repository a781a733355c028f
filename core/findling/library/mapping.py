"""A library as a picture: a point for each document, near to those that are like it, and groups with names.

It is drawn from the vectors that the index has, in a process of its own, and kept in `map.json` in the
library's directory until it is drawn again. Titles and folders are read anew with the picture: they may
have changed since.
"""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.errors import LibraryNotFound
from findling.jobs import ChildJob, Progress
from findling.library.folders import folders_of
from findling.library.info import LibraryInfo
from findling.library.layout import clusters_of, laid_out
from findling.library.subjects import named, words_in
from findling.settings import private_directory, write_atomically
from findling.store import StoreReader, disk_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from findling.jobs import CancelToken, Report
    from findling.library.info import Generation
    from findling.library.libraries import Libraries
    from findling.library.opened import OpenLibrary
    from findling.library.subjects import Words
    from findling.store import FileRow

    Vectors = NDArray[np.float32]

MAP_FILE = "map.json"
_VERSION = 1
_SEED = 0
#: Groups that get a colour, and documents that each has at least in the mean.
MOST_SUBJECTS = 8
_LEAST_SUBJECT = 5
#: A group of so many documents has parts, which have names too; and documents that each of these has.
_LEAST_DIVIDED = 60
_LEAST_PART = 20
_MOST_PARTS = 6
#: Documents of a group, and of a part of one, that it is named by; and characters of each.
_NAMING = 100
_NAMING_PART = 40
_NAMING_CHARACTERS = 3_000
#: A map is out of date when this share of the documents is new or gone.
_CHANGED = 0.05
#: A cancelled layout cannot be asked: its process is ended after so long.
_GRACE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A group of documents: a few words, where they are written (0 … 1), how many documents it has, and the
    group that it is part of, or -1."""

    name: str
    x: float
    y: float
    documents: int
    part_of: int = -1


@dataclass(frozen=True, slots=True)
class MapDocument:
    """A document of a map, by the first of its files; `copies` are its other ones. `record` is that of a
    collection, whose file `path` then begins with."""

    document_id: str
    path: str
    title: str
    kind: str
    folder: str
    record: str = ""
    copies: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class LibraryMap:
    """`documents` at `places`, float64 (N, 2) of 0 … 1, each of one of `subjects`, int64 (N,). `parts` name
    smaller groups. `new` documents are not on it, and of another model are the vectors that an `outdated`
    map was drawn from. `drawn` is a UTC time in ISO 8601."""

    documents: tuple[MapDocument, ...]
    places: NDArray[np.float64]
    subject_of: NDArray[np.int64]
    subjects: tuple[Subject, ...] = ()
    parts: tuple[Subject, ...] = ()
    new: int = 0
    gone: int = 0
    outdated: bool = False
    drawn: str = ""

    @property
    def stale(self) -> bool:
        """Whether it should be drawn again."""
        return self.outdated or self.new + self.gone > _CHANGED * (len(self.documents) + self.new)


def start_drawing(libraries: Libraries, name: str) -> ChildJob:
    """Draw the map of a library; the job's result is {documents, subjects, seconds}. Raises
    `LibraryNotFound`."""
    settings = libraries.settings
    return ChildJob(
        "findling.library.mapping:draw",
        {"directory": str(libraries.existing_directory(name))},
        log=private_directory(settings.home.logs) / f"map-{name}.log",
        grace_seconds=_GRACE_SECONDS,
    )


def draw(arguments: Mapping[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Entry point of the child process of `start_drawing`. Raises `LibraryNotFound`, `LibraryDamaged`,
    `UserError` where scikit-learn is missing, `DiskFull`, `PlaceNotWritable` and `Cancelled`."""
    began = time.monotonic()
    directory = Path(arguments["directory"])
    info = LibraryInfo.load(directory)
    with closing(StoreReader(info.store_in(directory), info.active.number)) as store:
        files = _first_files(store.files())
        ids, vectors = _means(store, files, report, cancel)
        report(Progress("laying out", detail=str(len(ids))))
        places = laid_out(vectors, _SEED, cancel)
        report(Progress("naming"))
        naming = _Naming(store, files, ids, vectors, places, cancel)
        subject_of, subjects = naming.subjects(np.arange(len(ids)), _count(len(ids)))
        parts = naming.parts(subject_of, len(subjects))
    drawn = datetime.now(UTC).isoformat(timespec="seconds")
    found = {
        "version": _VERSION,
        "generation": info.active.number,
        "fingerprint": info.active.fingerprint,
        "drawn": drawn,
        "documents": ids,
        "places": places.round(5).tolist(),
        "subject_of": subject_of.tolist(),
        "subjects": [asdict(subject) for subject in subjects],
        "parts": [asdict(part) for part in parts],
    }
    cancel.check()
    with disk_errors(directory):
        write_atomically(directory / MAP_FILE, json.dumps(found, ensure_ascii=False))
    return {"documents": len(ids), "subjects": len(subjects), "seconds": time.monotonic() - began}


def read_map(library: OpenLibrary, directory: Path) -> LibraryMap | None:
    """The map that was drawn last of the library in `directory`, with the documents that are there now; None
    where there is none, or none that can be read."""
    try:
        stored = json.loads((directory / MAP_FILE).read_text(encoding="utf-8"))
        if stored["version"] != _VERSION:
            return None
        return _completed(stored, _first_files(library.files()), library.info.active)
    except LibraryNotFound:  # its first run has not written anything yet
        return None
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None  # it is drawn again


def _completed(
    stored: Mapping[str, Any], files: Mapping[str, list[FileRow]], active: Generation
) -> LibraryMap:
    there = [place for place, document in enumerate(stored["documents"]) if document in files]
    ids = [stored["documents"][place] for place in there]
    folders = folders_of({document: rows[0] for document, rows in files.items()}, MOST_SUBJECTS)
    documents = tuple(
        MapDocument(
            document,
            files[document][0].path,
            files[document][0].title or files[document][0].name,
            files[document][0].kind,
            folders[document],
            files[document][0].record,
            len(files[document]) - 1,
        )
        for document in ids
    )
    return LibraryMap(
        documents,
        np.array(stored["places"], np.float64).reshape(-1, 2)[there],
        np.array(stored["subject_of"], np.int64)[there],
        tuple(Subject(**each) for each in stored["subjects"]),
        tuple(Subject(**each) for each in stored["parts"]),
        len(files) - len(ids),
        len(stored["documents"]) - len(ids),
        (stored["generation"], stored["fingerprint"]) != (active.number, active.fingerprint),
        stored["drawn"],
    )


def _first_files(files: Iterable[FileRow]) -> dict[str, list[FileRow]]:
    """The files of each document, by id."""
    found: dict[str, list[FileRow]] = {}
    for row in files:
        if row.document_id:
            found.setdefault(row.document_id, []).append(row)
    return found


def _means(
    store: StoreReader, files: Mapping[str, Sequence[FileRow]], report: Report, cancel: CancelToken
) -> tuple[list[str], Vectors]:
    """Documents that have passages, by id in order, and the mean of each one's vectors at length 1: float32
    (D, dim)."""
    rows = {document: row for row, document in enumerate(sorted(files))}
    sums = np.zeros((len(rows), store.dim), np.float32)
    done, total = 0, store.count_passages()
    for ids, vectors in store.every_vector():
        cancel.check()
        places = np.array([rows.get(document, -1) for document in ids], np.int64)
        known = places >= 0
        np.add.at(sums, places[known], vectors[known])
        done += len(ids)
        report(Progress("reading", done, total, "passages"))
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    found = np.flatnonzero(lengths[:, 0] > 0)
    ids = list(rows)
    return [ids[row] for row in found], sums[found] / lengths[found]


def _count(documents: int) -> int:
    return max(1, min(MOST_SUBJECTS, documents // _LEAST_SUBJECT))


class _Naming:
    """Finds groups of a library's documents, and what these are about."""

    def __init__(
        self,
        store: StoreReader,
        files: Mapping[str, Sequence[FileRow]],
        ids: Sequence[str],
        vectors: Vectors,
        places: NDArray[np.float64],
        cancel: CancelToken,
    ) -> None:
        self._store = store
        self._files = files
        self._ids = ids
        self._vectors = vectors
        self._places = places
        self._cancel = cancel
        self._words: dict[int, Words] = {}

    def subjects(
        self, members: NDArray[np.int64], count: int, part_of: int = -1
    ) -> tuple[NDArray[np.int64], list[Subject]]:
        """`count` groups, or fewer, of these documents: the one of each, int64 (N,), and the groups."""
        if not len(members):
            return np.empty(0, np.int64), []
        labels, middles = clusters_of(self._vectors[members], count, _SEED, self._cancel)
        groups = [members[labels == label] for label in range(count)]
        groups = [group for group in groups if len(group)]  # the empty ones are the last
        centres = [members[middle] for middle in middles]
        most = _NAMING if part_of < 0 else _NAMING_PART
        shown = [self._typical(group, centre, most) for group, centre in zip(groups, centres, strict=False)]
        self._read([place for group in shown for place in group])
        names = named([[self._words[place] for place in group] for group in shown])
        found: list[Subject] = []
        for group, centre, name in zip(groups, centres, names, strict=False):
            x, y = self._middle(group)
            found.append(Subject(name or self._title(int(centre)), x, y, len(group), part_of))
        return labels, found

    def parts(self, subject_of: NDArray[np.int64], count: int) -> list[Subject]:
        """Groups within those of the `count` groups that are large."""
        found: list[Subject] = []
        for subject in range(count):
            members = np.flatnonzero(subject_of == subject)
            if len(members) >= _LEAST_DIVIDED:
                found += self.subjects(members, min(_MOST_PARTS, len(members) // _LEAST_PART), subject)[1]
        return found

    def _typical(self, group: NDArray[np.int64], centre: int, most: int) -> list[int]:
        """Those of a group that are nearest to its middle, at most so many."""
        cosines = self._vectors[group] @ self._vectors[centre]
        return group[np.argsort(-cosines, kind="stable")[:most]].tolist()

    def _read(self, places: Iterable[int]) -> None:
        wanted = {self._ids[place]: place for place in places if place not in self._words}
        texts = self._store.texts_of(wanted)
        for document, place in wanted.items():
            self._cancel.check()
            row = self._files[document][0]
            text = "\n".join([row.title, *texts.get(document, ())])[:_NAMING_CHARACTERS]
            self._words[place] = words_in(text, row.language)

    def _middle(self, group: NDArray[np.int64]) -> tuple[float, float]:
        """The place of the document that lies most in the midst of the others."""
        places = self._places[group]
        nearest = np.abs(places - np.median(places, axis=0)).sum(axis=1).argmin()
        return round(float(places[nearest, 0]), 5), round(float(places[nearest, 1]), 5)

    def _title(self, place: int) -> str:
        row = self._files[self._ids[place]][0]
        return row.title or row.name
