"""What runs in the tuning process: train, export, judge; each stage is done once, and a run that was killed
goes on with the one that it was in."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.adaptation.examples import material_of
from findling.adaptation.measure import DevMeasure, interpolated
from findling.adaptation.plan import TuningPlan, tunable_source
from findling.adaptation.runs import Run, Stage
from findling.adaptation.verdicts import judge
from findling.errors import JobFailed
from findling.evaluation import Verdict
from findling.jobs import Progress
from findling.library.opened import OpenLibrary
from findling.library.trial import build_trial
from findling.models import InstalledModels, Pooling
from findling.models.installed import id_from
from findling.search import Mode, Question
from findling.settings import Settings, private_directory
from findling.synthesis.pair_file import read_pairs
from findling.training.example import Candidate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from findling.adaptation.examples import Material
    from findling.jobs import CancelToken, Report
    from findling.search import Searcher
    from findling.store import PassageRow
    from findling.training.example import Example
    from findling.training.model import TrainableModel
    from findling.training.recipe import Recipe

#: Least difference of vectors, of length 1, between base and tuned model: below it nothing was learned.
_LEAST_CHANGE = 1e-4
_ALL = 10_000_000
#: Mined for an example; they take turns.
_NEGATIVES = 4
#: Steps that are worth their time; more than so many passes over the pairs are not.
_MOST_STEPS, _LEAST_STEPS = 600, 20
_MOST_PASSES = 4
#: Of the time for training, what the steps may take; the rest is for measures.
_STEPS_SHARE = 0.8


def tune(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Entry point of the child process: bring the run in `arguments["run"]` from its pairs to its judgement.
    Returns `Run.to_json`. Raises what the stages raise, and `Cancelled`; a checkpoint is kept."""
    settings = Settings.from_json(arguments["settings"])
    directory = Path(arguments["directory"])
    run = Run.load(Path(arguments["run"]))
    plan = TuningPlan.from_json(run.plan)
    with OpenLibrary(settings, directory) as library:
        report(Progress("opening"))
        with library.searcher() as searcher:
            rows, vectors = searcher.store.sample(_ALL)
            kept = list(read_pairs(run.pairs).kept)
            material = material_of(kept, rows, plan.seed)
            if run.stage is Stage.TRAIN:
                run = _trained(run, plan, material, rows, vectors, searcher, report, cancel)
        if run.stage is Stage.EXPORT:
            run = _exported(run, plan, settings, report, cancel)
        if run.stage is Stage.JUDGE:
            started = time.monotonic()
            model = InstalledModels(settings.home.models).get(run.model)
            with build_trial(settings, library, rows, model, run.trial, report, cancel) as trial:
                found = judge(plan, material, library, trial, report, cancel)
            run = run.at(
                Stage.JUDGED, judgement=found, seconds=run.seconds | {"judge": time.monotonic() - started}
            )
    return run.to_json()


def _trained(
    run: Run,
    plan: TuningPlan,
    material: Material,
    rows: Sequence[PassageRow],
    vectors: NDArray[np.float32],
    searcher: Searcher,
    report: Report,
    cancel: CancelToken,
) -> Run:
    from findling.training.loop import Training

    started = time.monotonic()
    report(Progress("loading", detail=plan.base))
    model = _model(run, plan)
    examples = _with_negatives(
        material.train, model, material.groups, rows, vectors, searcher, plan.seed, cancel
    )
    recipe = _recipe(plan, len(examples))
    measure = DevMeasure(material.dev, rows, vectors, model, plan.seed)
    training = Training(model, recipe, examples, run.checkpoints, measure)
    if not run.checkpoints.exists():
        a_step = training.seconds_a_step(cancel)
        report(Progress("calibrating", detail=f"{a_step:.1f} s a step"))
        steps = min(recipe.steps, int(_STEPS_SHARE * 60 * plan.minutes / a_step))
        if steps < _LEAST_STEPS:
            raise JobFailed(
                f"A step takes {a_step:.0f} s on this machine: {plan.minutes:.0f} minutes are {steps} steps, "
                "too few to learn anything. Give more minutes, or choose a smaller model."
            )
        training.limit(steps)
    outcome = training.run(report, cancel)
    share, measured = interpolated(model, outcome, measure)
    sample = model.passage_rows([row.content for row in rows[:64]])
    tuned = model.vectors(sample)
    model.put(outcome.weights, 0.0)
    change = float(np.abs(tuned - model.vectors(sample)).max())
    model.put(outcome.weights, share)
    found = {
        "recipe": asdict(training.recipe),
        "examples": len(examples),
        "dev": len(material.dev),
        "test": len(material.test),
        "points": [asdict(point) for point in outcome.points],
        "best_step": outcome.best_step,
        "steps": outcome.steps,
        "ended": outcome.ended,
        "interpolation": measured,
        "share": share,
        "change": change,
    }
    seconds = run.seconds | {"train": time.monotonic() - started}
    if share == 0.0 or change < _LEAST_CHANGE:
        reason = "No step of the training made the model better on questions about documents it had not seen."
        return run.at(
            Stage.JUDGED,
            training=found,
            judgement={"verdict": Verdict.KEEP_BASE, "reason": reason},
            seconds=seconds,
        )
    model.save(private_directory(run.weights), _card(plan, found))
    return run.at(Stage.EXPORT, training=found, seconds=seconds)


