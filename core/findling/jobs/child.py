"""Work in a process of its own: spawned, niced, spoken with in JSON lines, and mourned with a reason.

A native crash in a parser, a runtime or a model ends the child and not the window; its memory comes back
whole. The parent sends `{"do": "cancel" | "pause" | "resume"}`; the child sends `progress`, then one
`result`, `error` or `cancelled`. When either side disappears the other sees the closed pipe: a child
whose parent died cancels itself. Cancel is asked for first and enforced after a grace period.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self, cast

from findling import errors
from findling.jobs.cancel import CancelToken
from findling.jobs.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Generator
    from multiprocessing.connection import Connection
    from pathlib import Path

    Pipe = Connection[bytes, bytes]

Report = Callable[[Progress], None]

#: A child reports at most this often within a phase: the window polls at 10 Hz.
REPORT_INTERVAL_SECONDS = 0.05


class JobState(StrEnum):
    """What has become of a job."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class _Ending:
    state: JobState
    value: Any = None
    error: errors.FindlingError | None = None


class ChildJob:
    """A function running in a spawned process.

    `target` is "module:function"; it is called as `function(arguments, report, cancel)` and returns a
    JSON value. Use as a context manager, or call `close()`: the process never outlives the object's
    owner. What the child prints goes to `log`. One that is not paused and reports nothing for
    `silence_seconds` (None: however long) hangs: it is killed, and the job has failed.
    """

    def __init__(
        self,
        target: str,
        arguments: dict[str, Any],
        *,
        log: Path,
        grace_seconds: float = 10.0,
        silence_seconds: float | None = None,
    ) -> None:
        self.progress = Progress(phase="starting")
        self.paused = False
        self._resumed_at = 0.0
        self._grace_seconds = grace_seconds
        self._silence_seconds = silence_seconds
        self._log = log
        self._ending: _Ending | None = None
        self._cancel_wanted = False
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._pipe: Pipe = ours
        self._process = context.Process(
            target=_run_in_child,
            args=(theirs, target, json.dumps(arguments), str(log)),
            name=target,
        )
        self._process.start()
        theirs.close()
        self._listener = threading.Thread(target=self._listen, name=f"job {target}", daemon=True)
        self._listener.start()

    @property
    def state(self) -> JobState:
        """Where the job stands now."""
        return self._ending.state if self._ending else JobState.RUNNING

    @property
    def process_id(self) -> int:
        """The child's process id."""
        return self._process.pid or 0

    @property
    def error(self) -> errors.FindlingError | None:
        """Why the job failed; None while it runs and when it did not fail."""
        return self._ending.error if self._ending else None

    def pause(self) -> None:
        """Let the child wait at its next check point."""
        self.paused = True
        self._send("pause")

    def resume(self) -> None:
        """Let a paused child go on."""
        self._resumed_at = time.monotonic()
        self.paused = False
        self._send("resume")

    def cancel(self) -> None:
        """Ask the child to stop; after the grace period it is terminated."""
        if self._cancel_wanted or self._ending:
            return
        self._cancel_wanted = True
        self._send("cancel")
        watchdog = threading.Thread(target=self._enforce, name="job cancel", daemon=True)
        watchdog.start()

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait for the end; whether it has come."""
        self._listener.join(timeout_seconds)
        return not self._listener.is_alive()

    def result(self) -> Any:
        """Wait for the end and return the child's value.

        Raises the child's `UserError`, `JobFailed` with the reason of a crash, or `Cancelled`.
        """
        self._listener.join()
        ending = self._ending
        assert ending is not None
        if ending.state is JobState.DONE:
            return ending.value
        raise ending.error or errors.Cancelled()

    def close(self) -> None:
        """Cancel if still running, and reap the process."""
        self.cancel()
        self._listener.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, command: str) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send_bytes(json.dumps({"do": command}).encode() + b"\n")

    def _enforce(self) -> None:
        if not self.wait(self._grace_seconds):
            self._process.terminate()
        if not self.wait(2.0):
            self._process.kill()

    def _listen(self) -> None:
        ending: _Ending | None = None
        try:
            while ending is None:
                if self._pipe.poll(self._silence_seconds):
                    ending = self._read(json.loads(self._pipe.recv_bytes()))
                elif self._hangs():
                    self._process.kill()
                    reason = f"No sign of life for {self._silence_seconds:.0f} s. Details: {self._log}"
                    ending = _Ending(JobState.FAILED, error=errors.JobFailed(reason))
        except (EOFError, OSError):
            pass
        except Exception as error:  # noqa: BLE001 — a child that speaks otherwise than we is a failed one
            self._process.kill()
            ending = _Ending(JobState.FAILED, error=errors.JobFailed(f"Not understood: {error!r}"))
        self._process.join()
        if ending is None:
            ending = (
                _Ending(JobState.CANCELLED)
                if self._cancel_wanted
                else _Ending(JobState.FAILED, error=errors.JobFailed(self._reason()))
            )
        self._ending = ending
        self._pipe.close()

    def _hangs(self) -> bool:
        """Whether a child that has been silent had leave to speak for as long."""
        if self._silence_seconds is None or self.paused or self._cancel_wanted:
            return False
        return time.monotonic() - self._resumed_at >= self._silence_seconds

    def _read(self, event: dict[str, Any]) -> _Ending | None:
        match event["event"]:
            case "progress":
                self.progress = Progress.from_json(event["value"])
                return None
            case "result":
                return _Ending(JobState.DONE, value=event["value"])
            case "cancelled":
                return _Ending(JobState.CANCELLED)
            case _:
                return _Ending(JobState.FAILED, error=_revive(event))

    def _reason(self) -> str:
        code = self._process.exitcode or 0
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"The process was ended by {signal.Signals(-code).name}. Details: {self._log}"
        return f"The process ended with code {code} and no result. Details: {self._log}"


def _revive(event: dict[str, Any]) -> errors.FindlingError:
    kind = getattr(errors, str(event["kind"]), None)
    if isinstance(kind, type) and issubclass(kind, errors.UserError):
        return kind(event["message"], event["hint"])
    return errors.JobFailed(event["message"])


def _run_in_child(pipe: Pipe, target: str, arguments: str, log: str) -> None:
    """Entry point of the child process: becomes `target` and reports its end."""
    _settle(log)
    with _seen(log):
        _carry_out(pipe, target, arguments)
    gc.freeze()  # the process ends: collecting what large libraries leave takes a second, for nothing


def _carry_out(pipe: Pipe, target: str, arguments: str) -> None:
    cancel = CancelToken()
    threading.Thread(target=_obey, args=(pipe, cancel), name="commands", daemon=True).start()
    lock = threading.Lock()
    last_report = 0.0
    last_phase = ""

    def send(event: dict[str, Any]) -> None:
        with lock, contextlib.suppress(OSError):
            pipe.send_bytes(json.dumps(event).encode() + b"\n")

    def report(progress: Progress) -> None:
        nonlocal last_report, last_phase
        now = time.monotonic()
        new = progress.phase != last_phase or progress.fraction == 1.0
        if new or now - last_report >= REPORT_INTERVAL_SECONDS:
            last_report, last_phase = now, progress.phase
            send({"event": "progress", "value": progress.to_json()})

    try:
        module, _, name = target.partition(":")
        function = cast(
            "Callable[[dict[str, Any], Report, CancelToken], Any]",
            getattr(importlib.import_module(module), name),
        )
        value = function(json.loads(arguments), report, cancel)
        send({"event": "result", "value": value})
    except errors.Cancelled:
        send({"event": "cancelled"})
    except errors.UserError as error:
        traceback.print_exc()
        kind = type(error).__name__
        send({"event": "error", "kind": kind, "message": error.message, "hint": error.hint})
    except BaseException as error:  # noqa: BLE001 — the parent must hear of it, whatever it is
        traceback.print_exc()
        send({"event": "error", "kind": "", "message": f"{type(error).__name__}: {error}"})


@contextlib.contextmanager
def _seen(log: str) -> Generator[None]:
    """Hold a lock beside the log, by which others see that a job goes on; where there can be none, on a
    read-only disk or beside another job of that name, it goes on unseen."""
    from filelock import FileLock, Timeout

    lock = FileLock(f"{log.removesuffix('.log')}.lock", timeout=0, mode=0o600)
    with contextlib.suppress(OSError, Timeout):
        lock.acquire()
    try:
        yield
    finally:
        if lock.is_locked:
            with contextlib.suppress(OSError):
                os.unlink(lock.lock_file)  # noqa: PTH108 — nobody waits for it; Windows keeps it
            lock.release()


def _settle(log: str) -> None:
    """Make the child a quiet background process: niced, its output in the log, Ctrl-C ignored.

    Where the log cannot be written, on a full or a read-only disk, there is none: the work may need no disk.
    """
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides, and asks
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        descriptor = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.close(descriptor)
    if sys.stdout is None or sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stdout = sys.stderr = os.fdopen(2, "w")  # a windowed frozen build has no streams
    faulthandler.enable()


def _obey(pipe: Pipe, cancel: CancelToken) -> None:
    """Carry out the parent's commands; a closed pipe means that the parent is gone."""
    commands = {"cancel": cancel.cancel, "pause": cancel.pause, "resume": cancel.resume}
    with contextlib.suppress(EOFError, OSError):
        while True:
            commands[json.loads(pipe.recv_bytes())["do"]]()
    cancel.cancel()
