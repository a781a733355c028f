"""Findling beside its window: the tray, messages about long work, and the small search box."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from findling.errors import Cancelled, JobFailed
from findling.jobs import JobState, Progress
from findling_desktop import notices
from findling_desktop.indexing import JobEnd
from findling_desktop.presence import Presence
from findling_desktop.tray import Tray
from findling_desktop.windows import Windows


class RecordingTray(Tray):
    """Notes what the desktop would have shown."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[tuple[str, str]] = []

    def tell(self, title, text):
        self.messages.append((title, text))


@pytest.fixture
def presence(qapp, open_window, home, monkeypatch):
    """With a tray, and a window that the person does not look at; all work is long."""
    monkeypatch.setattr(notices, "LONG_SECONDS", 0.0)
    windows = Windows(lambda *_: open_window(home))
    windows.current.isActiveWindow = lambda: False
    made = Presence(qapp, windows, RecordingTray())
    yield made
    made._close()


@pytest.fixture
def window(presence):
    return presence._windows.current


def test_the_end_of_long_work_is_told(presence, window):
    workspace, told = window.workspace, presence.tray.messages
    workspace.job_started.emit()
    workspace.job_ended.emit(JobEnd(JobState.DONE, {"files": {"indexed": 1200, "failed": 1}}))
    assert told.pop() == ("The index is up to date", "1200 files can be searched.")
    workspace.job_started.emit()
    workspace.job_ended.emit(JobEnd(JobState.FAILED, error=JobFailed("The process was ended.")))
    assert told.pop() == ("Indexing failed", "The process was ended.")
    workspace.models.begun.emit("some-model")
    workspace.models.ended.emit(None)
    assert told.pop()[0] == "The model is ready"


def test_what_the_person_sees_or_stopped_is_not_told(presence, window, monkeypatch):
    workspace = window.workspace
    workspace.models.begun.emit("some-model")
    workspace.models.ended.emit(Cancelled())
    workspace.models.ended.emit(None)  # of nothing that was begun
    window.isActiveWindow = lambda: True
    workspace.job_started.emit()
    workspace.job_ended.emit(JobEnd(JobState.DONE, {}))
    window.isActiveWindow = lambda: False
    monkeypatch.setattr(notices, "LONG_SECONDS", 60.0)
    workspace.job_started.emit()
    workspace.job_ended.emit(JobEnd(JobState.DONE, {}))
    assert presence.tray.messages == []


def test_the_menu_of_the_tray(presence, window, qtbot):
    window.preferences.choose("stay_in_tray", True)
    window.close()
    assert not window.isVisible()
    search, come, _, leave = presence.tray.menu.actions()
    come.trigger()
    assert window.isVisible()
    search.trigger()
    assert presence.quick.isVisible()
    qtbot.keyClick(presence.quick.box, Qt.Key.Key_Escape)
    assert not presence.quick.isVisible()
    with qtbot.waitSignal(window.closed, timeout=20_000):
        leave.trigger()


def test_the_small_box_asks_in_the_window(presence, window, qtbot):
    window.hide()
    presence.quick.come()
    qtbot.keyClick(presence.quick.box, Qt.Key.Key_Return)
    assert presence.quick.isVisible()  # nothing was asked
    presence.quick.box.setText("barley soup")
    qtbot.keyClick(presence.quick.box, Qt.Key.Key_Return)
    assert not presence.quick.isVisible()
    assert window.isVisible()
    qtbot.waitUntil(lambda: window.search.answered_query == "barley soup", timeout=10_000)


def test_without_a_tray_the_window_is_closed_for_good(qapp, open_window, home, qtbot):
    window = open_window(home)
    window.preferences.choose("stay_in_tray", True)
    windows = Windows(lambda *_: window)
    without = Presence(qapp, windows)
    assert without.tray is None
    with qtbot.waitSignal(window.closed, timeout=20_000):
        window.close()


def test_the_panel_lists_what_works_and_stops_it(window, a_job, qtbot):
    panel, models = window.jobs_panel, window.workspace.models
    assert not window.jobs_button.isVisible()
    models._job = job = a_job()
    models.begun.emit("some-model")
    models.progressed.emit(Progress("downloading", 25, 100, "bytes", remaining_seconds=130))
    assert window.jobs_button.text().strip() == "1 job"
    window.jobs_button.click()
    assert panel.isVisible()
    assert panel.models.isVisible()
    assert not panel.tuning.isVisible()
    assert panel.models.progress.value() == 250
    assert panel.models.figures.text() == "about 2 minutes left"
    panel.models.pause_button.click()
    assert job.paused
    assert panel.models.pause_button.text().strip() == "Resume"
    panel.models.stop_button.click()
    assert job.state is JobState.CANCELLED
    models.ended.emit(Cancelled())
    assert not window.jobs_button.isVisible()
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    window.workspace.job_started.emit()
    panel.index.show_button.click()
    assert window.pages.currentWidget() is window.library
