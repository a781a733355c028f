"""Encoders in 8 bits: weights int8 per output channel, activations quantised as they come.

Made for CPUs (VNNI, AMX): a CUDA session cannot run dynamically quantised graphs. Whether it is faster, and
near enough to fp32, is measured on each machine before it is used (`calibration`): on a CPU without VNNI the
products may saturate.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: onnx.TensorProto.FLOAT, the type of everything that the quantiser cannot infer behind fused operators.
_FLOAT = 1


def quantize_dynamic_int8(graph: Path, target: Path) -> None:
    """Write the int8 form of an encoder's fused fp32 `graph` to `target`; about two seconds for MiniLM."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

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
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": _FLOAT},
        )
    finally:
        logger.setLevel(level)
