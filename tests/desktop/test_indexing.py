"""Keeping a library up to date from the window: real watchers, and what a person sees of them."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import psutil
import pytest
from PySide6.QtCore import Qt

from findling.errors import LibraryBusy
from findling.jobs import JobState, Progress
from findling.library import Libraries
from findling.settings import Settings
from findling_desktop import indexing
from findling_desktop.indexing import WatchState

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def stand_in(home, monkeypatch):
    """Has windows on the indexed library get these watchers, one after the other; gives the calls."""
    Settings(home).save()

    def install(*jobs) -> list[tuple[Path, ...]]:
        coming, calls = list(jobs), []

        def start_watch(_: Libraries, name: str, folders=(), *, model=""):
            calls.append(tuple(folders))
            return coming.pop(0)

        monkeypatch.setattr(Libraries, "start_watch", start_watch)
        return calls

    return install


@pytest.fixture
def watched_home(fresh_home):
    """A home whose library is watched, once there is one."""
    Settings(fresh_home).save()
    return fresh_home


@pytest.fixture
def folder(tmp_path) -> Path:
    place = tmp_path / "letters"
    place.mkdir()
    (place / "anna.txt").write_text("Dear Anna, the telescope has arrived and stands in the dome.")
    return place


def until(qtbot, condition):
    qtbot.waitUntil(condition, timeout=240_000)


def wait_for_watch(window, qtbot):
    until(qtbot, lambda: window.workspace.watching.state is WatchState.WATCHING)


def watch(window, folder, qtbot):
    """Adds the folder to a new library, and waits until it is watched."""
    window.workspace.index([folder])
    until(qtbot, lambda: window.index_bar.title.text() == "Done")
    assert window.workspace.watching.state is WatchState.WATCHING


def find(window, qtbot, word):
    """Waits until the window, which searches again by itself, shows a hit for the word."""
    window.show_search()
    window.search.choose_mode("keyword")
    window.search.box.setText(word)
    until(qtbot, lambda: window.search.results.model().rowCount() == 1)


def indexers() -> list[psutil.Process]:
    """Processes that the windows have started and not ended."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if any("spawn_main" in part for part in child.cmdline())]


def test_changes_are_found_without_a_word_and_folders_added(
    open_window, watched_home, folder, short_reports, qtbot, monkeypatch
):
    monkeypatch.setattr(indexing, "MOMENT_SECONDS", 60.0)  # however busy the machine is
    window = open_window(watched_home)
    workspace, bar = window.workspace, window.index_bar
    watch(window, folder, qtbot)
    assert bar.detail.text() == "1 file, 1 passage, 0 failed"
    bar.dismiss_button.click()
    assert not workspace.busy
    window.show_library()
    assert window.library.watching.text() == "Watching for changes"
    assert window.library.update_button.isEnabled()
    shown = []
    workspace.job_started.connect(lambda: shown.append("strip"))
    process = workspace.jobs.process_id

    (folder / "bertha.txt").write_text("Dear Bertha, an axolotl lives in the pond behind the hut.")
    find(window, qtbot, "axolotl")
    until(qtbot, lambda: window.content_label.text().startswith("2 files"))
    assert shown == []
    assert not bar.isVisible()
    assert workspace.jobs.process_id == process

    workspace.index([short_reports])
    assert bar.isVisible()
    until(qtbot, lambda: bar.title.text() == "Done")
    assert bar.detail.text().startswith("62 files")
    until(qtbot, lambda: len(workspace.status.folders) == 2)
    assert psutil.pid_exists(workspace.jobs.process_id)
    assert workspace.jobs.process_id != process
    (short_reports / "last.txt").write_text("A quokka was the last one to leave.")
    find(window, qtbot, "quokka")

    with qtbot.waitSignal(window.closed, timeout=20_000):
        began = time.monotonic()
        window.close()
    assert time.monotonic() - began < 2.0
    assert indexers() == []

    again = open_window(watched_home)
    again.workspace.job_started.connect(lambda: shown.append("strip at start"))
    wait_for_watch(again, qtbot)
    assert shown == ["strip"]
    assert not again.index_bar.isVisible()


