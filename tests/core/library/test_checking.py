"""A damaged library is found out, and is after its repair what it was before the damage."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import lancedb
import numpy as np
import pytest

from findling.errors import LibraryBusy, LibraryDamaged, LibraryNotFound, LibraryTooNew
from findling.jobs import CancelToken, ignore_progress
from findling.library import LibraryInfo, worker
from findling.library.checking import check
from findling.store import FileState, StoreWriter

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries

Contents = dict[str, tuple[str, str, tuple[float, ...]]]


def checked(libraries: Libraries, *, repair: bool = False) -> dict[str, Any]:
    arguments = {"settings": libraries.settings.to_json(), "library": "default", "repair": repair}
    return check(arguments, ignore_progress, CancelToken())


def kinds(result: dict[str, Any]) -> dict[str, int]:
    return {problem["kind"]: problem["count"] for problem in result["problems"]}


def directory(libraries: Libraries) -> Path:
    return libraries.settings.home.libraries / "default"


def table(libraries: Libraries, name: str = "passages_1") -> Any:
    return lancedb.connect(str(directory(libraries) / "lance")).open_table(name)


def contents(libraries: Libraries, name: str = "passages_1") -> Contents:
    """Every passage with its document, text and vector; none may be there twice."""
    rows = table(libraries, name).to_arrow().to_pylist()
    assert len({row["passage_id"] for row in rows}) == len(rows)
    return {
        row["passage_id"]: (row["document_id"], row["content"], tuple(np.round(row["vector"], 4)))
        for row in rows
    }


def files(libraries: Libraries) -> list[dict[str, Any]]:
    return sorted(table(libraries, "files").to_arrow().to_pylist(), key=lambda row: row["path"])


@pytest.fixture
def indexed(libraries: Libraries, folder: Path) -> tuple[Contents, list[dict[str, Any]]]:
    """A library of three files, one of them in a copy; what it holds."""
    (folder / "copy.md").write_bytes((folder / "guide.md").read_bytes())
    libraries.index("default", [folder])
    return contents(libraries), files(libraries)


def assert_alike(libraries: Libraries, before: tuple[Contents, list[dict[str, Any]]]) -> None:
    """The same files and passages; a vector that was made again may differ a little, for an int8 graph
    computes by what else is in its batch."""
    now, rows = contents(libraries), files(libraries)
    known, rows_before = before
    assert rows == rows_before
    assert now.keys() == known.keys()
    for passage, (document, text, vector) in now.items():
        assert (document, text) == known[passage][:2]
        assert np.dot(vector, known[passage][2]) > 0.99


def repaired(libraries: Libraries, before: tuple[Contents, list[dict[str, Any]]], *expected: str) -> None:
    """A check finds the expected damage and changes nothing; a repair leaves what was there before it."""
    assert set(kinds(checked(libraries))) == set(expected)
    again = checked(libraries)
    assert set(kinds(again)) == set(expected)
    assert not any(problem["repaired"] for problem in again["problems"])
    result = checked(libraries, repair=True)
    assert set(kinds(result)) == set(expected)
    assert all(problem["repaired"] for problem in result["problems"])
    assert_alike(libraries, before)
    assert checked(libraries)["problems"] == []
    assert not libraries.info("default").unfinished
    with libraries.open("default") as library:
        assert library.search("badger tunnels")[0].path.endswith("note.txt")


def test_healthy_library_is_not_changed(libraries: Libraries, indexed: Any, folder: Path) -> None:
    (folder / "new.txt").write_text("Not indexed yet, and nobody has asked for it.")
    assert checked(libraries)["problems"] == []
    result = checked(libraries, repair=True)
    assert (result["problems"], result["run"]) == ([], None)
    assert (contents(libraries), files(libraries)) == indexed
    assert (result["passages"], result["unindexed_rows"], result["fragments"]) == (4, 0, 1)
    assert result["generations"][0]["active"]


def test_library_before_its_first_run_is_healthy(libraries: Libraries, indexed: Any) -> None:
    info = libraries.info("default")
    shutil.rmtree(directory(libraries) / "lance")
    replace(info, last_run=None).save(directory(libraries))
    assert checked(libraries)["problems"] == []
    assert checked(libraries, repair=True)["problems"] == []


def test_unknown_library(libraries: Libraries) -> None:
    with pytest.raises(LibraryNotFound):
        checked(libraries)


def test_doubled_rows(libraries: Libraries, indexed: Any) -> None:
    table(libraries).add(table(libraries).to_arrow())
    table(libraries, "files").add(table(libraries, "files").to_arrow())
    repaired(libraries, indexed, "doubled_passages", "doubled_paths")


def test_lost_passages_are_read_again_and_nothing_else(libraries: Libraries, indexed: Any) -> None:
    guide = next(row for row in files(libraries) if row["path"].endswith("guide.md"))
    lost = table(libraries).search().where(f"document_id = '{guide['document_id']}'").to_list()[0]
    table(libraries).delete(f"passage_id = '{lost['passage_id']}'")
    repaired(libraries, indexed, "missing_passages")
    run = libraries.info("default").last_run
    assert run is not None
    assert (run.embedded, run.new_or_changed) == (1, 2)  # both copies, and of their passages the lost one


def test_unusable_vectors_are_made_again(libraries: Libraries, indexed: Any) -> None:
    dim = libraries.info("default").active.dim
    numbers = ",".join(["CAST('NaN' AS FLOAT)"] * dim)
    cast = f"arrow_cast(make_array({numbers}), 'FixedSizeList({dim}, Float32)')"
    table(libraries).update(where="content LIKE '%Badgers%'", values_sql={"vector": cast})
    repaired(libraries, indexed, "bad_vectors")


def test_equal_texts_with_different_vectors(libraries: Libraries, folder: Path) -> None:
    for name in ("one", "two"):
        (folder / f"{name}.md").write_text(f"# L\n\n## A\n\nThis is {name}.\n\n## End\n\nYours truly")
    libraries.index("default", [folder])
    before = contents(libraries), files(libraries)
    rows = table(libraries).search().where("content LIKE '%Yours truly%'").to_list()
    assert len(rows) == 2
    turned = [-number for number in rows[0]["vector"]]
    table(libraries).update(where=f"passage_id = '{rows[0]['passage_id']}'", values={"vector": turned})
    repaired(libraries, before, "differing_vectors")


def test_orphans_of_a_killed_run_are_taken_over(libraries: Libraries, indexed: Any) -> None:
    table(libraries, "files").delete("path LIKE '%note.txt'")
    stray = table(libraries).to_arrow().slice(0, 1).to_pylist()[0]
    schema = table(libraries).schema
    row = {**stray, "passage_id": "x-0-1", "document_id": "x"}
    table(libraries).add(type(table(libraries).to_arrow()).from_pylist([row], schema=schema))
    repaired(libraries, indexed, "orphans")
    run = libraries.info("default").last_run
    assert run is not None
    assert run.embedded == 0


def test_lost_files_table_costs_no_embedding(libraries: Libraries, indexed: Any) -> None:
    shutil.rmtree(directory(libraries) / "lance" / "files.lance")
    repaired(libraries, indexed, "missing_table")
    run = libraries.info("default").last_run
    assert run is not None
    assert run.embedded == 0


def test_lost_passages_table_is_filled_again(libraries: Libraries, indexed: Any) -> None:
    shutil.rmtree(directory(libraries) / "lance" / "passages_1.lance")
    repaired(libraries, indexed, "missing_table")


def test_what_lies_in_an_unmounted_folder_is_kept(libraries: Libraries, indexed: Any, folder: Path) -> None:
    table(libraries).delete("content LIKE '%telescope%'")
    before = contents(libraries), files(libraries)
    hidden = folder.with_name("unmounted")
    folder.rename(hidden)
    result = checked(libraries, repair=True)
    assert [(p["kind"], p["repaired"]) for p in result["problems"]] == [("missing_passages", False)]
    assert (contents(libraries), files(libraries)) == before
    hidden.rename(folder)
    repaired(libraries, indexed, "missing_passages")


def test_torn_table_is_reported_and_left_alone(libraries: Libraries, indexed: Any) -> None:
    data = sorted((directory(libraries) / "lance" / "passages_1.lance" / "data").iterdir())
    for part in data:
        part.write_bytes(part.read_bytes()[:100])
    for repair in (False, True):
        result = checked(libraries, repair=repair)
        assert [(p["kind"], p["repaired"]) for p in result["problems"]] == [("unreadable_table", False)]
    assert files(libraries) == indexed[1]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": 2}'])
def test_torn_info_is_read_from_its_backup(
    libraries: Libraries, indexed: Any, folder: Path, text: str
) -> None:
    (directory(libraries) / "library.json").write_text(text)
    assert libraries.info("default").folders == (str(folder),)
    with libraries.open("default") as library:
        assert library.search("badger tunnels")
    repaired(libraries, indexed, "library_file")
    assert LibraryInfo.read(directory(libraries) / "library.json").folders == (str(folder),)


def test_torn_info_does_not_replace_a_good_backup(libraries: Libraries, indexed: Any) -> None:
    (directory(libraries) / "library.json").write_text("{")
    info = libraries.info("default")
    info.save(directory(libraries))
    assert LibraryInfo.read(directory(libraries) / "library.json.bak") == info


@pytest.mark.parametrize("torn", [True, False])
def test_info_without_a_backup_is_told_by_the_tables(
    libraries: Libraries, indexed: Any, folder: Path, tmp_path: Path, torn: bool
) -> None:
    beir = tmp_path / "beir"
    beir.mkdir()
    (beir / "corpus.jsonl").write_text(json.dumps({"_id": "r1", "title": "Salt", "text": "Salt lakes."}))
    with libraries.start_import("default", beir) as job:
        job.result()
    (directory(libraries) / "library.json.bak").unlink()
    main = directory(libraries) / "library.json"
    main.write_text("{") if torn else main.unlink()
    before = contents(libraries), files(libraries)
    with pytest.raises(LibraryDamaged if torn else LibraryNotFound):
        libraries.info("default")
    repaired(libraries, before, "library_file")
    info = libraries.info("default")
    assert (info.folders, info.collections) == ((str(folder),), (str(beir),))
    assert info.active.model == "all-minilm-l6-v2"


def test_deleted_library_does_not_come_back(libraries: Libraries, indexed: Any) -> None:
    (directory(libraries) / "library.json").unlink()
    assert libraries.names() == []
    with pytest.raises(LibraryDamaged):
        LibraryInfo.load(directory(libraries))


def test_library_of_a_newer_version_is_left_alone(libraries: Libraries, indexed: Any) -> None:
    path = directory(libraries) / "library.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 99}))
    with pytest.raises(LibraryTooNew):
        checked(libraries, repair=True)


@pytest.mark.usefixtures("quantised_before")
@pytest.mark.parametrize("damage", ["removed", "file gone", "altered"])
def test_built_in_model_is_built_again(libraries: Libraries, indexed: Any, damage: str) -> None:
    place = libraries.settings.home.models / "all-minilm-l6-v2"
    if damage == "removed":
        shutil.rmtree(place)
    else:
        (place / "tokenizer.json").unlink()
        if damage == "altered":
            (place / "tokenizer.json").write_text("{}")
    repaired(libraries, indexed, "model")


def test_nothing_is_taken_out_that_no_model_can_make_again(libraries: Libraries, indexed: Any) -> None:
    """The library's model is one that is not built in, and it has gone."""
    table(libraries).delete("content LIKE '%telescope%'")
    table(libraries).add(table(libraries).to_arrow().slice(0, 1))
    info = libraries.info("default")
    replace(info, active=replace(info.active, model="lost")).save(directory(libraries))
    result = checked(libraries, repair=True)
    states = {problem["kind"]: problem["repaired"] for problem in result["problems"]}
    assert states == {"model": False, "missing_passages": False, "doubled_passages": True}
    assert files(libraries) == indexed[1]
    assert len(contents(libraries)) == 3


