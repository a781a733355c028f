"""What an index run does to a library: only what is needed, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from findling.errors import Cancelled, UserError
from findling.jobs import CancelToken, Progress, ignore_progress
from findling.library.rules import Rules
from findling.library.sources import FolderSource
from findling.store import FileState, StoreReader

if TYPE_CHECKING:
    from findling.library import Libraries


def contents(libraries: Libraries, name: str = "default") -> set[tuple[str, str]]:
    """Every (document, passage) that a reader can reach through a file."""
    with libraries.open(name) as library:
        documents = {row.document_id for row in library.files() if row.document_id}
        return {(document, passage) for document in documents for passage in library.document(document).spans}


def stored_passages(libraries: Libraries, name: str = "default") -> list[str]:
    """Every passage id in the table, with its repetitions."""
    reader = StoreReader(libraries.settings.home.libraries / name / "lance", 1)
    try:
        table = reader._wait(reader._scan(reader._passages, None, ["passage_id"]))
        return table.column("passage_id").to_pylist()
    finally:
        reader.close()


def test_first_run_indexes_and_gives_reasons_for_the_rest(libraries: Libraries, folder: Path) -> None:
    run = libraries.index("default", [folder])
    assert run.files == {"indexed": 2, "skipped": 1, "failed": 0}
    assert run.embedded == run.passages == 4
    assert run.provider == "CPU"
    assert 0 < run.embedding_seconds <= run.seconds
    with libraries.open("default") as library:
        rows = {row.path: row for row in library.files()}
    assert rows[str(folder / "guide.md")].title == "Observatory guide"
    assert rows[str(folder / "data.bin")].state is FileState.SKIPPED
    assert "bin" in rows[str(folder / "data.bin")].reason


def test_second_run_embeds_nothing(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    run = libraries.index("default")
    assert (run.new_or_changed, run.embedded, run.removed) == (0, 0, 0)
    assert run.embedding_seconds == 0
    assert run.files["indexed"] == 2
    assert run.provider == "CPU"  # what made the vectors, although nothing ran now


def test_what_a_killed_writer_left_on_the_disk_is_removed_by_the_next(
    libraries: Libraries, folder: Path
) -> None:
    libraries.index("default", [folder])
    directory = libraries.settings.home.libraries / "default"
    debris = directory / "lance" / "passages_1.lance" / "data" / "0101010101010101.lance"
    debris.write_bytes(b"half a batch")
    libraries.index("default")
    assert debris.exists()  # a run that ended leaves none: nobody looks for it
    info = libraries.info("default")
    replace(info, unfinished=True).save(directory)
    assert libraries.index("default").embedded == 0
    assert not debris.exists()
    with libraries.open("default") as library:
        assert library.search("telescope")


def test_touched_file_is_looked_at_and_not_embedded(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    os.utime(folder / "guide.md", (1, 1))
    run = libraries.index("default")
    assert (run.new_or_changed, run.embedded) == (1, 0)
    assert libraries.index("default").new_or_changed == 0


def test_edit_embeds_only_the_touched_section(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    guide = folder / "guide.md"
    guide.write_text(guide.read_text().replace("four euros", "five euros"))
    run = libraries.index("default")
    assert (run.embedded, run.reused, run.passages) == (1, 2, 4)
    with libraries.open("default") as library:
        assert "five euros" in library.search("price of admission")[0].snippet
        assert not [hit for hit in library.search("four euros") if "four" in hit.snippet]


def test_rename_copy_and_move_embed_nothing(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    (folder / "guide.md").rename(folder / "sub" / "renamed.md")
    (folder / "copy.txt").write_bytes((folder / "sub" / "note.txt").read_bytes())
    run = libraries.index("default")
    assert (run.embedded, run.removed, run.passages) == (0, 1, 4)
    assert run.files["indexed"] == 3
    with libraries.open("default") as library:
        best = library.search("badger tunnels")[0]
        assert library.search("telescope mirror")[0].path == str(folder / "sub" / "renamed.md")
    assert {best.path, *best.copies} == {str(folder / "copy.txt"), str(folder / "sub" / "note.txt")}


def test_two_files_that_exchange_their_contents_lose_nothing(libraries: Libraries, folder: Path) -> None:
    one, two = folder / "one.txt", folder / "two.txt"
    one.write_text("Lighthouses warn ships of rocks.")
    two.write_text("Glaciers carve valleys over millennia, slowly and for ever.")
    libraries.index("default", [folder])
    first, second = one.read_text(), two.read_text()
    one.write_text(second)
    two.write_text(first)
    os.utime(one, (2, 2))
    os.utime(two, (2, 2))
    run = libraries.index("default")
    assert run.embedded == 0
    with libraries.open("default") as library:
        assert library.search("ships and rocks")[0].path == str(two)
        assert library.search("ice shaping land")[0].path == str(one)


def test_deleted_file_is_gone_with_its_passages(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    (folder / "sub" / "note.txt").unlink()
    run = libraries.index("default")
    assert (run.removed, run.passages) == (1, 3)
    with libraries.open("default") as library:
        assert all("note" not in hit.path for hit in library.search("badger tunnels"))


def test_a_folder_is_left_out_and_its_files_are_gone(
    libraries: Libraries, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "others"
    other.mkdir()
    (other / "bread.txt").write_text("Bread is baked on Thursday mornings in the village oven.")
    libraries.index("notes", [folder, other])
    with libraries.start_index("notes", without=[other]) as job:
        assert job.result()["removed"] == 1
    assert libraries.info("notes").folders == (str(folder),)
    with libraries.open("notes") as library:
        assert not any(file.path.startswith(str(other)) for file in library.files())
        assert any(file.path.startswith(str(folder)) for file in library.files())
    assert (other / "bread.txt").is_file()
    with pytest.raises(UserError, match="has no folder"):
        libraries.start_index("notes", without=[other])
    with libraries.start_index("notes", without=[folder]) as job:
        job.result()
    with libraries.open("notes") as library:
        assert library.files() == []


def test_vanished_folder_keeps_what_it_held(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    hidden = folder.with_name("unmounted")
    folder.rename(hidden)
    run = libraries.index("default")
    assert run.missing_folders == (str(folder),)
    assert (run.removed, run.passages) == (0, 4)
    hidden.rename(folder)
    assert libraries.index("default").new_or_changed == 0


def test_equal_passages_are_embedded_once(libraries: Libraries, tmp_path: Path) -> None:
    place = tmp_path / "letters"
    place.mkdir()
    for number in range(5):
        (place / f"{number}.md").write_text(
            f"# Letter\n\n## {number}\n\nText {number}\n\n## End\n\nYours truly"
        )
    run = libraries.index("default", [place])
    assert run.passages == 10
    assert run.embedded == 6  # five texts, one closing formula
    assert run.reused == 4


def test_unreadable_files_fail_alone(libraries: Libraries, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing else")
    (folder / "not-really.docx").write_text("plain text")
    (folder / "empty.txt").touch()
    run = libraries.index("default", [folder])
    assert run.files == {"indexed": 2, "skipped": 2, "failed": 2}
    with libraries.open("default") as library:
        assert all(row.reason for row in library.files() if row.state is not FileState.INDEXED)


def test_nested_folder_is_not_indexed_twice(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder / "sub"])
    run = libraries.index("default", [folder])
    assert libraries.info("default").folders == (str(folder),)
    assert run.files["indexed"] == 2
    assert run.passages == 4


def many_files(tmp_path: Path, count: int = 40) -> Path:
    place = tmp_path / "many"
    place.mkdir()
    for number in range(count):
        sections = "\n\n".join(
            f"## Part {part}\n\nFile {number} speaks of subject {number * 7 + part}, at some length."
            for part in range(5)
        )
        (place / f"{number:03}.md").write_text(f"# File {number}\n\n{sections}")
    return place


@pytest.fixture
def small_batches(libraries: Libraries) -> None:
    libraries.settings = replace(libraries.settings, batch_passages=20)


def test_cancelled_run_goes_on_where_it_stopped(
    libraries: Libraries, tmp_path: Path, small_batches: None
) -> None:
    place = many_files(tmp_path)
    cancel = CancelToken()

    def report(progress: Progress) -> None:
        if progress.counts.get("embedded", 0) >= 60:
            cancel.cancel()

    with pytest.raises(Cancelled):
        libraries.index("default", [place], report, cancel)
    assert libraries.info("default").unfinished
    written = len(contents(libraries))
    assert 0 < written < 200
    run = libraries.index("default")
    assert not libraries.info("default").unfinished
    assert run.embedded <= 200 - written
    assert len(contents(libraries)) == len(stored_passages(libraries)) == run.passages == 200


def test_run_cancelled_before_a_file_was_read_has_not_come_to_its_end(
    libraries: Libraries, tmp_path: Path
) -> None:
    place = many_files(tmp_path, 2)
    cancel = CancelToken()

    def report(progress: Progress) -> None:
        if progress.phase == "indexing":
            cancel.cancel()

    with pytest.raises(Cancelled):
        libraries.index("default", [place], report, cancel)
    assert libraries.info("default").unfinished
    assert libraries.index("default").files["indexed"] == 2


def test_files_that_failed_are_tried_again_when_that_is_wanted(libraries: Libraries, tmp_path: Path) -> None:
    place = many_files(tmp_path, 2)
    (place / "torn.pdf").write_text("this is no PDF")
    assert libraries.index("default", [place]).files["failed"] == 1
    assert libraries.index("default").new_or_changed == 0
    with libraries.start_index("default", again=True) as job:
        run = job.result()
    assert (run["new_or_changed"], run["files"]["failed"], run["embedded"]) == (1, 1, 0)
    assert libraries.index("default").new_or_changed == 0


@pytest.mark.parametrize("method", ["add_passages", "put_files", "remove_documents"])
def test_run_that_dies_between_two_writes_loses_and_doubles_nothing(
    libraries: Libraries, tmp_path: Path, small_batches: None, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The store fails right after a write, as if the process had been killed there."""
    place = many_files(tmp_path, 12)
    libraries.index("other", [place])
    from findling.store import StoreWriter

    original = getattr(StoreWriter, method)
    calls = []

    def failing(self: StoreWriter, *arguments: object) -> None:
        original(self, *arguments)
        calls.append(method)
        if len(calls) == 2 or method == "remove_documents":
            raise OSError("killed here")

    with monkeypatch.context() as patch:
        patch.setattr(StoreWriter, method, failing)
        with pytest.raises(OSError, match="killed here"):
            libraries.index("default", [place])
    libraries.index("default")
    stored = stored_passages(libraries)
    assert len(stored) == len(set(stored)) == 60
    assert contents(libraries) == contents(libraries, "other")


def test_progress_ends_at_the_total(libraries: Libraries, tmp_path: Path) -> None:
    seen: list[Progress] = []
    libraries.index("default", [many_files(tmp_path, 8)], seen.append)
    assert [p.phase for p in seen][-1] == "finishing"
    assert (seen[-1].done, seen[-1].total) == (8, 8)
    assert sorted(p.done for p in seen) == [p.done for p in seen]
    assert seen[-1].counts["embedded"] == 40


def test_small_files_come_first_and_of_one_size_those_changed_last(
    libraries: Libraries, folder: Path
) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    for name, size, age in (
        ("large", 90_000, 0),
        ("old", 900, 9000),
        ("new", 1000, 10),
        ("middle", 950, 300),
    ):
        (folder / f"{name}.txt").write_text("word " * (size // 5))
        moment = time.time() - age
        os.utime(folder / f"{name}.txt", (moment, moment))
    settings = replace(libraries.settings, parser_processes=1)
    source = FolderSource([folder], Rules(), {}, settings, ignore_progress, CancelToken())
    with source.items() as items:
        assert [Path(item.row.path).stem for item in items if item] == ["new", "middle", "old", "large"]
