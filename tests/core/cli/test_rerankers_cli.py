"""A reranker from the hub to the settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    Run = Callable[..., Any]


def test_one_of_the_catalogue_is_downloaded_installed_and_kept_while_it_is_chosen(
    findling: Run,
    overlap_reranker: Path,
    start_hub: Callable[..., Any],
    home_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = {path.name: path.read_bytes() for path in overlap_reranker.iterdir()}
    hub = start_hub(repo="cross-encoder/ms-marco-MiniLM-L6-v2", files=files)
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    found = findling("models", "download", "ms-marco-minilm-l6-v2", "--json").json
    assert found["kind"] == "reranker"
    assert found["installed"].endswith("ms-marco-minilm-l6-v2")
    (row,) = [
        row for row in findling("models", "list", "--json").json if row["id"] == "ms-marco-minilm-l6-v2"
    ]
    assert (row["kind"], row["state"], row["licence"]) == ("reranker", "installed", "Apache-2.0")
    settings = home_directory / "config" / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"reranker": "ms-marco-minilm-l6-v2"}))
    refused = findling("models", "remove", "ms-marco-minilm-l6-v2")
    assert refused.code == 1
    assert "second look" in refused.err
    settings.unlink()
    assert findling("models", "remove", "ms-marco-minilm-l6-v2").code == 0
