"""Read a language model out of a GGUF file: configuration, dequantised weights, tokenizer.

The weights are read and dequantised by transformers' own reader, which needs no `gguf` package; what a plain
file of the llama and qwen families says in llama.cpp's words is put into transformers' words here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from findling.errors import ModelDamaged, ModelRefused
from findling.models.gguf import read_header

if TYPE_CHECKING:
    from pathlib import Path

    import torch

#: Architecture in the file: model type of transformers, and whether llama.cpp's converter interleaved the
#: rows of query and key heads for its own rotary embedding, which must be undone.
_ARCHITECTURES = {"llama": ("llama", True), "qwen2": ("qwen2", False), "qwen3": ("qwen3", False)}

_TOP = {"token_embd.weight": "embed_tokens.weight", "output_norm.weight": "norm.weight"}
_BLOCK = re.compile(r"^blk\.(\d+)\.([a-z_]+)\.(weight|bias)$")
_PARTS = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """What a file says of itself: `model_type` and `config` as transformers knows them."""

    architecture: str
    model_type: str
    name: str
    licence: str
    eos: str
    config: dict[str, Any]


def facts(path: Path) -> GgufFacts:
    """Read the file's metadata. Raises `ModelRefused` (architecture), and what `read_header` raises."""
    header = read_header(path, ("tokenizer.ggml.tokens",))
    metadata, names = header.metadata, tuple(tensor.name for tensor in header.tensors)
    architecture = header.architecture
    if architecture not in _ARCHITECTURES:
        raise ModelRefused(
            f"{path} holds a model of the architecture {architecture!r}.",
            f"Only these are read from GGUF: {', '.join(_ARCHITECTURES)}. Use its Hugging Face directory.",
        )
    tokens: list[str] = metadata.get("tokenizer.ggml.tokens") or []
    eos = metadata.get("tokenizer.ggml.eos_token_id")
    try:
        config = _config(architecture, metadata, names)
    except KeyError as error:
        raise ModelDamaged(f"{path} does not say {error}.") from error
    return GgufFacts(
        architecture=architecture,
        model_type=_ARCHITECTURES[architecture][0],
        name=str(metadata.get("general.name", path.stem)),
        licence=str(metadata.get("general.license", "")),
        eos=tokens[eos] if isinstance(eos, int) and eos < len(tokens) else "",
        config=config,
    )


def _config(architecture: str, metadata: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    def key(name: str) -> Any:
        return metadata[f"{architecture}.{name}"]

    if (
        any(name.startswith("rope_freqs") for name in names)
        or f"{architecture}.rope.scaling.type" in metadata
    ):
        raise ModelRefused(
            "This GGUF file scales its rotary embedding, which is not read from GGUF.",
            "Use the model's Hugging Face directory.",
        )
    hidden, heads = int(key("embedding_length")), int(key("attention.head_count"))
    head_dim = metadata.get(f"{architecture}.attention.key_length")
    return {
        "vocab_size": len(metadata["tokenizer.ggml.tokens"]),
        "hidden_size": hidden,
        "intermediate_size": int(key("feed_forward_length")),
        "num_hidden_layers": int(key("block_count")),
        "num_attention_heads": heads,
        "num_key_value_heads": int(metadata.get(f"{architecture}.attention.head_count_kv", heads)),
        "head_dim": int(head_dim or hidden // heads),
        "max_position_embeddings": int(key("context_length")),
        "rms_norm_eps": float(key("attention.layer_norm_rms_epsilon")),
        "rope_parameters": {"rope_type": "default", "rope_theta": float(key("rope.freq_base"))},
        "tie_word_embeddings": "output.weight" not in names,
        "use_cache": False,
    }


def state_dict(path: Path, known: GgufFacts) -> dict[str, torch.Tensor]:
    """All weights but the output head's, float32, under the names of transformers' base model.

    Raises `ModelDamaged` for a file that is cut off, `ModelRefused` for a quantisation that is not known.
    """
    import torch
    from transformers.integrations.gguf import GgufHeader, load_gguf_state_dict
    from transformers.integrations.gguf.dequant import GGML_BLOCK, dequantize

    read_header(path)  # it may have been cut off since
    try:
        header = GgufHeader.from_file(str(path))
    except ValueError as error:
        raise ModelRefused(str(error)) from error
    stored = load_gguf_state_dict(header)
    shapes = {info.name: info.shape for info in header.tensors}
    weights: dict[str, torch.Tensor] = {}
    for name, lazy in stored.items():
        target = _renamed(name)
        if not target:
            continue
        tensor = lazy[...]
        if lazy.ggml_type in GGML_BLOCK:
            tensor = dequantize(tensor.reshape(-1), lazy.ggml_type)
        tensor = tensor.reshape(shapes[name]).to(torch.float32)
        if _ARCHITECTURES[known.architecture][1]:
            tensor = _uninterleaved(tensor, name, known.config)
        weights[target] = tensor
    return weights


def _renamed(name: str) -> str:
    """The name in transformers; "" for the output head, which an embedder does not have."""
    if name in _TOP:
        return _TOP[name]
    found = _BLOCK.match(name)
    if found and found[2] in _PARTS:
        return f"layers.{found[1]}.{_PARTS[found[2]]}.{found[3]}"
    if name in ("output.weight", "output.bias"):
        return ""
    raise ModelRefused(f"This GGUF file holds a tensor {name!r} that its architecture does not have.")


def _uninterleaved(tensor: torch.Tensor, name: str, config: dict[str, Any]) -> torch.Tensor:
    """Rows of query and key projections in transformers' order (halves), from llama.cpp's (pairs).

    The inverse of `permute` in llama.cpp's convert_hf_to_gguf.py.
    """
    if ".attn_q." in name:
        heads = config["num_attention_heads"]
    elif ".attn_k." in name:
        heads = config["num_key_value_heads"]
    else:
        return tensor
    half = tensor.shape[0] // heads // 2
    return tensor.reshape(heads, half, 2, *tensor.shape[1:]).transpose(1, 2).reshape(tensor.shape)


def save_tokenizer(path: Path, target: Path) -> None:
    """Write the file's tokenizer as `tokenizer.json`. Raises `ModelRefused` when it cannot be converted."""
    from transformers.integrations.gguf import convert_gguf_tokenizer, get_gguf_tokenizer

    try:
        architecture, tokenizer, _ = get_gguf_tokenizer(str(path))
        backend, _ = convert_gguf_tokenizer(architecture, tokenizer)
    except Exception as error:  # of many kinds, for a tokenizer that is unknown or incomplete
        raise ModelRefused(f"The tokenizer in {path} cannot be converted: {error}.") from error
    backend.save(str(target))
