"""`findling check`: what it prints, and its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lancedb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]


def damage(home_directory: Path) -> None:
    store = home_directory / "data" / "libraries" / "default" / "lance"
    passages = lancedb.connect(str(store)).open_table("passages_1")
    passages.add(passages.to_arrow())


def test_check_and_repair(findling: Run, folder: Path, home_directory: Path) -> None:
    findling("index", folder)
    healthy = findling("check")
    assert healthy.code == 0
    assert "default: all is well." in healthy.out
    assert "2 passages" in healthy.out

    damage(home_directory)
    found = findling("check")
    assert found.code == 1
    assert "2 passages stored more than once" in found.out
    assert "findling check --repair" in found.out
    repaired = findling("check", "--repair")
    assert repaired.code == 0
    assert "stored more than once (repaired)" in repaired.out
    assert findling("check").code == 0
    assert findling("search", "whales", "--json").json[0]["path"] == str(folder / "whales.md")


def test_json(findling: Run, folder: Path, home_directory: Path) -> None:
    findling("index", folder, "--library", "default")
    damage(home_directory)
    found = findling("check", "--json")
    assert found.code == 1
    result = found.json
    assert set(result) >= {
        "library",
        "problems",
        "being_written",
        "passages",
        "versions",
        "fragments",
        "unindexed_rows",
        "disk_bytes",
        "unneeded_bytes",
        "generations",
        "run",
    }
    (problem,) = result["problems"]
    assert (problem["kind"], problem["count"], problem["repaired"]) == ("doubled_passages", 2, False)
    assert len(problem["examples"]) == 2
    repaired = findling("check", "--repair", "--json")
    assert repaired.code == 0
    assert repaired.json["problems"][0]["repaired"]


def test_errors(findling: Run, folder: Path) -> None:
    missing = findling("check", "--library", "nowhere")
    assert missing.code == 1
    assert missing.err.startswith("findling: There is no library 'nowhere'.")
    assert findling("check", "--help").code == 0
