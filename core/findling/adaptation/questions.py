"""The questions that judge a run: written about passages that it may not learn from, in another way than its
pairs and under another seed. To find what is asked as in training proves little."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.adaptation.plan import TuningPlan
from findling.adaptation.runs import Run
from findling.adaptation.sides import sides_of
from findling.evaluation import answerable
from findling.evaluation.verdict import LEAST_QUERIES
from findling.jobs import Progress
from findling.library.judgements import own_judgements
from findling.library.opened import OpenLibrary
from findling.library.synthesizing import MOST_PASSAGES, synthesize
from findling.settings import Settings
from findling.synthesis.kinds import Purpose
from findling.synthesis.pair_file import read_pairs
from findling.synthesis.plan import SynthesisPlan

if TYPE_CHECKING:
    from findling.jobs import CancelToken, Report
    from findling.store import StoreReader
    from findling.synthesis.pair import Pair

#: Of them a difference of 0.04 can be seen, of the least that is wanted one of 0.1 (standard deviation 0.25).
QUESTIONS = 300
#: What people search with. Half of the claims that the built-in generator wrote and the filters kept were not
#: settled by their passage, and titles repeat headings.
KINDS = ("question", "keywords", "need")
#: Of one passage. Pairs have more: here each should be about something else.
_PER_PASSAGE = 2
#: Passages among which those to be asked about are chosen.
_CANDIDATES = 10 * QUESTIONS
#: Added to the seed of the pairs.
SEED_DISTANCE = 1_000_000_007
PHASE = "writing questions to judge by"
_ALL = 10_000_000


def ask(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Entry point of the child process: write the questions of the run in `arguments["run"]`, or go on with
    them. Returns `{kept, generated, seconds, reason}`; `reason` says why there are none, if so. Raises what
    opening the library and the generator raises, and `Cancelled`; what was written by then is kept."""
    settings, run = Settings.from_json(arguments["settings"]), Run.load(Path(arguments["run"]))
    plan = TuningPlan.from_json(run.plan)
    report(Progress("opening"))
    with OpenLibrary(settings, Path(arguments["directory"])) as library:
        judged = len(answerable(own_judgements(library).qrels))
        if judged >= LEAST_QUERIES:
            return _none(f"your own judgements of {judged} questions decide")
        with library.searcher() as searcher:
            chosen = synthesis_plan(plan, searcher.store)
    if not chosen.passages:
        return _none("no passage could be kept apart to ask about")

    def told(progress: Progress) -> None:
        if progress.phase == "writing":
            progress = replace(progress, phase=PHASE, unit="questions")
        report(progress)

    job = arguments | {"file": str(run.questions), "plan": chosen.to_json()}
    found = synthesize(job, told, cancel)
    reason = (
        "" if found["kept"] else f"none of {found['generated']} was of use: pairs that were held out judge"
    )
    return {name: found[name] for name in ("kept", "generated", "seconds")} | {"reason": reason}


def synthesis_plan(plan: TuningPlan, store: StoreReader) -> SynthesisPlan:
    """What is to be written about a library; `passages` are empty where none is on the test side."""
    rows, _ = store.sample(_ALL)
    test = sides_of(rows, plan.seed).test
    if len(rows) > MOST_PASSAGES:
        test &= {row.passage_id for row in store.sample(MOST_PASSAGES)[0]}
    seed = plan.seed + SEED_DISTANCE
    candidates = sorted(test)
    random.Random(seed).shuffle(candidates)  # noqa: S311
    return SynthesisPlan(
        plan.library,
        plan.generation,
        plan.fingerprint,
        max(LEAST_QUERIES, min(QUESTIONS, len(candidates))),
        plan.generator,
        KINDS,
        sources=(),
        per_passage=_PER_PASSAGE,
        seed=seed,
        passages=tuple(candidates[:_CANDIDATES]),
        purpose=Purpose.JUDGE,
    )


def kept_questions(run: Run) -> list[Pair]:
    """Those that were written for a run and kept; [] where none were."""
    return list(read_pairs(run.questions).kept) if run.questions.exists() else []


def _none(reason: str) -> dict[str, Any]:
    return {"kept": 0, "generated": 0, "seconds": 0.0, "reason": reason}
