"""Libraries as a whole: made, listed, locked, deleted, damaged."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from findling.errors import (
    LibraryBusy,
    LibraryDamaged,
    LibraryNotFound,
    LibraryTooNew,
    ModelNotFound,
    SettingsError,
    UserError,
)
from findling.jobs import JobState
from findling.library.worker import writing
from findling.search import Mode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findling.library import Libraries
    from findling.library.opened import OpenLibrary


def test_unknown_library_says_how_to_make_it(libraries: Libraries) -> None:
    with pytest.raises(LibraryNotFound, match="findling index FOLDER --library papers"):
        libraries.info("papers")


@pytest.mark.parametrize("name", ["../escape", "", "a/b", ".hidden", "x" * 65])
def test_names_that_are_no_directory_names_are_refused(libraries: Libraries, name: str) -> None:
    with pytest.raises(UserError, match="cannot be a library's name"):
        libraries.info(name)


def test_place_that_is_no_folder(libraries: Libraries, folder: Path) -> None:
    with pytest.raises(SettingsError, match="no folder"):
        libraries.index("default", [folder / "missing"])
    with pytest.raises(SettingsError, match="not a folder"):
        libraries.index("default", [folder / "guide.md"])
    with pytest.raises(SettingsError, match="has no folder yet"):
        libraries.index("default")
    assert libraries.names() == []


def test_library_is_private_to_its_user(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    directory = libraries.settings.home.libraries / "default"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "library.json").stat().st_mode) == 0o600


def test_second_writer_is_told_that_the_library_is_busy(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    with writing(libraries.settings.home.libraries / "default"):
        with pytest.raises(LibraryBusy, match="default"):
            libraries.index("default")
        with libraries.open("default") as library:  # readers are always let in
            assert library.search("telescope")


def test_job_in_a_process_of_its_own(libraries: Libraries, folder: Path) -> None:
    with libraries.start_index("default", [folder]) as job:
        assert job.result()["embedded"] == 4
        assert job.state is JobState.DONE
    with libraries.open("default") as library:
        assert library.search("how big is the mirror")[0].title == "Observatory guide"


def test_busy_library_fails_the_job_with_its_reason(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    with (
        writing(libraries.settings.home.libraries / "default"),
        libraries.start_index("default") as job,
        pytest.raises(LibraryBusy),
    ):
        job.result()


def test_deleted_library_leaves_nothing(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    libraries.delete("default")
    assert list(libraries.settings.home.libraries.iterdir()) == []
    assert libraries.names() == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}'])
def test_torn_library_file_costs_nothing_while_there_is_its_backup(
    libraries: Libraries, folder: Path, text: str
) -> None:
    libraries.index("default", [folder])
    whole = libraries.info("default")
    (libraries.settings.home.libraries / "default" / "library.json").write_text(text)
    assert libraries.info("default").folders == whole.folders
    with libraries.open("default") as library:
        assert library.search("telescope")
    summary = libraries.index("default")
    assert (summary.embedded, summary.files["indexed"]) == (0, 2)
    path = libraries.settings.home.libraries / "default" / "library.json"
    path.write_text(text)
    path.with_name("library.json.bak").unlink()
    with pytest.raises(LibraryDamaged, match=r"library\.json"):
        libraries.info("default")


def test_library_of_a_newer_version_is_left_alone(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    path = libraries.settings.home.libraries / "default" / "library.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 99}))
    with pytest.raises(LibraryTooNew):
        libraries.index("default")


def test_library_of_another_embedder_is_not_mixed(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    path = libraries.settings.home.libraries / "default" / "library.json"
    stored = json.loads(path.read_text())
    stored["active"]["fingerprint"] = "0" * 16
    path.write_text(json.dumps(stored))
    with pytest.raises(LibraryDamaged, match="another version"):
        libraries.index("default")
    with libraries.open("default") as library, pytest.raises(LibraryDamaged, match="another version"):
        library.search("anything")


@pytest.fixture
def tasked(derived: Callable[..., str]) -> str:
    """A model whose queries are preceded by a task."""
    return derived("tasked", query_prefix="Instruct: {instruction}\nQuery: ", instruction="find it")


def test_a_library_may_have_a_task_of_its_own(libraries: Libraries, folder: Path, tasked: str) -> None:
    libraries.index("default", [folder], model=tasked, instruction="given a price, find who pays it")
    with libraries.open("default") as library:
        own = library.search("adults", Mode.SEMANTIC)
        expected = library.embedder.embed_query("adults", "given a price, find who pays it")
        assert library.status()["instruction"] == "given a price, find who pays it"
        cosines = {hit.path: hit.score for hit in own}
        passages = {
            path: library.embedder.embed_passages([text])[0] for path, text in _texts(library).items()
        }
        for path, cosine in cosines.items():
            assert cosine == pytest.approx(float(passages[path] @ expected), abs=0.01)
        summary = libraries.index("default")  # leaves it
        assert library.info.instruction == "given a price, find who pays it"
        assert summary.embedded == 0
        summary = libraries.index("default", instruction="")
        assert (library.info.instruction, summary.embedded) == ("", 0)
        assert library.search("adults", Mode.SEMANTIC)[0].score != own[0].score


def _texts(library: OpenLibrary) -> dict[str, str]:
    """What the best passage of each file was embedded from."""
    hits = library.search("adults", Mode.SEMANTIC)
    with library._store() as store:
        rows = {row.passage_id: row for hit in hits for row in store.passages_of(hit.document_id)}
    return {hit.path: rows[hit.passage_id].content for hit in hits}


def test_a_task_for_a_model_that_takes_none_is_refused(libraries: Libraries, folder: Path) -> None:
    with pytest.raises(UserError, match="takes no instruction"):
        libraries.index("default", [folder], instruction="find it")
    assert libraries.names() == []


def test_a_library_keeps_its_model(libraries: Libraries, folder: Path, tasked: str) -> None:
    libraries.index("default", [folder])
    with pytest.raises(UserError, match="was made with all-minilm-l6-v2"):
        libraries.index("default", [folder], model=tasked)
    with pytest.raises(ModelNotFound):
        libraries.index("other", [folder], model="no-such-model")
    assert libraries.names() == ["default"]
