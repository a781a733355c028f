"""Encoders in 8 bits: weights int8 per output channel, activations quantised as they come.

Made for CPUs (VNNI, AMX): a CUDA session cannot run dynamically quantised graphs. Whether it is faster, and
near enough to fp32, is measured on each machine before it is used (`calibration`): on a CPU without VNNI
the products may saturate.

The second product of each feed-forward block stays in fp32. What GELU gives it has a few channels far
larger than all others, and one scale for a whole tensor loses the small ones: with these products in int8
SciFact lost 0.7 points of nDCG@10, without 0.4 (tests/bench/RESULTS.md).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ACTIVATIONS = ("BiasGelu", "Gelu", "FastGelu")
#: onnx.TensorProto.FLOAT, the type of everything that the quantiser cannot infer behind fused operators.
_FLOAT = 1


def quantize_dynamic_int8(graph: Path, target: Path) -> None:
    """Write the int8 form of an encoder's fused fp32 `graph` to `target`; about two seconds for MiniLM."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    nodes = onnx.load_from_string(graph.read_bytes()).graph.node
    activated = {node.output[0] for node in nodes if node.op_type in _ACTIVATIONS}
    delicate = [node.name for node in nodes if node.op_type == "MatMul" and node.input[0] in activated]

    # The quantiser advises on pre-processing, through the root logger, for graphs that are not fused yet.
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        quantize_dynamic(
            graph,
            target,
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Attention"],
            nodes_to_exclude=delicate,
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": _FLOAT},
        )
    finally:
        logger.setLevel(level)
