"""Latency: a warm query at about 10,000 passages, and the first hit of a fresh process.

Peer in the same run: LanceDB's own hybrid query (its RRF reranker, synchronous interface) on the same table
with the same query vector.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from common import bench_libraries, collections, heading, imported, percentile, table

from findling.evaluation import read_collection
from findling.search import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

QUERIES = 200


def timed(call: Callable[[str], object], queries: list[str]) -> list[float]:
    """Milliseconds of each call."""
    call(queries[0])
    times: list[float] = []
    for query in queries[1:]:
        began = time.perf_counter()
        call(query)
        times.append((time.perf_counter() - began) * 1000)
    return times


def first_hit_seconds(command: list[str | Path]) -> float:
    """Best of three whole processes, after one that fills the disk cache."""
    times: list[float] = []
    for _ in range(4):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return min(times[1:])


def main() -> None:
    """Print percentiles by mode beside the peer, then whole processes."""
    heading("Search latency")
    place = next(iter(collections(["scifact"])))
    queries = list(read_collection(place).queries.values())[:QUERIES]
    program = Path(sys.executable).with_name("findling")
    with bench_libraries() as libraries:
        name = imported(libraries, place)
        directory = libraries.settings.home.libraries / name / "lance"
        with libraries.open(name) as library:
            print(f"{library.status()['passages']} passages\n")
            rows = [
                (mode.value, timed(lambda query, mode=mode: library.search(query, mode), queries))
                for mode in Mode
            ]
            embed = library.embedder.embed_query
            rows.append(("embedding the query alone", timed(lambda q: embed(q + " "), queries)))

            import lancedb

            peer = lancedb.connect(str(directory)).open_table("passages_1")

            def ask_peer(query: str) -> object:
                words = query.replace('"', " ")
                asked = peer.search(query_type="hybrid").vector(embed(query + "  ")).text(words)
                return asked.distance_type("dot").limit(10).to_list()

            rows.append(("LanceDB hybrid (peer)", timed(ask_peer, queries)))
        peer_median = percentile(rows[-1][1], 0.5)
        table(
            ("warm query", "p50 ms", "p95 ms", "ratio to peer"),
            [
                (label, percentile(times, 0.5), percentile(times, 0.95), percentile(times, 0.5) / peer_median)
                for label, times in rows
            ],
        )
        home = str(libraries.settings.home.data.parent)
        asked = [program, "search", queries[0], "--library", name, "--home", home]
        table(
            ("whole process", "seconds"),
            [
                ("findling --help", first_hit_seconds([program, "--help"])),
                ("findling search", first_hit_seconds(asked)),
                ("import lancedb alone", first_hit_seconds([sys.executable, "-c", "import lancedb"])),
            ],
        )


if __name__ == "__main__":
    main()
