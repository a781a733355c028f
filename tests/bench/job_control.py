"""How true the time left is that an index run shows, and how fast the run pauses and ends."""

from __future__ import annotations

import itertools
import random
import time
from typing import TYPE_CHECKING

import psutil
from common import table
from measured import alive

if TYPE_CHECKING:
    from pathlib import Path

    from findling.jobs import ChildJob
    from findling.library import Libraries

#: Where in the run the time left is compared with what it turned out to be.
POINTS = (0.1, 0.25, 0.5, 0.75)
#: Pauses and cancels, each at a random point.
TIMES = 5
_LOOK_SECONDS = 0.05
#: A process does nothing when it takes less than this of one second's processor time: it polls its pipes.
_IDLE_SHARE = 0.03
_MOST_SECONDS = 30.0


def estimates(libraries: Libraries, folder: Path) -> float:
    """Index the folder anew and compare; the seconds that it took."""
    began = time.perf_counter()
    shown: list[tuple[float, float | None]] = []
    with libraries.start_index("estimates", [folder]) as job:
        while not job.wait(_LOOK_SECONDS):
            shown.append((time.perf_counter() - began, job.progress.remaining_seconds))
        job.result()
    seconds = time.perf_counter() - began
    rows: list[tuple[object, ...]] = []
    for point in POINTS:
        elapsed, left = min(shown, key=lambda one: abs(one[0] - point * seconds))
        truth = seconds - elapsed
        said = "nothing" if left is None else f"{left:.1f}"
        error = "" if left is None else f"{100 * (left - truth) / truth:+.0f} %"
        rows.append((f"{100 * point:.0f} %", said, f"{truth:.1f}", error))
    table(("of the run", "seconds left, said", "true", "error"), rows)
    later = [(elapsed, left) for elapsed, left in shown if 0.1 * seconds < elapsed < 0.9 * seconds]
    errors = [
        abs(left - seconds + elapsed) / (seconds - elapsed) for elapsed, left in later if left is not None
    ]
    within = sum(error <= 0.25 for error in errors) / max(1, len(later))
    print(
        f"between a tenth and nine tenths it is within 25 % for {100 * within:.0f} % of the time\n",
        flush=True,
    )
    return seconds


def latencies(libraries: Libraries, folder: Path, seconds: float) -> None:
    """Pause a run of about `seconds` at random points, then cancel others; print how long each took."""
    chance = random.Random(0)
    with libraries.start_index("pauses", [folder]) as job:
        pauses: list[float] = []
        while len(pauses) < TIMES and not job.wait(chance.uniform(0.2, 0.8) * seconds / TIMES):
            job.pause()
            pauses.append(_seconds_until_idle(job))
            job.resume()
    each = ", ".join(f"{one:.2f}" for one in pauses)
    print(f"pause, until the processes do nothing: {each} s; at most {max(pauses, default=0):.2f} s\n")
    cancels: list[tuple[float, str]] = []
    while len(cancels) < TIMES:
        with libraries.start_index("cancels", [folder]) as job:
            if job.wait(chance.uniform(0.0, 1.0) * seconds / TIMES):
                break
            began, phase = time.perf_counter(), job.progress.phase
            job.cancel()
            job.wait()
            cancels.append((time.perf_counter() - began, phase))
    each = ", ".join(f"{one:.2f} ({phase})" for one, phase in cancels)
    print(f"cancel, until the process has ended: {each} s; at most {max(cancels)[0]:.2f} s\n", flush=True)


def _seconds_until_idle(job: ChildJob) -> float:
    """From now until the beginning of the first second in which the job's processes do nothing."""
    began = time.perf_counter()
    seen: dict[int, float] = {}
    looks: list[tuple[float, float]] = []
    for number in itertools.count(1):
        seen.update(_processor_seconds(job.process_id))
        now = time.perf_counter() - began
        looks.append((now, sum(seen.values())))
        while looks and looks[0][0] <= now - 1.0:
            if looks[-1][1] - looks[0][1] < _IDLE_SHARE:
                return looks[0][0]
            del looks[0]
        if now > _MOST_SECONDS:
            return now
        job.wait(max(0.0, began + number * _LOOK_SECONDS - time.perf_counter()))
    raise AssertionError


def _processor_seconds(process_id: int) -> dict[int, float]:
    """By process id, of the process and its descendants."""
    found: dict[int, float] = {}
    for process in alive(process_id):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        found[process.pid] = times.user + times.system
    return found
