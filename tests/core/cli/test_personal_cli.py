"""History, saved searches and judgements on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Run = Callable[..., Any]


def test_what_is_asked_is_remembered_unless_that_is_not_wanted(
    findling: Run, folder: Path, home_directory: Path
) -> None:
    assert findling("history").code == 1  # no library yet
    for name in ("default", "other"):
        findling("index", folder, "--library", name)
    assert findling("history").out == "Nothing asked yet.\n"
    findling("search", "whales", "--mode", "keyword", "--library", "default", "--library", "other")
    findling("search", "income tax")
    findling("search", "secret", "--no-history")
    rows = findling("history", "--json").json
    assert [(row["query"], row["mode"], row["opened"]) for row in rows] == [
        ("income tax", "hybrid", ""),
        ("whales", "keyword", ""),
    ]
    assert rows[0]["asked"].endswith("+00:00")
    counts = [
        findling("history", "--json", "--library", name).json[-1]["hits"] for name in ("default", "other")
    ]
    assert sum(counts) == 1  # content that both have is one hit
    assert "income tax" in findling("history", "-n", "1").out.splitlines()[0]

    settings = home_directory / "config" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text('{"keep_history": false}')
    findling("search", "secret")
    assert [row["query"] for row in findling("history", "--json").json] == ["income tax", "whales"]
    assert findling("history", "--clear", "--forget", "x").code == 2
    assert findling("history", "--older-than", "1", "--json").json == {"forgotten": 0}
    assert findling("history", "--forget", "Whales").out == "Forgotten: 1 query.\n"
    assert findling("history", "--clear", "--json").json == {"forgotten": 1}
    assert findling("history", "--json").json == []


def test_a_search_answers_though_nothing_can_be_remembered(
    findling: Run, folder: Path, home_directory: Path
) -> None:
    findling("index", folder)
    path = home_directory / "data" / "libraries" / "default" / "personal.sqlite"
    path.write_bytes(b"not a database, and long enough to be seen as none" * 100)
    found = findling("search", "whales", "--json")
    assert (found.code, found.json[0]["title"]) == (0, "Whales")
    assert "personal.sqlite.damaged-1" in json.loads(found.err)["error"]
    assert findling("search", "whales").err == ""
    path.write_bytes(b"not a database, and long enough to be seen as none" * 100)
    checked = findling("check")
    assert (checked.code, "history, saved searches and judgements cannot be read" in checked.out) == (1, True)
    assert "are set aside (repaired)" in findling("check", "--repair").out
    assert findling("check").code == 0
    assert path.with_name("personal.sqlite.damaged-2").exists()


def test_saved_searches_are_run_by_their_name(findling: Run, folder: Path) -> None:
    findling("index", folder, "--library", "papers")
    assert findling("saved", "--library", "papers").out == "No saved searches yet.\n"
    added = findling("saved", "add", "Sea", "singing whales", "--mode", "keyword", "--library", "papers")
    assert added.out.split() == ["Sea", "singing", "whales"]
    assert findling("saved", "--library", "papers", "add", "money", "tax").code == 0
    (sea, money) = findling("saved", "rename", "Sea", "water", "--library", "papers", "--json").json[::-1]
    assert (sea["name"], sea["query"], sea["mode"]) == ("water", "singing whales", "keyword")
    assert findling("saved", "run", "WATER", "--library", "papers", "--json").json[0]["title"] == "Whales"
    assert findling("history", "--library", "papers", "--json").json[0]["query"] == "singing whales"
    assert findling("saved", "remove", "water", "--library", "papers", "--json").json == [money]
    missing = findling("saved", "run", "monye", "--library", "papers")
    assert (missing.code, "Did you mean 'money'?" in missing.err) == (1, True)


def test_judging_listing_exporting_and_importing(findling: Run, folder: Path, tmp_path: Path) -> None:
    findling("index", folder)
    hit = findling("search", "who sings", "--json").json[0]
    made = findling("judge", "who sings", hit["path"], "--passage", hit["passage_id"], "--json").json
    assert (made["grade"], made["state"], made["passage_ids"]) == (1, "found", [hit["passage_id"]])
    said = findling("judge", "who sings", "tax.txt", "--does-not").out
    assert said == f"{folder / 'tax.txt'} does not answer 'who sings'\n"
    assert findling("judge", "who sings", "no.txt").code == 1
    rows = findling("judgements", "--json").json
    assert rows == findling("judgements", "list", "--json").json
    assert [(row["path"], row["grade"]) for row in rows] == [(hit["path"], 1), (str(folder / "tax.txt"), 0)]

    out = tmp_path / "judged"
    result = findling("judgements", "export", out, "--json").json
    assert result == {
        "library": "default",
        "directory": str(out),
        "queries": 1,
        "documents": 2,
        "judgements": 2,
        "unresolved": 0,
    }
    assert findling("judge", "who sings", "whales.md", "--withdraw", "--json").json == {"withdrawn": 1}
    table = out / "judgements.csv"
    table.write_text(table.read_text() + "who sings,gone.md,1,\n")
    result = findling("judgements", "import", table, "--format", "csv", "--json").json
    assert (result["judgements"], result["documents_missing"]) == (2, ["gone.md"])
    assert (
        "Documents that are not in the library (1): gone.md"
        in findling("judgements", "import", table, "--format", "csv").out
    )
    (folder / "whales.md").write_text("# Whales\n\nNothing of the kind.\n")
    findling("index")
    assert "unresolved: the passage is not in it any more" in findling("judgements").out
    measured = findling("eval", "--own", "--mode", "hybrid", "--json")
    assert (measured.code, "No query that has a text" in measured.err) == (1, True)
    findling("judge", "due in July", "tax.txt")
    measured = findling("eval", "--own", "--mode", "hybrid", "--json")
    assert (measured.json["queries"], measured.json["modes"]["hybrid"]["mrr@10"]) == (1, 1.0)
    assert "not found now, and do not count: 1." in measured.err
    assert findling("eval", "--own", out).code == findling("eval").code == 2
    table.write_text("query,path,grade\nx,y,z\n")
    bad = findling("judgements", "import", table, "--format", "csv")
    assert (bad.code, "judgements.csv, line 2" in bad.err) == (1, True)
