"""Quality: keyword, semantic and hybrid on collections with human queries.

Peer in the same run: the hybrid that LanceDB offers ready-made, reciprocal rank fusion (k = 60) of the same
two legs over the same passages. nDCG@10 in points; at most 500 queries a set (`qrels/test-500.tsv` if there).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from common import bench_libraries, collections, heading, imported, table

from findling.evaluation import evaluate, read_collection, read_qrels
from findling.search import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries, OpenLibrary

SETS = (
    "scifact",
    "cranfield",
    "emanual-s10",
    "qmsum-dev",
    "squad2-dev-half",
    "piaf-fr",
    "jaquad",
    "xquad-de",
    "xquad-x-de2en",
)
DEPTH = 100
RRF_K = 60


def reciprocal_rank_fusion(library: OpenLibrary, query: str) -> list[str]:
    """Documents by the sum of 1 / (k + rank) over both legs."""
    scores: dict[str, float] = {}
    paths: dict[str, list[str]] = {}
    for mode in (Mode.KEYWORD, Mode.SEMANTIC):
        for rank, hit in enumerate(library.search(query, mode, DEPTH), 1):
            scores[hit.document_id] = scores.get(hit.document_id, 0.0) + 1 / (RRF_K + rank)
            paths[hit.document_id] = [hit.path, *hit.copies]
    ranked = sorted(scores, key=lambda document: -scores[document])
    return [path.rpartition("#")[2] for document in ranked for path in paths[document]][:DEPTH]


def measure(libraries: Libraries, place: Path) -> list[float]:
    """nDCG@10 in points of keyword, semantic, RRF, hybrid."""
    collection = read_collection(place)
    smaller = place / "qrels" / "test-500.tsv"
    qrels = read_qrels(smaller if smaller.exists() else place / "qrels" / "test.tsv")
    runs: list[dict[str, list[str]]] = [{}, {}, {}, {}]
    with libraries.open(imported(libraries, place)) as library:
        for query in qrels:
            text = collection.queries[query]
            for run, mode in zip(
                runs[:2] + runs[3:], (Mode.KEYWORD, Mode.SEMANTIC, Mode.HYBRID), strict=True
            ):
                hits = library.search(text, mode, DEPTH)
                run[query] = [p.rpartition("#")[2] for hit in hits for p in (hit.path, *hit.copies)][:DEPTH]
            runs[2][query] = reciprocal_rank_fusion(library, text)
    return [evaluate(run, qrels)["ndcg@10"] * 100 for run in runs]


def main() -> None:
    """Print one row a set and the mean."""
    heading("Retrieval quality, nDCG@10 in points")
    figures: list[list[float]] = []
    rows: list[list[object]] = []
    with bench_libraries() as libraries:
        for place in collections(SETS):
            figures.append(measure(libraries, place))
            rows.append([place.name, *(f"{value:.1f}" for value in figures[-1])])
            print(*rows[-1], flush=True)
    rows.append(["mean", *(f"{value:.1f}" for value in np.mean(figures, axis=0))])
    table(("set", "keyword", "semantic", "RRF (peer)", "hybrid"), rows)


if __name__ == "__main__":
    main()
