"""A system's rankings as a TREC run file: query, Q0, document, rank, score and the system's tag in a line."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from findling.evaluation.lines import fields_of, joined_for_trec, read_lines, write_lines, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

#: Query id to document ids, best first.
Run = dict[str, list[str]]


def read_run(path: Path, depth: int | None = None) -> Run:
    """Read a run; `*.gz` is decompressed. Of each query the best `depth` documents are kept.

    As trec_eval does, the score gives the order, held in 32 bits, and of equal ones the document id that
    sorts last comes first; the rank and the order of the lines mean nothing. Raises `CollectionError` naming
    the line that is wrong, or that repeats a document.
    """
    scores: dict[str, dict[str, float]] = {}
    for number, line in enumerate(read_lines(path, "run"), 1):
        fields = fields_of(line)
        if not fields:
            continue
        if len(fields) != 6:
            raise wrong(path, number, "needs query, Q0, document, rank, score and tag")
        query, _, document, _, score, _ = fields
        ranked = scores.setdefault(query, {})
        if document in ranked:
            raise wrong(path, number, f"ranks {document} a second time for {query}")
        ranked[document] = _score(score)
        if isnan(ranked[document]):
            raise wrong(path, number, f"has no score: {score}")
    return {query: _ranked(documents)[:depth] for query, documents in scores.items()}


def write_run(path: Path, run: Mapping[str, Sequence[str]], tag: str) -> None:
    """Write a run; blanks in the tag become `_`. The score says no more than the rank: the best of n
    documents has n, so that others read the same order. Raises `PlaceNotWritable`, and `CollectionError` for
    an id with a tab or two lines."""
    write_lines(path, _lines(path, run, "_".join(tag.split()) or "findling"))


def _lines(path: Path, run: Mapping[str, Sequence[str]], tag: str) -> Iterator[str]:
    for query, ranking in run.items():
        for rank, document in enumerate(ranking, 1):
            score = str(len(ranking) - rank + 1)
            yield joined_for_trec((query, "Q0", document, str(rank), score, tag), path)


def _score(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _ranked(scores: Mapping[str, float]) -> list[str]:
    import numpy as np

    with np.errstate(over="ignore"):
        held = np.array(list(scores.values()), np.float64).astype(np.float32).tolist()  # (documents,)
    return [document for _, document in sorted(zip(held, scores, strict=True), reverse=True)]
