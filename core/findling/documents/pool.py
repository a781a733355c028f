"""Reads files in spawned processes, each file under a limit of time and memory.

A parser that crashes, hangs or grows fails the file in hand with a plain reason; its process is replaced
and the work goes on.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Self

from findling import errors
from findling.documents.model import Document
from findling.documents.process import ReaderProcess, serve_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from findling.documents.process import Pipe

#: How often the limits of running parsers are looked at.
_WATCH_SECONDS = 0.2
#: A process is replaced after this many files, which bounds what a leaking library may keep.
_FILES_PER_PROCESS = 500


@dataclass(frozen=True, slots=True)
class Parsed:
    """The outcome for one file: a document, or the error that says why there is none."""

    path: Path
    outcome: Document | errors.ParseError


class ParserPool:
    """Parses files in `processes` child processes. Use as a context manager.

    `limit_seconds` and `limit_mebibytes` (resident memory) hold for each single file.
    """

    def __init__(self, processes: int, *, limit_seconds: float = 60.0, limit_mebibytes: int = 1024) -> None:
        self._size = max(1, processes)
        self._limit_seconds = limit_seconds
        self._limit_bytes = limit_mebibytes * 1024 * 1024
        self._workers: list[_Worker] = []
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """Let a running `parse_all` end soon, from any thread."""
        self._stopping.set()

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.stop()
        self._workers.clear()

    def parse_all(self, paths: Iterable[Path]) -> Iterator[Parsed]:
        """Parse `paths`, taken as processes fall free; yields in order of completion, until `stop`.

        The generator may be left at any point; the pool can then be used again or closed.
        """
        waiting = iter(paths)
        try:
            while not self._stopping.is_set():
                self._hand_out(waiting)
                busy = [worker for worker in self._workers if worker.path is not None]
                if not busy:
                    return
                yield from self._collect(busy)
        finally:
            for worker in [worker for worker in self._workers if worker.path is not None]:
                self._drop(worker)

    def _hand_out(self, waiting: Iterator[Path]) -> None:
        """Give every free process a file; a process is started only when there is one for it."""
        while sum(worker.path is not None for worker in self._workers) < self._size:
            path = next(waiting, None)
            if path is None:
                return
            free = next((worker for worker in self._workers if worker.path is None), None)
            if free is None:
                free = _Worker()
                self._workers.append(free)
            if not free.begin(path):  # died while idle
                self._drop(free)
                free = _Worker()
                self._workers.append(free)
                free.begin(path)  # if this one died too, the closed pipe answers for the file

    def _collect(self, busy: list[_Worker]) -> Iterator[Parsed]:
        pipes = {worker.pipe: worker for worker in busy}
        for pipe in wait(list(pipes), timeout=_WATCH_SECONDS):
            worker = pipes.pop(pipe)  # pyright: ignore[reportArgumentType]
            path = worker.path
            assert path is not None
            outcome = worker.receive()
            if isinstance(outcome, errors.ParserLost) or worker.files_done >= _FILES_PER_PROCESS:
                self._drop(worker)
            yield Parsed(path, outcome)
        for worker in pipes.values():
            path = worker.path
            if path is not None and (reason := self._over_limit(worker)):
                self._drop(worker)
                yield Parsed(path, errors.ParserLost(reason))

    def _over_limit(self, worker: _Worker) -> str:
        if time.monotonic() - worker.began > self._limit_seconds:
            return f"took longer than {self._limit_seconds:.0f} seconds to read"
        if worker.resident_bytes() > self._limit_bytes:
            return f"took more than {self._limit_bytes // 1024**2} MB of memory to read"
        return ""

    def _drop(self, worker: _Worker) -> None:
        worker.stop()
        self._workers.remove(worker)


class _Worker(ReaderProcess):
    """One parsing process and the file that it has in hand."""

    def __init__(self) -> None:
        super().__init__(_serve, "parser")
        self.path: Path | None = None
        self.began = 0.0
        self.files_done = 0

    def begin(self, path: Path) -> bool:
        """Hand over a file; False when the process is gone."""
        self.path = path
        self.began = time.monotonic()
        return self.ask(str(path))

    def receive(self) -> Document | errors.ParseError:
        """The answer for the file in hand; `ParserLost` when the process died over it."""
        self.path = None
        self.files_done += 1
        try:
            return Document.from_json(self.answer()["document"])
        except errors.ParseError as error:
            return error


def _serve(pipe: Pipe) -> None:
    from findling.documents.registry import parse

    serve_with(pipe, lambda path: ({"document": parse(Path(path)).to_json()}, b""))
