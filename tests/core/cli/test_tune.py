"""`findling tune` and `findling runs`, as a person sees them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from findling.adaptation.runs import Run, Stage
from findling.library import Libraries
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Program = Callable[..., Any]

JUDGEMENT = {
    "verdict": "probably better",
    "reason": "Probably finds the right document more often: nDCG@10 0.500 → 0.520.",
    "arms": {"base": {"ndcg@10": 0.5}, "tuned": {"ndcg@10": 0.52}},
}


@pytest.fixture
def run(notes_home: Path) -> Any:
    """A judged run of the library "notes"."""
    libraries = Libraries(Settings(Home.at(notes_home)))
    directory = libraries.existing_directory("notes") / "tuning" / "20260101-000000-000001"
    directory.mkdir(parents=True)
    run = Run(directory, "notes", {"promotion": "ask"}, Stage.JUDGED, "tuned-notes", {}, JUDGEMENT)
    run.save()
    yield run
    shutil.rmtree(directory, ignore_errors=True)


def test_runs_are_listed_and_shown(findling: Program, notes_home: Path, run: Run) -> None:
    listed = findling("runs", "list", "--home", notes_home, "--json").json
    assert [each["id"] for each in listed] == [run.id]
    assert run.id in findling("runs", "list", "--home", notes_home).out
    shown = findling("runs", "show", "--home", notes_home, "20260101")
    for part in ("Probably better.", "0.500 → 0.520", f"findling runs promote {run.id}"):
        assert part in shown.out


def test_the_page_about_a_run_is_found_and_copied(
    findling: Program, notes_home: Path, run: Run, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.html"
    outcome = findling("runs", "report", "--home", notes_home, run.id, "--output", copy)
    assert outcome.out.strip() == str(copy)
    page = run.directory / "report.html"
    assert copy.read_bytes() == page.read_bytes()
    assert b"0.500 \xe2\x86\x92 0.520" in page.read_bytes()
    told = findling("runs", "report", "--home", notes_home, run.id, "--json").json
    assert (told["run"], told["verdict"]) == (run.id, "probably better")
    assert str(page) in findling("runs", "show", "--home", notes_home, run.id).out


def test_a_run_that_waits_says_what_for(findling: Program, notes_home: Path, run: Run) -> None:
    run.at(Stage.REVIEW, judgement={}, model="")
    shown = findling("runs", "show", "--home", notes_home, run.id)
    assert f"findling synth review {run.pairs}" in shown.out
    assert f"findling tune --resume {run.id}" in shown.out


def test_a_run_without_its_model_is_not_promoted(findling: Program, notes_home: Path, run: Run) -> None:
    outcome = findling("runs", "promote", "--home", notes_home, run.id)
    assert outcome.code == 1
    assert "tuned-notes" in outcome.err


def test_what_does_not_answer_is_not_rolled_back(findling: Program, notes_home: Path, run: Run) -> None:
    outcome = findling("runs", "rollback", "--home", notes_home, run.id)
    assert outcome.code == 1
    assert "does not answer" in outcome.err


def test_a_run_is_deleted(findling: Program, notes_home: Path, run: Run) -> None:
    assert findling("runs", "delete", "--home", notes_home, run.id, "--json").json == {"deleted": run.id}
    assert findling("runs", "list", "--home", notes_home).out.strip() == "Nothing was tuned yet."
    assert findling("runs", "show", "--home", notes_home, run.id).code == 1


def test_what_cannot_be_tuned_is_said(findling: Program, notes_home: Path) -> None:
    outcome = findling("tune", "--home", notes_home, "--library", "notes", "--base", "another")
    assert outcome.code == 1
    assert "no weights of another" in outcome.err
    assert findling("tune", "--home", notes_home, "--library", "nothing").code == 1
    assert findling("runs", "list", "--home", notes_home).out.strip() == "Nothing was tuned yet."
