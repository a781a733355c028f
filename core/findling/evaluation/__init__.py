"""Measure rankings against judgements: test collections, runs, metrics, whether systems differ, and whether a
tuned model is better than its base."""

from findling.evaluation.collection import (
    CORPUS_FILE,
    QRELS_FILE,
    QUERIES_FILE,
    Collection,
    Record,
    read_collection,
    read_queries,
    write_collection_queries,
    write_collection_records,
)
from findling.evaluation.comparison import (
    Comparison,
    Evaluation,
    SystemResult,
    baseline_among,
    compare_runs,
)
from findling.evaluation.general import Forgetting, GeneralPair, GeneralProbe, forgetting, general_pairs
from findling.evaluation.metrics import METRICS, answerable, evaluate
from findling.evaluation.qrels import Qrels, read_qrels, write_qrels, write_trec_qrels
from findling.evaluation.runs import Run, read_run, write_run
from findling.evaluation.significance import Difference
from findling.evaluation.verdict import Arm, Decision, Verdict, decide

__all__ = [
    "CORPUS_FILE",
    "METRICS",
    "QRELS_FILE",
    "QUERIES_FILE",
    "Arm",
    "Collection",
    "Comparison",
    "Decision",
    "Difference",
    "Evaluation",
    "Forgetting",
    "GeneralPair",
    "GeneralProbe",
    "Qrels",
    "Record",
    "Run",
    "SystemResult",
    "Verdict",
    "answerable",
    "baseline_among",
    "compare_runs",
    "decide",
    "evaluate",
    "forgetting",
    "general_pairs",
    "read_collection",
    "read_qrels",
    "read_queries",
    "read_run",
    "write_collection_queries",
    "write_collection_records",
    "write_qrels",
    "write_run",
    "write_trec_qrels",
]
