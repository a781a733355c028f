"""A tuning run from its pairs to the promotion, on a real library of short documents, with the first layers
of the real embedder; a few steps, so that what is tested is the way and not the gain."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest
from safetensors.numpy import load_file, save_file

from findling.adaptation import flow, measure, verdicts, work
from findling.adaptation.examples import Asked, Material, material_of
from findling.adaptation.flow import (
    after,
    begin,
    clear,
    may_promote,
    next_job,
    reviewed,
    start_promotion,
)
from findling.adaptation.plan import Promotion, TuningPlan, TuningWishes, tunable_bases, tunable_source
from findling.adaptation.report import JSON_FILE
from findling.adaptation.runs import HTML_FILE, Run, Stage, delete_run, run_called, runs_of
from findling.cli.tune import said_of
from findling.embedding.export.source import find_source
from findling.errors import Cancelled, ModelNotFound, UserError
from findling.evaluation import general_pairs
from findling.jobs import CancelToken, Progress, ignore_progress
from findling.library import Libraries, OpenLibrary
from findling.library.layout import LEAST_POINTS
from findling.models import BUILTIN_EMBEDDERS, BuiltinEmbedder, InstalledModels
from findling.search import Balance
from findling.settings import Home, Settings
from findling.synthesis.pair import Origin, Pair, Positive, Provenance
from findling.synthesis.pair_file import PairWriter, read_pairs
from findling.training import loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from findling.store import PassageRow
    from findling.synthesis.plan import SynthesisPlan

torch = pytest.importorskip("torch")

LAYERS = 2
#: Of a document: some passages, but short ones.
LETTERS = 700
SHORT = {"steps": 4, "batch": 4, "rate": 1e-3, "evaluations": 2}


@pytest.fixture(scope="module", autouse=True)
def few_layers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The built-in embedder with two of its six layers: a third of the time, and much the same vectors."""
    [builtin] = BUILTIN_EMBEDDERS.values()
    whole, place = builtin.weights(), tmp_path_factory.mktemp("layers")
    shutil.copy(whole / "tokenizer.json", place)
    config = json.loads((whole / "config.json").read_text("utf-8")) | {"num_hidden_layers": LAYERS}
    (place / "config.json").write_text(json.dumps(config), "utf-8")
    layer = re.compile(r"encoder\.layer\.(\d+)\.")
    tensors = {
        name: tensor
        for name, tensor in load_file(whole / "model.safetensors").items()
        if (found := layer.match(name)) is None or int(found[1]) < LAYERS
    }
    save_file(tensors, place / "model.safetensors", {"format": "pt"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BuiltinEmbedder, "weights", lambda _: place)
        yield


@pytest.fixture(scope="module")
def notes(
    few_layers: None, sample_library: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Libraries:
    """A library of the beginnings of the sample documents that are plain text."""
    place = tmp_path_factory.mktemp("tuning")
    folder = place / "notes"
    folder.mkdir()
    for file in sample_library:
        if file.suffix in (".md", ".txt"):
            (folder / file.name).write_text(file.read_text("utf-8")[:LETTERS], "utf-8")
    libraries = Libraries(Settings(Home.at(place / "home")))
    libraries.index("notes", [folder])
    return libraries


@pytest.fixture(scope="module")
def rows(notes: Libraries) -> list[PassageRow]:
    with notes.open("notes") as library, library.searcher() as searcher:
        return searcher.store.sample(1000)[0]


@pytest.fixture(scope="module")
def pairs_file(rows: list[PassageRow], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many pairs that some are left to learn from: of each passage's own words."""
    file = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    words = [word for row in rows for word in row.text.split() if len(word) > 4]
    pairs: list[Pair] = []
    for place in range(160):
        row = rows[place % len(rows)]
        query = f"{words[place % len(words)]} {words[7 * place % len(words)]} {place}"
        positive = Positive(row.passage_id, row.document_id, row.start, row.end, row.content)
        pairs.append(Pair(f"pair{place}", query, positive, Provenance(Origin.GENERATED, "keywords"), "en"))
    with PairWriter(file, {"library": "notes"}) as writer:
        writer.append(pairs)
    return file


@contextmanager
def few_steps() -> Iterator[None]:
    recipe_of = work._recipe
    torch.set_num_threads(1)  # two would wait for each other where tests run side by side
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "_recipe", lambda *known: replace(recipe_of(*known), **SHORT))
        patch.setattr(work, "_LEAST_STEPS", 1)
        patch.setattr(work, "_LEAST_CHANGE", 0.0)
        patch.setattr(work, "interpolated", _whole_way)
        patch.setattr(loop, "CALIBRATION_STEPS", 1)
        patch.setattr(measure, "POOL", 16)
        patch.setattr(measure, "QUERIES", 6)
        patch.setattr(verdicts, "general_pairs", lambda: general_pairs()[:30])
        yield


@pytest.fixture(scope="module")
def judged(notes: Libraries, pairs_file: Path) -> Iterator[Run]:
    """A run that was stopped once, went on, and is judged."""
    with few_steps():
        run = begin(notes, "notes", TuningWishes(generator="none", pairs_file=pairs_file))
        token = CancelToken()

        def stop(progress: Progress) -> None:
            if progress.phase == "training" and progress.done == 3:
                token.cancel()

        with pytest.raises(Cancelled):
            work.tune(arguments(notes, run), stop, token)
        assert Run.load(run.directory).stage is Stage.TRAIN
        yield after(run, work.tune(arguments(notes, run), ignore_progress, CancelToken()))


def _whole_way(model: Any, outcome: Any, _: Any) -> tuple[float, list[dict[str, Any]]]:
    model.put(outcome.weights)
    return 1.0, []


def arguments(libraries: Libraries, run: Run) -> dict[str, Any]:
    return {
        "settings": libraries.settings.to_json(),
        "directory": str(libraries.existing_directory(run.library)),
        "run": str(run.directory),
    }


def test_it_is_judged_by_questions_about_other_documents(judged: Run, rows: list[PassageRow]) -> None:
    assert judged.stage is Stage.JUDGED
    assert judged.training["steps"] == SHORT["steps"]
    assert judged.verdict in ("better", "probably better", "keep base", "cannot tell")
    assert set(judged.judgement["arms"]) == {"keyword", "base", "tuned", "base hybrid", "tuned hybrid"}
    assert judged.judgement["queries"] == judged.training["test"] > 0
    assert 0 < judged.judgement["forgetting"]["rank_overlap"] <= 1
    metrics = judged.judgement["metrics"]["ndcg@10"]
    assert metrics["gains"]["tuned"]["mean"] == judged.judgement["mean"]
    for arm, own in metrics["arms"].items():
        assert own["low"] <= own["mean"] <= own["high"]
        assert own["mean"] == pytest.approx(judged.judgement["arms"][arm]["ndcg@10"])
    json.dumps(judged.to_json())


def test_where_parts_of_documents_were_learned_the_passage_answers(
    notes: Libraries, rows: list[PassageRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "general_pairs", lambda: general_pairs()[:5])
    asked = [Asked(row.text[:60], row.document_id, row.passage_id) for row in rows[:10]]
    material = Material((), (), tuple(asked), {}, frozenset(), by_passages=True)
    plan = TuningPlan("notes", 1, "", "all-minilm-l6-v2", "")
    with notes.open("notes") as library:
        found = verdicts.judge(plan, material, library, library, ignore_progress, CancelToken())
    assert found["answering"] == "passage"
    assert found["queries"] == len(asked)
    passages = {row.passage_id for row in rows}
    for question in found["questions"]:
        assert {*question["answers"], *question["base"], *question["tuned"]} <= passages
        assert question["gain"] == 0
    assert found["arms"]["base"]["mrr@10"] > 0.5


def test_a_judged_run_has_a_report(judged: Run, rows: list[PassageRow]) -> None:
    page = (judged.directory / HTML_FILE).read_text("utf-8")
    told = json.loads((judged.directory / JSON_FILE).read_text("utf-8"))
    assert judged.judgement["reason"] in told["reason"]
    assert told["models"]["base"]["id"] == "all-minilm-l6-v2"
    assert told["models"]["tuned"]["id"] == judged.model
    questions = told["questions"]
    assert questions["wins"] + questions["ties"] + questions["losses"] == judged.judgement["queries"]
    for each in (*questions["won"], *questions["lost"]):
        assert each["answers"]
        assert all(hit["title"] and hit["snippet"] for hit in each["tuned"]["hits"])
    documents = {row.document_id for row in rows}
    assert sum(group["documents"] for group in told["groups"]["format"]) == len(documents)
    assert sum(group["questions"] for group in told["groups"]["format"]) == judged.judgement["queries"]
    assert (told["map"] is None) == (len(rows) < LEAST_POINTS)
    assert "Before and after" in page
    assert "Won and lost" in page


def test_the_sides_of_the_split_share_no_document(pairs_file: Path, rows: list[PassageRow]) -> None:
    material = material_of(read_pairs(pairs_file).kept, rows, seed=0)
    learned = {example.group for example in material.train}
    chosen = {material.groups[asked.passage_id] for asked in material.dev}
    asked = {material.groups[asked.passage_id] for asked in material.test}
    assert all((learned, chosen, asked))
    assert not any((learned & chosen, learned & asked, chosen & asked))


def test_the_base_answers_until_the_tuned_model_is_promoted(notes: Libraries, judged: Run) -> None:
    base = notes.info("notes").active.model
    assert base == "all-minilm-l6-v2" != judged.model
    with pytest.raises(UserError, match="not promoted"):
        start_promotion(
            notes, judged.at(Stage.JUDGED, judgement={"verdict": "keep base", "reason": "Worse."})
        )
    tuned = Balance(**judged.judgement["balance"]["balance"])
    with OpenLibrary(notes.settings, judged.trial) as trial:
        assert trial.info.balances == {"1": tuned}
    # Where meaning says nothing, as it may after a few steps on words at random, there is nothing to weigh.
    assert judged.judgement["balance"]["questions"] == (judged.training["dev"] if tuned.weight else 0)
    weighed = replace(tuned, weight=0.071)  # none that would be found out
    judgement = judged.judgement | {"verdict": "better", "balance": {"balance": asdict(weighed)}}
    better = judged.at(Stage.JUDGED, judgement=judgement)
    start_promotion(notes, better).result()
    promoted = notes.info("notes")
    assert promoted.active.model == judged.model
    assert promoted.balances[str(promoted.active.number)] == weighed
    with notes.open("notes") as library:
        assert library.search("telescope")
    with pytest.raises(UserError, match="in use"):
        delete_run(notes, better)
    assert notes.rollback("notes").active.model == base
    judged.save()


def test_only_what_is_better_is_promoted_without_a_question(judged: Run) -> None:
    def promoted(verdict: str, promotion: Promotion, *, asked: bool = False) -> bool:
        plan = judged.plan | {"promotion": promotion}
        return may_promote(replace(judged, plan=plan, judgement={"verdict": verdict}), asked=asked)

    assert promoted("better", Promotion.AUTO)
    assert not promoted("probably better", Promotion.AUTO)
    assert not promoted("better", Promotion.ASK)
    assert promoted("probably better", Promotion.ASK, asked=True)
    assert not promoted("keep base", Promotion.AUTO, asked=True)
    assert not promoted("cannot tell", Promotion.AUTO, asked=True)


def test_a_run_is_found_by_the_beginning_of_its_id(notes: Libraries, judged: Run) -> None:
    assert run_called(notes, judged.id[:12]).directory == judged.directory
    assert [run.id for run in runs_of(notes, "notes")] == [judged.id]
    for name in ("", "1999"):
        with pytest.raises(UserError, match="begins with"):
            run_called(notes, name)


def test_a_tuned_model_can_be_tuned_again_and_says_whose_it_is(notes: Libraries, judged: Run) -> None:
    source = tunable_source(judged.model, notes.settings)
    assert source.path == judged.weights.resolve()
    assert (source.base, source.licence) == ("sentence-transformers/all-MiniLM-L6-v2", "apache-2.0")
    card = InstalledModels(notes.settings.home.models).get(judged.model).card
    assert (card.base, card.licence) == (source.base, source.licence)
    assert card.name == "all-minilm-l6-v2, tuned for notes"


def test_a_decoder_is_tuned_by_adapters_and_centred_by_the_library(
    notes: Libraries, pairs_file: Path, tiny: Callable[[str], Path]
) -> None:
    wishes = TuningWishes(base=str(tiny("llama")), generator="none", pairs_file=pairs_file)
    run = begin(notes, "notes", wishes)
    with few_steps(), notes.open("notes") as library, library.searcher() as searcher:
        tuning = work._Tuning(run, notes.settings, library, searcher, ignore_progress, CancelToken())
        tuning.train()
    assert tuning.run.stage is Stage.EXPORT
    assert tuning.run.training["recipe"]["micro_batch"] > 0
    again = find_source(str(run.weights))
    assert len(again.dense) == 1
    assert again.said_pooling is not None
    delete_run(notes, run)


def test_what_cannot_be_tuned_is_said_before_anything_begins(notes: Libraries, pairs_file: Path) -> None:
    before = len(runs_of(notes, "notes"))
    with pytest.raises((UserError, ModelNotFound), match="no weights of another-model"):
        begin(notes, "notes", TuningWishes(base="another-model", pairs_file=pairs_file))
    other = pairs_file.with_name("other.jsonl")
    with PairWriter(other, {"library": "others"}):
        pass
    with pytest.raises(UserError, match="library 'others'"):
        begin(notes, "notes", TuningWishes(pairs_file=other))
    assert len(runs_of(notes, "notes")) == before


def test_pairs_that_are_not_enough_end_the_run_with_the_reason(notes: Libraries) -> None:
    run = begin(notes, "notes", TuningWishes(generator="none"))
    assert run.stage is Stage.GENERATE
    with pytest.raises(UserError, match="only 3 are kept"):
        after(run, {"verdict": "not enough", "reason": "only 3 are kept"})
    assert after(run, {"verdict": "enough"}).stage is Stage.TRAIN
    delete_run(notes, run)


def test_questions_to_judge_by_are_written_between_pairs_and_training(
    notes: Libraries, pairs_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(flow, "ChildJob", lambda target, *_, **__: started.append(target))
    run = begin(notes, "notes", TuningWishes(pairs_file=pairs_file))
    assert run.stage is Stage.QUESTIONS
    next_job(notes, run)
    now = after(run, {"kept": 0, "generated": 40, "seconds": 2.0, "reason": "none was of use"})
    assert now.stage is Stage.TRAIN
    assert Run.load(run.directory).asked["reason"] == "none was of use"
    assert now.seconds == {"questions": 2.0}
    assert "Questions written to judge by: 0 (none was of use)" in said_of(now)
    next_job(notes, now)
    assert started == ["findling.adaptation.questions:ask", "findling.adaptation.work:tune"]
    written = now.at(Stage.GENERATE)
    assert after(written, {"verdict": "enough"}).stage is Stage.QUESTIONS
    for change in ({"generator": ""}, {"qrels": "/somewhere"}):
        written = now.at(Stage.GENERATE, plan=run.plan | change)
        assert after(written, {"verdict": "enough"}).stage is Stage.TRAIN
    delete_run(notes, run)


def test_a_run_waits_for_its_pairs_to_be_looked_at(
    notes: Libraries, pairs_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(flow, "ChildJob", lambda target, *_, **__: started.append(target))
    run = begin(notes, "notes", TuningWishes(pairs_file=pairs_file, review=True))
    assert run.stage is Stage.REVIEW
    assert next_job(notes, run) is None
    assert f"findling synth review {run.pairs}" in said_of(run)
    assert after(run.at(Stage.GENERATE), {"verdict": "enough"}).stage is Stage.REVIEW
    now = reviewed(run)
    assert Run.load(run.directory).stage is now.stage is Stage.QUESTIONS
    assert reviewed(now) is now
    next_job(notes, now)
    assert started == ["findling.adaptation.questions:ask"]
    delete_run(notes, run)


def test_further_questions_are_like_those_that_a_person_has_marked(
    notes: Libraries, pairs_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[SynthesisPlan | None] = []
    monkeypatch.setattr(flow, "start_synthesis", lambda _, __, plan, ___: planned.append(plan))
    first = begin(notes, "notes", TuningWishes(pairs_file=pairs_file))
    with PairWriter(first.pairs) as writer:
        writer.mark("pair3", example=True)
        writer.mark("pair4", example=True)
        writer.drop("pair4")
    second = begin(notes, "notes", TuningWishes())
    next_job(notes, second)
    [plan] = planned
    [marked] = [pair for pair in read_pairs(first.pairs).kept if pair.id == "pair3"]
    assert plan is not None
    assert plan.examples == ((marked.query, marked.positive.text),)
    for each in (first, second):
        delete_run(notes, each)


def test_embedders_whose_weights_are_here_can_be_tuned(notes: Libraries, judged: Run) -> None:
    bases = tunable_bases(notes.settings)
    assert {"all-minilm-l6-v2", "smollm2-135m", judged.model} <= set(bases)
    shutil.rmtree(judged.weights.rename(judged.weights.with_name("gone")))
    assert judged.model not in tunable_bases(notes.settings)


def test_too_few_pairs_are_refused(rows: list[PassageRow]) -> None:
    with pytest.raises(UserError, match="too few to tune with"):
        material_of([], rows, seed=0)


def test_a_library_that_changed_since_is_refused(notes: Libraries, pairs_file: Path) -> None:
    run = begin(notes, "notes", TuningWishes(pairs_file=pairs_file))
    changed = run.at(Stage.TRAIN, plan=run.plan | {"fingerprint": "0" * 16})
    with pytest.raises(UserError, match="embedded anew"):
        next_job(notes, changed)
    delete_run(notes, run)
    assert not run.directory.exists()


def test_a_judged_run_is_cleared_and_removed_with_its_model(notes: Libraries, judged: Run) -> None:
    assert next_job(notes, judged) is None
    clear(judged)
    assert not (judged.directory / "trial").exists()
    assert judged.pairs.is_file()
    info = notes.info("notes")
    for generation in info.retired:
        notes.forget("notes", generation.number)
    delete_run(notes, judged)
    assert not judged.directory.exists()
    assert InstalledModels(notes.settings.home.models).kind(judged.model) is None
