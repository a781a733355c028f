"""Takes pictures of the real window in its main states: python tests/desktop/screenshots.py OUTDIR [--all]

Runs the real job on the sample documents, in a home of its own that is removed afterwards. With --all every
view is taken again, without what takes minutes, in English and German, at 1280x800, at 1920x1080 and at twice
the scale, each in a folder of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import findling

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from findling_desktop.main_window import MainWindow


SAMPLES = Path(findling.__file__).parent / "sample_library"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--form", nargs=3, metavar=("LANGUAGE", "WIDTH", "HEIGHT"))
    chosen = parser.parse_args()
    outdir: Path = chosen.outdir
    outdir.mkdir(parents=True, exist_ok=True)
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if chosen.form:
        language, width, height = chosen.form
        _open(outdir, language, int(width), int(height), brief=True)
        return
    if not chosen.all:
        _open(outdir, "en", 1280, 800)
        return
    for language in ("en", "de"):
        for width, height, scale in ((1280, 800, 1), (1920, 1080, 1), (1280, 800, 2)):
            own = outdir / f"{language}-{width}x{height}-at-{scale}"
            command = [sys.executable, __file__, str(own), "--form", language, str(width), str(height)]
            subprocess.run(command, env=os.environ | {"QT_SCALE_FACTOR": str(scale)}, check=True)


def _open(outdir: Path, language: str, width: int, height: int, *, brief: bool = False) -> None:
    """Open the window, and take its pictures."""
    from PySide6.QtWidgets import QApplication

    from findling.settings import Home, Settings
    from findling_desktop.app import build, dress

    application = QApplication([])
    dress(application)
    with tempfile.TemporaryDirectory() as directory:
        os.environ["HOME"] = directory  # pictures show "~" and nothing of this machine
        home = Home.at(Path(directory) / "home")
        Settings(home, language=language).save()
        window = build(home)
        window.closed.connect(application.quit)
        window.resize(width, height)
        window.show()
        _take_all(window, outdir, Path(directory), brief=brief)
        window.close()
        application.exec()


def _take_all(window: MainWindow, outdir: Path, scratch: Path, *, brief: bool) -> None:
    def take(name: str, widget: QWidget = window) -> None:
        for theme in ("light", "dark"):
            window.theme.choose(theme)
            _wait(lambda: False, 0.3)
            widget.grab().save(str(outdir / f"{name}-{theme}.png"))

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
    _take_views(window, take)
    _take_map(window, ask, take)
    if brief:
        return
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
    _take_tuning(window, take)


def _take_views(window: MainWindow, take: Callable[..., None]) -> None:
    """The other views, and the dialogs."""
    from findling.errors import JobFailed
    from findling.jobs import Progress
    from findling_desktop.dialogs import Dialog

    def take_dialog(name: str) -> None:
        _wait(lambda: False, 1.5)
        [dialog] = [each for each in window.findChildren(Dialog) if each.isVisible()]
        take(name, dialog)
        dialog.close()
        _wait(lambda: False, 0.2)

    window.show_settings()
    _wait(lambda: False, 1.0)
    take("settings")
    window.settings.ask_to_remove()
    take_dialog("remove-my-data")
    window.show_models()
    _wait(lambda: False, 2.0)
    take("models")
    window.show_tuning()
    _wait(lambda: window.tuning.plan.base.count() > 1, 10)
    take("tuning")
    window.show_library()
    _wait(lambda: window.library.files.rowCount() > 0)
    take("library-view")
    library = window.library
    for name, button in (
        ("rules", library.rules_button),
        ("index", library.index_button),
        ("why", library.why_button),
    ):
        button.click()
        take_dialog(name)
    window.library_actions.make()
    take_dialog("new-library")
    for name, action in zip(("guide", "shortcuts", "about"), window.menus.help.actions(), strict=True):
        action.trigger()
        take_dialog(name)
    window.show_bug(JobFailed(""), Path(os.environ["HOME"]) / "home" / "state" / "logs")
    take_dialog("bug")
    window.jobs_panel.index.take(Progress("indexing", 30, 100, "files", remaining_seconds=70))
    window.show_jobs()
    take("jobs", window.jobs_panel)
    window.jobs_panel.hide()
    window.jobs_panel.index.end()
    window.show_search()


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
    (folder / "song.mp3").write_bytes(b"ID3\x04" + os.urandom(100))
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
