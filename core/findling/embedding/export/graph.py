"""ONNX graphs as files: tidied after tracing, fused, converted to lower precision, external weights."""

from __future__ import annotations

import contextlib
import logging
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from onnx import ModelProto, NodeProto, TensorProto

#: A serialised graph must stay below 2 GiB; with more weights they go into a file beside it.
LARGEST_GRAPH_BYTES = 1_900_000_000
#: Bytes in a row of quantised weights that share a scale; 32 is what llama.cpp's Q8_0 has.
_BLOCK = 32
#: MatMulNBits' "accuracy level" for int8 products of activations that are quantised as they come.
_INT8_PRODUCTS = 4
#: Architectures whose traced graphs ONNX Runtime's optimizer fuses (Attention, SkipLayerNormalization …).
FUSED = frozenset({"bert", "roberta", "xlm-roberta", "camembert", "distilbert", "electra"})


def tidy(traced: Path, target: Path, dim: int) -> None:
    """Fold constants and drop what a trace leaves behind; name the output's shape (batch, `dim`).

    ONNX Runtime's basic optimisations alone: they keep standard operators, for every provider.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    folded = traced.with_name("folded.onnx")
    options.optimized_model_filepath = str(folded)
    options.log_severity_level = 4
    if sum(path.stat().st_size for path in traced.parent.iterdir()) > LARGEST_GRAPH_BYTES:
        options.add_session_config_entry(
            "session.optimized_model_external_initializers_file_name", "folded.onnx.data"
        )
    onnxruntime.InferenceSession(str(traced), options, providers=["CPUExecutionProvider"])
    save(_with_shape(_read(folded), dim), target)


def fuse(traced: Path, target: Path, heads: int, hidden: int, dim: int) -> bool:
    """Like `tidy`, with an encoder's attention, norms and activations fused. False where none was found."""
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.optimizer import optimize_model

    options = FusionOptions("bert")
    options.enable_gelu_approximation = False
    # Else only the mask's length is kept, which is wrong for left padding.
    options.use_raw_attention_mask()
    options.enable_embed_layer_norm = False  # it would count positions by place instead of by the mask
    fused: Any = optimize_model(
        str(traced), "bert", num_heads=heads, hidden_size=hidden, optimization_options=options, opt_level=0
    )
    if not fused.get_nodes_by_op_type("Attention"):
        return False
    fused.prune_graph()
    if all(entry.domain != "com.microsoft" for entry in fused.model.opset_import):
        fused.model.opset_import.add(domain="com.microsoft", version=1)
    save(_with_shape(fused.model, dim), target)
    return True


def to_fp16(graph: Path, target: Path) -> None:
    """Weights, and the products with them, in fp16; everything between in fp32.

    Norms, softmax, residual sums, the scores of attention, pooling and normalisation stay fp32: in fp16 the
    residual of large models overflows, at times into finite and wrong numbers (onnxruntime#31626, #32600).
    A fused attention is fp16 as a whole; its kernels sum and exponentiate in fp32.
    """
    from onnx import TensorProto, helper

    model = _read(graph)
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    halved: set[str] = set()
    cast: dict[str, str] = {}
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        if node.op_type == "Gather" and node.input[0] in weights and _is_table(weights[node.input[0]]):
            halved.add(node.input[0])
            wide = node.output[0]
            node.output[0] = f"{wide}.fp16"
            nodes += [node, helper.make_node("Cast", [node.output[0]], [wide], to=TensorProto.FLOAT)]
        elif _is_product(node, weights) or node.op_type == "Attention":
            halved.update(name for name in node.input[1:3] if name in weights)
            source, wide = node.input[0], node.output[0]
            if source not in cast:
                cast[source] = f"{source}.fp16"
                nodes.append(helper.make_node("Cast", [source], [cast[source]], to=TensorProto.FLOAT16))
            cast[wide] = f"{wide}.fp16"  # for a product of this product
            node.input[0], node.output[0] = cast[source], cast[wide]
            nodes += [node, helper.make_node("Cast", [node.output[0]], [wide], to=TensorProto.FLOAT)]
        else:
            nodes.append(node)
    _replace(model, nodes, halved, weights)
    save(model, target)


