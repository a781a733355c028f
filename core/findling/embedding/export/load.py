"""Load what is to be exported into torch: float32, evaluation mode, adapters merged."""

from __future__ import annotations

import contextlib
import shutil
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from findling.errors import ModelDamaged, ModelRefused

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from findling.embedding.export.source import Source

#: Largest difference of the token states of the merged model from those of base and adapter side by side,
#: relative to the largest state.
_MERGE_BAR = 1e-4


@dataclass(frozen=True, slots=True)
class Loaded:
    """A torch model without head; `merge_difference` is what merging an adapter changed, relatively."""

    model: Any
    pad_id: int
    merge_difference: float | None = None

    @property
    def model_type(self) -> str:
        """Architecture in transformers' words."""
        return str(self.model.config.model_type)


@contextlib.contextmanager
def quiet() -> Generator[None]:
    """Keep transformers, peft and torch from printing: what matters is raised."""
    import logging

    import transformers

    log = transformers.utils.logging
    level, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    exporter = logging.getLogger("torch.onnx")
    exporter_level = exporter.level
    log.set_verbosity(log.CRITICAL)
    log.disable_progress_bar()
    exporter.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.set_verbosity(level)
        exporter.setLevel(exporter_level)
        if bars:
            log.enable_progress_bar()


def load(source: Source) -> Loaded:
    """Raises `ModelDamaged` (weights cut off, missing, not fitting) or `ModelRefused` (architecture)."""
    model = _from_gguf(source) if source.gguf else _from_directory(source.path)
    difference = None
    if source.adapter is not None:
        model, difference = _merged(model, source.adapter)
    model = model.eval()
    pad = getattr(model.config, "pad_token_id", None)
    return Loaded(model, pad if isinstance(pad, int) else 0, difference)


def reads_forwards(source: Source) -> bool:
    """Whether it is a decoder, whose tokens see only what is before them."""
    from transformers import AutoConfig

    from findling.embedding.export.pooled import is_decoder

    return source.gguf or is_decoder(AutoConfig.from_pretrained(source.path))


def _from_gguf(source: Source) -> Any:
    import transformers

    from findling.embedding.export import gguf_file

    known = gguf_file.facts(source.path)
    weights = gguf_file.state_dict(source.path, known)
    config = transformers.AutoConfig.for_model(known.model_type, **known.config)
    kind = transformers.MODEL_MAPPING[type(config)]
    try:
        model, loading = kind.from_pretrained(
            None, config=config, state_dict=weights, attn_implementation="eager", output_loading_info=True
        )
    except RuntimeError as error:
        raise ModelDamaged(f"{source.path}: its tensors do not fit its configuration.") from error
    _check_complete(source.path, loading)
    return model


