"""The window's language: English stands in the code, others are translations of it."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

_ENGLISH = "en"
#: Marks our translators among the application's.
_NAME = "language"


def speak(application: QCoreApplication, choice: str) -> None:
    """Let windows that are made from now on speak a language, "system" or a code; what there is no
    translation for is English. Numbers and dates are written as in that language, too."""
    for before in application.findChildren(QTranslator, _NAME):
        application.removeTranslator(before)
        before.deleteLater()
    system = choice == "system"
    language = QLocale.system().name().partition("_")[0] if system else choice
    QLocale.setDefault(QLocale.system() if system else QLocale(language))
    if language == _ENGLISH:
        return
    own = str(files("findling_desktop") / "translations")
    qts = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, place in (("qtbase", qts), ("findling", own)):
        translator = QTranslator(application)
        translator.setObjectName(_NAME)
        if translator.load(f"{name}_{language}", place):
            application.installTranslator(translator)
