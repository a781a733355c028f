"""A source becomes an installed model that agrees with torch, or nothing."""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.embedding import Embedder
from findling.embedding.export import Centre, export_model
from findling.embedding.export import exporter as exporting
from findling.embedding.export.verify import BARS
from findling.errors import (
    Cancelled,
    ModelDamaged,
    ModelNotFound,
    ModelRefused,
    SettingsError,
    UserError,
)
from findling.jobs import CancelToken, Progress
from findling.models import InstalledModels, Pooling

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findling.settings import Settings

TEXTS = ["a tale of two cities", "w", "the quick brown fox jumps over the lazy dog. " * 9]


def torch_vectors(directory: Path, texts: list[str], pooling: Pooling) -> np.ndarray:
    """By transformers, one text at a time."""
    import torch
    import transformers
    from tokenizers import Tokenizer

    from findling.embedding.export.load import quiet

    with quiet():
        model = transformers.AutoModel.from_pretrained(directory, dtype=torch.float32).eval()
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    tokenizer.enable_truncation(128)
    vectors = []
    for text in texts:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.inference_mode():
            states = model(input_ids=ids)[0][0].numpy()
        weights = np.arange(1, len(states) + 1)
        vectors.append(
            {
                Pooling.MEAN: states.mean(0),
                Pooling.WEIGHTED_MEAN: (states * weights[:, None]).sum(0) / weights.sum(),
                Pooling.CLS: states[0],
                Pooling.LAST_TOKEN: states[-1],
            }[pooling]
        )
    stacked = np.stack(vectors)
    return stacked / np.linalg.norm(stacked, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("bert", "built from safetensors"),
        ("xlm-roberta", "traced and fused"),
        ("modernbert", "traced"),
        ("llama", "traced"),
        ("qwen3", "traced"),
    ],
)
def test_every_precision_of_every_architecture_meets_its_bar(
    kind: str, how: str, tiny: Callable[[str], Path], settings: Settings
) -> None:
    model = export_model(str(tiny(kind)), settings, precisions=("int8", "fp16"))
    figures = model.card.provenance
    assert figures["graph"] == how
    assert tuple(model.card.variants) == ("fp32", "fp16", "int8")
    for precision, bars in BARS.items():
        assert float(figures[f"{precision}_min_cosine"]) >= bars.worst_cosine
        assert float(figures[f"{precision}_mean_cosine"]) >= bars.mean_cosine
        assert f"{precision}_right_padding_difference" in figures
    assert float(figures["fp32_max_difference"]) <= 1e-5
    assert "fp32_left_padding_difference" in figures
    decoder = kind in ("llama", "qwen3")
    assert model.card.pooling is (Pooling.LAST_TOKEN if decoder else Pooling.MEAN)
    assert model.card.needs_tuning == decoder
    expected = torch_vectors(tiny(kind), TEXTS, model.card.pooling)
    assert np.abs(Embedder(model).embed_passages(TEXTS) - expected).max() <= 1e-5


@pytest.mark.parametrize("pooling", list(Pooling))
def test_each_pooling_is_in_the_graph(
    pooling: Pooling, tiny: Callable[[str], Path], settings: Settings
) -> None:
    model = export_model(str(tiny("llama")), settings, model_id="pooled", pooling=pooling)
    expected = torch_vectors(tiny("llama"), TEXTS, pooling)
    assert np.abs(Embedder(model).embed_passages(TEXTS) - expected).max() <= 1e-5


def test_graph_has_the_inputs_and_the_output_that_the_embedder_expects(
    tiny: Callable[[str], Path], settings: Settings
) -> None:
    import onnxruntime

    model = export_model(str(tiny("llama")), settings, precisions=("fp32", "fp16", "int8"))
    for precision in model.card.variants:
        session = onnxruntime.InferenceSession(
            str(model.variant(precision)), providers=["CPUExecutionProvider"]
        )
        inputs = {item.name: (item.type, item.shape) for item in session.get_inputs()}
        assert inputs == {
            name: ("tensor(int64)", ["batch", "tokens"]) for name in ("input_ids", "attention_mask")
        }
        (output,) = session.get_outputs()
        assert (output.name, output.type, output.shape) == (
            "sentence_embedding",
            "tensor(float)",
            ["batch", 64],
        )


