"""Install the models that a person adds: from a directory, what its files say of it put on a card."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from findling.embedding import bert_graph, onnx_directory
from findling.embedding.embedder import Embedder
from findling.embedding.install import copy_tokenizer, ensure_installed, install_bert
from findling.embedding.reranker import Reranker
from findling.errors import ModelDamaged, ModelNotFound, one_line
from findling.models import BUILTIN_EMBEDDERS, InstalledModel, InstalledModels, Kind, ModelCard, Pooling
from findling.models.card import CARD_FILE
from findling.models.download import Downloaded
from findling.models.installed import id_from, seal

if TYPE_CHECKING:
    from findling.settings import Settings

#: Of an encoder whose directory does not say (BERT's own limit).
_DEFAULT_MAX_TOKENS = 512
#: What a tokenizer's file says where it knows no limit is far larger.
_MOST_TOKENS = 1_000_000


def add_model(settings: Settings, source: str, model_id: str = "") -> InstalledModel:
    """Install a model from a built-in id, a directory with a `card.json`, the directory of a BERT encoder in
    Hugging Face or sentence-transformers layout, or that of a reranker (`is_reranker`).

    The model is opened and tried on a text before it takes its place, so that one that fails leaves nothing
    behind and replaces nothing. Raises `ModelNotFound` when `source` is none of these, `ModelDamaged`,
    `ModelRefused` for another kind of model, `UserError` for an unusable id.
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
        chosen = model_id or id_from(directory.resolve().name)
        with models.installing(chosen) as place:
            if is_reranker(directory):
                card = _install_reranker(directory, place, _reranker_card(directory, chosen))
            else:
                card = install_bert(directory, place, _card_of(directory, chosen))
            _try(card, place, settings)
    return models.get(chosen)


def is_reranker(directory: Path) -> bool:
    """Whether a directory in Hugging Face layout holds a reranker: a sequence classifier, or an ONNX graph
    and no safetensors."""
    named: object = _json_of(directory / "config.json").get("architectures")
    first = str(cast("list[object]", named)[0]) if isinstance(named, list) and named else ""
    bare = onnx_directory.graph_in(directory) and not (directory / "model.safetensors").is_file()
    return first.endswith("ForSequenceClassification") or bool(bare)


def _try(card: ModelCard, place: Path, settings: Settings) -> None:
    """Embed or rank a text with the model in `place`. Raises `ModelDamaged` when that fails."""
    model = InstalledModel(card, place)
    reranks = card.kind is Kind.RERANKER
    opened = (Reranker if reranks else Embedder)(model, settings.embedder_threads)
    try:
        if isinstance(opened, Reranker):
            opened.scores("test", ["test"])
        else:
            opened.embed_query("test")
    except Exception as error:  # the runtime's own exceptions, of many kinds
        work = "rank" if reranks else "embed"
        raise ModelDamaged(f"The model {card.id} does not {work}: {one_line(error)}.") from error


def _install_reranker(source: Path, place: Path, card: ModelCard) -> ModelCard:
    """Build the graph of the reranker in `source` into `place`, or copy that which it comes with, and
    complete its card."""
    kind = _json_of(source / "config.json").get("model_type")
    graph = onnx_directory.graph_in(source)
    buildable = kind in bert_graph.RERANKERS and (source / "model.safetensors").is_file()
    if graph is None or buildable:
        return install_bert(source, place, card)
    copy_tokenizer(source, place, card)
    weights = onnx_directory.copy_reranker(graph, place / "model.onnx")
    provenance = {**card.provenance, "graph": graph.relative_to(source).as_posix()}
    return seal(replace(card, weights=weights, provenance=provenance), place)


def _reranker_card(directory: Path, model_id: str) -> ModelCard:
    """What a reranker's directory says, and the catalogue of one that was downloaded."""
    config = _json_of(directory / "config.json")
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and config.get("model_type") in bert_graph.ROBERTAS:
        positions -= int(config.get("pad_token_id") or 0) + 1
    said = (
        _json_of(directory / "tokenizer_config.json").get("model_max_length"),
        _json_of(directory / "sentence_bert_config.json").get("max_seq_length"),
        positions,
    )
    limits = [each for each in said if isinstance(each, int) and 0 < each < _MOST_TOKENS]
    card = ModelCard(
        id=model_id,
        name=directory.resolve().name,
        base=str(config.get("_name_or_path", "")),
        dim=1,
        max_tokens=min(limits, default=_DEFAULT_MAX_TOKENS),
        pooling=Pooling.CLS,
        weights="",
        kind=Kind.RERANKER,
        provenance={"directory": str(directory.resolve())},
    )
    downloaded = Downloaded.load(directory)
    return replace(card, **downloaded.known()) if downloaded else card


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
