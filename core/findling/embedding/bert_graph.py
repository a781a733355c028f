"""Build the ONNX graph of a BERT encoder, or of a reranker on one, straight from safetensors, without torch.

The graph uses ONNX Runtime's fused operators (com.microsoft Attention, SkipLayerNormalization, BiasGelu),
and has a dynamic batch and length. An encoder's carries pooling and L2 normalisation::

    input_ids, attention_mask   int64    (B, T)
    sentence_embedding          float32  (B, D), each row of length 1

A reranker's, of a BERT or RoBERTa with a classifier of one label, carries that::

    input_ids, attention_mask   int64    (B, T)
    token_type_ids              int64    (B, T), where the model has more than one type
    logits                      float32  (B, 1)

Tracing exporters do not fuse this well: the dynamo export keeps no fused attention at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.errors import ModelDamaged, ModelRefused
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
_BERT = ("bert",)
#: The same layers under other names; positions are counted from the padding token's id + 1.
ROBERTAS = ("roberta", "xlm-roberta", "camembert")
#: Of rerankers.
RERANKERS = (*_BERT, *ROBERTAS)


@dataclass(frozen=True, slots=True)
class BertShape:
    """What must be known of a BERT's `config.json`. The first token stands at `first_position`."""

    layers: int
    heads: int
    hidden: int
    positions: int
    epsilon: float
    first_position: int = 0

    @property
    def max_tokens(self) -> int:
        """The longest text that there are positions for."""
        return self.positions - self.first_position

    @classmethod
    def read(cls, config: Path, *, reranker: bool = False) -> BertShape:
        """Raises `ModelDamaged` for a config that is unreadable or not that of a plain BERT; a `reranker` may
        be a RoBERTa too."""
        try:
            values = json.loads(config.read_text(encoding="utf-8"))
            kind = values["model_type"]
            position = values.get("position_embedding_type") or "absolute"
            known = RERANKERS if reranker else _BERT
            if kind not in known or values["hidden_act"] != "gelu" or position != "absolute":
                raise ModelDamaged(
                    f"{config} describes a {kind} model.",
                    "Of rerankers, BERTs and RoBERTas can be built; others need their ONNX graph beside it."
                    if reranker
                    else "Only BERT encoders can be built without the 'tune' extra.",
                )
            return cls(
                layers=int(values["num_hidden_layers"]),
                heads=int(values["num_attention_heads"]),
                hidden=int(values["hidden_size"]),
                positions=int(values["max_position_embeddings"]),
                epsilon=float(values["layer_norm_eps"]),
                first_position=int(values["pad_token_id"]) + 1 if kind in ROBERTAS else 0,
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelDamaged(f"{config} cannot be read: {error}.") from error


def build(directory: Path, pooling: Pooling, target: Path) -> BertShape:
    """Write the graph of the BERT in `directory` to `target`; returns the encoder's shape.

    Raises `ModelDamaged` when weights or config are missing or do not fit each other.
    """
    shape = BertShape.read(directory / "config.json")
    graph = _encoder(directory, shape, _weights(directory), typed=False)
    graph.pool(pooling)
    graph.save(target)
    return shape


def build_reranker(directory: Path, target: Path) -> BertShape:
    """Write the graph of the cross-encoder in `directory` (transformers' BertForSequenceClassification, or
    that of a RoBERTa) to `target`; returns its encoder's shape.

    Raises as `build`, and `ModelRefused` for a classifier of several labels.
    """
    shape = BertShape.read(directory / "config.json", reranker=True)
    weights = {
        name.removeprefix("roberta.").removeprefix("bert."): tensor
        for name, tensor in _weights(directory).items()
    }
    types = weights.get("embeddings.token_type_embeddings.weight")
    graph = _encoder(directory, shape, weights, typed=types is not None and len(types) > 1)
    # RoBERTa's classifier has the pooler's layer inside.
    inner, outer = "pooler.dense", "classifier"
    if shape.first_position:
        inner, outer = "classifier.dense", "classifier.out_proj"
    try:
        labels = len(weights[f"{outer}.weight"])
        graph.classify(inner, outer)
    except KeyError as error:
        raise _missing(directory, error) from error
    if labels != 1:
        raise ModelRefused(
            f"{directory} is no reranker: it gives {labels} numbers, not one.",
            "A reranker is a classifier with a single label.",
        )
    graph.save(target)
    return shape


def _weights(directory: Path) -> Weights:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file  # pyright: ignore[reportUnknownVariableType]

    try:
        return load_file(directory / "model.safetensors")
    except (OSError, SafetensorError) as error:
        raise ModelDamaged(f"{directory / 'model.safetensors'} cannot be read: {error}.") from error


def _encoder(directory: Path, shape: BertShape, weights: Weights, *, typed: bool) -> _Graph:
    """The graph up to the last layer; `typed` gives it an input for token types."""
    try:
        _check_fit(directory, shape, weights)
        graph = _Graph(shape, weights, typed=typed)
        graph.embeddings()
        for layer in range(shape.layers):
            graph.layer(layer)
    except KeyError as error:
        raise _missing(directory, error) from error
    return graph


def _missing(directory: Path, error: KeyError) -> ModelDamaged:
    return ModelDamaged(f"{directory / 'model.safetensors'} has no tensor {error}.")


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

    def __init__(self, shape: BertShape, weights: Weights, *, typed: bool) -> None:
        self._shape = shape
        self._typed = typed
        self._output: tuple[str, int] = ("", 0)
        self._weights = weights
        self._nodes: list[NodeProto] = []
        self._initializers: list[TensorProto] = []
        self._state = ""

    def embeddings(self) -> None:
        """Word, position and type embeddings, summed and normalised; the mask for the attention."""
        w = self._weights
        self._constant("words", w["embeddings.word_embeddings.weight"])  # (V, D)
        positions = w["embeddings.position_embeddings.weight"][self._shape.first_position :]  # (P, D)
        types = w["embeddings.token_type_embeddings.weight"]
        # Where all token types are 0, their one row is added to the positions once.
        self._constant("positions", positions if self._typed else positions + types[0])
        self._constant("zero", np.array([0], np.int64))
        self._constant("one", np.array([1], np.int64))
        self._constant("tokens_axis", np.array(1, np.int64))
        self._node("Gather", ["words", "input_ids"], "word_states")  # (B, T, D)
        # Counted by the mask, so that padding may stand on either side.
        self._node("CumSum", ["attention_mask", "tokens_axis"], "order")  # (B, T), from 1
        self._node("Sub", ["order", "one"], "place")
        self._node("Max", ["place", "zero"], "position")
        self._node("Gather", ["positions", "position"], "position_rows")  # (B, T, D)
        self._node("Add", ["word_states", "position_rows"], "placed" if self._typed else "summed")
        if self._typed:
            self._constant("types", types)
            self._node("Gather", ["types", "token_type_ids"], "type_rows")  # (B, T, D)
            self._node("Add", ["placed", "type_rows"], "summed")
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
            self._take_first("pooled")
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
        self._output = ("sentence_embedding", self._shape.hidden)

    def classify(self, inner: str, outer: str) -> None:
        """A score a pair from its first token: a layer with tanh, and one with a single output.

        As Gemm, which is not quantised: these are the two products whose error nothing after them levels.
        """
        self._take_first("first_state")
        for source, weights, result in (("first_state", inner, "narrowed"), ("pooled", outer, "logits")):
            self._constant(f"{result}.weight", self._weights[f"{weights}.weight"])  # (out, in)
            self._constant(f"{result}.bias", self._weights[f"{weights}.bias"])
            self._node("Gemm", [source, f"{result}.weight", f"{result}.bias"], result, transB=1)
            if result == "narrowed":
                self._node("Tanh", ["narrowed"], "pooled")
        self._output = ("logits", 1)

    def save(self, target: Path) -> None:
        """Check the graph and write it."""
        import onnx
        from onnx import helper

        def value(name: str, kind: int, shape: list[str | int]) -> ValueInfoProto:
            return helper.make_tensor_value_info(name, kind, shape)

        inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if self._typed else [])]
        output, size = self._output
        graph = helper.make_graph(
            self._nodes,
            "findling_bert_encoder",
            [value(name, onnx.TensorProto.INT64, ["batch", "tokens"]) for name in inputs],
            [value(output, onnx.TensorProto.FLOAT, ["batch", size])],
            self._initializers,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
        # IR version 8 goes with opset 17; the library's own default may be too new for the runtime.
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="findling")
        target.write_bytes(model.SerializeToString())

    def _take_first(self, result: str) -> None:
        """The state of each text's first token, (B, D), on whichever side padding stands."""
        self._node("ArgMax", ["mask_int32"], "first", axis=1, keepdims=1)  # (B, 1): the first 1
        self._node("GatherND", [self._state, "first"], result, batch_dims=1)

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
