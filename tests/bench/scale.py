"""What grows with a library: 10,000 to 1,000,000 passages of 384 dimensions, without a model.

Texts and vectors are synthetic, made of SciFact's: a passage lies between two neighbours, with some noise,
and has words of both. Queries are SciFact's own, embedded, so that they lie where questions lie and not where
passages do. Writer and reader each run in a process of their own; "open and first hit" has the import of
LanceDB in it, the file system's cache is warm. Peer in the same run: LanceDB's exact search over all vectors,
which also says what the index misses. Sizes: FINDLING_BENCH_SIZES.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from common import bench_libraries, collections, heading, imported, percentile, table

from findling.evaluation import read_collection
from findling.search import Mode, Question, Searcher
from findling.store import FileRow, FileState, PassageRow, StoreReader, StoreWriter, Words
from findling.store import writer as writer_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.library import Libraries

SIZES = "10000,30000,100000,300000,1000000"
QUERIES = 200
BATCH = 8192
#: Passages of a document.
DOCUMENT = 10
NOISE = 0.02
DIM = 384


def prepare(libraries: Libraries, collection: Path, place: Path) -> None:
    """Write what both processes go by: SciFact's vectors and texts, its queries and their vectors."""
    import lancedb

    name = imported(libraries, collection)
    stored = lancedb.connect(str(libraries.settings.home.libraries / name / "lance"))
    rows = stored.open_table("passages_1").search().select(["content", "vector"]).to_arrow()
    vectors = rows["vector"].combine_chunks().flatten().to_numpy().reshape(-1, DIM)
    queries = list(read_collection(collection).queries.values())[:QUERIES]
    with libraries.open(name) as library:
        asked = np.stack([library.embedder.embed_query(query) for query in queries])
    neighbours = np.empty((len(vectors), 8), np.int64)
    for start in range(0, len(vectors), 2048):
        near = np.argsort(-(vectors[start : start + 2048] @ vectors.T), axis=1)
        neighbours[start : start + 2048] = near[:, 1:9]
    texts = np.array(rows["content"].to_pylist(), dtype=object)
    np.savez(
        place / "base.npz",
        vectors=vectors,
        neighbours=neighbours,
        texts=texts,
        queries=np.array(queries, dtype=object),
        asked=asked,
    )


def passages(base: Any, words: list[list[str]], random: np.random.Generator, start: int, count: int) -> Any:
    """`count` synthetic passages from number `start` on, and their vectors, float32 (count, DIM)."""
    vectors, neighbours = base["vectors"], base["neighbours"]
    here = random.integers(0, len(vectors), count)
    there = neighbours[here, random.integers(0, neighbours.shape[1], count)]
    share = random.random((count, 1)).astype(np.float32)
    mixed = vectors[here] * (1 - share) + vectors[there] * share
    mixed += random.normal(size=mixed.shape).astype(np.float32) * NOISE
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    rows: list[PassageRow] = []
    for i in range(count):
        first, second = words[here[i]], words[there[i]]
        at = int(share[i, 0] * min(len(first), len(second)))
        text = " ".join([*second[:at], *first[at:]])
        number = start + i
        document = f"{number // DOCUMENT:032x}"
        place = number % DOCUMENT * 1000
        rows.append(
            PassageRow(
                f"{document}-{place}-{place + 1000}",
                document,
                f"{number:032x}",
                text,
                0,
                place,
                place + 1000,
                240,
                "{}",
            )
        )
    return rows, mixed.astype(np.float32)


def write(place: Path, size: int, answer: Any) -> None:
    """Fill a library as the indexer does, batch by batch; in a process of its own."""
    base = np.load(place / "base.npz", allow_pickle=True)
    base = {name: base[name] for name in ("vectors", "neighbours", "texts")}
    words = [text.split() for text in base["texts"]]
    random = np.random.default_rng(size)
    writer = StoreWriter(place / str(size), 1, DIM)
    before = resident_mebibytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak from here on
    made = 0.0
    began = time.perf_counter()
    for start in range(0, size, BATCH):
        making = time.perf_counter()
        rows, vectors = passages(base, words, random, start, min(BATCH, size - start))
        made += time.perf_counter() - making
        writer.add_passages(rows, vectors)
        documents = dict.fromkeys(row.document_id for row in rows)
        files = [
            FileRow(f"/{name}.txt", "text", FileState.INDEXED, document_id=name, passages=DOCUMENT)
            for name in documents
        ]
        writer.put_files(files)
        writer.optimize_in_bulk()
    writer.optimize()
    seconds = time.perf_counter() - began - made
    peak = resident_mebibytes("VmHWM") - before
    written = int(Path("/proc/self/io").read_text().split("wchar: ")[1].split()[0])
    # As in a minute, when no reader holds an earlier version any more.
    writer_module._KEEP_VERSIONS, writer_module._MAX_STALE_VERSIONS = timedelta(milliseconds=1), 1
    time.sleep(0.01)
    writer.prune()
    answer.send((seconds, peak, written))