def _from_directory(path: Path) -> Any:
    import torch
    import transformers
    from safetensors import SafetensorError

    try:
        model, loading = transformers.AutoModel.from_pretrained(
            str(path),
            dtype=torch.float32,
            attn_implementation="eager",
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except (SafetensorError, OSError, EOFError) as error:
        raise ModelDamaged(
            f"The weights in {path} cannot be read: {_line(error)}.", "Copy or download them again."
        ) from error
    except (ValueError, KeyError, ImportError) as error:
        raise ModelRefused(f"{path} holds a model that cannot be loaded: {_line(error)}.") from error
    except RuntimeError as error:
        raise ModelDamaged(
            f"{path}: config.json and weights do not fit each other: {_line(error)}."
        ) from error
    _check_complete(path, loading)
    return model


def _check_complete(path: Path, loading: dict[str, Any]) -> None:
    missing = sorted(str(name) for name in loading["missing_keys"] if "pooler" not in str(name))
    mismatched = sorted(str(item[0]) for item in loading.get("mismatched_keys", ()))
    if missing or mismatched:
        what = f"{len(missing)} tensors are missing" if missing else f"{len(mismatched)} have another shape"
        raise ModelDamaged(
            f"The weights in {path} do not fit its config: {what} ({(missing or mismatched)[0]})."
        )


def _merged(base: Any, adapter: Path) -> tuple[Any, float]:
    """The base with the adapter added into its weights, checked against the two side by side."""
    import peft
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file  # pyright: ignore[reportUnknownVariableType]

    try:
        tensors = load_file(str(adapter / "adapter_model.safetensors"))
    except (OSError, SafetensorError) as error:
        raise ModelDamaged(f"{adapter / 'adapter_model.safetensors'} cannot be read: {error}.") from error
    config: Any = peft.PeftConfig.from_pretrained(str(adapter))
    config.task_type = None  # tuned under a language-model head or not: the layers are the same
    try:
        model: Any = peft.get_peft_model(base, config).eval()
    except ValueError as error:
        raise ModelRefused(f"{adapter} does not fit its base: {_line(error)}.") from error
    # A causal language model holds the layers one level deeper than the base model does.
    head = "base_model.model.model."
    short = {
        "base_model.model." + name[len(head) :] if name.startswith(head) else name: tensor
        for name, tensor in tensors.items()
    }
    try:
        result = peft.set_peft_model_state_dict(model, short)
    except RuntimeError as error:
        raise ModelDamaged(f"{adapter} does not fit its base: {_line(error)}.") from error
    lost = [name for name in result.missing_keys if "lora_" in name] + list(result.unexpected_keys)
    if lost:
        raise ModelDamaged(f"{adapter} does not fit its base: {lost[0]} has no place.")
    ids = torch.arange(3, 19).remainder(base.config.vocab_size).reshape(2, 8)  # (2, 8)
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        beside = model(input_ids=ids, attention_mask=mask).last_hidden_state
        merged = model.merge_and_unload(safe_merge=True).eval()
        inside = merged(input_ids=ids, attention_mask=mask).last_hidden_state
    difference = float((beside - inside).abs().max() / beside.abs().max())
    if not difference <= _MERGE_BAR:
        raise ModelRefused(
            f"Merging {adapter} changes its states by {difference:.1e} (bar {_MERGE_BAR:.0e})."
        )
    return merged, difference


def save_tokenizer(source: Source, target: Path) -> None:
    """Write `tokenizer.json`: copied, or converted from a GGUF file or a sentencepiece or vocabulary file.

    Raises `ModelDamaged` when there is none, `ModelRefused` when it cannot be made a fast one.
    """
    for directory in (source.directory, source.path):
        if (stored := directory / "tokenizer.json").is_file() and not (
            source.gguf and directory == source.path.parent
        ):
            shutil.copyfile(stored, target)
            return
    if source.gguf:
        from findling.embedding.export import gguf_file

        gguf_file.save_tokenizer(source.path, target)
        return
    import transformers

    try:
        tokenizer: Any = transformers.AutoTokenizer.from_pretrained(str(source.path), local_files_only=True)
        tokenizer.backend_tokenizer.save(str(target))
    except Exception as error:  # of many kinds: no file, no converter, a damaged vocabulary
        raise ModelDamaged(
            f"{source.path} has no tokenizer.json, and none can be made: {_line(error)}.",
            "Save the model with its fast tokenizer.",
        ) from error


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200].rstrip(".") if lines else type(error).__name__


def fp32_bytes(source: Source) -> int:
    """Size of the source's weights in fp32, about: of a GGUF file from its table of tensors."""
    from math import prod

    from safetensors import SafetensorError, safe_open

    if source.gguf:
        from transformers.integrations.gguf import GgufHeader

        return 4 * sum(prod(info.shape) for info in GgufHeader.from_file(str(source.path)).tensors)
    total = 0
    for path in source.path.glob("*.safetensors"):
        try:
            opened: Any = safe_open(str(path), "np")
            with opened as file:
                total += 4 * sum(prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise ModelDamaged(
                f"{path} cannot be read: {_line(error)}.", "Copy or download the model again."
            ) from error
    return total or 2 * sum(path.stat().st_size for path in source.path.glob("pytorch_model*.bin"))
