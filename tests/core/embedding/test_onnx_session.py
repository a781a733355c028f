"""Sessions: the provider that is really used, and graphs that cannot be run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.embedding import cuda_driver, onnx_session, probe_providers
from findling.embedding.onnx_session import CPU, CUDA, OnnxSession, opened, runtime_version
from findling.embedding.session import OutOfMemory, default_threads
from findling.errors import ModelDamaged, UserError

if TYPE_CHECKING:
    from pathlib import Path

    from findling.models import InstalledModel


def test_the_probe_finds_what_a_session_gets(installed_model: InstalledModel) -> None:
    assert probe_providers() == opened(installed_model.graph, 1).report
    assert runtime_version().count(".") == 2
    assert default_threads() >= 1


class Runtime:
    """Stands in for ONNX Runtime on other machines: `loads` is what each provider really gives."""

    def __init__(self, loads: dict[str, str | Exception], unfound: str = "") -> None:
        self._loads = loads
        self._unfound = unfound
        self.options: dict[str, str] = {}

    def get_available_providers(self) -> list[str]:
        return list(self._loads)

    def preload_dlls(self, directory: str) -> None:
        print(self._unfound)

    class SessionOptions:
        def add_session_config_entry(self, name: str, value: str) -> None:
            pass

    def InferenceSession(self, graph: str, options: Any, providers: list[Any]) -> Any:  # noqa: N802
        name = providers[0]
        if not isinstance(name, str):
            name, self.options = name
        got = self._loads[name]
        if isinstance(got, Exception):
            raise got

        class Session:
            def get_providers(self) -> list[str]:
                return [got]

        return Session()


@pytest.mark.parametrize(
    ("loads", "missing", "actual", "problems"),
    [
        ({CUDA: CUDA, CPU: CPU}, "", "CUDA", ()),
        ({CUDA: CPU, CPU: CPU}, "", "CPU", ("CUDA: could not be loaded (is its driver installed?)",)),
        ({CUDA: RuntimeError("no cuDNN\nmore"), CPU: CPU}, "", "CPU", ("CUDA: no cuDNN",)),
        ({CUDA: CUDA, CPU: CPU}, "CUDA: no driver", "CPU", ("CUDA: no driver",)),
        ({CPU: CPU}, "", "CPU", ()),
        (
            {"CoreMLExecutionProvider": RuntimeError(), CPU: CPU},
            "",
            "CPU",
            ("CoreML: RuntimeError",),
        ),
    ],
)
def test_a_provider_that_falls_back_in_silence_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    loads: dict[str, str | Exception],
    missing: str,
    actual: str,
    problems: tuple[str, ...],
) -> None:
    runtime = Runtime(loads)
    monkeypatch.setattr(onnx_session, "_runtime", lambda: runtime)
    monkeypatch.setattr(cuda_driver, "missing", lambda: missing)
    monkeypatch.setattr(cuda_driver, "free_bytes", lambda: 1000)
    report = opened(tmp_path / "model.onnx", 1).report
    assert (report.actual, report.problems) == (actual, problems)
    if actual == "CUDA":
        assert runtime.options["arena_extend_strategy"] == "kSameAsRequested"
        assert 500 < int(runtime.options["gpu_mem_limit"]) < 1000


@pytest.mark.parametrize(
    ("wanted", "actual", "problems"),
    [
        ("auto", "CUDA", ()),
        ("CPU", "CPU", ()),
        ("TensorRT", "TensorRT", ()),
        ("DirectML", "CPU", ("DirectML: this build of ONNX Runtime does not have it",)),
    ],
)
def test_the_provider_is_the_one_that_the_person_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wanted: str, actual: str, problems: tuple[str, ...]
) -> None:
    tensorrt = "TensorrtExecutionProvider"
    monkeypatch.setattr(onnx_session, "_runtime", lambda: Runtime({tensorrt: tensorrt, CUDA: CUDA, CPU: CPU}))
    monkeypatch.setattr(cuda_driver, "missing", lambda: "")
    report = opened(tmp_path / "model.onnx", 1, provider=wanted).report
    assert (report.actual, report.problems) == (actual, problems)


def test_too_little_memory_for_a_graph_is_no_damage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(onnx_session, "_runtime", lambda: Runtime({CPU: RuntimeError("std::bad_alloc")}))
    with pytest.raises(UserError, match="too little memory"):
        opened(tmp_path / "model.onnx", 1)


_DRIVER = """
#include <stddef.h>
int cuInit(unsigned flags) { return 0; }
int cuDeviceGetCount(int *count) { *count = 1; return 0; }
int cuDeviceGet(int *device, int number) { *device = 0; return 0; }
int cuDevicePrimaryCtxRetain(void **context, int device) { *context = (void *)1; return 0; }
int cuDevicePrimaryCtxRelease_v2(int device) { return 0; }
int cuCtxPushCurrent_v2(void *context) { return context == (void *)1 ? 0 : 1; }
int cuCtxPopCurrent_v2(void **context) { return 0; }
int cuMemGetInfo_v2(size_t *unused, size_t *total) { *unused = 3000000000UL; *total = 0; return 0; }
"""
_ASK = """
import json
from findling.embedding import cuda_driver, probe_providers
missing, free = cuda_driver.missing(), cuda_driver.free_bytes()
report = probe_providers()
print(json.dumps([missing, free, report.actual, report.problems]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the driver's library has another name")
def test_a_driver_without_cuda_libraries_leaves_the_cpu_and_says_what_is_missing(tmp_path: Path) -> None:
    """The real ONNX Runtime, with a stand-in for NVIDIA's driver: a GPU whose CUDA was never installed."""
    (tmp_path / "driver.c").write_text(_DRIVER)
    library = str(tmp_path / "libcuda.so.1")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, str(tmp_path / "driver.c")], check=True)
    environment = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", _ASK], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stderr == ""
    missing, free, actual, problems = json.loads(ran.stdout)  # nothing else was printed
    assert (missing, free) == ("", 3_000_000_000)
    if actual == "CUDA":
        pytest.skip("CUDA's libraries are installed here")
    assert actual == "CPU"
    assert any(problem.startswith("CUDA: missing lib") and "pip install" in problem for problem in problems)


