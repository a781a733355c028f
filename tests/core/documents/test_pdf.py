"""PDF: pages, paragraphs, headers and footers, notes, titles, passwords."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from findling.documents import BlockKind, parse
from findling.documents.parsers.bookmarks import Bookmark, Contents
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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


def _write(path: Path, pages: Sequence[tuple[bytes, bytes]], *others: bytes, catalog: bytes = b"") -> Path:
    """A PDF of (resources, content) pages: objects 11, 13, …; `others` are objects 31, 32, …"""
    kids = b" ".join(b"%d 0 R" % (11 + 2 * number) for number in range(len(pages)))
    objects = {1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog}
    objects[2] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages))
    objects[3] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    for number, (resources, content) in enumerate(pages):
        objects[11 + 2 * number] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R /Resources << %s >> >>"
            % (12 + 2 * number, resources)
        )
        objects[12 + 2 * number] = _stream(b"", content)
    objects.update(enumerate(others, 31))
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % each for each in objects.items())
    path.write_bytes(b"%PDF-1.4\n" + body + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n")  # found without a table
    return path


def _stream(head: bytes, data: bytes) -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), head, data)


def _lines(*lines: str) -> tuple[bytes, bytes]:
    shown = b" ".join(
        b"1 0 0 1 50 %d Tm (%s) Tj" % (700 - 16 * row, line.encode()) for row, line in enumerate(lines)
    )
    return b"/Font << /F1 3 0 R >>", b"BT /F1 11 Tf " + shown + b" ET"


def _bookmark(title: str, page: int, links: bytes) -> bytes:
    return b"<< /Title (%s) /Parent 31 0 R /Dest [%d 0 R /Fit] %s >>" % (title.encode(), 9 + 2 * page, links)


def test_bookmarks_are_headings_from_their_line_on_or_from_their_page(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "a.pdf",
        [
            _lines("A word before all of this.", "1. Red Apples", "They are red.", "Early ones.", "In July."),
            _lines("Still of apples."),
            _lines("Of pears."),
        ],
        b"<< /Type /Outlines /First 32 0 R /Last 34 0 R >>",
        _bookmark("Red apples", 1, b"/Next 34 0 R /First 33 0 R /Last 33 0 R"),
        _bookmark("Early ones.", 1, b""),
        _bookmark("Pears", 3, b"/Next 35 0 R"),
        _bookmark("Page 3", 3, b"/Next 34 0 R"),  # a loop
        catalog=b"/Outlines 31 0 R",
    )
    document = parse(path)
    assert [
        (block.kind.value, block.text, block.anchor.page, block.anchor.headings) for block in document.blocks
    ] == [
        ("paragraph", "A word before all of this.", 1, ()),
        ("heading", "Red apples", 1, ("Red apples",)),
        ("paragraph", "They are red.", 1, ("Red apples",)),
        ("heading", "Early ones.", 1, ("Red apples", "Early ones.")),
        ("paragraph", "In July.", 1, ("Red apples", "Early ones.")),
        ("paragraph", "Still of apples.", 2, ("Red apples", "Early ones.")),
        ("paragraph", "Of pears.", 3, ("Pears",)),
    ]


def test_an_outline_without_an_end_is_not_followed_for_ever(tmp_path: Path) -> None:
    others = [b"<< /First 32 0 R >>"]
    others += [_bookmark(f"Heading {number}", 1, b"/Next %d 0 R" % (33 + number)) for number in range(6000)]
    document = parse(_write(tmp_path / "a.pdf", [_lines("Text.")], *others, catalog=b"/Outlines 31 0 R"))
    [block] = document.blocks
    assert block.kind is BlockKind.PARAGRAPH
    assert block.anchor.headings == ("Heading 4999",)


def test_a_number_alone_is_no_heading() -> None:
    (section,) = Contents([Bookmark(1, ("A ...",))]).sections(1, ["3", "Text."])
    assert (section.path, section.is_heading) == (("A ...",), False)


def test_many_headings_of_one_page_are_soon_looked_for() -> None:
    contents = Contents([Bookmark(1, (f"Heading number {number}",)) for number in range(5000)])
    start = time.process_time()
    sections = contents.sections(1, [f"Line {number} of a page." for number in range(5000)])
    assert time.process_time() - start < 10
    assert sum(len(section.lines) for section in sections) == 5000


def test_pages_that_are_pictures_without_a_text_are_named(tmp_path: Path) -> None:
    image = (
        b"/Type /XObject /Subtype /Image /Width 100 /Height 100 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    )
    dot = image.replace(b"100 /", b"1 /")
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Matrix [500 0 0 600 0 0] /Resources << %s >>"
    pictures = b"/XObject << /I 31 0 R /D 32 0 R /F 33 0 R >>"
    font, text = _lines("A caption")
    _, dots = _lines(". . .")
    path = _write(
        tmp_path / "a.pdf",
        [
            (pictures, b"q 600 0 0 800 0 0 cm /I Do Q"),
            (pictures + font, b"q 600 0 0 800 0 0 cm /I Do Q " + text),
            (pictures, b"q 50 0 0 50 0 0 cm /I Do Q"),
            (pictures, b"q 600 0 0 800 0 0 cm /D Do Q"),
            (pictures, b"/F Do"),
            (pictures + font, b"q 300 0 0 200 90 90 cm /I Do Q " + dots),
            (pictures, b"0 0 600 800 re f"),
            (pictures, b""),
        ],
        _stream(image, b"\x80" * 10_000),
        _stream(dot, b"\x80"),
        _stream(form % pictures[:22] + b" >>", b"/I Do"),
    )
    assert parse(path).scans == (1, 5, 6)
