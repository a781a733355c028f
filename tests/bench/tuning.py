"""What tuning gains: whole runs of `findling tune` on human queries, against how others tune on such pairs.

For each collection and seed a run goes its way from a file of pairs to the verdict, judged by the human
queries of the collection, which it never saw; gains are points of nDCG@10 over the untuned model, with the
95 % interval of the paired bootstrap, and p over the queries of all collections together. Peers get the run's
own training pairs: sentence-transformers' trainer with MultipleNegativesRankingLoss, its defaults and no
duplicates in a batch, and what LlamaIndex's fine-tuning engine has by default (the same loss, batches of 10,
two passes; here they are shuffled, which is kinder). Shuffled positives must be declined. Files of pairs come
out of FINDLING_BENCH_PAIRS_IN, as `pairs_NAME.jsonl`, or are written there.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from common import bench_libraries, collections, heading, imported, table
from peer import trained, trainer
from plain_tuning import PlainModel
from synthesis import Judge, written

from findling.adaptation.examples import material_of
from findling.adaptation.flow import after, begin, next_job
from findling.adaptation.plan import Promotion, TuningWishes
from findling.adaptation.runs import Run, delete_run
from findling.errors import JobFailed
from findling.evaluation.significance import differences_of
from findling.models import BUILTIN_EMBEDDERS
from findling.synthesis.pair_file import PairWriter, read_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.library import Libraries
    from findling.training.example import Example

SETS = tuple(
    os.environ.get("FINDLING_BENCH_SETS", "scifact,cranfield,emanual-s10,qmsum-dev,aeslc-mail-dev").split(",")
)
SEEDS = tuple(map(int, os.environ.get("FINDLING_BENCH_SEEDS", "0,1,2").split(",")))
MINUTES = float(os.environ.get("FINDLING_BENCH_MINUTES", "12"))
SHUFFLED = int(os.environ.get("FINDLING_BENCH_SHUFFLED", "10"))
#: Arguments of sentence-transformers' trainer, beside its defaults.
PEERS: dict[str, dict[str, Any]] = {
    "sentence-transformers, MNRL": {"batch_sampler": "no_duplicates"},
    "LlamaIndex's defaults": {
        "per_device_train_batch_size": 10,
        "num_train_epochs": 2,
        "learning_rate": 2e-5,
        "warmup_ratio": 0.1,
        "dataloader_drop_last": False,
    },
}
WITH_PEERS = os.environ.get("FINDLING_BENCH_PEERS", "1") == "1"


def tuned(libraries: Libraries, place: Path, pairs: Path, seed: int) -> Run:
    """The judged run."""
    wishes = TuningWishes(
        pairs_file=pairs, minutes=MINUTES, qrels=place, promotion=Promotion.NEVER, seed=seed
    )
    run = begin(libraries, place.name, wishes)
    while (job := next_job(libraries, run)) is not None:
        with job:
            run = after(run, job.result())
    return run


def shuffled(pairs: Path, target: Path, seed: int) -> Path:
    """The same queries, each with another one's passage."""
    found = read_pairs(pairs)
    kept = list(found.kept)
    positives = [pair.positive for pair in kept]
    random.Random(seed).shuffle(positives)
    with PairWriter(target, found.plan) as writer:
        writer.append(
            replace(pair, positive=positive, teacher=())
            for pair, positive in zip(kept, positives, strict=True)
        )
    return target


