"""The JSON of a hit is a contract."""

from __future__ import annotations

import json

from findling.documents import Anchor
from findling.search import Hit, Mode


def test_a_hit_as_json() -> None:
    hit = Hit(
        path="/docs/a.pdf",
        title="Ice",
        score=0.123456,
        snippet="the ice",
        highlights=((4, 7),),
        anchor=Anchor(page=2),
        passage_id="p",
        document_id="d",
        kind="pdf",
        record="",
        start=10,
        end=20,
        copies=("/docs/b.pdf",),
        library="papers",
    )
    assert json.loads(json.dumps(hit.to_json())) == {
        "path": "/docs/a.pdf",
        "title": "Ice",
        "score": 0.1235,
        "snippet": "the ice",
        "highlights": [[4, 7]],
        "meaning_highlights": [],
        "anchor": {"page": 2, "label": "p. 2"},
        "passage_id": "p",
        "document_id": "d",
        "kind": "pdf",
        "copies": ["/docs/b.pdf"],
        "similar": [],
        "passages": [],
        "library": "papers",
    }


def test_modes_are_named_as_on_the_command_line() -> None:
    assert [mode.value for mode in Mode] == ["hybrid", "semantic", "keyword"]
