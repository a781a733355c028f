"""The judge of a run: both models are asked the same questions over the whole library, by meaning and by both
legs, and what is left of what the base knew of the world is measured."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
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
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from findling.adaptation.examples import Material
    from findling.adaptation.plan import TuningPlan
    from findling.embedding import Embedder
    from findling.evaluation import Difference, Evaluation
    from findling.jobs import CancelToken, Report
    from findling.library.opened import OpenLibrary

METRIC = "ndcg@10"
#: That are told of every arm.
TOLD = (METRIC, "mrr@10", "recall@100")
#: Which library answers for an arm, and how.
_ARMS = {
    Arm.BASE: (False, Mode.SEMANTIC),
    Arm.TUNED: (True, Mode.SEMANTIC),
    Arm.KEYWORD: (False, Mode.KEYWORD),
    Arm.BASE_HYBRID: (False, Mode.HYBRID),
    Arm.TUNED_HYBRID: (True, Mode.HYBRID),
}
#: Of hits, for each question.
_SHOWN_HITS = 3
#: Documents that are named of those that answer a question, the best first.
_NAMED_ANSWERS = 20


class Answering(StrEnum):
    """What is ranked, and answers a question: where parts of a document were learned, it is a passage."""

    RECORD = "record"
    DOCUMENT = "document"
    PASSAGE = "passage"


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
    queries, qrels, real, answering = _questions(plan, material, library)
    if not queries:
        return {
            "verdict": Verdict.CANNOT_TELL,
            "reason": "There is no question about documents that were held out.",
        }
    runs = _runs(queries, library, trial, answering, report, cancel)
    evaluation = compare_runs(runs, qrels, Arm.BASE)
    report(Progress("judging", detail="general questions"))
    forgot = forgetting(_probe(library.embedder, cancel), _probe(trial.embedder, cancel))
    metrics = {metric: _told(evaluation, metric) for metric in TOLD}
    both_legs = metrics[METRIC]["gains"][Arm.TUNED_HYBRID]
    stops = ["searching by both legs finds the right document less often"] if both_legs["high"] < 0 else []
    decision = decide(
        _difference(evaluation, Arm.TUNED),
        real=real,
        forgetting=forgot,
        hard_stops=stops,
        base=evaluation.system(Arm.BASE).means[METRIC],
    )
    return asdict(decision) | {
        "answering": answering,
        "arms": {str(system.name): system.means for system in evaluation.systems},
        "differences": {
            str(each.system): asdict(each.difference)
            for each in evaluation.comparisons
            if each.metric == METRIC
        },
        "hybrid_difference": both_legs,
        "metrics": metrics,
        "forgetting": asdict(forgot),
        "questions": _each_question(evaluation, queries, qrels, runs),
    }


def _questions(
    plan: TuningPlan, material: Material, library: OpenLibrary
) -> tuple[dict[str, str], Qrels, bool, Answering]:
    """Texts and judgements of the questions that decide; whether people judged them, and of what."""
    if plan.qrels:
        place = Path(plan.qrels)
        qrels, texts = read_qrels(place / QRELS_FILE), read_queries(place / QUERIES_FILE)
        known = {file.record for file in library.files()}
        there = {
            query: grades for query, grades in qrels.items() if query in texts and known.intersection(grades)
        }
        return {query: texts[query] for query in answerable(there)}, there, True, Answering.RECORD
    own = own_judgements(library)
    if len(answerable(own.qrels)) >= LEAST_QUERIES:
        named = answerable(own.qrels)
        return {query: own.queries[query] for query in named}, own.qrels, True, Answering.DOCUMENT
    queries = {str(place): asked.query for place, asked in enumerate(material.test)}
    answering = Answering.PASSAGE if material.by_passages else Answering.DOCUMENT
    relevant: Qrels = {
        str(place): {asked.answer(by_passages=material.by_passages): 1}
        for place, asked in enumerate(material.test)
    }
    return queries, relevant, False, answering


def _runs(
    queries: Mapping[str, str],
    library: OpenLibrary,
    trial: OpenLibrary,
    answering: Answering,
    report: Report,
    cancel: CancelToken,
) -> dict[str, Run]:
    runs: dict[str, Run] = {}
    rate = Rate(len(_ARMS) * len(queries))
    done = 0
    for arm, (tuned, mode) in _ARMS.items():
        runs[arm] = run = {}
        for query, text in queries.items():
            asked = Question(
                text, mode, RANKING_DEPTH, cancel, literal=True, fold=False, bare=True, once=True
            )
            run[query] = _ranked(trial if tuned else library, asked, answering)
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


def _ranked(opened: OpenLibrary, asked: Question, answering: Answering) -> list[str]:
    """The best of what may answer, by id."""
    if answering is Answering.PASSAGE:
        with opened.searcher(asked.mode) as searcher:
            return [each.passage.passage_id for each in searcher.ranking(asked)[0][: asked.limit]]
    hits = opened.answer(asked).hits
    found = record_ids(hits) if answering is Answering.RECORD else [hit.document_id for hit in hits]
    return list(dict.fromkeys(found))


def _difference(evaluation: Evaluation, system: str) -> Difference:
    return next(
        each.difference for each in evaluation.comparisons if each.system == system and each.metric == METRIC
    )


def _gains(evaluation: Evaluation, arm: Arm, other: Arm, metric: str) -> NDArray[np.float64]:
    """What an arm has more than the other, float64 (questions,)."""
    these, those = evaluation.system(arm).by_query, evaluation.system(other).by_query
    return np.array([these[query][metric] - those[query][metric] for query in evaluation.queries])


def _told(evaluation: Evaluation, metric: str) -> dict[str, Any]:
    """Each arm's mean with its 95 % interval, and what the tuned model gains by meaning and by both legs."""
    each = np.array(
        [[evaluation.system(arm).by_query[query][metric] for arm in Arm] for query in evaluation.queries]
    )  # (Q, arms)
    gains = np.stack(
        [
            _gains(evaluation, Arm.TUNED, Arm.BASE, metric),
            _gains(evaluation, Arm.TUNED_HYBRID, Arm.BASE_HYBRID, metric),
        ],
        axis=1,
    )  # (Q, 2)
    means = zip(Arm, differences_of(each), strict=True)
    by_meaning, by_both = differences_of(gains)
    return {
        "arms": {str(arm): {"mean": own.mean, "low": own.low, "high": own.high} for arm, own in means},
        "gains": {str(Arm.TUNED): asdict(by_meaning), str(Arm.TUNED_HYBRID): asdict(by_both)},
    }


