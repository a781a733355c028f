"""Asks what a new library is called, and which model it is searched with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from findling_desktop.dialogs import Dialog
from findling_desktop.widgets import Button, Choice, label

if TYPE_CHECKING:
    from findling_desktop.keeping import Keeping
    from findling_desktop.model_jobs import ModelJobs, Shelf
    from findling_desktop.theme import Theme

_WIDTH = 560


class NewLibrary(Dialog):
    """Asks for a name, and for the model that the library is searched with."""

    #: A free name, and the id of an embedder.
    wanted = Signal(str, str)

    def __init__(
        self, parent: QWidget, theme: Theme, keeping: Keeping, models: ModelJobs, usual: str
    ) -> None:
        """`usual` is the model that the settings name."""
        super().__init__(parent, theme, QCoreApplication.translate("NewLibrary", "New library"), _WIDTH)
        self._keeping = keeping
        self._usual = usual
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setPlaceholderText(self.tr("Letters, for example"))
        self.model = Choice(theme)
        self.model.setAccessibleName(self.tr("Search model"))
        self.make_button = Button(theme, self.tr("Make it"), "add", "primary")
        self.make_button.setDefault(True)
        self.make_button.setEnabled(False)
        self.close_button.setText(self.tr("Cancel"))
        about = self.tr("A library has folders and an index of its own. One at a time is shown and searched.")
        self.body.addWidget(label(about, "muted", wrap=True))
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        form.addRow(self.tr("Name"), self.name)
        form.addRow(self.tr("Search model"), self.model)
        self.body.addLayout(form)
        self.buttons.addWidget(self.make_button)
        self.name.textChanged.connect(lambda text: self.make_button.setEnabled(bool(text.strip())))
        self.make_button.clicked.connect(self._check)
        models.read_anew.connect(self._take_models)
        models.read()

    def _take_models(self, shelf: Shelf) -> None:
        names = shelf.names("embedder")
        chosen = self.model.currentData() or self._usual
        self.model.clear()
        for model, name in names.items():
            self.model.addItem(name, model)
        self.model.setCurrentIndex(max(0, self.model.findData(chosen)))

    def _check(self) -> None:
        name = self.name.text().strip()
        self._keeping.check_name(name, lambda: self._done(name), self.problem.say)

    def _done(self, name: str) -> None:
        self.wanted.emit(name, self.model.currentData() or "")
        self.close()