def to_weight_only_int8(graph: Path, target: Path) -> None:
    """Products' weights in 8 bits, a scale for every 32 of them (`MatMulNBits`); token table in fp16."""
    from onnx import TensorProto, helper

    model = _read(graph)
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    halved: set[str] = set()
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        nodes.append(node)
        if node.op_type == "Gather" and node.input[0] in weights and _is_table(weights[node.input[0]]):
            halved.add(node.input[0])
            wide = node.output[0]
            node.output[0] = f"{wide}.fp16"
            nodes.append(helper.make_node("Cast", [node.output[0]], [wide], to=TensorProto.FLOAT))
    _replace(model, nodes, halved, weights)
    with _root_logger_as_it_is():
        from onnxruntime.quantization import matmul_nbits_quantizer as module

        library: Any = module
        quantizer = library.MatMulNBitsQuantizer(
            model, bits=8, block_size=_BLOCK, is_symmetric=True, accuracy_level=_INT8_PRODUCTS
        )
        quantizer.process()
    save(quantizer.model.model, target)


@contextlib.contextmanager
def _root_logger_as_it_is() -> Generator[None]:
    """Undo what importing the quantiser does to the root logger, and keep its line a node to itself."""
    root, own = logging.getLogger(), logging.getLogger("onnxruntime.quantization.matmul_nbits_quantizer")
    handlers, level = list(root.handlers), root.level
    own.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def save(model: ModelProto, target: Path) -> None:
    """Write a graph; above 2 GB its weights go into `target`.data, beside which it must stay."""
    writer = _onnx()
    size = sum(_bytes_of(tensor) for tensor in model.graph.initializer)
    if size <= LARGEST_GRAPH_BYTES:
        writer.save_model(model, str(target))
        return
    writer.save_model(
        model,
        str(target),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=f"{target.name}.data",
        size_threshold=1024,
    )


def remove(graph: Path) -> None:
    """Delete a graph, and its weights where they are beside it."""
    graph.unlink(missing_ok=True)
    graph.with_name(f"{graph.name}.data").unlink(missing_ok=True)


def free_bytes(directory: Path) -> int:
    """Room on the disk of `directory`, or of the nearest parent that is there."""
    while not directory.exists():
        directory = directory.parent
    return shutil.disk_usage(directory).free


def _read(path: Path) -> ModelProto:
    return _onnx().load(str(path))


def _onnx() -> Any:
    """onnx, whose reading and writing are typed in part only."""
    import onnx

    return onnx


def _with_shape(model: ModelProto, dim: int) -> ModelProto:
    shape = model.graph.output[0].type.tensor_type.shape
    del shape.dim[:]
    shape.dim.add().dim_param = "batch"
    shape.dim.add().dim_value = dim
    model.producer_name = "findling"
    return model


def _is_product(node: NodeProto, weights: dict[str, TensorProto]) -> bool:
    """Whether the node multiplies states with a weight matrix that is part of the graph."""
    if node.op_type != "MatMul" or len(node.input) != 2 or node.input[1] not in weights:
        return False
    return _is_table(weights[node.input[1]])


def _is_table(tensor: TensorProto) -> bool:
    from onnx import TensorProto as Kinds

    return len(tensor.dims) == 2 and tensor.data_type == Kinds.FLOAT


def _replace(
    model: ModelProto, nodes: list[NodeProto], halved: set[str], weights: dict[str, TensorProto]
) -> None:
    """Put `nodes` in place of the model's, and the `halved` weights into fp16."""
    from onnx import numpy_helper

    largest = float(np.finfo(np.float16).max)
    for name in halved:
        wide: Any = numpy_helper.to_array(weights[name])
        half = np.clip(wide, -largest, largest).astype(np.float16)
        weights[name].CopyFrom(numpy_helper.from_array(half, name))
    kept = list(nodes)
    del model.graph.node[:]
    model.graph.node.extend(kept)
    del model.graph.value_info[:]


def _bytes_of(tensor: TensorProto) -> int:
    return int(np.prod(tensor.dims, dtype=np.int64)) * 4 if not tensor.raw_data else len(tensor.raw_data)
