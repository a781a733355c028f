"""Installed models: complete or not there, verified, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.errors import ModelDamaged, ModelNotFound, UserError
from findling.models import InstalledModels, ModelCard, Pooling
from findling.models.installed import seal

if TYPE_CHECKING:
    from pathlib import Path

    from findling.models import InstalledModel


def install(models: InstalledModels, model_id: str, content: bytes = b"graph") -> InstalledModel:
    card = ModelCard(model_id, model_id, "", 8, 32, Pooling.MEAN, weights="0")
    with models.installing(model_id) as place:
        (place / "model.onnx").write_bytes(content)
        (place / "tokenizer.json").write_bytes(b"{}")
        seal(card, place)
    return models.get(model_id)


@pytest.fixture
def models(tmp_path: Path) -> InstalledModels:
    return InstalledModels(tmp_path / "models")


def test_a_model_is_there_once_its_block_has_ended(models: InstalledModels, tmp_path: Path) -> None:
    assert models.list() == []
    model = install(models, "tiny")
    assert models.list() == [model]
    assert model.graph.read_bytes() == b"graph"
    assert set(model.card.files) == {"model.onnx", "tokenizer.json"}
    assert model.size_bytes() == sum(path.stat().st_size for path in model.directory.iterdir()) > 7
    assert model.directory.stat().st_mode & 0o777 == 0o700
    model.verify()


def test_a_block_that_fails_leaves_nothing_and_replaces_nothing(
    models: InstalledModels, tmp_path: Path
) -> None:
    install(models, "tiny", b"old")

    def fail() -> None:
        with models.installing("tiny") as place:
            (place / "model.onnx").write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert models.get("tiny").graph.read_bytes() == b"old"
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["tiny"]


def test_a_model_of_the_same_id_is_replaced(models: InstalledModels) -> None:
    install(models, "tiny", b"old")
    assert install(models, "tiny", b"new").graph.read_bytes() == b"new"
    assert len(models.list()) == 1


@pytest.mark.parametrize("model_id", ["", "../x", "A", ".hidden", "a/b", "x" * 81])
def test_an_id_must_make_a_directory_name(models: InstalledModels, model_id: str) -> None:
    with pytest.raises(UserError, match="cannot be a model id"), models.installing(model_id):
        pass
    with pytest.raises(ModelNotFound):
        models.get(model_id)
    with pytest.raises(ModelNotFound):
        models.remove(model_id)


def test_what_is_not_installed_is_said_with_what_is(models: InstalledModels) -> None:
    with pytest.raises(ModelNotFound, match="Installed: none"):
        models.get("tiny")
    install(models, "tiny")
    with pytest.raises(ModelNotFound, match="Installed: tiny"):
        models.get("other")


def test_a_missing_or_altered_file_is_named(models: InstalledModels) -> None:
    model = install(models, "tiny")
    model.graph.write_bytes(b"graqh")
    assert models.get("tiny") == model  # only its presence is looked at each time
    with pytest.raises(ModelDamaged, match=r"model\.onnx is not as it was installed"):
        model.verify()
    model.tokenizer.unlink()
    for look in (model.verify, lambda: models.get("tiny")):
        model.graph.write_bytes(b"graph")
        with pytest.raises(ModelDamaged, match=r"tokenizer\.json is missing"):
            look()


def test_a_model_with_an_unreadable_card_is_left_out_and_can_be_removed(models: InstalledModels) -> None:
    bad = install(models, "bad")
    good = install(models, "good")
    (bad.directory / "card.json").write_text("{")
    assert models.list() == [good]
    with pytest.raises(ModelDamaged):
        models.get("bad")
    models.remove("bad")
    assert not bad.directory.exists()
    with pytest.raises(ModelNotFound):
        models.remove("bad")
