"""Files that change are found again some seconds later, without being told to look."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from findling.errors import Cancelled, LibraryNotFound
from findling.jobs import CancelToken, JobState, Progress, ignore_progress
from findling.library.watching import Watch
from findling.search import Mode
from findling.settings import Home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from findling.library import Libraries

SECONDS = 20.0  # the promise is ten, on an idle machine


@contextmanager
def watching(libraries: Libraries, *folders: Path) -> Iterator[Callable[[str], float]]:
    """Gives a function that waits until a word is found (or not any more, with "-" before it)."""
    with libraries.start_watch("default", folders) as job, libraries.open("default") as library:

        def wait_for(word: str) -> float:
            began = time.monotonic()
            wanted, word = not word.startswith("-"), word.removeprefix("-")
            while time.monotonic() - began < SECONDS:
                job.wait(0.05)
                assert job.state is JobState.RUNNING, job.result()
                try:
                    if bool(library.search(word, Mode.KEYWORD)) is wanted:
                        return time.monotonic() - began
                except LibraryNotFound:
                    pass
            raise AssertionError(f"{word} took too long")

        yield wait_for
        began = time.monotonic()
        job.cancel()
        with pytest.raises(Cancelled):
            job.result()
        assert time.monotonic() - began < 5


def test_what_is_saved_renamed_and_deleted_is_seen(libraries: Libraries, folder: Path) -> None:
    with watching(libraries, folder) as wait_for:
        wait_for("telescope")
        (folder / "new.txt").write_text("Volcanoes erupt with lava and ash.")
        assert wait_for("lava") < 10
        saved = folder / ".guide.md.tmp"  # as editors save: beside, then over it
        saved.write_text("# Observatory guide\n\nThe dome turns on rollers.\n")
        saved.replace(folder / "guide.md")
        wait_for("rollers")
        wait_for("-telescope")
        (folder / "new.txt").unlink()
        wait_for("-lava")
        for number in range(300):
            (folder / f"{number}.txt").write_text(f"Report {number} of the checkout.")
        (folder / "last.txt").write_text("The final quokka.")
        wait_for("quokka")
        deadline = time.monotonic() + SECONDS
        while libraries.info("default").unfinished and time.monotonic() < deadline:
            time.sleep(0.05)
    assert libraries.info("default").unfinished is False
    (folder / "later.txt").write_text("An axolotl that came when nobody watched.")
    with watching(libraries) as wait_for:
        wait_for("axolotl")


def token() -> CancelToken:
    return CancelToken()


def test_hidden_files_and_the_own_home_are_no_changes(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "documents" / "home")
    for place in (tmp_path / "documents", home.data, home.state, home.config):
        place.mkdir(parents=True, exist_ok=True)
    folders = [tmp_path / "documents"]
    watch = Watch(lambda: folders, home, token())
    inside = folders[0]
    assert watch._counts(inside / "a" / "b.txt", folders)
    assert watch._counts(inside / "a" / ".findlingignore", folders)
    assert not watch._counts(inside / "a" / ".b.txt.swp", folders)
    assert not watch._counts(inside / ".git" / "index", folders)
    assert not watch._counts(home.data / "libraries" / "default" / "lance" / "x.lance", folders)
    assert Watch(lambda: folders, home, token(), hidden=True)._counts(inside / ".b.txt", folders)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError("OS file watch limit reached. about [..]"), "max_user_watches"),
        (OSError(28, "No space left on device"), "max_user_watches"),
        (RuntimeError("something else"), "every minute"),
    ],
)
def test_without_notices_it_is_looked_now_and_then_and_said_why(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_: object, **__: object) -> Iterator[object]:
        raise error

    monkeypatch.setattr("watchfiles.watch", fail)
    monkeypatch.setattr("findling.library.watching._LOOK_MILLISECONDS", 10)
    monkeypatch.setattr("findling.library.watching._WITHOUT_NOTICES_SECONDS", 0.05)
    cancel = token()
    watch = Watch(lambda: [tmp_path], home, cancel)
    looks = watch.changes()
    assert [next(looks) for _ in range(3)] == [0, 0, 0]
    assert words in watch.problem
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(looks)


def test_folders_that_are_added_or_mounted_are_watched_from_then_on(tmp_path: Path, home: Home) -> None:
    places = [tmp_path / "one", tmp_path / "two"]
    places[0].mkdir()
    cancel = token()
    looks = Watch(lambda: places, home, cancel).changes()
    assert next(looks) == 0
    places[1].mkdir()
    next(looks)  # since there is one more
    (places[1] / "note.txt").write_text("new")
    assert next(looks) >= 1
    cancel.cancel()


def test_everything_is_looked_at_now_and_then(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("findling.library.watching.RECONCILE_SECONDS", 0.1)
    monkeypatch.setattr("findling.library.watching._LOOK_MILLISECONDS", 50)
    cancel = token()
    looks = Watch(lambda: [tmp_path], home, cancel).changes()
    assert [next(looks), next(looks)] == [0, 0]
    cancel.cancel()


def test_while_another_process_writes_it_is_said_and_looked_again(
    libraries: Libraries, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from findling.library import worker

    monkeypatch.setattr(worker, "_BUSY_SECONDS", 0.1)
    monkeypatch.setattr(worker, "_LARGEST_WATCHER_BYTES", 2**40)  # the tests' process has held many models
    arguments = libraries._arguments("default", folders=[str(folder)])
    directory = libraries.settings.home.libraries / "default"
    cancel, details, writing = token(), [], ExitStack()
    all_changes = worker.Watch.changes

    def changes(watch: Watch) -> Iterator[int]:
        writing.enter_context(worker.writing(directory))
        yield from all_changes(watch)

    def report(progress: Progress) -> None:
        if progress.phase == "watching":
            details.append(progress.detail)
            writing.close()
            if not progress.detail:
                cancel.cancel()

    monkeypatch.setattr(worker.Watch, "changes", changes)
    with pytest.raises(Cancelled):
        worker.watch(arguments, report, cancel)
    assert details == ["The library 'default' is being written to by another process.", ""]
    assert libraries.info("default").last_run.files["indexed"] == 2


def test_a_watcher_that_waits_for_another_writer_can_be_stopped(libraries: Libraries, folder: Path) -> None:
    from findling.library import worker

    arguments = libraries._arguments("default", folders=[str(folder)])
    cancel = token()
    cancel.cancel()
    began = time.monotonic()
    with worker.writing(libraries.settings.home.libraries / "default"), pytest.raises(Cancelled):
        worker.watch(arguments, ignore_progress, cancel)
    assert time.monotonic() - began < worker._PATIENCE_SECONDS / 2


def test_a_watcher_that_has_grown_too_large_asks_to_be_replaced(
    libraries: Libraries, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from findling.library import worker

    monkeypatch.setattr(worker, "_LARGEST_WATCHER_BYTES", 1)
    arguments = libraries._arguments("default", folders=[str(folder)])
    assert worker.watch(arguments, ignore_progress, CancelToken()) == {"restart": True}
    assert libraries.info("default").last_run.files["indexed"] == 2
