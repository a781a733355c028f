"""Throughput and memory on a CUDA GPU: each precision, against torch on the same GPU.

Peers in the same run, in a venv of their own, with the same weights and texts: sentence-transformers in fp32
and in fp16, with its default batch and with a large one. VRAM is what the driver says is less free while each
is loaded and has run. Says so and ends where there is no GPU.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from itertools import islice

import numpy as np
from common import bench_libraries, collections, heading, table
from peer import running

from findling.embedding import Embedder, cuda_driver, ensure_installed
from findling.embedding.runtimes import precisions
from findling.evaluation import read_collection
from findling.models import BUILTIN_EMBEDDERS

MODEL = "all-minilm-l6-v2"
PASSAGES = 20_000
ROUNDS = 3
PEERS = {
    "sentence-transformers fp32": {"dtype": "", "batch": 0},
    "sentence-transformers fp16": {"dtype": "float16", "batch": 0},
    "sentence-transformers fp16, batch 256": {"dtype": "float16", "batch": 256},
}


def main() -> None:
    """Print a line for each way."""
    heading("On a GPU")
    if problem := cuda_driver.missing():
        print(f"{problem}: nothing to measure")
        sys.exit(0)
    records = list(read_collection(collections(["scifact"])[0]).records())
    texts = [f"{r.title}\n{r.text}" for r in islice(records * (PASSAGES // len(records) + 1), PASSAGES)]
    rows: list[tuple[object, ...]] = []
    with bench_libraries() as libraries:
        model = ensure_installed(libraries.settings, MODEL)
        reference = Embedder(model, provider="CPU").embed_passages(texts[:200])
        weights = str(BUILTIN_EMBEDDERS[MODEL].weights())
        start = partial(running, "sentence_transformers_peer", directory=weights, texts=texts, threads=8)
        for name, how in PEERS.items():
            free = cuda_driver.free_bytes()
            with start(device="cuda", **how) as peer:
                seconds = min(peer.ask("go") for _ in range(ROUNDS))
                used = free - cuda_driver.free_bytes()
            rows.append((f"{name} (peer)", len(texts) / seconds, used / 2**20, ""))
        for precision in precisions(model.card, "CUDA"):
            free = cuda_driver.free_bytes()
            embedder = Embedder(model, precision=precision, provider="CUDA", bulk=True)
            times: list[float] = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                vectors = embedder.embed_passages(texts)
                times.append(time.perf_counter() - began)
            used = free - cuda_driver.free_bytes()
            cosine = float(np.einsum("nd,nd->n", vectors[:200], reference).mean())
            name = f"Findling {precision} on {embedder.providers.actual}"
            rows.append((name, len(texts) / min(times), used / 2**20, f"{cosine:.5f}"))
            del embedder
    base = float(str(rows[0][1]))
    table(
        ("", "passages/s", "ratio", "VRAM, MiB", "cosine to fp32"),
        [(name, speed, float(str(speed)) / base, vram, cosine) for name, speed, vram, cosine in rows],
    )


if __name__ == "__main__":
    main()
