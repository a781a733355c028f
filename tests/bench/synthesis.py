"""What synthetic pairs are worth: pairs a minute, what the filters keep, and what an embedder gains by them.

The built-in generator writes for each collection; then MiniLM is tuned by one plain recipe (plain_tuning.py)
on what each part of the pipeline leaves, and judged by the human queries of the collection: nDCG@10 in points
over the untuned model, vectors alone, searched exactly, with the 95 % interval of the paired bootstrap. The
peer is what everybody writes first: questions by few-shot completion, unfiltered and without contrast. Every
arm has the same number of the generator's pairs. Files of pairs are kept in FINDLING_BENCH_PAIRS_IN where
that is set.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from common import bench_libraries, collections, heading, imported, table
from plain_tuning import PASSAGE_TOKENS, QUERY_TOKENS, PlainModel

from findling.evaluation import read_qrels, read_queries
from findling.evaluation.metrics import evaluate_each
from findling.evaluation.significance import differences_of
from findling.jobs import CancelToken, ignore_progress
from findling.library.synthesis_plans import SynthesisWishes, plan_of, start_synthesis
from findling.library.synthesizing import Heard, engine_of, passages_of, prompts_of
from findling.models.generator_card import Style
from findling.models.generators import generator
from findling.synthesis.pair import Origin, Pair, Positive, Provenance, pair_id
from findling.synthesis.pair_file import read_pairs
from findling.synthesis.writing import tasks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from findling.library import Libraries
    from findling.llama import Request
    from findling.synthesis.pair_set import PairSet

SETS = tuple(os.environ.get("FINDLING_BENCH_SETS", "scifact,cranfield,emanual-s10,qmsum-dev").split(","))
#: Wanted of the generator, kept; and pairs of each arm.
PAIRS = int(os.environ.get("FINDLING_BENCH_PAIRS", "600"))
OF_AN_ARM = int(os.environ.get("FINDLING_BENCH_ARM", "400"))
SEEDS = tuple(map(int, os.environ.get("FINDLING_BENCH_SEEDS", "0").split(",")))
THREADS = int(os.environ.get("FINDLING_BENCH_THREADS", "0")) or os.cpu_count() or 2
#: Passages that are searched, beside those that answer (0: all): large libraries take minutes for each arm.
POOL = int(os.environ.get("FINDLING_BENCH_POOL", "0"))
METRIC = "ndcg@10"
#: Of the peer, for one passage.
QUESTIONS = 3


def written(libraries: Libraries, name: str, place: Path) -> PairSet:
    """Pairs of a library, written now unless they are there."""
    file = place / f"pairs_{name}.jsonl"
    if not file.is_file():
        plan = plan_of(libraries, name, SynthesisWishes(pairs=PAIRS))
        with start_synthesis(libraries, name, plan, file, threads=THREADS) as job:
            job.result()
    return read_pairs(file)


def naive_questions(libraries: Libraries, name: str, place: Path) -> list[Pair]:
    """Questions as a few-shot prompt gives them, without contrast and filters."""
    file = place / f"naive_{name}.jsonl"
    if file.is_file():
        with file.open(encoding="utf-8") as lines:
            return [Pair.from_json(json.loads(line)) for line in lines]
    plan = plan_of(libraries, name, SynthesisWishes(pairs=OF_AN_ARM, kinds=("question",)))
    with libraries.open(name) as library, library.searcher() as searcher:
        passages = passages_of(searcher.store, plan, CancelToken())
    prompts = prompts_of(plan, Style.COMPLETION)
    found = generator(libraries.settings, plan.generator)
    pairs: list[Pair] = []
    asked: list[Request] = []
    for task in islice(tasks_of(plan, passages, found.card.languages), -(-OF_AN_ARM // QUESTIONS)):
        request = prompts.request(task, task.wanted)
        sampling = replace(request.sampling, contrast=0.0, avoidance=0.0, repetition=1.0)
        bare = replace(request, contrast=(), avoid=(), sampling=sampling)
        asked += [replace(bare, seed=bare.seed + turn) for turn in range(QUESTIONS)]
    with engine_of(found, libraries.settings, THREADS, Heard(ignore_progress)) as (engine, _):
        for done in engine.complete(asked, CancelToken()):
            row = passages.rows[done.key.place]
            positive = Positive(row.passage_id, row.document_id, row.start, row.end, row.content)
            if query := prompts.query(done.text):
                made = Provenance(Origin.GENERATED, "question")
                pairs.append(Pair(pair_id("naive", row.passage_id, query), query, positive, made, "en"))
    file.write_text("".join(json.dumps(pair.to_json()) + "\n" for pair in pairs), encoding="utf-8")
    return pairs


def arms(pairs: PairSet, naive: list[Pair]) -> dict[str, list[Pair]]:
    """Pairs by what was done for them; each arm adds to the one before."""
    of = {
        origin: [pair for pair in pairs.pairs.values() if pair.provenance.origin is origin]
        for origin in Origin
    }
    raw = [pair for pair in of[Origin.GENERATED] if pair.query]
    kept = [pair for pair in raw if pairs.keeps(pair)]
    own = [pair for pair in of[Origin.DOCUMENT] if pairs.keeps(pair)]
    return {
        "raw few-shot questions, no contrast": some(naive),
        "raw questions": some(pair for pair in raw if pair.provenance.kind == "question"),
        "+ kinds": some(raw),
        "+ the documents' own words": some(raw) + some(own),
        "+ filters": some(kept) + some(own),
        "+ teacher scores": some(kept) + some(own),
    }


def some(pairs: Iterable[Pair]) -> list[Pair]:
    """As many as an arm has, drawn at random."""
    drawn = list(pairs)
    random.Random(1).shuffle(drawn)
    return drawn[:OF_AN_ARM]


class Judge:
    """The human queries of a collection, and the passages of its library: all, or those that answer and so
    many of the others (`pool`, 0: all), drawn once."""

    def __init__(self, libraries: Libraries, collection: Path, pool: int = 0) -> None:
        qrels = read_qrels(collection / "qrels" / "test.tsv")
        queries = read_queries(collection / "queries.jsonl")
        self.queries = {query: queries[query] for query in qrels if query in queries}
        self.qrels = {query: qrels[query] for query in self.queries}
        with libraries.open(collection.name) as library, library.searcher() as searcher:
            self.rows, _ = searcher.store.sample(1_000_000)
            records = {file.document_id: file.record for file in searcher.store.files()}
        self.texts = {row.passage_id: row.content for row in self.rows}
        if pool:
            answers = {record for judged in self.qrels.values() for record in judged}
            is_answer = [records.get(row.document_id, "") in answers for row in self.rows]
            others = [place for place, known in enumerate(is_answer) if not known]
            drawn = set(random.Random(1).sample(others, min(pool, len(others))))
            self.rows = [row for place, row in enumerate(self.rows) if is_answer[place] or place in drawn]
            print(f"searched: {len(self.rows)} passages of {len(is_answer)}")
        self.records = [records.get(row.document_id, "") for row in self.rows]

    def measured(self, model: PlainModel) -> np.ndarray:
        """The metric of each query, in points, float64 (Q,)."""
        passages = model.vectors([row.content for row in self.rows], PASSAGE_TOKENS)
        scores = model.vectors(list(self.queries.values()), QUERY_TOKENS) @ passages.T  # (Q, N)
        run: dict[str, list[str]] = {}
        for query, row in zip(self.queries, scores, strict=True):
            best = (self.records[place] for place in np.argsort(-row)[:500].tolist())
            run[query] = list(dict.fromkeys(best))[:100]
        each = evaluate_each(run, self.qrels)
        return np.array([100 * each[query][METRIC] for query in each])


def shares(pairs: PairSet) -> list[list[str]]:
    """What became of the generator's queries, by kind."""
    found: dict[str, Counter[str]] = {}
    for pair in pairs.pairs.values():
        if pair.provenance.origin is Origin.GENERATED:
            outcome = pairs.rejected_by(pair) or "kept"
            found.setdefault(pair.provenance.kind, Counter())[outcome] += 1
            found.setdefault("all", Counter())[outcome] += 1
    filters = sorted({outcome for counts in found.values() for outcome in counts} - {"kept"})
    rows = [["", "queries", "kept", *filters]]
    for kind, counts in sorted(found.items(), key=lambda item: -item[1].total()):
        total = counts.total()
        cells = [f"{100 * counts[outcome] / total:.0f} %" for outcome in ("kept", *filters)]
        rows.append([kind, str(total), *cells])
    return rows


