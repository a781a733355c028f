"""Long work: progress as a value that is polled, cancel and pause, child processes.

A core function that takes long has the shape `f(…, progress, cancel)`: it calls `progress(Progress)` as
often as it likes, and `cancel.check()` once per batch, where it raises `Cancelled` or waits while
paused. `ChildJob` runs such a function in a process of its own.
"""

from findling.jobs.cancel import CancelToken
from findling.jobs.child import ChildJob, JobState, Report
from findling.jobs.memory import give_back_memory
from findling.jobs.progress import Progress, Rate, ignore_progress

__all__ = [
    "CancelToken",
    "ChildJob",
    "JobState",
    "Progress",
    "Rate",
    "Report",
    "give_back_memory",
    "ignore_progress",
]
