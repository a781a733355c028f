"""Sentences of generated files come back with the place where they stand.

Slides, sheets and chapters of books are looked at in the tests of their formats.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import docx

from findling.documents import BlockKind, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    WritePdf = Callable[..., Path]

_WORDS = "rope jar honey tower winter paper engine valley lantern copper gravel orchard saddle".split()


def sentences(count: int) -> list[str]:
    chance = random.Random(7)
    return [f"{' '.join(chance.choices(_WORDS, k=8)).capitalize()} {number}." for number in range(count)]


def test_sentences_of_a_pdf_have_their_page(write_pdf: WritePdf) -> None:
    said = sentences(100)
    pages = [said[start : start + 4] for start in range(0, 100, 4)]
    blocks = parse(write_pdf(pages)).blocks
    right = sum(
        any(sentence in block.text and block.anchor.page == number for block in blocks)
        for number, page in enumerate(pages, 1)
        for sentence in page
    )
    assert right >= 99


def test_sentences_of_a_word_document_have_their_heading(tmp_path: Path) -> None:
    said = sentences(100)
    word = docx.Document()
    for number, sentence in enumerate(said):
        if number % 5 == 0:
            word.add_heading(f"Part {number // 5}", 1 + number // 5 % 2)
        word.add_paragraph(sentence)
    word.save(str(tmp_path / "parts.docx"))
    blocks = {block.text: block for block in parse(tmp_path / "parts.docx").blocks}
    right = sum(
        blocks[sentence].kind is BlockKind.PARAGRAPH
        and blocks[sentence].anchor.headings[-1] == f"Part {number // 5}"
        for number, sentence in enumerate(said)
    )
    assert right >= 99
