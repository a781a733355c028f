"""Reading a hit."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMessageBox

from findling_desktop.preview.excerpt import STEP_CHARACTERS


@pytest.fixture
def read(window, search, qtbot):
    """Searches and waits until the best hit's text is there."""

    def ask(query: str):
        search(query)
        pane = window.preview
        qtbot.waitUntil(lambda: pane.text.passage != "", timeout=5_000)
        return pane

    return ask


def test_the_passage_is_marked_and_in_view(read, window):
    pane = read("magnetic inspection of the haul rope")
    assert pane.title.text() == "Minutes of the board, 12 February 2024"
    assert pane.path.text().endswith("board-2024-02-12.md")
    assert (pane.kind.text(), pane.anchor.text()) == ("MD", "§ 3. Haul rope")
    assert "magnetic inspection of 24 January" in pane.text.passage
    assert "rope" in pane.text.marked_words
    top = pane.text.top_of(pane.text.toPlainText().index("Reto reported on the magnetic"))
    shown = top - pane.text.verticalScrollBar().value()
    assert 0 <= shown < pane.text.viewport().height()
    assert window.grab().toImage().pixelColor(0, 0).isValid()


def test_a_large_document_opens_around_the_hit(read, qtbot, needle):
    pane = read("violet heliograph behind the third beehive")
    text = pane.text.toPlainText()
    assert needle in pane.text.passage
    assert len(text) < 2 * STEP_CHARACTERS + 4_000
    assert pane.more_above.isVisible()
    assert pane.more_below.isVisible()

    def shown_at() -> float:
        bar = pane.text.verticalScrollBar().value()
        return pane.text.top_of(pane.text.toPlainText().index(needle)) - bar

    before = shown_at()
    pane.more_above.click()
    assert len(pane.text.toPlainText()) > len(text) + STEP_CHARACTERS - 2_000
    assert shown_at() == pytest.approx(before, abs=2)
    while not pane.more_below.isHidden():
        pane.more_below.click()
    while not pane.more_above.isHidden():
        pane.more_above.click()
    assert len(pane.text.toPlainText()) > 100_000
    assert shown_at() == pytest.approx(before, abs=2)


def test_a_new_query_on_the_same_hit_marks_anew(read, search, qtbot):
    pane = read("barley soup")
    assert "barley" in {word.lower() for word in pane.text.marked_words}
    search("how do I cook the barley for dinner")
    assert pane.title.text()


def test_nothing_found_empties_the_pane(read, window, search):
    pane = read("rope")
    window.search.choose_mode("keyword")
    search("xylophone")
    assert "Choose a result" in pane.message.words
    assert not window.findChildren(QMessageBox)
