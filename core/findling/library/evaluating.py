"""Measure a library on a test collection: run its queries, compare with its judgements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling.errors import CollectionError
from findling.evaluation import evaluate
from findling.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.evaluation import Collection, Qrels
    from findling.jobs import CancelToken, Report
    from findling.library.opened import OpenLibrary
    from findling.search import Hit, Mode

#: Documents in a ranking: recall is measured at this depth.
RANKING_DEPTH = 100


def evaluate_library(
    library: OpenLibrary,
    collection: Collection,
    qrels: Qrels,
    modes: Sequence[Mode],
    report: Report,
    cancel: CancelToken,
) -> dict[str, dict[str, float]]:
    """Metrics (see `findling.evaluation.evaluate`) by mode, over all judged queries.

    Documents are ranked by their best passage. Raises `CollectionError` when the judgements name no query
    of the collection, or the library holds none of its documents; `Cancelled`.
    """
    queries = {query: collection.queries[query] for query in qrels if query in collection.queries}
    if not queries:
        raise CollectionError(
            f"No judged query has its text in {collection.corpus.parent / 'queries.jsonl'}."
        )
    results: dict[str, dict[str, float]] = {}
    done = 0
    for mode in modes:
        run: dict[str, list[str]] = {}
        for query, text in queries.items():
            run[query] = _records(library.search(text, mode, RANKING_DEPTH, cancel))
            done += 1
            report(Progress("evaluating", done, len(queries) * len(modes), "queries", mode.value))
        if not any(run.values()):
            raise CollectionError(
                f"The library {library.info.name!r} holds no records of a collection.",
                f"Import it first: findling import-beir {collection.corpus.parent}",
            )
        judged = {query: grades for query, grades in qrels.items() if query in queries}
        results[mode.value] = evaluate(run, judged)
    return results


def _records(hits: list[Hit]) -> list[str]:
    """Ids of the records in a ranking; records of the same text share a rank, in order of their ids."""
    names = [path.rpartition("#")[2] for hit in hits if hit.record for path in (hit.path, *hit.copies)]
    return names[:RANKING_DEPTH]
