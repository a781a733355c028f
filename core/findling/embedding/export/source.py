"""What is to be exported: where its files are, and what they say about pooling, prefixes and length."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from findling.embedding.export.templates import Template, template_of
from findling.errors import ModelDamaged, ModelNotFound, ModelRefused
from findling.models import BUILTIN_EMBEDDERS, Pooling
from findling.models.builtin import BUILTIN_LANGUAGE_MODELS

#: Longest text where the files do not say: a passage has less, and attention's cost grows with the square.
_DEFAULT_MAX_TOKENS = 512
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
#: Files of the sentence-transformers layout that say how token states become a vector, by their old names.
POOLING_FLAGS = {
    "pooling_mode_cls_token": Pooling.CLS,
    "pooling_mode_mean_tokens": Pooling.MEAN,
    "pooling_mode_weightedmean_tokens": Pooling.WEIGHTED_MEAN,
    "pooling_mode_lasttoken": Pooling.LAST_TOKEN,
}
_MODES = {
    "cls": Pooling.CLS,
    "mean": Pooling.MEAN,
    "weightedmean": Pooling.WEIGHTED_MEAN,
    "lasttoken": Pooling.LAST_TOKEN,
}


@dataclass(frozen=True, slots=True)
class Source:
    """A model in files. `path` is a Hugging Face directory or, for `gguf`, a file; `adapter` is a LoRA to
    merge into it; `dense` are layers after the pooling. `said` is what the files say of pooling,
    `template` what is known of the family. `id` is that of a built-in or catalogued model."""

    path: Path
    name: str
    base: str
    gguf: bool
    max_tokens: int
    template: Template
    said_pooling: Pooling | None = None
    said_query_prefix: str | None = None
    said_document_prefix: str | None = None
    licence: str = ""
    languages: tuple[str, ...] = ()
    id: str = ""
    provenance: str = ""
    adapter: Path | None = None
    dense: tuple[Path, ...] = ()

    @property
    def directory(self) -> Path:
        """Where the tokenizer may lie besides `path`: the adapter's, tuned models bring their own."""
        return self.adapter or (self.path.parent if self.gguf else self.path)

    @property
    def pooling(self) -> Pooling | None:
        """As its files say, or its family has it; None where neither is known."""
        return self.said_pooling or self.template.pooling

    @property
    def query_prefix(self) -> str:
        """As its files say, or its family has it."""
        return self.template.query_prefix if self.said_query_prefix is None else self.said_query_prefix

    @property
    def document_prefix(self) -> str:
        """As its files say, or its family has it."""
        return (
            self.template.document_prefix if self.said_document_prefix is None else self.said_document_prefix
        )

    def weight_files(self) -> list[Path]:
        """All files that the graph is made from, in a fixed order."""
        if self.gguf:
            files = [self.path]
        else:
            files = sorted(self.path.glob("*.safetensors")) or sorted(self.path.glob("pytorch_model*.bin"))
        if self.adapter is not None:
            files += [self.adapter / "adapter_config.json", *sorted(self.adapter.glob("adapter_model*"))]
        for layer in self.dense:
            files += sorted(layer.glob("*.safetensors"))
        return files


def find_source(source: str) -> Source:
    """Look up a built-in id, a GGUF file, a directory (model or LoRA adapter) or a hub id that is in the
    local cache of Hugging Face; nothing connects.

    Raises `ModelNotFound` (nothing there), `ModelRefused` (no kind of model that can be exported),
    `ModelDamaged` (its files cannot be read).
    """
    path = Path(source).expanduser()
    if not path.exists():
        if source in BUILTIN_LANGUAGE_MODELS:
            return find_source(str(BUILTIN_LANGUAGE_MODELS[source].weights()))
        if source in BUILTIN_EMBEDDERS:
            return find_source(str(BUILTIN_EMBEDDERS[source].weights()))
        return _from_directory(_cached(source), source)
    if path.is_file():
        if path.suffix.lower() != ".gguf":
            raise ModelRefused(f"{path} is no model.", "Name a directory or a .gguf file.")
        return _from_gguf(path.resolve())
    if (path / "adapter_config.json").is_file():
        return _from_adapter(path.resolve())
    if not (path / "config.json").is_file():
        raise ModelRefused(
            f"{path} is not a model's directory: it has neither config.json nor adapter_config.json.",
            "Name a directory in Hugging Face layout.",
        )
    return _from_directory(path.resolve(), "")


def _cached(source: str) -> Path:
    if _HUB_ID.fullmatch(source):
        import huggingface_hub as module
        from huggingface_hub.errors import LocalEntryNotFoundError

        try:
            hub: Any = module
            return Path(hub.snapshot_download(source, local_files_only=True))
        except LocalEntryNotFoundError:
            pass
    known = ", ".join((*BUILTIN_EMBEDDERS, *BUILTIN_LANGUAGE_MODELS))
    raise ModelNotFound(
        f"{source!r} is neither a directory, a GGUF file nor a built-in model, and not in the local cache.",
        f"Built in: {known}. Fetch others with 'findling models download'.",
    )


