"""Graphs of tiny seeded BERTs equal torch's, for both poolings; weights that do not fit are refused."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from findling.embedding.bert_graph import build, build_reranker
from findling.embedding.onnx_session import opened
from findling.embedding.quantize import quantize_dynamic_int8
from findling.errors import ModelDamaged, ModelRefused
from findling.models import Pooling

#: Without VNNI, products of 8 bits are cut off: 0.5 to 1.2 on an EPYC with AVX2 and these random weights.
_CPUINFO = Path("/proc/cpuinfo")
_PROCESSOR = _CPUINFO.read_text() if _CPUINFO.exists() else "vnni"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A BERT of two layers with random weights, saved, and itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        import transformers

        torch.manual_seed(5)
        config = transformers.BertConfig(
            vocab_size=60,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=32,
            max_position_embeddings=12,
            initializer_range=0.6,
        )
        model = transformers.BertModel(config, add_pooling_layer=False).eval()
        directory = tmp_path_factory.mktemp("tiny")
        model.save_pretrained(directory)
    return directory, model


@pytest.mark.parametrize("pooling", [Pooling.MEAN, Pooling.CLS])
def test_the_graph_computes_what_torch_does(tiny: tuple[Path, Any], tmp_path: Path, pooling: Pooling) -> None:
    import torch

    directory, model = tiny
    shape = build(directory, pooling, tmp_path / "model.onnx")
    assert (shape.layers, shape.heads, shape.hidden, shape.positions) == (2, 4, 16, 12)
    session = opened(tmp_path / "model.onnx", threads=1)
    chance = np.random.default_rng(1)
    for batch, length in ((1, 1), (3, 12), (5, 7)):
        ids = chance.integers(0, 60, (batch, length))
        mask = (np.arange(length) < chance.integers(1, length + 1, (batch, 1))).astype(np.int64)
        vectors = session.run(ids, mask)
        with torch.no_grad():
            states = model(torch.from_numpy(ids), torch.from_numpy(mask)).last_hidden_state
            weights = torch.from_numpy(mask)[:, :, None].float()
            mean = (states * weights).sum(1) / weights.sum(1)
            pooled = mean if pooling is Pooling.MEAN else states[:, 0]
            expected = torch.nn.functional.normalize(pooled).numpy()
        assert vectors.shape == (batch, 16)
        assert np.abs(vectors - expected).max() <= 1e-5
        on_the_left = session.run(
            np.stack([np.roll(row, length - n) for row, n in zip(ids, mask.sum(1), strict=True)]),
            np.stack([np.roll(row, length - n) for row, n in zip(mask, mask.sum(1), strict=True)]),
        )
        assert np.abs(on_the_left - expected).max() <= 1e-5


def saved_classifier(directory: Path, family: str, **config: Any) -> Any:
    """A sequence classifier of two layers with random weights, saved in `directory`, and itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        import transformers

        torch.manual_seed(3)
        shape = {
            "vocab_size": 60,
            "hidden_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 32,
            "max_position_embeddings": 14,
            "initializer_range": 0.4,
            "num_labels": 1,
            "pad_token_id": 1,
            "type_vocab_size": 2 if family == "Bert" else 1,
        }
        config_class = getattr(transformers, f"{family}Config")
        model = getattr(transformers, f"{family}ForSequenceClassification")(config_class(**(shape | config)))
        model.save_pretrained(directory)
    return model.eval()