def _each_question(
    evaluation: Evaluation, queries: Mapping[str, str], qrels: Qrels, runs: Mapping[str, Run]
) -> list[dict[str, Any]]:
    """What the tuned model gained, question by question; first those where it lost most."""
    by_meaning = _gains(evaluation, Arm.TUNED, Arm.BASE, METRIC).tolist()
    by_both = _gains(evaluation, Arm.TUNED_HYBRID, Arm.BASE_HYBRID, METRIC).tolist()
    found: list[dict[str, Any]] = []
    for query, gain, hybrid_gain in zip(evaluation.queries, by_meaning, by_both, strict=True):
        grades = qrels[query]
        answers = [name for name in sorted(grades, key=lambda name: -grades[name]) if grades[name] > 0]
        base, tuned = runs[Arm.BASE][query], runs[Arm.TUNED][query]
        found.append(
            {
                "query": queries[query],
                "gain": gain,
                "hybrid_gain": hybrid_gain,
                "base": base[:_SHOWN_HITS],
                "tuned": tuned[:_SHOWN_HITS],
                "base_rank": _rank(base, answers),
                "tuned_rank": _rank(tuned, answers),
                "answers": answers[:_NAMED_ANSWERS],
            }
        )
    return sorted(found, key=lambda each: each["gain"])


def _rank(ranking: Sequence[str], answers: Sequence[str]) -> int | None:
    """Of the first document that answers, from 1; None where none was found."""
    wanted = set(answers)
    return next((place for place, name in enumerate(ranking, 1) if name in wanted), None)


def _probe(embedder: Embedder, cancel: CancelToken) -> GeneralProbe:
    pairs = general_pairs()
    passages = embedder.embed_passages([pair.passage for pair in pairs], cancel)
    return GeneralProbe(embedder.embed_queries([pair.query for pair in pairs], cancel), passages)
