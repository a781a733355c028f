"""Build the ONNX graph of a BERT encoder straight from its safetensors, without torch.

The graph uses ONNX Runtime's fused operators (com.microsoft Attention, SkipLayerNormalization, BiasGelu),
carries pooling and L2 normalisation, and has a dynamic batch and length::

    input_ids, attention_mask   int64    (B, T)
    sentence_embedding          float32  (B, D), each row of length 1

Tracing exporters do not fuse this well: the dynamo export keeps no fused attention at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.errors import ModelDamaged
from findling.models import Pooling

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from onnx import NodeProto, TensorProto, ValueInfoProto

    Weights = Mapping[str, NDArray[Any]]

#: Smallest length that a vector is divided by, as in torch.nn.functional.normalize.
_NORM_FLOOR = 1e-12
_OPSET = 17


@dataclass(frozen=True, slots=True)
class BertShape:
    """What must be known of a BERT's `config.json`."""

    layers: int
    heads: int
    hidden: int
    positions: int
    epsilon: float

    @classmethod
    def read(cls, config: Path) -> BertShape:
        """Raises `ModelDamaged` for a config that is unreadable or not that of a plain BERT."""
        try:
            values = json.loads(config.read_text(encoding="utf-8"))
            kind = (values["model_type"], values["hidden_act"])
            position = values.get("position_embedding_type", "absolute")
            if kind != ("bert", "gelu") or position != "absolute":
                raise ModelDamaged(
                    f"{config} describes a {values['model_type']} model.",
                    "Only BERT encoders can be built without the 'tune' extra.",
                )
            return cls(
                layers=int(values["num_hidden_layers"]),
                heads=int(values["num_attention_heads"]),
                hidden=int(values["hidden_size"]),
                positions=int(values["max_position_embeddings"]),
                epsilon=float(values["layer_norm_eps"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelDamaged(f"{config} cannot be read: {error}.") from error


def build(directory: Path, pooling: Pooling, target: Path) -> BertShape:
    """Write the graph of the BERT in `directory` to `target`; returns the encoder's shape.

    Raises `ModelDamaged` when weights or config are missing or do not fit each other.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file  # pyright: ignore[reportUnknownVariableType]

    shape = BertShape.read(directory / "config.json")
    try:
        weights = load_file(directory / "model.safetensors")
    except (OSError, SafetensorError) as error:
        raise ModelDamaged(f"{directory / 'model.safetensors'} cannot be read: {error}.") from error
    try:
        _check_fit(directory, shape, weights)
        graph = _Graph(shape, weights)
        graph.embeddings()
        for layer in range(shape.layers):
            graph.layer(layer)
        graph.pool(pooling)
    except KeyError as error:
        raise ModelDamaged(f"{directory / 'model.safetensors'} has no tensor {error}.") from error
    graph.save(target)
    return shape


def _check_fit(directory: Path, shape: BertShape, weights: Weights) -> None:
    """Raises `ModelDamaged` where weights and config differ in a way that the graph would only show later."""
    (_, hidden), (positions, _) = (
        weights[f"embeddings.{name}_embeddings.weight"].shape for name in ("word", "position")
    )
    if hidden != shape.hidden or positions != shape.positions or hidden % shape.heads:
        raise ModelDamaged(
            f"{directory / 'model.safetensors'} and config.json do not fit each other: {hidden} dimensions "
            f"and {positions} positions, not {shape.hidden} with {shape.heads} heads and {shape.positions}."
        )


class _Graph:
    """Nodes and initialisers as they are added; `_state` names the current token states (B, T, D)."""

    def __init__(self, shape: BertShape, weights: Weights) -> None:
        self._shape = shape
        self._weights = weights
        self._nodes: list[NodeProto] = []
        self._initializers: list[TensorProto] = []
        self._state = ""

    def embeddings(self) -> None:
        """Word, position and type embeddings, summed and normalised; the mask for the attention."""
        w = self._weights
        self._constant("words", w["embeddings.word_embeddings.weight"])  # (V, D)
        positions = w["embeddings.position_embeddings.weight"]  # (P, D)
        # A sentence encoder's token types are all 0: their one row is added to the positions once.
        self._constant("positions", positions + w["embeddings.token_type_embeddings.weight"][0])
        self._constant("zero", np.array([0], np.int64))
        self._constant("one", np.array([1], np.int64))
        self._constant("tokens_axis", np.array(1, np.int64))
        self._node("Gather", ["words", "input_ids"], "word_states")  # (B, T, D)
        # Counted by the mask, so that padding may stand on either side.
        self._node("CumSum", ["attention_mask", "tokens_axis"], "order")  # (B, T), from 1
        self._node("Sub", ["order", "one"], "place")
        self._node("Max", ["place", "zero"], "position")
        self._node("Gather", ["positions", "position"], "position_rows")  # (B, T, D)
        self._node("Add", ["word_states", "position_rows"], "summed")
        self._constant("embed.gamma", w["embeddings.LayerNorm.weight"])
        self._constant("embed.beta", w["embeddings.LayerNorm.bias"])
        self._node(
            "LayerNormalization",
            ["summed", "embed.gamma", "embed.beta"],
            "embedded",
            epsilon=self._shape.epsilon,
            axis=-1,
        )
        self._node("Cast", ["attention_mask"], "mask_int32", to=6)  # (B, T); 6 is INT32
        self._state = "embedded"

    def layer(self, number: int) -> None:
        """One transformer layer: fused attention, residual + norm, feed-forward, residual + norm."""
        name = f"encoder.layer.{number}"
        own = f"layer{number}"
        attention = f"{name}.attention.self"
        parts = ("query", "key", "value")
        weight = np.concatenate([self._weights[f"{attention}.{p}.weight"].T for p in parts], axis=1)
        bias = np.concatenate([self._weights[f"{attention}.{p}.bias"] for p in parts])
        self._constant(f"{own}.qkv.weight", weight)  # (D, 3 D)
        self._constant(f"{own}.qkv.bias", bias)  # (3 D)
        self._node(
            "Attention",
            [self._state, f"{own}.qkv.weight", f"{own}.qkv.bias", "mask_int32"],
            f"{own}.attended",
            domain="com.microsoft",
            num_heads=self._shape.heads,
        )
        self._linear(f"{own}.attended", f"{name}.attention.output.dense", f"{own}.projected")
        after = self._residual_norm(own, "attention", f"{name}.attention.output", f"{own}.projected")
        self._linear(after, f"{name}.intermediate.dense", f"{own}.wide")
        self._node("BiasGelu", [f"{own}.wide", f"{own}.wide.bias"], f"{own}.gelu", domain="com.microsoft")
        self._state = after
        self._linear(f"{own}.gelu", f"{name}.output.dense", f"{own}.narrow")
        self._state = self._residual_norm(own, "output", f"{name}.output", f"{own}.narrow")

    def pool(self, pooling: Pooling) -> None:
        """One normalised vector a text from the token states."""
        if pooling is Pooling.CLS:
            self._node("ArgMax", ["mask_int32"], "first", axis=1, keepdims=1)  # (B, 1): the first 1
            self._node("GatherND", [self._state, "first"], "pooled", batch_dims=1)  # (B, D)
        elif pooling is Pooling.MEAN:
            self._constant("last_axis", np.array([2], np.int64))
            self._constant("count_floor", np.array([1.0], np.float32))
            self._node("Cast", ["attention_mask"], "mask_float", to=1)  # 1 is FLOAT
            self._node("Unsqueeze", ["mask_float", "last_axis"], "mask_column")  # (B, T, 1)
            self._node("Mul", [self._state, "mask_column"], "masked")
            self._node("ReduceSum", ["masked", "one"], "sum", keepdims=0)  # (B, D)
            self._node("ReduceSum", ["mask_float", "one"], "ones", keepdims=1)  # (B, 1)
            self._node("Max", ["ones", "count_floor"], "count")
            self._node("Div", ["sum", "count"], "pooled")
        else:
            raise ModelDamaged(f"A BERT encoder has no {pooling.value} pooling.")
        self._constant("norm_floor", np.array([_NORM_FLOOR], np.float32))
        self._node("ReduceL2", ["pooled"], "norm", axes=[1], keepdims=1)
        self._node("Max", ["norm", "norm_floor"], "safe_norm")
        self._node("Div", ["pooled", "safe_norm"], "sentence_embedding")

    def save(self, target: Path) -> None:
        """Check the graph and write it."""
        import onnx
        from onnx import helper

        def value(name: str, kind: int, shape: list[str | int]) -> ValueInfoProto:
            return helper.make_tensor_value_info(name, kind, shape)

        graph = helper.make_graph(
            self._nodes,
            "findling_bert_encoder",
            [
                value("input_ids", onnx.TensorProto.INT64, ["batch", "tokens"]),
                value("attention_mask", onnx.TensorProto.INT64, ["batch", "tokens"]),
            ],
            [value("sentence_embedding", onnx.TensorProto.FLOAT, ["batch", self._shape.hidden])],
            self._initializers,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
        # IR version 8 goes with opset 17; the library's own default may be too new for the runtime.
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="findling")
        target.write_bytes(model.SerializeToString())

    def _linear(self, source: str, weights: str, result: str) -> None:
        """A product without its bias: that rides along in the fused operator that follows."""
        self._constant(f"{result}.weight", self._weights[f"{weights}.weight"].T)  # (in, out)
        self._constant(f"{result}.bias", self._weights[f"{weights}.bias"])
        self._node("MatMul", [source, f"{result}.weight"], result)

    def _residual_norm(self, own: str, part: str, weights: str, source: str) -> str:
        result = f"{own}.{part}.normed"
        self._constant(f"{own}.{part}.gamma", self._weights[f"{weights}.LayerNorm.weight"])
        self._constant(f"{own}.{part}.beta", self._weights[f"{weights}.LayerNorm.bias"])
        self._node(
            "SkipLayerNormalization",
            [source, self._state, f"{own}.{part}.gamma", f"{own}.{part}.beta", f"{source}.bias"],
            result,
            domain="com.microsoft",
            epsilon=self._shape.epsilon,
        )
        return result

    def _constant(self, name: str, value: NDArray[Any]) -> None:
        from onnx import numpy_helper

        if value.dtype.kind == "f":
            value = value.astype(np.float32)
        self._initializers.append(numpy_helper.from_array(np.asarray(value, order="C"), name))

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
