"""Searching in the window: as one types, with the keyboard, and with no luck."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QSignalSpy

from findling_desktop.search.model import HIT_ROLE, SHARE_ROLE, title_of

KEY = Qt.Key


def _focus(window, qtbot, widget):
    window.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)


def test_typing_finds_and_the_latest_wins(window, qtbot):
    page = window.search
    _focus(window, qtbot, page.box)
    sent = []
    ask = window.workspace.asking.search
    window.workspace.asking.search = lambda request, *rest: (sent.append(request), ask(request, *rest))
    qtbot.keyClicks(page.box, "barley soup")
    qtbot.waitUntil(lambda: page.answered_query == "barley soup", timeout=10_000)
    assert [request.query for request in sent] == ["barley soup"]  # the debounce held the rest back
    assert sent[0].typing
    assert Path(page.current_hit.path).name == "barley-soup-for-24.md"
    page.box.setText("rope")
    page.search_now()
    page.box.setText("visitors with dogs")
    page.search_now()
    shown = QSignalSpy(page.current_hit_changed)
    qtbot.waitUntil(lambda: page.answered_query == "visitors with dogs", timeout=5_000)
    assert shown.count() == 1
    assert Path(page.current_hit.path).name == "visitor-policy.html"


def test_results_say_what_they_are(window, search):
    search("haul rope")
    model = window.search.results.hits
    first = model.index(0)
    hit = first.data(HIT_ROLE)
    assert first.data(Qt.ItemDataRole.DisplayRole) == hit.title
    assert first.data(SHARE_ROLE) == 1.0
    tip = first.data(Qt.ItemDataRole.ToolTipRole)
    assert Path(hit.path).name in tip
    assert tip.startswith("Words: ")
    spoken = first.data(Qt.ItemDataRole.AccessibleTextRole)
    assert hit.snippet in spoken
    assert hit.title in spoken
    assert hit.highlights
    assert "results in" in window.search.count.text()


def test_results_are_drawn_with_marks_in_both_themes(window, search):
    search("haul rope")
    for choice in ("light", "dark"):
        window.theme.choose(choice)
        drawn = QPixmap(window.search.results.viewport().size())
        window.search.results.viewport().render(drawn)
        image = drawn.toImage()
        colours = {
            image.pixelColor(x, y).name()
            for x in range(0, image.width(), 2)
            for y in range(0, image.height(), 2)
        }
        assert window.theme.colours.mark in colours
        assert window.theme.colours.selected in colours
    window.theme.choose("system")


def test_keyboard(window, search, qtbot):
    page, shell = window.search, window._shell
    _focus(window, qtbot, page.box)
    search("rope")
    qtbot.keyClick(page.box, KEY.Key_Down)
    assert page.results.hasFocus()
    assert page.results.currentIndex().row() == 0
    qtbot.keyClick(page.results, KEY.Key_Down)
    second = Path(page.current_hit.path)
    assert page.results.currentIndex().row() == 1
    qtbot.keyClick(page.results, KEY.Key_Return)
    qtbot.waitUntil(lambda: [path for path, _ in shell.opened_at] == [second], timeout=5_000)
    qtbot.keyClick(page.results, KEY.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert shell.revealed == [second]
    window.menus.copy_path.trigger()
    assert shell.copied == [str(second)]
    qtbot.keyClick(page.results, KEY.Key_Up)
    assert page.results.hasFocus()
    qtbot.keyClick(page.results, KEY.Key_Up)
    assert page.box.hasFocus()
    qtbot.keyClick(page.box, KEY.Key_Down)
    qtbot.keyClick(page.results, KEY.Key_X)
    assert page.box.hasFocus()
    assert page.box.text() == "ropex"
    qtbot.keyClick(page.box, KEY.Key_Escape)
    assert page.box.text() == ""
    assert "documents" in page.message.words


def test_enter_in_the_box_leads_to_the_results(window, search, qtbot):
    page = window.search
    _focus(window, qtbot, page.box)
    search("rope")
    qtbot.keyClick(page.box, KEY.Key_Return)
    assert page.results.hasFocus()
    qtbot.keyClick(page.results, KEY.Key_Escape)
    assert page.box.hasFocus()
    assert page.box.selectedText() == "rope"


def test_modes(window, search, qtbot):
    page = window.search
    search("rope")
    answered = []
    take = page._take_answer
    page._take_answer = lambda answer: (answered.append(answer.mode), take(answer))
    for mode in ("keyword", "semantic", "hybrid"):
        page.switch.button(mode).click()
        qtbot.waitUntil(lambda mode=mode: answered[-1:] == [mode], timeout=5_000)
    assert page.current_hit is not None


def test_no_hits_suggest_another_way(window, search, qtbot):
    page = window.search
    page.choose_mode("keyword")
    search("xylophone zeppelin")
    assert page.current_hit is None
    assert "Nothing found for “xylophone zeppelin”" in page.message.words
    page.choose_mode("semantic")
    qtbot.waitUntil(lambda: page.current_hit is not None, timeout=5_000)


def test_tips_tell_how_much_can_be_searched(window):
    assert "Search in 6 documents" in window.search.message.words


def test_an_error_is_shown_inline(window, qtbot):
    from findling.errors import ModelDamaged

    page = window.search
    page._take_error(ModelDamaged("The model is cut off.", "Remove it."))
    assert "The model is cut off.\nRemove it." in page.message.words
    assert page.stack.currentWidget() is page.message


def test_new_content_keeps_the_place(window, search, qtbot):
    page = window.search
    search("rope")
    page.results.setCurrentIndex(page.results.hits.index(2))
    kept = page.current_hit.document_id
    take, taken = page.results.show_hits, []
    page.results.show_hits = lambda *a, **k: (taken.append(k), take(*a, **k))
    window.workspace.refresh()
    qtbot.waitUntil(lambda: bool(taken), timeout=5_000)
    assert taken[0] == {"keep_place": True}
    assert page.current_hit.document_id == kept


@pytest.mark.parametrize("query", ["   ", '"', "a AND (", "*", "…", "x" * 5000])
def test_odd_queries_do_no_harm(window, qtbot, query):
    page = window.search
    page.box.setText(query)
    page.search_now()
    qtbot.waitUntil(lambda: page.answered_query == query.strip(), timeout=10_000)


def test_results_in_another_order(window, search):
    search("rope")
    page = window.search

    def titles() -> list[str]:
        hits = page.results.hits
        return [title_of(hits.hit(row)) for row in range(hits.rowCount())]

    best = titles()
    page.order.setCurrentIndex(page.order.findText("By name"))
    assert titles() == sorted(best, key=str.casefold)
    assert len(titles()) > 2
    page.order.setCurrentIndex(page.order.findText("Newest first"))
    times = [page.results.hits.hit(row).modified_ns for row in range(len(best))]
    assert times == sorted(times, reverse=True)
    assert 0 not in times
    page.order.setCurrentIndex(page.order.findText("Best first"))
    assert titles() == best


def test_who_goes_to_the_end_is_shown_more(open_window, fresh_home, tmp_path, qtbot):
    folder = tmp_path / "letters"
    folder.mkdir()
    for number in range(70):
        (folder / f"letter-{number}.txt").write_text(f"Letter {number} is about rope number {number}.")
    window = open_window(fresh_home)
    with qtbot.waitSignal(window.workspace.job_ended, timeout=240_000):
        window.workspace.index([folder])
    page = window.search
    page.choose_mode("keyword")
    page.box.setText("rope")
    qtbot.waitUntil(lambda: page.results.hits.rowCount() == 50, timeout=10_000)
    first = page.results.hits.hit(0)
    bar = page.results.verticalScrollBar()
    bar.setValue(bar.maximum())
    place = bar.value()
    qtbot.waitUntil(lambda: page.results.hits.rowCount() == 70, timeout=10_000)
    assert page.count.text().startswith("70 results")
    assert page.results.hits.hit(0) == first
    assert bar.value() == place
    bar.setValue(bar.maximum())
    qtbot.wait(200)
    assert page.results.hits.rowCount() == 70


def test_what_is_found_after_nothing_was_is_marked(window, search):
    search("rope")
    results = window.search.results
    hits = [results.hits.hit(row) for row in range(results.hits.rowCount())]
    results.show_hits((), keep_place=False)
    assert results.current_hit is None
    results.show_hits(hits, keep_place=True)
    assert results.current_hit == hits[0]


def test_space_reads_on_in_the_preview(window, search, needle, qtbot):
    search(needle)
    preview, results = window.preview, window.search.results
    preview.read_as("text")
    qtbot.waitUntil(preview.text.isVisible)
    bar = preview.text.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    place = bar.value()
    qtbot.keyClick(results, Qt.Key.Key_Space)
    assert bar.value() > place
    qtbot.keyClick(results, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert bar.value() == place
    assert window.search.box.text() == needle
