"""Measure rankings against judgements: test collections, metrics."""

from findling.evaluation.collection import Collection, Qrels, Record, read_collection, read_qrels
from findling.evaluation.metrics import evaluate

__all__ = ["Collection", "Qrels", "Record", "evaluate", "read_collection", "read_qrels"]
