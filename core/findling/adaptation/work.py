"""What runs in the tuning process: train, export, judge; each stage is done once, and a run that was killed
goes on with the one that it was in."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.adaptation.budget import affordable_steps
from findling.adaptation.examples import material_of
from findling.adaptation.measure import SHARES, DevMeasure, interpolated
from findling.adaptation.plan import TuningPlan, tunable_source
from findling.adaptation.questions import kept_questions
from findling.adaptation.report import write_report
from findling.adaptation.runs import Run, Stage
from findling.adaptation.verdicts import judge
from findling.errors import Cancelled, FindlingError, JobFailed
from findling.evaluation import Verdict
from findling.jobs import Progress, give_back_memory
from findling.library.opened import OpenLibrary
from findling.library.trial import build_trial, weigh_trial
from findling.models import InstalledModels, Pooling
from findling.models.installed import id_from
from findling.search import Mode, Question
from findling.settings import Settings, private_directory
from findling.synthesis.pair_file import read_pairs
from findling.training.example import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from findling.embedding.export.source import Source
    from findling.jobs import CancelToken, Report
    from findling.search import Searcher
    from findling.training.example import Example
    from findling.training.loop import Training
    from findling.training.model import TrainableModel
    from findling.training.recipe import Recipe

#: Least difference of vectors, of length 1, between base and tuned model: below it nothing was learned.
_LEAST_CHANGE = 1e-4
_ALL = 10_000_000
#: Passages by whose mean and deviation a language model is centred.
_CENTRED_BY = 128
#: Mined for an example; they take turns.
_NEGATIVES = 4
#: Steps that are worth their time. An encoder has learned before what is to be had: 200 steps instead of 60
#: gained a point on e-mails and lost one on abstracts, which MiniLM was made of.
_LEAST_STEPS, _MOST_STEPS, _MOST_OF_A_DECODER = 20, 150, 600
#: Passes over the pairs, and over so few that these would be fewer than `_FEW_STEPS`.
_PASSES, _MOST_PASSES = 2, 4
_FEW_STEPS = 60
_NO_GAIN = "No step of the training made the model better on questions about documents it had not seen."


def tune(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Entry point of the child process: bring the run in `arguments["run"]` from its pairs to its judgement.
    Returns `Run.to_json`. Raises what the stages raise, and `Cancelled`; a checkpoint is kept."""
    settings = Settings.from_json(arguments["settings"])
    run = Run.load(Path(arguments["run"]))
    with OpenLibrary(settings, Path(arguments["directory"])) as library:
        report(Progress("opening"))
        with library.searcher() as searcher:
            tuning = _Tuning(run, settings, library, searcher, report, cancel)
            try:
                tuning.go_on()
            except Cancelled:
                raise
            except (FindlingError, OSError, RuntimeError):
                with suppress(FindlingError, OSError, ValueError):  # the failure itself is what is told
                    write_report(tuning.run, library)
                raise
    return tuning.run.to_json()


