"""What a hit says of itself, its places, more like it, and what the person says of it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit, QMessageBox

from findling.settings import Settings
from findling_desktop.reasons import why
from findling_desktop.search.model import GRADE_ROLE, PLACES_ROLE

KEY = Qt.Key


def _row_with_places(hits):
    return next(row for row in range(hits.rowCount()) if hits.index(row).data(PLACES_ROLE))


def test_a_hit_says_why_it_is_there(window, search):
    search("magnetic inspection of the haul rope")
    told = why(window.search.current_hit)
    assert told.startswith("Words: best of all passages (")
    assert "magnetic" in told
    assert "Meaning: best of all passages." in told
    assert told in window.preview.why.text()
    hit = window.search.current_hit
    named = replace(hit.explanation, name=("rope",), reranker=0.5)
    assert "In the file's name: rope." in why(replace(hit, explanation=named))
    assert "A second look: 0.50." in why(replace(hit, explanation=named))
    assert why(replace(hit, explanation=None)) == ""


def test_another_place_of_a_document_is_shown_in_the_preview(window, search, qtbot):
    page = window.search
    search("rope")
    hits = page.results.hits
    row = _row_with_places(hits)
    page.results.setCurrentIndex(hits.index(row))
    best = page.current_hit
    other = best.others[0]
    qtbot.keyClick(page.results, KEY.Key_Right)
    assert page.current_hit.passage_id == other.passage_id
    assert page.current_hit.anchor == other.anchor
    shown = other.snippet.strip("… ")[:40]
    qtbot.waitUntil(lambda: shown in " ".join(window.preview.text.passage.split()), timeout=5_000)
    qtbot.keyClick(page.results, KEY.Key_Left)
    assert page.current_hit.passage_id == best.passage_id
    page.results.scrollTo(hits.index(row))
    box = page.results.visualRect(hits.index(row))
    height = range(box.bottom() - 30, box.bottom(), 4)
    points = [QPoint(x, y) for y in height for x in range(box.left(), box.right(), 6)]
    place = next(p for p in points if page.results._place_under(p.toPointF()) is not None)
    qtbot.mouseClick(page.results.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.current_hit.passage_id == other.passage_id


def test_documents_that_are_nearly_the_same_are_told(window, search):
    search("rope")
    hits = window.search.results.hits
    hits.show_hits([replace(hits.hit(0), similar=("/a/draft.md", "/a/copy of draft.md"))])
    first = hits.index(0)
    assert "2 more nearly the same" in first.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "/a/copy of draft.md" in first.data(Qt.ItemDataRole.ToolTipRole)
    window.preview.show_hit(hits.hit(0), "rope")
    assert "/a/draft.md" in window.preview.copies.text()


def test_more_like_a_passage_and_back(window, search, type_in, qtbot):
    page = window.search
    type_in("")
    search("rope supplier complaint")
    source = page.current_hit
    window.menus.more_like.trigger()
    qtbot.waitUntil(lambda: page._answer is not None and page._answer.request.like is not None, timeout=5_000)
    assert page.box.text() == ""
    assert source.document_id not in [
        page.results.hits.hit(row).document_id for row in range(page.results.hits.rowCount())
    ]
    qtbot.waitUntil(page.results.hasFocus, timeout=5_000)
    (chip,) = page.chips.shown
    assert chip.label.startswith(f"Like: {source.title}")
    assert not window.menus.answers.isEnabled()  # there is no query to answer
    window.menus.related.trigger()
    qtbot.waitUntil(lambda: page.like.document_id != "", timeout=5_000)
    page.chips.shown[0].click()
    assert not page.chips.shown
    assert page.current_hit is None
    assert page.box.hasFocus()


def test_a_pasted_text_is_searched_for_its_like(window, qtbot, type_in):
    page = window.search
    text = "We cook barley with leeks and carrots for the whole evening. " * 8
    type_in("so")
    QApplication.clipboard().setText(text)
    page.box.paste()
    qtbot.waitUntil(lambda: page.current_hit is not None and page.like is not None, timeout=5_000)
    assert page.like.text.strip() == text.strip()
    assert page.box.text() == ""
    assert "barley" in page.current_hit.path
    assert page.chips.shown[0].label.startswith("Like: “We cook barley")
    qtbot.keyClick(page.box, KEY.Key_Escape)
    assert page.like is None


def test_judgements_are_kept_shown_and_taken_back(window, search, personal, qtbot):
    page, hits = window.search, window.search.results.hits
    search("haul rope")
    window.menus.answers.trigger()
    qtbot.waitUntil(lambda: hits.index(0).data(GRADE_ROLE) == 1, timeout=5_000)
    (said,) = personal.judgements("haul rope")
    assert said.grade == 1
    assert said.document_id == page.current_hit.document_id
    assert window.menus.answers.isChecked()
    assert "answers" in hits.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    search("")
    search("haul rope")
    qtbot.waitUntil(lambda: hits.index(0).data(GRADE_ROLE) == 1, timeout=5_000)  # read again
    window.menus.does_not.trigger()
    qtbot.waitUntil(lambda: hits.index(0).data(GRADE_ROLE) == 0, timeout=5_000)
    assert [judgement.grade for judgement in personal.judgements("haul rope")] == [0]
    window.menus.does_not.trigger()
    qtbot.waitUntil(lambda: hits.index(0).data(GRADE_ROLE) is None, timeout=5_000)
    assert personal.judgements("haul rope") == []
    assert not window.menus.does_not.isChecked()


def test_a_search_is_saved_by_its_key_in_the_box(window, search, type_in, personal, qtbot):
    search("haul rope")
    type_in("")
    qtbot.keyClick(window.search.box, KEY.Key_D, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(QInputDialog)
    assert dialog.isVisible()
    dialog.findChild(QLineEdit).setText("About ropes")
    dialog.accept()
    qtbot.waitUntil(lambda: "Saved as" in window.statusBar().currentMessage(), timeout=5_000)
    assert personal.saved_search("about ropes").query == "haul rope"
    window.menus.search.aboutToShow.emit()
    qtbot.waitUntil(lambda: not window.menus.remove_saved.isEmpty(), timeout=5_000)
    window.menus.remove_saved.actions()[0].trigger()
    qtbot.waitUntil(lambda: personal.saved() == [], timeout=5_000)


def test_what_was_looked_at_or_opened_is_remembered(window, search, personal, home, qtbot):
    page = window.search
    search("haul rope")
    assert personal.history() == []  # not yet
    page._stay.stop()
    page._stay.setInterval(0)
    search("barley soup")
    qtbot.waitUntil(lambda: [entry.query for entry in personal.history()] == ["barley soup"], timeout=5_000)
    page._stay.setInterval(60_000)
    search("visitors with dogs")
    window.open_hit()
    qtbot.waitUntil(lambda: personal.history(1)[0].opened == page.current_hit.path, timeout=5_000)
    assert personal.history(1)[0].query == "visitors with dogs"
    window.menus.keep_history.trigger()
    qtbot.waitUntil(lambda: Settings.load(home).keep_history is False, timeout=5_000)
    page._stay.setInterval(0)
    search("general assembly")
    window.menus.clear_history.trigger()
    box = window.findChild(QMessageBox)
    next(button for button in box.buttons() if "Clear" in button.text()).click()
    qtbot.waitUntil(lambda: "Forgotten: 2 searches" in window.statusBar().currentMessage(), timeout=5_000)
    assert personal.history() == []
