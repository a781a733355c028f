"""The tables of a library: what one writes, another reads at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.errors import LibraryDamaged, LibraryNotFound
from findling.store import FileRow, FileState, PassageRow, StoreReader, StoreWriter, Words
from findling.store import reader as reader_module
from findling.store import writer as writer_module

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIM = 8


def passage(number: int, content: str, document: str = "d") -> PassageRow:
    return PassageRow(
        f"{document}-{number}", document, f"k{content}", content, 0, number, number + 1, 1, "{}"
    )


def unit(*values: float) -> np.ndarray:
    vector = np.zeros(DIM, np.float32)
    vector[: len(values)] = values
    return vector / np.linalg.norm(vector)


@pytest.fixture
def writer(tmp_path: Path) -> StoreWriter:
    return StoreWriter(tmp_path, 1, DIM)


@pytest.fixture
def reader(writer: StoreWriter, tmp_path: Path) -> Iterator[StoreReader]:
    opened = StoreReader(tmp_path, 1)
    yield opened
    opened.close()


def test_both_legs_bring_up_a_passage_once_with_both_scores(writer: StoreWriter, reader: StoreReader) -> None:
    rows = [passage(0, "red apple"), passage(1, "blue sky"), passage(2, "green apple")]
    writer.add_passages(rows, np.stack([unit(1), unit(0, 1), unit(1, 1)]))
    found = {c.passage.passage_id: c for c in reader.candidates(Words(("appl",)), unit(1), 10)}
    assert set(found) == {"d-0", "d-1", "d-2"}
    assert found["d-0"].meaning == pytest.approx(1.0, abs=1e-6)
    assert found["d-2"].meaning == pytest.approx(0.7071, abs=1e-4)
    assert found["d-0"].words > 0
    assert found["d-1"].words == 0
    by_words = reader.candidates(Words(("appl",)), None, 10)
    assert {(c.passage.passage_id, c.meaning) for c in by_words} == {("d-0", 0.0), ("d-2", 0.0)}
    assert [c.passage.passage_id for c in reader.candidates(Words(), unit(0, 1), 1)] == ["d-1"]


def test_words_are_found_before_and_after_optimising(writer: StoreWriter, reader: StoreReader) -> None:
    for number in range(30):
        writer.add_passages([passage(number, f"token{number} common")], unit(1)[None])
    assert len(reader.candidates(Words(("token3",)), None, 50)) == 1
    writer.optimize(force=True)
    assert len(reader.candidates(Words(("token29",)), None, 50)) == 1
    assert len(reader.candidates(Words(("common",)), None, 50)) == 30


def test_first_and_last_passage_are_found_alike_by_a_rare_word(
    writer: StoreWriter, reader: StoreReader
) -> None:
    rows = [passage(n, f"filler words and rare{n:04}x") for n in range(1000)]
    writer.add_passages(rows, np.tile(unit(1), (1000, 1)))
    for number in (0, 1, 500, 998, 999):
        (best, *_) = reader.candidates(Words((f"rare{number:04}x",)), None, 3)
        assert best.passage.passage_id == f"d-{number}"


def test_files_are_replaced_by_path_and_found_by_document(writer: StoreWriter, reader: StoreReader) -> None:
    def row(path: str, document: str) -> FileRow:
        return FileRow(path, "txt", FileState.INDEXED, document_id=document)

    writer.put_files([row("/it's", "one"), row("/b", "one")])
    writer.put_files([row("/b", "two"), FileRow("/c", "xyz", FileState.SKIPPED, "no parser")])
    assert [(file.path, file.document_id) for file in reader.files()] == [
        ("/b", "two"),
        ("/c", ""),
        ("/it's", "one"),
    ]
    assert {d: [f.path for f in files] for d, files in reader.files_of(["one", "two"]).items()} == {
        "one": ["/it's"],
        "two": ["/b"],
    }
    assert reader.file_counts() == {"indexed": 2, "skipped": 1}
    writer.remove_files(["/it's"])
    assert reader.files_of(["one"]) == {}
    assert reader.files_of([]) == {}


def spread(rows: int, seed: int = 0) -> np.ndarray:
    """Vectors in clusters, float32 (rows, 64)."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(7).normal(size=(40, 64))
    vectors = centres[random.integers(0, 40, rows)] + random.normal(size=(rows, 64)) * 0.7
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def recall(reader: StoreReader, vectors: np.ndarray, queries: np.ndarray) -> float:
    """Share of the ten passages nearest to each query that are among the first ten found."""
    found = 0
    for query in queries:
        nearest = {f"d-{number}" for number in np.argsort(-(vectors @ query))[:10]}
        best = sorted(reader.candidates(Words(), query, 100), key=lambda c: -c.meaning)[:10]
        assert [c.meaning for c in best] == pytest.approx(
            [float(vectors[int(c.passage.passage_id[2:])] @ query) for c in best], abs=1e-5
        )
        found += len(nearest & {c.passage.passage_id for c in best})
    return found / (10 * len(queries))


def vector_indexes(writer: StoreWriter) -> list[str]:
    return [index.name for index in writer._passages.list_indices() if "vector" in index.columns]