class _Tuning:
    """A run and what it works with: `rows` are all passages of the library, `vectors`, float32 (N, D), what
    its own embedder makes of them."""

    def __init__(
        self,
        run: Run,
        settings: Settings,
        library: OpenLibrary,
        searcher: Searcher,
        report: Report,
        cancel: CancelToken,
    ) -> None:
        self.run = run
        self.plan = TuningPlan.from_json(run.plan)
        self._settings = settings
        self._library = library
        self._searcher = searcher
        self._report = report
        self._cancel = cancel
        self._rows, self._vectors = searcher.store.sample(_ALL)
        self._material = material_of(
            read_pairs(run.pairs).kept, self._rows, self.plan.seed, kept_questions(run)
        )

    def go_on(self) -> None:
        """All stages that are left."""
        if self.run.stage is Stage.TRAIN:
            self.train()
            give_back_memory()
        if self.run.stage is Stage.EXPORT:
            self.export()
            give_back_memory()
        if self.run.stage is Stage.JUDGE:
            self.judge()

    def train(self) -> None:
        """Tune the base, and go as far from it as held-out questions allow."""
        from findling.training.loop import Training
        from findling.training.step import Guide

        started = time.monotonic()
        run, material = self.run, self._material
        self._report(Progress("loading", detail=self.plan.base))
        model = self._model()
        queries = self._embed_queries([each.query for each in material.train])
        examples = self._with_negatives(material.train, queries)
        guide = Guide(
            {example.id: vector for example, vector in zip(examples, queries, strict=True)},
            {row.passage_id: vector for row, vector in zip(self._rows, self._vectors, strict=True)},
        )
        measure = DevMeasure(
            material.dev,
            self._rows,
            self._vectors,
            self._embed_queries,
            model,
            self.plan.seed,
            self._cancel,
            by_passages=material.by_passages,
        )
        recipe = _recipe(self.plan, len(examples), model)
        training = Training(model, recipe, examples, run.checkpoints, measure, guide)
        if not run.checkpoints.exists():
            self._calibrate(training)
        outcome = training.run(self._report, self._cancel)
        share, measured = interpolated(model, outcome, measure)
        sample = model.passage_rows([row.content for row in self._rows[:64]])
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
            judgement = {"verdict": Verdict.KEEP_BASE, "reason": _NO_GAIN}
            self.run = run.at(Stage.JUDGED, training=found, judgement=judgement, seconds=seconds)
            write_report(self.run, self._library, cancel=self._cancel)
            return
        model.save(private_directory(run.weights), _card(self.plan, found, model.source))
        self.run = run.at(Stage.EXPORT, training=found, seconds=seconds)

    def export(self) -> None:
        """Make the tuned model an installed one, whose graph gives what its weights give."""
        from findling.embedding.export import export_model

        started = time.monotonic()
        run, plan = self.run, self.plan
        self._report(Progress("exporting", detail=run.id))
        model_id = id_from(f"{Path(plan.base).name}-{run.id[:15]}-{plan.library}")
        export_model(
            str(run.weights),
            self._settings,
            model_id=model_id,
            name=f"{Path(plan.base).name}, tuned for {plan.library}",
            precisions=("fp32", "int8"),
            cancel=self._cancel,
        )
        seconds = run.seconds | {"export": time.monotonic() - started}
        self.run = run.at(Stage.JUDGE, model=model_id, seconds=seconds)

    def judge(self) -> None:
        """Search the library under the tuned model beside the library as it is."""
        started = time.monotonic()
        run, report, cancel = self.run, self._report, self._cancel
        model = InstalledModels(self._settings.home.models).get(run.model)
        with build_trial(
            self._settings, self._library, self._rows, model, run.trial, report, cancel
        ) as trial:
            report(Progress("weighing"))
            weighed = weigh_trial(trial, run.trial, self._material.dev, cancel)
            found = judge(self.plan, self._material, self._library, trial, report, cancel)
            found["balance"] = asdict(weighed)
            seconds = run.seconds | {"judge": time.monotonic() - started}
            self.run = run.at(Stage.JUDGED, judgement=found, seconds=seconds)
            report(Progress("reporting"))
            write_report(self.run, self._library, trial, cancel)

    def _model(self) -> TrainableModel:
        """The base with all its weights to tune, or a decoder with adapters; a language model that was no
        embedder before is brought to the library's own mean and deviation."""
        from findling.training.model import TrainableModel, Usage, adapters_of, best_device

        source = tunable_source(self.plan.base, self._settings)
        template = source.template
        # An instruction outweighs the query in the vector of what was no embedder: tests/bench/export.py.
        bare = template.untuned and source.said_query_prefix is None
        prefix = "" if bare else source.query_prefix
        usage = Usage(
            source.pooling or Pooling.MEAN,
            prefix.replace("{instruction}", self._library.info.instruction or template.instruction),
            source.document_prefix,
            template.eos,
            passage_tokens=source.max_tokens,
        )
        lora = adapters_of(source)
        place = self.run.directory / "tokenizer.json"
        model = TrainableModel(source, usage, place, lora, best_device())
        if template.untuned and lora is not None and not source.dense:
            chance = np.random.default_rng(self.plan.seed)
            some: list[int] = chance.permutation(len(self._rows))[:_CENTRED_BY].tolist()
            model.centre([self._rows[place].content for place in some], self._cancel)
        return model

    def _calibrate(self, training: Training) -> None:
        """Let it do as many steps as there is time for. Raises `JobFailed` where they are too few."""
        a_step, a_measure = training.seconds_a_step(self._cancel), training.seconds_a_measure()
        self._report(Progress("calibrating", detail=f"{a_step:.1f} s a step"))
        minutes = self.plan.minutes
        measures = training.recipe.evaluations + len(SHARES) - 1  # the full way was measured by then
        steps = min(training.recipe.steps, affordable_steps(minutes, a_step, a_measure, measures))
        if steps < _LEAST_STEPS:
            raise JobFailed(
                f"A step takes {a_step:.0f} s on this machine: {minutes:.0f} minutes are {steps} steps, "
                "too few to learn anything. Give more minutes, or choose a smaller model."
            )
        training.limit(steps)

    def _embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """By the library's own embedder."""
        return self._library.embedder.embed_queries(texts, self._cancel, self._library.info.instruction)

    def _with_negatives(self, examples: Sequence[Example], queries: NDArray[np.float32]) -> list[Example]:
        """Examples with mined negatives, of the passages that may be learned from: of what a teacher has
        scored, those are left that probably do not answer."""
        from findling.training.negatives import mine

        groups, learnable = self._material.groups, self._material.learnable
        there = [place for place, row in enumerate(self._rows) if row.passage_id in learnable]
        rows = [self._rows[place] for place in there]
        places = {row.passage_id: place for place, row in enumerate(rows)}

        def by_words(query: str, count: int) -> list[int]:
            asked = Question(query, Mode.KEYWORD, count, self._cancel, literal=True)
            ids = (each.passage.passage_id for each in self._searcher.ranking(asked)[0])
            return [places[each] for each in ids if each in places][:count]

        scored = [
            {places[each.passage_id]: each.teacher for each in example.negatives if each.teacher is not None}
            | ({} if example.teacher is None else {places[example.passage_id]: example.teacher})
            for example in examples
        ]
        found = mine(
            [each.query for each in examples],
            queries,
            [places[each.passage_id] for each in examples],
            self._vectors[there],
            [row.content for row in rows],
            [groups[row.passage_id] for row in rows],
            count=_NEGATIVES,
            seed=self.plan.seed,
            keyword=by_words,
            teachers=scored,
            cancel=self._cancel,
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


def _recipe(plan: TuningPlan, examples: int, model: TrainableModel) -> Recipe:
    from findling.training.recipe import DECODER, ENCODER

    recipe, most = (ENCODER, _MOST_STEPS) if model.lora is None else (DECODER, _MOST_OF_A_DECODER)
    few = min(_FEW_STEPS, _MOST_PASSES * examples // recipe.batch)
    return replace(
        recipe,
        steps=min(most, max(_LEAST_STEPS, few, _PASSES * examples // recipe.batch)),
        matryoshka=tuple(dim for dim in model.source.template.matryoshka if dim <= model.dim),
        denoising=plan.denoising,
        seed=plan.seed,
    )


def _card(plan: TuningPlan, found: dict[str, Any], source: Source) -> str:
    licence = f"license: {source.licence.lower()}\n" if source.licence else ""
    return f"""---
base_model: {source.base or plan.base}
{licence}library_name: sentence-transformers
tags: [sentence-similarity, feature-extraction]
---

# {source.name}, tuned by Findling

Tuned on {found["examples"]} pairs of queries and passages of one person's own documents. The documents
are real; queries were written by {plan.generator or "nobody: they are the documents' own words"}.

{found["steps"]} steps of {found["recipe"]["batch"]} pairs; {100 * found["share"]:.0f} % of the way
from the base to the weights of step {found["best_step"]}. Seed {plan.seed}.
"""
