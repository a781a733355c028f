"""What the jobs of these tests do, in the child process."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling import errors
from findling.jobs import CancelToken, ChildJob, Progress

if TYPE_CHECKING:
    from findling.jobs import Report


def echo(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> Any:
    """Give back what it is given."""
    return arguments


def speak(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> None:
    """Print, also below Python."""
    print("through Python")
    os.write(2, b"below Python\n")


def count(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> int:
    """Count until told to stop, or until the file `until` is there; report every step."""
    done = 0
    while not Path(arguments.get("until", "/nowhere")).exists():
        cancel.check()
        done += 1
        report(Progress("counting", done, None, "steps"))
    report(Progress("counted", done, done, "steps"))
    return done


def settle(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> None:
    """Report a hundred steps at once, and that there is nothing more to do; then wait to be told to stop."""
    stopped = threading.Event()
    cancel.on_cancel(stopped.set)
    for done in range(100):
        report(Progress("working", done, None, "steps"))
    report(Progress("settled"))
    stopped.wait()
    cancel.check()


def fall_silent(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> None:
    """Report once, and then hang. With `speaking` report again and again until told to stop."""
    report(Progress("working"))
    while arguments.get("speaking"):
        cancel.check()
        report(Progress("working"))
    threading.Event().wait()


def raise_error(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> None:
    """Raise the error of that name."""
    kind = getattr(errors, arguments["kind"], None) or __builtins__[arguments["kind"]]
    raise kind(*arguments["arguments"])


def kill_self(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> None:
    """Die by a signal."""
    os.kill(os.getpid(), arguments["signal"])
    signal.pause()


def leave(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> None:
    """End the process without a word."""
    os._exit(arguments["code"])


def give_what_is_no_json(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> Any:
    """A result that cannot be sent."""
    return object()


def ignore_cancel(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> None:
    """Work on whatever is asked; with `deaf`, also when terminated."""
    if arguments["deaf"]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    report(Progress("ignoring", 1, 1))
    threading.Event().wait()


def niceness(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> list[Any]:
    """What kind of process this is."""
    return [os.nice(0), signal.getsignal(signal.SIGINT) is signal.SIG_IGN, sys.stdout is not None]


def start_child_and_die(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> None:
    """Be a parent that is killed while its own child counts."""
    job = ChildJob("targets:count", {}, log=Path(arguments["log"]))
    report(Progress("child", job.process_id, job.process_id))
    threading.Event().wait()
