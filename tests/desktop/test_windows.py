"""Several libraries: one is shown at a time, and others are made, shown and deleted from its window."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from findling.library import LibraryInfo
from findling.settings import Home, Settings
from findling_desktop.app import build
from findling_desktop.library import NewLibrary
from findling_desktop.windows import Windows

if TYPE_CHECKING:
    from findling_desktop.main_window import MainWindow


@pytest.fixture
def two_libraries(indexed, fresh_home) -> Home:
    """The indexed library, and a copy of it called "letters"."""
    for name in ("default", "letters"):
        place = shutil.copytree(indexed.data / "libraries" / "default", fresh_home.libraries / name)
        replace(LibraryInfo.load(place), name=name).save(place)
    return fresh_home


@pytest.fixture
def windows(two_libraries, qtbot):
    """The application's windows; the first is shown and has its library."""
    made = Windows(lambda library, model: build(two_libraries, library, model=model))
    ready(made.current, qtbot)
    yield made
    with qtbot.waitSignal(made.ended, timeout=20_000):
        made.current.leave()


def ready(window: MainWindow, qtbot) -> None:
    window.show()
    qtbot.waitUntil(lambda: window.pages.currentIndex() != 0, timeout=10_000)
    qtbot.waitUntil(lambda: bool(names(window)), timeout=10_000)


def names(window: MainWindow) -> dict[str, bool]:
    """The libraries of the menu, and whether each is marked."""
    actions = window.menus.libraries.actions()
    return {action.text(): action.isChecked() for action in actions if action.isCheckable()}


def pick(window: MainWindow, name: str) -> None:
    next(action for action in window.menus.libraries.actions() if action.text() == name).trigger()


def test_another_library_is_shown_in_the_same_place(windows, two_libraries, qtbot):
    first = windows.current
    assert names(first) == {"default": True, "letters": False}
    first.resize(900, 640)
    with qtbot.waitSignal(first.closed, timeout=20_000):
        pick(first, "letters")
    second = windows.current
    assert second is not first
    assert second.size().toTuple() == (900, 640)
    ready(second, qtbot)
    assert second.windowTitle() == "letters – Findling"
    assert names(second) == {"default": False, "letters": True}
    windows.come("barley soup")
    qtbot.waitUntil(lambda: second.search.current_hit is not None, timeout=10_000)
    assert second.search.current_hit.library == "letters"
    again = build(two_libraries)  # what was shown last is shown at the next start
    assert again.workspace._last_name == "letters"
    again.workspace.close()


def test_work_that_would_stop_is_named_first(windows, a_job, press, qtbot):
    first = windows.current
    first.workspace.models._job = a_job()
    first.workspace.models.begun.emit("some-model")
    pick(first, "letters")
    assert windows.current is first
    with qtbot.waitSignal(first.closed, timeout=20_000):
        press(first, "Show It")
    assert windows.current is not first
    ready(windows.current, qtbot)


def test_a_new_library_has_its_own_name_and_model(windows, two_libraries, documents, qtbot):
    first = windows.current
    first.menus.libraries.new_wanted.emit()
    [dialog] = first.findChildren(NewLibrary)
    assert not dialog.make_button.isEnabled()
    dialog.name.setText("letters")
    dialog.make_button.click()
    qtbot.waitUntil(dialog.problem.isVisible, timeout=5_000)
    assert "already" in dialog.problem.text()
    dialog.name.setText("a/b")
    dialog.make_button.click()
    qtbot.waitUntil(lambda: "cannot be" in dialog.problem.text(), timeout=5_000)
    qtbot.waitUntil(lambda: dialog.model.currentText() == "all-MiniLM-L6-v2", timeout=5_000)
    dialog.name.setText("Minutes and more")
    with qtbot.waitSignal(first.closed, timeout=20_000):
        dialog.make_button.click()
    second = windows.current
    qtbot.waitUntil(lambda: second.pages.currentWidget() is second.first_run, timeout=10_000)
    assert second.windowTitle() == "Minutes and more – Findling"
    assert second.workspace._model == "all-minilm-l6-v2"
    assert not (two_libraries.libraries / "Minutes and more").exists()  # until it has a folder
    qtbot.waitUntil(lambda: names(second) == {"default": False, "letters": False}, timeout=5_000)
    pick(second, "default")
    ready(windows.current, qtbot)


def test_a_library_that_is_not_shown_is_deleted(windows, two_libraries, press, qtbot):
    first = windows.current
    first.menus.libraries.delete_wanted.emit("letters")
    press(first, "Delete It")
    qtbot.waitUntil(lambda: names(first) == {"default": True}, timeout=10_000)
    assert not (two_libraries.libraries / "letters").exists()


def test_a_window_that_stays_is_hidden_and_comes_back(windows, two_libraries, qtbot):
    window = windows.current
    window.stays = lambda: window.preferences["stay_in_tray"]
    window.preferences.choose("stay_in_tray", True)
    qtbot.waitUntil(lambda: Settings.load(two_libraries).stay_in_tray, timeout=5_000)
    assert not window.close()
    assert not window.isVisible()
    assert not window.workspace.closed
    windows.come("barley soup")
    assert window.isVisible()
    qtbot.waitUntil(lambda: window.search.current_hit is not None, timeout=10_000)