def test_many_vectors_get_an_index_that_misses_next_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "_VECTOR_INDEX_ROWS", 1000)
    writer = StoreWriter(tmp_path, 1, 64)
    vectors, queries = spread(4500), spread(30, seed=1)

    def add(start: int, end: int) -> None:
        writer.add_passages([passage(n, f"text {n}") for n in range(start, end)], vectors[start:end])

    add(0, 900)
    writer.optimize()
    assert vector_indexes(writer) == []
    add(900, 1100)
    writer.optimize()
    assert vector_indexes(writer) == ["vector_of_1100"]
    reader = StoreReader(tmp_path, 1)
    try:
        assert recall(reader, vectors[:1100], queries) >= 0.98
        add(1100, 4300)
        assert recall(reader, vectors[:4300], queries) >= 0.98  # the new ones are not in the index yet
        writer.optimize()
        assert vector_indexes(writer) == ["vector_of_1100"]
        assert recall(reader, vectors[:4300], queries) >= 0.98
        writer.remove_passages([f"d-{n}" for n in range(4000, 4300)])
        assert recall(reader, vectors[:4000], queries) >= 0.98
        add(4000, 4500)
        writer.optimize(force=True)
        assert vector_indexes(writer) == ["vector_of_4500"]  # laid out anew: it is four times as large
        assert recall(reader, vectors, queries) >= 0.98
    finally:
        reader.close()


def test_while_much_is_being_added_searches_do_not_wait_for_words_without_an_index(
    writer: StoreWriter, reader: StoreReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "_MAX_UNINDEXED_ROWS", 20)
    monkeypatch.setattr(writer_module, "_BULK_UNINDEXED_ROWS", 40)

    def add(start: int, end: int) -> None:
        rows = [passage(n, f"word{n}") for n in range(start, end)]
        writer.add_passages(rows, np.tile(unit(1), (end - start, 1)))
        writer.optimize_in_bulk()

    add(0, 20)
    assert [c.passage.passage_id for c in reader.candidates(Words(("word19",)), None, 5)] == ["d-19"]
    add(20, 30)
    assert reader.candidates(Words(("word29",)), None, 5) == []
    assert len(reader.candidates(Words(("word29",)), unit(1), 100)) == 30  # by meaning it is found
    add(30, 41)
    for number in (0, 29, 40):
        assert [c.passage.passage_id for c in reader.candidates(Words((f"word{number}",)), None, 5)] == [
            f"d-{number}"
        ]


def test_old_versions_are_pruned_at_rest_and_young_ones_kept(
    writer: StoreWriter, reader: StoreReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        writer.add_passages([passage(number, f"word{number}")], unit(1)[None])
        writer.put_files([FileRow("/a", "txt", FileState.INDEXED, document_id="d", mtime_ns=number)])
    versions = [len(table.list_versions()) for table in (writer._passages, writer._files)]
    writer.prune()
    assert [len(table.list_versions()) for table in (writer._passages, writer._files)] == versions
    monkeypatch.setattr(writer_module, "_KEEP_VERSIONS", timedelta(milliseconds=1))
    writer.prune()
    assert all(len(table.list_versions()) <= 5 for table in (writer._passages, writer._files))
    assert [c.passage.passage_id for c in reader.candidates(Words(("word24",)), None, 5)] == ["d-24"]


def test_files_that_are_renamed_again_and_again_leave_few_fragments(writer: StoreWriter) -> None:
    for number in range(30):
        writer.put_files([FileRow(f"/{number}", "txt", FileState.INDEXED, document_id="d")])
        writer.optimize()
    assert writer._files.stats()["fragment_stats"]["num_fragments"] <= 21


def test_vectors_are_kept_by_text_key(writer: StoreWriter) -> None:
    writer.add_passages([passage(0, "a"), passage(1, "b")], np.stack([unit(1), unit(0, 1)]))
    known = writer.vectors_of(["ka", "kz"])
    assert set(known) == {"ka"}
    assert known["ka"] == pytest.approx(unit(1))


def test_removed_passages_and_documents_are_gone(writer: StoreWriter, reader: StoreReader) -> None:
    rows = [passage(0, "a", "x"), passage(1, "b", "x"), passage(0, "c", "y")]
    writer.add_passages(rows, np.stack([unit(1)] * 3))
    assert writer.passage_ids(["x"]) == {"x-0": "ka", "x-1": "kb"}
    writer.remove_passages(["x-0"])
    assert [row.content for row in reader.passages_of("x")] == ["b"]
    writer.remove_documents(["x"])
    assert writer.document_ids() == {"y"}
    assert reader.count_passages() == writer.count_passages() == 1


def test_another_dimension_is_refused(writer: StoreWriter, tmp_path: Path) -> None:
    with pytest.raises(LibraryDamaged, match="8 dimensions"):
        StoreWriter(tmp_path, 1, DIM + 1)


def test_generations_do_not_mix(writer: StoreWriter, tmp_path: Path) -> None:
    writer.add_passages([passage(0, "old")], unit(1)[None])
    assert StoreWriter(tmp_path, 2, DIM + 1).count_passages() == 0
    assert writer.count_passages() == 1


def test_directory_without_a_store(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="no index"):
        StoreReader(tmp_path / "nothing", 1)


def test_files_take_other_paths_all_at_once(writer: StoreWriter, reader: StoreReader, tmp_path: Path) -> None:
    rows = [
        FileRow(path, "text", FileState.INDEXED, document_id=path, passages=1)
        for path in ("/a/1", "/a/2", "/b/1")
    ]
    writer.put_files(rows)
    before = {row.path: row for row in reader.files()}
    writer.rename_files({"/a/1": "/b/1", "/b/1": "/a/1"})
    assert {row.path: row for row in reader.files()} == {
        "/a/2": before["/a/2"],
        "/a/1": replace(before["/b/1"], path="/a/1"),
        "/b/1": replace(before["/a/1"], path="/b/1"),
    }
    writer.put_files([replace(before["/a/1"], title="new")])
    assert len(StoreWriter(tmp_path, 1, DIM).files()) == 3
