"""Text of a page: selected by mouse and keys, and copied; and what stays while one reads."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QMenu

QUESTION = "starting in the morning: allow twenty-five minutes, the order matters"


@pytest.fixture
def home(readable_home):
    return readable_home


@pytest.fixture
def picture(read, qtbot):
    """A page of the ropeway's manual, at the hit."""
    view = read(QUESTION, "pdf").page_view
    qtbot.waitUntil(lambda: view.page is not None, timeout=20_000)
    return view.picture


def place_of(picture, word: str) -> QPoint:
    """A point in the first letter of a word on the page."""
    return picture.point_of(picture._page.letters.text.index(word)) + QPoint(2, 0)


def test_words_are_selected_with_the_mouse_and_copied(picture, qtbot):
    before = picture.grab().toImage()
    start, end = place_of(picture, "Allow"), place_of(picture, "minutes. The order")
    qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(picture, end)
    qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=end)
    assert picture.selected == "Allow twenty-five "
    assert picture.grab().toImage() != before
    qtbot.keyClick(picture, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Allow twenty-five "
    qtbot.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=start)
    assert picture.selected == "Allow"
    qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, pos=end)
    assert picture.selected == "Allow twenty-five "


def test_the_keyboard_selects_from_the_passage_on(picture, qtbot):
    shift, control = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(picture, Qt.Key.Key_Right, shift | control)
    [word] = picture.selected.split()
    qtbot.keyClick(picture, Qt.Key.Key_Right, shift)
    qtbot.keyClick(picture, Qt.Key.Key_Left, shift)
    assert picture.selected == word
    qtbot.keyClick(picture, Qt.Key.Key_End, shift)
    line = picture.selected
    assert line.startswith(word)
    qtbot.keyClick(picture, Qt.Key.Key_Down, shift)
    assert picture.selected.startswith(line)
    assert picture.selected.count("\n") == 1
    qtbot.keyClick(picture, Qt.Key.Key_A, control)
    assert "Allow twenty-five" in picture.selected
    assert len(picture.selected) > 1000


def test_the_menu_offers_to_copy(picture, qtbot):
    def menu_at(place: QPoint) -> QMenu:
        picture.contextMenuEvent(context_menu_at(picture, place))
        [menu] = [menu for menu in picture.findChildren(QMenu) if menu.isVisible()]
        return menu

    menu = menu_at(QPoint(40, 40))
    copy, everything = menu.actions()
    assert not copy.isEnabled()
    everything.trigger()
    menu.close()
    qtbot.waitUntil(lambda: not picture.findChildren(QMenu))
    menu = menu_at(QPoint(40, 40))
    menu.actions()[0].trigger()
    assert QGuiApplication.clipboard().text() == picture.selected != ""
    menu.close()
    qtbot.waitUntil(lambda: not picture.findChildren(QMenu))


def context_menu_at(widget, place):
    return QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, widget.mapToGlobal(place))


def test_a_selection_stays_when_the_page_is_enlarged(picture, window, qtbot):
    view = window.preview.page_view
    qtbot.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=place_of(picture, "Allow"))
    wide = view.page.width
    qtbot.keyClick(picture, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: view.page.width > wide, timeout=10_000)
    assert picture.selected == "Allow"
    number = view.page.number
    view.turn(-1)
    qtbot.waitUntil(lambda: view.page.number == number - 1, timeout=10_000)
    assert picture.selected == ""


def test_a_page_that_was_turned_to_stays_when_the_passage_is_found_by_other_words(
    picture, read, window, qtbot
):
    view, hit = window.preview.page_view, window.search.current_hit
    view.turn(-1)
    qtbot.waitUntil(lambda: view.page.number == hit.anchor.page - 1, timeout=10_000)
    before = view.page
    read(f"{QUESTION} consent", "pdf")
    assert window.search.current_hit.passage_id == hit.passage_id
    qtbot.waitUntil(lambda: view.page is not before, timeout=10_000)
    assert view.page.number == hit.anchor.page - 1


def test_pages_are_as_large_as_they_were_left(window, open_window, home, qtbot):
    window.preview.page_view.zoom(1.25)
    with qtbot.waitSignal(window.closed, timeout=20_000):
        window.close()
    assert open_window(home).preview.page_view.zoomed == window.preview.page_view.zoomed > 1
