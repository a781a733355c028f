"""Child jobs: results, progress, cancel, pause, and every way in which a process can go."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from findling import errors
from findling.jobs import ChildJob, JobState, Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    StartJob = Callable[..., ChildJob]

_PATIENCE_SECONDS = 60.0


def until(condition: Callable[[], Any], what: str) -> None:
    """Wait for a condition; the pause between two looks is no wait for luck."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        pause.wait(0.01)


def counting(job: ChildJob) -> bool:
    assert job.state is JobState.RUNNING, job.error
    return job.progress.phase == "counting"


def test_the_result_and_the_arguments_cross_as_json(start: StartJob) -> None:
    given = {"text": "Gipfel ✓", "number": 1.5, "list": [1, None, True], "nested": {"a": []}}
    job = start("echo", **given)
    assert job.result() == given
    assert job.result() == given  # it may be asked for again
    assert (job.state, job.error) == (JobState.DONE, None)


def test_what_the_child_prints_goes_to_the_log(start: StartJob, log: Path) -> None:
    start("speak").result()
    assert {"below Python", "through Python"} <= set(log.read_text().splitlines())
    assert log.stat().st_mode & 0o777 == 0o600


def test_the_child_is_niced_and_deaf_to_the_terminal(start: StartJob) -> None:
    nice, ignores_interrupt, has_output = start("niceness").result()
    assert nice >= 10
    assert ignores_interrupt
    assert has_output


def test_progress_is_a_value_that_ends_with_the_last_report(start: StartJob, tmp_path: Path) -> None:
    job = start("count", until=str(tmp_path / "stop"))
    until(lambda: counting(job), "the child counts")
    first = job.progress.done
    until(lambda: job.progress.done > first, "the child counts on")
    (tmp_path / "stop").touch()
    done = job.result()
    assert job.progress == Progress("counted", done, done, "steps")


def test_a_new_phase_is_told_however_soon_it_comes(start: StartJob) -> None:
    job = start("settle")
    until(lambda: job.progress.phase == "settled", "the child has settled")


def test_a_paused_child_stands_still_and_goes_on(start: StartJob) -> None:
    job = start("count")
    until(lambda: counting(job), "the child counts")
    job.pause()
    assert job.paused
    child = psutil.Process(job.process_id)

    def idle() -> bool:
        before = sum(child.cpu_times()[:2])
        threading.Event().wait(0.25)
        return sum(child.cpu_times()[:2]) - before < 0.05

    until(idle, "the child uses no processor time")
    paused_at = job.progress.done
    job.resume()
    assert not job.paused
    until(lambda: job.progress.done > paused_at, "the child counts on")


def test_cancel_is_obeyed_also_by_a_paused_child(start: StartJob) -> None:
    for pause in (False, True):
        job = start("count")
        until(lambda job=job: counting(job), "the child counts")
        if pause:
            job.pause()
        job.cancel()
        job.cancel()
        with pytest.raises(errors.Cancelled):
            job.result()
        assert (job.state, job.error) == (JobState.CANCELLED, None)
        assert not psutil.pid_exists(job.process_id)


@pytest.mark.parametrize("deaf", [False, True])
def test_a_child_that_ignores_cancel_is_ended_after_the_grace_period(start: StartJob, deaf: bool) -> None:
    job = start("ignore_cancel", deaf=deaf, grace_seconds=0.1)
    until(lambda: job.progress.phase == "ignoring", "the child works")
    job.cancel()
    with pytest.raises(errors.Cancelled):
        job.result()
    assert not psutil.pid_exists(job.process_id)


def test_closing_ends_the_process(start: StartJob, log: Path) -> None:
    job = start("count")
    until(lambda: counting(job), "the child counts")
    job.close()
    assert job.state is JobState.CANCELLED
    assert not psutil.pid_exists(job.process_id)
    job.close()
    job.cancel()
    assert job.state is JobState.CANCELLED


def test_wait_says_whether_the_end_has_come(start: StartJob) -> None:
    job = start("count")
    assert not job.wait(0.0)
    assert job.state is JobState.RUNNING
    job.cancel()
    assert job.wait(_PATIENCE_SECONDS)


@pytest.mark.parametrize("kind", ["UserError", "LibraryBusy", "ModelDamaged"])
def test_an_error_that_a_person_can_act_on_keeps_its_class_and_words(start: StartJob, kind: str) -> None:
    job = start("raise_error", kind=kind, arguments=["It is so.", "Do this."])
    with pytest.raises(errors.UserError) as caught:
        job.result()
    assert type(caught.value).__name__ == kind
    assert (caught.value.message, caught.value.hint) == ("It is so.", "Do this.")
    assert job.state is JobState.FAILED
    assert job.error is caught.value


def test_any_other_error_is_a_failed_job_with_its_trace_in_the_log(start: StartJob, log: Path) -> None:
    job = start("raise_error", kind="ZeroDivisionError", arguments=["by nothing"])
    with pytest.raises(errors.JobFailed, match=r"^ZeroDivisionError: by nothing$"):
        job.result()
    assert "raise_error" in log.read_text()


def test_a_result_that_cannot_be_sent_is_a_failed_job(start: StartJob) -> None:
    with pytest.raises(errors.JobFailed, match="not JSON serializable"):
        start("give_what_is_no_json").result()


def test_a_target_that_is_not_there_is_a_failed_job(start: StartJob) -> None:
    with pytest.raises(errors.JobFailed, match="no_such_function"):
        start("no_such_function").result()


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGKILL"])
def test_a_crash_is_a_failed_job_that_names_the_signal_and_the_log(
    start: StartJob, log: Path, name: str
) -> None:
    job = start("kill_self", signal=getattr(signal, name).value)
    with pytest.raises(errors.JobFailed) as caught:
        job.result()
    assert name in str(caught.value)
    assert str(log) in str(caught.value)
    if name == "SIGSEGV":
        assert "kill_self" in log.read_text()


def test_an_end_without_a_result_names_the_exit_code(start: StartJob) -> None:
    with pytest.raises(errors.JobFailed, match="code 7 "):
        start("leave", code=7).result()


def test_a_child_that_hangs_is_ended_but_not_one_that_reports_or_is_paused(
    start: StartJob, log: Path
) -> None:
    silence = 3.0  # longer than a child needs to begin on a busy machine
    speaking = start("fall_silent", speaking=True, silence_seconds=silence)
    silent = start("fall_silent", silence_seconds=silence)
    until(lambda: silent.progress.phase == "working", "the child works")
    silent.pause()
    paused_at = time.monotonic()
    until(lambda: time.monotonic() - paused_at > 1.5 * silence, "both could have been ended")
    assert silent.state is speaking.state is JobState.RUNNING
    silent.resume()
    resumed_at = time.monotonic()
    with pytest.raises(errors.JobFailed, match="No sign of life for 3 s") as caught:
        silent.result()
    assert time.monotonic() - resumed_at >= silence  # the pause was no silence
    assert str(log) in str(caught.value)
    assert not psutil.pid_exists(silent.process_id)
    assert speaking.state is JobState.RUNNING


def test_a_child_whose_parent_was_killed_ends_by_itself(start: StartJob, tmp_path: Path) -> None:
    parent = start("start_child_and_die", log=str(tmp_path / "grandchild.log"))
    until(lambda: parent.progress.phase == "child", "the grandchild is started")
    grandchild = psutil.Process(parent.progress.done)
    assert grandchild.is_running()
    psutil.Process(parent.process_id).kill()
    assert parent.wait(_PATIENCE_SECONDS)

    def gone() -> bool:
        try:
            return grandchild.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    until(gone, "the grandchild is gone")
