"""All that Findling has written is removed from its own window."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel

from findling.jobs import Progress
from findling_desktop import removal as removal_module
from findling_desktop.app import build
from findling_desktop.settings.removal_dialog import RemovalDialog
from findling_desktop.windows import Windows

if TYPE_CHECKING:
    from findling.settings import Home


def ask(window, qtbot) -> RemovalDialog:
    window.show_settings()
    window.settings.remove_button.click()
    dialog = window.findChildren(RemovalDialog)[-1]
    qtbot.waitUntil(lambda: dialog._stock is not None, timeout=10_000)
    qtbot.waitUntil(lambda: "Together" in words(dialog), timeout=10_000)
    return dialog


def words(dialog: RemovalDialog) -> str:
    return "\n".join(each.text() for each in dialog.findChildren(QLabel) if each.isVisible())


def written(home: Home) -> list[str]:
    root = home.data.parent
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if "models" not in path.parts)


@pytest.fixture(autouse=True)
def _no_thread_is_left(qtbot):
    yield
    qtbot.waitUntil(lambda: "removing" not in {each.name for each in threading.enumerate()}, timeout=5_000)


def test_it_says_what_goes_and_waits_for_a_person_who_is_sure(open_window, own_home, qtbot):
    (own_home.data / "diary.txt").write_text("my own")
    window = open_window(own_home)
    before = written(own_home)
    dialog = ask(window, qtbot)
    told = words(dialog)
    assert "Libraries with their index" in told
    assert "default" in told.splitlines()
    assert "Your documents stay as they are" in told
    assert str(own_home.data / "diary.txt") in told
    assert "for it is a link" in told  # the models of these tests
    assert dialog.close_button.isDefault()
    assert not dialog.remove_button.isEnabled()
    dialog.sure.click()
    assert dialog.remove_button.isEnabled()
    dialog.keep_models.click()
    assert not dialog.remove_button.isEnabled()  # until it is known what goes
    qtbot.waitUntil(dialog.remove_button.isEnabled, timeout=10_000)
    dialog.sure.click()
    assert not dialog.remove_button.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.findChildren(RemovalDialog), timeout=5_000)
    assert written(own_home) == before
    assert not window.workspace.closed


def test_everything_goes_and_the_window_ends_without_writing_again(open_window, own_home, qtbot):
    window = open_window(own_home)
    window.preferences.choose("theme", "dark")
    window.workspace.set_keep_up_to_date(True)
    qtbot.waitUntil(lambda: window.workspace.watching.state == "watching", timeout=60_000)
    dialog = ask(window, qtbot)
    dialog.sure.click()
    dialog.remove_button.click()
    dialog.reject()
    event = QCloseEvent()
    dialog.closeEvent(event)
    assert not event.isAccepted()
    assert "Stopping what is at work" in words(dialog)
    dialog._show_progress(Progress("removing", 1, 4))
    assert dialog.progress.value() == 250
    qtbot.waitUntil(lambda: "All of it is gone." in words(dialog), timeout=60_000)
    assert "are free again" in words(dialog)
    assert written(own_home) == ["data"]  # with the link to the models
    with qtbot.waitSignal(window.closed, timeout=20_000):
        dialog.close_button.click()
    assert written(own_home) == ["data"]


def test_while_another_program_is_at_work_nothing_goes_and_the_window_comes_back(
    own_home, qtbot, monkeypatch
):
    monkeypatch.setattr(removal_module, "_PATIENCE_SECONDS", 0.1)
    windows = Windows(lambda library, model: build(own_home, library, model=model))
    first = windows.current
    first.show()
    qtbot.waitUntil(lambda: first.pages.currentWidget() is first.search, timeout=10_000)
    dialog = ask(first, qtbot)
    before = set(written(own_home))
    dialog.sure.click()
    with FileLock(own_home.libraries / "default" / "writer.lock"):
        dialog.remove_button.click()
        qtbot.waitUntil(lambda: "Nothing was removed." in words(dialog), timeout=20_000)
    assert "is being written to by another process" in words(dialog)
    assert set(written(own_home)) >= before
    with qtbot.waitSignal(first.closed, timeout=20_000):
        dialog.close_button.click()
    again = windows.current
    assert again is not first
    qtbot.waitUntil(lambda: again.pages.currentWidget() is again.search, timeout=10_000)
    assert again.workspace.name == "default"
    with qtbot.waitSignal(windows.ended, timeout=20_000):
        again.leave()
    assert (own_home.config / "window.json").is_file()


def test_what_would_not_go_is_told(open_window, own_home, qtbot, monkeypatch):
    from findling.library import removal

    held = own_home.settings_file
    really = removal._delete

    def refuse(path, mark):
        if path == held:
            raise PermissionError(13, "The file is open", str(held))
        really(path, mark)

    monkeypatch.setattr(removal, "_delete", refuse)
    dialog = ask(open_window(own_home), qtbot)
    dialog.sure.click()
    dialog.remove_button.click()
    qtbot.waitUntil(lambda: "Not everything could be removed." in words(dialog), timeout=60_000)
    assert f"Could not be removed: {held}" in words(dialog)
    dialog.close_button.click()