def resident_mebibytes(name: str) -> float:
    """A line of this process's status, in MiB: VmRSS now, VmHWM at most."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) / 1024


def timed(call: Callable[[int], object], count: int) -> list[float]:
    """Milliseconds of `call(1)` … `call(count - 1)`; `call(0)` warms up."""
    call(0)
    times: list[float] = []
    for number in range(1, count):
        began = time.perf_counter()
        call(number)
        times.append((time.perf_counter() - began) * 1000)
    return times


def read(place: Path, size: int, answer: Any) -> None:
    """Open the library and search it; in a process of its own."""
    base = np.load(place / "base.npz", allow_pickle=True)
    queries, asked = list(base["queries"]), base["asked"]
    vector_of = {query.strip(): vector for query, vector in zip(queries, asked, strict=True)}
    began = time.perf_counter()
    reader = StoreReader(place / str(size), 1)
    searcher = Searcher(reader, vector_of.__getitem__)
    searcher.answer(Question(queries[-1], literal=True))
    opened = time.perf_counter() - began
    times = {
        mode.value: timed(
            lambda i, mode=mode: searcher.answer(Question(queries[i], mode, literal=True)), len(queries)
        )
        for mode in Mode
    }
    kept = [f"{re.sub('[^a-zA-Z ]', ' ', query)} name:*0.txt" for query in queries]
    searcher.embed_query = lambda text: asked[len(text) % len(asked)]
    times["filtered"] = timed(lambda i: searcher.search(kept[i]), len(queries) // 4)
    resident = resident_mebibytes("VmHWM")

    import lancedb

    exact = lancedb.connect(str(place / str(size))).open_table("passages_1")
    nearest: dict[int, list[str]] = {}

    def ask_peer(number: int) -> None:
        query = exact.search(asked[number], vector_column_name="vector").distance_type("dot")
        rows = query.bypass_vector_index().limit(10).select(["passage_id", "_distance"]).to_arrow()
        nearest[number] = rows["passage_id"].to_pylist()

    times["peer"] = timed(ask_peer, len(queries))
    found = 0
    for number, ids in nearest.items():
        candidates = reader.candidates(Words(), asked[number], 100)
        best = sorted(candidates, key=lambda candidate: -candidate.meaning)[:10]
        found += len({candidate.passage.passage_id for candidate in best} & set(ids))
    reader.close()
    answer.send((opened, times, resident, found / (10 * len(nearest))))


def in_process(function: Callable[..., None], place: Path, size: int) -> Any:
    """What `function` answers, run in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=function, args=(place, size, theirs))
    process.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        process.join()


def main() -> None:
    """Print how time, memory and disk grow."""
    heading("Growth")
    collection = next(iter(collections(["scifact"])))
    sizes = [int(size) for size in os.environ.get("FINDLING_BENCH_SIZES", SIZES).split(",")]
    written: list[tuple[object, ...]] = []
    searched: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as temporary, bench_libraries() as libraries:
        place = Path(temporary)
        prepare(libraries, collection, place)
        for size in sizes:
            seconds, memory, bytes_written = in_process(write, place, size)
            on_disk = sum(p.stat().st_size for p in (place / str(size)).rglob("*") if p.is_file())
            row = (f"{size:,}", seconds, size / seconds, memory, on_disk / 2**20, bytes_written / on_disk)
            written.append(row)
            opened, times, resident, recall = in_process(read, place, size)
            of_peer = percentile(times["peer"], 0.5)
            cells: list[object] = [f"{size:,}", opened]
            for name in ("hybrid", "semantic", "keyword", "filtered", "peer"):
                cells += [percentile(times[name], 0.5), percentile(times[name], 0.95)]
            searched.append((*cells, of_peer / percentile(times["semantic"], 0.5), recall, resident))
    table(
        ("passages", "writing s", "passages/s", "peak MiB more", "disk MiB", "written ÷ kept"),
        written,
    )
    table(
        (
            "passages",
            "open and first hit s",
            "hybrid p50 ms",
            "p95",
            "semantic p50",
            "p95",
            "keyword p50",
            "p95",
            "hybrid of a sixteenth p50",
            "p95",
            "exact (peer) p50",
            "p95",
            "peer ÷ semantic",
            "recall@10",
            "MiB",
        ),
        searched,
    )


if __name__ == "__main__":
    main()
