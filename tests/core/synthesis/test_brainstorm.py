"""The brainstorm: tasks of all corners of a corpus, each named once, as a person would put them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from findling.errors import Cancelled, UserError
from findling.jobs import CancelToken, Progress
from findling.llama import Engine, Request, Weights
from findling.synthesis import brainstorm as brainstorming
from findling.synthesis.brainstorm import GRAMMAR, TASKS, brainstorm, merged, tasks_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUBJECTS = (
    "ropeways owls coffee asthma leases flights bridges wine bees taxes choirs batteries glaciers looms "
    "harbours vaccines poems orchards comets tunnels saddles violins turbines mushrooms"
).split()


def template(messages: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<{role}>{text}</s>" for role, text in messages) + "<model>"


def task_of(subject: str) -> str:
    return f"Given a worry about {subject}, retrieve guides to {subject}."


def ask(engine: Any, passages: Any, seed: int = 0) -> list[str]:
    return brainstorm(engine, template, passages, seed, lambda _: None, CancelToken())


def test_tasks_of_several_calls_are_merged_in_turn(scripted: Any, a_corpus: Any) -> None:
    calls = iter(range(100))

    def answer(request: Request) -> str:
        call = next(calls)
        return json.dumps([task_of(subject) for subject in SUBJECTS[call : call + 12]])

    engine = scripted(answer)
    found = ask(engine, a_corpus(300).passages)
    assert len(engine.asked) == 3
    assert found == [task_of(subject) for subject in SUBJECTS[:14]]


def test_calls_show_different_passages_of_different_clusters(scripted: Any, a_corpus: Any) -> None:
    passages = a_corpus(300).passages
    engine = scripted(lambda request: json.dumps([task_of(subject) for subject in SUBJECTS]))
    assert len(ask(engine, passages)) == TASKS[1]
    of_text = {row.text: int(passages.spread.clusters[n]) for n, row in enumerate(passages.rows)}
    seen: list[str] = []
    for request in engine.asked:
        shown = [text for text in of_text if f". {text[:60]}" in request.prompt]
        assert len(shown) == 10
        assert len({of_text[text] for text in shown}) >= 8
        seen += shown
        assert request.sampling.grammar == GRAMMAR
        assert request.prompt.startswith("<system>You plan how")
        assert request.prompt.endswith("</s><model>")
    assert len(seen) == len(set(seen))
    assert len({request.seed for request in engine.asked}) == 3
    again = scripted(lambda request: json.dumps([task_of(subject) for subject in SUBJECTS]))
    ask(again, passages)
    assert again.asked == engine.asked


def test_a_small_corpus_is_shown_again_under_another_seed(scripted: Any, a_corpus: Any) -> None:
    engine = scripted(lambda request: json.dumps([task_of("ropes")]))
    assert ask(engine, a_corpus(3).passages) == [task_of("ropes")]
    assert len(engine.asked) == 6  # until there are enough, or it shows that there will not be
    assert len({request.seed for request in engine.asked}) == 6
    assert len({request.prompt for request in engine.asked}) == 1


def test_without_a_usable_task_it_says_what_to_do(scripted: Any, a_corpus: Any) -> None:
    with pytest.raises(UserError, match="write the tasks yourself"):
        ask(scripted(lambda request: "no list at all"), a_corpus(3).passages)


def test_a_cancel_is_obeyed(scripted: Any, a_corpus: Any) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        brainstorm(scripted(lambda r: "[]"), template, a_corpus(3).passages, 0, lambda _: None, cancel)


PASSAGE = "The haul rope is inspected every two years by magnetic testing of all strands and splices."


@pytest.mark.parametrize(
    "unusable",
    [
        "Given WORRIES about an owl: retrieve a guide to owls",  # there already
        "Given a question, a symptom, a name, a claim or a fragment of text, find documents.",
        "For each say in one sentence what is given and what is to be found.",
        "Find that the haul rope is inspected every two years by magnetic testing.",
        "Owls",
        "Find " + " ".join(SUBJECTS * 2),
    ],
)
def test_what_is_no_new_task_is_dropped(unusable: str) -> None:
    first = task_of("owls")
    assert merged([[first, unusable, task_of("wine")]], [PASSAGE]) == [first, task_of("wine")]


def test_there_are_at_most_twenty() -> None:
    lists = [[task_of(subject) for subject in SUBJECTS], [task_of(subject) for subject in SUBJECTS[::-1]]]
    found = merged(lists, [])
    assert len(found) == len(set(found)) == 20
    assert found[:3] == [task_of("ropeways"), task_of("mushrooms"), task_of("owls")]


@pytest.mark.parametrize(
    ("written", "tasks"),
    [
        ('["one task", "2. two\\ttasks", " - three "]', ["one task", "two tasks", "three"]),
        ('["one task", "two tasks", "cut off in the mid', ["one task", "two tasks"]),
        ('["one task"', []),
        ('{"tasks": ["one"]}', []),
        ('["one", 2, null]', ["one"]),
        ("", []),
    ],
)
def test_lists_are_read_as_far_as_they_are_whole(written: str, tasks: list[str]) -> None:
    assert tasks_in(written) == tasks


def test_a_real_engine_holds_it_to_a_list(
    a_corpus: Any, tiny_generator: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    monkeypatch.setattr(brainstorming, "tasks_in", lambda text: written.append(text) or tasks_in(text))
    short = replace(brainstorming._SAMPLING, grammar=GRAMMAR.replace("240", "30"))
    monkeypatch.setattr(brainstorming, "_SAMPLING", short)  # so that nonsense comes to an end, too
    reports: list[Progress] = []
    with Weights(tiny_generator) as weights, Engine(weights, threads=1) as engine:
        found = brainstorm(engine, weights.chat, a_corpus(60).passages, 0, reports.append, CancelToken())
    assert len(written) == len(reports) >= 3
    assert found
    for text in written:
        tasks = json.loads(text)
        assert 10 <= len(tasks) <= 20
        assert all(13 <= len(task) <= 31 and task[0].isupper() for task in tasks)
