"""The small windows of the Help menu."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QTextBrowser, QVBoxLayout, QWidget

from findling import __version__
from findling_desktop.dialogs import Dialog
from findling_desktop.icons import logo_pixmap
from findling_desktop.parts import parts
from findling_desktop.widgets import Button, label

if TYPE_CHECKING:
    from findling_desktop.theme import Theme

_GUIDE_SIZE = (760, 640)
_PARTS_SIZE = (620, 480)


class GuideDialog(Dialog):
    """How Findling is used, in the window's language."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent, theme, QCoreApplication.translate("GuideDialog", "Guide"))
        place = files("findling_desktop") / "guide"
        own = place / f"guide_{QLocale().name().partition('_')[0]}.md"
        text = own if own.is_file() else place / "guide_en.md"
        self.text = _reader(self.tr("Guide"))
        self.text.setMarkdown(text.read_text(encoding="utf-8"))
        self.body.addWidget(self.text, 1)
        self.resize(*_GUIDE_SIZE)


class ShortcutsDialog(Dialog):
    """All that the keyboard can do."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent, theme, QCoreApplication.translate("ShortcutsDialog", "Keyboard shortcuts"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        for row, (keys, what) in enumerate(
            (
                ("Ctrl+L", self.tr("Go to the search box")),
                ("Esc", self.tr("Clear the search box; leave the library page")),
                ("Down", self.tr("From the box to the results")),
                (
                    "Ctrl+Space",
                    self.tr("Completions; Down in the empty box: what was asked before"),
                ),
                ("Up", self.tr("At the top of the results: back to the box")),
                ("Return", self.tr("Open the file")),
                ("Ctrl+Return", self.tr("Show the file in its folder")),
                ("Ctrl+Shift+C", self.tr("Copy the file's path")),
                ("Right", self.tr("The document's next passage")),
                ("Space", self.tr("Read on in the document; with Shift: back")),
                ("Ctrl+M", self.tr("More like this passage; with Shift: related documents")),
                ("Ctrl+J", self.tr("This answers it; with Shift: this does not")),
                ("Ctrl+D", self.tr("Save this search")),
                ("Ctrl+O", self.tr("Add a folder")),
                ("F5", self.tr("Update the index")),
                ("Ctrl+1", self.tr("Search")),
                ("Ctrl+2", self.tr("Library: folders and files")),
                ("Ctrl+3", self.tr("Learn my documents: tune the search to them")),
                ("Ctrl+B", self.tr("Work in the background")),
                ("Ctrl+4", self.tr("Models: which are here, and which can be downloaded")),
                ("Ctrl+,", self.tr("Settings: all that can be changed")),
                ("Ctrl+6", self.tr("Map: the library as a picture")),
                ("Ctrl+Q", self.tr("Quit")),
            )
        ):
            shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            key = label(shown, "key")
            grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label(what), row, 1)
        self.body.addLayout(grid)


class AboutDialog(Dialog):
    """Name, version, licence, and what Findling is made of."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent, theme, QCoreApplication.translate("AboutDialog", "About Findling"))
        picture = QLabel()
        picture.setPixmap(logo_pixmap(96, self.devicePixelRatioF()))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(label(self.tr("Findling"), "title"))
        words.addWidget(label(self.tr("Version {}").format(__version__), "muted"))
        words.addSpacing(8)
        words.addWidget(label(self.tr("Searches your own documents by meaning and by words.")))
        words.addWidget(label(self.tr("Nothing leaves this machine.")))
        words.addWidget(label(self.tr("Free software under the Apache License 2.0."), "muted"))
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addWidget(picture)
        row.addLayout(words)
        self.parts_button = Button(theme, self.tr("Made of these parts…"), "", "link")
        self.parts_button.clicked.connect(lambda: PartsDialog(self, theme).open())
        words.addSpacing(8)
        words.addWidget(self.parts_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(row)


class PartsDialog(Dialog):
    """The libraries that Findling is made of, with versions and licences."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent, theme, QCoreApplication.translate("PartsDialog", "Parts of Findling"))
        self.text = _reader(self.tr("Parts, versions and licences"))
        rows = "".join(
            f"<tr><td>{escape(part.name)}&nbsp;&nbsp;</td><td>{escape(part.version)}&nbsp;&nbsp;</td>"
            f"<td>{escape(part.licence)}</td></tr>"
            for part in parts()
        )
        heads = (self.tr("Part"), self.tr("Version"), self.tr("Licence"))
        head = "".join(f"<th align='left'>{each}</th>" for each in heads)
        self.text.setHtml(f"<table cellpadding='3'><tr>{head}</tr>{rows}</table>")
        self.body.addWidget(self.text, 1)
        self.resize(*_PARTS_SIZE)


def _reader(name: str) -> QTextBrowser:
    made = QTextBrowser()
    made.setAccessibleName(name)
    made.setOpenLinks(False)
    made.document().setDocumentMargin(12)
    return made
