"""What is offered under the box, and the keys that take it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

KEY = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def popup(window):
    return window.search.completing.popup


def _labels(popup):
    return [entry.label for entry in popup.entries]


def test_a_filter_is_completed_and_then_its_value(window, type_in, popup, qtbot):
    box = window.search.box
    type_in("rope ty")
    qtbot.waitUntil(lambda: _labels(popup) == ["type:"], timeout=5_000)
    assert popup.entries[0].explanation
    assert popup.chosen is None
    qtbot.keyClick(box, KEY.Key_Tab)
    assert box.text() == "rope type:"
    assert box.hasFocus()
    qtbot.waitUntil(lambda: {"pdf", "md"} <= set(_labels(popup)), timeout=5_000)
    qtbot.keyClick(box, KEY.Key_Down)
    qtbot.keyClick(box, KEY.Key_Down)
    qtbot.keyClick(box, KEY.Key_Up)
    first = popup.entries[0].label
    assert popup.chosen.label == first
    qtbot.keyClick(box, KEY.Key_Return)
    assert box.text() == f"rope type:{first} "
    assert box.hasFocus()
    assert not popup.isVisible()


def test_enter_is_not_stolen_and_escape_leaves_the_text(window, type_in, search, popup, qtbot):
    box = window.search.box
    search("rope")
    type_in(" type:")
    qtbot.waitUntil(lambda: bool(popup.entries), timeout=5_000)
    qtbot.keyClick(box, KEY.Key_Escape)
    assert not popup.isVisible()
    assert box.text() == "rope type:"
    qtbot.keyClick(box, KEY.Key_Space, CONTROL)
    qtbot.waitUntil(lambda: bool(popup.entries), timeout=5_000)
    qtbot.keyClick(box, KEY.Key_Return)
    assert box.text() == "rope type:"
    qtbot.waitUntil(lambda: bool(window.search.notice.words), timeout=5_000)  # it was asked
    assert not window.search.results.hasFocus()


def test_words_are_offered_in_the_box_and_all_of_them_by_a_key(window, type_in, popup, qtbot):
    box = window.search.box
    type_in("magnetic inspecti")
    qtbot.waitUntil(lambda: box.ghost == "on", timeout=5_000)
    assert not popup.isVisible()
    qtbot.keyClick(box, KEY.Key_Right)
    assert box.text() == "magnetic inspection"
    assert box.ghost == ""
    for _ in range(8):
        qtbot.keyClick(box, KEY.Key_Backspace)
    qtbot.keyClick(box, KEY.Key_Space, CONTROL)
    qtbot.waitUntil(lambda: "inspection" in _labels(popup), timeout=5_000)
    popup.list.clicked.emit(popup.list.model().index(_labels(popup).index("inspection")))
    assert box.text() == "magnetic inspection "


def test_down_in_the_empty_box_offers_saved_searches_and_what_was_asked(
    window, type_in, popup, personal, qtbot
):
    page = window.search
    window.workspace.remembering.save("Ropes", "haul rope", "keyword", lambda: None)
    window.workspace.remembering.remember("barley soup", "hybrid", 3)
    type_in("")
    qtbot.keyClick(page.box, KEY.Key_Down)
    qtbot.waitUntil(lambda: bool(popup.entries), timeout=5_000)
    icons = {entry.label: entry.icon for entry in popup.entries}
    assert icons["Ropes"] == "star"
    assert icons["barley soup"] == "history"
    qtbot.keyClick(page.box, KEY.Key_Down)
    assert popup.chosen.label == "Ropes"
    qtbot.keyClick(page.box, KEY.Key_Return)
    qtbot.waitUntil(lambda: page.answered_query == "haul rope", timeout=5_000)
    assert page.mode == "keyword"
    assert page.switch.button("keyword").isChecked()