def test_a_long_run_is_shown_stopped_and_gone_on_with(
    open_window, watched_home, folder, stores_reports, qtbot, monkeypatch
):
    monkeypatch.setattr(indexing, "MOMENT_SECONDS", 0.0)
    window = open_window(watched_home)
    workspace, bar = window.workspace, window.index_bar
    watch(window, folder, qtbot)
    bar.dismiss_button.click()
    stores_reports.rename(folder / "reports")
    until(qtbot, bar.isVisible)
    until(qtbot, lambda: "60 files" in bar.detail.text())
    bar.pause_button.click()
    until(qtbot, lambda: bar.title.text() == "Paused")
    with qtbot.waitSignal(workspace.job_ended, timeout=20_000) as ended:
        bar.cancel_button.click()
    assert ended.args[0].state is JobState.CANCELLED
    assert bar.title.text() == "Stopped"
    assert workspace.watching.state is WatchState.STOPPED
    assert indexers() == []
    assert Settings.load(watched_home).keep_up_to_date
    assert workspace.keep_up_to_date

    bar.again_button.click()
    until(qtbot, lambda: bar.title.text() == "Done")
    until(qtbot, lambda: workspace.status.files["indexed"] == 61)
    wait_for_watch(window, qtbot)
    assert bar.isVisible()  # it was asked for: the outcome stays

    os.kill(workspace.jobs.process_id, signal.SIGKILL)
    until(qtbot, lambda: bar.title.text() == "Indexing failed")
    assert "SIGKILL" in bar.detail.text()
    assert workspace.watching.state is WatchState.STOPPED
    bar.again_button.click()
    wait_for_watch(window, qtbot)
    assert len(indexers()) == 1


def test_the_switch_ends_and_starts_the_watcher_and_is_remembered(open_window, watched_home, folder, qtbot):
    window = open_window(watched_home)
    watch(window, folder, qtbot)
    window.show_library()
    page, action = window.library, window.menus.keep_up_to_date
    switch = page.keep_switch
    assert switch.isChecked()
    assert action.isChecked()
    assert switch.accessibleName() == "Keep up to date"
    assert switch.toolTip()
    process = psutil.Process(window.workspace.jobs.process_id)

    switch.setFocus()
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert not action.isChecked()
    assert page.watching.text() == ""
    until(qtbot, lambda: not process.is_running())
    until(qtbot, lambda: not window.workspace.jobs.working and indexers() == [])
    until(qtbot, lambda: not Settings.load(watched_home).keep_up_to_date)
    with qtbot.waitSignal(window.workspace.job_ended, timeout=30_000) as ended:
        page.update_button.click()
    assert ended.args[0].state is JobState.DONE
    assert indexers() == []

    action.trigger()
    assert switch.isChecked()
    wait_for_watch(window, qtbot)
    until(qtbot, lambda: Settings.load(watched_home).keep_up_to_date)


def test_why_changes_are_not_noticed_at_once_is_told(open_window, home, stand_in, a_job, qtbot):
    problem = "The system watches as many files as it may, so changes are looked for every minute instead."
    stand_in(a_job(Progress("watching", detail=problem)))
    window = open_window(home)
    wait_for_watch(window, qtbot)
    window.show_library()
    assert window.library.watching.text() == problem
    assert not window.index_bar.isVisible()


