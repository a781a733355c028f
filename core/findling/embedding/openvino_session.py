"""Graphs in bfloat16 on the CPU, by OpenVINO (the `fast-cpu` extra; Apache-2.0, Intel's, maintained).

It reads the same graph files, ONNX Runtime's fused operators included. ONNX Runtime itself has no bfloat16
on CPUs; on one with AMX this is four times its fp32 (tests/bench/RESULTS.md).
"""

from __future__ import annotations

import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.embedding.session import ProviderReport
from findling.errors import ModelDamaged, one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CPU_INFO = Path("/proc/cpuinfo")
#: Tokens in a batch, padding included: the rate is flat from 2,048 on, and memory is not.
_BATCH_TOKENS = 2048
#: Compiled kernels that are kept, a few for each shape of a batch. The default of 5,000 grows for hours.
_KERNELS = 64
#: Lengths are padded to a multiple of this, so that there are few shapes: a tenth faster than without, and
#: half the memory after 10,000 passages (tests/bench/RESULTS.md).
_LENGTH_STEP = 16


class OpenvinoSession:
    """A `session.Session`. One request for each thread that calls, since a request holds its tensors."""

    batch_tokens = _BATCH_TOKENS
    last_resort = False

    def __init__(self, compiled: Any, max_tokens: int) -> None:
        self._compiled = compiled
        self._typed = any("token_type_ids" in port.names for port in compiled.inputs)
        self._max_tokens = max_tokens
        self._own = threading.local()
        self.report = ProviderReport("CPU")

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        return int(self._compiled.output(0).partial_shape[-1].get_length())

    def run(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64], types: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """The graph's first output, float32 (B, D). Raises RuntimeError; a session that once had too little
        memory does not recover, so that is no `OutOfMemory`."""
        request = getattr(self._own, "request", None)
        if request is None:
            request = self._own.request = self._compiled.create_infer_request()
        length = ids.shape[1]
        more = ((0, 0), (0, max(0, min(-length % _LENGTH_STEP, self._max_tokens - length))))
        feeds = {"input_ids": np.pad(ids, more), "attention_mask": np.pad(mask, more)}
        if types is not None and self._typed:
            feeds["token_type_ids"] = np.pad(types, more)
        request.infer(feeds, share_inputs=True)
        return request.get_output_tensor(0).data.copy()


def opened(graph: Path, threads: int, max_tokens: int) -> OpenvinoSession:
    """In bfloat16, for texts of at most `max_tokens`. Raises `ModelDamaged` when there can be no session."""
    if not computes_bf16():
        raise ModelDamaged("bf16: OpenVINO is not installed, or the processor has no instructions for it.")
    options = {
        "INFERENCE_PRECISION_HINT": "bf16",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "CPU_RUNTIME_CACHE_CAPACITY": _KERNELS,
    }
    try:
        return OpenvinoSession(_core().compile_model(str(graph), "CPU", options), max_tokens)
    except Exception as error:  # the runtime's own, of many kinds
        raise ModelDamaged(f"bf16: OpenVINO cannot load {graph}: {one_line(error)}.") from error


@cache
def computes_bf16() -> bool:
    """Whether OpenVINO is installed and the processor computes in bfloat16."""
    if find_spec("openvino") is None:
        return False
    try:
        return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except (ImportError, OSError, RuntimeError):  # a library that does not load
        return False


def bf16_hint() -> str:
    """What to install, where the processor computes in bfloat16 and OpenVINO is missing; or ""."""
    try:
        flags = _CPU_INFO.read_text(encoding="ascii", errors="replace")
    except OSError:  # not Linux
        return ""
    if find_spec("openvino") is not None or "amx_bf16" not in flags:
        return ""
    return "This processor can index several times faster: pip install 'findling[fast-cpu]'"


@cache
def _core() -> Any:
    import openvino

    return openvino.Core()
