"""The map view: drawn, looked at, searched in, gone stale; and what becomes of a job that draws it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from findling.errors import UserError
from findling.jobs import CancelToken, JobState, Progress, ignore_progress
from findling.library import mapping

if TYPE_CHECKING:
    from findling.settings import Home
    from findling_desktop.map import MapPage


@pytest.fixture
def drawn_home(own_home) -> Home:
    """A library with its map."""
    mapping.draw({"directory": str(directory(own_home))}, ignore_progress, CancelToken())
    return own_home


def directory(home: Home) -> Path:
    return home.libraries / "default"


@pytest.fixture
def page(open_window, drawn_home, qtbot) -> MapPage:
    """The view, with its map."""
    return shown(open_window(drawn_home), qtbot)


def shown(window, qtbot) -> MapPage:
    window.menus.map.trigger()
    assert window.pages.currentWidget() is window.map
    qtbot.waitUntil(lambda: window.map.stack.currentIndex() == 1, timeout=20_000)
    return window.map


def select(page: MapPage, name: str) -> None:
    documents = page._map.documents
    [point] = [row for row, each in enumerate(documents) if Path(each.path).name == name]
    page.canvas.select(point)


def test_documents_are_points_with_a_legend(page):
    assert page.side.count.text() == "6 documents"
    assert len(page.side.legend.entries) == 1
    assert page.side.legend.entries[0].accessibleName().endswith(", 6 documents")
    assert not page.stale.isVisible()
    page.switch.button("kind").click()
    assert [entry.text() for entry in page.side.legend.entries] == ["MD", "PDF", "HTML", "TXT"]
    assert page.side.legend_title.text() == "Kind"
    page.switch.button("folder").click()
    assert len(page.side.legend.entries) == 1


def test_a_press_in_the_legend_lets_a_group_stand_out(page):
    page.switch.button("kind").click()
    page.side.legend.entries[1].click()
    assert page.side.count.text() == "2 of 6 documents stand out"
    page.side.legend.entries[0].click()
    assert page.side.count.text() == "4 of 6 documents stand out"
    page.side.legend.entries[0].click()
    page.side.legend.entries[1].click()
    assert page.side.count.text() == "6 documents"


def test_a_document_is_told_of_opened_and_shown(page, qtbot):
    shell = page.window()._shell
    assert page.side.hint.isVisible()
    select(page, "visitor-policy.html")
    assert not page.side.hint.isVisible()
    assert page.side.title.text() == page.current.title
    assert "visitor-policy.html" in page.side.path.text()
    assert page.side.facts.text().startswith("HTML")
    page.side.open_button.click()
    qtbot.keyClick(page.canvas, Qt.Key.Key_Return)
    page.side.reveal_button.click()
    assert [file.name for file in shell.opened] == ["visitor-policy.html"] * 2
    assert [file.name for file in shell.revealed] == ["visitor-policy.html"]


def test_related_documents_are_searched_for(page, qtbot):
    select(page, "visitor-policy.html")
    title = page.current.title
    page.side.related_button.click()
    search = page.window().search
    assert page.window().pages.currentWidget() is search
    assert search.like.title == title
    qtbot.waitUntil(lambda: search.answer is not None, timeout=20_000)


def test_what_is_searched_for_lights_up(page, qtbot):
    qtbot.keyClicks(page.box, "rope type:pdf")
    qtbot.waitUntil(lambda: "lit" in page.side.count.text(), timeout=20_000)
    assert page.side.count.text() == "2 of 6 documents lit for “rope type:pdf”"
    assert page.window().search.box.text() == "rope type:pdf"
    qtbot.keyClick(page.box, Qt.Key.Key_Return)
    assert Path(page.current.path).name == "rope-supplier-complaint.pdf"
    page.box.clear()
    page.box.textEdited.emit("")
    assert page.side.count.text() == "6 documents"


def test_what_was_found_before_is_lit(open_window, drawn_home, qtbot):
    window = open_window(drawn_home)
    window.search.box.setText("soup")
    qtbot.waitUntil(lambda: window.search.answered_query == "soup", timeout=20_000)
    page = shown(window, qtbot)
    assert page.side.count.text().endswith("lit for “soup”")
    assert page.box.text() == "soup"


def test_a_map_is_drawn_when_there_is_none(open_window, own_home, qtbot):
    window = open_window(own_home)
    page = shown(window, qtbot)
    assert (directory(own_home) / mapping.MAP_FILE).is_file()
    assert page.side.count.text() == "6 documents"
    assert not page.work.isVisible()


def test_drawing_is_followed_stopped_and_told_of(open_window, own_home, a_job, qtbot, monkeypatch):
    jobs = []

    def start(*_):
        jobs.append(a_job())
        return jobs[-1]

    monkeypatch.setattr(mapping, "start_drawing", start)
    window = open_window(own_home)
    page = window.map
    window.menus.map.trigger()
    qtbot.waitUntil(lambda: bool(jobs), timeout=10_000)
    assert "is being drawn" in page.message.words
    jobs[0].progress = Progress("reading", 50, 200, "passages")
    qtbot.waitUntil(lambda: page.progress.value() == 250, timeout=10_000)
    assert page.doing.text() == "Reading what the index holds"
    jobs[0].progress = Progress("laying out")
    qtbot.waitUntil(lambda: page.doing.text() == "Putting like to like", timeout=10_000)
    page.stop_button.click()
    assert jobs[0].state is JobState.CANCELLED
    qtbot.waitUntil(lambda: not page.work.isVisible(), timeout=10_000)
    assert "There is no map yet" in page.message.words
    assert not page.problem.isVisible()
    page.open()
    page.draw()
    qtbot.waitUntil(lambda: len(jobs) == 2, timeout=10_000)
    jobs[1].error = UserError("A map needs more memory.", "Close something.")
    jobs[1].state = JobState.FAILED
    qtbot.waitUntil(page.problem.isVisible, timeout=10_000)
    assert page.problem.text() == "A map needs more memory. Close something."
    assert "There is no map yet" in page.message.words


def test_closing_ends_the_drawing(open_window, own_home, a_job, qtbot, monkeypatch):
    job = a_job()
    monkeypatch.setattr(mapping, "start_drawing", lambda *_: job)
    window = open_window(own_home)
    window.menus.map.trigger()
    qtbot.waitUntil(lambda: window.workspace.map._job is job, timeout=10_000)
    with qtbot.waitSignal(window.closed, timeout=20_000):
        window.close()
    assert job.closed


def test_a_map_that_is_out_of_date_can_be_drawn_again(open_window, drawn_home, qtbot):
    file = directory(drawn_home) / mapping.MAP_FILE
    stored = json.loads(file.read_text())
    stored["documents"][0] = "gone"
    file.write_text(json.dumps(stored))
    page = shown(open_window(drawn_home), qtbot)
    assert page.side.count.text() == "5 documents"
    assert page.stale.isVisible()
    assert page.stale_words.text().endswith("1 new, 1 gone.")
    page.again_button.click()
    qtbot.waitUntil(lambda: page.side.count.text() == "6 documents", timeout=20_000)
    qtbot.waitUntil(lambda: not page.stale.isVisible(), timeout=10_000)


def test_a_library_without_documents_has_nothing_to_draw(open_window, own_home, qtbot, tmp_path):
    from findling.library import Libraries
    from findling.settings import Settings

    (tmp_path / "empty").mkdir()
    Libraries(Settings(own_home)).index("nothing", [tmp_path / "empty"])
    window = open_window(own_home, "nothing")
    window.menus.map.trigger()
    qtbot.waitUntil(lambda: window.map._read, timeout=10_000)
    assert "There is nothing to draw yet" in window.map.message.words
    assert not window.map.draw_button.isEnabled()


def test_escape_goes_back(page, qtbot):
    qtbot.keyClick(page.canvas, Qt.Key.Key_Escape)
    assert page.window().pages.currentWidget() is page.window().search
