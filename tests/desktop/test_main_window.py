"""The window as a person meets it: from the first run to a copied path, closing, and coming back."""

from __future__ import annotations

import re
import time
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget

from findling.jobs import JobState
from findling.settings import Settings
from findling_desktop import workspace
from findling_desktop.dialogs import Dialog
from findling_desktop.library.rules_dialog import RulesDialog


def test_from_first_run_to_a_copied_path(open_window, fresh_home, documents, qtbot):
    window = open_window(fresh_home)
    assert window.pages.currentWidget() is window.first_run
    window.first_run.add_button.click()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.isVisible()
    with qtbot.waitSignal(window.workspace.job_ended, timeout=240_000) as ended:
        dialog.fileSelected.emit(str(documents))
        dialog.close()
        qtbot.waitUntil(lambda: window.pages.currentWidget() is window.search, timeout=20_000)
        assert window.index_bar.isVisible()
        window.search.box.setText("magnetic inspection")  # search works while it indexes
    assert ended.args[0].state is JobState.DONE
    assert "1 failed, 1 skipped" in window.index_bar.detail.text()
    qtbot.waitUntil(lambda: window.search.current_hit is not None, timeout=10_000)
    assert window.search.current_hit.title == "Minutes of the board, 12 February 2024"
    qtbot.waitUntil(lambda: "magnetic inspection" in window.preview.text.passage)
    window.preview.copy_button.click()
    assert window._shell.copied == [str(documents / "board-2024-02-12.md")]
    assert "Path copied" in window.statusBar().currentMessage()
    told = re.compile(r" on (CPU|CUDA), (fp32|int8|bf16)$")
    qtbot.waitUntil(lambda: bool(told.search(window.model_label.text())))
    qtbot.waitUntil(lambda: "Questions: " in window.model_label.toolTip())
    assert window.model_label.toolTip().startswith(f"Indexing: {window.workspace.status.indexed_on}\n")
    if "CPU" in window.model_label.text():
        assert "CUDA: " in window.model_label.toolTip()  # why not
    qtbot.waitUntil(lambda: window.content_label.text().startswith("8 files"))


