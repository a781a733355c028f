"""The variant that a machine runs fastest is chosen by measuring, and kept."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.embedding import Embedder, calibrate, install, open_embedder, stored_calibration
from findling.embedding import calibration as room
from findling.embedding.runtimes import precisions
from findling.errors import ModelDamaged

if TYPE_CHECKING:
    from pathlib import Path

    from findling.models import InstalledModel
    from findling.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A home where nothing was measured."""
    shutil.rmtree(settings.home.state / "calibration")
    return settings


def test_int8_is_near_fp32_in_vectors_and_in_order(
    installed_model: InstalledModel, embedder: Embedder, sample_library: list[Path]
) -> None:
    texts = [
        path.read_text(encoding="utf-8")[:900] for path in sample_library if path.suffix in (".md", ".txt")
    ]
    eight = Embedder(installed_model, precision="int8")
    assert (embedder.precision, eight.precision) == ("fp32", "int8")
    exact, near = embedder.embed_passages(texts), eight.embed_passages(texts)
    assert np.einsum("nd,nd->n", exact, near).mean() >= 0.98
    queries = embedder.embed_passages([text[:120] for text in texts])
    same_best = (queries @ exact.T).argmax(1) == (queries @ near.T).argmax(1)
    assert same_best.mean() >= 0.9  # two of them are near-identical versions of one policy


def test_the_choice_is_the_fastest_that_passes_and_is_kept(
    settings: Settings, installed_model: InstalledModel
) -> None:
    assert stored_calibration(settings, installed_model) is None
    found = calibrate(settings, installed_model)
    figures = {figure.precision: figure for figure in found.figures}
    assert set(figures) == set(precisions(installed_model.card))
    assert figures["fp32"].cosine == pytest.approx(1.0, abs=1e-4)
    assert all(figure.passages_per_second > 0 for figure in figures.values())
    passing = [f for f in figures.values() if f.cosine >= room.COSINE_BAR]
    assert found.precision == max(passing, key=lambda f: f.passages_per_second).precision
    assert stored_calibration(settings, installed_model) == found
    assert open_embedder(settings, installed_model, bulk=True).precision == found.precision


def test_a_variant_that_strays_is_not_taken_however_fast(
    settings: Settings, installed_model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: Settings, model: InstalledModel, precision: str, *rest: object) -> tuple[np.ndarray, float]:
        wrong = precision == "int8"
        vector = np.eye(2, 8, 1 if wrong else 0, dtype=np.float32)
        return vector, 1000.0 if wrong else 1.0

    monkeypatch.setattr(room, "_run", run)
    monkeypatch.setattr(room, "precisions", lambda *_: ("fp32", "int8"))
    assert calibrate(settings, installed_model).precision == "fp32"


def test_a_variant_that_does_not_run_is_named_and_left(
    settings: Settings, installed_model: InstalledModel
) -> None:
    graph = settings.home.models / installed_model.card.id / "model_int8.onnx"
    graph.unlink()
    graph.write_bytes(b"not a graph")
    model = replace(installed_model, directory=graph.parent)
    found = calibrate(settings, model)
    assert found.precision != "int8"
    assert "int8" not in found.near
    (figure,) = [figure for figure in found.figures if figure.precision == "int8"]
    assert "model_int8.onnx" in figure.problem


def test_a_model_that_does_not_run_at_all_is_damaged(
    settings: Settings, installed_model: InstalledModel
) -> None:
    graph = settings.home.models / installed_model.card.id / "model.onnx"
    graph.unlink()
    graph.write_bytes(b"not a graph")
    with pytest.raises(ModelDamaged):
        calibrate(settings, replace(installed_model, directory=graph.parent))


@pytest.mark.parametrize("change", [{"machine": "another"}, {"precision": "int4"}, {"figures": 3}])
def test_what_was_measured_elsewhere_does_not_count(
    settings: Settings, installed_model: InstalledModel, change: dict[str, object]
) -> None:
    calibrate(settings, installed_model)
    path = settings.home.state / "calibration" / f"{installed_model.card.id}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert stored_calibration(settings, installed_model) is None


def test_bulk_measures_on_first_use_and_a_query_keeps_the_highest_precision(
    settings: Settings, installed_model: InstalledModel
) -> None:
    assert open_embedder(settings, installed_model).precision == "fp32"
    assert stored_calibration(settings, installed_model) is None
    open_embedder(settings, installed_model, bulk=True)
    assert stored_calibration(settings, installed_model) is not None
    assert open_embedder(settings, installed_model).precision == "fp32"


def test_fewer_threads_are_taken_where_they_are_faster(
    settings: Settings, installed_model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    vector = np.eye(2, 8, dtype=np.float32)
    speeds = {8: 10.0, 4: 14.0}
    monkeypatch.setattr(room, "default_threads", lambda: 8)
    monkeypatch.setattr(room, "_physical_cores", lambda: 4)
    monkeypatch.setattr(room, "_run", lambda *given: (vector, speeds[given[3]]))
    assert calibrate(settings, installed_model).threads == 4
    speeds[4] = 6.0
    found = calibrate(settings, installed_model)
    assert (found.threads, {figure.threads for figure in found.figures}) == (8, {8, 4})
    asked = replace(settings, embedder_threads=8)
    assert {figure.threads for figure in calibrate(asked, installed_model).figures} == {8}


def test_another_setting_measures_anew(settings: Settings, installed_model: InstalledModel) -> None:
    calibrate(settings, installed_model)
    assert stored_calibration(replace(settings, embedder_threads=1), installed_model) is None
    assert stored_calibration(replace(settings, embedder_provider="CPU"), installed_model) is None
    assert stored_calibration(settings, installed_model) is not None


def test_a_query_loads_the_smallest_good_variant_of_a_large_graph(
    settings: Settings, installed_model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "_LARGE_GRAPH_BYTES", 1000)
    calibrate(settings, installed_model)
    assert open_embedder(settings, installed_model).precision == "int8"
    monkeypatch.setattr(room, "COSINE_BAR", 0.99999)
    assert open_embedder(settings, installed_model).precision == "fp32"
