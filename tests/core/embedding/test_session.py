"""Sessions: the provider that is really used, and graphs that cannot be run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from findling.embedding import probe_providers, session
from findling.embedding.session import CPU, CUDA, default_threads, open_session, runtime_version
from findling.errors import ModelDamaged

if TYPE_CHECKING:
    from pathlib import Path

    from findling.models import InstalledModel


def test_the_probe_finds_what_a_session_gets(installed_model: InstalledModel) -> None:
    assert probe_providers() == open_session(installed_model.graph)[1]
    assert runtime_version().count(".") == 2
    assert default_threads() >= 1


class Runtime:
    """Stands in for ONNX Runtime on other machines: `loads` is what each provider really gives."""

    def __init__(self, loads: dict[str, str | Exception]) -> None:
        self._loads = loads

    def get_available_providers(self) -> list[str]:
        return list(self._loads)

    class SessionOptions:
        def add_session_config_entry(self, name: str, value: str) -> None:
            pass

    def InferenceSession(self, graph: str, options: Any, providers: list[str]) -> Any:  # noqa: N802
        got = self._loads[providers[0]]
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
    monkeypatch.setattr(session, "_runtime", lambda: Runtime(loads))
    monkeypatch.setattr(session, "_missing_cuda", lambda runtime: missing)
    report = open_session(tmp_path / "model.onnx")[1]
    assert (report.actual, report.problems) == (actual, problems)


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
        open_session(path)
    assert str(path) in caught.value.message
    assert "\n" not in str(caught.value)
