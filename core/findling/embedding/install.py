"""Make installed models: of built-in weights on first use, of a directory when a person adds one."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from filelock import FileLock

from findling.embedding import bert_graph
from findling.embedding.calibration import calibrate, stored_calibration
from findling.embedding.embedder import Embedder
from findling.embedding.onnx_session import probe_providers
from findling.embedding.quantize import quantize_dynamic_int8
from findling.embedding.runtimes import precisions
from findling.errors import ModelDamaged, ModelNotFound, one_line
from findling.models import BUILTIN_EMBEDDERS, InstalledModel, InstalledModels, ModelCard, Pooling
from findling.models.builtin import BUILTIN_LANGUAGE_MODELS
from findling.models.card import CARD_FILE, sha256_of
from findling.models.installed import seal
from findling.settings import private_directory

if TYPE_CHECKING:
    from findling.models import BuiltinEmbedder
    from findling.settings import Settings

#: Of an encoder whose directory does not say (BERT's own limit).
_DEFAULT_MAX_TOKENS = 512
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
        for precision in sorted(model.card.variants, key=lambda name: name != model.card.highest):
            try:
                embedder = _opened(settings, model, precision, settings.embedder_threads, bulk=bulk)
            except ModelDamaged:
                continue
            embedder.note(error.message)
            return embedder
        raise


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


def add_model(settings: Settings, source: str, model_id: str = "") -> InstalledModel:
    """Install a model from a built-in id, a directory with a `card.json`, or the directory of a BERT
    encoder in Hugging Face or sentence-transformers layout.

    The model is opened and embeds a text before it takes its place, so that one that fails leaves nothing
    behind and replaces nothing. Raises `ModelNotFound` when `source` is none of these, `ModelDamaged`,
    `UserError` for an unusable id.
    """
    if source in BUILTIN_EMBEDDERS and not Path(source).is_dir():
        return ensure_installed(settings, source)
    directory = Path(source).expanduser()
    if not directory.is_dir():
        raise ModelNotFound(
            f"{source!r} is neither a directory nor a built-in model.",
            f"Built in: {', '.join(BUILTIN_EMBEDDERS)}.",
        )
    models = InstalledModels(settings.home.models)
    if (directory / CARD_FILE).is_file():
        card = ModelCard.load(directory)
        InstalledModel(card, directory).verify()
        chosen = model_id or card.id
        with models.installing(chosen) as place:
            for name in card.files:
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(directory / name, place / name)
            _try(seal(_renamed(card, chosen), place), place, settings)
    else:
        chosen = model_id or re.sub(r"[^a-z0-9._-]+", "-", directory.resolve().name.lower()).strip("-")
        with models.installing(chosen) as place:
            _try(_install_bert(directory, place, _card_of(directory, chosen)), place, settings)
    return models.get(chosen)


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
        _install_bert(source, place, card)


def _try(card: ModelCard, place: Path, settings: Settings) -> None:
    """Embed a text with the model in `place`. Raises `ModelDamaged` when that fails."""
    embedder = Embedder(InstalledModel(card, place), settings.embedder_threads)
    try:
        embedder.embed_query("test")
    except Exception as error:  # the runtime's own exceptions, of many kinds
        raise ModelDamaged(f"The model {card.id} does not embed: {one_line(error)}.") from error


def _install_bert(source: Path, place: Path, card: ModelCard) -> ModelCard:
    """Build the graph of the BERT in `source` into `place`, and complete its card."""
    if not (source / "tokenizer.json").is_file():
        raise ModelDamaged(f"{source} has no tokenizer.json.", "Save the model with a fast tokenizer.")
    shape = bert_graph.build(source, card.pooling, place / "model.onnx")
    quantize_dynamic_int8(place / "model.onnx", place / "model_int8.onnx")
    variants = {"fp32": "model.onnx", "int8": "model_int8.onnx"}
    if probe_providers().actual in _HALF_ON:
        from findling.embedding.export.graph import to_fp16

        variants["fp16"] = "model_fp16.onnx"
        to_fp16(place / "model.onnx", place / variants["fp16"])
    shutil.copyfile(source / "tokenizer.json", place / card.tokenizer)
    known = card.to_json() | {
        "dim": shape.hidden,
        "variants": variants,
        "max_tokens": min(card.max_tokens, shape.positions),
        "weights": sha256_of(source / "model.safetensors"),
        "provenance": {**card.provenance, "graph": "built from safetensors"},
    }
    return seal(ModelCard.from_json(known), place)


def _card_of(directory: Path, model_id: str) -> ModelCard:
    """What a directory in sentence-transformers layout says; mean pooling where it says nothing."""
    pooling = _json_of(directory / "1_Pooling" / "config.json")
    limits = _json_of(directory / "sentence_bert_config.json")
    prompts: dict[str, Any] = _json_of(directory / "config_sentence_transformers.json").get("prompts") or {}
    return ModelCard(
        id=model_id,
        name=directory.resolve().name,
        base=str(_json_of(directory / "config.json").get("_name_or_path", "")),
        dim=0,
        max_tokens=int(limits.get("max_seq_length") or _DEFAULT_MAX_TOKENS),
        pooling=Pooling.CLS if pooling.get("pooling_mode_cls_token") else Pooling.MEAN,
        weights="",
        query_prefix=str(prompts.get("query", "")),
        document_prefix=str(prompts.get("document", prompts.get("passage", ""))),
        provenance={"directory": str(directory.resolve())},
    )


def _json_of(path: Path) -> dict[str, Any]:
    try:
        stored: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", stored) if isinstance(stored, dict) else {}


def _renamed(card: ModelCard, model_id: str) -> ModelCard:
    return ModelCard.from_json(card.to_json() | {"id": model_id})
