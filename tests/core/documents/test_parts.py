"""Formatted parts of documents, around a passage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.documents import Part, PartWish, parse
from findling.documents.parts import part_of
from findling.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def one(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return one


def around(path: Path, passage: str, characters: int = 10_000) -> Part:
    """The part around a block that holds `passage`, as a hit in it would ask for it."""
    document = parse(path)
    block = next(block for block in document.blocks if passage in block.text)
    start = document.text.index(passage)
    return part_of(PartWish(str(path), passage, start, block.anchor.line or 0, characters, characters))


NOTES = """---
title: Notes
---
# Notes

Read *[at once](http://example.org)* by the owner, see [book].

{}

## End

The last words of it.

[book]: http://example.org/book
"""


def test_a_short_markdown_file_is_there_whole_but_for_its_front_matter(write: Write) -> None:
    part = around(write("notes.md", NOTES.format("Nothing else.")), "The last words")
    assert part.is_markdown
    assert part.markup.startswith("# Notes\n")
    assert "title:" not in part.markup
    assert (part.above, part.below) == (False, False)


def test_a_long_one_is_cut_between_blocks(write: Write) -> None:
    middle = "\n\n".join(f"Paragraph {number} of the text\ngoes on here." for number in range(400))
    part = around(write("long.md", NOTES.format(middle)), "Paragraph 200 of the text", 1_000)
    assert (part.above, part.below) == (True, True)
    assert part.markup.startswith("[book]: http://example.org/book\n\nParagraph ")
    assert "Paragraph 200 of" in part.markup
    assert part.markup.endswith("goes on here.\n")
    assert len(part.markup) < 3_000


def test_code_that_is_cut_stays_code(write: Write) -> None:
    code = "```python\n" + "\n".join(f"value_{number} = {number}" for number in range(900)) + "\n```"
    part = around(write("code.md", NOTES.format(code)), "value_450 = 450", 500)
    assert part.markup.startswith("[book]: http://example.org/book\n\n```python\nvalue_4")
    assert "value_450 = 450" in part.markup
    assert part.above


def test_the_parts_of_code_are_told_apart_where_its_language_is_named(write: Write) -> None:
    code = 'def weight(x):  # of jars\n    return "7" if x else 7'
    fences = f"```python\n{code}\n```\n\n~~~\n{code} \n~~~\n\n```klingon\nqapla\n```\n\n```python\nx = 1"
    part = around(write("code.md", NOTES.format("Code.") + fences), "Code.")
    assert set(part.codes) == {code, "qapla", "x = 1"}
    assert part.codes["qapla"] == ()
    told = [(code[start:end], kind.value) for start, end, kind in part.codes[code]]
    assert told == [
        ("def", "keyword"),
        ("# of jars", "remark"),
        ("return", "keyword"),
        ('"', "text"),
        ("7", "text"),
        ('"', "text"),
        ("if", "keyword"),
        ("else", "keyword"),
        ("7", "number"),
    ]


def test_tags_in_markdown_are_not_shown(write: Write) -> None:
    text = (
        "<p align='center'>Ropes<br> of a < b, `<b>` and <http://example.org/></p> <!-- so -->\n\n    <code>"
    )
    part = around(write("tags.md", NOTES.format(text)), "The last words")
    assert "\nRopes of a < b, `<b>` and <http://example.org/> \n\n    <code>\n" in part.markup


def test_a_table_that_is_cut_keeps_its_head(write: Write) -> None:
    rows = "\n".join(f"| jar {number} | {number * 7} |" for number in range(900))
    part = around(write("table.md", NOTES.format(f"| What | Many |\n|---|--:|\n{rows}")), "jar 450", 500)
    assert part.markup.startswith("[book]: http://example.org/book\n\n| What | Many |\n|---|--:|\n| jar 4")
    assert "| jar 450 |" in part.markup


def test_a_page_is_put_together_from_its_blocks(write: Write) -> None:
    rows = "".join(f"<tr><td>jar {n}</td><td></td><td>{n} &lt; {n + 1}</td></tr>" for n in range(90))
    page = (
        f"<h1>Stores</h1><p>What is <b>there</b>.</p><ul><li>ropes</li></ul>"
        f"<table><tr><th>What</th><th>Old</th><th>Many</th></tr>{rows}</table>"
        f"<pre>a = 1</pre><img src='http://example.org/x.png'><script>alert(1)</script>"
    )
    path = write("page.html", page)
    whole = around(path, "jar 45")
    assert not whole.is_markdown
    assert whole.markup.startswith(
        "<h1>Stores</h1><p>What is there.</p><ul><li>ropes</li></ul><table><tr><th>What</th>"
    )
    assert "<tr><td>jar 45</td><td></td><td>45 &lt; 46</td></tr>" in whole.markup
    assert whole.markup.endswith("</table><pre>a = 1</pre>")
    part = around(path, "jar 45", 100)
    assert part.markup.startswith("<table><tr><th>What</th><th>Old</th><th>Many</th></tr><tr><td>jar 39")
    assert (part.above, part.below) == (True, True)


def test_what_cannot_be_formatted_is_said(write: Write, tmp_path: Path) -> None:
    path = write("page.html", "<p>What was there is no more.</p>")
    for wish, why in (
        (PartWish(str(path), "What is there.", 0, 0, 10, 10), "has changed"),
        (PartWish(str(tmp_path / "gone.md"), "What is there.", 0, 1, 10, 10), "cannot be read"),
        (PartWish(str(write("line.md", "x" * 300_000)), "x" * 50, 0, 1, 10, 10), "too long"),
    ):
        with pytest.raises(ParseError, match=why):
            part_of(wish)


def test_sheets_and_letters_are_formatted_too(write: Write) -> None:
    path = write("costs.csv", "What;Cost\nrope;12\nhoney jars;9\n")
    assert "<table><tr><th>What</th><th>Cost</th></tr><tr><td>rope</td>" in around(path, "honey jars").markup
    path = write("a.eml", "From: Ada <ada@example.org>\nSubject: Ropes\n\nThe rope is here.\n")
    assert "Subject: Ropes</p>" in around(path, "The rope is here.").markup
    assert "<br>" in around(path, "The rope is here.").markup