def _from_gguf(path: Path) -> Source:
    from findling.embedding.export import gguf_file

    known = gguf_file.facts(path)
    return Source(
        path=path,
        name=path.stem,
        base=known.name,
        gguf=True,
        max_tokens=min(_DEFAULT_MAX_TOKENS, known.config["max_position_embeddings"]),
        template=template_of(path.name, known.name),
        licence=known.licence,
    )


def _from_adapter(path: Path) -> Source:
    from dataclasses import replace

    stored = read_json(path / "adapter_config.json")
    base = str(stored.get("base_model_name_or_path") or "")
    if stored.get("peft_type") != "LORA" or not base:
        raise ModelRefused(f"{path / 'adapter_config.json'} is no LoRA adapter with a named base.")
    if not any(path.glob("adapter_model*.safetensors")):
        raise ModelDamaged(f"{path} has no adapter_model.safetensors.")
    inner = find_source(base)
    if inner.adapter is not None:
        raise ModelRefused(f"The base of {path} is an adapter itself.", "Merge the first one before.")
    said = _said(path)
    return replace(
        inner,
        adapter=path,
        name=path.name,
        base=base if _HUB_ID.fullmatch(base) else inner.base or inner.name,
        **{name: value for name, value in said.items() if value},
    )


def _from_directory(path: Path, hub_id: str) -> Source:
    config = read_json(path / "config.json", needed=True)
    if config.get("is_encoder_decoder"):
        raise ModelRefused(f"{path} holds an encoder-decoder ({config.get('model_type')}).")
    if not any(path.glob("*.safetensors")) and not any(path.glob("pytorch_model*.bin")):
        raise ModelDamaged(f"{path} has no weights (model.safetensors).", "Copy the whole directory.")
    told = _told(path)
    name = hub_id or path.name
    base = hub_id or str(config.get("_name_or_path") or "") or told.get("base", "")
    values: dict[str, Any] = {
        "max_tokens": _DEFAULT_MAX_TOKENS,
        **_said(path),
        "licence": told.get("licence", ""),
    }
    return Source(path=path, name=name, base=base, gguf=False, template=template_of(name, base), **values)


def _told(path: Path) -> dict[str, str]:
    """`base` and `licence` where the head of the README names them, as model cards on the hub do."""
    import huggingface_hub as module

    hub: Any = module
    try:
        found: dict[str, Any] = hub.metadata_load(path / "README.md") or {}
    except Exception:  # noqa: BLE001 — no README, or one that says nothing in order
        return {}
    named = {"base": found.get("base_model"), "licence": found.get("license")}
    return {name: value for name, value in named.items() if isinstance(value, str)}


def _said(path: Path) -> dict[str, Any]:
    """What a directory in sentence-transformers layout says, as fields of `Source`."""
    said: dict[str, Any] = {}
    dense: list[Path] = []
    for module in _modules(path):
        kind = str(module.get("type", "")).rsplit(".", 1)[-1]
        place = path / str(module.get("path", ""))
        if kind == "Pooling":
            said["said_pooling"] = _pooling(place / "config.json")
        elif kind == "Dense":
            dense.append(place)
        elif kind not in ("Transformer", "Normalize"):
            raise ModelRefused(f"{path} has a module {kind!r} that cannot be exported.")
    if dense:
        said["dense"] = tuple(dense)
    limit = read_json(path / "sentence_bert_config.json").get("max_seq_length")
    if isinstance(limit, int) and limit > 0:
        said["max_tokens"] = limit
    prompts: dict[str, Any] = read_json(path / "config_sentence_transformers.json").get("prompts") or {}
    if prompts.get("query"):
        said["said_query_prefix"] = str(prompts["query"])
    for name in ("document", "passage"):
        if prompts.get(name):
            said["said_document_prefix"] = str(prompts[name])
            break
    return said


def _modules(path: Path) -> list[dict[str, Any]]:
    try:
        stored: object = json.loads((path / "modules.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        pooling = path / "1_Pooling"
        return [{"type": "Pooling", "path": pooling.name}] if pooling.is_dir() else []
    except (OSError, ValueError) as error:
        raise ModelDamaged(f"{path / 'modules.json'} cannot be read: {error}.") from error
    items = cast("list[object]", stored) if isinstance(stored, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def _pooling(config: Path) -> Pooling:
    stored = read_json(config, needed=True)
    mode = stored.get("pooling_mode")
    chosen = [mode] if isinstance(mode, str) else [name for name in stored if stored[name] is True]
    found = [pooling for name in chosen if (pooling := _MODES.get(name) or POOLING_FLAGS.get(name))]
    others = [name for name in chosen if name.startswith("pooling_mode_") and name not in POOLING_FLAGS]
    if len(found) != 1 or others:
        raise ModelRefused(f"{config} asks for a pooling that is not known: {', '.join(chosen) or 'none'}.")
    return found[0]


def read_json(path: Path, *, needed: bool = False) -> dict[str, Any]:
    """A JSON object, {} for a file that is not there unless `needed`. Raises `ModelDamaged`."""
    try:
        stored: object = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if needed:
            raise ModelDamaged(f"{path} is missing.", "Copy the whole directory.") from error
        return {}
    except (OSError, ValueError) as error:
        raise ModelDamaged(f"{path} cannot be read: {error}.") from error
    return cast("dict[str, Any]", stored) if isinstance(stored, dict) else {}