@pytest.mark.parametrize(("family", "longest"), [("Bert", 14), ("Roberta", 12), ("XLMRoberta", 12)])
def test_a_rerankers_graph_computes_what_torch_does(tmp_path: Path, family: str, longest: int) -> None:
    import torch

    model = saved_classifier(tmp_path, family)
    assert build_reranker(tmp_path, tmp_path / "model.onnx").max_tokens == longest
    quantize_dynamic_int8(tmp_path / "model.onnx", tmp_path / "int8.onnx")
    session, near = opened(tmp_path / "model.onnx", threads=1), opened(tmp_path / "int8.onnx", threads=1)
    assert session.dim == 1
    chance = np.random.default_rng(1)
    for batch, length in ((1, 2), (6, longest), (5, 7)):
        lengths = chance.integers(2, length + 1, (batch, 1))
        mask = (np.arange(length) < lengths).astype(np.int64)
        ids = np.where(mask, chance.integers(2, 60, (batch, length)), 1)
        # The query's part, and the passage's: a RoBERTa is told of no difference.
        types = (np.arange(length) >= lengths // 2).astype(np.int64) * (family == "Bert")
        with torch.no_grad():
            given = (torch.from_numpy(array) for array in (ids, mask, types))
            expected = model(*given).logits.numpy()
        scores = session.run(ids, mask, types)
        assert scores.shape == (batch, 1)
        assert np.abs(scores - expected).max() <= 1e-5
        assert np.abs(near.run(ids, mask, types) - expected).max() <= (0.5 if "vnni" in _PROCESSOR else 2.0)
        if family == "Bert" and length > 2:
            other = session.run(ids, mask, np.zeros_like(types))
            assert np.abs(other - expected).max() > 1e-3  # which text a token is of does count


@pytest.mark.parametrize(
    ("family", "config", "error", "words"),
    [
        ("Bert", {"num_labels": 3}, ModelRefused, "it gives 3 numbers, not one"),
        ("XLMRoberta", {"num_labels": 2}, ModelRefused, "it gives 2 numbers, not one"),
        ("DebertaV2", {}, ModelDamaged, "describes a deberta-v2 model"),
    ],
)
def test_another_classifier_is_no_reranker(
    tmp_path: Path, family: str, config: dict[str, Any], error: type[Exception], words: str
) -> None:
    saved_classifier(tmp_path, family, **config)
    with pytest.raises(error, match=words):
        build_reranker(tmp_path, tmp_path / "model.onnx")


def test_an_encoder_without_a_head_is_no_reranker(tiny: tuple[Path, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match=r"has no tensor 'classifier\.weight'"):
        build_reranker(tiny[0], tmp_path / "model.onnx")


def altered(tiny: tuple[Path, Any], tmp_path: Path, **config: Any) -> Path:
    """A copy of the tiny model with another config."""
    directory = tmp_path / "altered"
    directory.mkdir()
    known = json.loads((tiny[0] / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps(known | config))
    (directory / "model.safetensors").write_bytes((tiny[0] / "model.safetensors").read_bytes())
    return directory


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"model_type": "roberta"}, "describes a roberta model"),
        ({"hidden_act": "relu"}, "describes a bert model"),
        ({"position_embedding_type": "relative_key"}, "describes a bert model"),
        ({"num_hidden_layers": 3}, r"has no tensor 'encoder\.layer\.2\."),
        ({"num_attention_heads": None}, "cannot be read"),
        ({"hidden_size": "wide"}, "cannot be read"),
        ({"hidden_size": 24}, "do not fit"),
        ({"num_attention_heads": 3}, "do not fit"),
        ({"max_position_embeddings": 99}, "do not fit"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(
    tiny: tuple[Path, Any], tmp_path: Path, config: dict[str, Any], words: str
) -> None:
    with pytest.raises(ModelDamaged, match=words) as caught:
        build(altered(tiny, tmp_path, **config), Pooling.MEAN, tmp_path / "model.onnx")
    assert "\n" not in str(caught.value)


def test_last_token_pooling_is_not_for_bert(tiny: tuple[Path, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match="no last token pooling"):
        build(tiny[0], Pooling.LAST_TOKEN, tmp_path / "model.onnx")


@pytest.mark.parametrize("damage", ["missing", "cut off", "noise"])
def test_weights_that_cannot_be_read_are_named(tiny: tuple[Path, Any], tmp_path: Path, damage: str) -> None:
    directory = altered(tiny, tmp_path)
    weights = directory / "model.safetensors"
    if damage == "missing":
        weights.unlink()
    elif damage == "cut off":
        weights.write_bytes(weights.read_bytes()[:-100])
    else:
        weights.write_bytes(b"noise" * 50)
    with pytest.raises(ModelDamaged, match=r"model\.safetensors cannot be read") as caught:
        build(directory, Pooling.MEAN, tmp_path / "model.onnx")
    assert "\n" not in str(caught.value)


def test_a_directory_without_a_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match=r"config\.json cannot be read"):
        build(tmp_path, Pooling.MEAN, tmp_path / "model.onnx")
