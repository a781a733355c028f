"""What a tuning run did and found, as one JSON object, and as a page that shows it.

A run that ended early, or by a failure, is told of as far as it came.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import PurePath
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np

from findling import __version__
from findling.adaptation.report_groups import UNKNOWN, described, groups_of, losing
from findling.adaptation.report_map import map_of
from findling.adaptation.verdicts import Answering
from findling.errors import UserError
from findling.library.evaluating import record_ids
from findling.search import Mode, Question
from findling.search.snippet import SNIPPET_CHARACTERS
from findling.settings import write_atomically, write_json
from findling.synthesis.pair_file import read_pairs
from findling.synthesis.quality import Corpus, OwnQuery, Place, quality_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from findling.adaptation.report_groups import Described
    from findling.adaptation.runs import Run
    from findling.jobs import CancelToken
    from findling.library.opened import OpenLibrary
    from findling.models import ModelCard
    from findling.store import FileRow, PassageRow
    from findling.synthesis.pair_set import PairSet

JSON_FILE = "report.json"
#: Of the report's form; names stay, and new ones may be added.
VERSION = 1
#: Questions that are shown of those that were won, and of those that were lost.
MOST_QUESTIONS = 10
_SHOWN_HITS = 3
#: Answers that are named of a question.
_NAMED_ANSWERS = 3
#: Passages of a library that its map is made of.
_MOST_PASSAGES = 20_000
_LIBRARIES = (
    "torch",
    "transformers",
    "peft",
    "onnxruntime-gpu",
    "onnxruntime",
    "onnx",
    "openvino",
    "lancedb",
    "llama-cpp-python",
    "numpy",
    "scikit-learn",
)


def write_report(
    run: Run,
    library: OpenLibrary | None = None,
    trial: OpenLibrary | None = None,
    cancel: CancelToken | None = None,
) -> Path:
    """Write `report.json` and `report.html` into the run's directory, and return the latter. As `report_of`;
    raises `UserError` where there is nothing to draw a page with, and OSError."""
    from findling.adaptation.report_html import html_of

    told = report_of(run, library, trial, cancel)
    write_json(run.directory / JSON_FILE, told)
    write_atomically(run.report, html_of(told))
    return run.report


def maps_in(run: Run) -> dict[str, Any] | None:
    """What `map_of` said for a run's report; None where it has none that can be read."""
    try:
        told: dict[str, Any] = json.loads((run.directory / JSON_FILE).read_text(encoding="utf-8"))
        return told["map"] if told["version"] == VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def report_of(
    run: Run,
    library: OpenLibrary | None = None,
    trial: OpenLibrary | None = None,
    cancel: CancelToken | None = None,
) -> dict[str, Any]:
    """The report as a JSON object. `library` is the run's, as it was when it was judged, and `trial` the same
    under the tuned model: what needs either is None without it. Raises what searching raises, `Cancelled`."""
    files = [] if library is None else [row for row in library.files() if row.document_id]
    rows, vectors = _sampled(library)
    groups = described(files, _lengths(rows))
    titles = {row.document_id: row.title or row.name for row in files}
    pairs = _pairs(run)
    judgement = run.judgement
    names = _names(judgement, files, rows)
    questions = _questions(judgement, names)
    kept = [] if pairs is None else [pair.positive.document_id for pair in pairs.kept]
    parts = groups_of(groups, kept, questions)
    return {
        "version": VERSION,
        "run": run.id,
        "library": run.library,
        "stage": run.stage,
        "model": run.model,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": run.verdict,
        "reason": judgement.get("reason", ""),
        "judgement": {
            name: value for name, value in judgement.items() if name not in ("questions", "verdict", "reason")
        },
        "training": run.training or _stopped(run),
        "asked": run.asked,
        "questions": _extremes(questions, judgement, names, titles, library, trial, cancel),
        "pairs": None if pairs is None else _quality(pairs, groups),
        "groups": parts,
        "losing": losing(parts),
        "map": None
        if trial is None
        else map_of(
            (rows, vectors),
            _sampled(trial),
            {name: group.folder for name, group in groups.items()},
            titles,
            int(run.plan.get("seed", 0)),
        ),
        "plan": run.plan,
        "models": {
            "base": None if library is None else _card(library.embedder.card),
            "tuned": None if trial is None else _card(trial.embedder.card),
        },
        "seconds": _seconds(run, pairs),
        "versions": _versions(),
        "machine": {"platform": platform.platform(), "processors": os.cpu_count()},
    }


def _sampled(library: OpenLibrary | None) -> tuple[list[PassageRow], NDArray[np.float32]]:
    if library is None:
        return [], np.empty((0, 0), np.float32)
    with library.searcher() as searcher:
        return searcher.store.sample(_MOST_PASSAGES)


def _lengths(rows: Sequence[PassageRow]) -> dict[str, int]:
    """Characters of each document."""
    lengths: dict[str, int] = {}
    for row in rows:
        lengths[row.document_id] = max(row.end, lengths.get(row.document_id, 0))
    return lengths


def _pairs(run: Run) -> PairSet | None:
    try:
        return read_pairs(run.pairs)
    except UserError:  # killed before the first of them was written
        return None


def _quality(pairs: PairSet, groups: Mapping[str, Described]) -> dict[str, Any]:
    own = [OwnQuery(query, "", passage) for query, passage in pairs.plan.get("examples", ())]
    places = {
        document: Place(each.folder, each.format.replace(UNKNOWN, ""), each.language.replace(UNKNOWN, ""))
        for document, each in groups.items()
    }
    found = quality_of(pairs, own, Corpus(places), int(pairs.plan.get("seed", 0))).to_json()
    rejected = Counter[str]()
    for kind in found["kinds"]:
        rejected.update(kind["rejected"])
    return found | {"rejected_by": dict(rejected.most_common())}


