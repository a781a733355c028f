"""ONNX Runtime sessions, and the truth about what they run on.

ONNX Runtime falls back to the CPU in silence when a GPU provider cannot be loaded. Here the provider that
a session really got is read back, and what went wrong is kept in words.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from findling.errors import ModelDamaged, one_line

if TYPE_CHECKING:
    from pathlib import Path

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
#: Tried in this order, where the installed package has them.
_PREFERRED = (CUDA, "CoreMLExecutionProvider", "DmlExecutionProvider")
_SHORT = {
    CPU: "CPU",
    CUDA: "CUDA",
    "CoreMLExecutionProvider": "CoreML",
    "DmlExecutionProvider": "DirectML",
    "TensorrtExecutionProvider": "TensorRT",
}
#: ONNX Runtime's severity "fatal": problems reach the person as exceptions and reports instead.
_LOG_FATAL = 4


@dataclass(frozen=True, slots=True)
class ProviderReport:
    """`actual` is what runs ("CPU", "CUDA", …); `problems` says why faster ones do not, a line each."""

    actual: str
    problems: tuple[str, ...] = ()


@cache
def _runtime() -> Any:
    """onnxruntime, with its telemetry off and without its own colourful log."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(_LOG_FATAL)
    onnxruntime.disable_telemetry_events()
    return onnxruntime


def default_threads() -> int:
    """All cores but one, for the person; of two, both: children are niced."""
    cores = os.cpu_count() or 1
    return cores if cores <= 2 else cores - 1


def open_session(graph: Path, threads: int = 0, *, bulk: bool = False) -> tuple[Any, ProviderReport]:
    """A session on the best provider that really loads, and the report of that. `bulk` is for a process that
    does nothing but embed.

    Raises `ModelDamaged` when the graph cannot be run even on the CPU.
    """
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads or default_threads()
    options.log_severity_level = _LOG_FATAL
    # Threads that spin between operators are a tenth faster in bulk, and burn cores that a window needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if bulk else "0")
    problems: list[str] = []
    for provider in _candidates(runtime, problems):
        try:
            session = runtime.InferenceSession(str(graph), options, providers=[provider])
        except Exception as error:
            if provider == CPU:
                raise ModelDamaged(
                    f"The graph {graph} cannot be loaded: {one_line(error)}.",
                    "Remove the model with 'findling models remove' and add it again.",
                ) from error
            problems.append(f"{_SHORT[provider]}: {one_line(error)}")
            continue
        actual = session.get_providers()[0]
        if actual == provider:
            return session, ProviderReport(_SHORT[provider], tuple(problems))
        problems.append(f"{_SHORT[provider]}: could not be loaded (is its driver installed?)")
    raise AssertionError("the CPU provider is always there")


def _candidates(runtime: Any, problems: list[str]) -> list[str]:
    available = runtime.get_available_providers()
    chosen: list[str] = []
    for provider in _PREFERRED:
        if provider not in available:
            continue
        if provider == CUDA and (missing := _missing_cuda(runtime)):
            problems.append(missing)
            continue
        chosen.append(provider)
    return [*chosen, CPU]


@cache
def _missing_cuda(runtime: Any) -> str:
    """Why CUDA cannot work here, or "". Asking the driver is cheap; a failing session is not."""
    import ctypes
    import sys

    driver = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        library = ctypes.CDLL(driver)
    except OSError:
        return f"CUDA: no NVIDIA driver ({driver} not found)"
    count = ctypes.c_int(0)
    if library.cuInit(0) != 0 or library.cuDeviceGetCount(ctypes.byref(count)) != 0 or not count.value:
        return "CUDA: the NVIDIA driver finds no GPU"
    runtime.preload_dlls(directory="")
    return ""


def probe_providers() -> ProviderReport:
    """What a session would run on here, found out by opening one on a graph of a single node."""
    import tempfile
    from pathlib import Path

    import onnx
    from onnx import helper

    value = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    result = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    node = helper.make_node("Identity", ["x"], ["y"])
    model = helper.make_model(
        helper.make_graph([node], "probe", [value], [result]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    with tempfile.TemporaryDirectory() as directory:
        graph = Path(directory) / "probe.onnx"
        graph.write_bytes(model.SerializeToString())
        return open_session(graph, threads=1)[1]


def runtime_version() -> str:
    """Version of ONNX Runtime."""
    return str(_runtime().__version__)
