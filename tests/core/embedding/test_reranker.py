"""Rerankers: scores of pairs whatever they are batched with, installing, and what happens when they fail."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.embedding import (
    Embedder,
    Reranker,
    add_model,
    calibrate,
    is_reranker,
    open_reranker,
    openvino_session,
    probabilities,
    stored_calibration,
)
from findling.embedding import reranker as room
from findling.embedding.runtimes import open_session
from findling.embedding.session import OutOfMemory
from findling.errors import Cancelled, ModelDamaged, ModelRefused, UserError
from findling.jobs import CancelToken
from findling.models import InstalledModels, Kind
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from findling.embedding.session import Session
    from findling.models import InstalledModel

QUERY = "owls at night"
PASSAGES = [
    "the glacier moves to the river",
    "the owl sleeps in the day and hunts at night",
    "owls hunts at night",
    "a fox moves in the cold river",
    "budget of the day",
]


@pytest.fixture(scope="module")
def installed(overlap_reranker: Path, tmp_path_factory: pytest.TempPathFactory) -> InstalledModel:
    home = Home.at(tmp_path_factory.mktemp("rerankers"))
    return add_model(Settings(home), str(overlap_reranker), "overlap")


@pytest.fixture(scope="module")
def reranker(installed: InstalledModel) -> Reranker:
    return Reranker(installed, 1, provider="CPU")


@pytest.fixture
def bare(home: Home) -> Settings:
    """Settings of a home without any model."""
    return Settings(home, embedder_threads=1)


def test_a_directory_with_a_classifier_of_one_label_becomes_a_reranker(
    installed: InstalledModel, overlap_reranker: Path
) -> None:
    card = installed.card
    assert (card.kind, card.dim, card.max_tokens) == (Kind.RERANKER, 1, 64)
    assert set(card.variants) >= {"fp32", "int8"}
    assert is_reranker(overlap_reranker)
    installed.verify()


def test_the_passage_that_answers_has_the_highest_score(reranker: Reranker) -> None:
    scores = reranker.scores(QUERY, PASSAGES)
    assert (scores.dtype, scores.shape) == (np.float32, (5,))
    assert scores.argsort()[::-1][:2].tolist() == [2, 1]
    chances = probabilities(scores)
    assert (chances.argsort() == scores.argsort()).all()
    assert 0 < chances.min() < 0.5 < chances.max() < 1
    assert probabilities(np.array([-500, 0, 500], np.float32)).tolist() == [0.0, 0.5, 1.0]


def test_a_score_does_not_depend_on_its_company(reranker: Reranker) -> None:
    chance = random.Random(5)
    words = " ".join(PASSAGES).split()
    passages = [*PASSAGES, "", " ".join(chance.choices(words, k=300))]
    passages += [" ".join(chance.choices(words, k=chance.randint(1, 60))) for _ in range(60)]
    alone = np.concatenate([reranker.scores(QUERY, [passage]) for passage in passages])
    order = chance.sample(range(len(passages)), len(passages))
    together = reranker.scores(QUERY, [passages[index] for index in order])
    assert np.abs(together - alone[order]).max() <= 1e-5
    assert np.ptp(alone) > 1  # they are not all the same


def test_what_is_too_long_is_read_from_its_beginning(reranker: Reranker) -> None:
    room_left = 64 - 3 - 3
    full = "glacier " * room_left
    cut, whole, seen, unseen = reranker.scores(
        QUERY, [full + "owls " * 50, full, "owls " + full, "glacier " * (room_left - 1) + "owls"]
    )
    assert cut == pytest.approx(whole, abs=1e-6)
    assert min(seen, unseen) > whole + 1e-3
    (long_query,) = reranker.scores("owls " * 300, ["owls " * 300])
    (other,) = reranker.scores("owls " * 300, ["glacier " * 300])
    assert long_query > other + 1  # of the passage half is read even then


def test_no_passages_have_no_scores(reranker: Reranker) -> None:
    assert reranker.scores(QUERY, []).shape == (0,)


class Counting(CancelToken):
    """Says stop at the check after `allowed` others."""

    def __init__(self, allowed: int) -> None:
        super().__init__()
        self.allowed = allowed

    def check(self) -> None:
        if not self.allowed:
            self.cancel()
        self.allowed -= 1
        super().check()


def test_cancel_is_obeyed_between_two_batches(reranker: Reranker) -> None:
    passages = ["glacier " * 60] * 40
    cancel = Counting(1)
    with pytest.raises(Cancelled):
        reranker.scores(QUERY, passages, cancel)
    assert cancel.allowed == -1  # the first batch ran
    many = Counting(1000)
    reranker.scores(QUERY, passages, many)
    assert 2 <= 1000 - many.allowed <= 4


def test_int8_and_bf16_give_nearly_the_same_scores(installed: InstalledModel, reranker: Reranker) -> None:
    exact = reranker.scores(QUERY, PASSAGES)
    names = ["int8"] + (["bf16"] if openvino_session.computes_bf16() else [])
    for name in names:
        other = Reranker(installed, precision=name, provider="CPU")
        scores = other.scores(QUERY, PASSAGES)
        assert other.precision == name
        assert np.corrcoef(scores, exact)[0, 1] > 0.99
        assert scores.argmax() == exact.argmax()


def test_it_opens_in_the_precision_that_is_fastest_here(installed: InstalledModel, bare: Settings) -> None:
    assert stored_calibration(bare, installed) is None
    opened = open_reranker(bare, installed)
    found = stored_calibration(bare, installed)
    assert found is not None
    assert opened.precision == found.precision
    assert opened.scores(QUERY, PASSAGES).argmax() == 2


def test_scores_that_stray_are_not_taken_however_fast(
    installed: InstalledModel, bare: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from findling.embedding import calibration

    exact = np.array([[3.0], [-2.0], [-8.0], [-9.0]], np.float32)

    def run(_: Settings, model: InstalledModel, precision: str, *rest: object) -> tuple[np.ndarray, float]:
        wrong = precision == "int8"
        # Shifted and stretched is as good; another order is not.
        return (exact[::-1] if wrong else 2 * exact + 1), 1000.0 if wrong else 1.0

    monkeypatch.setattr(calibration, "_run", run)
    monkeypatch.setattr(calibration, "precisions", lambda *_: ("fp32", "int8"))
    found = calibrate(bare, installed)
    assert found.precision == "fp32"
    assert found.figures[0].cosine == pytest.approx(1.0)
    assert found.figures[1].cosine < 0


class Device:
    """A session on a device that runs at most `most` pairs at once."""

    last_resort = False
    batch_tokens = 4096

    def __init__(self, inner: Session, most: int) -> None:
        self._inner = inner
        self._most = most
        self.report = replace(inner.report, actual="CUDA")

    def run(self, ids: NDArray[np.int64], mask: NDArray[np.int64], types: NDArray[np.int64]) -> Any:
        if len(ids) > self._most:
            raise OutOfMemory("CUDA failure 2: out of memory")
        return self._inner.run(ids, mask, types)


@pytest.mark.parametrize(("most", "actual"), [(3, "CUDA"), (0, "CPU")])
def test_a_device_without_room_costs_speed_alone(
    installed: InstalledModel, reranker: Reranker, monkeypatch: pytest.MonkeyPatch, most: int, actual: str
) -> None:
    def open_(model: InstalledModel, precision: str, threads: int, *, provider: str) -> Any:
        session = open_session(model, precision, threads, provider="CPU")
        return session if provider == "CPU" else Device(session, most)

    monkeypatch.setattr(room, "open_session", open_)
    small = Reranker(installed)
    passages = PASSAGES * 5
    assert np.abs(small.scores(QUERY, passages) - reranker.scores(QUERY, passages)).max() <= 1e-5
    assert small.providers.actual == actual
    assert any("too little memory" in problem for problem in small.providers.problems)


def test_a_damaged_one_goes_on_in_the_precision_that_is_whole(
    bare: Settings, overlap_reranker: Path, reranker: Reranker
) -> None:
    model = add_model(bare, str(overlap_reranker), "overlap")
    model.graph.write_bytes(model.graph.read_bytes()[:500])
    other = open_reranker(bare, model)
    assert other.precision == "int8"
    assert any("model.onnx cannot be loaded" in problem for problem in other.providers.problems)
    assert other.scores(QUERY, PASSAGES).argmax() == 2
    model.variant("int8").write_bytes(b"noise")
    with pytest.raises(ModelDamaged, match=r"model\.onnx cannot be loaded: .*Install it again"):
        open_reranker(bare, model)
    model.tokenizer.write_bytes(b"{}")
    with pytest.raises(ModelDamaged, match="cannot be read"):
        open_reranker(bare, model)


def test_embedders_and_rerankers_are_not_taken_for_each_other(
    bare: Settings, installed: InstalledModel, installed_model: InstalledModel
) -> None:
    with pytest.raises(UserError, match="overlap is no embedder"):
        Embedder(installed)
    with pytest.raises(UserError, match="all-minilm-l6-v2 is no reranker"):
        open_reranker(bare, installed_model)


def onnx_directory(installed: InstalledModel, place: Path) -> Path:
    """A reranker of an architecture that is unknown here, as publishers put ONNX graphs beside weights."""
    (place / "onnx").mkdir(parents=True)
    shutil.copyfile(installed.graph, place / "onnx" / "model.onnx")
    shutil.copyfile(installed.tokenizer, place / "tokenizer.json")
    known = {"model_type": "deberta-v2", "architectures": ["DebertaV2ForSequenceClassification"]}
    (place / "config.json").write_text(json.dumps(known | {"max_position_embeddings": 64}))
    (place / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 10**30}))
    (place / "model.safetensors").write_bytes(b"of no use here")
    return place


def test_a_reranker_of_any_architecture_is_added_by_its_onnx_graph(
    bare: Settings, installed: InstalledModel, reranker: Reranker, tmp_path: Path
) -> None:
    model = add_model(bare, str(onnx_directory(installed, tmp_path / "Other")))
    assert (model.card.id, model.card.kind, model.card.max_tokens) == ("other", Kind.RERANKER, 64)
    assert (model.card.variants, model.card.languages) == ({"fp32": "model.onnx"}, ())
    model.verify()
    scores = Reranker(model, provider="CPU").scores(QUERY, PASSAGES)
    np.testing.assert_allclose(scores, reranker.scores(QUERY, PASSAGES), atol=1e-6)
    again = add_model(bare, str(model.directory), "copy")  # by its card
    assert (again.card.kind, again.card.fingerprint) == (Kind.RERANKER, model.card.fingerprint)


def test_weights_beside_a_graph_come_with_it(
    bare: Settings, installed: InstalledModel, tmp_path: Path
) -> None:
    import onnx

    source = onnx_directory(installed, tmp_path / "split")
    graph = source / "onnx" / "model.onnx"
    model = onnx.load(graph)
    onnx.save(model, graph, save_as_external_data=True, location="model.onnx_data", size_threshold=100)
    added = add_model(bare, str(source))
    assert set(added.card.files) == {"model.onnx", "model.onnx_data", "tokenizer.json"}
    assert Reranker(added).scores(QUERY, PASSAGES).argmax() == 2
    (source / "onnx" / "model.onnx_data").unlink()
    with pytest.raises(ModelDamaged, match=r"missing: 'model\.onnx_data'"):
        add_model(bare, str(source), "again")


def test_what_is_no_reranker_is_refused_and_leaves_nothing(
    bare: Settings, installed: InstalledModel, installed_model: InstalledModel, tmp_path: Path
) -> None:
    embedder = onnx_directory(installed, tmp_path / "embedder")
    shutil.copyfile(installed_model.graph, embedder / "onnx" / "model.onnx")
    with pytest.raises(ModelRefused, match="makes sentence_embedding of attention_mask, input_ids"):
        add_model(bare, str(embedder))
    noise = onnx_directory(installed, tmp_path / "noise")
    (noise / "onnx" / "model.onnx").write_bytes(b"noise")
    with pytest.raises(ModelDamaged, match="cannot be read"):
        add_model(bare, str(noise))
    (noise / "onnx" / "model.onnx").unlink()
    with pytest.raises(ModelDamaged, match=r"describes a deberta-v2 model.*ONNX graph"):
        add_model(bare, str(noise))
    untokenized = onnx_directory(installed, tmp_path / "untokenized")
    (untokenized / "tokenizer.json").unlink()
    with pytest.raises(ModelDamaged, match=r"has no tokenizer\.json"):
        add_model(bare, str(untokenized))
    assert InstalledModels(bare.home.models).list() == []


def test_one_from_the_catalogue_has_its_licence(
    bare: Settings, overlap_reranker: Path, tmp_path: Path
) -> None:
    source = tmp_path / "ms-marco-minilm-l6-v2"
    shutil.copytree(overlap_reranker, source)
    about = {"revision": "main", "commit": "c0ffee", "endpoint": "https://example.org", "files": {}}
    known = {"repo": "cross-encoder/ms-marco-MiniLM-L6-v2", **about}
    (source / "download.json").write_text(json.dumps(known))
    card = add_model(bare, str(source)).card
    assert (card.name, card.licence, card.languages) == ("ms-marco-MiniLM-L6-v2", "Apache-2.0", ("en",))
    assert card.provenance["source"] == "cross-encoder/ms-marco-MiniLM-L6-v2@c0ffee"
