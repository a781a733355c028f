"""A model that is tuned: what it gives is what its graph will give, and what is saved is what was tuned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.embedding.export.source import find_source
from findling.jobs import CancelToken
from findling.models import Pooling
from findling.training.model import Lora, TrainableModel, Usage, adapters_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

sentence_transformers = pytest.importorskip("sentence_transformers")

TEXTS = ["owls hunt at night.", "a glacier", "the river moves", "budget 2026, page 12"]

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def opened(tiny: Callable[[str], Path], tmp_path: Path) -> Callable[..., TrainableModel]:
    def make(
        kind: str = "bert", pooling: Pooling = Pooling.MEAN, eos: str = "", **other: Any
    ) -> TrainableModel:
        usage = Usage(pooling, query_prefix="q. ", eos=eos, query_tokens=24, passage_tokens=48)
        model = TrainableModel(find_source(str(tiny(kind))), usage, tmp_path / "tokenizer.json", **other)
        model.bf16 = False
        return model

    return make


def moved(model: TrainableModel) -> dict[str, Any]:
    """Its weights after a step that has nothing to do with learning."""
    with model.torch.no_grad():
        for each in model.parameters:
            each.add_(0.05 * model.torch.randn_like(each))
    return model.state()


def test_vectors_do_not_depend_on_their_neighbours(opened: Callable[..., TrainableModel]) -> None:
    model = opened()
    together = model.vectors(model.passage_rows(TEXTS))
    alone = [model.vectors(model.passage_rows([text]))[0] for text in TEXTS]
    assert np.abs(together - alone).max() < 1e-6
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert np.abs(model.vectors(model.query_rows(TEXTS)) - together).max() > 1e-3  # the prefix


@pytest.mark.parametrize("lora", [None, Lora(rank=4, alpha=8)])
def test_a_share_of_0_is_the_base_and_of_1_the_tuned_model(
    opened: Callable[..., TrainableModel], lora: Lora | None
) -> None:
    model = opened(lora=lora)
    rows = model.passage_rows(TEXTS)
    base = model.vectors(rows)
    state = moved(model)
    tuned = model.vectors(rows)
    distances = []
    for share in (0.0, 0.5, 1.0):
        model.put(state, share)
        distances.append(float(np.abs(model.vectors(rows) - base).max()))
    assert distances[0] < 1e-6 < distances[1] < distances[2]
    assert np.abs(model.vectors(rows) - tuned).max() < 1e-6


@pytest.mark.parametrize(
    ("kind", "pooling", "lora", "eos", "centred"),
    [
        ("bert", Pooling.MEAN, None, "", False),
        ("llama", Pooling.LAST_TOKEN, Lora(), "</s>", False),
        ("llama", Pooling.WEIGHTED_MEAN, Lora(), "", True),
    ],
)
def test_what_is_saved_loads_in_transformers_and_sentence_transformers(
    opened: Callable[..., TrainableModel],
    tmp_path: Path,
    kind: str,
    pooling: Pooling,
    lora: Lora | None,
    eos: str,
    *,
    centred: bool,
) -> None:
    model = opened(kind, pooling, eos, lora=lora)
    if centred:
        model.centre(TEXTS, CancelToken())
    moved(model)
    expected = model.vectors(model.passage_rows(TEXTS))
    place = tmp_path / "saved"
    place.mkdir()
    model.save(place, "---\nbase_model: a-base\nlicense: mit\n---\n\n# A card\n")
    loaded = sentence_transformers.SentenceTransformer(str(place), device="cpu")
    found = loaded.encode(TEXTS, prompt="")
    assert np.abs(found - expected).max() < 1e-5
    again = find_source(str(place))
    assert (again.said_pooling, again.said_query_prefix, again.max_tokens) == (pooling, "q. ", 48)
    other = TrainableModel(again, model.usage, tmp_path / "again.json")
    other.bf16 = False
    assert np.abs(other.vectors(other.passage_rows(TEXTS)) - expected).max() < 1e-5
    assert (again.base, again.licence) == ("a-base", "mit")


def test_centred_vectors_point_everywhere(opened: Callable[..., TrainableModel]) -> None:
    model = opened("llama", Pooling.MEAN)
    rows = model.passage_rows(TEXTS)
    before = model.vectors(rows).mean(0)
    model.centre(TEXTS, CancelToken())
    assert np.linalg.norm(model.vectors(rows).mean(0)) < 0.5 * np.linalg.norm(before)


@pytest.mark.parametrize(("kind", "whole"), [("bert", True), ("llama", False)])
def test_encoders_are_tuned_whole_and_decoders_by_adapters(
    tiny: Callable[[str], Path], kind: str, *, whole: bool
) -> None:
    assert (adapters_of(find_source(str(tiny(kind)))) is None) is whole


def test_only_adapters_are_tuned_where_there_are_some(opened: Callable[..., TrainableModel]) -> None:
    whole = sum(each.numel() for each in opened("llama").parameters)
    adapted = opened("llama", lora=Lora(rank=2, alpha=4))
    assert 0 < sum(each.numel() for each in adapted.parameters) < whole / 5
    assert all("lora_" in name for name in adapted.state())