def test_a_driver_that_says_nothing_has_no_free_memory() -> None:
    if not cuda_driver.missing():
        pytest.skip("there is a GPU")
    assert cuda_driver.free_bytes() == 0


def test_results_that_are_bound_are_those_that_are_returned(installed_model: InstalledModel) -> None:
    """On the CPU here; the binding is used with CUDA."""
    session = opened(installed_model.graph, 1)
    ids = np.array([[101, 4000, 102]])
    expected = session.run(ids, np.ones_like(ids))
    bound = OnnxSession(session._session, CUDA, ())
    assert np.array_equal(bound.run(ids, np.ones_like(ids)), expected)
    assert bound.batch_tokens > session.batch_tokens


def test_memory_that_is_short_is_told_from_other_failures(installed_model: InstalledModel) -> None:
    class Failing:
        def __init__(self, message: str) -> None:
            self._message = message

        def run(self, *_: Any) -> Any:
            raise RuntimeError(self._message)

    ids = np.array([[101, 102]])
    for message in ("Failed to allocate memory for requested buffer", "CUDA failure 2: out of memory"):
        with pytest.raises(OutOfMemory):
            OnnxSession(Failing(message), CPU, ()).run(ids, ids)
    with pytest.raises(RuntimeError, match="illegal"):
        OnnxSession(Failing("an illegal memory access"), CPU, ()).run(ids, ids)


@pytest.mark.parametrize("damage", ["missing", "empty", "noise", "cut off"])
def test_a_graph_that_cannot_be_run_is_named_in_one_line(
    tmp_path: Path, installed_model: InstalledModel, damage: str
) -> None:
    path = tmp_path / "model.onnx"
    if damage == "empty":
        path.touch()
    elif damage == "noise":
        path.write_bytes(b"\x08\x08" + b"noise" * 1000)
    elif damage == "cut off":
        path.write_bytes(installed_model.graph.read_bytes()[:1_000_000])
    with pytest.raises(ModelDamaged) as caught:
        opened(path, 1)
    assert str(path) in caught.value.message
    assert "\n" not in str(caught.value)
