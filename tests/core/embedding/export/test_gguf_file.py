"""GGUF files of the llama family: the same model as its Hugging Face directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.embedding import Embedder
from findling.embedding.export import export_model, gguf_file
from findling.errors import ModelDamaged, ModelRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findling.settings import Settings

LETTERS = "abcdefghijklmnopqrstuvwxyz"
#: Byte-level spelling: "Ġ" is the space.
TOKENS = ["<|endoftext|>", "<|im_end|>", *LETTERS, "Ġ", ".", "ab"]


def _q8_0(array: np.ndarray) -> tuple[bytes, np.ndarray]:
    """Blocks of 32 with an fp16 scale; and what they stand for."""
    blocks = array.reshape(-1, 32)
    scale = (np.abs(blocks).max(1, keepdims=True) / 127).astype(np.float16)
    numbers = np.round(blocks / np.maximum(scale.astype(np.float32), 1e-9)).clip(-127, 127).astype(np.int8)
    packed = b"".join(s.tobytes() + q.tobytes() for s, q in zip(scale, numbers, strict=True))
    return packed, (numbers * scale.astype(np.float32)).reshape(array.shape)


def llama_metadata() -> dict[str, Any]:
    return {
        "general.architecture": "llama",
        "general.name": "Tiny Llama",
        "general.license": "mit",
        "llama.block_count": 2,
        "llama.context_length": 128,
        "llama.embedding_length": 64,
        "llama.feed_forward_length": 128,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2,
        "llama.attention.layer_norm_rms_epsilon": 1e-6,
        "llama.rope.freq_base": 10000.0,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
        "tokenizer.ggml.tokens": TOKENS,
        "tokenizer.ggml.token_type": [3, 3, *[1] * (len(TOKENS) - 2)],
        "tokenizer.ggml.merges": ["a b"],
        "tokenizer.ggml.eos_token_id": 1,
    }


def _interleaved(weight: np.ndarray, heads: int) -> np.ndarray:
    """As llama.cpp's convert_hf_to_gguf.py stores query and key rows."""
    shape = weight.shape
    return weight.reshape(heads, 2, shape[0] // heads // 2, *shape[1:]).swapaxes(1, 2).reshape(shape)


def as_gguf(write_gguf: Callable[..., None], directory: Path, target: Path) -> dict[str, np.ndarray]:
    """Write a tiny llama as GGUF, its wide matrices in Q8_0; returns the weights that it then has."""
    from safetensors.numpy import load_file

    names = {new: old for old, new in gguf_file._PARTS.items()}
    tensors: dict[str, tuple[int, bytes, tuple]] = {}
    weights: dict[str, np.ndarray] = {}
    for name, whole in load_file(directory / "model.safetensors").items():
        array = whole
        if name == "embed_tokens.weight":
            array = array[: len(TOKENS)]
            stored = "token_embd.weight"
        elif name == "norm.weight":
            stored = "output_norm.weight"
        else:
            _, block, rest = name.split(".", 2)
            stored = f"blk.{block}.{names[rest.removesuffix('.weight')]}.weight"
        heads = {"attn_q": 4, "attn_k": 2}.get(stored.split(".")[-2], 0)
        if "ffn_" in stored and array.ndim == 2:
            data, array = _q8_0(whole)
            tensors[stored] = (8, data, whole.shape)
        else:
            flat = _interleaved(array, heads) if heads else array
            tensors[stored] = (0, np.ascontiguousarray(flat).tobytes(), array.shape)
        weights[name] = array
    write_gguf(target, llama_metadata(), tensors)
    return weights


def test_a_gguf_is_the_model_it_was_made_from(
    tiny: Callable[[str], Path], write_gguf: Callable[..., None], settings: Settings, tmp_path: Path
) -> None:
    import torch

    weights = as_gguf(write_gguf, tiny("llama"), tmp_path / "tiny.gguf")
    known = gguf_file.facts(tmp_path / "tiny.gguf")
    assert (known.name, known.licence, known.eos, known.model_type) == (
        "Tiny Llama",
        "mit",
        "<|im_end|>",
        "llama",
    )
    read = gguf_file.state_dict(tmp_path / "tiny.gguf", known)
    assert read.keys() == weights.keys()
    for name, tensor in read.items():
        assert tensor.dtype == torch.float32
        assert np.array_equal(tensor.numpy(), weights[name]), name
    model = export_model(str(tmp_path / "tiny.gguf"), settings, precisions=("fp32", "int8"))
    assert (model.card.id, model.card.licence, model.card.needs_tuning) == ("tiny", "mit", True)
    assert Embedder(model).embed_query("hello there").shape == (64,)


def test_gguf_files_that_cannot_be_read_are_refused(
    tiny: Callable[[str], Path], write_gguf: Callable[..., None], tmp_path: Path
) -> None:
    path = tmp_path / "tiny.gguf"
    as_gguf(write_gguf, tiny("llama"), path)
    known = gguf_file.facts(path)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ModelDamaged, match="is cut off"):
        gguf_file.state_dict(path, known)
    for name, value, words in (
        ("general.architecture", "mamba", "architecture 'mamba'"),
        ("llama.rope.scaling.type", "yarn", "scales its rotary embedding"),
    ):
        write_gguf(path, {**llama_metadata(), name: value}, {})
        with pytest.raises(ModelRefused, match=words):
            gguf_file.facts(path)
