"""The query language in the window: mistakes, filters, what is not found, and the two steps of an answer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap

from findling_desktop.reasons import why

KEY = Qt.Key


def test_a_mistake_is_explained_where_it_was_made_and_the_results_stay(window, search, type_in, qtbot):
    page = window.search
    search("rope")
    before = page.current_hit.document_id
    type_in(" after:nextweek")
    qtbot.keyClick(page.box, KEY.Key_Return)
    qtbot.waitUntil(lambda: page.box.mistaken != "", timeout=5_000)
    assert "nextweek" in page.box.mistaken
    assert "nextweek" in page.notice.words
    assert page.results.dimmed
    assert page.current_hit.document_id == before
    assert page.box.hasFocus()
    drawn = QPixmap(page.box.size())
    page.box.render(drawn)
    danger = QColor(window.theme.colours.danger_soft)
    image = drawn.toImage()
    assert any(image.pixelColor(x, image.height() // 2) == danger for x in range(image.width()))
    for _ in " after:nextweek":
        qtbot.keyClick(page.box, KEY.Key_Backspace)
    assert page.box.mistaken == ""
    qtbot.waitUntil(lambda: not page.results.dimmed, timeout=5_000)
    assert page.notice.words == ""


def test_filters_are_chips_that_can_be_removed(window, search, qtbot):
    page = window.search
    search("rope type:pdf -name:board*")
    assert [chip.label for chip in page.chips.shown] == ["type: pdf", "not name: board*"]
    assert {page.results.hits.hit(row).kind for row in range(page.results.hits.rowCount())} == {"pdf"}
    first = page.chips.shown[0]
    assert "type: pdf" in first.accessibleName()
    window.activateWindow()
    page.library_button.setFocus()
    qtbot.waitUntil(page.library_button.hasFocus)
    window.focusNextChild()
    assert window.focusWidget() is first
    qtbot.keyClick(first, KEY.Key_Delete)
    assert page.box.text() == "rope -name:board*"
    qtbot.waitUntil(lambda: len(page.chips.shown) == 1, timeout=5_000)
    page.chips.shown[0].click()
    qtbot.waitUntil(lambda: not page.chips.shown, timeout=5_000)
    assert page.box.text() == "rope"


def test_filters_alone_list_what_they_let_in(window, search):
    page = window.search
    search("type:pdf")
    assert {page.results.hits.hit(row).kind for row in range(page.results.hits.rowCount())} == {"pdf"}
    assert why(page.current_hit) == "All filters hold; what was changed last comes first."
    assert page.asked_words == ""


def test_nothing_under_filters_is_said_with_a_way_out(window, search, qtbot):
    page = window.search
    search("barley soup author:nobody")
    assert page.current_hit is None
    assert "Nothing matches author:nobody." in page.message.words
    assert "Filters: author: nobody" in page.message.words
    button = next(b for b in page.message.findChildren(type(page.library_button)) if "without" in b.text())
    button.click()
    qtbot.waitUntil(lambda: page.current_hit is not None, timeout=5_000)
    assert page.box.text() == "barley soup"
    assert Path(page.current_hit.path).name == "barley-soup-for-24.md"


def test_the_nearest_sentence_is_marked_a_moment_later_in_place(window, search, monkeypatch, qtbot):
    # The logbook says one sentence 1,600 times: nothing else stands out from what is usual in this library.
    monkeypatch.setattr("findling.search.presenting._LEAST_NEARNESS", -1.5)
    page = window.search
    search("a magnetic inspection counted the broken wires of the rope")
    resets = []
    page.results.hits.modelReset.connect(lambda: resets.append(1))
    page.results.setCurrentIndex(page.results.hits.index(1))
    chosen = page.current_hit.document_id

    def marked():
        rows = range(page.results.hits.rowCount())
        return [hit for hit in map(page.results.hits.hit, rows) if hit.meaning_highlights]

    qtbot.waitUntil(lambda: bool(marked()), timeout=10_000)
    assert resets == []
    assert page.current_hit.document_id == chosen
    row = page.results.hits.row_of(marked()[0].document_id)
    page.results.setCurrentIndex(page.results.hits.index(row))
    qtbot.waitUntil(lambda: window.preview.text.marked_sentences != [], timeout=5_000)
    for choice in ("light", "dark"):
        window.theme.choose(choice)
        image = window.preview.text.grab().toImage()
        wanted = QColor(window.theme.colours.meaning)
        columns, rows = range(0, image.width(), 2), range(0, image.height(), 2)
        assert any(image.pixelColor(x, y) == wanted for x in columns for y in rows)
    window.theme.choose("system")


def test_enter_ends_the_query(window, search, type_in, qtbot):
    page = window.search
    search("rope")
    asked = []
    ask = window.workspace.asking.search
    window.workspace.asking.search = lambda request, *rest: (asked.append(request), ask(request, *rest))
    type_in("s")
    qtbot.keyClick(page.box, KEY.Key_Return)
    assert [(request.text, request.typing) for request in asked] == [("ropes", False)]
    qtbot.waitUntil(page.results.hasFocus, timeout=5_000)
    assert page.answered_query == "ropes"
