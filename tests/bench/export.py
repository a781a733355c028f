"""SmolLM2-135M as an embedder that nobody tuned: which pooling, and what centring and scaling give.

nDCG@10 of exact search with its fp32 graph, on FINDLING_BENCH_DATA's emanual-s10 and cranfield; then the
export's own figures. Takes several minutes a row on two cores; FINDLING_BENCH_LIMIT is the number of
passages that are embedded (judged ones first).
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from common import collections, heading, table

from findling.embedding import Embedder
from findling.embedding.export import FROM_SAMPLE, build_builtin, export_model
from findling.evaluation import evaluate, read_collection, read_qrels
from findling.models import InstalledModel, Pooling
from findling.settings import Home, Settings, switch_telemetry_off

if TYPE_CHECKING:
    from findling.evaluation import Collection, Qrels

MODEL = "smollm2-135m"


def ndcg(embedder: Embedder, collection: Collection, qrels: Qrels, limit: int) -> float:
    """nDCG@10, 0 … 100."""
    judged = {document for grades in qrels.values() for document in grades}
    records = sorted(collection.records(), key=lambda record: record.id not in judged)[:limit]
    vectors = embedder.embed_passages([f"{record.title}\n{record.text}".strip() for record in records])
    run: dict[str, list[str]] = {}
    for query in qrels:
        scores = vectors @ embedder.embed_query(collection.queries[query])  # (N,)
        run[query] = [records[index].id for index in np.argsort(-scores)[:10]]
    return 100 * evaluate(run, qrels)["ndcg@10"]


def main() -> None:
    switch_telemetry_off()
    heading("SmolLM2-135M, untuned")
    limit = int(os.environ.get("FINDLING_BENCH_LIMIT", "1000000"))
    paths = collections(("emanual-s10", "cranfield"))
    found = [(read_collection(path), read_qrels(path / "qrels" / "test.tsv")) for path in paths]
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(Home.at(Path(temporary)))
        for pooling in (Pooling.LAST_TOKEN, Pooling.MEAN, Pooling.WEIGHTED_MEAN):
            for centre in (None, FROM_SAMPLE):
                model = export_model(MODEL, settings, model_id="trial", pooling=pooling, centre=centre)
                for prefix in ("", model.card.query_prefix):
                    card = replace(model.card, query_prefix=prefix)
                    embedder = Embedder(InstalledModel(card, model.directory))
                    scores = [ndcg(embedder, *pair, limit) for pair in found]
                    rows.append((pooling.value, centre or "none", "yes" if prefix else "no", *scores))
        names = [path.name for path in paths]
        table(("pooling", "centred and scaled", "instruction", *names), rows)
        start = time.perf_counter()
        model = build_builtin(settings, MODEL)
        print(f"built in {time.perf_counter() - start:.0f} s, {model.size_bytes() / 2**20:.0f} MiB")
        table(("figure", "value"), model.card.provenance.items())


if __name__ == "__main__":
    main()
