"""Tiny seeded models in Hugging Face layout, with a tokenizer of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

_SHAPE = {
    "vocab_size": 100,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "pad_token_id": 1,
}
_DECODER = {**_SHAPE, "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 128}


def config_of(kind: str) -> Any:
    """The configuration of a model with two layers."""
    kinds: dict[str, Callable[[], Any]] = {
        "bert": lambda: transformers.BertConfig(**_SHAPE, max_position_embeddings=128),
        "xlm-roberta": lambda: transformers.XLMRobertaConfig(**_SHAPE, max_position_embeddings=130),
        "modernbert": lambda: transformers.ModernBertConfig(
            **_SHAPE, max_position_embeddings=128, local_attention=16, global_attn_every_n_layers=2
        ),
        "llama": lambda: transformers.LlamaConfig(**_DECODER),
        "qwen3": lambda: transformers.Qwen3Config(**_DECODER),
    }
    return kinds[kind]()


def write_tokenizer(directory: Path) -> None:
    """One token a character; </s> is known and not added."""
    letters = "abcdefghijklmnopqrstuvwxyz .,0123456789"
    vocabulary = {"[UNK]": 0, "[PAD]": 1, "</s>": 2, **{letter: 3 + at for at, letter in enumerate(letters)}}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.save(str(directory / "tokenizer.json"))


def write_tiny(kind: str, directory: Path) -> Path:
    """Write a model of that kind; its weights are always the same."""
    from findling.embedding.export.load import quiet

    config = config_of(kind)
    with quiet():
        torch.manual_seed(7)
        transformers.MODEL_MAPPING[type(config)](config).save_pretrained(directory)
    write_tokenizer(directory)
    return directory
