"""Make an installed model of built-in weights, once, and open embedders by their id."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from findling.embedding import bert_graph
from findling.embedding.embedder import Embedder
from findling.errors import ModelNotFound
from findling.models import BUILTIN_EMBEDDERS, InstalledModel, InstalledModels, ModelCard
from findling.models.card import sha256_of
from findling.models.installed import seal

if TYPE_CHECKING:
    from findling.models import BuiltinEmbedder
    from findling.settings import Settings


def ensure_installed(settings: Settings, model_id: str) -> InstalledModel:
    """The installed model of that id; a built-in one is built on first use (about a second).

    Raises `ModelNotFound`, `ModelDamaged`.
    """
    models = InstalledModels(settings.home.models)
    builtin = BUILTIN_EMBEDDERS.get(model_id)
    if builtin is None:
        return models.get(model_id)
    try:
        return models.get(model_id)
    except ModelNotFound:
        _build(models, builtin)
        return models.get(model_id)


def open_embedder(settings: Settings, model_id: str) -> Embedder:
    """Open the model in a session of its own. Raises `ModelNotFound`, `ModelDamaged`."""
    return Embedder(ensure_installed(settings, model_id), settings.embedder_threads)


def _build(models: InstalledModels, builtin: BuiltinEmbedder) -> None:
    source = builtin.weights()
    with models.installing(builtin.id) as directory:
        shape = bert_graph.build(source, builtin.pooling, directory / "model.onnx")
        shutil.copyfile(source / "tokenizer.json", directory / "tokenizer.json")
        card = ModelCard(
            id=builtin.id,
            name=builtin.name,
            base=builtin.base,
            dim=shape.hidden,
            max_tokens=builtin.max_tokens,
            pooling=builtin.pooling,
            weights=sha256_of(source / "model.safetensors"),
            licence=builtin.licence,
            languages=builtin.languages,
            provenance={"package": builtin.distribution, "graph": "built from safetensors"},
        )
        seal(card, directory)
