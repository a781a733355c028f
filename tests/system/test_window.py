"""The real window in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

DRIVER = Path(__file__).with_name("window_driver.py")


@pytest.fixture
def indexed_home(cli: Callable[..., Any], samples: Path, home_directory: Path) -> Path:
    cli("index", samples / "policies", samples / "notes")
    return home_directory


def test_window_finds_without_loading_what_it_does_not_need(
    indexed_home: Path, environment: dict[str, str], samples: Path
) -> None:
    command = [sys.executable, str(DRIVER), str(indexed_home), "carry unused holidays over"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert Path(seen["hit"]).parent == samples / "policies"
    assert seen["loaded_when_visible"] == []
    assert not {"torch", "transformers", "llama_cpp"} & set(seen["loaded_at_first_hit"])


def test_window_opens_no_connection(indexed_home: Path, environment: dict[str, str], tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(trace)]
    command += [sys.executable, str(DRIVER), str(indexed_home), "bats"]
    subprocess.run(command, env=environment, capture_output=True, check=True)
    assert [line for line in trace.read_text().splitlines() if "AF_INET" in line] == []
