"""The verbs about which files a library looks at: rules, why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]


def test_rules_are_shown_changed_and_obeyed(findling: Run, folder: Path) -> None:
    findling("index", folder)
    assert findling("rules", "--json").json == {
        "include": [],
        "exclude": [],
        "hidden": False,
        "links": False,
        "largest_mebibytes": 0,
        "families_off": [],
        "ignore_files": True,
    }
    changed = findling("rules", "--exclude", "*.txt", "--exclude", "*.xyz", "--without", "pdf", "--json")
    assert (changed.json["exclude"], changed.json["families_off"]) == (["*.txt", "*.xyz"], ["pdf"])
    assert findling("status", "--json").json["files"] == {"indexed": 1, "skipped": 0, "failed": 0}

    more = findling("rules", "--hidden", "--largest", 5, "--json").json
    assert (more["exclude"], more["hidden"], more["largest_mebibytes"]) == (["*.txt", "*.xyz"], True, 5)
    text = findling("rules").out
    assert "*.txt  *.xyz" in text
    assert "5 MB" in text
    assert findling("rules", "--exclude", "", "--json").json["exclude"] == []
    fresh = findling("rules", "--reset", "--links", "--json").json
    assert (fresh["links"], fresh["hidden"], fresh["families_off"]) == (True, False, [])
    assert findling("status", "--json").json["files"] == {"indexed": 2, "skipped": 1, "failed": 1}


def test_rules_that_are_wrong(findling: Run, folder: Path) -> None:
    findling("index", folder)
    for arguments, message in (
        (("--exclude", "[x"), "The pattern '[x' cannot be read."),
        (("--without", "pfd"), "Did you mean 'pdf'?"),
        (("--largest", "-3"), "Give 0"),
        (("--library", "none", "--hidden"), "There is no library 'none'"),
    ):
        outcome = findling("rules", *arguments)
        assert (outcome.code, outcome.out) == (1, "")
        assert message in outcome.err
    assert findling("status", "--json").json["files"] == {"indexed": 2, "skipped": 1, "failed": 1}


def test_why_a_file_is_not_found(findling: Run, folder: Path) -> None:
    (folder / ".findlingignore").write_text("tax.*\n")
    (folder / ".secret.txt").write_text("x")
    findling("index", folder)
    assert findling("why", folder / "whales.md").out == f"{folder / 'whales.md'}: indexed.\n"
    answer = findling("why", folder / "tax.txt", "--json").json
    assert answer == {
        "path": str(folder / "tax.txt"),
        "state": "left out",
        "reason": "",
        "rule": "tax.*",
        "source": f"{folder / '.findlingignore'}, line 1",
    }
    assert "left out by tax.* in " in findling("why", folder / "tax.txt").out
    assert "(--no-hidden)" in findling("why", folder / ".secret.txt").out
    assert "skipped: format not read: xyz." in findling("why", folder / "scan.xyz").out
    assert findling("why", folder / "broken.pdf", "--json").json["reason"]
    assert "does not exist" in findling("why", folder / "nothing.txt").out
    assert "lies in no folder" in findling("why", "/").out
    (folder / "new.txt").write_text("x")
    assert "Run 'findling index'" in findling("why", folder / "new.txt").out
    findling("rules", "--exclude", "scan*", "--include", "*.txt", "--include", "*.xyz")
    assert "left out by --exclude scan*." in findling("why", folder / "scan.xyz").out
    assert "no pattern names it (--include *.txt *.xyz)" in findling("why", folder / "whales.md").out
