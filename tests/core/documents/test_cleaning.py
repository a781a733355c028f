"""Repairs of text."""

from __future__ import annotations

import pytest

from findling.documents.cleaning import clean, flow, sensible_title, tidy


def test_clean_drops_what_nobody_sees_and_unifies_the_rest() -> None:
    assert clean("a\x00b\u200bc\u00add\ufeff") == "abcd"
    assert clean("one\r\ntwo\rthree\ffour") == "one\ntwo\nthree\nfour"
    assert clean("e\u0301") == "é"
    assert clean("bad \ud800 half") == "bad \ufffd half"


def test_flow_is_one_line() -> None:
    assert flow("  a\n\n b\t\u00a0c ") == "a b c"


def test_tidy_keeps_lines_and_at_most_one_empty_one() -> None:
    assert tidy("\n a  b \n\n\n \nc\t\n") == "a b\n\nc"


@pytest.mark.parametrize("title", ["Jahresbericht 2024", "Ice", "Protokoll: Sitzung vom 3.2."])
def test_titles(title: str) -> None:
    assert sensible_title(title) == title


@pytest.mark.parametrize(
    "title",
    [
        None,
        "",
        "a",
        "42",
        "PowerPoint Presentation",
        "Untitled 3",
        "Unbenannt",
        "Document 1",
        "Slide 1",
        "x.docx",
        "y" * 201,
    ],
)
def test_no_titles(title: str | None) -> None:
    assert sensible_title(title) == ""
