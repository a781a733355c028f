"""Speed of a generator: queries by the built-in model, against the naive loop of `Llama.__call__`.

Both write the same number of queries of the same passages after the same demonstrations, of the same lengths,
on the same threads, in turn. The peer reuses what a prompt has in common with the one before, as it does by
itself. Ratios are of queries a second. The raw rates are those of `llama_decode` alone: whole batches of a
prompt, and one token of each of 32 sequences.
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
from findling.llama.engine import BATCH_TOKENS
from findling.llama.requantise import requantised
from findling.llama.weights import library
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


def ours(path: Path, asked: Sequence[Request], threads: int) -> tuple[float, int, int]:
    """Seconds, tokens of prompts computed, tokens written."""
    with Weights(path) as weights, Engine(weights, threads=threads) as engine:
        started = time.perf_counter()
        written = list(engine.complete(asked, CancelToken()))
        seconds = time.perf_counter() - started
        assert len(written) == len(asked)
        return seconds, engine.prompt_tokens, engine.written_tokens


def naive(path: Path, asked: Sequence[Request], threads: int) -> tuple[float, int]:
    """Seconds and tokens written of the loop that everybody writes first."""
    import llama_cpp

    defaults = llama_cpp.llama_model_default_params

    def without_repacking() -> Any:
        parameters = defaults()
        parameters.use_extra_bufts = False  # it would crash on processors with AMX
        return parameters

    llama_cpp.llama_cpp.llama_model_default_params = without_repacking
    model = llama_cpp.Llama(str(path), n_ctx=2048, n_threads=threads, verbose=False)
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


def raw_rates(path: Path, threads: int) -> tuple[float, float]:
    """Tokens a second of prompts in whole batches, and of one token for each of 32 sequences."""
    llama = library()
    with Weights(path) as weights:
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
    with tempfile.TemporaryDirectory() as temporary:
        started = time.perf_counter()
        eight_bits = requantised(path, Path(temporary) / "q8.gguf")
        seconds = time.perf_counter() - started
        print(f"{threads} threads, {len(texts)} passages; requantised once in {seconds:.1f} s")
        prefill, decode = raw_rates(eight_bits, threads)
        print(f"raw: prompts {prefill:.0f} tokens/s, {SEQUENCES} sequences {decode:.0f} tokens/s")
        rows: list[list[str]] = []
        for each in EACH:
            asked = requests(texts, each, contrast=False)
            contrasted = requests(texts, each, contrast=True)
            fastest: dict[str, tuple[float, int, int]] = {}
            for _ in range(ROUNDS):
                seconds, written = naive(path, asked, threads)
                runs = {
                    "Llama.__call__ in a loop": (seconds, 0, written),
                    "Findling": ours(eight_bits, asked, threads),
                    "Findling, weights as they are": ours(path, asked, threads),
                    "Findling, contrasted": ours(eight_bits, contrasted, threads),
                }
                for name, run in runs.items():
                    fastest[name] = min(run, fastest.get(name, run))
            slow = fastest["Llama.__call__ in a loop"][0]
            for name, (seconds, prompted, written) in fastest.items():
                ideal = prompted / prefill + written / decode if prompted else 0.0
                rows.append(
                    [
                        name,
                        f"{each}",
                        f"{len(asked) / seconds:.2f}",
                        f"{slow / seconds:.2f}x",
                        f"{written / seconds:.0f}",
                        f"{100 * ideal / seconds:.0f} %" if ideal else "",
                    ]
                )
        table(["", "queries a passage", "queries/s", "ratio", "written tokens/s", "of raw rates"], rows)


if __name__ == "__main__":
    main()
