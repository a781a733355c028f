"""Speed of a generator: queries by the built-in model, against the naive loop of `Llama.__call__`.

Both write the same number of queries of the same passages after the same demonstrations, of the same lengths,
on the same threads, in turn. The peer reuses what a prompt has in common with the one before, as it does by
itself. It is run without AMX, as it must be where llama.cpp was built so that it crashes, and with it where
that works. Ratios are of queries a second. The raw rates are those of `llama_decode` alone: whole batches of
a prompt, and one token of each of 32 sequences.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import collections, heading, table

from findling.jobs import CancelToken
from findling.llama import Engine, Request, Sampling, Weights
from findling.llama.amx import amx_works
from findling.llama.engine import BATCH_TOKENS
from findling.llama.requantise import requantised
from findling.llama.weights import library, uses_amx
from findling.models.builtin import BUILTIN_LANGUAGE_MODELS
from findling.synthesis.kinds import chosen_kinds
from findling.synthesis.prompts import Completing, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

PASSAGES = int(os.environ.get("FINDLING_BENCH_PASSAGES", "24"))
#: Queries of a passage.
EACH = (4, 8)
ROUNDS = 2
#: Of the raw rate of decoding.
SEQUENCES = 32
PEER = "Llama.__call__ in a loop"
MAX_TOKENS = 24
SLOTS = {"length": "medium", "specificity": "specific", "vocabulary": "any"}
SAMPLING = Sampling(temperature=0.7, top_k=40, top_p=0.95, min_p=0.05, max_tokens=MAX_TOKENS)


def requests(texts: Sequence[str], each: int, *, contrast: bool) -> list[Request]:
    """The same prompts for everybody."""
    kinds = chosen_kinds(())
    prompts = Completing(kinds)
    found: list[Request] = []
    for place, text in enumerate(texts):
        for turn in range(each):
            kind = kinds[turn % len(kinds)]
            request = prompts.request((place, turn), Wanted(text, kind, SLOTS, seed=1000 * place + turn))
            found.append(
                Request(
                    request.key,
                    request.parts,
                    request.seed,
                    SAMPLING,
                    contrast=request.contrast if contrast else (),
                )
            )
    return found


def ours(path: Path, asked: Sequence[Request], threads: int, *, with_amx: bool) -> tuple[float, int, int]:
    """Seconds, tokens of prompts computed, tokens written."""
    with Weights(path, with_amx=with_amx) as weights, Engine(weights, threads=threads) as engine:
        started = time.perf_counter()
        written = list(engine.complete(asked, CancelToken()))
        seconds = time.perf_counter() - started
        assert len(written) == len(asked)
        return seconds, engine.prompt_tokens, engine.written_tokens


def naive(path: Path, asked: Sequence[Request], threads: int, *, with_amx: bool) -> tuple[float, int]:
    """Seconds and tokens written of the loop that everybody writes first."""
    import llama_cpp

    defaults = llama_cpp.llama_model_default_params

    def with_or_without() -> Any:
        parameters = defaults()
        parameters.use_extra_bufts = with_amx or not uses_amx(llama_cpp.llama_cpp)
        return parameters

    llama_cpp.llama_cpp.llama_model_default_params = with_or_without
    try:
        model = llama_cpp.Llama(str(path), n_ctx=2048, n_threads=threads, verbose=False)
    finally:
        llama_cpp.llama_cpp.llama_model_default_params = defaults
    written = 0
    started = time.perf_counter()
    for request in asked:
        answer = model(
            "".join(request.parts),
            max_tokens=MAX_TOKENS,
            temperature=SAMPLING.temperature,
            top_k=SAMPLING.top_k,
            top_p=SAMPLING.top_p,
            min_p=SAMPLING.min_p,
            repeat_penalty=1.0,
            stop=["\n"],
            seed=request.seed,
        )
        written += answer["usage"]["completion_tokens"]
    return time.perf_counter() - started, written


def raw_rates(path: Path, threads: int, *, with_amx: bool) -> tuple[float, float]:
    """Tokens a second of prompts in whole batches, and of one token for each of 32 sequences."""
    llama = library()
    with Weights(path, with_amx=with_amx) as weights:
        context = weights.context(4096, SEQUENCES, BATCH_TOKENS, threads)
        memory = llama.llama_get_memory(context)
        batch = llama.llama_batch_init(BATCH_TOKENS, 0, 1)

        def decode(tokens: list[tuple[int, int]], *, logits: bool) -> None:
            batch.n_tokens = len(tokens)
            for place, (position, sequence) in enumerate(tokens):
                batch.token[place] = 100 + place
                batch.pos[place] = position
                batch.n_seq_id[place] = 1
                batch.seq_id[place][0] = sequence
                batch.logits[place] = logits
            assert llama.llama_decode(context, batch) == 0

        prompt = [(position, 0) for position in range(BATCH_TOKENS)]
        decode(prompt, logits=False)
        started = time.perf_counter()
        for _ in range(4):
            llama.llama_memory_clear(memory, ctypes.c_bool(True))
            decode(prompt, logits=False)
        prefill = 4 * BATCH_TOKENS / (time.perf_counter() - started)
        llama.llama_memory_clear(memory, ctypes.c_bool(True))
        decode([(position, 0) for position in range(400)], logits=False)
        for sequence in range(1, SEQUENCES):
            llama.llama_memory_seq_cp(memory, 0, sequence, 0, -1)
        started = time.perf_counter()
        for step in range(16):
            decode([(400 + step, sequence) for sequence in range(SEQUENCES)], logits=True)
        rate = 16 * SEQUENCES / (time.perf_counter() - started)
        llama.llama_batch_free(batch)
        llama.llama_free(context)
        return prefill, rate


def main() -> None:
    """Print rates and ratios."""
    heading("Generation")
    threads = int(os.environ.get("FINDLING_BENCH_THREADS", "0")) or os.cpu_count() or 2
    places = collections(["cranfield"])
    if not places:
        sys.exit(0)
    with (places[0] / "corpus.jsonl").open(encoding="utf-8") as file:
        texts = [record["text"] for record in map(json.loads, file) if 400 < len(record["text"]) < 1200]
    texts = texts[:PASSAGES]
    path = BUILTIN_LANGUAGE_MODELS["smollm2-135m"].weights()
    kinds_of_product = [False, True] if amx_works(path) else [False]
    with tempfile.TemporaryDirectory() as temporary:
        started = time.perf_counter()
        eight_bits = requantised(path, Path(temporary) / "q8.gguf")
        seconds = time.perf_counter() - started
        print(f"{threads} threads, {len(texts)} passages; requantised once in {seconds:.1f} s")
        if uses_amx(library()) and True not in kinds_of_product:
            print("This build of llama.cpp crashes with AMX; `make bench` builds one that does not.")
        raw: dict[bool, tuple[float, float]] = {}
        for with_amx in kinds_of_product:
            raw[with_amx] = raw_rates(path if with_amx else eight_bits, threads, with_amx=with_amx)
            print(
                f"raw{', AMX' * with_amx}: prompts {raw[with_amx][0]:.0f} tokens/s, "
                f"{SEQUENCES} sequences {raw[with_amx][1]:.0f} tokens/s"
            )
        rows: list[list[str]] = []
        for each in EACH:
            asked = requests(texts, each, contrast=False)
            contrasted = requests(texts, each, contrast=True)
            fastest: dict[str, tuple[float, int, int]] = {}
            for _ in range(ROUNDS):
                for with_amx in kinds_of_product:
                    seconds, written = naive(path, asked, threads, with_amx=with_amx)
                    weights = path if with_amx else eight_bits
                    runs = {
                        PEER: (seconds, 0, written),
                        "Findling": ours(weights, asked, threads, with_amx=with_amx),
                        "Findling, contrasted": ours(weights, contrasted, threads, with_amx=with_amx),
                    }
                    if not with_amx:
                        runs["Findling, 4 bits as built in"] = ours(path, asked, threads, with_amx=False)
                    for short, run in runs.items():
                        name = short + ", AMX" * with_amx
                        fastest[name] = min(run, fastest.get(name, run))
            for name, (seconds, prompted, written) in fastest.items():
                prefill, decode = raw[name.endswith("AMX")]
                ideal = prompted / prefill + written / decode if prompted else 0.0
                peers = [fastest[peer][0] for peer in (PEER, PEER + ", AMX") if peer in fastest]
                rows.append(
                    [
                        name,
                        f"{each}",
                        f"{len(asked) / seconds:.2f}",
                        " / ".join(f"{peer / seconds:.2f}x" for peer in peers),
                        f"{written / seconds:.0f}",
                        f"{100 * ideal / seconds:.0f} %" if ideal else "",
                    ]
                )
        ratio = "ratio to the peer" + " without / with AMX" * (len(raw) > 1)
        table(["", "queries a passage", "queries/s", ratio, "written tokens/s", "of raw rates"], rows)


if __name__ == "__main__":
    main()
