"""The job that writes pairs: killed, hung, without room, and going on; on a real library with a real, if
senseless, generator."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from findling.errors import JobFailed, LibraryNotFound, UserError
from findling.jobs import CancelToken, JobState
from findling.library import Libraries, synthesis_plans
from findling.library.synthesis_plans import SynthesisWishes, last_file, plan_of, start_synthesis
from findling.library.synthesizing import passages_of
from findling.llama.engine import SEQUENCES
from findling.settings import Home, Settings
from findling.synthesis.pair import Origin
from findling.synthesis.pair_file import PairWriter, read_pairs
from findling.synthesis.writing import tasks_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findling.jobs import ChildJob

_PATIENCE_SECONDS = 60.0
#: Each costs five seconds; with FINDLING_TEST_KILLS=10 there are more.
KILLS = int(os.environ.get("FINDLING_TEST_KILLS", "2"))


@pytest.fixture
def notes(notes_home: Path) -> Libraries:
    return Libraries(Settings(Home.at(notes_home)))


@pytest.fixture
def nonsense(tiny_generator: Path) -> SynthesisWishes:
    """It ends after some hundred queries, because none can be kept."""
    return SynthesisWishes(pairs=12, generator=str(tiny_generator))


def until(job: ChildJob, condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert job.state is JobState.RUNNING, job.error
        assert time.monotonic() < deadline, job.progress
        job.wait(0.01)


def whole_lines(file: Path) -> bytes:
    content = file.read_bytes() if file.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def ids(file: Path, origin: Origin) -> list[str]:
    """As they stand in the file, with doubles."""
    pairs = [json.loads(line).get("pair") for line in whole_lines(file).splitlines()]
    return [pair["id"] for pair in pairs if pair and pair["provenance"]["origin"] == origin]


def test_kills_at_any_time_lose_and_double_nothing(
    notes: Libraries, nonsense: SynthesisWishes, tmp_path: Path
) -> None:
    plan = plan_of(notes, "notes", nonsense)
    unkilled = tmp_path / "documents.jsonl"
    alone = plan_of(notes, "notes", SynthesisWishes(pairs=12, generator="none"))
    start_synthesis(notes, "notes", alone, unkilled).result()

    file = tmp_path / "pairs.jsonl"
    chance = random.Random(5)
    # The last while the generator writes; some while it begins, the others when a line is there.
    moments = [*chance.sample(("beginning", "beginning", "line", "line"), min(2, KILLS - 1)), "generated"]
    moments = [*(chance.choice(moments) for _ in range(KILLS - len(moments))), *moments]
    for moment in moments:
        there = whole_lines(file)
        job = start_synthesis(notes, "notes", None if there else plan, file, threads=1)
        if moment == "beginning":
            assert not job.wait(chance.uniform(0.0, 2.0))
        elif moment == "line":
            until(job, lambda there=there: len(whole_lines(file)) > len(there))
        else:
            written = len(ids(file, Origin.GENERATED)) if there else 0
            until(job, lambda written=written: len(ids(file, Origin.GENERATED)) > written)
        os.kill(job.process_id, signal.SIGKILL)
        with pytest.raises(JobFailed, match=r"SIGKILL.*synth-notes\.log"):
            job.result()
        assert whole_lines(file).startswith(there)
        if not whole_lines(file):
            file.unlink(missing_ok=True)  # not even the plan: it begins again
    assert ids(file, Origin.GENERATED)
    outcome = start_synthesis(notes, "notes", None, file, threads=1).result()

    found = read_pairs(file)
    assert found.finished
    assert not found.damaged_lines
    assert found.plan == json.loads(json.dumps(plan.to_json()))
    assert ids(file, Origin.DOCUMENT) == ids(unkilled, Origin.DOCUMENT)
    made = ids(file, Origin.GENERATED)
    assert len(made) == len(set(made)) == outcome["generated"]
    with notes.open("notes") as library, library.searcher() as searcher:
        passages = passages_of(searcher.store, plan, CancelToken())
    order = [task.id for task in islice(tasks_of(plan, passages, ()), len(made) + SEQUENCES)]
    assert set(made) <= set(order)  # none was passed over but those in work at the end
    assert set(order[: len(made) - SEQUENCES]) <= set(made)


def test_one_that_hangs_is_ended_with_a_reason_and_keeps_what_was_written(
    notes: Libraries, nonsense: SynthesisWishes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis_plans, "SILENCE_SECONDS", 8.0)
    file = tmp_path / "pairs.jsonl"
    job = start_synthesis(notes, "notes", plan_of(notes, "notes", nonsense), file, threads=1)
    until(job, lambda: job.progress.counts.get("generated", 0) > 0)
    os.kill(job.process_id, signal.SIGSTOP)
    with pytest.raises(JobFailed, match="No sign of life for 8 s"):
        job.result()
    assert ids(file, Origin.GENERATED)
    assert not read_pairs(file).finished


@pytest.mark.skipif(sys.platform != "linux", reason="a file of terabytes that takes no room")
def test_a_generator_without_room_in_memory_is_refused_before_anything_is_written(
    notes: Libraries, tiny_generator: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large.gguf"
    large.write_bytes(tiny_generator.read_bytes())
    os.truncate(large, 2**42)
    plan = plan_of(notes, "notes", SynthesisWishes(generator=str(large)))
    job = start_synthesis(notes, "notes", plan, tmp_path / "pairs.jsonl")
    with pytest.raises(UserError, match=r"large\.gguf needs 4,39\d\.\d GB of memory; .* are free"):
        job.result()
    assert not (tmp_path / "pairs.jsonl").exists()


def test_a_library_without_passages_is_said(notes: Libraries, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    notes.index("empty", [tmp_path / "folder"])
    try:
        plan = plan_of(notes, "empty", SynthesisWishes(generator="none"))
        with pytest.raises(UserError, match="has no passage that anything could be asked of") as caught:
            start_synthesis(notes, "empty", plan, tmp_path / "pairs.jsonl").result()
        assert "Index documents" in caught.value.hint
        assert not (tmp_path / "pairs.jsonl").exists()
        with pytest.raises(UserError, match="no pairs to go on with"):
            last_file(notes, "empty")
    finally:
        notes.delete("empty")


def test_a_file_of_other_passages_is_not_gone_on_with(notes: Libraries, tmp_path: Path) -> None:
    plan = plan_of(notes, "notes", SynthesisWishes(generator="none")).to_json()
    for change, why in (
        ({"generation": 2}, "embedded anew since"),
        ({"fingerprint": "other"}, "embedded anew since"),
        ({"library": "letters"}, "pairs of the library 'letters'"),
        ({"generation": None, "pairs": "many", "kinds": 3}, "damaged"),
    ):
        file = tmp_path / f"{why}{len(change)}{next(iter(change))}.jsonl"
        with PairWriter(file, plan | change):
            pass
        before = file.read_bytes()
        with pytest.raises(UserError, match=why):
            start_synthesis(notes, "notes", None, file)
        assert file.read_bytes() == before
    with pytest.raises(UserError, match="There is no file"):
        start_synthesis(notes, "notes", None, tmp_path / "missing.jsonl")
    with pytest.raises(LibraryNotFound):
        plan_of(notes, "nothing", SynthesisWishes())


def test_examples_are_queries_with_the_passage_that_answers(notes: Libraries, tmp_path: Path) -> None:
    file = tmp_path / "examples.txt"

    def examples(text: str) -> dict[str, str]:
        file.write_text(text)
        wishes = SynthesisWishes(generator="none", examples=file)
        return dict(plan_of(notes, "notes", wishes).examples)

    soup, bats = "how much barley for the soup", "bats flying at dusk"
    found = examples(f"# mine\n{soup}\n\n{bats}\tbat night 14 August.md\n")
    assert list(found) == [soup, bats]
    assert "barley" in found[soup].lower()
    other = examples(f"{bats}\tbarley-soup-for-24.md\n")  # its best passage, though others are better
    assert "barley" in other[bats].lower()
    for text, why in (
        ("", "has no queries"),
        ("# nothing\n", "has no queries"),
        ("query\n" * 9, "has 9 queries"),
        (f"{soup}\tsoup-for-24.md\n", r"Nothing in the library answers .* in soup-for-24\.md"),
        ("\tbarley-soup-for-24.md\n", "no query before 'barley-soup-for-24.md'"),
    ):
        with pytest.raises(UserError, match=why):
            examples(text)
    with PairWriter(tmp_path / "pairs.jsonl", {"library": "notes"}) as writer:
        pass
    with pytest.raises(UserError, match="is marked as an example"):
        plan_of(notes, "notes", SynthesisWishes(generator="none", examples=writer.path))
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="Cannot read"):
        plan_of(notes, "notes", SynthesisWishes(generator="none", examples=file))
