"""findling show: what is read from a file, for people and for programs."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def costs(tmp_path: Path) -> Path:
    path = tmp_path / "costs.csv"
    path.write_text("What;Cost\nrope;12\nhoney jars;9\n")
    return path


def test_blocks_with_their_places(findling, costs: Path) -> None:
    shown = findling("show", costs).out
    assert "csv · 3 blocks" in shown
    assert "[table row · A2:B2]\nrope | 12" in shown
    told = json.loads(findling("show", costs, "--json").out)
    assert (told["kind"], told["inside"]) == ("csv", [])
    assert told["blocks"][0]["kind"] == "table header"
    assert told["blocks"][2]["anchor"]["cells"] == "A3:B3"


def test_passages_as_they_are_embedded(findling, costs: Path) -> None:
    [passage] = json.loads(findling("show", costs, "--passages", "--json").out)["passages"]
    assert passage["text"].startswith("What | Cost")
    assert passage["anchor"]["cells"] == "A1:B3"
    assert 5 < passage["tokens"] < 40
    assert "[" in findling("show", costs, "--passages").out


def test_files_in_an_archive_and_one_of_them(findling, costs: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        archive.write(costs, "papers/costs.csv")
        archive.writestr("data.bin", b"\0\1")
    told = json.loads(findling("show", tmp_path / "old.zip", "--json").out)
    assert [inner["name"] for inner in told["inside"]] == ["papers/costs.csv", "data.bin"]
    assert told["inside"][1]["reason"] == "format not read: bin"
    inside = f"{tmp_path}/old.zip!/papers/costs.csv"
    assert json.loads(findling("show", inside, "--json").out)["kind"] == "csv"


def test_what_cannot_be_read_says_why(findling, tmp_path: Path) -> None:
    (tmp_path / "torn.pdf").write_text("no PDF")
    found = findling("show", tmp_path / "torn.pdf")
    assert found.code == 1
    assert "torn.pdf: not a PDF file" in found.err
