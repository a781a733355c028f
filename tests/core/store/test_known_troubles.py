"""Troubles that others have had with LanceDB, shown to be absent with the version that is pinned.

Each test is what their report describes, in small.
"""

from __future__ import annotations

import multiprocessing
import random
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from findling.store import FileRow, FileState, PassageRow, StoreWriter
from findling.store import writer as writer_module

DIM = 32


def test_optimising_words_with_positions_after_deletes_does_not_fail(tmp_path: Path) -> None:
    """lance-format/lance#7653: optimise failed on an index with positions, and nothing was pruned."""
    import lancedb
    from lancedb.index import FTS
    from lancedb.query import PhraseQuery

    choice = random.Random(3)
    words = [f"word{number}" for number in range(200)]
    table: Any = lancedb.connect(str(tmp_path)).create_table(
        "t", schema=pa.schema([("id", pa.int64()), ("content", pa.string())])
    )
    table.create_index("content", config=FTS(base_tokenizer="icu", with_position=True))
    alive: dict[int, str] = {}
    for turn in range(12):
        new = {turn * 100 + n: " ".join(choice.choices(words, k=20)) for n in range(100)}
        table.add([{"id": key, "content": text} for key, text in new.items()])
        alive |= new
        gone = choice.sample(sorted(alive), 40)
        table.delete(f"id IN ({', '.join(map(str, gone))})")
        for key in gone:
            del alive[key]
        table.optimize(cleanup_older_than=timedelta(milliseconds=1))
    assert len(table.list_versions()) <= 5
    for key in choice.sample(sorted(alive), 20):
        phrase = " ".join(alive[key].split()[5:9])
        query = table.search(PhraseQuery(phrase, "content"), query_type="fts").limit(1000)
        assert set(query.to_arrow()["id"].to_pylist()) == {n for n, text in alive.items() if phrase in text}


def updates(writer: StoreWriter, count: int, start: int = 0) -> None:
    """`count` saves of a file, each as an index run writes it."""
    for number in range(start, start + count):
        document, before = f"d{number}", f"d{number - 1}"
        rows = [
            PassageRow(
                f"{document}-{n}", document, f"{document}{n}", f"text {number} {n}", 0, n, n + 1, 3, "{}"
            )
            for n in range(5)
        ]
        writer.add_passages(rows, np.tile(np.eye(1, DIM, dtype=np.float32), (5, 1)))
        writer.put_files([FileRow("/a", "text", FileState.INDEXED, document_id=document, passages=5)])
        writer.remove_documents([before])
        writer.optimize()


def test_versions_stay_few_while_a_file_is_saved_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nowledge-mem#64: every save left a version, 22,000 of them in 15 GB."""
    monkeypatch.setattr(writer_module, "_KEEP_VERSIONS", timedelta(milliseconds=1))
    writer = StoreWriter(tmp_path, 1, DIM)
    updates(writer, 150)
    writer.prune()
    assert len(writer._passages.list_versions()) <= 50
    assert len(writer._files.list_versions()) <= 50
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert size < 1_000_000
    assert writer.count_passages() == 5


def optimise_many_fragments(place: str, answer: Any) -> None:
    """Say by how many MiB the peak of this process grows when 400 small fragments become one."""

    def line(name: str) -> float:
        return int(Path("/proc/self/status").read_text().split(f"{name}:")[1].split()[0]) / 1024

    writer = StoreWriter(Path(place), 1, 384)
    vectors = np.random.default_rng(0).normal(size=(50, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for turn in range(400):
        rows = [
            PassageRow(
                f"d{turn}-{n}", f"d{turn}", f"{turn} {n}", f"text {turn} {n} " * 50, 0, n, n + 1, 9, "{}"
            )
            for n in range(50)
        ]
        writer.add_passages(rows, vectors)
    before = line("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    writer.optimize(force=True)
    answer.send((line("VmHWM") - before, writer._passages.stats()["fragment_stats"]["num_fragments"]))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_joining_many_fragments_takes_little_memory(tmp_path: Path) -> None:
    """haiku.rag#554: optimise took 124 GB. The table here is 30 MB of vectors and 15 MB of text."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=optimise_many_fragments, args=(str(tmp_path), theirs))
    process.start()
    theirs.close()
    try:
        mebibytes, fragments = ours.recv()
    finally:
        process.join()
    assert fragments <= 2
    assert mebibytes < 500
