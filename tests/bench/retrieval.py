"""Quality: keyword, semantic and hybrid on collections with human queries, and rare words.

Peers in the same run: Lucene's BM25 (bm25s, k1 0.9, b 0.4) over whole documents, and the hybrid that LanceDB
offers ready-made, reciprocal rank fusion (k = 60) of the same two legs. nDCG@10 in points; at most 500
queries a set (`qrels/test-500.tsv` if there). The second table is of queries most of whose words are wrong,
six of ten telling ones another query's, while the embedder is asked the real query: a fusion that trusts a
leg blindly shows it. The third: 200 words that stand in one document alone, those at both ends of the
collection apart.
"""

from __future__ import annotations

import json
import random
import subprocess
from typing import TYPE_CHECKING

import numpy as np
from common import bench_libraries, collections, heading, imported, table
from peer import SCRIPTS, python_of

from findling.analysis import tokens
from findling.evaluation import evaluate, read_collection, read_qrels
from findling.library.evaluating import record_ids
from findling.search import Mode, Question
from findling.stop_words import telling

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from findling.evaluation import Collection
    from findling.library import Libraries, OpenLibrary

#: The language of the documents, for the peer.
SETS = {
    "scifact": "en",
    "cranfield": "en",
    "emanual-s10": "en",
    "qmsum-dev": "en",
    "aeslc-mail-dev": "en",
    "squad2-dev-half": "en",
    "piaf-fr": "fr",
    "jaquad": "ja",
    "xquad-de": "de",
    "xquad-x-de2en": "en",
}
#: What would serve where the built-in embedder does not know the language.
MULTILINGUAL = "multilingual-e5-small, bge-m3, qwen3-embedding-0.6b, embeddinggemma-300m"
FOREIGN = ("piaf-fr", "jaquad", "xquad-de", "xquad-x-de2en")
DEPTH = 100
RRF_K = 60
RARE_WORDS = 200
SEED = 20261121


def bm25(collection: Collection, queries: Mapping[str, str], language: str) -> dict[str, list[str]]:
    """The peer's rankings."""
    records = list(collection.records())
    given = {
        "texts": [f"{record.title} {record.text}" for record in records],
        "queries": list(queries.values()),
        "depth": DEPTH,
        "language": language,
    }
    program = [python_of("bm25_peer"), SCRIPTS / "bm25_peer.py"]
    done = subprocess.run(program, input=json.dumps(given), capture_output=True, text=True, check=True)
    return {
        query: [records[place].id for place in found]
        for query, found in zip(queries, json.loads(done.stdout), strict=True)
    }


def reciprocal_rank_fusion(*runs: list[str]) -> list[str]:
    """Documents by the sum of 1 / (k + rank)."""
    scores: dict[str, float] = {}
    for run in runs:
        for rank, document in enumerate(run, 1):
            scores[document] = scores.get(document, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores, key=lambda document: -scores[document])[:DEPTH]


def asked(library: OpenLibrary, text: str, mode: Mode) -> list[str]:
    """Record ids, best first."""
    return record_ids(library.answer(Question(text, mode, DEPTH, literal=True, fold=False)).hits)


def measure(libraries: Libraries, place: Path) -> list[float]:
    """nDCG@10 in points of BM25, keyword, semantic, RRF, hybrid."""
    collection = read_collection(place)
    smaller = place / "qrels" / "test-500.tsv"
    qrels = read_qrels(smaller if smaller.exists() else place / "qrels" / "test.tsv")
    queries = {query: collection.queries[query] for query in qrels}
    runs: dict[str, dict[str, list[str]]] = {"bm25": bm25(collection, queries, SETS[place.name])}
    with libraries.open(imported(libraries, place)) as library:
        for mode in (Mode.KEYWORD, Mode.SEMANTIC, Mode.HYBRID):
            runs[mode.value] = {query: asked(library, text, mode) for query, text in queries.items()}
    legs = (runs["keyword"], runs["semantic"])
    runs["rrf"] = {query: reciprocal_rank_fusion(*(leg[query] for leg in legs)) for query in queries}
    order = ("bm25", "keyword", "semantic", "rrf", "hybrid")
    return [evaluate(runs[name], qrels)["ndcg@10"] * 100 for name in order]


