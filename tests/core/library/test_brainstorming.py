"""Tasks for a library, proposed in a child process, written down, edited, and given back; and the report on
a file of pairs beside the library."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from findling.cli.app import app
from findling.cli.common import Session
from findling.errors import LibraryNotFound, UserError
from findling.jobs import CancelToken
from findling.library import Libraries
from findling.library.brainstorming import SMALLEST_ABLE, start_brainstorm, tasks_text
from findling.library.synthesis_plans import SynthesisWishes, plan_of, quality_of_file
from findling.library.synthesizing import passages_of
from findling.models.catalogue import CATALOGUE
from findling.models.generator_card import Style
from findling.models.generators import add_generator, remove_generator
from findling.settings import Home, Settings
from findling.synthesis.pair import Origin, Pair, Positive, Provenance
from findling.synthesis.pair_file import PairWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def notes(notes_home: Path) -> Libraries:
    return Libraries(Settings(Home.at(notes_home)))


@pytest.fixture
def chatting(notes: Libraries, tiny_generator: Path) -> Iterator[str]:
    """The id of a generator that is said to follow instructions."""
    found = add_generator(notes.settings, str(tiny_generator), "tiny-chat")
    replace(found.card, style=Style.CHAT).save(found.path.parent)
    yield "tiny-chat"
    remove_generator(notes.settings, "tiny-chat")


def test_tasks_are_proposed_written_down_and_given_back(
    notes: Libraries, chatting: str, tmp_path: Path
) -> None:
    file = tmp_path / "tasks.txt"
    home = str(notes.settings.home.data.parent)
    options = [
        "--home",
        home,
        "synth",
        "tasks",
        "--library",
        "notes",
        "--generator",
        chatting,
        "--threads",
        "1",
    ]
    ran = CliRunner().invoke(app, [*options, "--out", str(file), "--json"], obj=Session())
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    assert (found["library"], found["generator"], found["file"]) == ("notes", chatting, str(file))
    assert 1 <= len(found["tasks"]) <= 20
    assert all(len(task) >= 3 and task == " ".join(task.split()) for task in found["tasks"])
    text = file.read_text("utf-8")
    assert text == tasks_text(found, str(file))
    assert f"findling synth --library notes --tasks {file}" in text
    plan = plan_of(notes, "notes", SynthesisWishes(generator=chatting, tasks=file))
    assert plan.tasks == tuple(found["tasks"])
    again = CliRunner().invoke(app, [*options, "--out", str(file)], obj=Session())
    assert "is there already" in str(again.exception)


def test_a_generator_that_follows_no_instructions_is_refused_with_those_that_do(
    notes: Libraries, tiny_generator: Path, chatting: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="too small to follow instructions") as told:
        start_brainstorm(notes, "notes", generator_id=str(tiny_generator))
    assert "Choose tiny-chat with --generator" in told.value.hint
    assert "write tasks yourself" in told.value.hint
    remove_generator(notes.settings, chatting)
    with pytest.raises(UserError) as told:
        start_brainstorm(notes, "notes", generator_id=str(tiny_generator))
    assert f"findling models download {SMALLEST_ABLE}" in told.value.hint
    assert SMALLEST_ABLE in CATALOGUE
    add_generator(notes.settings, str(tiny_generator), chatting)
    with pytest.raises(UserError, match="proposed by a generator"):
        start_brainstorm(notes, "notes", generator_id="none")
    with pytest.raises(LibraryNotFound):
        start_brainstorm(notes, "none such", generator_id=str(tiny_generator))
    file = tmp_path / "tasks.txt"
    file.write_text("# mine\nFind the ropes\n")
    with pytest.raises(UserError, match="tasks would change nothing"):
        plan_of(notes, "notes", SynthesisWishes(generator=str(tiny_generator), tasks=file))


def test_a_generator_of_one_language_cannot_translate_there_and_back(notes: Libraries, chatting: str) -> None:
    with pytest.raises(UserError, match="does not know two languages"):
        plan_of(notes, "notes", SynthesisWishes(generator=chatting, augmentations=("back_translation",)))
    plan_of(notes, "notes", SynthesisWishes(generator=chatting, augmentations=("synonyms",)))


def test_a_file_of_pairs_is_held_against_the_library_and_the_persons_queries(
    notes: Libraries, tmp_path: Path
) -> None:
    plan = plan_of(notes, "notes", SynthesisWishes(pairs=12, generator="none"))
    plan = replace(plan, examples=(("where is it written", "It is written here."),))
    with notes.open("notes") as library, library.searcher() as searcher:
        passages = passages_of(searcher.store, plan, CancelToken())
    row = passages.rows[passages.spread.order[0]]
    file = tmp_path / "pairs.jsonl"
    with PairWriter(file, plan.to_json()) as writer:
        positive = Positive(row.passage_id, row.document_id, row.start, row.end, row.content)
        writer.append([Pair("1", "where is it", positive, Provenance(Origin.GENERATED, "question"), "en")])
    quality = quality_of_file(notes, "notes", file, seed=1)
    coverage = quality.coverage
    assert (coverage.clusters, coverage.clusters_with_pairs) == (passages.spread.count, 1)
    assert sum(group.documents for group in coverage.folders) == len(passages.files)
    assert sum(group.documents_with_pairs for group in coverage.formats) == 1
    assert (quality.own_overlap.queries, quality.own_overlap.mean) == (1, 1.0)
    assert "Subjects (clusters of passages) with pairs" in quality.text()
    with PairWriter(other := tmp_path / "other.jsonl", plan.to_json() | {"library": "letters"}):
        pass
    with pytest.raises(UserError, match="of the library 'letters'"):
        quality_of_file(notes, "notes", other)
    with PairWriter(old := tmp_path / "old.jsonl", plan.to_json() | {"generation": 99}):
        pass
    with pytest.raises(UserError, match="embedded anew"):
        quality_of_file(notes, "notes", old)
