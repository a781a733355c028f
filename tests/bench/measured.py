"""A program run to its end, with what it took: seconds, processor time, memory of all its processes."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Between two looks at the memory of a program.
_LOOK_SECONDS = 0.1


class Peak(threading.Thread):
    """The most memory that one process below this one holds, in MiB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.mebibytes = 0.0
        self._done = threading.Event()

    def run(self) -> None:
        """Look, until told to stop."""
        this = psutil.Process()
        while not self._done.wait(_LOOK_SECONDS / 2):
            for child in this.children(recursive=True):
                try:
                    self.mebibytes = max(self.mebibytes, child.memory_info().rss / 1024**2)
                except psutil.Error:
                    continue

    def stop(self) -> None:
        """Look no more."""
        self._done.set()


@dataclass(frozen=True, slots=True)
class Measured:
    """What a program took: `seconds` on the clock, `processor_seconds` of all its processes, `peak_bytes`
    resident in all of them together (what they share counts in each). And what it printed."""

    seconds: float
    processor_seconds: float
    peak_bytes: int
    output: str


def measured(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Measured:
    """Run `command` to its end, with what `environment` adds to this one. Raises RuntimeError with the end
    of what it wrote to stderr when it fails."""
    peak = 0
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as problems:
        before = os.times()
        began = time.perf_counter()
        with psutil.Popen(
            [str(word) for word in command],
            stdout=output,
            stderr=problems,
            env={**os.environ, **(environment or {})},
        ) as process:
            while True:
                try:
                    process.wait(_LOOK_SECONDS)
                    break
                except psutil.TimeoutExpired:
                    peak = max(peak, sum(map(_resident_bytes, alive(process.pid))))
            seconds = time.perf_counter() - began
        after = os.times()
        if process.returncode:
            problems.seek(0)
            raise RuntimeError(f"{command[0]} failed: {problems.read()[-2000:]}")
        output.seek(0)
        used = sum(after[2:4]) - sum(before[2:4])
        return Measured(seconds, used, peak, output.read())


def alive(process_id: int) -> list[psutil.Process]:
    """The process and its descendants, as many as there are."""
    try:
        process = psutil.Process(process_id)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0