def main() -> None:
    """Print the tables of each collection, and the means over them."""
    heading("Synthesis")
    places = collections(SETS)
    model = PlainModel()
    summary: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as temporary, bench_libraries() as libraries:
        kept_in = Path(os.environ.get("FINDLING_BENCH_PAIRS_IN", temporary))
        for place in places:
            name = imported(libraries, place)
            pairs = written(libraries, name, kept_in)
            outcome = pairs.outcome or {}
            minutes = outcome.get("seconds", 0) / 60
            kept, generated = outcome.get("kept"), outcome.get("generated")
            print(f"## {name}: {kept} kept of {generated} written in {minutes:.1f} min")
            head, *rows = shares(pairs)
            table(head, rows)
            judge = Judge(libraries, place, POOL)
            model.load(model.base)
            base = judge.measured(model)
            print(f"untuned: {base.mean():.2f} over {len(base)} queries", flush=True)
            rows = [
                measured_arm(model, judge, base, arm, chosen, summary)
                for arm, chosen in arms(pairs, naive_questions(libraries, name, kept_in)).items()
            ]
            table(["arm", "pairs", "s", "tuned", "half-way", "95 % half-way"], rows)
    print("## Means over the collections")
    means = [
        [arm, f"{np.mean([full for full, _ in each]):+.2f}", f"{np.mean([half for _, half in each]):+.2f}"]
        for arm, each in summary.items()
    ]
    table(["arm", "tuned", "half-way"], means)


def measured_arm(
    model: PlainModel,
    judge: Judge,
    base: np.ndarray,
    arm: str,
    chosen: Sequence[Pair],
    summary: dict[str, list[tuple[float, float]]],
) -> list[str]:
    """A row of the table: the mean over seeds."""
    gains: dict[float, list[np.ndarray]] = {1.0: [], 0.5: []}
    started = time.monotonic()
    for seed in SEEDS:
        tuned = model.tune(chosen, judge.texts, seed, teacher="teacher" in arm)
        for share, found in gains.items():
            model.load(tuned.weights, share)
            found.append(judge.measured(model) - base)
    full, half = (np.mean(found, axis=0) for found in gains.values())
    [interval] = differences_of(half[:, None])
    summary.setdefault(arm, []).append((float(full.mean()), float(half.mean())))
    row = [
        arm,
        str(len(chosen)),
        f"{time.monotonic() - started:.0f}",
        f"{full.mean():+.2f}",
        f"{half.mean():+.2f}",
        f"{interval.low:+.2f} … {interval.high:+.2f}",
    ]
    print("   ", *row, file=sys.stderr, flush=True)
    return row


if __name__ == "__main__":
    main()
