"""The two small windows of the Help menu."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from findling import __version__
from findling_desktop.icons import logo_pixmap
from findling_desktop.texts import tr as _tr
from findling_desktop.widgets import label


class ShortcutsDialog(QDialog):
    """All that the keyboard can do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
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
                ("Ctrl+M", self.tr("More like this passage; with Shift: related documents")),
                ("Ctrl+J", self.tr("This answers it; with Shift: this does not")),
                ("Ctrl+D", self.tr("Save this search")),
                ("Ctrl+O", self.tr("Add a folder")),
                ("F5", self.tr("Update the index")),
                ("Ctrl+1", self.tr("Search")),
                ("Ctrl+2", self.tr("Library: folders and files")),
                ("Ctrl+3", self.tr("Learn my documents: tune the search to them")),
                ("Ctrl+4", self.tr("Models: which are here, and which can be downloaded")),
                ("Ctrl+,", self.tr("Settings: all that can be changed")),
                ("Ctrl+Q", self.tr("Quit")),
            )
        ):
            shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            key = label(shown, "key")
            grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label(what), row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(16)
        column.addWidget(label(self.tr("Keyboard shortcuts"), "title"))
        column.addLayout(grid)
        column.addLayout(_closing(self))


class AboutDialog(QDialog):
    """Name, version, licence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Findling"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
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
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(16)
        column.addLayout(row)
        column.addLayout(_closing(self))


def _closing(dialog: QDialog) -> QHBoxLayout:
    button = QPushButton(_tr("Close"))
    button.setAccessibleName(_tr("Close"))
    button.setDefault(True)
    button.clicked.connect(dialog.close)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(button)
    return row
