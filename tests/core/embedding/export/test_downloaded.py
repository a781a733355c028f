"""From the hub to a model in use, by one command, with a hub on loopback."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.cli import main
from findling.embedding import Embedder
from findling.embedding.export import export_model
from findling.errors import ModelNotFound
from findling.jobs import CancelToken, ignore_progress
from findling.library import keeping_models
from findling.models import InstalledModels, Pooling
from findling.models import catalogue as room

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findling.settings import Settings


@pytest.fixture
def program(
    settings: Settings,
    home_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    start_hub: Callable[..., Any],
    tiny: Callable[[str], Path],
) -> Callable[..., tuple[int, str, str]]:
    """`findling VERB …`; the hub has a tiny BERT as publisher/tiny."""
    files = {path.name: path.read_bytes() for path in tiny("bert").iterdir()}
    monkeypatch.setenv("HF_ENDPOINT", start_hub(files=files).endpoint)
    monkeypatch.setenv("FINDLING_HOME", str(home_directory))
    for name in ("DO_NOT_TRACK", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_OFFLINE", "ORT_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "1")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return run


def test_a_repository_is_downloaded_installed_and_used(
    program: Callable[..., tuple[int, str, str]], settings: Settings, tmp_path: Path
) -> None:
    code, out, err = program("models", "download", "publisher/tiny", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["id"] == "tiny"
    card = InstalledModels(settings.home.models).get("tiny").card
    assert (card.base, card.pooling, set(card.variants)) == ("publisher/tiny", Pooling.MEAN, {"fp32", "int8"})
    assert card.provenance["source"].startswith("publisher/tiny@c0ffee")
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "note.txt").write_text("a badger under an oak")
    assert program("index", str(tmp_path / "papers"), "--model", "tiny")[0] == 0
    assert "badger" in program("search", "badger under oak")[1]


def test_what_the_catalogue_says_of_use_goes_onto_the_card(
    program: Callable[..., tuple[int, str, str]], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = replace(
        room.unlisted("publisher/tiny"),
        id="listed",
        name="A listed model",
        licence="MIT",
        languages=("de",),
        pooling=Pooling.LAST_TOKEN,
        query_prefix="task {instruction}: ",
        document_prefix="text: ",
        instruction="find it",
        eos="</s>",
    )
    monkeypatch.setitem(room.CATALOGUE, "listed", entry)
    with pytest.raises(ModelNotFound, match="models download"):
        export_model("listed", settings)
    target = settings.home.downloads / "listed"
    target.parent.mkdir(parents=True)
    from findling.models.download import download

    download(entry, target)
    model = export_model("listed", settings)
    card = model.card
    assert (card.id, card.name, card.licence, card.languages) == ("listed", "A listed model", "MIT", ("de",))
    assert (card.pooling, card.eos, card.needs_tuning) == (Pooling.LAST_TOKEN, "</s>", False)
    embedder = Embedder(model)
    plain = embedder.embed_passages(["x"])
    assert embedder.tokenizer.encode(["a"])[0][-1] == 2
    assert card.query_text("q") == "task find it: q"
    assert np.isfinite(plain).all()


def test_only_the_download_where_no_more_is_wanted_or_possible(
    program: Callable[..., tuple[int, str, str]], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert program("models", "download", "publisher/tiny", "--only")[0] == 0
    assert (settings.home.downloads / "tiny" / "config.json").is_file()
    assert not (settings.home.models / "tiny").exists()
    monkeypatch.setattr("findling.embedding.export.can_export", lambda: False)
    arguments = {"settings": settings.to_json(), "source": "publisher/tiny", "fetched": True, "ready": True}
    found = keeping_models.bring(arguments, ignore_progress, CancelToken())
    assert "installed" not in found
    assert not (settings.home.models / "tiny").exists()
    monkeypatch.setattr(keeping_models, "start_bringing", lambda *_, **__: None)
    monkeypatch.setattr("findling.cli.models.follow", lambda *_: found)
    code, out, _ = program("models", "download", "publisher/tiny")
    assert code == 0
    assert "findling[tune]" in out
