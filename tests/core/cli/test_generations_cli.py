"""Rebuild, list, roll back and forget, on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling.models import BUILTIN_EMBEDDERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Run = Callable[..., Any]


def test_a_library_gets_another_model_and_the_old_one_back(findling: Run, folder: Path) -> None:
    weights = BUILTIN_EMBEDDERS["all-minilm-l6-v2"].weights()
    assert findling("models", "add", weights, "--id", "mine").code == 0
    findling("index", folder)
    rows = findling("rebuild", "--model", "mine", "--json").json
    assert [(row["number"], row["model"], row["state"]) for row in rows] == [
        (2, "mine", "active"),
        (1, "all-minilm-l6-v2", "retired"),
    ]
    status = findling("status", "--json").json
    assert (status["generation"], status["model"], status["rebuilding"]) == (2, "mine", "")
    assert "whales" in findling("search", "singing in the sea").out
    refused = findling("models", "remove", "all-minilm-l6-v2")
    assert (refused.code, "in use by: default" in refused.err) == (1, True)
    assert "active" in findling("rollback").out.splitlines()[0]
    assert findling("generations", "--json").json[0]["model"] == "all-minilm-l6-v2"
    assert findling("generations", "--forget", "1").code == 1
    assert [row["number"] for row in findling("generations", "--forget", "2", "--json").json] == [1]
    assert findling("rollback").code == 1
    missing = findling("rebuild", "--model", "no-such-model")
    assert (missing.code, "no-such-model" in missing.err) == (1, True)
