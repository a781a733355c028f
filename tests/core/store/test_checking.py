"""Damage done to real tables is found, taken out, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import lancedb
import numpy as np
import pytest

from findling.store import FileRow, FileState, PassageRow, StoreWriter, drop_generation
from findling.store.checking import Checked, Findings, figures, inspect, repair, told
from findling.store.checking import stored_generations as stored
from findling.store.rows import passages_to_arrow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DIM = 8
GENERATION = Checked(1, DIM, "f1")
Contents = dict[str, tuple[str, tuple[float, ...]]]


def passage(number: int, document: str, text: str = "") -> PassageRow:
    content = text or f"{document} speaks of {number}"
    return PassageRow(
        f"{document}-{number}", document, f"k{content}", content, 0, number, number + 1, 1, "{}"
    )


def damaged(row: PassageRow, vector: np.ndarray) -> Any:
    """The row as no writer would add it."""
    return passages_to_arrow([row], [row.content], vector[None])


def vector(seed: int) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=DIM).astype(np.float32)
    return made / np.linalg.norm(made)


def file(path: str, document: str, passages: int) -> FileRow:
    return FileRow(path, "text", FileState.INDEXED, document_id=document, passages=passages)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two documents of three passages each, one of them in two copies, and a file without a document; the
    last passage of each document is the same text with the same vector."""
    writer = StoreWriter(tmp_path, 1, DIM, "f1")
    for document, seed in (("a", 0), ("b", 10)):
        rows = [passage(0, document), passage(1, document), passage(2, document, "Yours truly")]
        writer.add_passages(rows, np.stack([vector(seed), vector(seed + 1), vector(99)]))
    writer.put_files([file("/a.txt", "a", 3), file("/b.txt", "b", 3), file("/copy of b.txt", "b", 3)])
    writer.put_files([FileRow("/c.bin", "unknown", FileState.SKIPPED, "no parser")])
    return tmp_path


def table(store: Path, name: str = "passages_1") -> Any:
    return lancedb.connect(str(store)).open_table(name)


def contents(store: Path, name: str = "passages_1") -> Contents:
    rows = table(store, name).to_arrow().to_pylist()
    assert len({row["passage_id"] for row in rows}) == len(rows)
    return {row["passage_id"]: (row["text_key"], tuple(row["vector"])) for row in rows}


def paths(store: Path) -> list[str]:
    return sorted(table(store, "files").to_arrow()["path"].to_pylist())


def look(store: Path, generation: Checked = GENERATION) -> Findings:
    return inspect(store, generation, lambda *_: None)


def counts(found: Findings) -> dict[str, int]:
    return {problem.kind: problem.count for problem in found.problems}


def mended(
    store: Path, may_read_again: Callable[[str], bool] = lambda _: True, generation: Checked = GENERATION
) -> list[str]:
    return repair(store, generation, look(store, generation), may_read_again)


def test_healthy_tables_have_no_problem_and_stay_as_they_are(store: Path) -> None:
    before = contents(store), paths(store)
    assert look(store).problems == []
    assert mended(store) == []
    assert (contents(store), paths(store)) == before
    assert look(store).problems == []


def test_empty_tables_are_healthy(tmp_path: Path) -> None:
    StoreWriter(tmp_path, 1, DIM, "f1")
    assert look(tmp_path).problems == []
    assert mended(tmp_path) == []


def test_doubled_rows_are_taken_out(store: Path) -> None:
    before = contents(store)
    table(store).add(table(store).to_arrow().slice(0, 4))
    table(store).add(table(store).to_arrow().slice(0, 1))
    found = look(store)
    assert counts(found) == {"doubled_passages": 5}
    assert "a-0" in found.problems[0].examples
    assert mended(store) == []
    assert contents(store) == before
    assert look(store).problems == []


def test_of_doubled_rows_the_whole_one_is_kept(store: Path) -> None:
    before = contents(store)
    good = table(store).to_arrow().slice(0, 1)
    table(store).delete("passage_id = 'a-0'")
    table(store).add(damaged(passage(0, "a"), np.full(DIM, np.inf, np.float32)))
    table(store).add(good)
    assert counts(look(store)) == {"doubled_passages": 1, "bad_vectors": 1}
    assert mended(store) == []
    assert contents(store) == before


