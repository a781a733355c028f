"""Progress, pause, cancel and outcome of real indexing jobs."""

from __future__ import annotations

import os
import signal

from findling.jobs import JobState, Progress


def test_pause_resume_cancel_and_continue(open_window, fresh_home, stores_reports, qtbot):
    window = open_window(fresh_home)
    workspace, bar = window.workspace, window.index_bar
    assert window.pages.currentWidget() is window.first_run
    workspace.index([stores_reports])
    assert bar.isVisible()
    qtbot.waitUntil(lambda: "60 files" in bar.detail.text(), timeout=20_000)
    assert bar.title.text() == "Indexing"
    assert bar.file.text()
    bar.pause_button.click()
    qtbot.waitUntil(lambda: bar.title.text() == "Paused")
    assert bar.pause_button.accessibleName() == "Resume"
    bar.pause_button.click()
    qtbot.waitUntil(lambda: bar.title.text() != "Paused")
    assert bar.pause_button.accessibleName() == "Pause"
    bar.pause_button.click()
    with qtbot.waitSignal(workspace.job_ended, timeout=20_000) as ended:
        bar.cancel_button.click()
    assert ended.args[0].state is JobState.CANCELLED
    assert bar.title.text() == "Stopped"
    assert bar.again_button.isVisible()
    with qtbot.waitSignal(workspace.job_ended, timeout=240_000) as ended:
        bar.again_button.click()
    assert ended.args[0].state is JobState.DONE
    assert bar.detail.text().startswith("60 files, ")
    assert bar.detail.text().endswith("passages, 0 failed")
    assert not bar.problems_button.isVisible()
    qtbot.waitUntil(lambda: window.workspace.status.files["indexed"] == 60)
    bar.dismiss_button.click()
    assert not bar.isVisible()


def test_a_crashed_job_says_why_and_can_be_tried_again(open_window, fresh_home, stores_reports, qtbot):
    window = open_window(fresh_home)
    workspace, bar = window.workspace, window.index_bar
    workspace.index([stores_reports])
    qtbot.waitUntil(lambda: "60 files" in bar.detail.text(), timeout=20_000)
    workspace.pause()
    os.kill(workspace.jobs.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: not workspace.busy, timeout=20_000)
    assert bar.title.text() == "Indexing failed"
    assert "SIGKILL" in bar.detail.text()
    assert bar.property("tone") == "danger"
    assert bar.again_button.isVisible()


def test_a_place_that_is_no_folder_says_so(open_window, fresh_home, tmp_path, qtbot):
    window = open_window(fresh_home)
    with qtbot.waitSignal(window.workspace.job_ended, timeout=10_000):
        window.workspace.index([tmp_path / "nowhere"])
    assert "There is no folder" in window.index_bar.detail.text()
    assert window.pages.currentWidget() is window.first_run


def test_another_writer_is_no_error(open_window, home, qtbot):
    from findling.library.worker import writing

    window = open_window(home)
    with writing(home.libraries / "default"), qtbot.waitSignal(window.workspace.job_ended, timeout=20_000):
        window.menus.update_index.trigger()
    bar = window.index_bar
    assert bar.title.text() == "Being updated elsewhere"
    assert bar.property("tone") == ""
    assert bar.again_button.accessibleName() == "Try again"


def test_an_unchanged_library_leaves_its_problems_in_reach(open_window, own_home, qtbot):
    window = open_window(own_home)
    with qtbot.waitSignal(window.workspace.job_ended, timeout=20_000):
        window.menus.update_index.trigger()
    bar = window.index_bar
    assert bar.title.text() == "Nothing had changed"
    assert bar.detail.text().startswith("8 files, ")
    assert bar.detail.text().endswith("1 failed, 1 skipped")
    bar.problems_button.click()
    qtbot.waitUntil(lambda: window.library.files.rowCount() == 1)
    assert window.library.files.path(0).endswith("torn.pdf")


def test_progress_in_words(window):
    bar = window.index_bar
    bar._begin()
    bar._show_progress(Progress("indexing", 30, 60, "files", "/a/b.txt", 12.34, 100.0, {"embedded": 500}))
    assert bar.detail.text() == ("30 of 60 files  ·  500 passages  ·  12.3 files/s  ·  about 2 minutes left")
    assert bar.progress.value() >= 500
    bar._show_progress(Progress("scanning", 700, None, "files"))
    assert bar.title.text() == "Looking for files…"
    assert bar.progress.maximum() == 0