def test_a_centre_is_taken_away_and_belongs_to_the_fingerprint(
    tiny: Callable[[str], Path], settings: Settings
) -> None:
    source = str(tiny("llama"))
    plain = export_model(source, settings, model_id="plain", pooling=Pooling.MEAN)
    vector = np.linspace(-1, 1, 64, dtype=np.float32)
    scale = np.linspace(0.5, 2, 64, dtype=np.float32)
    centred = export_model(
        source, settings, model_id="centred", pooling=Pooling.MEAN, centre=Centre(vector, scale)
    )
    by_sample = export_model(source, settings, model_id="sample", pooling=Pooling.MEAN, centre="sample")
    assert len({model.card.fingerprint for model in (plain, centred, by_sample)}) == 3
    vectors = Embedder(by_sample).embed_passages(TEXTS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    apart = Embedder(plain).embed_passages(TEXTS)
    assert np.abs(Embedder(centred).embed_passages(TEXTS) - apart).max() > 0.01


def test_files_in_sentence_transformers_layout_are_believed(
    tiny: Callable[[str], Path], settings: Settings, tmp_path: Path
) -> None:
    from safetensors.numpy import save_file

    directory = shutil.copytree(tiny("llama"), tmp_path / "Layout Model")
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense"), ("3_N", "Normalize")]
    (directory / "modules.json").write_text(
        json.dumps([{"path": path, "type": f"sentence_transformers.models.{kind}"} for path, kind in modules])
    )
    for name, content in {
        "1_Pooling/config.json": {"pooling_mode_weightedmean_tokens": True, "include_prompt": True},
        "2_Dense/config.json": {"in_features": 64, "out_features": 16, "bias": False},
        "sentence_bert_config.json": {"max_seq_length": 40},
        "config_sentence_transformers.json": {"prompts": {"query": "ask: ", "document": "text: "}},
    }.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(json.dumps(content))
    weights = np.random.default_rng(3).normal(size=(16, 64)).astype(np.float32)
    save_file({"linear.weight": weights}, directory / "2_Dense" / "model.safetensors")
    card = export_model(str(directory), settings).card
    assert (card.id, card.dim, card.max_tokens) == ("layout-model", 16, 40)
    assert (card.pooling, card.needs_tuning) == (Pooling.WEIGHTED_MEAN, False)
    assert (card.query_prefix, card.document_prefix) == ("ask: ", "text: ")
    assert export_model(str(directory), settings, query_prefix="").card.query_prefix == ""


def test_a_family_gives_its_template(tiny: Callable[[str], Path], settings: Settings, tmp_path: Path) -> None:
    directory = shutil.copytree(tiny("qwen3"), tmp_path / "Qwen3-Embedding-tiny")
    card = export_model(str(directory), settings).card
    assert card.query_text("why") == (
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:why"
    )
    assert card.needs_tuning is False
    assert card.eos == ""  # this tokenizer has no <|endoftext|>
    assert export_model(str(directory), settings, eos="</s>").card.eos == "</s>"


def test_an_adapter_is_merged_into_its_base(
    tiny: Callable[[str], Path], settings: Settings, tmp_path: Path
) -> None:
    peft = pytest.importorskip("peft")
    import torch
    import transformers

    from findling.embedding.export.load import quiet

    adapter = tmp_path / "adapter"
    with quiet():
        base = transformers.AutoModelForCausalLM.from_pretrained(tiny("llama"), dtype=torch.float32)
        tuned = peft.get_peft_model(
            base, peft.LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
        )
        torch.manual_seed(1)
        for name, parameter in tuned.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=0.2)
        tuned.save_pretrained(adapter)
    model = export_model(str(adapter), settings, model_id="tuned")
    plain = export_model(str(tiny("llama")), settings, model_id="plain")
    assert float(model.card.provenance["merge_difference"]) <= 1e-4
    assert model.card.fingerprint != plain.card.fingerprint
    some, others = (Embedder(installed).embed_passages(TEXTS) for installed in (model, plain))
    assert np.abs(some - others).max() > 0.01
    (adapter / "adapter_model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelDamaged, match=r"adapter_model\.safetensors"):
        export_model(str(adapter), settings)


def test_a_graph_that_does_not_agree_is_refused_with_its_figures(
    tiny: Callable[[str], Path], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from findling.embedding.export.pooled import PooledEncoder

    wrong = PooledEncoder.forward

    def blind(self: PooledEncoder, input_ids, attention_mask):
        import torch

        return wrong(self, input_ids, torch.ones_like(attention_mask))

    monkeypatch.setattr(PooledEncoder, "forward", blind)
    with pytest.raises(ModelRefused, match=r"padded on the (right|left) changes vectors by up to \d"):
        export_model(str(tiny("llama")), settings, model_id="blind")
    assert "blind" not in [model.card.id for model in InstalledModels(settings.home.models).list()]


@pytest.mark.parametrize("room", [True, False])
def test_what_a_graph_is_compared_with_is_exact_where_memory_has_room(
    room: bool, tiny: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import psutil
    import torch

    from findling.embedding.export import load, verify
    from findling.embedding.export.pooled import PooledEncoder
    from findling.embedding.export.source import find_source

    module = PooledEncoder(load.load(find_source(str(tiny("llama")))), Pooling.LAST_TOKEN).eval()
    if not room:
        monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=0))
    seen: set[torch.dtype] = set()
    module.model.register_forward_hook(lambda *told: seen.add(told[2][0].dtype))
    rows = [[5], [7, 9, 3] * 20]
    found = verify.reference(module, rows)
    assert seen == {torch.float64 if room else torch.float32}
    assert found.dtype == np.float32
    assert {each.dtype for each in module.model.parameters()} == {torch.float32}
    module.model.double()
    with torch.inference_mode():
        states = [module.model(input_ids=torch.tensor([row]))[0][0, -1].numpy() for row in rows]
    exact = np.stack([each / np.linalg.norm(each) for each in states])
    assert np.abs(found - exact).max() <= (1e-7 if room else 1e-5)


def test_what_is_no_model_is_refused_in_words(
    tiny: Callable[[str], Path], settings: Settings, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ModelRefused, match="not a model's directory"):
        export_model(str(empty), settings)
    with pytest.raises(ModelNotFound, match="neither a directory"):
        export_model("nowhere/at-all", settings)
    with pytest.raises(UserError, match="no precision"):
        export_model(str(tiny("bert")), settings, precisions=("int3",))
    (tmp_path / "cut.gguf").write_bytes(b"GGUF\x03\x00")
    with pytest.raises(ModelDamaged, match=r"cut\.gguf"):
        export_model(str(tmp_path / "cut.gguf"), settings)


def _changed(source: Path, target: Path, change: Callable[[Path], object]) -> str:
    shutil.copytree(source, target)
    change(target)
    return str(target)


def _cut(directory: Path) -> None:
    path = directory / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])


