"""Searches while a library is embedded anew: latency, failures, and whether an answer ever mixes models.

A person's pace: a query every fifth of a second, in this process, while the indexer's process re-embeds
SciFact under another model (the same weights with a prefix, so that every vector is another one). Peer in the
same run: the same queries with nothing else running. Target: the 95th percentile at most twice as long; every
answer the old generation's until the switch and the new one's after it.
"""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from common import bench_libraries, collections, heading, imported, percentile, table

from findling.embedding import ensure_installed
from findling.evaluation import read_collection
from findling.models import ModelCard

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.library import Libraries, OpenLibrary

QUERIES = 300
PACE_SECONDS = 0.2
MODEL, OTHER = "all-minilm-l6-v2", "bench-prefixed"

Answer = tuple[tuple[str, float], ...]


def install_other(libraries: Libraries) -> None:
    """A model with vectors of its own."""
    model = ensure_installed(libraries.settings, MODEL)
    place = libraries.settings.home.models / OTHER
    if not place.is_dir():
        place.mkdir()
        for name in model.card.files:
            shutil.copyfile(model.directory / name, place / name)
        changed = {"id": OTHER, "document_prefix": "passage: "}
        ModelCard.from_json(model.card.to_json() | changed).save(place)


def answer_of(library: OpenLibrary, query: str) -> Answer:
    """What a search gives, as a value that can be compared."""
    return tuple((hit.passage_id, round(hit.score, 4)) for hit in library.search(query))


def asked(
    library: OpenLibrary, queries: list[str], more: Callable[[], bool]
) -> tuple[list[float], list[tuple[str, Answer]], list[str]]:
    """Milliseconds of each query, the answers, and what failed, while there is `more`."""
    times: list[float] = []
    answers: list[tuple[str, Answer]] = []
    failures: list[str] = []
    number = 0
    while more():
        query = queries[number % len(queries)]
        number += 1
        began = time.perf_counter()
        try:
            answers.append((query, answer_of(library, query)))
        except Exception as error:  # noqa: BLE001 — whatever fails is what is counted
            failures.append(repr(error))
        took = time.perf_counter() - began
        times.append(took * 1000)
        time.sleep(max(0.0, PACE_SECONDS - took))
    return times, answers, failures


def main() -> None:
    """Print latency idle and during the rebuild, failures, and answers of neither generation."""
    heading("Searches during a rebuild")
    collection = next(iter(collections(["scifact"])))
    queries = list(read_collection(collection).queries.values())[:QUERIES]
    with bench_libraries() as libraries:
        name = imported(libraries, collection)
        install_other(libraries)
        if libraries.info(name).active.model != MODEL:
            with libraries.start_rebuild(name, MODEL) as job:
                job.result()
        with libraries.open(name) as library:
            old = {query: answer_of(library, query) for query in queries}
            left = iter(range(len(queries)))
            idle, _, _ = asked(library, queries, lambda: next(left, None) is not None)
            began = time.perf_counter()
            with libraries.start_rebuild(name, OTHER) as job:
                busy, answers, failures = asked(library, queries, lambda: not job.wait(0))
                job.result()
            seconds = time.perf_counter() - began
            while library.embedder.card.id != OTHER:
                time.sleep(0.1)
            new = {query: answer_of(library, query) for query in queries}
            rolling = time.perf_counter()
            libraries.rollback(name)
            while library.embedder.card.id != MODEL:
                time.sleep(0.01)
            back = time.perf_counter() - rolling
            again = {query: answer_of(library, query) for query in queries}
        for generation in libraries.info(name).retired:
            libraries.forget(name, generation.number)
    strangers = sum(answer not in (old[query], new[query]) for query, answer in answers)
    p50, p95 = percentile(idle, 0.5), percentile(idle, 0.95)
    table(
        ("hybrid query", "p50 ms", "p95 ms", "ratio p50", "ratio p95", "queries"),
        [
            ("idle (peer)", p50, p95, 1.0, 1.0, len(idle)),
            (
                "during the rebuild",
                percentile(busy, 0.5),
                percentile(busy, 0.95),
                percentile(busy, 0.5) / p50,
                percentile(busy, 0.95) / p95,
                len(busy),
            ),
        ],
    )
    print(f"rebuild {seconds:.1f} s; longest query {max(busy):.0f} ms; failed {len(failures)}")
    print(f"answers of neither generation: {strangers} of {len(answers)}")
    same = sum(again[query] == old[query] for query in queries)
    print(f"rollback {back:.2f} s; answers as before: {same} of {len(queries)}")


if __name__ == "__main__":
    main()
