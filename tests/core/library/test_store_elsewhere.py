"""Libraries that keep their tables in a bucket or in another directory."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from findling.errors import LibraryNotFound, SettingsError, StoreUnreachable, UserError
from findling.jobs import CancelToken, ignore_progress
from findling.library import checking, worker
from findling.library.info import INFO_FILE, LibraryInfo
from findling.search import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from s3_server import Bucket

    from findling.library import Libraries
    from findling.library.info import RunSummary

NAME = "far"


def far(bucket: Bucket) -> str:
    return f"s3://{bucket.name}/libraries/far"


def found(libraries: Libraries, query: str, mode: Mode = Mode.HYBRID) -> str:
    """The name of the best hit's file; "" for none."""
    with libraries.open(NAME) as opened:
        hits = opened.search(query, mode)
    return hits[0].path.rpartition("/")[2] if hits else ""


def index(libraries: Libraries) -> RunSummary:
    return libraries.index(NAME)


def rebuild(libraries: Libraries, model: str) -> None:
    """As `start_rebuild`, in this process."""
    arguments = libraries._arguments(NAME) | {"shadow": model}
    worker.index(arguments, ignore_progress, CancelToken())


def test_a_library_lives_in_a_bucket(libraries: Libraries, folder: Path, bucket: Bucket, other: str) -> None:
    """Indexed, searched, updated, rebuilt, rolled back, deleted: the disk never holds its tables."""
    bucket.objects["libraries/far-away"] = b"of somebody else"
    first = libraries.index(NAME, [folder], store=far(bucket))
    assert (first.files["indexed"], first.embedded) == (2, first.passages)
    directory = libraries.existing_directory(NAME)
    assert not (directory / "lance").exists()
    assert "secret" not in (directory / INFO_FILE).read_text() + str(sorted(bucket.objects))
    for mode in Mode:
        assert found(libraries, "badgers dig tunnels", mode) == "note.txt"

    again = index(libraries)
    assert (again.embedded, again.new_or_changed) == (0, 0)
    (folder / "sub" / "note.txt").write_text("Foxes sleep under the old oak tree.\n")
    updated = index(libraries)
    assert (updated.embedded, updated.new_or_changed) == (1, 1)
    assert found(libraries, "foxes", Mode.KEYWORD) == "note.txt"
    assert found(libraries, "badgers", Mode.KEYWORD) == ""

    rebuild(libraries, other)
    assert libraries.info(NAME).active.model == other
    assert found(libraries, "how much is a ticket") == "guide.md"
    libraries.rollback(NAME)
    assert libraries.info(NAME).active.number == 1
    assert found(libraries, "foxes asleep", Mode.SEMANTIC) == "note.txt"
    libraries.forget(NAME, 2)
    assert not any("passages_2" in key for key in bucket.objects)

    with libraries.open(NAME) as opened:
        status = opened.status()
    assert (status["store"], status["passages"]) == (far(bucket), first.passages)
    assert status["disk_bytes"] == libraries.disk_bytes(NAME) < 20_000
    libraries.delete(NAME)
    assert list(bucket.objects) == ["libraries/far-away"]
    with pytest.raises(LibraryNotFound):
        libraries.info(NAME)


def test_damage_in_a_bucket_is_found_and_repaired(libraries: Libraries, folder: Path, bucket: Bucket) -> None:
    libraries.index(NAME, [folder], store=far(bucket))
    arguments = {"settings": libraries.settings.to_json(), "library": NAME, "repair": False}
    sound = checking.check(arguments, ignore_progress, CancelToken())
    assert (sound["problems"], sound["disk_bytes"], sound["passages"]) == ([], 0, index(libraries).passages)
    for key in [key for key in bucket.objects if "/files.lance/" in key]:
        del bucket.objects[key]
    repaired = checking.check(arguments | {"repair": True}, ignore_progress, CancelToken())
    assert [(p["kind"], p["repaired"]) for p in repaired["problems"]] == [("missing_table", True)]
    assert found(libraries, "badgers") == "note.txt"


def test_a_bucket_out_of_reach_is_no_damage_and_changes_nothing(
    libraries: Libraries, folder: Path, bucket: Bucket
) -> None:
    libraries.index(NAME, [folder], store=far(bucket))
    before, info = dict(bucket.objects), libraries.info(NAME)
    bucket.refusal = 403, "AccessDenied"
    arguments = {"settings": libraries.settings.to_json(), "library": NAME, "repair": True}
    with libraries.open(NAME) as opened:
        for work in (
            lambda: opened.search("badgers"),
            lambda: index(libraries),
            lambda: libraries.delete(NAME),
            lambda: checking.check(arguments, ignore_progress, CancelToken()),
        ):
            with pytest.raises(StoreUnreachable, match="denies access"):
                work()
        bucket.refusal = None
        assert opened.search("badgers")[0].path.endswith("note.txt")
    assert bucket.objects == before
    left = libraries.info(NAME)
    assert (left.active, left.store, left.unfinished) == (info.active, info.store, True)
    assert index(libraries).embedded == 0


def test_a_store_is_chosen_once_and_is_nobody_elses(
    libraries: Libraries, folder: Path, bucket: Bucket
) -> None:
    libraries.index(NAME, [folder], store=far(bucket))
    with pytest.raises(UserError, match="keeps its tables in s3://"):
        libraries.index(NAME, store=far(bucket) + "2")
    assert libraries.index(NAME, store=far(bucket) + "/").embedded == 0
    with pytest.raises(UserError, match="tables of a library already"):
        libraries.index("another", [folder], store=far(bucket))
    with pytest.raises(StoreUnreachable, match="no bucket"):
        libraries.index("another", [folder], store="s3://no-such-bucket/x")
    with pytest.raises(UserError, match="cannot be exported"):
        libraries.start_export(NAME, folder.parent / "far.findling")
    assert libraries.names() == [NAME]


def test_tables_in_another_directory(libraries: Libraries, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="lies in the folder"):
        libraries.index(NAME, [folder], store=str(folder / "tables"))
    place = tmp_path / "fast disk" / "tables"
    libraries.index(NAME, [folder], store=str(place))
    assert sorted(path.name for path in place.iterdir()) == [
        "files.lance",
        "passages_1.lance",
        "vocabulary.lance",
    ]
    assert place.stat().st_mode & 0o777 == 0o700
    assert found(libraries, "badgers dig tunnels") == "note.txt"
    assert LibraryInfo.load(libraries.existing_directory(NAME)).store == str(place)
    with pytest.raises(SettingsError, match="lies in the folder"):
        libraries.index(NAME, [tmp_path])
    stored = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    own = libraries.existing_directory(NAME)
    assert libraries.disk_bytes(NAME) == stored + sum(p.stat().st_size for p in own.iterdir() if p.is_file())
    (place / "kept.txt").write_text("of somebody else")
    libraries.delete(NAME)
    assert [path.name for path in place.iterdir()] == ["kept.txt"]
    shutil.rmtree(place)
    libraries.index(NAME, [folder], store=str(place))
    libraries.delete(NAME)
    assert not place.exists()
