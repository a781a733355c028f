"""Reviewing a file of pairs, by options and by keys."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from findling.cli.common import Session, common_options
from findling.cli.pair_pages import Pages
from findling.cli.synth_review import export, report, review
from findling.errors import LibraryBusy, UserError
from findling.synthesis.pair import Origin, Pair, Positive, Provenance, Verdict
from findling.synthesis.pair_file import PairWriter, read_pairs

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "Blue whales sing in deep water. " * 60 + "The last word is krill."
_PATIENCE_SECONDS = 20.0
#: As `app` does, on the file that is its argument.
PROGRAM = """
import sys
from findling.cli.common import Session
from findling.cli.synth_review import review
review.main([sys.argv[1]], obj=Session(), standalone_mode=False)
"""


@click.group()
@common_options
def synth() -> None:
    """As it is mounted."""


synth.add_command(review)
synth.add_command(report)
synth.add_command(export)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "pairs.jsonl"
    with PairWriter(place, {"library": "papers"}) as writer:
        writer.append(
            [
                made("aaaa1", "who sings", "question"),
                made("bbbb2", "krill", "keywords"),
                made("cccc3", "Blue whales sing in", "question", reason="copied from the passage"),
            ]
        )
    return place


def made(name: str, query: str, kind: str, reason: str = "") -> Pair:
    verdict = Verdict("copied", not reason, 0.25, reason)
    positive = Positive(f"p-{name}", "d", 0, len(TEXT), TEXT)
    return Pair(name, query, positive, Provenance(Origin.GENERATED, kind), "en", (verdict,))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(synth, [str(argument) for argument in arguments], obj=Session())


def rows(*arguments: object) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


def test_pairs_are_listed(path: Path) -> None:
    assert [row["id"] for row in rows("review", path)] == ["aaaa1", "bbbb2", "cccc3"]
    assert [row["id"] for row in rows("review", path, "--list", "--kept", "-n", "1")] == ["aaaa1"]
    assert [row["id"] for row in rows("review", path, "--kind", "question", "--rejected")] == ["cccc3"]
    (row,) = rows("review", path, "--rejected")
    assert (row["state"], row["rejected_by"], row["reason"]) == (
        "rejected",
        "copied",
        "copied from the passage",
    )
    assert (row["passage"]["passage_id"], row["verdicts"][0]["value"]) == ("p-cccc3", 0.25)
    lines = run("review", path).stdout.splitlines()  # stdin is no terminal
    assert lines[1].split() == ["bbbb2", "kept", "keywords", "krill"]
    assert lines[2].endswith("(copied from the passage)")
    mistake = run("review", path, "--kind", "questions").exception
    assert isinstance(mistake, UserError)
    assert "keywords, question" in mistake.hint


def test_changes_are_made_by_options_all_or_none(path: Path) -> None:
    edited, dropped = rows("review", path, "--edit", "cccc3", "what do whales do", "--drop", "bbbb2")
    assert (edited["query"], edited["query_before"], edited["state"]) == (
        "what do whales do",
        "Blue whales sing in",
        "kept",
    )
    assert (dropped["state"], dropped["rejected_by"]) == ("rejected", "review")
    assert rows("review", path, "--restore", "bbbb2", "--mark", "bbbb2")[0]["example"] is True
    assert rows("review", path, "--unmark", "bbbb2")[0]["example"] is False
    (own,) = rows("review", path, "--add", "p-bbbb2", "what is the last word")
    assert (own["origin"], own["state"], own["passage"]["text"]) == ("person", "kept", TEXT)
    assert rows("review", path) == [rows("review", path, "-n", "1")[0], dropped | {
        "state": "kept", "rejected_by": "", "reason": ""
    }, edited, own]  # fmt: skip

    before = path.read_bytes()
    for arguments, said in (
        (("--drop", "aaaa1", "--drop", "aaab1"), "has no pair 'aaab1'. The nearest is 'aaaa1'."),
        (("--drop", "aaaa1", "--add", "p-bbb2", "x"), "has no passage 'p-bbb2'. The nearest is 'p-bbbb2'."),
        (("--drop", "aaaa1", "--edit", "aaaa1", " "), "The query is empty."),
    ):
        mistake = run("review", path, *arguments).exception
        assert isinstance(mistake, UserError)
        assert said in str(mistake)
    assert run("review", path, "--drop", "aaaa1", "--kept").exit_code == 2
    assert path.read_bytes() == before
    missing = run("review", path.with_name("none.jsonl")).exception
    assert isinstance(missing, UserError)
    assert "There is no file" in missing.message


def test_nothing_is_changed_while_pairs_are_being_written(path: Path) -> None:
    with PairWriter(path) as writer:
        writer.append([made("dddd4", "sea song", "keywords")])
        assert rows("review", path, "--kind", "keywords")[1]["id"] == "dddd4"
        assert isinstance(run("review", path, "--drop", "aaaa1").exception, LibraryBusy)
    assert rows("review", path, "--drop", "aaaa1")[0]["state"] == "rejected"


def test_the_report_counts_and_tells_of_damage(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"no json\n")
    told = run("report", path)
    assert "2 pairs kept, 1 rejected: not enough to tune with" in told.stdout
    assert told.stderr == f"findling: Lines of {path} that are damaged, and do not count: 5.\n"
    value = rows("report", path)
    assert (value["kept"], value["verdict"], value["damaged_lines"]) == (2, "not enough", [5])


def test_kept_pairs_are_exported_where_nothing_is_yet(path: Path, tmp_path: Path) -> None:
    lines, collection = tmp_path / "train.jsonl", tmp_path / "collection"
    assert run("export", path, lines).stdout == f"{lines}: 2 pairs.\n"
    written = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [(row["query"], row["positive"]) for row in written] == [("who sings", TEXT), ("krill", TEXT)]
    value = rows("export", path, collection, "--form", "beir")
    assert value == {"file": str(path), "target": str(collection), "form": "beir", "pairs": 2}
    assert len((collection / "qrels" / "test.tsv").read_text().splitlines()) == 3
    for target, form in ((lines, "jsonl"), (collection, "beir"), (collection, "jsonl"), (lines, "beir")):
        refused = run("export", path, target, "--form", form)
        assert isinstance(refused.exception, UserError)
        assert "is there already" in str(refused.exception)
    run("review", path, "--drop", "aaaa1", "--drop", "bbbb2")
    nothing = run("export", path, tmp_path / "nothing.jsonl")
    assert "no pair that is kept" in str(nothing.exception)
    assert not (tmp_path / "nothing.jsonl").exists()


def page(path: Path, keys: str, *answers: str | None) -> list[str]:
    """Press keys, answering what is asked; returns the pages that were shown."""
    found = read_pairs(path)
    pressed, said = iter(keys), iter(answers)
    console = Console(file=io.StringIO(), width=100, highlight=False)
    shown: list[str] = []

    def key() -> str:
        assert isinstance(console.file, io.StringIO)
        shown.append(console.file.getvalue())
        console.file.seek(0)
        console.file.truncate()
        return next(pressed)

    Pages(found, list(found.pairs.values()), console, key, lambda prompt, beginning: next(said)).run()
    assert [*pressed, *said] == []
    return shown


def test_pages_are_turned_filtered_and_gone_to(path: Path) -> None:
    first, second, third, end, back, begin, refused, _ = page(path, "\r  bbb" + "?q")
    assert all(text in first for text in ("who sings", "question", "aaaa1", "1 / 3", "copied 0.25"))
    assert "krill" in second
    assert "…" in second  # of a long passage the part that has the words
    assert "The last word is krill." in second
    assert "copied from the passage" in third
    assert "last one" in end
    assert "2 / 3" in back
    assert "1 / 3" in begin
    assert "first one" in refused
    shown = page(path, "/ g/g/q", "kept", "2", "kind:keywords", "9", "nothing like it")
    assert "1 / 2" in shown[1]
    assert "2 / 2" in shown[3]
    assert all(text in shown[4] for text in ("krill", "1 / 1"))
    assert "no pair '9'" in shown[5]
    assert "No pair fits" in shown[6]


def test_keys_change_the_file_at_once(path: Path) -> None:
    shown = page(path, "eea dr xq", "who sings here", " ", "what sings")
    after = read_pairs(path)
    assert "before: who sings" in shown[1]
    assert "empty" in shown[2]
    assert "what sings" in shown[3]
    assert [(pair.query, pair.provenance.origin) for pair in after.kept] == [
        ("who sings here", Origin.GENERATED),
        ("krill", Origin.GENERATED),
        ("what sings", Origin.PERSON),
    ]
    assert "rejected" in shown[5]
    assert after.examples == {"cccc3"}
    assert page(path, "eq", None)[1]  # thought better of it
    with PairWriter(path):
        assert "Another process is writing" in page(path, "dq")[1]


def test_a_terminal_is_asked_key_by_key(path: Path) -> None:
    terminal, end = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-c", PROGRAM, str(path)]
    with subprocess.Popen(command, stdin=end, stdout=end, stderr=end, env=environment) as program:
        try:
            os.close(end)
            for expected, typed in (
                ("1 / 3", " "),
                ("2 / 3", "e"),
                ("Query: ", " of the sea\n"),
                ("before: krill", "d"),
                ("dropped in a review", "\x1b[D"),
                ("1 / 3", "\x04"),
            ):
                read_until(terminal, expected)
                os.write(terminal, typed.encode())
            assert program.wait(_PATIENCE_SECONDS) == 0
        finally:
            program.kill()
            os.close(terminal)
    after = read_pairs(path)
    assert after.pairs["bbbb2"].query == "krill of the sea"
    assert list(after.dropped) == ["bbbb2"]


def read_until(terminal: int, expected: str) -> None:
    """Wait until the program shows a text and then waits for a key; what was typed before would be thrown
    away."""
    seen = ""
    while expected not in seen:
        ready, _, _ = select.select([terminal], [], [], _PATIENCE_SECONDS)
        assert ready, seen
        seen += os.read(terminal, 1 << 16).decode(errors="replace")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while termios.tcgetattr(terminal)[3] & termios.ICANON:
        assert time.monotonic() < deadline, seen
        os.sched_yield()
