"""`findling map`: what it prints, and when it draws anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]


def test_a_library_is_drawn_and_kept(findling: Run, folder: Path) -> None:
    findling("index", folder)
    drawn = findling("map", "--json")
    assert drawn.code == 0
    assert {document["path"] for document in drawn.json["documents"]} == {
        str(path) for path in folder.rglob("*") if path.suffix in (".md", ".txt")
    }
    for document in drawn.json["documents"]:
        assert 0 <= document["x"] <= 1
        assert 0 <= document["y"] <= 1
        assert drawn.json["subjects"][document["subject"]]["documents"] > 0
    count = len(drawn.json["documents"])
    said = findling("map")
    assert f"default: {count} document" in said.out
    assert drawn.json["subjects"][0]["name"] in said.out
    (folder / "another.md").write_text("# Tides\n\nThe sea comes twice a day.\n")
    findling("index", folder)
    assert len(findling("map", "--json").json["documents"]) == count + 1


def test_a_library_that_is_not_there_is_told(findling: Run) -> None:
    told = findling("map", "--library", "nowhere")
    assert told.code != 0
    assert "nowhere" in told.err
