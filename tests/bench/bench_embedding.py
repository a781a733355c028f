"""Throughput of the embedder on passages of natural lengths, and the latency of one query.

Peer in the same run: sentence-transformers with its defaults (torch, fp32), same weights, texts and threads.
"""

from __future__ import annotations

import os
import time
import warnings

from common import bench_libraries, collections, heading, percentile, table

from findling.embedding import open_embedder
from findling.evaluation import read_collection
from findling.models import BUILTIN_EMBEDDERS

PASSAGES = 600


def main() -> None:
    """Print passages per second of both, alternating three times, and the best of each."""
    heading("Embedding")
    place = next(iter(collections(["scifact"])))
    records = [record for _, record in zip(range(PASSAGES), read_collection(place).records(), strict=False)]
    texts = [f"{record.title}\n{record.text}" for record in records]

    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer

        weights = BUILTIN_EMBEDDERS["all-minilm-l6-v2"].weights()
        peer = SentenceTransformer(str(weights), device="cpu")
    threads = os.cpu_count() or 1
    torch.set_num_threads(threads)
    with bench_libraries() as libraries:
        embedder = open_embedder(libraries.settings, "all-minilm-l6-v2")
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(3):
            began = time.perf_counter()
            embedder.embed_passages(texts)
            ours.append(PASSAGES / (time.perf_counter() - began))
            began = time.perf_counter()
            peer.encode(texts, show_progress_bar=False)
            theirs.append(PASSAGES / (time.perf_counter() - began))
        queries = [f"{text.split('.')[0][:60]} {number}" for number, text in enumerate(texts[:200])]
        times: list[float] = []
        for query in queries:
            began = time.perf_counter()
            embedder.embed_query(query)
            times.append((time.perf_counter() - began) * 1000)
    table(
        ("", "passages/s", "ratio"),
        [
            ("Findling, fused graph fp32", max(ours), max(ours) / max(theirs)),
            ("sentence-transformers (peer)", max(theirs), 1.0),
        ],
    )
    print(f"one query: p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms")


if __name__ == "__main__":
    main()
