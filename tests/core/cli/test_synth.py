"""`findling synth`: pairs written, gone on with, and refused, as a person sees it."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from findling.library import Libraries
from findling.settings import Home, Settings
from findling.synthesis.pair_file import read_pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Any]

PROGRAM = Path(sys.executable).with_name("findling")
_PATIENCE_SECONDS = 60.0


@pytest.fixture
def synth(findling: Run, notes_home: Path) -> Run:
    """`findling synth …` on the library "notes"."""

    def run(*arguments: object) -> Any:
        return findling("synth", "--home", notes_home, "--library", "notes", *arguments)

    return run


def test_pairs_are_written_by_the_built_in_generator(synth: Run, notes_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    outcome = synth("--pairs", 4, "--out", file, "--json")
    assert outcome.code == 1  # so few are no basis for tuning
    assert "Not enough to tune with" in json.loads(outcome.err)["error"]
    value = outcome.json
    assert set(value) == {
        *("library", "file", "generated", "kept", "own_words", "augmented", "rejected", "passed_over"),
        *("verdict", "reason", "seconds", "quality"),
    }
    assert (value["library"], value["file"], value["verdict"]) == ("notes", str(file), "not enough")

    found = read_pairs(file)
    assert found.finished
    assert file.stat().st_mode & 0o777 == 0o600
    kept = list(found.kept)
    assert len(kept) == value["kept"] + value["own_words"] >= 12
    assert len(found.pairs) == len(kept) + sum(value["rejected"].values())
    passages = {
        row.passage_id: row.content
        for row in _passages(Libraries(Settings(Home.at(notes_home))), [p.positive.passage_id for p in kept])
    }
    for pair in kept:
        # A sentence of its own may have become the query.
        assert pair.positive.text.split()[-1] in passages[pair.positive.passage_id]
        assert pair.query.strip()
        assert all(verdict.passed for verdict in pair.verdicts)
        assert pair.teacher
    generated = [pair for pair in kept if pair.provenance.generator == "smollm2-135m"]
    assert len(generated) == value["kept"] >= 4
    assert {verdict.filter for pair in found.rejected for verdict in pair.verdicts} <= {
        *(verdict.filter for pair in kept for verdict in pair.verdicts),
        *value["rejected"],
    }

    again = synth("--resume", "--out", file, "--json")  # there is nothing left to do
    assert again.json["generated"] == value["generated"]
    assert "is there already" in synth("--out", file).err


def _passages(libraries: Libraries, wanted: list[str]) -> Any:
    with libraries.open("notes") as library, library.searcher() as searcher:
        rows, _ = searcher.store.sample(10_000)
    return [row for row in rows if row.passage_id in wanted]


def test_documents_alone_need_no_generator(synth: Run) -> None:
    outcome = synth("--generator", "none", "--pairs", 5)
    assert outcome.code == 1
    assert "0 of 0 written queries kept" in outcome.out
    assert "kept" in outcome.out.splitlines()[0]
    assert outcome.err.count("\n") == 1
    last = synth("--resume", "--json").json  # the last of the library's own files
    assert "tuning" in last["file"]
    assert last["file"] in outcome.out
    assert (last["generated"], last["own_words"] >= 5) == (0, True)


def test_ctrl_c_keeps_what_was_written_and_says_how_to_go_on(
    findling: Run, notes_home: Path, tiny_generator: Path, tmp_path: Path
) -> None:
    file = tmp_path / "my pairs.jsonl"
    words = ["synth", "--home", notes_home, "--library", "notes", "--pairs", "9", "--threads", "1"]
    command = [PROGRAM, *words, "--generator", tiny_generator, "--out", file]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as program:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (file.exists() and b'"generated"' in file.read_bytes()):
            assert program.poll() is None
            assert time.monotonic() < deadline
            threading.Event().wait(0.01)
        program.send_signal(signal.SIGINT)
        told = program.communicate(timeout=_PATIENCE_SECONDS)[1]
    assert program.returncode == 130
    assert told.count("\n") == 1
    assert "Interrupted. What was written is kept. Go on: findling synth" in told
    before = read_pairs(file)
    assert before.pairs
    assert not before.finished

    resume = shlex.split(told.partition("Go on: ")[2])[1:]
    outcome = findling(*resume, "--home", notes_home, "--json")
    assert outcome.json["generated"] > 0
    assert read_pairs(file).finished
    assert read_pairs(file).ids >= before.ids


def test_a_job_that_dies_says_why_and_how_to_go_on(
    synth: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from findling.cli import synth as verbs
    from findling.errors import JobFailed

    def die(job: Any, session: Any) -> None:
        job.close()
        raise JobFailed("The process was ended by SIGKILL.")

    monkeypatch.setattr(verbs, "follow", die)
    told = json.loads(synth("--generator", "none", "--out", tmp_path / "a.jsonl", "--json").err)
    assert told == {"error": "The process was ended by SIGKILL.", "hint": "Nothing was written yet."}
    (tmp_path / "b.jsonl").write_text('{"plan": {}, "version": 1}\n')
    monkeypatch.setattr("findling.library.synthesis_plans.start_synthesis", lambda *_, **__: _Closed())
    told = json.loads(synth("--generator", "none", "--out", tmp_path / "b.jsonl", "--json").err)
    assert told["hint"].startswith("What was written is kept. Go on: findling synth --library notes --resume")


class _Closed:
    def close(self) -> None:
        pass


def test_a_dry_run_shows_prompts_and_writes_nothing(synth: Run, notes_home: Path, tmp_path: Path) -> None:
    before = sorted(notes_home.rglob("*.jsonl"))
    queries = tmp_path / "examples.txt"
    queries.write_text("how much barley for the soup\n")
    value = synth("--dry-run", "--examples", queries, "--out", tmp_path / "out.jsonl", "--json").json
    assert len(value) == 4
    assert all(set(each) == {"kind", "slots", "prompt"} for each in value)
    assert all("how much barley for the soup" in each["prompt"] for each in value)
    shown = synth("--dry-run").out
    assert shown.startswith("--- ")
    assert "Passage:" in shown
    assert synth("--dry-run", "--generator", "none", "--json").json == []
    assert sorted(notes_home.rglob("*.jsonl")) == before
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--kinds", "question,keyword"], "keywords"),
        (["--sources", "headings"], "heading"),
        (["--augment", "typso"], "typos"),
        (["--generator", "smollm"], "Did you mean 'smollm2-135m'?"),
        (["--generator", "missing.gguf"], "There is no file"),
        (["--generator", "none", "--sources", "none"], "neither a generator nor a source"),
        (["--library", "nots"], "nots"),
    ],
)
def test_what_cannot_be_is_said_at_once(synth: Run, arguments: list[str], told: str) -> None:
    outcome = synth(*arguments)
    assert outcome.code == 1
    assert outcome.out == ""
    assert told in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--pairs", "0"], "--pairs"),
        (["--examples", "missing.txt"], "missing.txt"),
        (["--resume", "--pairs", "5"], "--pairs stands in the file"),
        (["--resume", "--dry-run"], "--dry-run"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_what_is_said_wrongly_is_wrong_usage(synth: Run, arguments: list[str], told: str) -> None:
    outcome = synth(*arguments)
    assert outcome.code == 2
    assert told in outcome.err


def test_its_verbs_are_found_whatever_stands_before(findling: Run, tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"plan": {"library": "notes"}, "version": 1}\n')
    assert findling("synth", "--json", "review", file).json == []
    assert findling("synth", "--home", tmp_path, "report", file, "--json").json["verdict"] == "not enough"
    mistaken = findling("synth", "reviw", file)
    assert mistaken.code == 2
    assert "No such command 'reviw'" in mistaken.err
    assert "review" in findling("synth", "--help").out
    assert "--examples" in findling("synth", "--pairs", 3, "--help").out
