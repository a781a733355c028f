"""The judge of a run: both models are asked the same questions over the whole library, by meaning and by both
legs, and what is left of what the base knew of the world is measured."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.evaluation import (
    QRELS_FILE,
    QUERIES_FILE,
    Qrels,
    Run,
    answerable,
    compare_runs,
    read_qrels,
    read_queries,
)
from findling.evaluation.general import GeneralProbe, forgetting, general_pairs
from findling.evaluation.significance import differences_of
from findling.evaluation.verdict import LEAST_QUERIES, Arm, Verdict, decide
from findling.jobs import Progress, Rate
from findling.library.evaluating import RANKING_DEPTH, record_ids
from findling.library.judgements import own_judgements
from findling.search import Mode, Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findling.adaptation.examples import Material
    from findling.adaptation.plan import TuningPlan
    from findling.embedding import Embedder
    from findling.evaluation import Difference, Evaluation
    from findling.jobs import CancelToken, Report
    from findling.library.opened import OpenLibrary

METRIC = "ndcg@10"
#: Which library answers for an arm, and how.
_ARMS = {
    Arm.BASE: (False, Mode.SEMANTIC),
    Arm.TUNED: (True, Mode.SEMANTIC),
    Arm.KEYWORD: (False, Mode.KEYWORD),
    Arm.BASE_HYBRID: (False, Mode.HYBRID),
    Arm.TUNED_HYBRID: (True, Mode.HYBRID),
}
#: Of hits, for each question, in the report.
_SHOWN_HITS = 3


def judge(
    plan: TuningPlan,
    material: Material,
    library: OpenLibrary,
    trial: OpenLibrary,
    report: Report,
    cancel: CancelToken,
) -> dict[str, Any]:
    """The decision, and all that it rests on, as a JSON object. `trial` is the library under the tuned model.
    Raises `Cancelled`, and what searching raises."""
    queries, qrels, real, by_record = _questions(plan, material, library)
    if not queries:
        return {
            "verdict": Verdict.CANNOT_TELL,
            "reason": "There is no question about documents that were held out.",
        }
    runs = _runs(queries, library, trial, report, cancel, by_record=by_record)
    evaluation = compare_runs(runs, qrels, Arm.BASE)
    report(Progress("judging", detail="general questions"))
    forgot = forgetting(_probe(library.embedder, cancel), _probe(trial.embedder, cancel))
    both_legs = _both_legs(evaluation)
    stops = ["searching by both legs finds the right document less often"] if both_legs.high < 0 else []
    decision = decide(
        _difference(evaluation, Arm.TUNED),
        real=real,
        forgetting=forgot,
        hard_stops=stops,
        base=evaluation.system(Arm.BASE).means[METRIC],
    )
    gains = {query: evaluation.differences(query, METRIC)[Arm.TUNED] for query in evaluation.queries}
    return asdict(decision) | {
        "arms": {str(system.name): system.means for system in evaluation.systems},
        "differences": {
            str(each.system): asdict(each.difference)
            for each in evaluation.comparisons
            if each.metric == METRIC
        },
        "hybrid_difference": asdict(both_legs),
        "forgetting": asdict(forgot),
        "questions": [
            {
                "query": queries[query],
                "gain": gain,
                "base": runs[Arm.BASE][query][:_SHOWN_HITS],
                "tuned": runs[Arm.TUNED][query][:_SHOWN_HITS],
            }
            for query, gain in sorted(gains.items(), key=lambda item: item[1])
        ],
    }


def _questions(
    plan: TuningPlan, material: Material, library: OpenLibrary
) -> tuple[dict[str, str], Qrels, bool, bool]:
    """Texts and judgements of the questions that decide; whether people judged them, and whether documents
    are named by their records."""
    if plan.qrels:
        place = Path(plan.qrels)
        qrels, texts = read_qrels(place / QRELS_FILE), read_queries(place / QUERIES_FILE)
        known = {file.record for file in library.files()}
        there = {
            query: grades for query, grades in qrels.items() if query in texts and known.intersection(grades)
        }
        return {query: texts[query] for query in answerable(there)}, there, True, True
    own = own_judgements(library)
    if len(answerable(own.qrels)) >= LEAST_QUERIES:
        named = answerable(own.qrels)
        return {query: own.queries[query] for query in named}, own.qrels, True, False
    queries = {str(place): asked.query for place, asked in enumerate(material.test)}
    relevant: Qrels = {str(place): {asked.document_id: 1} for place, asked in enumerate(material.test)}
    return queries, relevant, False, False


def _runs(
    queries: Mapping[str, str],
    library: OpenLibrary,
    trial: OpenLibrary,
    report: Report,
    cancel: CancelToken,
    *,
    by_record: bool,
) -> dict[str, Run]:
    runs: dict[str, Run] = {}
    rate = Rate(len(_ARMS) * len(queries))
    done = 0
    for arm, (tuned, mode) in _ARMS.items():
        runs[arm] = run = {}
        for query, text in queries.items():
            asked = Question(text, mode, RANKING_DEPTH, cancel, literal=True, fold=False, once=True)
            hits = (trial if tuned else library).answer(asked).hits
            found = record_ids(hits) if by_record else [hit.document_id for hit in hits]
            run[query] = list(dict.fromkeys(found))
            done += 1
            rate.add(1)
            report(
                Progress(
                    "judging",
                    done,
                    len(_ARMS) * len(queries),
                    "questions",
                    arm.value,
                    rate.per_second(),
                    rate.remaining_seconds(),
                )
            )
    return runs


def _difference(evaluation: Evaluation, system: str) -> Difference:
    return next(
        each.difference for each in evaluation.comparisons if each.system == system and each.metric == METRIC
    )


def _both_legs(evaluation: Evaluation) -> Difference:
    """What hybrid search gains by the tuned model."""
    base, tuned = (evaluation.system(arm).by_query for arm in (Arm.BASE_HYBRID, Arm.TUNED_HYBRID))
    gains = [tuned[query][METRIC] - base[query][METRIC] for query in evaluation.queries]
    [difference] = differences_of(np.array(gains)[:, None])
    return difference


def _probe(embedder: Embedder, cancel: CancelToken) -> GeneralProbe:
    pairs = general_pairs()
    passages = embedder.embed_passages([pair.passage for pair in pairs], cancel)
    queries = np.array([embedder.embed_query(pair.query) for pair in pairs], np.float32)
    return GeneralProbe(queries, np.asarray(passages, np.float32))