def test_a_dropped_folder_is_indexed_and_closing_resumes_next_time(
    open_window, fresh_home, stores_reports, qtbot
):
    window = open_window(fresh_home)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(stores_reports))])
    window.dropEvent(
        QDropEvent(
            QPointF(9, 9),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    qtbot.waitUntil(lambda: "60 files" in window.index_bar.detail.text(), timeout=20_000)
    with qtbot.waitSignal(window.closed, timeout=20_000):
        began = time.monotonic()
        window.close()
        assert time.monotonic() - began < 0.5
        assert not window.isVisible()
    again = open_window(fresh_home)
    assert again.pages.currentWidget() is again.search
    qtbot.waitUntil(lambda: again.workspace.status.files["indexed"] == 60, timeout=240_000)
    qtbot.waitUntil(lambda: not again.workspace.status.unfinished, timeout=10_000)


def test_every_control_of_every_view_and_dialog_has_a_name(window, search, qtbot):
    search("rope")
    for show in (window.show_tuning, window.show_models, window.show_settings, window.show_map):
        show()
    window.show_library()
    for button in (window.library.rules_button, window.library.index_button, window.library.why_button):
        button.click()
    window.library_actions.make()
    window.settings.ask_to_remove()
    for action in window.menus.help.actions():
        action.trigger()
    rules = window.findChild(RulesDialog)
    qtbot.waitUntil(rules.apply_button.isEnabled, timeout=5_000)
    assert len(window.findChildren(Dialog)) == 8
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.metaObject().className() not in ("QScrollBar", "QSplitterHandle")
        and not isinstance(widget, QLabel)
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert nameless == []
    for dialog in window.findChildren(Dialog):
        dialog.close()


def test_tab_goes_through_the_page_in_reading_order(window, search, qtbot):
    search("rope")
    window.activateWindow()
    page = window.search
    window.preview.read_as("text")
    qtbot.waitUntil(window.preview.text.isVisible)
    page.box.setFocus()
    qtbot.waitUntil(page.box.hasFocus)
    met = []
    for _ in range(11):
        window.focusNextChild()
        met.append(window.focusWidget())
    preview = window.preview
    assert met == [
        page.switch.button("hybrid"),
        page.library_button,
        page.order,
        page.results,
        preview.open_button,
        preview.reveal_button,
        preview.copy_button,
        preview.more_button,
        preview.reading.button("page"),
        preview.text,
        page.box,
    ]


def test_a_file_that_is_gone_is_told(window, search, tmp_path):
    search("rope")
    from dataclasses import replace

    hits = window.search.results.hits
    hits._hits = [replace(hits.hit(0), path=str(tmp_path / "gone.md"))]
    window.open_hit()
    assert "is not there any more" in window.statusBar().currentMessage()
    assert window._shell.opened == window._shell.opened_at == []


def test_a_hit_is_opened_at_its_place_or_else_at_its_beginning(window, search, qtbot):
    from findling.errors import SettingsError

    search("rope supplier complaint")
    shell, hits = window._shell, window.search.results.hits
    row = next(row for row in range(hits.rowCount()) if hits.hit(row).kind == "pdf")
    window.search.results.setCurrentIndex(hits.index(row))
    hit = window.search.current_hit
    window.preview.open_button.click()
    qtbot.waitUntil(lambda: shell.opened_at == [(Path(hit.path), hit.anchor)], timeout=5_000)
    assert hit.anchor.page is not None
    assert shell.opened == []
    shell.knows_places = False
    window.preview.open_button.click()
    qtbot.waitUntil(lambda: shell.opened == [Path(hit.path)], timeout=5_000)

    def fail(*_):
        raise SettingsError("{pages} means nothing.", "Known: {page}.")

    shell.open_at = fail
    window.preview.open_button.click()
    qtbot.waitUntil(lambda: "{pages} means nothing. Known" in window.statusBar().currentMessage())


def test_window_remembers_its_place_library_and_theme(open_window, home, qtbot):
    window = open_window(home)
    window.resize(760, 640)
    window.search.splitter.setSizes([340, 419])
    width = window.search.splitter.sizes()[0]
    window.search.choose_mode("semantic")
    window.menus.themes.actions()[2].trigger()
    assert window.theme.choice == "dark"
    qtbot.waitUntil(lambda: Settings.load(home).theme == "dark")
    with qtbot.waitSignal(window.closed):
        window.close()
    again = open_window(home)
    assert again.size().toTuple() == (760, 640)
    assert again.search.splitter.sizes()[0] == width
    assert again.search.mode == "semantic"
    assert again.theme.choice == "dark"
    assert again.workspace.name == "default"
    again.theme.choose("system")


def test_broken_settings_are_told_and_stop_nothing(open_window, home):
    home.config.mkdir(parents=True, exist_ok=True)
    home.settings_file.write_text('{"colour": 1}')
    window = open_window(home)
    assert window.pages.currentWidget() is window.search
    assert "Unknown setting 'colour'" in window.statusBar().currentMessage()


def test_a_damaged_library_is_told_with_a_way_on(open_window, fresh_home):
    directory = fresh_home.libraries / "default"
    directory.mkdir(parents=True)
    (directory / "library.json").write_text("{")
    window = open_window(fresh_home)
    assert window.pages.currentWidget() is window.notice
    assert "cannot be read" in window.notice.words


def test_help_is_not_modal_to_the_event_loop(window):
    for action in window.menus.help.actions():
        action.trigger()
    dialogs = [each for each in window.findChildren(Dialog) if each.isVisible()]
    assert [each.windowTitle() for each in dialogs] == ["Guide", "Keyboard shortcuts", "About Findling"]
    guide, _, about = dialogs
    assert "findling-desktop --quick" in guide.text.toPlainText()
    about.parts_button.click()
    [listed] = about.findChildren(Dialog)
    assert "lancedb" in listed.text.toPlainText()
    assert guide.focusWidget() is guide.text
    for dialog in (listed, *dialogs):
        dialog.close()


def test_freed_memory_is_given_back_while_the_window_is_there(open_window, home, monkeypatch, qtbot):
    given = []
    monkeypatch.setattr(workspace, "_TIDY_MILLISECONDS", 20)
    monkeypatch.setattr(workspace, "give_back_memory", lambda: given.append("memory"))
    open_window(home)
    qtbot.waitUntil(lambda: len(given) > 2, timeout=5_000)
