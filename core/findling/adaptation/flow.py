"""The tuning of a library as a sequence of stages, each a job that can be stopped and begun again.

Whoever shows it, a terminal or a window, starts the next job, shows its progress, and asks for the run again.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from findling.adaptation.plan import Promotion, TuningPlan, plan_of
from findling.adaptation.runs import Run, Stage, new_run, runs_of
from findling.errors import UserError
from findling.evaluation import Verdict
from findling.jobs import ChildJob
from findling.library.synthesis_plans import SILENCE_SECONDS, SynthesisWishes, start_synthesis
from findling.library.synthesis_plans import plan_of as synthesis_plan_of
from findling.search import Balance
from findling.settings import private_directory
from findling.synthesis.pair_file import read_pairs
from findling.synthesis.quality import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from findling.adaptation.plan import TuningWishes
    from findling.library import Libraries

#: A step on a slow machine, or the export of a graph, takes minutes without a word.
_SILENCE_SECONDS = 1800.0
#: Verdicts after which a tuned model may be promoted without a question, and those after which it may be.
_BETTER = (Verdict.BETTER,)
_GOOD_ENOUGH = (Verdict.BETTER, Verdict.PROBABLY_BETTER)


def begin(libraries: Libraries, library: str, wishes: TuningWishes) -> Run:
    """A new run, planned. Raises what `plan_of` raises."""
    plan = plan_of(libraries, library, wishes)
    run = new_run(libraries, library, plan.to_json())
    if plan.pairs_file:
        shutil.copyfile(plan.pairs_file, run.pairs)
        run.pairs.chmod(0o600)
        run = run.at(_after_pairs(plan))
    return run


def reviewed(run: Run) -> Run:
    """The run after the person has looked at its pairs: it learns from those that are kept now. One that does
    not wait for that is as it was."""
    if run.stage is not Stage.REVIEW:
        return run
    return run.at(_after_review(TuningPlan.from_json(run.plan)))


def next_job(libraries: Libraries, run: Run) -> ChildJob | None:
    """The job of the stage that comes next; None where the run is judged, or waits for a review. Raises
    `UserError` where the library is not any more what the run was planned for."""
    if run.stage in (Stage.REVIEW, Stage.JUDGED, Stage.PROMOTED):
        return None
    plan = TuningPlan.from_json(run.plan)
    active = libraries.info(run.library).active
    if (active.number, active.fingerprint) != (plan.generation, plan.fingerprint):
        raise UserError(
            f"The library {run.library!r} was embedded anew since this run was planned.", "Begin another run."
        )
    if run.stage is Stage.GENERATE:
        wishes = SynthesisWishes(
            pairs=plan.pairs,
            generator=plan.generator or "none",
            examples=_marked_before(libraries, run) if plan.generator else None,
            seed=plan.seed,
        )
        known = run.pairs.exists()
        pairs = None if known else synthesis_plan_of(libraries, run.library, wishes)
        return start_synthesis(libraries, run.library, pairs, run.pairs)
    settings = libraries.settings
    arguments = {
        "settings": settings.to_json(),
        "directory": str(libraries.existing_directory(run.library)),
        "run": str(run.directory),
    }
    asking = run.stage is Stage.QUESTIONS
    return ChildJob(
        "findling.adaptation.questions:ask" if asking else "findling.adaptation.work:tune",
        arguments,
        log=private_directory(settings.home.logs) / f"tune-{run.library}.log",
        silence_seconds=SILENCE_SECONDS if asking else _SILENCE_SECONDS,
    )


def after(run: Run, found: Mapping[str, Any]) -> Run:
    """The run as it is after the job of its stage has ended well, with what that gave. Raises `UserError`
    where too few of the pairs that were written are of use."""
    now = Run.load(run.directory)
    if now.stage is Stage.QUESTIONS:
        return now.at(
            Stage.TRAIN, asked=dict(found), seconds=now.seconds | {Stage.QUESTIONS: found["seconds"]}
        )
    if now.stage is not Stage.GENERATE:
        return now
    if found["verdict"] != ENOUGH:
        raise UserError(
            f"Not enough to tune with: {found['reason']}.",
            f"See: findling synth report {run.pairs}; other pairs: findling tune --pairs-file FILE",
        )
    return now.at(_after_pairs(TuningPlan.from_json(now.plan)))


def _marked_before(libraries: Libraries, run: Run) -> Path | None:
    """The pairs of the last run before in which a person has marked examples."""
    for each in runs_of(libraries, run.library):
        if each.id < run.id and each.pairs.exists() and read_pairs(each.pairs).examples:
            return each.pairs
    return None


def _after_pairs(plan: TuningPlan) -> Stage:
    return Stage.REVIEW if plan.review else _after_review(plan)


def _after_review(plan: TuningPlan) -> Stage:
    """Questions to judge by are written where something writes them, and no collection judges."""
    return Stage.QUESTIONS if plan.generator and not plan.qrels else Stage.TRAIN


def may_promote(run: Run, *, asked: bool = False) -> bool:
    """Whether the tuned model is to take over by what the plan says; `asked` where a person wants it, who may
    choose one that is only probably better."""
    if run.stage is not Stage.JUDGED or not run.model:
        return False
    if asked:
        return run.verdict in _GOOD_ENOUGH
    return Promotion(run.plan["promotion"]) is Promotion.AUTO and run.verdict in _BETTER


def start_promotion(libraries: Libraries, run: Run) -> ChildJob:
    """Embed the library with the tuned model into a shadow generation, which becomes active when it is
    complete. Raises `UserError` for a model that was not found to be better."""
    if not may_promote(run, asked=True):
        raise UserError(
            f"The model of run {run.id} is not promoted: {run.judgement.get('reason', 'it is not judged')}",
            f"See: findling runs show {run.id}",
        )
    weighed = run.judgement.get("balance")
    balance = Balance(**weighed["balance"]) if weighed else None
    return libraries.start_rebuild(run.library, run.model, balance=balance)


def answering(libraries: Libraries, library: str) -> Run | None:
    """The run whose model answers the library's searches, which is promoted by that: a promotion that was
    stopped ends with whichever run of the index goes on with it. Raises `LibraryNotFound`."""
    model = libraries.info(library).active.model
    run = next((each for each in runs_of(libraries, library) if each.model == model), None)
    return run.at(Stage.PROMOTED) if run is not None and run.stage is Stage.JUDGED else run


def roll_back(libraries: Libraries, run: Run) -> Run:
    """The run after what answered before its model answers again, which is so at once. Raises `LibraryBusy`,
    and `UserError` where its model does not answer."""
    if libraries.info(run.library).active.model != run.model:
        raise UserError(f"The model of run {run.id} does not answer the searches of {run.library!r}.")
    libraries.rollback(run.library)
    return run.at(Stage.JUDGED)


def clear(run: Run) -> None:
    """Remove what a judged run needs no more: checkpoints, and the library as it was tried."""
    for place in (run.checkpoints, run.trial):
        shutil.rmtree(place, ignore_errors=True)
