"""Takes pictures of the real window in its main states: python tests/desktop/screenshots.py OUTDIR

Runs the real job on the sample documents, in a home of its own that is removed afterwards.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import findling

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling_desktop.main_window import MainWindow


SAMPLES = Path(findling.__file__).parent / "sample_library"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outdir", type=Path)
    outdir = parser.parse_args().outdir
    outdir.mkdir(parents=True, exist_ok=True)
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

    from PySide6.QtWidgets import QApplication

    from findling.settings import Home
    from findling_desktop.app import build, dress

    application = QApplication([])
    dress(application)
    with tempfile.TemporaryDirectory() as directory:
        os.environ["HOME"] = directory  # pictures show "~" and nothing of this machine
        window = build(Home.at(Path(directory) / "home"))
        window.closed.connect(application.quit)
        window.resize(1280, 800)
        window.show()
        _take_all(window, outdir, Path(directory))
        window.close()
        application.exec()


def _take_all(window: MainWindow, outdir: Path, scratch: Path) -> None:
    def take(name: str) -> None:
        for theme in ("light", "dark"):
            window.theme.choose(theme)
            _wait(lambda: False, 0.3)
            window.grab().save(str(outdir / f"{name}-{theme}.png"))

    def ask(query: str) -> None:
        window.search.box.setText(query)
        _wait(lambda: window.search.count.isVisible() or window.search.message.isVisible(), 10)
        _wait(lambda: False, 1.0)

    workspace = window.workspace
    _wait(lambda: window.pages.currentWidget() is window.first_run)
    take("first-run")
    workspace.index([Path(shutil.copytree(SAMPLES, scratch / "Documents"))])
    _wait(lambda: workspace.busy)
    _wait(lambda: not workspace.busy)
    _wait(lambda: False, 0.5)
    take("done")
    window.index_bar.hide()
    take("tips")
    ask("can I keep unused holidays for next year")
    window.search.box.deselect()
    take("results")
    _take_previews(window, ask, take)
    _take_search(window, ask, take)
    workspace.index([_many(scratch / "archive"), _hostile(scratch / "inbox")])
    _wait(lambda: window.index_bar.file.text().strip() != "" and "passages" in window.index_bar.detail.text())
    _wait(lambda: False, 1.0)
    window.index_bar.pause_button.click()
    take("paused")
    window.index_bar.pause_button.click()
    _wait(lambda: "left" in window.index_bar.detail.text())
    take("indexing")
    _wait(lambda: not workspace.busy, 120)
    _wait(lambda: False, 0.5)
    take("summary")
    window.index_bar.problems_button.click()
    _wait(lambda: window.library.files.rowCount() > 0)
    take("failed")
    window.library.show_state("all")
    take("library")
    window.show_search()
    window.index_bar.hide()
    window.search.choose_mode("keyword")
    ask("xylophone zeppelin")
    take("no-hits")
    window.show_settings()
    _wait(lambda: False, 0.5)
    take("settings")
    _take_map(window, ask, take)
    _take_tuning(window, take)


def _take_previews(window: MainWindow, ask: Callable[[str], None], take: Callable[[str], None]) -> None:
    """Each kind of document, at the hit."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    preview, picture = window.preview, window.preview.page_view.picture
    ask("allow twenty-five minutes, the order matters type:pdf")
    _wait(lambda: preview.page_view.page is not None)
    picture.setFocus()
    QTest.keyClick(picture, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    take("preview-page")
    for name, query in (
        ("markdown", "barley soup type:md"),
        ("table", "bicycle, overnight stay, meals type:docx"),
        ("web-page", "sleeping-bag liner and blankets type:html"),
    ):
        ask(query)
        _wait(preview.formatted.text.isVisible, 10)
        _wait(lambda: False, 0.5)
        take(f"preview-{name}")
    preview.read_as("text")
    take("preview-text")
    preview.read_as("page")


def _take_search(window: MainWindow, ask: Callable[[str], None], take: Callable[[str], None]) -> None:
    """The query language and what can be done with hits."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    page, popup = window.search, window.search.completing.popup

    def type_in(text: str) -> None:
        page.box.clear()
        window.activateWindow()
        page.box.setFocus()
        _wait(page.box.hasFocus, 5)
        QTest.keyClicks(page.box, text)
        _wait(lambda: False, 1.0)

    def answered() -> None:
        _wait(lambda: page.like is not None and page.answered_query == "", 10)
        _wait(lambda: False, 1.0)

    type_in("rope type:")
    QTest.keyClick(page.box, Qt.Key.Key_Down)
    take("completions")
    QTest.keyClick(page.box, Qt.Key.Key_Escape)
    type_in("how heavy may the load on the rop")
    take("completed-word")
    type_in("holidays after:nextweek")
    QTest.keyClick(page.box, Qt.Key.Key_Return)
    _wait(lambda: False, 0.5)
    take("mistake")
    type_in("who pays for broken equipment type:md,pdf -in:deutsch lang:en")
    _wait(lambda: False, 2.0)
    take("chips")
    hits = page.results.hits
    window.menus.answers.trigger()
    _wait(lambda: hits.rowCount() > 0 and hits.grade(hits.hit(0)) == 1, 10)
    page.results.setCurrentIndex(hits.index(1))
    window.menus.does_not.trigger()
    _wait(lambda: hits.grade(hits.hit(1)) == 0, 10)
    take("judged")
    window.menus.more_like.trigger()
    answered()
    take("more-like-this")
    type_in("author:nobody rope")
    take("nothing-under-filters")
    for query in ("haul rope inspection", "can I keep unused holidays for next year"):
        window.workspace.remembering.remember(query, "hybrid", 3)
    window.workspace.remembering.save("Ropes", "haul rope type:pdf", "hybrid", lambda: None)
    page.box.clear()
    page.box.setFocus()
    QTest.keyClick(page.box, Qt.Key.Key_Down)
    _wait(lambda: bool(popup.entries), 5)
    take("asked-before")
    QTest.keyClick(page.box, Qt.Key.Key_Escape)
    ask("can I keep unused holidays for next year")


def _take_map(window: MainWindow, ask: Callable[[str], None], take: Callable[[str], None]) -> None:
    """The library as a picture: with its subjects, by folder, and what was found in it."""
    page = window.map
    window.show_search()
    window.search.box.clear()
    window.show_map()
    _wait(lambda: page.stack.currentIndex() == 1 and not page.work.isVisible(), 120)
    take("map")
    page.switch.button("folder").click()
    page.canvas.select(3)
    page.canvas.zoom_by(2)
    take("map-chosen")
    page.canvas.select(-1)
    page.canvas.fit()
    page.switch.button("subject").click()
    window.search.choose_mode("hybrid")
    ask("how heavy may the load on the rope be")
    take("map-found")
    window.search.box.clear()


def _take_tuning(window: MainWindow, take: Callable[[str], None]) -> None:
    """A run from its plan to its verdict, which takes minutes."""
    page = window.tuning
    window.show_tuning()
    _wait(lambda: page.plan.base.count() > 1)
    page.plan.pairs.setValue(200)
    page.plan.minutes.setValue(1)
    page.plan.review.setChecked(True)
    take("tuning-plan")
    page.plan.start_button.click()
    _wait(lambda: page.work.queries.count() > 5, 300)
    take("tuning-writing")
    _wait(page.review.isVisible, 600)
    take("tuning-review")
    page.review.go_button.click()
    _wait(page.work.loss.isVisible, 600)
    _wait(lambda: page.work.progress.value() > 400, 300)
    take("tuning-learning")
    _wait(page.outcome.isVisible, 900)
    take("tuning-outcome")
    window.show_search()


def _many(folder: Path) -> Path:
    """Texts enough to see an index at work."""
    folder.mkdir(parents=True)
    seasons = ("spring", "summer", "autumn", "winter")
    for number in range(160):
        season = seasons[number % 4]
        lines = [
            f"Report {number}, paragraph {paragraph}: in {season} the hut's stores were counted, "
            f"{number * 7 + paragraph} jars, {paragraph * 3} ropes and {number % 9} lamps were noted."
            for paragraph in range(12)
        ]
        name = f"{1990 + number // 4}-{season}-report-on-the-stores.md"
        (folder / name).write_text(f"# Stores in {season}\n\n" + "\n\n".join(lines), encoding="utf-8")
    return folder


def _hostile(folder: Path) -> Path:
    """Files that cannot be read, or are not."""
    folder.mkdir(parents=True)
    (folder / "scan-2019.pdf").write_bytes(b"%PDF-1.7\n" + os.urandom(2000))
    (folder / "contract.docx").write_bytes(b"PK\x03\x04" + os.urandom(500))
    (folder / "invoice.pdf").write_text("this is no PDF", encoding="utf-8")
    (folder / "holiday.png").write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(100))
    (folder / "budget.xlsx").write_bytes(b"PK\x03\x04" + os.urandom(100))
    (folder / "empty.txt").touch()
    return folder


def _wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Run Qt's loop until `condition` holds, at most `seconds`."""
    from PySide6.QtCore import QEventLoop, QTimer

    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        loop = QEventLoop()
        QTimer.singleShot(20, loop.quit)
        loop.exec()


if __name__ == "__main__":
    main()
