"""What cannot be looked at now is kept as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from findling.library.volumes import away, is_there, mounted, still_of_use
from findling.store import FileState

if TYPE_CHECKING:
    from findling.library import Libraries


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Places that the system refuses to list, look at or open, as a closed folder or a broken drive does:
    the tests may run as root, whom no mode keeps out."""
    places: set[Path] = set()

    def guarded(name: str, original: object) -> object:
        def call(path: object, *arguments: object, **options: object) -> object:
            if isinstance(path, str | Path) and Path(path) in places:
                raise PermissionError(13, os.strerror(13), str(path))
            return original(path, *arguments, **options)  # type: ignore[operator]

        return call

    for name in ("scandir", "stat"):
        monkeypatch.setattr(os, name, guarded(name, getattr(os, name)))
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) not in places and access(path, mode))
    opened = Path.open

    def open_(path: Path, *arguments: object, **options: object) -> object:
        if path in places:
            raise PermissionError(13, os.strerror(13), str(path))
        return opened(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", open_)
    return places


def test_folder_that_cannot_be_listed_keeps_what_it_held(
    libraries: Libraries, folder: Path, refused: set[Path]
) -> None:
    libraries.index("default", [folder])
    refused.add(folder / "sub")
    run = libraries.index("default")
    assert (run.removed, run.passages) == (0, 4)
    with libraries.open("default") as library:
        rows = {row.path: row for row in library.files()}
        assert library.search("badger tunnels")[0].path == str(folder / "sub" / "note.txt")
    assert "Permission denied" in rows[str(folder / "sub")].reason
    refused.clear()
    run = libraries.index("default")
    assert (run.files["failed"], run.passages) == (0, 4)


def test_folder_of_the_library_that_cannot_be_looked_at_is_missing(
    libraries: Libraries, folder: Path, refused: set[Path]
) -> None:
    libraries.index("default", [folder])
    refused.add(folder)
    assert not is_there(folder)
    run = libraries.index("default")
    assert (run.missing_folders, run.removed, run.passages) == ((str(folder),), 0, 4)


def test_file_that_could_not_be_read_is_read_when_it_can_be(
    libraries: Libraries, folder: Path, refused: set[Path]
) -> None:
    note = folder / "sub" / "note.txt"
    refused.add(note)
    run = libraries.index("default", [folder])
    assert run.files["failed"] == 1
    assert libraries.index("default").new_or_changed == 0
    refused.clear()
    assert libraries.index("default").files["failed"] == 0
    with libraries.open("default") as library:
        row = next(row for row in library.files() if row.path == str(note))
    assert row.state is FileState.INDEXED


def test_vanished_collection_keeps_its_records(libraries: Libraries, tmp_path: Path) -> None:
    place = tmp_path / "collection"
    place.mkdir()
    corpus = place / "corpus.jsonl"
    corpus.write_text('{"_id": "1", "title": "Badgers", "text": "They dig tunnels."}\n')
    with libraries.start_import("default", place) as job:
        job.result()
    corpus.rename(tmp_path / "away.jsonl")
    run = libraries.index("default")
    assert (run.missing_folders, run.removed, run.passages) == ((str(place),), 0, 1)
    (tmp_path / "away.jsonl").rename(corpus)
    run = libraries.index("default")
    assert (run.missing_folders, run.new_or_changed) == ((), 0)


def test_volume_is_away_while_most_of_its_files_are_lacking() -> None:
    known = ["/usb/a", "/usb/b/c", "/usb/b/d", "/home/d"]
    assert away({"/usb"}, known, {"/home/d", "/usb/a"}) == {"/usb"}
    assert away({"/usb"}, known, {"/usb/a", "/usb/b/c"}) == set()
    assert away({"/usb/other"}, known, set()) == set()
    assert away({"/usb/b"}, known, {"/usb/a"}) == {"/usb/b"}


def test_volumes_are_remembered_while_they_may_come_back(tmp_path: Path) -> None:
    usb, disk, old = (str(tmp_path / name) for name in ("usb", "disk", "old"))
    now = mounted([usb])
    assert usb not in now
    kept = still_of_use([usb, disk, old], [usb, disk], [usb, str(Path(disk) / "documents")])
    assert set(kept) - now == {usb, disk}


@pytest.mark.skipif(not Path("/proc/self/mounts").is_file(), reason="needs Linux")
def test_mount_points_in_and_above_a_folder_are_told() -> None:
    assert "/proc" in mounted(["/proc/self"])
    assert "/proc" in mounted(["/"])
    assert "/" not in mounted(["/proc"])
