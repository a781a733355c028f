"""Peers that are Python packages, each in a venv of its own: their dependencies do not bear each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from numpy.typing import NDArray

SCRIPTS = Path(__file__).parent / "peers"
_VENVS = Path(__file__).resolve().parents[2] / "build" / "bench-venvs"
#: Nothing is looked for on a hub, nothing is told to anyone, no bars are drawn.
QUIET = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "TQDM_DISABLE": "1"}


def python_of(name: str) -> Path:
    """The interpreter of the peer's venv, which is made if it is not there, or not of these requirements."""
    requirements = SCRIPTS / f"{name}.txt"
    venv = _VENVS / name
    stamp = venv / "requirements.txt"
    if not stamp.is_file() or stamp.read_text() != requirements.read_text():
        print(f"installing {name} into {venv} …", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, "-r", requirements], check=True)
        stamp.write_text(requirements.read_text())
    return venv / "bin" / "python"


class Peer:
    """A running peer with its texts loaded."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def ask(self, line: str) -> Any:
        """Its answer to a line of the protocol."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def vectors(self, place: Path) -> NDArray[np.float32]:
        """Of its last pass, float32 (N, D)."""
        self.ask(f"save {place / 'vectors.npy'}")
        return np.load(place / "vectors.npy")


def trainer() -> list[str | Path]:
    """The command of sentence-transformers' trainer, which `trained` runs."""
    return [python_of("trainer_peer"), SCRIPTS / "trainer_peer.py"]


def trained(command: Sequence[str | Path], task: dict[str, Any]) -> tuple[float, float]:
    """Give a task in JSON to a program that trains: the seconds and the MiB that it prints at its end."""
    done = subprocess.run(
        command,
        input=json.dumps(task),
        capture_output=True,
        text=True,
        env={**os.environ, **QUIET},
        check=True,
    )
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


@contextmanager
def running(name: str, **task: Any) -> Generator[Peer]:
    """The peer `name`, ready to be told "go"."""
    command = [python_of(name), SCRIPTS / f"{name}.py"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **QUIET},
    ) as process:
        try:
            peer = Peer(process)
            peer.ask(json.dumps(task))
            yield peer
        finally:
            process.kill()
