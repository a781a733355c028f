"""A cross-encoder in Hugging Face layout, made by hand, whose score is the share of a passage's words that
the query has too: small enough for every test, and right about what it knows.

Each token's state is its word in ±1 beside three pairs of numbers (x, -x), so that all states have the mean 0
and nearly the same length, and layer norms change nothing but the scale. Pair 0 tells the query (+) from the
passage (-). In the first layer every token looks for its own word, in the query before elsewhere, and notes
in pair 1 on which side it was found. In the second all take the mean of that over the passage, into pair 2,
which is what the classifier reads.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
MAX_TOKENS = 64
_WORD = 64
_HIDDEN = _WORD + 6
_SIDE, _FOUND, _SHARE = _WORD, _WORD + 2, _WORD + 4
_STEEP = 3.0


def write_overlap_reranker(directory: Path, words: Iterable[str]) -> Path:
    """Write it for these words, which are told apart without regard to case; all others are one word."""
    vocabulary = [*SPECIAL, *dict.fromkeys(word.lower() for word in words)]
    tensors = _tensors(len(vocabulary))
    save_file(
        {name: array.astype(np.float32) for name, array in tensors.items()}, directory / "model.safetensors"
    )
    config = {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": _HIDDEN,
        "intermediate_size": 8,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": MAX_TOKENS,
        "num_attention_heads": 1,
        "num_hidden_layers": 2,
        "type_vocab_size": 2,
        "vocab_size": len(vocabulary),
        "id2label": {"0": "LABEL_0"},
        "label2id": {"LABEL_0": 0},
    }
    (directory / "config.json").write_text(json.dumps(config))
    tokenizer = Tokenizer(
        models.WordLevel({word: place for place, word in enumerate(vocabulary)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(directory / "tokenizer.json"))
    return directory


def _tensors(words: int) -> dict[str, NDArray]:
    chance = np.random.default_rng(11)
    half = np.repeat([1.0, -1.0], _WORD // 2)
    table = np.zeros((words, _HIDDEN))
    table[:, :_WORD] = [chance.permutation(half) for _ in range(words)]
    types = np.zeros((2, _HIDDEN))
    types[0, _SIDE : _SIDE + 2] = (1, -1)
    types[1, _SIDE : _SIDE + 2] = (-1, 1)
    tensors = {
        "embeddings.word_embeddings.weight": table,
        "embeddings.position_embeddings.weight": np.zeros((MAX_TOKENS, _HIDDEN)),
        "embeddings.token_type_embeddings.weight": types,
        **_norm("embeddings"),
        **_layer(0),
        **_layer(1),
    }
    # Attention divides by the root of the hidden size. A word has 64 in common with itself, and by chance up
    # to half of that with another; its side is worth 6, enough between equal words and too little for others.
    root = np.sqrt(_HIDDEN)
    of_side = np.zeros(_HIDDEN)
    of_side[_SIDE] = 1.0
    looks = np.zeros((_HIDDEN, _HIDDEN))
    looks[:_WORD, :_WORD] = np.eye(_WORD)
    first, second = (f"encoder.layer.{number}.attention.self" for number in range(2))
    tensors[f"{first}.query.weight"] = looks
    tensors[f"{first}.query.bias"] = of_side
    tensors[f"{first}.key.weight"] = root * (looks + 6 * np.diag(of_side))
    tensors[f"{first}.value.weight"] = _move(_SIDE, _FOUND)
    tensors[f"{second}.query.bias"] = of_side
    tensors[f"{second}.key.weight"] = -12 * root * np.diag(of_side)
    tensors[f"{second}.value.weight"] = _move(_FOUND, _SHARE)
    pooler = np.zeros((_HIDDEN, _HIDDEN))
    pooler[0, _SHARE] = 1.0
    reads = np.zeros((1, _HIDDEN))
    reads[0, 0] = _STEEP
    tensors = {f"bert.{name}": array for name, array in tensors.items()}
    return tensors | {
        "bert.pooler.dense.weight": pooler,
        "bert.pooler.dense.bias": np.zeros(_HIDDEN),
        "classifier.weight": reads,
        "classifier.bias": np.zeros(1),
    }


def _layer(number: int) -> dict[str, NDArray]:
    """A layer that does nothing, but for what is put into its attention."""
    name = f"encoder.layer.{number}"
    square, nothing = np.zeros((_HIDDEN, _HIDDEN)), np.zeros(_HIDDEN)
    parts = {f"{name}.attention.self.{part}" for part in ("query", "key", "value")}
    return {
        **{f"{part}.weight": square for part in parts},
        **{f"{part}.bias": nothing for part in parts},
        f"{name}.attention.output.dense.weight": np.eye(_HIDDEN),
        f"{name}.attention.output.dense.bias": nothing,
        **_norm(f"{name}.attention.output"),
        f"{name}.intermediate.dense.weight": np.zeros((8, _HIDDEN)),
        f"{name}.intermediate.dense.bias": np.zeros(8),
        f"{name}.output.dense.weight": np.zeros((_HIDDEN, 8)),
        f"{name}.output.dense.bias": nothing,
        **_norm(f"{name}.output"),
    }


def _norm(name: str) -> dict[str, NDArray]:
    return {f"{name}.LayerNorm.weight": np.ones(_HIDDEN), f"{name}.LayerNorm.bias": np.zeros(_HIDDEN)}


def _move(source: int, target: int) -> NDArray:
    """The pair at `source` into that at `target`, (out, in)."""
    matrix = np.zeros((_HIDDEN, _HIDDEN))
    matrix[target, source] = matrix[target + 1, source + 1] = 1.0
    return matrix
