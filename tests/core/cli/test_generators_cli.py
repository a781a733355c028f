"""A generator from the hub or a file to the settings, and away again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.models.catalogue import catalogue_entry

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    Run = Callable[..., Any]

METADATA = {"general.architecture": "llama", "general.name": "SmolLM2", "llama.context_length": 8192}
TENSORS = {"token_embd.weight": (0, b"\1" * 4 * 64, (8, 8))}


def row_of(findling: Run, model_id: str) -> dict[str, Any]:
    """The row of the model in the listing, {} where there is none."""
    rows = findling("models", "list", "--json").json
    return next((row for row in rows if row["id"] == model_id), {})


def test_one_of_the_catalogue_is_downloaded_installed_and_kept_while_it_is_chosen(
    findling: Run,
    write_gguf: Callable[..., None],
    start_hub: Callable[..., Any],
    home_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = catalogue_entry("smollm2-360m-instruct")
    write_gguf(tmp_path / "whole", METADATA, TENSORS)
    name = entry.files[0].name
    files = {name: (tmp_path / "whole").read_bytes(), "LICENSE": b"as is"}
    hub = start_hub(repo=entry.repo, files=files)
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    only = findling("models", "download", entry.id, "--only", "--json").json
    assert "installed" not in only
    assert row_of(findling, entry.id)["state"] == "downloaded"

    hub.seen.clear()
    found = findling("models", "download", entry.id, "--json").json
    assert hub.seen == []
    installed, downloaded = Path(found["installed"]) / name, Path(found["directory"]) / name
    assert installed.samefile(downloaded)  # no second copy
    row = row_of(findling, entry.id)
    assert (row["kind"], row["state"], row["style"]) == ("generator", "installed", "completion")
    assert (row["licence"], row["parameters"], row["size_bytes"]) == ("Apache-2.0", 64, len(files[name]))
    shown = findling("models", "show", entry.id, "--json").json
    assert (shown["sha256"], shown["base"]) == (hub.digest(name), entry.repo)
    assert shown["name"] == "SmolLM2-360M-Instruct"

    settings = home_directory / "config" / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"generator": entry.id}))
    refused = findling("models", "remove", entry.id)
    assert refused.code == 1
    assert "writes the queries" in refused.err
    settings.unlink()
    assert findling("models", "remove", entry.id).code == 0
    assert not installed.exists()
    assert not downloaded.exists()
    assert row_of(findling, entry.id) == {}


def test_a_file_is_added_shown_and_looked_at(
    findling: Run, write_gguf: Callable[..., None], home_directory: Path, tmp_path: Path, folder: Path
) -> None:
    path = tmp_path / "Writer.gguf"
    write_gguf(path, METADATA, TENSORS)
    added = findling("models", "add", path, "--json").json
    assert (added["id"], added["kind"], added["context_tokens"]) == ("writer", "generator", 8192)
    assert "completion" in findling("models", "list").out
    assert findling("models", "show", "writer").code == 0
    unfit = findling("index", folder, "--model", "writer")
    assert (unfit.code, "is a generator" in unfit.err) == (1, True)
    states = {row["id"]: row["state"] for row in findling("doctor", "--json").json["models"]}
    assert (states["writer"], states["smollm2-135m"]) == ("whole", "built in")

    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    damaged = findling("models", "show", "writer")
    assert (damaged.code, "not as it was installed" in damaged.err) == (1, True)
    assert "not as it was installed" in findling("doctor").out
    assert findling("models", "remove", "writer").code == 0
    assert path.exists()

    path.write_bytes(whole[:-40])
    cut = findling("models", "add", path)
    assert (cut.code, "is cut off" in cut.err) == (1, True)
    missing = findling("models", "add", tmp_path / "none.gguf")
    assert (missing.code, "There is no GGUF file" in missing.err) == (1, True)


def test_the_built_in_one_is_a_generator_that_can_be_shown_and_not_removed(
    findling: Run, home_directory: Path
) -> None:
    row = row_of(findling, "smollm2-135m")
    assert (row["kind"], row["state"], row["style"]) == ("generator", "built in", "completion")
    assert findling("models", "show", "smollm2-135m", "--json").json["parameters"] == 134_515_008
    assert "is built in" in findling("models", "add", "smollm2-135m").out
    assert findling("models", "remove", "smollm2-135m").code == 1
    settings = home_directory / "config" / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"generator": "smollm3"}))
    assert "There is no generator 'smollm3'" in findling("doctor").out
