"""Markdown: front matter, headings, code, lists, tables, inline marks, HTML, line numbers."""

from __future__ import annotations

import pytest


@pytest.fixture
def markdown(parsed):
    return lambda text: parsed("note.md", text)


def test_blocks_with_lines_and_headings(markdown) -> None:
    document = markdown(
        "# Soup\n\nFor *24* `guests`,\nsee [the list](http://x.example/y) ![a pot](pot.png)\n\n"
        "- barley\n- water\n  1. cold\n\n## Steps ##\n\n```python\nboil( 1 )\n```\n\n    indented\n"
    )
    assert (document.kind, document.title) == ("md", "Soup")
    assert [(b.kind.value, b.text, b.anchor.line, b.anchor.headings) for b in document.blocks] == [
        ("heading", "Soup", 1, ("Soup",)),
        ("paragraph", "For 24 guests, see the list a pot", 3, ("Soup",)),
        ("list item", "barley", 6, ("Soup",)),
        ("list item", "water", 7, ("Soup",)),
        ("list item", "cold", 8, ("Soup",)),
        ("heading", "Steps", 10, ("Soup", "Steps")),
        ("code", "boil( 1 )", 12, ("Soup", "Steps")),
        ("code", "indented", 16, ("Soup", "Steps")),
    ]


def test_front_matter_gives_the_title_and_keeps_the_line_numbers(markdown) -> None:
    document = markdown('---\ntags: [a]\ntitle: "Ice & snow"\n---\n# Other\n\nText.\n')
    assert document.title == "Ice & snow"
    assert [(block.text, block.anchor.line) for block in document.blocks] == [("Other", 5), ("Text.", 7)]


def test_front_matter_without_a_title_leaves_it_to_the_heading(markdown) -> None:
    assert markdown("---\ntags: [a]\n---\n# Other\n").title == "Other"


def test_rules_are_no_front_matter(markdown) -> None:
    assert markdown("Text.\n\n---\n\nMore.\n").text == "Text.\n\nMore."


def test_rows_of_a_table(markdown) -> None:
    document = markdown("| Peak | Height |\n|------|-------:|\n| **Mönch** | 4110 |\n| - | - |\n|  |  |\n")
    assert [(block.kind.value, block.text, block.anchor.line) for block in document.blocks] == [
        ("table header", "Peak | Height", 1),
        ("table row", "Mönch | 4110", 3),
    ]
    assert document.blocks[1].cells == ("Mönch", "4110")


def test_html_gives_its_text(markdown) -> None:
    document = markdown(
        "<div align=center>\n<b>Bold</b> &amp; plain\n<script>no()</script>\n</div>\n\na<br>b\n"
    )
    assert document.text == "Bold & plain\n\nab"


def test_a_heading_without_text_is_nothing(markdown) -> None:
    document = markdown("#\n\nText.\n")
    assert [block.text for block in document.blocks] == ["Text."]
    assert document.blocks[0].anchor.headings == ()


def test_deep_nesting_does_no_harm(markdown) -> None:
    assert "end" in markdown("> " * 3000 + "deep\n\nend\n").text
