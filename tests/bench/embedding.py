"""Throughput of the embedder on passages of natural lengths, the latency of one query, the share of the
machine's own speed at matrix products, and what lower precisions cost in nDCG.

Peers in the same run, in venvs of their own, with the same weights, texts, lengths and threads, in turns:
sentence-transformers with its defaults (torch, fp32) and as a user who knows would set it (bfloat16; it sorts
by length by itself); fastembed on the very graph that Findling built, with its default batch and a small one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from common import bench_libraries, collections, heading, percentile, table
from peer import running

from findling.embedding import Embedder, calibrate, ensure_installed
from findling.embedding.runtimes import precisions
from findling.evaluation import evaluate, read_collection, read_qrels
from findling.models import BUILTIN_EMBEDDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.models import InstalledModel

PASSAGES = 400
ROUNDS = 3
MODEL = "all-minilm-l6-v2"
#: Of MiniLM: layers, hidden size, feed-forward size.
LAYERS, HIDDEN, INNER = 6, 384, 1536


def giga_operations(lengths: list[int]) -> float:
    """Multiplications and additions of the matrix products, in thousand millions, without padding."""
    linear = 2 * LAYERS * (4 * HIDDEN**2 + 2 * HIDDEN * INNER)
    return sum(length * linear + 4 * LAYERS * HIDDEN * length**2 for length in lengths) / 1e9


def matmul_peak(threads: int) -> dict[str, float]:
    """GFLOP/s of one large product, by torch, in each type."""
    import torch

    torch.set_num_threads(threads)
    peaks: dict[str, float] = {}
    for name, kind in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        a, b = torch.rand(2048, 2048).to(kind), torch.rand(2048, 2048).to(kind)
        times: list[float] = []
        for _ in range(8):
            began = time.perf_counter()
            a @ b
            times.append(time.perf_counter() - began)
        peaks[name] = 2 * 2048**3 / min(times) / 1e9
    return peaks


def fastembed_directory(model: InstalledModel, weights: Path, place: Path) -> Path:
    """Findling's graph with the tokenizer's files that fastembed wants, at the same length."""
    import json

    shutil.copyfile(model.graph, place / "model.onnx")
    for name in ("config.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json"):
        if (weights / name).is_file():
            shutil.copyfile(weights / name, place / name)
    config = json.loads((place / "tokenizer_config.json").read_text())
    config["model_max_length"] = config["max_length"] = model.card.max_tokens
    (place / "tokenizer_config.json").write_text(json.dumps(config))
    return place


def throughput(model: InstalledModel, threads: int) -> None:
    """Passages per second of each way, the best of three rounds in turns."""
    scifact = next(iter(collections(["scifact"])))
    records = [record for _, record in zip(range(PASSAGES), read_collection(scifact).records(), strict=False)]
    texts = [f"{record.title}\n{record.text}" for record in records]
    weights = BUILTIN_EMBEDDERS[MODEL].weights()
    ours = {
        name: Embedder(model, threads, precision=name, bulk=True, provider="CPU")
        for name in precisions(model.card)
    }
    lengths = [len(row) for row in ours["fp32"].tokenizer.encode(texts)]
    print(f"{len(texts)} SciFact abstracts, {np.mean(lengths):.0f} tokens in the mean, {threads} threads\n")

    def timed(embedder: Embedder) -> float:
        began = time.perf_counter()
        embedder.embed_passages(texts)
        return time.perf_counter() - began

    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        common = {"texts": texts, "threads": threads, "dim": model.card.dim}
        st = partial(running, "sentence_transformers_peer", directory=str(weights), **common)
        fast = partial(
            running,
            "fastembed_peer",
            directory=str(fastembed_directory(model, weights, place)),
            graph="model.onnx",
        )
        peers = {
            "sentence-transformers": st(dtype="", batch=0),
            "sentence-transformers bf16": st(dtype="bfloat16", batch=0),
            "sentence-transformers bf16, batch 8": st(dtype="bfloat16", batch=8),
            "fastembed, same graph": fast(batch=256, **common),
            "fastembed, same graph, batch 4": fast(batch=4, **common),
        }
        started = {name: stack.enter_context(peer) for name, peer in peers.items()}
        ways: dict[str, Callable[[], float]] = {
            f"Findling {name}": partial(timed, embedder) for name, embedder in ours.items()
        }
        ways |= {f"{name} (peer)": partial(peer.ask, "go") for name, peer in started.items()}
        best = dict.fromkeys(ways, float("inf"))
        for _ in range(ROUNDS):
            for name, way in ways.items():
                best[name] = min(best[name], way())
        reference = ours["fp32"].embed_passages(texts)
        vectors = {f"{name} (peer)": peer.vectors(place) for name, peer in started.items()}
    vectors |= {f"Findling {name}": embedder.embed_passages(texts) for name, embedder in ours.items()}
    peaks = matmul_peak(threads)
    work = giga_operations(lengths)
    base = best["sentence-transformers (peer)"]
    rows: list[tuple[object, ...]] = []
    for name, seconds in best.items():
        near = vectors[name] / np.linalg.norm(vectors[name], axis=1, keepdims=True)
        cosine = float(np.einsum("nd,nd->n", near, reference).mean())
        peak = peaks["bf16" if "bf16" in name else "fp32"]
        share = f"{100 * work / seconds / peak:.0f} %"
        rows.append((name, len(texts) / seconds, base / seconds, f"{cosine:.5f}", share))
    table(("", "passages/s", "ratio", "cosine to fp32", "of the matmul peak"), rows)
    print("matmul peak: " + ", ".join(f"{name} {peak:.0f} GFLOP/s" for name, peak in peaks.items()) + "\n")


def latency(model: InstalledModel, threads: int) -> None:
    """Milliseconds of one query of about twelve tokens, none twice."""
    scifact = read_collection(next(iter(collections(["scifact"]))))
    embedder = Embedder(model, threads)
    queries = sorted(scifact.queries.values(), key=lambda q: abs(embedder.count_tokens([q])[0] - 10))[:200]
    times: list[float] = []
    for text in queries:
        began = time.perf_counter()
        embedder.embed_query(text)
        times.append((time.perf_counter() - began) * 1000)
    tokens = np.mean(embedder.count_tokens(queries)) + embedder.tokenizer.special_tokens
    print(f"one query of {tokens:.0f} tokens: p50 {percentile(times, 0.5):.1f} ms, ", end="")
    print(f"p95 {percentile(times, 0.95):.1f} ms\n")


def quality(model: InstalledModel, threads: int) -> None:
    """nDCG@10 of exact search with whole records in each precision, queries always in fp32, as in use."""
    rows: list[tuple[object, ...]] = []
    query = Embedder(model, threads)
    paths = collections(["scifact", "cranfield"])
    for precision in precisions(model.card):
        embedder = Embedder(model, threads, precision=precision, bulk=True)
        scores: list[float] = []
        for path in paths:
            collection, qrels = read_collection(path), read_qrels(path / "qrels" / "test.tsv")
            records = list(collection.records())
            vectors = embedder.embed_passages([f"{r.title}\n{r.text}".strip() for r in records])
            run = {
                one: [
                    records[index].id
                    for index in np.argsort(-(vectors @ query.embed_query(collection.queries[one])))[:10]
                ]
                for one in qrels
            }
            scores.append(100 * evaluate(run, qrels)["ndcg@10"])
        rows.append((precision, *(f"{score:.2f}" for score in scores)))
    table(("nDCG@10", *(path.name for path in paths)), rows)


def main() -> None:
    """Print all of it."""
    heading("Embedding")
    threads = os.cpu_count() or 1
    with bench_libraries() as libraries:
        model = ensure_installed(libraries.settings, MODEL)
        began = time.perf_counter()
        found = calibrate(libraries.settings, model)
        print(f"calibration: {found.precision}, {time.perf_counter() - began:.1f} s")
        throughput(model, threads)
        latency(model, threads)
        quality(model, threads)


if __name__ == "__main__":
    main()
