"""A generator of half a megabyte that writes nonsense, fast: words at random out of the beginning of the
built-in one's vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from gguf_writer import write_gguf

from findling.models.generators import built_in
from findling.models.gguf import read_header

if TYPE_CHECKING:
    from pathlib import Path

_TOKENS = 2048
_WIDTH, _HEADS = 32, 2
_ARRAYS = ("tokenizer.ggml.tokens", "tokenizer.ggml.merges", "tokenizer.ggml.token_type")


def write_tiny_generator(path: Path) -> Path:
    """Write the GGUF file at `path`."""
    known = read_header(built_in("smollm2-135m").path, _ARRAYS).metadata
    tokens = list(known[_ARRAYS[0]])[:_TOKENS]
    there = set(tokens)
    metadata = {name: value for name, value in known.items() if name.startswith("tokenizer.")} | {
        "general.architecture": "llama",
        "general.name": "Tiny",
        "general.file_type": 0,
        "llama.block_count": 1,
        "llama.context_length": 8192,
        "llama.embedding_length": _WIDTH,
        "llama.feed_forward_length": _WIDTH,
        "llama.attention.head_count": _HEADS,
        "llama.attention.head_count_kv": _HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": _WIDTH // _HEADS,
        "llama.vocab_size": _TOKENS,
        _ARRAYS[0]: tokens,
        _ARRAYS[1]: [merge for merge in known[_ARRAYS[1]] if merge.replace(" ", "") in there],
        _ARRAYS[2]: list(known[_ARRAYS[2]])[:_TOKENS],
    }
    square, narrow = (_WIDTH, _WIDTH), (_WIDTH,)
    shapes = {"token_embd": (_TOKENS, _WIDTH), "output_norm": narrow}
    shapes |= {f"blk.0.{name}_norm": narrow for name in ("attn", "ffn")}
    shapes |= {
        f"blk.0.{name}": square
        for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    }
    random = np.random.default_rng(3)
    tensors = {
        f"{name}.weight": (0, (random.standard_normal(shape) * 0.4).astype("<f4").tobytes(), shape)
        for name, shape in shapes.items()
    }
    write_gguf(path, metadata, tensors)
    return path
