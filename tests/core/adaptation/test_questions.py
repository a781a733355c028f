"""The questions that judge: about passages that are not learned from, asked for in another way than the
pairs, and gone on with after a kill. The library is real, the generator plays a part."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from findling.adaptation import questions
from findling.adaptation.plan import TuningPlan
from findling.adaptation.questions import PHASE, ask, kept_questions, synthesis_plan
from findling.adaptation.runs import Run, Stage
from findling.adaptation.sides import Sides, sides_of
from findling.errors import Cancelled
from findling.jobs import CancelToken, Progress, ignore_progress
from findling.library import Libraries, synthesizing
from findling.library.judgements import OwnJudgements
from findling.library.synthesis_plans import SynthesisWishes, plan_of
from findling.library.synthesizing import passages_of, prompts_of
from findling.llama import Completion, End
from findling.models.generator_card import Style
from findling.settings import Home, Settings
from findling.synthesis.kinds import Purpose
from findling.synthesis.pair import Origin
from findling.synthesis.pair_file import read_pairs
from findling.synthesis.writing import tasks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from findling.llama import Request
    from findling.synthesis.plan import SynthesisPlan


class Engine:
    """Asks with words of the passage; dies after `until` of them."""

    def __init__(self, until: int = 10_000) -> None:
        self.asked: list[Request] = []
        self._until = until

    def complete(self, requests: Iterable[Request], cancel: CancelToken) -> Iterator[Completion]:
        for request in requests:
            if len(self.asked) == self._until:
                raise MemoryError
            cancel.check()
            self.asked.append(request)
            words = dict.fromkeys(str(request.parts[1]).replace(".", "").replace(",", "").split()[2:])
            query = " ".join([word for word in words if len(word) > 4][request.seed % 3 :][:3])
            yield Completion(request.key, query, 5, -5.0, End.STOP, -40.0)


@pytest.fixture
def notes(notes_home: Path) -> Libraries:
    return Libraries(Settings(Home.at(notes_home)))


@pytest.fixture
def run(notes: Libraries, tiny_generator: Path, tmp_path: Path) -> Run:
    """A run whose pairs are there."""
    active = notes.info("notes").active
    plan = TuningPlan("notes", active.number, active.fingerprint, active.model, str(tiny_generator), seed=3)
    return Run(tmp_path, "notes", plan.to_json(), Stage.QUESTIONS).at(Stage.QUESTIONS)


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """In place of the one that is loaded; few questions are wanted of it."""
    engine = Engine()
    monkeypatch.setattr(questions, "QUESTIONS", 30)
    monkeypatch.setattr(questions, "LEAST_QUERIES", 30)

    class NoWeights:
        chat = None

    @contextmanager
    def engine_of(*_: Any) -> Iterator[tuple[Engine, NoWeights]]:
        yield engine, NoWeights()

    monkeypatch.setattr(synthesizing, "engine_of", engine_of)
    return engine


def arguments(libraries: Libraries, run: Run) -> dict[str, Any]:
    return {
        "settings": libraries.settings.to_json(),
        "directory": str(libraries.existing_directory(run.library)),
        "run": str(run.directory),
    }


def demonstrated(requests: Iterable[Request]) -> set[str]:
    """Passages with their queries that stand before the one at hand."""
    return {block for request in requests for block in str(request.parts[0]).strip().split("\n\n")}


def known(notes: Libraries, run: Run) -> tuple[Sides, SynthesisPlan, list[Request]]:
    """The sides of the library, what is planned for the run, and what would be asked for the pairs."""
    plan = TuningPlan.from_json(run.plan)
    pairs = plan_of(notes, "notes", SynthesisWishes(generator=plan.generator, seed=plan.seed))
    with notes.open("notes") as library, library.searcher() as searcher:
        rows, _ = searcher.store.sample(100_000)
        passages = passages_of(searcher.store, pairs, CancelToken())
        planned = synthesis_plan(plan, searcher.store)
    prompts = prompts_of(pairs, Style.COMPLETION)
    tasks = islice(tasks_of(pairs, passages, ()), 200)
    return sides_of(rows, plan.seed), planned, [prompts.request(None, task.wanted) for task in tasks]


def test_they_are_about_the_test_side_and_asked_for_in_another_way(
    notes: Libraries, run: Run, engine: Engine
) -> None:
    seen: list[Progress] = []
    outcome = ask(arguments(notes, run), seen.append, CancelToken())
    found = read_pairs(run.questions)
    sides, planned, of_pairs = known(notes, run)
    assert outcome["kept"] == len(kept_questions(run)) > 0
    assert not outcome["reason"]
    assert {pair.positive.passage_id for pair in found.pairs.values()} <= sides.test
    assert {pair.provenance.origin for pair in found.pairs.values()} == {Origin.GENERATED}
    assert not demonstrated(engine.asked) & demonstrated(of_pairs)
    assert planned.purpose is Purpose.JUDGE
    assert planned.seed != run.plan["seed"]
    assert not {request.seed for request in engine.asked} & {request.seed for request in of_pairs}
    assert sum(bool(request.avoid) for request in engine.asked) > len(engine.asked) / 2
    assert {progress.phase for progress in seen} >= {"opening", PHASE}
    assert {progress.unit for progress in seen if progress.phase == PHASE} == {"questions"}


def test_a_killed_one_goes_on_where_it_was(
    notes: Libraries, run: Run, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(arguments(notes, run), ignore_progress, CancelToken())
    whole = list(read_pairs(run.questions).pairs)
    run.questions.unlink()
    monkeypatch.setattr(engine, "_until", len(engine.asked) + 20)
    with pytest.raises(MemoryError):
        ask(arguments(notes, run), ignore_progress, CancelToken())
    with run.questions.open("ab") as file:
        file.write(b'{"pair": {"id": "half')
    begun = list(read_pairs(run.questions).pairs)
    assert begun == whole[: len(begun)]
    assert 0 < len(begun) < len(whole)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        ask(arguments(notes, run), ignore_progress, token)
    monkeypatch.setattr(engine, "_until", 10_000)
    before = len(engine.asked)
    ask(arguments(notes, run), ignore_progress, CancelToken())
    found = read_pairs(run.questions)
    assert found.finished
    assert list(found.pairs)[: len(begun)] == begun
    assert set(whole) <= set(found.pairs)
    assert len(engine.asked) - before == len(found.pairs) - len(begun)


def test_judgements_of_the_person_make_them_needless(
    notes: Libraries, run: Run, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = {str(place): f"question {place}" for place in range(60)}
    own = OwnJudgements(queries, {query: {"a document": 1} for query in queries})
    monkeypatch.setattr(questions, "own_judgements", lambda _: own)
    outcome = ask(arguments(notes, run), ignore_progress, CancelToken())
    assert outcome["kept"] == 0
    assert "your own judgements of 60 questions" in outcome["reason"]
    assert not engine.asked
    assert kept_questions(run) == []


def test_without_a_passage_to_keep_apart_there_are_none_and_it_is_said(
    notes: Libraries, run: Run, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        questions, "sides_of", lambda rows, seed: replace(sides_of(rows, seed), test=frozenset())
    )
    outcome = ask(arguments(notes, run), ignore_progress, CancelToken())
    assert "no passage could be kept apart" in outcome["reason"]
    assert not engine.asked


def test_a_generator_of_which_nothing_is_kept_is_said(
    notes: Libraries, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "findling.synthesis.prompts.Completing.query", lambda _self, _written: "Question: echo"
    )
    outcome = ask(arguments(notes, run), ignore_progress, CancelToken())
    assert (outcome["kept"], outcome["reason"]) == (
        0,
        f"none of {outcome['generated']} was of use: pairs that were held out judge",
    )
    assert outcome["generated"] > 0
    assert kept_questions(run) == []
