"""Throughput of the embedder on passages of natural lengths, and the latency of one query.

Peers in the same run, same weights, texts and threads: sentence-transformers with its defaults (torch, fp32),
and as a user who knows would set it (bfloat16; it sorts by length by itself).
"""

from __future__ import annotations

import os
import time
import warnings
from typing import TYPE_CHECKING

from common import bench_libraries, collections, heading, percentile, table

from findling.embedding import Embedder, ensure_installed
from findling.evaluation import read_collection
from findling.models import BUILTIN_EMBEDDERS

if TYPE_CHECKING:
    from collections.abc import Callable

PASSAGES = 400
ROUNDS = 3
MODEL = "all-minilm-l6-v2"


def passages_per_second(embed: Callable[[list[str]], object], texts: list[str]) -> float:
    """One timed pass over all texts."""
    began = time.perf_counter()
    embed(texts)
    return len(texts) / (time.perf_counter() - began)


def main() -> None:
    """Print passages per second of each way, the best of three rounds."""
    heading("Embedding")
    place = next(iter(collections(["scifact"])))
    records = [record for _, record in zip(range(PASSAGES), read_collection(place).records(), strict=False)]
    texts = [f"{record.title}\n{record.text}" for record in records]

    import torch

    threads = os.cpu_count() or 1
    torch.set_num_threads(threads)
    weights = str(BUILTIN_EMBEDDERS[MODEL].weights())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer

        plain = SentenceTransformer(weights, device="cpu")
        savvy = SentenceTransformer(weights, device="cpu", model_kwargs={"dtype": torch.bfloat16})
    with bench_libraries() as libraries:
        model = ensure_installed(libraries.settings, MODEL)
        ours = {name: Embedder(model, threads, precision=name, bulk=True) for name in model.card.variants}
        ways: dict[str, Callable[[list[str]], object]] = {
            f"Findling {name}": embedder.embed_passages for name, embedder in ours.items()
        }
        ways["sentence-transformers (peer)"] = lambda t: plain.encode(t, show_progress_bar=False)
        ways["sentence-transformers bf16 (peer)"] = lambda t: savvy.encode(t, show_progress_bar=False)
        speeds = {
            name: max(passages_per_second(embed, texts) for _ in range(ROUNDS))
            for name, embed in ways.items()
        }
        query = Embedder(model, threads)
        times: list[float] = []
        for number, text in enumerate(texts[:200]):
            began = time.perf_counter()
            query.embed_query(f"{text.split('.')[0][:60]} {number}")
            times.append((time.perf_counter() - began) * 1000)
    base = speeds["sentence-transformers (peer)"]
    table(("", "passages/s", "ratio"), [(name, speed, speed / base) for name, speed in speeds.items()])
    print(f"one query: p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms")


if __name__ == "__main__":
    main()
