"""Pages of PDF files in the preview: drawn at the hit, marked, turned and enlarged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QColor

if TYPE_CHECKING:
    from findling_desktop.preview import PreviewPane

QUESTION = "broken strands of the haul rope"


@pytest.fixture
def pane(window, search, qtbot) -> PreviewPane:
    """The preview with the page of a hit in a PDF file."""
    window.search.choose_mode("keyword")
    search(QUESTION)
    results = window.search.results
    kinds = [results.hits.hit(row).kind for row in range(results.hits.rowCount())]
    results.setCurrentIndex(results.hits.index(kinds.index("pdf")))
    qtbot.waitUntil(lambda: window.preview.page_view.page is not None, timeout=20_000)
    return window.preview


def test_a_hit_in_a_pdf_file_is_shown_on_its_page(pane, window):
    page = pane.page_view.page
    hit = window.search.current_hit
    assert page.number == hit.anchor.page
    assert f"Page {page.number} of {page.pages}" == pane.page_view.place.text()
    assert pane.page_view.picture.isVisible()
    assert not pane.text.isVisible()
    assert page.passage
    assert page.words
    for left, top, right, bottom in (*page.passage, *page.words):
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
    left, top, right, bottom = page.words[0]
    shown = pane.page_view.picture.grab().toImage()
    margin = (shown.width() - page.width) // 2
    corner = QColor(shown.pixel(margin + round(left * page.width), margin + round(top * page.height)))
    assert corner.blue() < corner.red()  # the yellow ground of a word


def test_pages_are_turned_and_enlarged(pane, qtbot):
    view = pane.page_view
    first, pages = view.page.number, view.page.pages
    assert view.before.isEnabled() == (first > 1)
    assert view.after.isEnabled() == (first < pages)
    view.turn(1 if first < pages else -1)
    qtbot.waitUntil(lambda: pages == 1 or view.page.number != first, timeout=10_000)
    wide = view.page.width
    view.larger.click()
    qtbot.waitUntil(lambda: view.page.width > 1.2 * wide, timeout=10_000)
    view.smaller.click()
    qtbot.waitUntil(lambda: abs(view.page.width - wide) <= 1, timeout=10_000)


def test_the_text_is_a_click_away_and_stays_chosen(pane, open_window, home, qtbot, window):
    pane.reading.button("text").click()
    assert pane.text.isVisible()
    assert not pane.page_view.isVisible()
    with qtbot.waitSignal(window.closed, timeout=20_000):
        window.close()
    assert open_window(home).preview.reads_as == "text"


def test_a_page_that_cannot_be_drawn_leaves_the_text(pane, window, qtbot, tmp_path, monkeypatch):
    hit = window.search.current_hit
    asked = window.workspace.page
    torn = tmp_path / "torn.pdf"
    torn.write_text("this is no PDF any more")
    monkeypatch.setattr(window.workspace, "page", lambda _, *others: asked(str(torn), *others))
    window.preview.show_hit(hit, QUESTION)
    qtbot.waitUntil(window.preview.page_problem.isVisible, timeout=10_000)
    assert "not a PDF file" in window.preview.page_problem.text()
    assert window.preview.text.isVisible()


def test_a_plain_text_is_its_text_alone(search, window, qtbot):
    search("violet heliograph behind the third beehive")
    qtbot.waitUntil(window.preview.text.isVisible, timeout=10_000)
    assert not window.preview.reading.isVisible()