def _other_architecture(directory: Path) -> None:
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps({**config, "model_type": "novel"}))


def _larger(directory: Path) -> None:
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (_cut, ModelDamaged, r"model\.safetensors cannot be read"),
        (_other_architecture, ModelRefused, "novel"),
        (_larger, ModelDamaged, "tensors are missing"),
        (lambda path: (path / "tokenizer.json").unlink(), ModelDamaged, "no tokenizer.json"),
        (lambda path: (path / "model.safetensors").unlink(), ModelDamaged, "no weights"),
        (lambda path: (path / "config.json").write_text("{"), ModelDamaged, "config.json cannot be read"),
    ],
)
def test_damaged_sources_leave_nothing_behind(
    change: Callable[[Path], object],
    kind: type[UserError],
    words: str,
    tiny: Callable[[str], Path],
    settings: Settings,
    tmp_path: Path,
) -> None:
    source = _changed(tiny("llama"), tmp_path / "broken", change)
    with pytest.raises(kind, match=words):
        export_model(source, settings)
    assert not (settings.home.models / "broken").exists()
    assert not list(settings.home.models.glob(".new-*"))


def test_a_small_disk_is_noticed_before_work_begins(
    tiny: Callable[[str], Path], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("findling.embedding.export.graph.free_bytes", lambda directory: 1000)
    with pytest.raises(SettingsError, match="MiB are free"):
        export_model(str(tiny("llama")), settings)


def test_without_torch_the_extra_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'findling\[tune\]'"):
        exporting.build_builtin(settings, "smollm2-135m")


def test_progress_is_told_and_cancel_is_obeyed(tiny: Callable[[str], Path], settings: Settings) -> None:
    seen: list[Progress] = []
    cancel = CancelToken()

    def report(progress: Progress) -> None:
        seen.append(progress)
        if progress.phase == "tracing":
            cancel.cancel()

    with pytest.raises(Cancelled):
        export_model(str(tiny("llama")), settings, cancel=cancel, report=report)
    assert seen[0].phase == "reading"
    assert not list(settings.home.models.glob(".new-*"))


def test_large_weights_lie_beside_their_graphs(
    tiny: Callable[[str], Path], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("findling.embedding.export.graph.LARGEST_GRAPH_BYTES", 1000)
    model = export_model(str(tiny("llama")), settings, precisions=("fp32", "fp16", "int8"))
    names = {"model.onnx", "model_fp16.onnx", "model_int8.onnx"}
    assert set(model.card.files) == {*names, *(f"{name}.data" for name in names), "tokenizer.json"}
    for name in names:
        graph, data = model.directory / name, model.directory / f"{name}.data"
        assert data.stat().st_size > graph.stat().st_size
    expected = torch_vectors(tiny("llama"), TEXTS, Pooling.LAST_TOKEN)
    assert np.abs(Embedder(model).embed_passages(TEXTS) - expected).max() <= 1e-5
    data = model.directory / "model.onnx.data"
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    with pytest.raises(ModelDamaged, match=r"model\.onnx cannot be loaded") as caught:
        Embedder(model)
    assert "\n" not in str(caught.value)
    data.unlink()
    with pytest.raises(ModelDamaged, match=r"model\.onnx\.data is missing"):
        InstalledModels(settings.home.models).get(model.card.id)
