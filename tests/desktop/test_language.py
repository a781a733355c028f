"""The window in German: complete, up to date, and only where the person wants it."""

from __future__ import annotations

import shutil
import string
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

import findling_desktop
from findling.settings import Settings
from findling_desktop.language import speak

PACKAGE = Path(findling_desktop.__file__).parent
GERMAN = PACKAGE / "translations" / "findling_de.ts"


@pytest.fixture(autouse=True)
def _english_again(qapp):
    yield
    speak(qapp, "en")
    QLocale.setDefault(QLocale.system())


def messages(file: Path) -> dict[tuple[str, str], ET.Element]:
    """Translations by class and English text."""
    root = ET.parse(file).getroot()
    return {
        (context.findtext("name") or "", message.findtext("source") or ""): message.find("translation")
        for context in root.iter("context")
        for message in context.iter("message")
    }


def test_every_text_of_the_window_is_translated(tmp_path):
    copy = shutil.copy(GERMAN, tmp_path / "findling_de.ts")
    update = Path(sys.executable).with_name("pyside6-lupdate")
    sources = sorted(str(file.relative_to(PACKAGE)) for file in PACKAGE.rglob("*.py"))
    options = ["-silent", "-locations", "none", "-no-obsolete", "-tr-function-alias", "tr+=_tr"]
    subprocess.run([update, *options, *sources, "-ts", copy], cwd=PACKAGE, check=True)
    known, now = messages(GERMAN), messages(Path(copy))
    assert known.keys() == now.keys(), "run make translations"
    assert len(now) > 400
    for (_, source), translation in now.items():
        assert translation.get("type") is None, source
        assert translation.text, source
        assert fields(translation.text) == fields(source), source


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_the_compiled_translation_is_the_one_that_is_read():
    compiled = QTranslator()
    assert compiled.load(str(GERMAN.with_suffix(".qm")))
    for (context, source), translation in messages(GERMAN).items():
        assert compiled.translate(context, source) == translation.text, "run make translations"


def test_the_window_speaks_german_where_that_is_chosen(open_window, home, qtbot):
    Settings(home, keep_up_to_date=False, language="de").save()
    window = open_window(home)
    assert window.menus.tuning.text() == "&Meine Dokumente lernen"
    assert window.search.box.placeholderText().startswith("Durchsuchen Sie")
    window.search.box.setText("barley soup")
    qtbot.waitUntil(lambda: window.search.answered_query == "barley soup", timeout=10_000)
    assert "Treffer in" in window.search.count.text()
    window.show_settings()
    assert window.settings.controls["language"].currentText() == "Deutsch"
    window.show_tuning()
    assert window.tuning.plan.start_button.text().strip() == "Beginnen"
    assert QLocale().toString(12_345) == "12.345"


def test_qts_own_buttons_speak_it_too(qapp):
    speak(qapp, "de")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    speak(qapp, "en")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"


def test_a_language_without_translation_is_english(qapp):
    speak(qapp, "tlh")
    assert QCoreApplication.translate("Menus", "&Quit") == "&Quit"
