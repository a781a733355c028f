"""How fast an encoder is trained, and in how much memory, beside sentence-transformers' trainer.

Both get the same pairs, batches of 32, 256 tokens at most, the same loss over the same candidates, in
float32 and in bfloat16 (`bf16=True` of its arguments), in processes of their own and in turns; else the
trainer has its defaults. Findling does what it does for a person, but for measures and for negatives beside
the batch.

Pairs are titles and what stands below them, of a collection with titles.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from common import collections, heading, table
from peer import trained, trainer

from findling.evaluation import read_collection
from findling.models import BUILTIN_EMBEDDERS

BASE = "all-minilm-l6-v2"
BATCH = 32
STEPS = int(os.environ.get("FINDLING_BENCH_STEPS", "24"))
ROUNDS = int(os.environ.get("FINDLING_BENCH_ROUNDS", "3"))
SET = os.environ.get("FINDLING_BENCH_SETS", "cranfield").split(",")[0]
PRECISIONS = ("fp32", "bf16")


def titled(place: Path) -> list[tuple[str, str]]:
    """Titles and texts of the first documents that have both, as many as are learned of."""
    with read_collection(place).corpus.open(encoding="utf-8") as corpus:
        found = (json.loads(line) for line in corpus)
        titles = ((each["title"], each["text"]) for each in found if each.get("title") and each["text"])
        return list(islice(titles, STEPS * BATCH))


def findling(task: dict[str, Any]) -> None:
    """Train as a run does, and print seconds and MiB."""
    from findling.embedding.export.source import find_source
    from findling.jobs import CancelToken, ignore_progress
    from findling.training.example import Example
    from findling.training.loop import Training
    from findling.training.model import TrainableModel, Usage
    from findling.training.recipe import ENCODER

    examples = [
        Example(str(place), query, str(place), passage, str(place))
        for place, (query, passage) in enumerate(task["pairs"])
    ]
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        usage = Usage(passage_tokens=256)
        model = TrainableModel(find_source(BASE), usage, place / "tokenizer.json")
        model.bf16 = task["precision"] == "bf16"
        recipe = replace(ENCODER, steps=len(examples) // BATCH, batch=BATCH, evaluations=1, seed=task["seed"])
        training = Training(model, recipe, examples, place / "checkpoints")
        seconds = training.run(ignore_progress, CancelToken()).seconds
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{seconds:.1f} {peak:.0f}\n")


def main() -> None:
    """Print pairs a second and the peak of memory of both, and their ratios."""
    heading("Training")
    [place] = collections([SET])
    pairs = titled(place)
    commands: dict[str, list[str | Path]] = {
        "sentence-transformers": trainer(),
        "Findling": [sys.executable, __file__, "findling"],
    }
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for turn in range(ROUNDS):
        for precision in PRECISIONS:
            for who, command in commands.items():
                with tempfile.TemporaryDirectory() as target:
                    task = {
                        "base": str(BUILTIN_EMBEDDERS[BASE].weights()),
                        "pairs": pairs,
                        "precision": precision,
                        "seed": turn,
                        "options": {
                            "per_device_train_batch_size": BATCH,
                            "num_train_epochs": 1,
                            "batch_sampler": "no_duplicates",
                            "bf16": precision == "bf16",
                        },
                        "target": target,
                    }
                    found.setdefault((precision, who), []).append(trained(command, task))
    rows: list[list[str]] = []
    for precision in PRECISIONS:
        (peer, peer_peak), (own, own_peak) = (
            np.median(found[precision, who], axis=0) for who in ("sentence-transformers", "Findling")
        )
        rows.append(
            [
                precision,
                f"{len(pairs) / peer:.1f}",
                f"{len(pairs) / own:.1f}",
                f"{peer / own:.2f}",
                f"{peer_peak:.0f}",
                f"{own_peak:.0f}",
                f"{own_peak / peer_peak:.2f}",
            ]
        )
    print(f"{len(pairs)} pairs of {SET}, batches of {BATCH}, medians of {ROUNDS} turns")
    table(["", "peer, pairs/s", "Findling", "ratio", "peer, MiB", "Findling", "ratio"], rows)


if __name__ == "__main__":
    if sys.argv[1:] == ["findling"]:
        findling(json.load(sys.stdin))
    else:
        main()
