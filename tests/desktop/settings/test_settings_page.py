"""The settings view: every setting has a control, and what is changed in it counts and is kept."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox

from findling.settings import Home, Settings
from findling_desktop.settings import words
from findling_desktop.widgets import Choice, Number, Toggle

if TYPE_CHECKING:
    from findling_desktop.settings import SettingsPage


@pytest.fixture
def home(own_home) -> Home:
    """As it is by default, a library is watched, and written to."""
    return own_home


@pytest.fixture
def page(window, qtbot) -> SettingsPage:
    """The view, with its models read."""
    window.menus.settings.trigger()
    assert window.pages.currentWidget() is window.settings
    embedders = window.settings.controls["model"]
    qtbot.waitUntil(lambda: embedders.currentText() == "all-MiniLM-L6-v2", timeout=10_000)
    return window.settings


def stored(home: Home) -> dict[str, Any]:
    return json.loads(home.settings_file.read_text())


def choose(control: Choice, value: str) -> None:
    place = control.findData(value)
    assert place >= 0
    control.setCurrentIndex(place)
    control.activated.emit(place)


def test_every_setting_has_a_name_and_a_place(page):
    placed = {name for _, names in words.groups() for name in names}
    assert placed == set(page.controls)
    assert not [name for name in placed if words.title(name, "") == ""]


def test_what_counts_where_nothing_is_written_is_said(page):
    said = {name: page.controls[name].placeholderText() for name in ("pdf_viewer", "recognition_languages")}
    assert said == {"pdf_viewer": "the desktop's own", "recognition_languages": "automatic"}


def test_every_setting_has_a_control_of_its_type_with_its_value(page, home):
    settings = Settings.load(home)
    assert set(page.controls) == {item.name for item in fields(Settings)} - {"home"}
    for name, control in page.controls.items():
        value = getattr(settings, name)
        shown = {
            Toggle: lambda control=control: control.isChecked(),
            Number: lambda control=control: control.value(),
            Choice: lambda control=control: control.currentData(),
            QLineEdit: lambda control=control: control.text(),
        }[type(control)]()
        assert shown == value, name
        assert control.accessibleName()
        assert control.accessibleName() != name
    assert page.controls["embedder_threads"].text() == "automatic"
    assert page.controls["file_limit_mebibytes"].text() == "256 MiB"
    assert page.controls["text_percent"].minimum() == 60


def test_what_is_changed_is_kept_and_counts_at_once(page, window, home, qtbot):
    before = QGuiApplication.font().pointSizeF()
    choose(page.controls["theme"], "dark")
    assert window.theme.choice == "dark"
    assert [action.data() for action in window.menus.themes.actions() if action.isChecked()] == ["dark"]
    page.controls["text_percent"].setValue(150)
    assert QGuiApplication.font().pointSizeF() == pytest.approx(1.5 * before)
    page.controls["keep_history"].click()
    assert not window.workspace.remembering.keep
    assert not window.menus.keep_history.isChecked()
    page.controls["text_editor"].setText("ed {path}")
    page.controls["text_editor"].editingFinished.emit()
    page.controls["parse_limit_seconds"].setValue(30)
    assert "next job" in page.told.text()
    qtbot.waitUntil(lambda: stored(home).get("parse_limit_seconds") == 30, timeout=10_000)
    assert stored(home) == {
        "theme": "dark",
        "text_percent": 150,
        "keep_history": False,
        "keep_up_to_date": False,
        "text_editor": "ed {path}",
        "parse_limit_seconds": 30.0,
    }
    used = vars(window._shell)  # which has no settings before it is given some
    qtbot.waitUntil(
        lambda: "_settings" in used and used["_settings"].text_editor == "ed {path}", timeout=10_000
    )
    page.defaults_button.click()
    [box] = window.findChildren(QMessageBox)
    next(button for button in box.buttons() if button.text() == "Back to Defaults").click()
    assert QGuiApplication.font().pointSizeF() == pytest.approx(before)
    assert page.controls["text_editor"].text() == ""
    qtbot.waitUntil(lambda: stored(home) == {}, timeout=10_000)
    window.workspace.set_keep_up_to_date(False)
    assert not page.controls["keep_up_to_date"].isChecked()


def test_the_next_job_goes_by_what_was_changed(page, window, home, qtbot):
    page.controls["file_limit_mebibytes"].setValue(7)
    qtbot.waitUntil(lambda: stored(home).get("file_limit_mebibytes") == 7, timeout=10_000)
    found: list[int] = []

    def limit() -> int:
        return window.workspace._ready_libraries().settings.file_limit_mebibytes

    def counts() -> bool:
        window._bridge.io(limit, found.append, lambda _: None)
        return found[-1:] == [7]

    qtbot.waitUntil(counts, timeout=10_000)


def test_what_is_changed_elsewhere_is_shown(page, window):
    window.menus.theme_chosen.emit("light")
    assert page.controls["theme"].currentData() == "light"
    window.menus.keep_history.setChecked(False)
    assert not page.controls["keep_history"].isChecked()


def test_the_keyboard_leads_there_and_back(page, window, qtbot):
    assert window.focusWidget() is page.controls["theme"]
    assert {"Colours", "Search model of new libraries"} <= {each.text() for each in page.findChildren(QLabel)}
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is window.search
