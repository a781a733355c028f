"""Progress on a terminal, and sizes in words."""

from __future__ import annotations

import sys

import pytest

from findling.cli.common import Session, shown, size_in_words
from findling.jobs import Progress


def test_progress_is_drawn_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    with shown(Session()) as show:
        show(Progress("scanning", 7, None, "files"))
        show(Progress("indexing", 3, 12, "files", "/a/letter.txt", 2.5, 75.0))
    drawn = capsys.readouterr().err
    assert "3/12 files" in drawn
    assert "2.5 files/s, 1:15 left" in drawn
    assert "letter.txt" in drawn


@pytest.mark.parametrize("json", [True, False])
def test_progress_is_silent_for_scripts(json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with shown(Session(json=json)) as show:
        show(Progress("indexing", 3, 12, "files"))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_345_678, "2.3 MB"), (7e9, "7.0 GB"), (2e12, "2.0 TB")],
)
def test_sizes(count: float, words: str) -> None:
    assert size_in_words(count) == words