def test_of_one_passage_with_two_texts_neither_is_believed(store: Path) -> None:
    table(store).add(damaged(passage(1, "a", "something else"), vector(5)))
    assert counts(look(store)) == {"doubled_passages": 1}
    assert mended(store) == ["/a.txt"]
    assert set(contents(store)) == {"a-0", "a-2", "b-0", "b-1", "b-2"}


def test_document_that_lacks_passages_is_to_be_read_again_with_all_its_copies(store: Path) -> None:
    before = contents(store)
    table(store).delete("passage_id = 'b-1'")
    found = look(store)
    assert counts(found) == {"missing_passages": 1}
    assert mended(store) == ["/b.txt", "/copy of b.txt"]
    assert paths(store) == ["/a.txt", "/c.bin"]
    # what is good of it waits for the run to take it over
    assert contents(store) == {name: row for name, row in before.items() if name != "b-1"}
    assert counts(look(store)) == {"orphans": 2}


def test_document_without_any_passage_is_missing_all(store: Path) -> None:
    table(store).delete("document_id = 'a'")
    assert counts(look(store)) == {"missing_passages": 3}
    assert mended(store) == ["/a.txt"]


@pytest.mark.parametrize("damage", ["nan", "infinite", "short"])
def test_vectors_that_cannot_be_are_taken_out(store: Path, damage: str) -> None:
    row = table(store).search().where("passage_id = 'a-1'").to_arrow()
    if damage == "nan":
        numbers = ",".join(["CAST('NaN' AS FLOAT)"] * DIM)
        cast = f"arrow_cast(make_array({numbers}), 'FixedSizeList({DIM}, Float32)')"
        table(store).update(where="passage_id = 'a-1'", values_sql={"vector": cast})
    else:
        table(store).delete("passage_id = 'a-1'")
        factor = np.float32(np.inf if damage == "infinite" else 0.99)
        assert row.num_rows == 1
        table(store).add(damaged(passage(1, "a"), vector(1) * factor))
    found = look(store)
    assert counts(found) == {"bad_vectors": 1}
    assert found.problems[0].examples == ("a-1",)
    assert mended(store) == ["/a.txt"]
    assert "a-1" not in contents(store)


def test_equal_texts_with_different_vectors_are_read_again_everywhere(store: Path) -> None:
    table(store).delete("passage_id = 'b-2'")
    table(store).add(damaged(passage(2, "b", "Yours truly"), vector(98)))
    assert counts(look(store)) == {"differing_vectors": 2}
    assert mended(store) == ["/a.txt", "/b.txt", "/copy of b.txt"]
    assert set(contents(store)) == {"a-0", "a-1", "b-0", "b-1"}


def test_many_equal_texts_are_compared_across_batches(tmp_path: Path) -> None:
    writer = StoreWriter(tmp_path, 1, DIM, "f1")
    rows = [passage(number, "a", f"text {number % 5000}") for number in range(10_000)]
    vectors = np.stack([vector(number % 5000) for number in range(10_000)])
    vectors[9_000] = vector(1)
    writer.add_passages(rows, vectors)
    writer.put_files([file("/a.txt", "a", 10_000)])
    steps: list[tuple[int, int]] = []
    found = inspect(tmp_path, GENERATION, lambda done, total: steps.append((done, total)))
    assert counts(found) == {"differing_vectors": 2}
    assert set(found.problems[0].examples) == {"a-4000", "a-9000"}
    assert len(steps) > 2
    assert steps[-1] == (10_000, 10_000)


def test_document_that_cannot_be_read_again_is_left_as_it_is(store: Path) -> None:
    table(store).delete("passage_id = 'b-1'")
    table(store).add(table(store).to_arrow().slice(0, 1))
    damaged = set(contents_with_doubles(store))
    assert mended(store, lambda path: path != "/copy of b.txt") == []
    assert set(contents(store)) == damaged
    assert "/b.txt" in paths(store)
    assert counts(look(store)) == {"missing_passages": 1}


def contents_with_doubles(store: Path) -> list[str]:
    return table(store).to_arrow()["passage_id"].to_pylist()


