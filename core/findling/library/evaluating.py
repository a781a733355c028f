"""Measure libraries on judged queries: ask them in every mode, compare the rankings with the judgements."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from findling.errors import CollectionError
from findling.evaluation import (
    CORPUS_FILE,
    QUERIES_FILE,
    Collection,
    Evaluation,
    Qrels,
    Run,
    answerable,
    baseline_among,
    compare_runs,
)
from findling.jobs import CancelToken, Progress, Rate, ignore_progress
from findling.search import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from findling.jobs import Report
    from findling.library.libraries import Libraries
    from findling.search import Hit, Mode
    from findling.settings import Settings

    #: Text of a query to ids of documents, best first, in that mode.
    Rank = Callable[[str, Mode], Sequence[str]]

#: Documents in a ranking: recall is measured at this depth.
RANKING_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """Queries that count, text by id, and their judgements: each has a text and a relevant document.
    `without_text` are those that would count, had they a text."""

    queries: dict[str, str]
    qrels: Qrels
    without_text: tuple[str, ...] = ()

    @classmethod
    def among(cls, queries: Mapping[str, str], qrels: Qrels) -> Judged:
        """Those of `queries` that count, in the order of the judgements."""
        named = answerable(qrels)
        asked = {query: queries[query] for query in named if queries.get(query, "").strip()}
        return cls(
            asked,
            {query: qrels[query] for query in asked},
            tuple(query for query in named if query not in asked),
        )


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was measured, and by which rankings: system to query to document ids. `queries` has the texts by
    id; of each ranking at most the evaluation's depth."""

    evaluation: Evaluation
    runs: dict[str, Run]
    queries: dict[str, str]
    without_text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measuring:
    """How systems are measured: beside further `runs` by name, all compared with the system `baseline` ("":
    the first), by rankings of `depth` documents; `seed` is that of the tests' chance."""

    runs: Mapping[str, Run] = field(default_factory=dict[str, Run])
    baseline: str = ""
    depth: int = RANKING_DEPTH
    seed: int = 0
    report: Report = ignore_progress
    cancel: CancelToken | None = None


@dataclass(slots=True)
class _Steps:
    """Tells how many of all searches are done, and how long the others will take."""

    how: Measuring
    total: int
    done: int = 0
    rate: Rate = field(init=False)

    def __post_init__(self) -> None:
        self.rate = Rate(self.total)

    def check(self) -> None:
        if self.how.cancel is not None:
            self.how.cancel.check()

    def step(self, detail: str) -> None:
        self.done += 1
        self.rate.add(1)
        self.how.report(
            Progress(
                "evaluating",
                self.done,
                self.total,
                "queries",
                detail,
                self.rate.per_second(),
                self.rate.remaining_seconds(),
            )
        )


def evaluate_systems(
    queries: Mapping[str, str],
    qrels: Qrels,
    rank: Rank,
    modes: Sequence[Mode],
    how: Measuring = Measuring(),
) -> Evaluated:
    """Measure what `rank` gives in each of the modes, which name the systems.

    `queries` are texts by id; those count that have a relevant document in `qrels`, whose document ids are
    those that `rank` gives. Raises `CollectionError` where no query counts, or a run has none of them;
    `UserError` for a baseline that is none of the systems; `Cancelled`, and what `rank` raises.
    """
    judged = Judged.among(queries, qrels)
    if not judged.queries:
        raise CollectionError("No query that has a text has a relevant document.", "Judge some hits first.")
    others = _cut(judged, how)
    baseline = baseline_among([*map(str, modes), *others], how.baseline)
    steps = _Steps(how, len(modes) * len(judged.queries))
    ranked = {str(mode): _ranked(judged, rank, mode, str(mode), steps) for mode in modes}
    return _evaluated(judged, ranked | others, baseline, how.seed)


