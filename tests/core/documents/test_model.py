"""Documents, blocks and anchors."""

from __future__ import annotations

import json

import pytest

from findling.documents import SEPARATOR, Anchor, Block, BlockKind, Document
from findling.documents.model import Outline


@pytest.mark.parametrize(
    ("anchor", "label"),
    [
        (Anchor(page=3), "p. 3"),
        (Anchor(line=40), "line 40"),
        (Anchor(line=40, headings=("Results", "Ice")), "§ Ice"),
        (Anchor(page=2, headings=("Ice",)), "p. 2 · § Ice"),
        (Anchor(record="d7"), ""),
        (Anchor(), ""),
    ],
)
def test_an_anchor_has_a_label_and_survives_json(anchor: Anchor, label: str) -> None:
    stored = json.loads(json.dumps(anchor.to_json()))
    assert stored.get("label", "") == label
    assert None not in stored.values()
    assert Anchor.from_json(stored) == anchor


def test_spans_find_the_blocks_in_the_text() -> None:
    blocks = tuple(Block(BlockKind.PARAGRAPH, text) for text in ("one", "", "zwei 🦉", "3"))
    document = Document("txt", "T", blocks)
    assert document.text == SEPARATOR.join(block.text for block in blocks)
    assert [document.text[start:end] for start, end in document.spans()] == [block.text for block in blocks]


def test_a_document_survives_json() -> None:
    blocks = tuple(Block(kind, f"text of {kind}", Anchor(page=1, headings=("A",))) for kind in BlockKind)
    document = Document("pdf", "Title", blocks)
    assert Document.from_json(json.loads(json.dumps(document.to_json()))) == document


def test_an_outline_closes_what_a_heading_is_not_below() -> None:
    outline = Outline()
    assert outline.enter(2, "a") == ("a",)
    assert outline.enter(4, "b") == ("a", "b")
    assert outline.enter(3, "c") == ("a", "c")
    assert outline.enter(1, "d") == ("d",)
    assert outline.path == ("d",)
