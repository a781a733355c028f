"""Graphs run by ONNX Runtime, on a GPU where there is one.

ONNX Runtime falls back to the CPU in silence when a GPU provider cannot be loaded. Here the provider that
a session really got is read back, and what went wrong is kept in words.
"""

from __future__ import annotations

import contextlib
import io
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from findling.embedding import cuda_driver
from findling.embedding.session import OutOfMemory, ProviderReport, out_of_memory
from findling.errors import ModelDamaged, UserError, one_line
from findling.models.card import INSTALL_AGAIN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

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
#: These need NVIDIA's driver.
_NVIDIA = (CUDA, "TensorrtExecutionProvider")
#: The rest is for the window, the person's other programs, and what the arena rounds up.
_SHARE_OF_FREE_VRAM = 0.85
#: Tokens in a batch, padding included. On a CPU, batches that overflow its caches are slower by a fifth
#: (embedding); a GPU wants to be filled.
_BATCH_TOKENS = 1024
_BATCH_TOKENS_OF_A_GPU = 16384
#: ONNX Runtime's severity "fatal": problems reach the person as exceptions and reports instead.
_LOG_FATAL = 4


@cache
def _runtime() -> Any:
    """onnxruntime, with its telemetry off and without its own colourful log."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(_LOG_FATAL)
    onnxruntime.disable_telemetry_events()
    return onnxruntime


class OnnxSession:
    """A `session.Session`."""

    def __init__(self, session: Any, provider: str, problems: Iterable[str]) -> None:
        self._session = session
        self._bound = provider in _NVIDIA
        self.last_resort = provider == CPU
        self.report = ProviderReport(_SHORT[provider], tuple(problems))
        self.batch_tokens = _BATCH_TOKENS if provider == CPU else _BATCH_TOKENS_OF_A_GPU

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        return self._session.get_outputs()[0].shape[-1]

    def run(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64], types: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """The graph's first output, float32 (B, D). Raises `OutOfMemory`."""
        feeds = {"input_ids": ids, "attention_mask": mask}
        if types is not None and any(each.name == "token_type_ids" for each in self._session.get_inputs()):
            feeds["token_type_ids"] = types
        try:
            if not self._bound:
                return self._session.run(None, feeds)[0]
            binding = self._session.io_binding()
            for name, array in feeds.items():
                binding.bind_cpu_input(name, array)
            # In the CPU's memory: B x D numbers are all that comes back.
            binding.bind_output(self._session.get_outputs()[0].name)
            self._session.run_with_iobinding(binding)
            return binding.copy_outputs_to_cpu()[0]
        except Exception as error:
            if out_of_memory(error):
                raise OutOfMemory(one_line(error)) from error
            raise


def opened(graph: Path, threads: int, *, bulk: bool = False, provider: str = "auto") -> OnnxSession:
    """A session on the best provider that really loads.

    Raises `ModelDamaged` when the graph cannot be run even on the CPU, `UserError` for want of memory.
    """
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = _LOG_FATAL
    # Threads that spin between operators are a tenth faster in bulk, and burn cores that a window needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if bulk else "0")
    problems: list[str] = []
    for name in _candidates(runtime, provider, problems):
        chosen = (name, _cuda_options()) if name == CUDA else name
        try:
            session = runtime.InferenceSession(str(graph), options, providers=[chosen])
        except Exception as error:
            if name == CPU and out_of_memory(error):
                raise UserError(
                    f"There is too little memory for {graph}.", "Close other programs."
                ) from error
            if name == CPU:
                raise ModelDamaged(
                    f"The graph {graph} cannot be loaded: {one_line(error)}.",
                    INSTALL_AGAIN,
                ) from error
            problems.append(f"{_SHORT[name]}: {one_line(error)}")
            continue
        actual = session.get_providers()[0]
        if actual == name:
            return OnnxSession(session, name, problems)
        reason = "could not be loaded (is its driver installed?)"
        if name in _NVIDIA and (libraries := _unfound(runtime)):
            reason = f"missing {libraries} (pip install 'onnxruntime-gpu[cuda,cudnn]')"
        problems.append(f"{_SHORT[name]}: {reason}")
    raise AssertionError("the CPU provider is always there")


def _candidates(runtime: Any, wanted: str, problems: list[str]) -> list[str]:
    """Providers to try, the CPU last; why one that was asked for or is usual is not among them."""
    available = runtime.get_available_providers()
    asked = [name for name, short in _SHORT.items() if short == wanted and name != CPU]
    if any(name not in available for name in asked):
        problems.append(f"{wanted}: this build of ONNX Runtime does not have it")
    if wanted == "CPU":
        return [CPU]
    chosen: list[str] = []
    for provider in asked or _PREFERRED:
        if provider not in available:
            continue
        if provider in _NVIDIA:
            if missing := cuda_driver.missing():
                problems.append(missing)
                continue
            _unfound(runtime)
        chosen.append(provider)
    return [*chosen, CPU]


def _cuda_options() -> dict[str, str]:
    """Memory as it is asked for and no more, within what is free now; copies in the order of the work."""
    options = {"arena_extend_strategy": "kSameAsRequested", "do_copy_in_default_stream": "1"}
    if free := cuda_driver.free_bytes():
        options["gpu_mem_limit"] = str(int(free * _SHARE_OF_FREE_VRAM))
    return options


@cache
def _unfound(runtime: Any) -> str:
    """Load the libraries of CUDA and cuDNN that lie in Python packages; name those that are nowhere."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):  # it prints, and the output of a command may be JSON
        runtime.preload_dlls(directory="")
    return ", ".join(re.findall(r"Failed to load (\S+?):", said.getvalue()))


def probe_providers(provider: str = "auto") -> ProviderReport:
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
        return opened(graph, threads=1, provider=provider).report


def runtime_version() -> str:
    """Version of ONNX Runtime."""
    return str(_runtime().__version__)