def test_orphans_are_found_and_left_to_the_next_run(store: Path) -> None:
    rows = [passage(number, "lost") for number in range(7)]
    StoreWriter(store, 1, DIM, "f1").add_passages(rows, np.stack([vector(n) for n in range(20, 27)]))
    found = look(store)
    assert counts(found) == {"orphans": 7}
    assert len(found.problems[0].examples) == 5
    before = contents(store)
    assert mended(store) == []
    assert contents(store) == before


def test_of_a_path_listed_twice_the_last_row_is_kept(store: Path) -> None:
    files = table(store, "files")
    files.add(files.to_arrow())
    assert counts(look(store)) == {"doubled_paths": 4}
    mended(store)
    assert paths(store) == ["/a.txt", "/b.txt", "/c.bin", "/copy of b.txt"]
    assert look(store).problems == []


def test_missing_index_of_words_is_made_again(store: Path) -> None:
    opened = table(store)
    opened.drop_index(opened.list_indices()[0].name)
    assert counts(look(store)) == {"words_index": 1}
    mended(store)
    assert look(store).problems == []
    assert look(store).figures.unindexed_rows == 0


def test_generation_that_need_not_be_complete_loses_damaged_documents_whole(store: Path) -> None:
    shadow = Checked(2, DIM, "f2", complete=False)
    writer = StoreWriter(store, 2, DIM, "f2")
    writer.add_passages([passage(0, "a"), passage(1, "a")], np.stack([vector(1), vector(2) * 2]))
    writer.add_passages([passage(0, "b")], vector(3)[None])
    assert counts(look(store, shadow)) == {"bad_vectors": 1}
    assert mended(store, lambda _: False, shadow) == []
    assert set(contents(store, "passages_2")) == {"b-0"}
    assert len(paths(store)) == 4
    assert len(contents(store)) == 6


def test_vectors_of_another_model_or_dimension_are_named_and_not_touched(store: Path) -> None:
    for other, kind in (
        (Checked(1, DIM + 1, "f1"), "bad_vectors"),
        (Checked(1, DIM, "other"), "other_model"),
    ):
        found = look(store, other)
        assert counts(found) == {kind: 6}
        assert not found.readable


def test_missing_and_torn_tables_are_named(store: Path) -> None:
    for data in (store / "passages_1.lance" / "data").iterdir():
        data.write_bytes(data.read_bytes()[:50])
    found = look(store)
    assert (list(counts(found)), found.readable) == (["unreadable_table"], False)
    drop_generation(store, 1)
    found = look(store)
    assert (list(counts(found)), found.readable) == (["missing_table"], False)
    assert found.problems[0].examples == ("passages_1",)


def test_figures_shrink_with_repair(store: Path) -> None:
    writer = StoreWriter(store, 1, DIM, "f1")
    for number in range(30):
        writer.add_passages([passage(number, "d")], vector(number)[None])
    writer.put_files([file("/d.txt", "d", 30)])
    before = look(store).figures
    assert (before.passages, before.unindexed_rows) == (36, 36)
    assert before.versions > 30
    assert before.fragments > 30
    mended(store)
    after = figures(store, 1)
    assert (after.passages, after.unindexed_rows, after.fragments) == (36, 0, 1)
    # What is younger than a minute stays, as some reader may hold it.
    with pytest.warns(UserWarning, match="cleanup_older_than"):
        table(store).optimize(cleanup_older_than=timedelta(0))
    assert figures(store, 1).unneeded_bytes == 0
    assert before.disk_bytes > figures(store, 1).disk_bytes


def test_what_tables_tell_of_their_library(store: Path) -> None:
    record = FileRow("/c/corpus.jsonl#r1", "record", FileState.INDEXED, document_id="a", record="r1")
    StoreWriter(store, 1, DIM, "f1").put_files([record])
    StoreWriter(store, 3, DIM, "f3")
    assert stored(store) == [1, 3]
    said = told(store, 1)
    assert (said.fingerprint, said.documents) == ("f1", 2)
    assert said.records["/c/corpus.jsonl#r1"] == "r1"
    assert said.records["/a.txt"] == ""
    drop_generation(store, 3)
    assert stored(store) == [1]