def test_leftovers_of_killed_runs_are_removed(libraries: Libraries, indexed: Any) -> None:
    StoreWriter(directory(libraries) / "lance", 7, 5, "other")
    temporary = directory(libraries) / ".library.json.12345.new"
    temporary.write_text("{")
    repaired(libraries, indexed, "leftover_tables", "leftover_files")
    assert not temporary.exists()
    assert not (directory(libraries) / "lance" / "passages_7.lance").exists()


def test_generations_in_waiting_are_checked_too(libraries: Libraries, indexed: Any) -> None:
    info = libraries.info("default")
    retired = replace(info.active, number=2)
    replace(info, retired=(retired,)).save(directory(libraries))
    copy = StoreWriter(directory(libraries) / "lance", 2, retired.dim, retired.fingerprint)
    assert copy.count_passages() == 0
    rows = table(libraries).to_arrow()
    table(libraries, "passages_2").add(rows.slice(0, 2))
    table(libraries, "passages_2").add(rows.slice(0, 1))
    result = checked(libraries)
    assert [(p["kind"], p["generation"]) for p in result["problems"]] == [("doubled_passages", 2)]
    assert [g["generation"] for g in result["generations"]] == [1, 2]
    result = checked(libraries, repair=True)
    assert (result["problems"][0]["repaired"], result["run"]) == (True, None)
    assert len(contents(libraries, "passages_2")) == 2
    assert_alike(libraries, indexed)


