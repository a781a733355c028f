"""Beside the list of files: which are looked at, why one is not found, and the generations of the index."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from findling.library import LibraryInfo
from findling_desktop.library.index_dialog import IndexDialog
from findling_desktop.library.rules_dialog import RulesDialog
from findling_desktop.library.why_dialog import WhyDialog
from findling_desktop.widgets import Button

if TYPE_CHECKING:
    from pathlib import Path


def test_why_a_file_is_not_found(window, documents, tmp_path, qtbot):
    window.show_library()
    window.library.why_button.click()
    [dialog] = window.findChildren(WhyDialog)

    def ask(path: Path) -> str:
        dialog.answer.setText("")
        dialog.path.setText(str(path))
        dialog.ask_button.click()
        qtbot.waitUntil(lambda: bool(dialog.answer.text()), timeout=5_000)
        return dialog.answer.text().partition("\n")[2]

    (documents / ".hidden.txt").write_text("hidden")
    (tmp_path / "elsewhere.txt").write_text("elsewhere")
    assert ask(documents / "logbook.txt") == "It is indexed, and can be found."
    assert ask(documents / "torn.pdf").startswith("It could not be read: ")
    assert ask(documents / "song.mp3").startswith("It was skipped: ")
    assert "because it is hidden" in ask(documents / ".hidden.txt")
    assert "in no folder of this library" in ask(tmp_path / "elsewhere.txt")
    assert "There is nothing at this path" in ask(documents / "nowhere.txt")
    assert "its files are looked at" in ask(documents)
    (documents / ".hidden.txt").unlink()


def test_rules_are_changed_and_followed(open_window, own_home, qtbot):
    window = open_window(own_home)
    window.show_library()
    window.library.rules_button.click()
    [dialog] = window.findChildren(RulesDialog)
    qtbot.waitUntil(dialog.apply_button.isEnabled, timeout=5_000)
    assert all(toggle.isChecked() for toggle in dialog.families.values())
    dialog.exclude.setPlainText("[z-a]\n")
    dialog.apply_button.click()
    assert dialog.problem.isVisible()
    assert "cannot be read" in dialog.problem.text()
    dialog.exclude.setPlainText("logbook.txt\n\n")
    dialog.families["html"].setChecked(False)
    with qtbot.waitSignal(window.workspace.job_ended, timeout=120_000):
        dialog.apply_button.click()
    rules = LibraryInfo.load(own_home.libraries / "default").rules
    assert rules.exclude == ("logbook.txt",)
    assert rules.families_off == ("html",)
    qtbot.waitUntil(lambda: window.workspace.status.files["indexed"] == 4, timeout=10_000)


def test_failed_files_are_tried_again(open_window, own_home, documents, qtbot):
    window = open_window(own_home)
    window.show_library()
    page = window.library
    assert not page.again_button.isVisible()
    page.show_state("failed")
    with qtbot.waitSignal(window.workspace.job_ended, timeout=120_000) as ended:
        page.again_button.click()
        assert not page.again_button.isEnabled()
    assert ended.args[0].summary["new_or_changed"] == 1
    page.show_state("all")
    assert not page.again_button.isVisible()


def test_the_way_back_to_an_earlier_generation(open_window, own_home, press, qtbot):
    place = own_home.libraries / "default"
    info = LibraryInfo.load(place)
    tables = place / "lance"
    for table in [each for each in tables.iterdir() if "_1" in each.name or each.stem.endswith("1")]:
        shutil.copytree(table, tables / table.name.replace("1", "2"))
    replace(info, retired=(replace(info.active, number=2),)).save(place)
    window = open_window(own_home)
    window.show_library()
    window.library.index_button.click()
    [dialog] = window.findChildren(IndexDialog)
    qtbot.waitUntil(lambda: "in all" in dialog.figures.text(), timeout=5_000)

    def button(text: str) -> Button | None:
        found = [each for each in dialog.findChildren(Button) if each.text().strip() == text]
        return found[-1] if found else None

    qtbot.waitUntil(lambda: button("Go back to it") is not None, timeout=5_000)
    button("Go back to it").click()
    press(dialog, "Go Back")
    qtbot.waitUntil(lambda: LibraryInfo.load(place).active.number == 2, timeout=10_000)
    qtbot.waitUntil(lambda: "1: " in button("Delete").accessibleDescription(), timeout=5_000)
    button("Delete").click()
    press(dialog, "Delete It")
    qtbot.waitUntil(lambda: LibraryInfo.load(place).retired == (), timeout=10_000)
    window.search.box.setText("barley soup")
    qtbot.waitUntil(lambda: window.search.current_hit is not None, timeout=10_000)