def test_another_writer_is_waited_for_in_silence(open_window, home, stand_in, a_job, qtbot, monkeypatch):
    monkeypatch.setattr(indexing, "AGAIN_MILLISECONDS", 100)
    busy = a_job(Progress("watching"), state=JobState.FAILED, error=LibraryBusy("Somebody writes.", ""))
    calls = stand_in(busy, a_job(Progress("watching")))
    window = open_window(home)
    told, shown = [], []
    window.workspace.watching_changed.connect(lambda watching: told.append(watching.state))
    window.workspace.job_started.connect(lambda: shown.append("strip"))
    wait_for_watch(window, qtbot)
    assert told.count(WatchState.BUSY_ELSEWHERE) == 1
    assert calls == [(), ()]
    assert shown == []
    window.search.box.setText("rope")
    qtbot.waitUntil(lambda: window.search.results.model().rowCount() > 0, timeout=10_000)


def test_a_folder_added_while_another_writes_is_added_later(
    open_window, home, stand_in, a_job, qtbot, monkeypatch, folder
):
    monkeypatch.setattr(indexing, "AGAIN_MILLISECONDS", 100)
    busy = a_job(Progress("watching"), state=JobState.FAILED, error=LibraryBusy("Somebody writes.", ""))
    calls = stand_in(a_job(Progress("watching")), busy, a_job(Progress("watching")))
    window = open_window(home)
    wait_for_watch(window, qtbot)
    ends = []
    window.workspace.job_ended.connect(lambda end: ends.append(end.state))
    window.workspace.index([folder])
    until(qtbot, lambda: len(ends) == 2)
    assert ends == [JobState.FAILED, JobState.DONE]
    assert calls == [(), (folder,), (folder,)]
    assert window.workspace.watching.state is WatchState.WATCHING


def test_a_folder_added_while_changes_are_looked_at_is_shown_as_one_run(
    open_window, home, stand_in, a_job, folder, qtbot
):
    first, second = a_job(Progress("watching")), a_job(Progress("scanning"))
    calls = stand_in(first, second)
    window = open_window(home)
    wait_for_watch(window, qtbot)
    first.progress = Progress("indexing", 1, 9, unit="files")
    until(qtbot, lambda: window.workspace.jobs.working)
    told = []
    window.workspace.job_started.connect(lambda: told.append("started"))
    window.workspace.job_ended.connect(lambda _: told.append("ended"))
    window.workspace.index([folder])
    first.progress = Progress("watching")
    until(qtbot, lambda: calls[1:] == [(folder,)])
    assert told == ["started"]
    second.progress = Progress("watching")
    until(qtbot, lambda: told == ["started", "ended"])


def test_a_watcher_that_wants_to_be_replaced_is(open_window, home, stand_in, a_job, qtbot):
    first, second = a_job(Progress("watching")), a_job(Progress("watching"))
    calls = stand_in(first, second)
    window = open_window(home)
    wait_for_watch(window, qtbot)
    first.value, first.state = {"restart": True}, JobState.DONE
    until(qtbot, lambda: len(calls) == 2)
    wait_for_watch(window, qtbot)
    assert not window.index_bar.isVisible()
    assert not window.workspace.busy


def test_what_was_not_asked_for_is_shown_after_a_moment_and_leaves(
    open_window, home, stand_in, a_job, qtbot, monkeypatch
):
    monkeypatch.setattr(indexing, "MOMENT_SECONDS", 0.3)
    job = a_job(Progress("watching"))
    stand_in(job)
    window = open_window(home)
    bar = window.index_bar
    bar._leave.setInterval(50)
    wait_for_watch(window, qtbot)
    job.progress = Progress("scanning", 9000, unit="files")
    until(qtbot, lambda: window.workspace.jobs.working)
    assert not bar.isVisible()
    began = time.monotonic()
    job.progress = Progress("indexing", 3, 30, "files")
    until(qtbot, bar.isVisible)
    assert time.monotonic() - began > 0.3
    assert bar.title.text() == "Indexing"
    assert not window.library.update_button.isEnabled()
    job.progress = Progress("watching")
    until(qtbot, lambda: not bar.isVisible())
    assert window.library.update_button.isEnabled()