def peer(examples: Sequence[Example], seed: int, options: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """Weights by the names of transformers' model, and seconds of training."""
    from safetensors.torch import load_file

    with tempfile.TemporaryDirectory() as temporary:
        task = {
            "base": str(BUILTIN_EMBEDDERS["all-minilm-l6-v2"].weights()),
            "pairs": [[each.query, each.passage] for each in examples],
            "seed": seed,
            "options": options,
            "target": temporary,
        }
        seconds, _ = trained(trainer(), task)
        return load_file(Path(temporary) / "model.safetensors"), seconds


def gains_of(run: Run) -> np.ndarray:
    """Points of nDCG@10 over the base, of each query: float64 (Q,)."""
    return np.array([100 * each["gain"] for each in run.judgement.get("questions", [])])


def row_of(run: Run, seed: int) -> list[str]:
    """Of the table of runs."""
    judged = run.judgement
    if "arms" not in judged:
        return [run.library, str(seed), "", "", "", judged["verdict"], judged["reason"][:40], ""]
    arms = {name: 100 * means["ndcg@10"] for name, means in judged["arms"].items()}
    forgot = judged["forgetting"]
    return [
        run.library,
        str(seed),
        f"{arms['base']:.1f} → {arms['tuned']:.1f}",
        f"{100 * judged['low']:+.1f} … {100 * judged['high']:+.1f}",
        f"{arms['base hybrid']:.1f} → {arms['tuned hybrid']:.1f}",
        judged["verdict"],
        f"{forgot['tuned'] - forgot['base']:+.1f}",
        " ".join(f"{name} {seconds:.0f}" for name, seconds in run.seconds.items()),
    ]


def main() -> None:
    """Print the table of runs, the pooled gain, the peers, and what became of shuffled positives."""
    heading("Tuning")
    rows: list[list[str]] = []
    pooled: list[np.ndarray] = []
    beside: dict[str, list[float]] = {}
    declined = tried = 0
    with tempfile.TemporaryDirectory() as temporary, bench_libraries() as libraries:
        kept_in = Path(os.environ.get("FINDLING_BENCH_PAIRS_IN", temporary))
        for number, place in enumerate(collections(SETS)):
            name = imported(libraries, place)
            written(libraries, name, kept_in)
            pairs = kept_in / f"pairs_{name}.jsonl"
            for seed in SEEDS:
                try:
                    run = tuned(libraries, place, pairs, seed)
                except JobFailed as error:
                    rows.append([name, str(seed), "", "", "", "failed", str(error)[:60], ""])
                    continue
                rows.append(row_of(run, seed))
                print("   ", *rows[-1], sep=" | ", file=sys.stderr, flush=True)
                if len(gains := gains_of(run)):
                    pooled.append(gains)
                    beside.setdefault("Findling", []).append(float(gains.mean()))
                delete_run(libraries, run)
            if WITH_PEERS:
                _measure_peers(libraries, name, place, pairs, beside)
            for seed in range(0 if number else SHUFFLED):
                file = shuffled(pairs, Path(temporary) / f"shuffled_{seed}.jsonl", seed)
                run = tuned(libraries, place, file, seed)
                tried += 1
                declined += run.verdict not in ("better", "probably better")
                delete_run(libraries, run)
    table(
        ["set", "seed", "meaning", "95 %", "hybrid", "verdict", "general", "seconds"],
        rows,
    )
    if pooled:
        [difference] = differences_of(np.concatenate(pooled)[:, None])
        print(
            f"pooled: {difference.mean:+.2f} points ({difference.low:+.2f} … {difference.high:+.2f}), "
            f"p {difference.p:.4f}, {sum(map(len, pooled))} queries"
        )
    table(["", "mean gain, points"], [[who, f"{np.mean(each):+.2f}"] for who, each in beside.items()])
    if tried:
        print(f"shuffled positives: {declined} of {tried} declined")


def _measure_peers(
    libraries: Libraries, name: str, place: Path, pairs: Path, beside: dict[str, list[float]]
) -> None:
    judge, model = Judge(libraries, place), PlainModel()
    base = judge.measured(model)
    for seed in SEEDS:
        material = material_of(read_pairs(pairs).kept, judge.rows, seed)
        for who, options in PEERS.items():
            weights, seconds = peer(material.train, seed, options)
            model.load(model.base | weights)
            gain = float((judge.measured(model) - base).mean())
            print(f"    {name} | {seed} | {who} | {gain:+.2f} | {seconds:.0f} s", file=sys.stderr, flush=True)
            beside.setdefault(who, []).append(gain)


if __name__ == "__main__":
    main()
