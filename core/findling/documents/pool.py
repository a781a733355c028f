"""Reads files in spawned processes, each file under a limit of time and memory.

A parser that crashes, hangs or grows fails the file in hand with a plain reason; its process is replaced
and the work goes on.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from findling import errors
from findling.documents.container import Inner, Unpacking, read_whole
from findling.documents.model import Document
from findling.documents.process import ReaderProcess, serve_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from findling.documents.process import Pipe

#: How often the limits of running parsers are looked at.
_WATCH_SECONDS = 0.2
#: A process is replaced after this many files, which bounds what a leaking library may keep.
_FILES_PER_PROCESS = 500
#: A file that ended the process over so many of those that lie in it is given up.
_MOST_LOST = 3


@dataclass(frozen=True, slots=True)
class Parsed:
    """The outcome for one file: a document, or the error that says why there is none. `inner` is set for a
    file that lies in the one at `path`; those come before it."""

    path: Path
    outcome: Document | errors.ParseError
    inner: Inner | None = None


@dataclass(frozen=True, slots=True)
class _Task:
    """A file to be read, from the one on that comes `after` that name in it; `lost` of those in it ended the
    process."""

    path: Path
    after: str = ""
    lost: int = 0


class ParserPool:
    """Parses files in `processes` child processes. Use as a context manager.

    `limit_seconds` and `limit_mebibytes` (resident memory) hold for each single file.
    """

    def __init__(self, processes: int, *, limit_seconds: float = 60.0, limit_mebibytes: int = 1024) -> None:
        self._size = max(1, processes)
        self._limit_seconds = limit_seconds
        self._limit_bytes = limit_mebibytes * 1024 * 1024
        self._workers: list[_Worker] = []
        self._again: list[_Task] = []
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
        """Parse `paths`, taken as processes fall free; yields in order of completion, until `stop`. Limits
        hold for each file that lies in another by itself.

        The generator may be left at any point; the pool can then be used again or closed.
        """
        waiting = iter(paths)
        try:
            while not self._stopping.is_set():
                self._hand_out(waiting)
                busy = [worker for worker in self._workers if worker.task is not None]
                if not busy:
                    return
                yield from self._collect(busy)
        finally:
            self._again.clear()
            for worker in [worker for worker in self._workers if worker.task is not None]:
                self._drop(worker)

    def _hand_out(self, waiting: Iterator[Path]) -> None:
        """Give every free process a file; a process is started only when there is one for it."""
        while sum(worker.task is not None for worker in self._workers) < self._size:
            task = self._next(waiting)
            if task is None:
                return
            free = next((worker for worker in self._workers if worker.task is None), None) or self._started()
            if not free.begin(task):  # died while idle
                self._drop(free)
                self._started().begin(task)  # if this one died too, the closed pipe answers for the file

    def _next(self, waiting: Iterator[Path]) -> _Task | None:
        if self._again:
            return self._again.pop()
        path = next(waiting, None)
        return None if path is None else _Task(path)

    def _started(self) -> _Worker:
        worker = _Worker()
        self._workers.append(worker)
        return worker

    def _collect(self, busy: list[_Worker]) -> Iterator[Parsed]:
        pipes = {worker.pipe: worker for worker in busy}
        for pipe in wait(list(pipes), timeout=_WATCH_SECONDS):
            worker = pipes.pop(pipe)  # pyright: ignore[reportArgumentType]
            task = worker.task
            assert task is not None
            answer = worker.receive()
            if isinstance(answer, errors.ParserLost):
                yield self._lost(worker, answer)
            elif isinstance(answer, Inner):
                yield Parsed(task.path, answer.outcome, answer)
            elif answer is not None:
                if worker.files_done >= _FILES_PER_PROCESS:
                    self._drop(worker)
                yield Parsed(task.path, answer)
        for worker in pipes.values():
            if reason := self._over_limit(worker):
                yield self._lost(worker, errors.ParserLost(reason))

    def _lost(self, worker: _Worker, error: errors.ParserLost) -> Parsed:
        """A process is no more: a file in its hand that lies in another one costs that alone."""
        task, name = worker.task, worker.inner
        assert task is not None
        self._drop(worker)
        if not name or task.lost == _MOST_LOST:
            return Parsed(task.path, error)
        self._again.append(_Task(task.path, name, task.lost + 1))
        return Parsed(task.path, error, Inner(name, 0, "", "", error))

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
    """One parsing process and the file that it has in hand, `inner` the one in that."""

    def __init__(self) -> None:
        super().__init__(_serve, "parser")
        self.task: _Task | None = None
        self.inner = ""
        self.began = 0.0
        self.files_done = 0

    def begin(self, task: _Task) -> bool:
        """Hand over a file; False when the process is gone."""
        self.task = task
        self.inner = ""
        self.began = time.monotonic()
        return self.ask([str(task.path), task.after])

    def receive(self) -> Document | errors.ParseError | Inner | None:
        """The answer for the file in hand, or for one in it; None when it has taken up the next one.
        `ParserLost` when the process died over it."""
        try:
            found = self.answer()
            if "begin" in found:
                self.inner = found["begin"]
                self.began = time.monotonic()
                return None
            if "inner" in found:
                return Inner.from_json(found["inner"])
            answer = Document.from_json(found["document"])
        except errors.ParserLost as error:
            return error
        except errors.ParseError as error:
            answer = error
        self.task = None
        self.files_done += 1
        return answer


def _serve(pipe: Pipe) -> None:
    def tell(told: dict[str, Any]) -> None:
        pipe.send_bytes(json.dumps(told).encode())

    def read(task: tuple[str, str]) -> tuple[dict[str, Any], bytes]:
        path, after = task
        unpacking = Unpacking(lambda name: tell({"begin": name}), after)
        document = read_whole(Path(path), unpacking, lambda inner: tell({"inner": inner.to_json()}))
        return {"document": document.to_json()}, b""

    serve_with(pipe, read)
