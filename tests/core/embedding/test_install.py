"""Installing models: built-in ones on first use, others from a directory, refused ones without a trace."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.embedding import Embedder, ProviderReport, add_model, ensure_installed, open_embedder
from findling.embedding import install as room
from findling.errors import ModelDamaged, ModelNotFound, UserError
from findling.models import BUILTIN_EMBEDDERS, InstalledModels, Pooling
from findling.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from findling.models import InstalledModel
    from findling.settings import Home

MODEL = "all-minilm-l6-v2"


@pytest.fixture
def weights() -> Path:
    return BUILTIN_EMBEDDERS[MODEL].weights()


@pytest.fixture
def bare(home: Home) -> Settings:
    """Settings of a home without any model."""
    return Settings(home, embedder_threads=1)


def linked(source: Path, target: Path, *, without: str = "") -> Path:
    """A directory with links to the files of another: they can be replaced one by one."""
    target.mkdir()
    for path in source.iterdir():
        if path.name != without:
            (target / path.name).symlink_to(path)
    return target


def replaced(directory: Path, name: str, content: bytes) -> None:
    (directory / name).unlink(missing_ok=True)
    (directory / name).write_bytes(content)


def test_the_built_in_model_says_what_it_is(installed_model: InstalledModel) -> None:
    card = installed_model.card
    assert (card.id, card.dim, card.max_tokens, card.pooling) == (MODEL, 384, 256, Pooling.MEAN)
    assert set(card.files) == {"model.onnx", "model_int8.onnx", "tokenizer.json"}
    installed_model.verify()


def test_what_is_installed_is_not_built_again(settings: Settings, installed_model: InstalledModel) -> None:
    before = (settings.home.models / MODEL).stat().st_mtime_ns
    again = ensure_installed(settings, MODEL)
    assert again.card == installed_model.card
    assert add_model(settings, MODEL).card == installed_model.card
    assert (settings.home.models / MODEL).stat().st_mtime_ns == before


def test_what_is_neither_installed_nor_built_in_is_not_found(bare: Settings) -> None:
    with pytest.raises(ModelNotFound, match="Installed: none"):
        ensure_installed(bare, "no-such-model")
    with pytest.raises(ModelNotFound, match="neither a directory nor a built-in model"):
        add_model(bare, "no-such-model")


def test_a_model_from_a_hugging_face_directory(
    bare: Settings, weights: Path, embedder: Embedder, tmp_path: Path
) -> None:
    source = linked(weights, tmp_path / "My Model")
    prompts = {"prompts": {"query": "query: ", "document": "passage: "}}
    replaced(source, "config_sentence_transformers.json", json.dumps(prompts).encode())
    replaced(source, "sentence_bert_config.json", b'{"max_seq_length": 64}')
    model = add_model(bare, str(source))
    card = model.card
    assert (card.id, card.name, card.dim, card.max_tokens) == ("my-model", "My Model", 384, 64)
    assert (card.query_prefix, card.document_prefix) == ("query: ", "passage: ")
    assert card.fingerprint != embedder.card.fingerprint
    model.verify()
    vector = Embedder(model).embed_query("an owl")
    assert np.abs(vector - embedder.embed_passages(["query: an owl"])[0]).max() <= 1e-5


def test_what_a_directory_does_not_say_has_its_default(bare: Settings, weights: Path, tmp_path: Path) -> None:
    source = tmp_path / "plain"
    source.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (source / name).symlink_to(weights / name)
    (source / "1_Pooling").mkdir()
    (source / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    (source / "sentence_bert_config.json").write_text("[]")
    card = add_model(bare, str(source), "chosen").card
    assert (card.id, card.max_tokens, card.pooling) == ("chosen", 512, Pooling.CLS)
    assert (card.query_prefix, card.document_prefix) == ("", "")


def test_a_model_from_another_findling(bare: Settings, installed_model: InstalledModel) -> None:
    model = add_model(bare, str(installed_model.directory), "copy")
    assert model.card.id == "copy"
    assert model.card.fingerprint == installed_model.card.fingerprint
    assert model.card.files == installed_model.card.files
    model.verify()


def test_refused_models_leave_nothing_behind(
    bare: Settings, weights: Path, installed_model: InstalledModel, tmp_path: Path
) -> None:
    cut = linked(weights, tmp_path / "cut")
    replaced(cut, "model.safetensors", (weights / "model.safetensors").read_bytes()[:5_000_000])
    untokenized = linked(weights, tmp_path / "untokenized", without="tokenizer.json")
    garbled = linked(weights, tmp_path / "garbled")
    replaced(garbled, "tokenizer.json", b"{}")
    altered = linked(installed_model.directory, tmp_path / "altered")
    replaced(altered, "model.onnx", b"not what the card says")
    (tmp_path / "empty").mkdir()
    for source in (cut, untokenized, garbled, altered, tmp_path / "empty"):
        with pytest.raises(ModelDamaged) as caught:
            add_model(bare, str(source))
        assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="cannot be a model id"):
        add_model(bare, str(weights), "No Id")
    assert InstalledModels(bare.home.models).list() == []
    assert list(bare.home.models.glob("*")) == []


def test_a_refused_model_does_not_replace_a_good_one(
    settings: Settings, weights: Path, installed_model: InstalledModel, tmp_path: Path
) -> None:
    garbled = linked(weights, tmp_path / "garbled")
    replaced(garbled, "tokenizer.json", b"{}")
    with pytest.raises(ModelDamaged):
        add_model(settings, str(garbled), MODEL)
    assert ensure_installed(settings, MODEL).card == installed_model.card


def test_a_graph_whose_run_fails_is_refused(
    bare: Settings, installed_model: InstalledModel, tmp_path: Path
) -> None:
    """Token ids beyond the words that the graph knows fail only when a text is embedded."""
    source = tmp_path / "source"
    shutil.copytree(installed_model.directory, source)
    tokenizer = json.loads((source / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"]["test"] = 99_999
    (source / "tokenizer.json").write_text(json.dumps(tokenizer))
    (source / "card.json").unlink()
    models = InstalledModels(tmp_path / "other")
    from findling.models.installed import seal

    with models.installing("broken") as place:
        for name in installed_model.card.files:
            shutil.move(source / name, place / name)
        seal(installed_model.card, place)
    with pytest.raises(ModelDamaged, match="does not embed"):
        add_model(bare, str(models.get("broken").directory), "broken")
    assert list(bare.home.models.glob("*")) == []


@pytest.mark.usefixtures("quantised_before")
def test_two_processes_that_want_the_built_in_model_build_it_once(
    bare: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from findling.embedding import install

    built: list[str] = []
    build = install._build

    def counted(models: InstalledModels, builtin: object) -> None:
        built.append("once")
        build(models, builtin)

    monkeypatch.setattr(install, "_build", counted)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: ensure_installed(bare, MODEL).card, range(2)))
    assert both[0] == both[1]
    assert built == ["once"]


@pytest.mark.usefixtures("quantised_before")
def test_where_there_is_a_gpu_the_built_in_model_has_a_graph_in_fp16(
    bare: Settings, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "probe_providers", lambda: ProviderReport("CUDA"))
    model = ensure_installed(bare, MODEL)
    assert set(model.card.variants) == {"fp32", "int8", "fp16"}
    size, full = model.variant("fp16").stat().st_size, model.graph.stat().st_size
    assert size == pytest.approx(full / 2, rel=0.05)
    half = Embedder(model, precision="fp16", provider="CPU")  # which computes it by casting
    texts = ["an owl", "the annual budget of the association " * 30, "", "é 氷河 🦉"]
    cosines = np.einsum("nd,nd->n", half.embed_passages(texts), embedder.embed_passages(texts))
    assert cosines.min() >= 0.9999
    assert model.card.fingerprint == embedder.card.fingerprint


def damaged(settings: Settings, name: str) -> Path:
    """Cut a file of the model in the test's own home off in the middle."""
    path = settings.home.models / MODEL / name
    content = path.read_bytes()
    path.unlink()  # a link to the session's copy
    path.write_bytes(content[: len(content) // 2])
    return path


@pytest.mark.usefixtures("quantised_before")
@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "card.json"])
@pytest.mark.parametrize("missing", [True, False])
def test_a_damaged_built_in_model_is_built_anew(
    settings: Settings, embedder: Embedder, name: str, missing: bool
) -> None:
    path = damaged(settings, name)
    if missing:
        path.unlink()
    healed = open_embedder(settings, ensure_installed(settings, MODEL))
    assert healed.providers.problems == embedder.providers.problems
    assert healed.card.fingerprint == embedder.card.fingerprint
    np.testing.assert_allclose(healed.embed_query("owl"), embedder.embed_query("owl"), atol=1e-6)


@pytest.mark.parametrize("bulk", [True, False])
def test_another_damaged_model_goes_on_in_the_precision_that_is_whole(
    settings: Settings, embedder: Embedder, bulk: bool
) -> None:
    card = settings.home.models / MODEL / "card.json"
    known = json.loads(card.read_text()) | {"provenance": {"directory": "/elsewhere"}}
    card.unlink()
    card.write_text(json.dumps(known))
    shutil.rmtree(settings.home.state / "calibration")
    damaged(settings, "model.onnx")
    model = ensure_installed(settings, MODEL)
    other = open_embedder(settings, model, bulk=bulk)
    assert other.precision == "int8"
    (problem,) = set(other.providers.problems) - set(embedder.providers.problems)
    assert "model.onnx cannot be loaded" in problem
    assert other.embed_query("owl") @ embedder.embed_query("owl") >= 0.98
    damaged(settings, "model_int8.onnx")
    with pytest.raises(ModelDamaged, match=r"model\.onnx cannot be loaded: .*Install it again") as caught:
        open_embedder(settings, model, bulk=bulk)
    assert "\n" not in str(caught.value)
