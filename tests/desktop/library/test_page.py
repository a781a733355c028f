"""Folders and files of the library."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox


def test_files_with_their_reasons(window, qtbot, documents):
    window.menus.library.trigger()
    page = window.library
    assert window.pages.currentWidget() is page
    qtbot.waitUntil(lambda: page.files.rowCount() == 8)
    assert page.folders.item(0).text() == str(documents)
    assert page.figures.text().startswith("8 files")
    page.show_state("failed")
    assert page.files.rowCount() == 1
    assert page.files.path(0).endswith("torn.pdf")
    assert "not a PDF" in page.files.index(0, 2).data()
    page.show_state("skipped")
    assert "sound" in page.files.index(0, 2).data()
    page.show_state("indexed")
    assert page.files.rowCount() == 6
    assert "passages" in page.files.index(0, 2).data()
    page.filter.setText("SOUP")
    assert page.files.rowCount() == 1
    assert page.shown.text() == "1 file shown"
    assert page.files.headerData(0, Qt.Orientation.Horizontal) == "File"
    assert page.switch.button("failed").text() == "Failed 1"


def test_escape_goes_back(window, qtbot):
    window.show_library()
    qtbot.keyClick(window.library, Qt.Key.Key_Escape)
    assert window.pages.currentWidget() is window.search
    window.search.library_button.click()
    assert window.pages.currentWidget() is window.library
    window.library.back_button.click()
    assert window.pages.currentWidget() is window.search


def test_a_folder_is_left_out(open_window, fresh_home, tmp_path, press, qtbot):
    for name, text in (("letters", "The telescope has arrived."), ("bills", "The rope costs four hundred.")):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(text)
    window = open_window(fresh_home)
    with qtbot.waitSignal(window.workspace.job_ended, timeout=240_000):
        window.workspace.index([tmp_path / "letters", tmp_path / "bills"])
    window.show_library()
    page = window.library
    qtbot.waitUntil(lambda: page.folders.count() == 2 and page.files.rowCount() == 2, timeout=10_000)
    assert not page.remove_button.isEnabled()
    page.folders.setCurrentRow(1)
    page.remove_button.click()
    [box] = window.findChildren(QMessageBox)
    assert "bills" in box.text()
    with qtbot.waitSignal(window.workspace.job_ended, timeout=240_000):
        press(window, "Leave It Out")
    qtbot.waitUntil(lambda: page.folders.count() == 1 and page.files.rowCount() == 1, timeout=10_000)
    assert "letters" in page.folders.item(0).text()
    assert (tmp_path / "bills" / "bills.txt").is_file()
