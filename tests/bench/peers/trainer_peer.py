"""sentence-transformers' own trainer: a task in JSON from stdin, the tuned model saved, seconds and the peak
of memory in MiB printed."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time

from datasets import Dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.losses import MultipleNegativesRankingLoss


def main() -> None:
    """The task: `base`, a directory; `pairs`, [query, passage] each; `seed`; `options` of the trainer's
    arguments; `target`, where the model goes."""
    task = json.load(sys.stdin)
    model = SentenceTransformer(task["base"], device="cpu")
    model.max_seq_length = 256
    queries, passages = zip(*task["pairs"], strict=True)
    rows = Dataset.from_dict({"anchor": queries, "positive": passages})
    with tempfile.TemporaryDirectory() as temporary:
        arguments = SentenceTransformerTrainingArguments(
            temporary, seed=task["seed"], report_to=[], save_strategy="no", use_cpu=True, **task["options"]
        )
        trainer = SentenceTransformerTrainer(
            model, args=arguments, train_dataset=rows, loss=MultipleNegativesRankingLoss(model)
        )
        started = time.monotonic()
        trainer.train()
        seconds = time.monotonic() - started
    model.save(task["target"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"\n{seconds:.1f} {peak:.0f}\n")


if __name__ == "__main__":
    main()
