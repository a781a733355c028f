"""PDF: pages, paragraphs, headers and footers, notes, titles, passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.documents import parse
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    WritePdf = Callable[..., Path]

_LINES = [
    "The winter of that year came early to the pass and stayed with us",
    "until the last week of May, so that the surveyors could not reach the",
    "upper glacier at all.",
    "Nobody complained about it, least of all the marmots in their burrows.",
]


def test_lines_are_joined_to_paragraphs_with_the_page_on_which_they_stand(write_pdf: WritePdf) -> None:
    document = parse(write_pdf([_LINES, ["Second page."]]))
    assert document.kind == "pdf"
    assert [(block.text, block.anchor.page) for block in document.blocks] == [
        (" ".join(_LINES[:3]), 1),
        (_LINES[3], 1),
        ("Second page.", 2),
    ]


def test_a_word_hyphenated_at_the_end_of_a_line_is_mended(write_pdf: WritePdf) -> None:
    lines = [
        "All of this was decided by the association's general assem-",
        "bly in the year before the last one.",
    ]
    assert "general assembly in the year" in parse(write_pdf([lines])).text


def test_a_hyphen_before_a_capital_stays(write_pdf: WritePdf) -> None:
    lines = [
        "All of this was decided by the general assembly of the Alpha-",
        "Beta association in the year before.",
    ]
    assert "the Alpha-Beta association" in parse(write_pdf([lines])).text


def test_headers_footers_and_page_numbers_are_left_out(write_pdf: WritePdf) -> None:
    bodies = ["apples are red", "pears are green", "plums are blue", "figs are brown", "limes are sour"]
    pages = [
        ["Fruit report, draft", "", f"On this page {body}, as everybody knows.", "", f"Page {number} of 5"]
        for number, body in enumerate(bodies, 1)
    ]
    document = parse(write_pdf(pages))
    assert [block.text for block in document.blocks] == [
        f"On this page {body}, as everybody knows." for body in bodies
    ]


def test_pages_that_hold_nothing_else_keep_their_only_line(write_pdf: WritePdf) -> None:
    document = parse(write_pdf([[f"Potato {number}"] for number in range(6)]))
    assert [block.text for block in document.blocks] == [f"Potato {number}" for number in range(6)]
    assert parse(write_pdf([["Page 1"], ["Page 2"]])).text == "Page 1\n\nPage 2"


def test_comments_and_filled_in_fields_are_read_after_their_page(write_pdf: WritePdf) -> None:
    notes = [
        ("Text", "Contents", "ask Änne about this"),
        ("Highlight", "Contents", "important"),
        ("Widget", "V", "Jane Doe"),
        ("Widget", "button", "Yes"),
        ("Link", "Contents", "not a note"),
        ("Text", "Contents", " "),
    ]
    document = parse(write_pdf([["Name of the applicant:"], ["Next page."]], notes=notes))
    assert [(block.text, block.anchor.page) for block in document.blocks] == [
        ("Name of the applicant:", 1),
        ("ask Änne about this", 1),
        ("important", 1),
        ("Jane Doe", 1),
        ("Next page.", 2),
    ]


@pytest.mark.parametrize(
    ("stored", "title"),
    [
        ("Rapport d’été", "Rapport d’été"),
        ("  The   marmot\nsurvey ", "The marmot survey"),
        ("Microsoft Word - Document1.docx", ""),
        ("untitled", ""),
        ("scan0001.pdf", ""),
        ("1234-56", ""),
        ("x", ""),
        ("word " * 60, ""),
        ("", ""),
    ],
)
def test_only_a_sensible_title_is_taken(write_pdf: WritePdf, stored: str, title: str) -> None:
    assert parse(write_pdf([["Text."]], title=stored)).title == title


def test_a_pdf_without_a_text_layer_has_no_blocks(write_pdf: WritePdf) -> None:
    assert parse(write_pdf([[], []])).blocks == ()


def test_a_password_is_asked_for(write_pdf: WritePdf) -> None:
    with pytest.raises(EncryptedFile, match="password"):
        parse(write_pdf([["Secret."]], encrypted=True))


def test_a_broken_pdf_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\n" + b"garbage " * 100)
    with pytest.raises(ParseError, match=r"^damaged PDF file: [^\n]+$"):
        parse(path)
