"""The real program in processes of its own, as a person or a script runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = Path(sys.executable).with_name("findling")


@pytest.fixture
def environment(home_directory: Path) -> dict[str, str]:
    """The environment of a person whose state is in a home of its own."""
    return {**os.environ, "FINDLING_HOME": str(home_directory)}


@pytest.fixture
def cli(environment: dict[str, str]) -> Callable[..., Any]:
    """`findling VERB … --json` in a process of its own; its value."""

    def run(*arguments: object) -> Any:
        command = [str(PROGRAM), *map(str, arguments), "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def samples() -> Path:
    """The sample library's documents."""
    import findling

    return Path(findling.__file__).parent / "sample_library"