def _model(run: Run, plan: TuningPlan) -> TrainableModel:
    from findling.embedding.export.source import find_source
    from findling.training.model import TrainableModel, Usage

    source = find_source(tunable_source(plan.base))
    usage = Usage(
        source.said_pooling or Pooling.MEAN,
        source.said_query_prefix or "",
        source.said_document_prefix or "",
        passage_tokens=source.max_tokens,
    )
    return TrainableModel(source, usage, run.directory / "tokenizer.json")


def _recipe(plan: TuningPlan, examples: int) -> Recipe:
    from findling.training.recipe import Recipe

    recipe = Recipe(seed=plan.seed)
    steps = min(_MOST_STEPS, max(_LEAST_STEPS, _MOST_PASSES * examples // recipe.batch))
    return replace(recipe, steps=steps)


def _with_negatives(
    examples: Sequence[Example],
    model: TrainableModel,
    groups: Mapping[str, str],
    rows: Sequence[PassageRow],
    vectors: NDArray[np.float32],
    searcher: Searcher,
    seed: int,
    cancel: CancelToken,
) -> list[Example]:
    """Examples with mined negatives: of what a teacher has scored, those are left that probably do not
    answer."""
    from findling.training.negatives import mine

    places = {row.passage_id: place for place, row in enumerate(rows)}

    def by_words(query: str, count: int) -> list[int]:
        asked = Question(query, Mode.KEYWORD, count, cancel, literal=True)
        return [places[each.passage.passage_id] for each in searcher.ranking(asked)[0][:count]]

    scored = [
        {places[each.passage_id]: each.teacher for each in example.negatives if each.teacher is not None}
        | ({} if example.teacher is None else {places[example.passage_id]: example.teacher})
        for example in examples
    ]
    found = mine(
        [each.query for each in examples],
        model.vectors(model.query_rows([each.query for each in examples])),
        [places[each.passage_id] for each in examples],
        vectors,
        [row.content for row in rows],
        [groups.get(row.document_id, row.document_id) for row in rows],
        count=_NEGATIVES,
        seed=seed,
        keyword=by_words,
        teachers=scored,
        cancel=cancel,
    )
    return [
        replace(
            example,
            negatives=tuple(
                Candidate(rows[each.place].passage_id, rows[each.place].content, each.teacher)
                for each in negatives
            ),
        )
        for example, negatives in zip(examples, found.negatives, strict=True)
    ]


def _exported(run: Run, plan: TuningPlan, settings: Settings, report: Report, cancel: CancelToken) -> Run:
    from findling.embedding.export import export_model

    started = time.monotonic()
    report(Progress("exporting", detail=run.id))
    model_id = id_from(f"{plan.base}-{run.id[:15]}-{plan.library}")
    export_model(str(run.weights), settings, model_id=model_id, precisions=("fp32", "int8"), cancel=cancel)
    return run.at(Stage.JUDGE, model=model_id, seconds=run.seconds | {"export": time.monotonic() - started})


def _card(plan: TuningPlan, found: dict[str, Any]) -> str:
    return f"""---
base_model: {plan.base}
library_name: sentence-transformers
tags: [sentence-similarity, feature-extraction]
---

# {plan.base}, tuned by Findling

Tuned on {found["examples"]} pairs of queries and passages of one person's own documents. The documents
are real; queries were written by {plan.generator or "nobody: they are the documents' own words"}.

{found["steps"]} steps of {found["recipe"]["batch"]} pairs; {100 * found["share"]:.0f} % of the way
from the base to the weights of step {found["best_step"]}. Seed {plan.seed}.
"""
