"""A spawned process that reads files, and may crash, hang or grow over one without harm.

It is spoken with in JSON, and in bytes, so that nothing a hostile file does to a parser reaches the
application as code.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import tempfile
from typing import TYPE_CHECKING, Any

from findling import errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    Pipe = Connection[bytes, bytes]

#: Address space behind the polled limit, for an allocation that would win the race against the poll.
_ADDRESS_SPACE_BYTES = 3 * 1024**3


class ReaderProcess:
    """Runs `serve(pipe)`, which calls `serve_with`. Holds nothing that would be lost: its temporary files go
    with it, however it ends."""

    def __init__(self, serve: Callable[[Pipe], None], name: str) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self.pipe: Pipe = ours
        self._temporary = tempfile.TemporaryDirectory(prefix="findling-", ignore_cleanup_errors=True)
        self.process: SpawnProcess = context.Process(
            target=_run, args=(serve, theirs, self._temporary.name), name=name, daemon=True
        )
        self.process.start()
        theirs.close()

    def ask(self, question: Any) -> bool:
        """Send a value that JSON can say; False when the process is gone."""
        try:
            self.pipe.send_bytes(json.dumps(question).encode())
        except (OSError, ValueError):
            return False
        return True

    def answer(self) -> dict[str, Any]:
        """What it makes of the question. Raises the error that it met, and `ParserLost` when it died."""
        try:
            found: dict[str, Any] = json.loads(self.pipe.recv_bytes())
        except (EOFError, OSError, ValueError):
            raise self._lost() from None
        if "reason" in found:
            raise errors.rebuilt(found["kind"], found["reason"])
        return found

    def data(self) -> bytes:
        """The bytes that follow an answer. Raises `ParserLost`."""
        try:
            return self.pipe.recv_bytes()
        except (EOFError, OSError):
            raise self._lost() from None

    def _lost(self) -> errors.ParserLost:
        """Why it is no more."""
        self.process.join(5)
        return errors.ParserLost(_reason_of_exit(self.process.exitcode))

    def resident_bytes(self) -> int:
        """Memory that the process holds now."""
        import psutil

        try:
            return psutil.Process(self.process.pid).memory_info().rss
        except psutil.Error:
            return 0

    def stop(self) -> None:
        """End the process now."""
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()
        self._temporary.cleanup()


def _run(serve: Callable[[Pipe], None], pipe: Pipe, temporary: str) -> None:
    """The child."""
    tempfile.tempdir = temporary
    serve(pipe)


def serve_with(pipe: Pipe, answer: Callable[[Any], tuple[dict[str, Any], bytes]]) -> None:
    """Answer questions until the pipe closes, in the child. Bytes follow an answer that has any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound_memory()
    # What libraries print about damaged files is nobody's to read.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with contextlib.suppress(EOFError, OSError):
        while True:
            question = json.loads(pipe.recv_bytes())
            data = b""
            try:
                found, data = answer(question)
                message = json.dumps(found).encode()
            except errors.ParseError as error:
                message = json.dumps({"kind": type(error).__name__, "reason": str(error)}).encode()
            except MemoryError:
                message = b'{"kind": "ParseError", "reason": "too large for the memory limit"}'
            pipe.send_bytes(message)
            if data:
                pipe.send_bytes(data)


def _reason_of_exit(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"crashed the reader ({signal.Signals(-code).name})"
    return "crashed the reader"


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows: the polled limit alone
        return
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE_BYTES, _ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