def rare_words(libraries: Libraries, place: Path) -> list[object]:
    """Of words that stand in one document alone: how many bring it up among the first three, by words and by
    both legs, of all and of those in the first and the last tenth of the collection."""
    choose = random.Random(SEED)
    records = list(read_collection(place).records())
    where: dict[str, set[int]] = {}
    for number, record in enumerate(records):
        for token in tokens(f"{record.title} {record.text}"):
            where.setdefault(token.text, set()).add(number)
    folded: dict[str, set[int]] = {}
    for word, places in where.items():
        folded.setdefault(word.casefold(), set()).update(places)
    rare = sorted(w for w in where if len(w) >= 3 and w.isascii() and len(folded[w.casefold()]) == 1)
    chosen = choose.sample(rare, min(RARE_WORDS, len(rare)))
    shares: list[object] = [place.name, len(chosen)]
    with libraries.open(imported(libraries, place)) as library:
        for mode in (Mode.KEYWORD, Mode.HYBRID):
            good: dict[str, bool] = {}
            for word in chosen:
                first = library.answer(Question(word, mode, 3, literal=True)).hits
                good[word] = records[next(iter(where[word]))].id in record_ids(first)
            tenth = len(records) // 10
            ends = [w for w in chosen if not tenth <= next(iter(where[w])) < len(records) - tenth]
            shares += [np.mean([good[w] for w in group] or [1]) * 100 for group in (chosen, ends)]
    return shares


def mistaken(libraries: Libraries, place: Path) -> list[object]:
    """nDCG@10 by meaning alone, by words of which six in ten are wrong, and of both."""
    choose = random.Random(SEED)
    collection = read_collection(place)
    smaller = place / "qrels" / "test-500.tsv"
    qrels = read_qrels(smaller if smaller.exists() else place / "qrels" / "test.tsv")
    queries = {query: [t.text for t in tokens(collection.queries[query])] for query in qrels}
    told = {
        query: [w for w, k in zip(ws, telling(ws, ("en",)), strict=True) if k]
        for query, ws in queries.items()
    }
    pool = [word for words in told.values() for word in words]
    runs: dict[str, dict[str, list[str]]] = {"semantic": {}, "keyword": {}, "hybrid": {}}
    with libraries.open(imported(libraries, place)) as library, library.searcher() as searcher:
        right = searcher.embed_query
        for query, words in told.items():
            wrong = " ".join(w if choose.random() > 0.6 else choose.choice(pool) for w in words)
            searcher.embed_query = lambda _, q=query: right(collection.queries[q])
            for mode in Mode:
                question = Question(wrong, mode, DEPTH, literal=True, fold=False)
                runs[mode.value][query] = record_ids(searcher.answer(question).hits)
    return [place.name, *(f"{evaluate(run, qrels)['ndcg@10'] * 100:.1f}" for run in runs.values())]


def main() -> None:
    """Print one row a set and the mean, then the other two tables."""
    heading("Retrieval quality, nDCG@10 in points")
    places = collections(SETS)
    figures: list[list[float]] = []
    rows: list[list[object]] = []
    with bench_libraries() as libraries:
        for place in places:
            figures.append(measure(libraries, place))
            best = max(figures[-1][1:3])
            balance = libraries.info(place.name).balances["1"]
            shown = [*(f"{value:.1f}" for value in figures[-1]), f"{figures[-1][4] - best:+.1f}"]
            rows.append([place.name, *shown, f"{balance.weight:.2f}"])
            print(*rows[-1], flush=True)
        means = np.mean(figures, axis=0)
        rows.append(["mean", *(f"{value:.1f}" for value in means), f"{means[4] - max(means[1:3]):+.1f}", ""])
        head = (
            "set",
            "BM25 (peer)",
            "keyword",
            "semantic",
            "RRF (peer)",
            "hybrid",
            "above the better leg",
            "weight",
        )
        table(head, rows)
        print(f"In {', '.join(FOREIGN)} the built-in embedder reads a language that it was not made for.")
        print(f"Multilingual ones of the catalogue, for a machine that may download: {MULTILINGUAL}.\n")
        english = [place for place in places if SETS[place.name] == "en" and place.name not in FOREIGN]
        table(
            ("wrong words", "semantic", "keyword", "hybrid"),
            [mistaken(libraries, place) for place in english],
        )
        head = ("rare words", "words", "keyword %", "of both ends %", "hybrid %", "of both ends %")
        table(head, [rare_words(libraries, place) for place in places if place.name not in FOREIGN[1:]])


if __name__ == "__main__":
    main()
