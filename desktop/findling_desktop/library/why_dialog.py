"""Says of a file why it is, or is not, found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from findling_desktop.dialogs import Dialog
from findling_desktop.library.standing import standing
from findling_desktop.widgets import Button, label

if TYPE_CHECKING:
    from findling.library.why import Answer
    from findling_desktop.keeping import Keeping
    from findling_desktop.theme import Theme

_WIDTH = 620


class WhyDialog(Dialog):
    """Says of a file or folder whether it can be found, and if not why."""

    def __init__(self, parent: QWidget, theme: Theme, keeping: Keeping) -> None:
        super().__init__(
            parent, theme, QCoreApplication.translate("WhyDialog", "Why is a file not found?"), _WIDTH
        )
        self._keeping = keeping
        self.path = QLineEdit()
        self.path.setAccessibleName(self.tr("Path of the file"))
        self.path.setPlaceholderText(self.tr("Path of a file or a folder"))
        self.choose_button = Button(theme, self.tr("Choose…"), "folder")
        self.ask_button = Button(theme, self.tr("Look"), "search", "primary")
        self.ask_button.setDefault(True)
        self.answer = label(wrap=True)
        self.answer.setAccessibleName(self.tr("Answer"))
        self.answer.setMinimumHeight(3 * self.fontMetrics().height())
        self.answer.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.path, 1)
        row.addWidget(self.choose_button)
        self.body.addLayout(row)
        self.body.addWidget(self.answer)
        self.buttons.addWidget(self.ask_button)
        self.choose_button.clicked.connect(self._choose)
        self.ask_button.clicked.connect(self.look)
        keeping.failed.connect(self._failed)

    def look(self) -> None:
        """Answer for the path that is written there."""
        text = self.path.text().strip().strip('"')
        if text:
            self.problem.hide()
            self._keeping.why(Path(text), self._take)

    def _take(self, answer: Answer) -> None:
        self.answer.setText(standing(answer))

    def _failed(self, error: Exception) -> None:
        self.answer.setText("")
        self.problem.say(error)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a file"), self.path.text() or str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _chosen(self, path: str) -> None:
        self.path.setText(path)
        self.look()