def evaluate_libraries(
    libraries: Libraries,
    names: Sequence[str],
    collection: Collection,
    qrels: Qrels,
    modes: Sequence[Mode],
    how: Measuring = Measuring(),
) -> Evaluated:
    """Measure libraries that hold the collection's records, in each of the modes.

    Systems are named as `system_names` says; document ids are the ids of records, ranked by their best
    passage. One library after the other is opened. Raises as `evaluate_systems` and `Libraries.open`, and
    `CollectionError` when a library holds no record that is judged: all before the first search.
    """
    place = collection.corpus.parent
    judged = Judged.among(collection.queries, qrels)
    if not judged.queries:
        raise CollectionError(
            f"No query with a relevant document has its text in {place / QUERIES_FILE}.",
            "Are the judgements of this collection?",
        )
    others = _cut(judged, how)
    named = system_names(names, modes)
    again = second_look_names(named, libraries.settings)
    baseline = baseline_among([*named.values(), *again.values(), *others], how.baseline)
    asked_libraries = dict.fromkeys(name for name, _ in named)
    for name in asked_libraries:
        _expect_judged_records(libraries, name, judged, place)
    steps = _Steps(how, (len(named) + len(again)) * len(judged.queries))
    ranked: dict[str, Run] = {}
    for name in asked_libraries:
        with libraries.open(name) as library:

            def rank(text: str, mode: Mode, *, once: bool = True) -> list[str]:
                asked = Question(
                    text, mode, how.depth, how.cancel, literal=True, fold=False, bare=True, once=once
                )
                return record_ids(library.answer(asked).hits)

            for mode in modes:
                system = named[name, mode]
                ranked[system] = _ranked(judged, rank, mode, system, steps)
                if (name, mode) in again:
                    system = again[name, mode]
                    ranked[system] = _ranked(judged, partial(rank, once=False), mode, system, steps)
    return _evaluated(judged, ranked | others, baseline, how.seed)


def system_names(names: Iterable[str], modes: Iterable[Mode]) -> dict[tuple[str, Mode], str]:
    """What the systems are called, by library and mode, library after library: the mode, and before it the
    library and a dot where there are several."""
    names, modes = list(dict.fromkeys(names)), list(modes)
    return {
        (name, mode): f"{name}.{mode}" if len(names) > 1 else str(mode) for name in names for mode in modes
    }


def second_look_names(
    named: Mapping[tuple[str, Mode], str], settings: Settings
) -> dict[tuple[str, Mode], str]:
    """What the hybrid systems among `named` are called with a second look; none where no reranker is
    chosen."""
    if not settings.reranker:
        return {}
    return {key: f"{system}+rerank" for key, system in named.items() if key[1] == "hybrid"}


def record_ids(hits: Iterable[Hit]) -> list[str]:
    """Ids of the records in a ranking; records of the same text share a rank, in order of their ids."""
    marked = [
        path.rpartition(f"{CORPUS_FILE}#")[2]
        for hit in hits
        if hit.record
        for path in (hit.path, *hit.copies)
    ]
    return list(dict.fromkeys(marked))


def _expect_judged_records(libraries: Libraries, name: str, judged: Judged, place: Path) -> None:
    known = {document for grades in judged.qrels.values() for document in grades}
    with libraries.open(name) as library:
        if not any(file.record in known for file in library.files()):
            raise CollectionError(
                f"The library {name!r} holds no record that is judged.",
                f"Import the collection first: findling import-beir {place} --library {name!r}",
            )


def _ranked(judged: Judged, rank: Rank, mode: Mode, system: str, steps: _Steps) -> Run:
    run: Run = {}
    for query, text in judged.queries.items():
        steps.check()
        run[query] = list(dict.fromkeys(rank(text, mode)))[: steps.how.depth]
        steps.step(system)
    return run


def _cut(judged: Judged, how: Measuring) -> dict[str, Run]:
    """The further runs, of each query that counts no more documents than are ranked."""
    cut = {
        name: {query: run[query][: how.depth] for query in judged.queries if query in run}
        for name, run in how.runs.items()
    }
    for name, run in cut.items():
        if not run:
            raise CollectionError(f"The run {name!r} ranks documents for none of the judged queries.")
    return cut


def _evaluated(judged: Judged, runs: dict[str, Run], baseline: str, seed: int) -> Evaluated:
    evaluation = compare_runs(runs, judged.qrels, baseline, seed)
    return Evaluated(evaluation, runs, judged.queries, judged.without_text)
