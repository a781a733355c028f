"""All that Findling has written is removed on the command line."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    import pytest

    Run = Callable[..., Any]


class Terminal(io.StringIO):
    """Somebody who has typed this."""

    def isatty(self) -> bool:
        return True


def test_all_of_it_goes_and_documents_stay(
    findling: Run, folder: Path, home_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    findling("index", folder, "--library", "papers")
    (home_directory / "config").mkdir()
    (home_directory / "config" / "settings.json").write_text("{torn")
    (home_directory / "data" / "mine.txt").write_text("my own")
    documents = sorted(path.name for path in folder.iterdir())

    said = findling("remove-my-data", "--dry-run")
    assert said.code == 0
    assert "Would go: library papers" in said.out
    assert "Would go: model all-minilm-l6-v2" in said.out
    assert f"Stays: {home_directory / 'data' / 'mine.txt'} (not made by Findling)" in said.out
    listed = findling("remove-my-data", "--dry-run", "--json").json
    assert listed["removed"] is False
    assert [part["name"] for part in listed["parts"]][:2] == ["papers", "all-minilm-l6-v2"]
    assert listed["total_bytes"] == sum(part["bytes"] for part in listed["parts"])
    assert listed["stays"] == [
        {"place": str(home_directory / "data" / "mine.txt"), "why": "not made by Findling", "reason": ""}
    ]

    asked = findling("remove-my-data")
    assert (asked.code, "say --yes" in asked.err) == (2, True)
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    asked = findling("remove-my-data")
    assert (asked.code, "Will go: library papers" in asked.err) == (1, True)
    assert "Remove all of this?" in asked.err

    lock = FileLock(home_directory / "state" / "window.lock")
    with lock:
        busy = findling("remove-my-data", "--yes")
        assert (busy.code, busy.out) == (1, "")
        assert busy.err.startswith("findling: The window of Findling is open.")
        assert (home_directory / "data" / "libraries" / "papers" / "library.json").is_file()

    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    said = findling("remove-my-data")
    assert said.code == 0
    assert "All of it is gone: " in said.out
    assert [path.name for path in home_directory.rglob("*")] == ["data", "mine.txt"]
    assert sorted(path.name for path in folder.iterdir()) == documents
    assert "Nothing of Findling's is there." in findling("remove-my-data").out
    assert findling("remove-my-data", "--yes", "--json").json["parts"] == []


def test_models_may_be_kept(findling: Run, home_directory: Path) -> None:
    result = findling("remove-my-data", "--keep-models", "--yes", "--json").json
    assert result["removed"] is True
    assert [stay["why"] for stay in result["stays"]] == ["kept, as was asked"]
    assert [path.name for path in home_directory.iterdir()] == ["data"]
    assert (home_directory / "data" / "models" / "all-minilm-l6-v2" / "card.json").is_file()