def test_retired_generation_without_a_table_is_struck_off(libraries: Libraries, indexed: Any) -> None:
    info = libraries.info("default")
    replace(info, retired=(replace(info.active, number=2),)).save(directory(libraries))
    repaired(libraries, indexed, "missing_table")
    assert libraries.info("default").retired == ()


def test_check_beside_a_writer(libraries: Libraries, indexed: Any) -> None:
    table(libraries, "files").delete("path LIKE '%note.txt'")
    with worker.writing(directory(libraries)):
        result = checked(libraries)
        assert result["being_written"]
        assert result["problems"] == []  # what a writer has in hand is no damage
        with pytest.raises(LibraryBusy):
            checked(libraries, repair=True)
    result = checked(libraries)
    assert (result["being_written"], kinds(result)) == (False, {"orphans": 1})


def test_deleted_file_leaves_with_its_damage(libraries: Libraries, indexed: Any, folder: Path) -> None:
    table(libraries).delete("content LIKE '%Badgers%'")
    (folder / "sub" / "note.txt").unlink()
    result = checked(libraries, repair=True)
    assert [(p["kind"], p["repaired"]) for p in result["problems"]] == [("missing_passages", True)]
    assert len(contents(libraries)) == 3
    states = [row["state"] for row in files(libraries)]
    assert states.count(FileState.INDEXED.value) == 2
