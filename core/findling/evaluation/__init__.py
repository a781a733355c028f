"""Measure rankings against judgements: test collections, metrics."""

from findling.evaluation.collection import CORPUS_FILE, Collection, Qrels, Record, read_collection, read_qrels
from findling.evaluation.metrics import evaluate

__all__ = ["CORPUS_FILE", "Collection", "Qrels", "Record", "evaluate", "read_collection", "read_qrels"]
