"""Markdown, Word and web pages with their headings, lists, tables and code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontInfo, QTextCursor, QTextTable

from findling_desktop.preview import formatted


@pytest.fixture
def home(readable_home):
    return readable_home


@pytest.fixture
def look(read, window, qtbot):
    """Shows a hit as it looks, and waits for it."""

    def at(query: str, kind: str):
        pane = read(query, kind)
        text = pane.formatted.text
        qtbot.waitUntil(lambda: text.isVisible() and text.passage != "", timeout=20_000)
        return pane

    return at


def tables(text) -> list[QTextTable]:
    return [frame for frame in text.document().rootFrame().childFrames() if isinstance(frame, QTextTable)]


def cell(table: QTextTable, row: int, column: int) -> str:
    return table.cellAt(row, column).firstCursorPosition().block().text()


def in_sight(text) -> bool:
    top = text.top_of(text.marks[0][0]) - text.verticalScrollBar().value()
    return 0 <= top < text.viewport().height()


def place_of(text, words: str) -> QPoint:
    cursor = QTextCursor(text.document())
    cursor.setPosition(text.toPlainText().index(words) + 2)
    return text.cursorRect(cursor).center()


def test_markdown_is_formatted_at_the_hit(look):
    pane = look("hygrometer salt chamber magnesium", "md")
    text = pane.formatted.text
    assert pane.reading.button("page").text() == "Formatted"
    assert text.passage.startswith("Calibration\nTake the hygrometer down before the first frost.")
    assert {"salt", "magnesium"} <= set(text.marked_words)
    assert in_sight(text)
    shown = text.toPlainText()
    for mark in ("**", "```", "|--", "](", "title: Instruments"):
        assert mark not in shown
    block = text.document().findBlock(shown.index("Calibration"))
    assert block.blockFormat().headingLevel() == 2
    assert text.document().findBlock(shown.index("75 %")).textList() is not None
    code = text.document().findBlock(shown.index("def smoothed"))
    assert QFontInfo(code.begin().fragment().charFormat().font()).fixedPitch()
    [table] = tables(text)
    assert (table.rows(), table.columns()) == (4, 4)
    assert cell(table, 1, 1) == "third mast, facing south"


def test_a_table_of_a_word_document_is_a_grid(look, window):
    pane = look("bicycle overnight stay", "docx")
    text, hit = pane.formatted.text, window.search.current_hit
    [table] = tables(text)
    assert (cell(table, 0, 0), cell(table, 3, 0), cell(table, 3, 1)) == ("Item", "Bicycle", "€0.15 per km")
    assert "Bicycle" in text.marked_words
    assert in_sight(text)
    row = (hit.snippet.index("Bicycle"), hit.snippet.index("20 km") + 5)
    pane.show_hit(replace(hit, meaning_highlights=(row,)), "bicycle")
    assert text.marked_sentences == ["Bicycle", "€0.15 per km", "no form needed below 20 km"]


def test_a_web_page_is_formatted(look):
    text = look("sleeping-bag liner blankets", "html").formatted.text
    assert (
        text.document().findBlock(text.toPlainText().index("Overnight guests")).blockFormat().headingLevel()
    )
    assert "Blankets" in text.marked_words


def test_the_text_is_a_click_away_and_back(look, qtbot):
    pane = look("hygrometer salt chamber", "md")
    pane.reading.button("text").click()
    assert pane.text.isVisible()
    assert "Calibration" in pane.text.passage
    pane.reading.button("page").click()
    qtbot.waitUntil(pane.formatted.text.isVisible, timeout=10_000)
    assert in_sight(pane.formatted.text)


def test_nothing_that_a_document_names_is_fetched_and_links_lead_outside(look, pictures, window, qtbot):
    text = look("instruments stand on the ridge", "md").formatted.text
    assert "The mast in winter" in text.toPlainText()
    text.grab()
    assert pictures.asked == 0
    followed = window._shell.followed
    assert followed == []
    qtbot.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=place_of(text, "log book"))
    assert followed == ["https://example.org/logbook"]
    assert "Instruments" in text.toPlainText()
    window.activateWindow()
    window.search.box.setFocus()
    text.setFocus()
    qtbot.waitUntil(text.hasFocus)
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    qtbot.keyClick(text, Qt.Key.Key_Return)
    assert followed == ["https://example.org/logbook"] * 2


def test_other_words_mark_anew_where_one_reads(look, window, read, qtbot):
    pane = look("hygrometer salt chamber", "md")
    text = pane.formatted.text
    text.verticalScrollBar().setValue(3)
    read("hygrometer frost membrane", "md")
    qtbot.waitUntil(lambda: "membrane" in text.marked_words, timeout=10_000)
    assert "chamber" not in text.marked_words
    assert text.verticalScrollBar().value() == 3


def test_a_large_document_opens_at_the_hit_and_grows(look, qtbot):
    pane = look("violet heliograph third beehive", "md")
    view, text = pane.formatted, pane.formatted.text
    assert "violet heliograph" in text.passage
    assert in_sight(text)
    length = len(text.toPlainText())
    assert length < 3 * formatted.STEP_CHARACTERS
    assert view.more_above.isVisible()
    assert view.more_below.isVisible()

    def above() -> float:
        return text.top_of(text.marks[0][0]) - text.verticalScrollBar().value()

    before = above()
    view.more_above.click()
    qtbot.waitUntil(lambda: len(text.toPlainText()) > length + 1_000, timeout=10_000)
    assert above() == pytest.approx(before, abs=3)


def test_code_has_colours_and_all_follow_the_theme(look, window):
    pane = look("smoothed readings weighted mean", "md")
    text, place = pane.formatted.text, pane.formatted.text.verticalScrollBar().value()

    def colour_of(word: str) -> str:
        shown = text.toPlainText()
        cursor = QTextCursor(text.document())
        cursor.setPosition(shown.index(word, shown.index("def smoothed")) + 1)
        return cursor.charFormat().foreground().color().name()

    lightness = []
    for choice in ("light", "dark"):
        window.theme.choose(choice)
        lightness.append(text.grab().toImage().pixelColor(text.width() // 2, text.height() - 20).lightness())
        colours = window.theme.colours
        assert colour_of("def") == colours.accent
        assert colour_of("# the") == colours.muted
        assert colour_of("smoothed") not in (colours.accent, colours.muted)
    assert lightness[0] > 200 > 80 > lightness[1]
    assert text.verticalScrollBar().value() == pytest.approx(place, abs=2)
    assert "smoothed" in text.marked_words


def test_a_file_that_has_changed_leaves_its_text(look, window, qtbot, tmp_path, monkeypatch):
    pane = look("hygrometer salt chamber", "md")
    other = tmp_path / "other.md"
    other.write_text("# Something else\n\nis there now.")
    asked = window.workspace.part
    monkeypatch.setattr(
        window.workspace, "part", lambda hit, *others: asked(replace(hit, path=str(other)), *others)
    )
    pane.read_as("page")
    qtbot.waitUntil(pane.page_problem.isVisible, timeout=10_000)
    assert "has changed" in pane.page_problem.text()
    assert pane.text.isVisible()
