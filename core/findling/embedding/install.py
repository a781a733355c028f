"""Make installed models of built-in weights on first use, and open what is installed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TypeVar

from filelock import FileLock

from findling.embedding import bert_graph
from findling.embedding.calibration import calibrate, stored_calibration
from findling.embedding.embedder import Embedder
from findling.embedding.onnx_session import probe_providers
from findling.embedding.quantize import quantize_dynamic_int8
from findling.embedding.reranker import Reranker
from findling.embedding.runtimes import precisions
from findling.errors import ModelDamaged, ModelNotFound
from findling.models import BUILTIN_EMBEDDERS, InstalledModel, InstalledModels, Kind, ModelCard
from findling.models.builtin import BUILTIN_LANGUAGE_MODELS
from findling.models.card import sha256_of
from findling.models.installed import seal
from findling.settings import private_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findling.models import BuiltinEmbedder
    from findling.settings import Settings

_Opened = TypeVar("_Opened", Embedder, Reranker)

#: Where fp16 is worth a graph of its own.
_HALF_ON = ("CUDA", "DirectML")
#: A query does not load a larger graph than this where a smaller one serves.
_LARGE_GRAPH_BYTES = 500 * 1024 * 1024


def ensure_installed(settings: Settings, model_id: str) -> InstalledModel:
    """The installed model of that id; a built-in one is built on first use, or when files of it are missing
    (some seconds), by one process while others that want it wait.

    Raises `ModelNotFound`, `ModelDamaged`.
    """
    models = InstalledModels(settings.home.models)
    try:
        return models.get(model_id)
    except (ModelNotFound, ModelDamaged):
        if model_id in BUILTIN_LANGUAGE_MODELS:  # minutes, and the tune extra
            raise ModelNotFound(
                f"{model_id} is built in, but has to be exported first.",
                f"Run: findling models export {model_id}",
            ) from None
        builtin = BUILTIN_EMBEDDERS.get(model_id)
        if builtin is None:
            raise
    with _building(settings):
        try:
            return models.get(model_id)
        except (ModelNotFound, ModelDamaged):
            _build(models, builtin)
    return models.get(model_id)


def open_embedder(settings: Settings, model: InstalledModel, *, bulk: bool = False) -> Embedder:
    """Open the model in a session of its own, in the precision that is right for its use.

    In bulk that is the one which is fastest here, measured on first use (`calibrate`). A single query takes
    milliseconds in any, so it has the highest precision; of a large graph the smallest that is near enough,
    because a person waits while it is loaded. A built-in model that is damaged is built anew; of others the
    next precision is taken, and the report says so. Raises `ModelDamaged` when none is whole.
    """
    try:
        return _opened(settings, model, *_choice(settings, model, bulk=bulk), bulk=bulk)
    except ModelDamaged as error:
        builtin = BUILTIN_EMBEDDERS.get(model.card.id)
        if builtin is not None and model.card.provenance.get("package") == builtin.distribution:
            rebuild_builtin(settings, builtin.id)
            return _opened(settings, model, *_choice(settings, model, bulk=bulk), bulk=bulk)
        threads = settings.embedder_threads
        return _next_whole(
            model, error, lambda precision: _opened(settings, model, precision, threads, bulk=bulk)
        )


def open_reranker(settings: Settings, model: InstalledModel) -> Reranker:
    """Open a reranker in a session of its own, in the precision that is fastest here, because a person waits
    for it; that is measured on first use (`calibrate`).

    Of one that is damaged the next precision is taken, and the report says so. Raises `ModelDamaged` when
    none is whole, `UserError` for a model that is no reranker.
    """
    model.card.check_kind(Kind.RERANKER)
    provider = settings.embedder_provider
    try:
        precision, threads = _choice(settings, model, bulk=True)
        return Reranker(model, threads, precision=precision, provider=provider)
    except ModelDamaged as error:
        threads = settings.embedder_threads
        return _next_whole(
            model, error, lambda name: Reranker(model, threads, precision=name, provider=provider)
        )


def _next_whole(model: InstalledModel, error: ModelDamaged, opened: Callable[[str], _Opened]) -> _Opened:
    """The model in the highest precision whose graph is whole, with a note of `error`, which is raised where
    there is none."""
    for precision in sorted(model.card.variants, key=lambda name: name != model.card.highest):
        try:
            found = opened(precision)
        except ModelDamaged:
            continue
        found.note(error.message)
        return found
    raise error


def rebuild_builtin(settings: Settings, model_id: str) -> None:
    """Build a built-in model anew, whatever is there. Raises `ModelNotFound`, `ModelDamaged`."""
    with _building(settings):
        _build(InstalledModels(settings.home.models), BUILTIN_EMBEDDERS[model_id])


def _choice(settings: Settings, model: InstalledModel, *, bulk: bool) -> tuple[str, int]:
    """Precision and threads. Raises `ModelDamaged` when it has to be measured, and cannot."""
    found = stored_calibration(settings, model)
    if bulk:
        if found is None and len(precisions(model.card, settings.embedder_provider)) > 1:
            found = calibrate(settings, model)
        if found is not None:
            return found.precision, found.threads
    elif found is not None and model.graph.stat().st_size > _LARGE_GRAPH_BYTES:
        near = [name for name in found.near if name in model.card.variants]
        smallest = min(near, key=lambda name: model.variant(name).stat().st_size)
        return smallest, settings.embedder_threads
    return model.card.highest, settings.embedder_threads


def _opened(
    settings: Settings, model: InstalledModel, precision: str, threads: int, *, bulk: bool
) -> Embedder:
    provider = settings.embedder_provider
    return Embedder(model, threads, precision=precision, provider=provider, bulk=bulk)


def _building(settings: Settings) -> FileLock:
    """Held by the one process that builds a built-in model."""
    return FileLock(private_directory(settings.home.models) / ".building.lock", mode=0o600)


def _build(models: InstalledModels, builtin: BuiltinEmbedder) -> None:
    source = builtin.weights()
    card = ModelCard(
        id=builtin.id,
        name=builtin.name,
        base=builtin.base,
        dim=0,
        max_tokens=builtin.max_tokens,
        pooling=builtin.pooling,
        weights="",
        licence=builtin.licence,
        languages=builtin.languages,
        provenance={"package": builtin.distribution},
    )
    with models.installing(builtin.id) as place:
        install_bert(source, place, card)


def install_bert(source: Path, place: Path, card: ModelCard) -> ModelCard:
    """Build the graph of the BERT in `source` into `place`, and complete its card."""
    copy_tokenizer(source, place, card)
    if card.kind is Kind.RERANKER:
        shape = bert_graph.build_reranker(source, place / "model.onnx")
    else:
        shape = bert_graph.build(source, card.pooling, place / "model.onnx")
    quantize_dynamic_int8(place / "model.onnx", place / "model_int8.onnx")
    variants = {"fp32": "model.onnx", "int8": "model_int8.onnx"}
    if probe_providers().actual in _HALF_ON:
        from findling.embedding.export.graph import to_fp16

        variants["fp16"] = "model_fp16.onnx"
        to_fp16(place / "model.onnx", place / variants["fp16"])
    known = card.to_json() | {
        "dim": card.dim or shape.hidden,
        "variants": variants,
        "max_tokens": min(card.max_tokens, shape.max_tokens),
        "weights": sha256_of(source / "model.safetensors"),
        "provenance": {**card.provenance, "graph": "built from safetensors"},
    }
    return seal(ModelCard.from_json(known), place)


def copy_tokenizer(source: Path, place: Path, card: ModelCard) -> None:
    """Copy `tokenizer.json`. Raises `ModelDamaged` where there is none."""
    if not (source / "tokenizer.json").is_file():
        raise ModelDamaged(f"{source} has no tokenizer.json.", "Save the model with a fast tokenizer.")
    shutil.copyfile(source / "tokenizer.json", place / card.tokenizer)
