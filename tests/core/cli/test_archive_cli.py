"""Libraries listed, exported, imported and deleted on the command line."""

from __future__ import annotations

import io
import shutil
import sys
from typing import TYPE_CHECKING

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


def test_a_library_goes_into_a_file_and_comes_back_under_another_name(
    findling: Run, folder: Path, tmp_path: Path, home_directory: Path
) -> None:
    assert findling("libraries").out == "No libraries yet.\n"
    findling("index", folder, "--library", "papers")
    file = tmp_path / "papers.findling"
    said = findling("export", file, "--library", "papers")
    assert (said.code, f"Exported papers to {file}" in said.out) == (0, True)
    assert "needs the model all-minilm-l6-v2" in said.out
    again = findling("export", file, "--library", "papers")
    assert (again.code, "--force" in again.err) == (1, True)
    result = findling("export", file, "--library", "papers", "--force", "--active-only", "--json").json
    assert result == {
        "library": "papers",
        "file": str(file),
        "bytes": file.stat().st_size,
        "generations": [1],
        "models": [],
        "models_needed": ["all-minilm-l6-v2"],
    }

    taken = findling("import", file)
    assert (taken.code, "There is a library 'papers' already." in taken.err) == (1, True)
    there = tmp_path / "articles"
    shutil.copytree(folder, there)
    mapped = f"{folder}={there}"
    assert findling("import", file, "--folder", "no mapping").code == 2
    assert findling("import", file, "--library", "articles", "--folder", mapped).code == 0
    assert findling("search", "whales", "--library", "articles", "--json").json[0]["path"] == str(
        there / "whales.md"
    )
    index = findling("index", "--library", "articles", "--json").json
    assert (index["embedded"], index["missing_folders"]) == (0, [])
    shutil.rmtree(folder)
    result = findling("import", file, "--library", "kept", "--json").json
    assert result == {
        "library": "kept",
        "folders": [str(folder)],
        "collections": [],
        "missing_folders": [str(folder)],
        "generations": [1],
        "models_installed": [],
        "models_missing": [],
    }
    assert findling("status", "--library", "kept", "--json").json["missing_folders"] == [str(folder)]
    assert "Whales" in findling("search", "singing in the sea", "--library", "kept").out

    rows = findling("libraries", "--json").json
    assert [(row["library"], row["folders"], row["problem"]) for row in rows] == [
        ("articles", [str(there)], ""),
        ("kept", [str(folder)], ""),
        ("papers", [str(folder)], ""),
    ]
    (home_directory / "data" / "libraries" / "kept" / "library.json").write_text("{")
    for backup in (home_directory / "data" / "libraries" / "kept").glob("*.bak"):
        backup.unlink()
    listed = findling("libraries").out.splitlines()
    assert ["cannot be read" in line for line in listed] == [False, True, False]
    assert "2 passages of all-minilm-l6-v2" in listed[0]


def test_deleting_asks_and_leaves_nothing_behind(
    findling: Run, folder: Path, tmp_path: Path, home_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path for path in home_directory.rglob("*") if path.is_file()}
    findling("index", folder, "--library", "papers")
    findling("export", tmp_path / "papers.findling", "--library", "papers")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    nobody = findling("delete", "papers")
    assert (nobody.code, "--yes" in nobody.err) == (2, True)
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    assert findling("delete", "papers").code == 1
    assert findling("libraries", "--json").json[0]["library"] == "papers"
    assert findling("delete", "nowhere", "--yes").code == 1

    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    assert findling("delete", "papers").code == 0
    assert {path for path in home_directory.rglob("*") if path.is_file()} == before
    assert not (home_directory / "data" / "libraries" / "papers").exists()
    assert folder.exists()
    assert findling("import", tmp_path / "papers.findling").code == 0
    assert findling("delete", "papers", "--yes", "--json").json == {"deleted": "papers"}
    assert findling("libraries", "--json").json == []
