"""Measure rankings against judgements: test collections, runs, metrics, and whether systems differ."""

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
from findling.evaluation.metrics import METRICS, answerable, evaluate
from findling.evaluation.qrels import Qrels, read_qrels, write_qrels, write_trec_qrels
from findling.evaluation.runs import Run, read_run, write_run
from findling.evaluation.significance import Difference

__all__ = [
    "CORPUS_FILE",
    "METRICS",
    "QRELS_FILE",
    "QUERIES_FILE",
    "Collection",
    "Comparison",
    "Difference",
    "Evaluation",
    "Qrels",
    "Record",
    "Run",
    "SystemResult",
    "answerable",
    "baseline_among",
    "compare_runs",
    "evaluate",
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
