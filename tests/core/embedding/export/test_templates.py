"""Prefixes are byte-exact; a final token survives truncation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.embedding.export.templates import RETRIEVAL_INSTRUCTION, template_of
from findling.models import Pooling
from findling.models.builtin import BUILTIN_LANGUAGE_MODELS

if TYPE_CHECKING:
    from pathlib import Path

ASK = "Instruct: {instruction}\nQuery:"


@pytest.mark.parametrize(
    ("name", "query", "document", "eos", "pooling"),
    [
        ("intfloat/e5-small-v2", "query: ", "passage: ", "", Pooling.MEAN),
        ("intfloat/multilingual-e5-small", "query: ", "passage: ", "", Pooling.MEAN),
        ("intfloat/multilingual-e5-large-instruct", f"{ASK} ", "", "", Pooling.MEAN),
        ("intfloat/e5-mistral-7b-instruct", f"{ASK} ", "", "</s>", Pooling.LAST_TOKEN),
        ("Qwen/Qwen3-Embedding-0.6B", ASK, "", "<|endoftext|>", Pooling.LAST_TOKEN),
        ("BAAI/bge-m3", "", "", "", Pooling.CLS),
        (
            "BAAI/bge-small-en-v1.5",
            "Represent this sentence for searching relevant passages: ",
            "",
            "",
            Pooling.CLS,
        ),
        ("sentence-transformers/all-MiniLM-L6-v2", "", "", "", Pooling.MEAN),
        ("SmolLM2-135M-Instruct.Q4_1.gguf", f"{ASK} ", "", "", Pooling.WEIGHTED_MEAN),
        (
            "google/embeddinggemma-300m",
            "task: search result | query: ",
            "title: none | text: ",
            "",
            Pooling.MEAN,
        ),
        ("somebody/something", "", "", "", None),
    ],
)
def test_families(name: str, query: str, document: str, eos: str, pooling: Pooling | None) -> None:
    template = template_of("", name)
    found = (template.query_prefix, template.document_prefix, template.eos, template.pooling)
    assert found == (query, document, eos, pooling)
    assert template.instruction == (RETRIEVAL_INSTRUCTION if "{instruction}" in query else "")


def test_the_final_token_survives_truncation_with_the_real_tokenizer(tmp_path: Path) -> None:
    from findling.embedding.export import gguf_file
    from findling.embedding.tokenizer import TextTokenizer

    source = BUILTIN_LANGUAGE_MODELS["smollm2-135m"].weights()
    gguf_file.save_tokenizer(source, tmp_path / "tokenizer.json")
    eos = gguf_file.facts(source).eos
    assert eos == "<|im_end|>"
    tokenizer = TextTokenizer(tmp_path / "tokenizer.json", 16, eos)
    short, long, empty = tokenizer.encode(["The capital of France", "one two three " * 50, ""])
    assert short == [504, 3575, 282, 4649, 2]
    assert (len(long), long[-1], empty) == (16, 2, [2])