def _stopped(run: Run) -> dict[str, Any]:
    """The curves of a training that did not come to its end, as its checkpoint has them."""
    from findling.training.checkpoint import load

    found = load(run.checkpoints)
    if found is None:
        return {}
    state, _ = found
    return {
        "points": [asdict(point) for point in state.points],
        "steps": state.step,
        "best_step": state.best_step,
        "ended": state.ended or "stopped",
    }


def _names(
    judgement: Mapping[str, Any], files: Sequence[FileRow], rows: Sequence[PassageRow]
) -> dict[str, str]:
    """The document behind what is ranked, by the name that it has there."""
    answering = judgement.get("answering", Answering.DOCUMENT)
    if answering == Answering.PASSAGE:
        return {row.passage_id: row.document_id for row in rows}
    return {
        row.record if answering == Answering.RECORD else row.document_id: row.document_id for row in files
    }


def _questions(judgement: Mapping[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Those that were asked, with the ids of the `documents` that answer them, or have what does."""
    return [
        each | {"documents": list(dict.fromkeys(names[name] for name in each["answers"] if name in names))}
        for each in judgement.get("questions", ())
        if "answers" in each
    ]


def _extremes(
    questions: Sequence[Mapping[str, Any]],
    judgement: Mapping[str, Any],
    names: Mapping[str, str],
    titles: Mapping[str, str],
    library: OpenLibrary | None,
    trial: OpenLibrary | None,
    cancel: CancelToken | None,
) -> dict[str, Any] | None:
    """How many were won and lost by meaning, and those that were won and lost by most, with the best hits of
    both models."""
    if not questions:
        return None
    titles = {name: titles.get(document, name) for name, document in names.items()}
    gains = [question["gain"] for question in questions]

    def shown(question: Mapping[str, Any]) -> dict[str, Any]:
        answers: list[str] = question["answers"]
        named = {"base": library, "tuned": trial} if trial is not None else {"base": None, "tuned": None}
        return {
            "query": question["query"],
            "gain": question["gain"],
            "hybrid_gain": question["hybrid_gain"],
            "answers": [titles.get(name, name) for name in answers[:_NAMED_ANSWERS]],
            "answers_more": max(0, len(answers) - _NAMED_ANSWERS),
            **{
                arm: {
                    "rank": question[f"{arm}_rank"],
                    "hits": _hits(opened, question, arm, titles, judgement, cancel),
                }
                for arm, opened in named.items()
            },
        }

    by_gain = sorted(questions, key=lambda question: question["gain"])
    return {
        "wins": sum(gain > 0 for gain in gains),
        "ties": sum(gain == 0 for gain in gains),
        "losses": sum(gain < 0 for gain in gains),
        "won": [shown(each) for each in reversed(by_gain[-MOST_QUESTIONS:]) if each["gain"] > 0],
        "lost": [shown(each) for each in by_gain[:MOST_QUESTIONS] if each["gain"] < 0],
    }


def _hits(
    opened: OpenLibrary | None,
    question: Mapping[str, Any],
    arm: str,
    titles: Mapping[str, str],
    judgement: Mapping[str, Any],
    cancel: CancelToken | None,
) -> list[dict[str, Any]]:
    """The best hits by meaning: {title, snippet, highlights, answers}; without the library, no snippet."""
    wanted = set(question["answers"])
    if opened is None:
        return [
            {"title": titles.get(name, name), "snippet": "", "highlights": [], "answers": name in wanted}
            for name in question[arm][:_SHOWN_HITS]
        ]
    asked = Question(
        question["query"], Mode.SEMANTIC, _SHOWN_HITS, cancel, literal=True, fold=False, once=True
    )
    if judgement.get("answering") == Answering.PASSAGE:
        with opened.searcher(Mode.SEMANTIC) as searcher:
            passages = [each.passage for each in searcher.ranking(asked)[0][:_SHOWN_HITS]]
        return [
            {
                "title": titles.get(row.passage_id, row.document_id),
                "snippet": shorten(row.text, SNIPPET_CHARACTERS, placeholder=" …"),
                "highlights": [],
                "answers": row.passage_id in wanted,
            }
            for row in passages
        ]
    return [
        {
            "title": hit.title or hit.record or PurePath(hit.path).name,
            "snippet": hit.snippet,
            "highlights": [list(span) for span in hit.highlights],
            "answers": not wanted.isdisjoint(
                record_ids([hit]) if judgement.get("answering") == Answering.RECORD else [hit.document_id]
            ),
        }
        for hit in opened.answer(asked).hits
    ]


def _card(card: ModelCard) -> dict[str, Any]:
    """What stands on a model's card of where it comes from."""
    return {
        "id": card.id,
        "name": card.name,
        "base": card.base,
        "licence": card.licence,
        "dim": card.dim,
        "pooling": card.pooling,
        "weights": card.weights,
        "provenance": dict(card.provenance),
    }


def _seconds(run: Run, pairs: PairSet | None) -> dict[str, float]:
    """By stage; of the writing of pairs what the file says, where the run wrote it."""
    written = pairs.outcome.get("seconds") if pairs is not None and pairs.outcome else None
    if written is None or run.plan.get("pairs_file"):
        return dict(run.seconds)
    return {"generate": float(written), **run.seconds}


def _versions() -> dict[str, str]:
    found = {"findling": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found
