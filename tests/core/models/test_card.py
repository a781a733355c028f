"""Model cards: on disk, and the fingerprint under which vectors are reused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from findling.errors import ModelDamaged, UserError
from findling.models import Kind, ModelCard, Pooling, fingerprint_of
from findling.models.card import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

CARD = ModelCard(
    id="tiny",
    name="Tiny",
    base="someone/tiny",
    dim=8,
    max_tokens=32,
    pooling=Pooling.CLS,
    weights="ab" * 32,
    query_prefix="query: ",
    document_prefix="passage: ",
    languages=("en", "de"),
    files={"model.onnx": "1" * 64, "tokenizer.json": "2" * 64},
    provenance={"directory": "/x"},
)


def test_a_card_survives_the_disk(tmp_path: Path) -> None:
    CARD.save(tmp_path)
    assert ModelCard.load(tmp_path) == CARD


def test_a_card_knows_what_the_model_is_for(tmp_path: Path) -> None:
    reranker = replace(CARD, kind=Kind.RERANKER, dim=1)
    reranker.save(tmp_path)
    assert ModelCard.load(tmp_path) == reranker
    assert ModelCard.load(tmp_path).kind is Kind.RERANKER
    reranker.check_kind(Kind.RERANKER)
    with pytest.raises(UserError, match="tiny is no embedder but a model of the kind reranker"):
        reranker.check_kind(Kind.EMBEDDER)
    old = CARD.to_json()
    del old["kind"]
    assert ModelCard.from_json(old).kind is Kind.EMBEDDER


def test_what_a_later_version_adds_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps({**CARD.to_json(), "dialect": "new"}))
    assert ModelCard.load(tmp_path) == CARD


@pytest.mark.parametrize(
    "change",
    [
        {"weights": "cd" * 32},
        {"max_tokens": 31},
        {"pooling": Pooling.MEAN},
        {"document_prefix": "passage:"},
        {"files": {"model.onnx": "1" * 64, "tokenizer.json": "3" * 64}},
    ],
)
def test_the_fingerprint_changes_with_what_vectors_depend_on(change: dict) -> None:
    assert replace(CARD, **change).fingerprint != CARD.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"name": "Other"},
        {"query_prefix": ""},
        {"licence": "MIT"},
        {"provenance": {}},
        {"files": {"model.onnx": "9" * 64, "tokenizer.json": "2" * 64}},
    ],
)
def test_the_fingerprint_stays_when_vectors_do(change: dict) -> None:
    assert replace(CARD, **change).fingerprint == CARD.fingerprint


def test_a_fingerprint_tells_its_parts_apart() -> None:
    assert len(fingerprint_of("a")) == 16
    assert fingerprint_of("ab", "c") != fingerprint_of("a", "bc") != fingerprint_of("abc")
    assert fingerprint_of("a", "b") == fingerprint_of("a", "b")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        json.dumps({**CARD.to_json(), "pooling": "none"}),
        json.dumps({**CARD.to_json(), "kind": "none"}),
        '{"id": "x"}',
        "\ud800",
    ],
)
def test_a_card_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.json").write_text(text, errors="surrogatepass")
    with pytest.raises(ModelDamaged, match=r"card\.json cannot be read"):
        ModelCard.load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"../../elsewhere": "1" * 64, "model.onnx": "1" * 64, "tokenizer.json": "2" * 64}},
        {"files": {"/etc/passwd": "1" * 64, "model.onnx": "1" * 64, "tokenizer.json": "2" * 64}},
        {"files": {"model.onnx": "1" * 64}},
        {"variants": {"fp32": "../model.onnx"}},
        {"files": {}},
    ],
)
def test_a_card_names_its_own_files_and_no_others(tmp_path: Path, change: dict) -> None:
    (tmp_path / "card.json").write_text(json.dumps(CARD.to_json() | change))
    with pytest.raises(ModelDamaged, match=r"card\.json cannot be read"):
        ModelCard.load(tmp_path)


def test_a_card_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match="No such file"):
        ModelCard.load(tmp_path)


def test_sha256_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    assert sha256_of(tmp_path / "f") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
