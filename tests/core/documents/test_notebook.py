"""Notebooks: text, code, outputs, the headings across cells, old versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from findling.documents import parse
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def notebook(parsed):
    return lambda content: parsed("made.ipynb", json.dumps(content))


def cell(kind: str, source: object, **more: Any) -> dict[str, Any]:
    return {"cell_type": kind, "source": source, "metadata": {}, **more}


def test_cells_and_their_outputs_stand_under_the_headings_before_them(notebook) -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["one\n", "\x1b[31mtwo\x1b[0m\n"]},
        {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": ["<Figure size 4x4>"]}},
        {"output_type": "execute_result", "data": {"text/plain": "<X at 0x1>", "text/html": "<b>three</b>"}},
        {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": ["long"]},
    ]
    document = notebook(
        {
            "nbformat": 4,
            "cells": [
                cell("markdown", ["# Tides\n", "\n", "By *hand*."]),
                cell("code", ["import sea\n", "\n", "if sea:\n", "    go()\n"], outputs=outputs),
                cell("markdown", "## Low tide\n- a crab"),
                cell("raw", "As it is"),
                cell("code", ""),
            ],
        }
    )
    assert (document.kind, document.title) == ("ipynb", "Tides")
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("heading", "Tides", ("Tides",)),
        ("paragraph", "By hand.", ("Tides",)),
        ("code", "import sea\n\nif sea:\n    go()", ("Tides",)),
        ("note", "one\ntwo", ("Tides",)),
        ("note", "three", ("Tides",)),
        ("note", "KeyError: 'x'", ("Tides",)),
        ("heading", "Low tide", ("Tides", "Low tide")),
        ("list item", "a crab", ("Tides", "Low tide")),
        ("paragraph", "As it is", ("Tides", "Low tide")),
    ]


def test_a_notebook_of_version_3(notebook) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Old"},
        {"cell_type": "code", "input": "1 + 1", "outputs": [{"output_type": "pyout", "text": ["2"]}]},
    ]
    document = notebook({"nbformat": 3, "metadata": {"name": "x"}, "worksheets": [{"cells": cells}]})
    assert [block.text for block in document.blocks] == ["Old", "1 + 1", "2"]


def test_outputs_are_bounded(notebook) -> None:
    output = {"output_type": "stream", "text": "0123456789" * 10_000}
    (_, note) = notebook({"cells": [cell("code", "run()", outputs=[output])]}).blocks
    assert len(note.text) == 2000


def test_what_is_odd_is_passed_over(notebook) -> None:
    assert (
        notebook({"cells": [None, 3, {"cell_type": "code"}, cell("markdown", 5)], "metadata": None}).blocks
        == ()
    )
    assert notebook({"cells": {"a": 1}}).blocks == ()


@pytest.mark.parametrize("content", ["{", "[]", "plain words"])
def test_what_is_no_notebook_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "made.ipynb"
    path.write_text(content)
    with pytest.raises(ParseError):
        parse(path)
