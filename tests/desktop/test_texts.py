"""Numbers and time in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from findling.errors import JobFailed, UserError
from findling_desktop import texts


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds left"),
        (31, "about 30 seconds left"),
        (60, "about a minute left"),
        (170, "about 3 minutes left"),
        (3500, "about an hour left"),
        (7300, "about 2 hours left"),
    ],
)
def test_time_left(seconds, words):
    assert texts.time_left(seconds) == words


def test_counts():
    assert (texts.files(1), texts.files(2)) == ("1 file", "2 files")
    assert (texts.passages(1), texts.passages(0)) == ("1 passage", "0 passages")
    assert (texts.results(1), texts.documents(3)) == ("1 result", "3 documents")


def test_paths_below_home_are_shortened():
    assert texts.short_path(str(Path.home() / "a" / "b.txt")) == str(Path("~/a/b.txt"))
    assert texts.short_path("/elsewhere/b.txt") == "/elsewhere/b.txt"


def test_errors_in_words():
    assert texts.error_texts(UserError("what", "do")) == ("what", "do")
    assert texts.error_texts(JobFailed("why")) == ("why", "")
    assert "report" in texts.error_texts(ValueError("x"))[1]
