"""bfloat16 beside the model's own graphs: where there is none, how near it is, what happens when it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.embedding import Embedder, bf16_hint, openvino_session
from findling.embedding.runtimes import BF16, open_session, precisions
from findling.errors import ModelDamaged
from findling.models import InstalledModel, ModelCard

if TYPE_CHECKING:
    from pathlib import Path

NEEDS_BF16 = pytest.mark.skipif(
    not openvino_session.computes_bf16(), reason="no OpenVINO, or a processor without bfloat16"
)
TEXTS = ["an owl", "the annual budget of the association " * 9, "glaciers " * 200, "", "é 氷河 🦉"]


def test_bf16_is_offered_where_the_cpu_may_be_used_and_computes_it(
    installed_model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = installed_model.card
    monkeypatch.setattr(openvino_session, "computes_bf16", lambda: True)
    assert precisions(card) == precisions(card, "CPU") == ("fp32", "int8", "bf16")
    assert precisions(card, "CUDA") == ("fp32", "int8")
    monkeypatch.setattr(openvino_session, "computes_bf16", lambda: False)
    assert precisions(card) == ("fp32", "int8")


@NEEDS_BF16
def test_vectors_in_bf16_are_near_and_do_not_depend_on_their_company(
    installed_model: InstalledModel, embedder: Embedder
) -> None:
    half = Embedder(installed_model, precision=BF16)
    assert (half.precision, half.providers.actual, half.providers.problems) == ("bf16", "CPU", ())
    vectors, exact = half.embed_passages(TEXTS), embedder.embed_passages(TEXTS)
    assert np.einsum("nd,nd->n", vectors, exact).min() >= 0.999
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = np.stack([half.embed_passages([text])[0] for text in TEXTS])
    assert np.einsum("nd,nd->n", vectors, alone).min() >= 0.9995
    assert vectors is not half.embed_passages(TEXTS)
    np.testing.assert_array_equal(
        vectors, half.embed_passages(TEXTS)
    )  # no buffer of the runtime is handed out


def test_without_openvino_the_highest_precision_takes_over_in_words(
    installed_model: InstalledModel, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino_session, "computes_bf16", lambda: False)
    other = Embedder(installed_model, precision=BF16)
    assert any("bf16: OpenVINO is not installed" in problem for problem in other.providers.problems)
    np.testing.assert_allclose(other.embed_query("owl"), embedder.embed_query("owl"), atol=1e-6)
    with pytest.raises(ModelDamaged, match="bf16"):
        open_session(installed_model, BF16, fall_back=False)


@NEEDS_BF16
def test_a_graph_that_openvino_cannot_read_is_left_to_onnx_runtime_and_named(
    installed_model: InstalledModel, tmp_path: Path
) -> None:
    (tmp_path / "model.onnx").symlink_to(installed_model.variant("int8"))  # its operators are unknown there
    known = installed_model.card.to_json() | {"variants": {"fp32": "model.onnx"}}
    session = open_session(InstalledModel(ModelCard.from_json(known), tmp_path), BF16)
    assert any("OpenVINO cannot load" in problem for problem in session.report.problems)
    (tmp_path / "model.onnx").unlink()
    (tmp_path / "model.onnx").write_bytes(b"noise")
    with pytest.raises(ModelDamaged) as caught:
        open_session(InstalledModel(ModelCard.from_json(known), tmp_path), BF16)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("installed", "flags", "hinted"),
    [(False, "fma amx_bf16 amx_int8", True), (True, "amx_bf16", False), (False, "fma avx2", False)],
)
def test_a_processor_that_could_do_more_is_pointed_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, installed: bool, flags: str, hinted: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(f"flags: {flags}\n")
    monkeypatch.setattr(openvino_session, "_CPU_INFO", tmp_path / "cpuinfo")

    def find_spec(_: str) -> Any:
        return object() if installed else None

    monkeypatch.setattr(openvino_session, "find_spec", find_spec)
    assert ("findling[fast-cpu]" in bf16_hint()) is hinted
