"""The tables of a library: what one writes, another reads at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.errors import LibraryDamaged, LibraryNotFound
from findling.store import FileRow, FileState, PassageRow, StoreReader, StoreWriter

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
    found = {c.passage.passage_id: c for c in reader.candidates("apple", unit(1), 10)}
    assert set(found) == {"d-0", "d-1", "d-2"}
    assert found["d-0"].meaning == pytest.approx(1.0, abs=1e-6)
    assert found["d-2"].meaning == pytest.approx(0.7071, abs=1e-4)
    assert found["d-0"].words > 0
    assert found["d-1"].words == 0
    by_words = reader.candidates("apple", None, 10)
    assert {(c.passage.passage_id, c.meaning) for c in by_words} == {("d-0", 0.0), ("d-2", 0.0)}
    assert [c.passage.passage_id for c in reader.candidates("", unit(0, 1), 1)] == ["d-1"]


def test_words_are_found_before_and_after_optimising(writer: StoreWriter, reader: StoreReader) -> None:
    for number in range(30):
        writer.add_passages([passage(number, f"token{number} common")], unit(1)[None])
    assert len(reader.candidates("token3", None, 50)) == 1
    writer.optimize(force=True)
    assert len(reader.candidates("token29", None, 50)) == 1
    assert len(reader.candidates("common", None, 50)) == 30


def test_first_and_last_passage_are_found_alike_by_a_rare_word(
    writer: StoreWriter, reader: StoreReader
) -> None:
    rows = [passage(n, f"filler words and rare{n:04}x") for n in range(1000)]
    writer.add_passages(rows, np.tile(unit(1), (1000, 1)))
    for number in (0, 1, 500, 998, 999):
        (best, *_) = reader.candidates(f"rare{number:04}x", None, 3)
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
