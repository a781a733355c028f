"""What tuning needs and is not there yet: what it is, and where to take it from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from findling.errors import Cancelled
from findling_desktop import texts
from findling_desktop.dialogs import Dialog
from findling_desktop.widgets import Button, ElidedLabel, Problem, ProgressBar, label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from findling.jobs import Progress
    from findling_desktop.component_jobs import ComponentJobs, ComponentState
    from findling_desktop.theme import Theme

_WIDTH = 620


class ComponentCard(QFrame):
    """Offers to install the training component where nothing can be tuned without it."""

    #: Whether that is so is known now, or has changed.
    changed = Signal()

    def __init__(self, theme: Theme, component: ComponentJobs) -> None:
        super().__init__()
        self.setObjectName("card")
        #: Nothing can be tuned yet.
        self.needed = False
        self._theme = theme
        self._component = component
        self._dialog: QFileDialog | None = None
        self.title = label(self.tr("Learning needs one more part"), "title", wrap=True)
        self.about = label(role="lead", wrap=True)
        self.about.setText(
            self.tr(
                "What trains the search model is not part of this Findling, because of its size. It is one "
                "file of some 160 megabytes, which takes about 600 on the disk. It is kept with Findling's "
                "own data, and can be brought on a stick to a computer without a network."
            )
        )
        self.state = label(role="muted", wrap=True)
        self.problem = Problem()
        self.file_button = Button(theme, self.tr("From a file…"), "document", "primary")
        self.address_button = Button(theme, self.tr("From an address…"), "down")
        self.progress = ProgressBar(self.tr("Progress of: {}").format(self.title.text()))
        self.figures = ElidedLabel("muted")
        self.stop_button = Button(theme, self.tr("Stop"), "clear")
        self.work = QFrame()
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        row = QHBoxLayout(self.work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        beside = QVBoxLayout()
        beside.setSpacing(6)
        beside.addWidget(self.progress)
        beside.addWidget(self.figures)
        row.addLayout(beside, 1)
        row.addWidget(self.stop_button)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.file_button)
        buttons.addWidget(self.address_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        for part in (self.title, self.about, self.state, self.problem, self.work):
            column.addWidget(part)
        column.addLayout(buttons)
        for hidden in (self.state, self.work):
            hidden.hide()

    def _connect(self) -> None:
        component = self._component
        self.file_button.clicked.connect(self._ask_for_file)
        self.address_button.clicked.connect(self._ask_for_address)
        self.stop_button.clicked.connect(self._stop)
        component.read_anew.connect(self._take_state)
        component.begun.connect(self._take_begin)
        component.progressed.connect(self._take_progress)
        component.ended.connect(self._take_end)
        component.failed.connect(self.problem.say)

    # -- what a person wants ------------------------------------------------------------------------

    def _ask_for_file(self) -> None:
        name = self.tr("Training component")
        dialog = QFileDialog(self, name, str(Path.home()), f"{name} (findling-training-*.zip *.zip)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, self.tr("Install"))
        dialog.fileSelected.connect(self._component.install)
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        dialog.open()

    def _ask_for_address(self) -> None:
        dialog = AddressDialog(self.window(), self._theme)
        dialog.wanted.connect(self._component.install)
        dialog.open()

    def _stop(self) -> None:
        self.stop_button.setEnabled(False)
        self.figures.setText(self.tr("Stopping…"))
        self._component.cancel()

    # -- what is so ---------------------------------------------------------------------------------

    def _take_state(self, state: ComponentState) -> None:
        self.needed = state.needed
        told = []
        status = state.status
        if status and status.why:
            told.append(self.tr("The one that is here does not fit this Findling: {}.").format(status.why))
        if status and status.unfinished_bytes and not self._component.working:
            there = texts.size(status.unfinished_bytes)
            told.append(self.tr("{} are here of an installation that was stopped: it goes on.").format(there))
        self.state.setText(" ".join(told))
        self.state.setVisible(bool(told))
        self.changed.emit()

    def _take_begin(self, _: str) -> None:
        self.problem.hide()
        self.state.hide()
        self.figures.setText("")
        self.progress.show_share(None)
        self.stop_button.setEnabled(True)
        self._show_work(working=True)

    def _take_progress(self, progress: Progress) -> None:
        if not self.stop_button.isEnabled():
            return
        self.progress.show_share(progress.fraction)
        doing = {
            "connecting": self.tr("Connecting"),
            "downloading": self.tr("Downloading"),
            "unpacking": self.tr("Unpacking"),
        }
        parts = [doing[progress.phase]] if progress.phase in doing else []
        if progress.total and progress.unit == "bytes":
            parts.append(self.tr("{} of {}").format(texts.size(progress.done), texts.size(progress.total)))
        if progress.remaining_seconds is not None:
            parts.append(texts.time_left(progress.remaining_seconds))
        self.figures.setText("  ·  ".join(parts))

    def _take_end(self, error: Exception | None) -> None:
        self._show_work(working=False)
        if error is not None and not isinstance(error, Cancelled):
            self.problem.say(error)

    def _show_work(self, *, working: bool) -> None:
        self.work.setVisible(working)
        for button in (self.file_button, self.address_button):
            button.setVisible(not working)


class AddressDialog(Dialog):
    """Asks for the address that the component is fetched from."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        title = QCoreApplication.translate("AddressDialog", "Fetch the training component")
        super().__init__(parent, theme, title, _WIDTH)
        about = self.tr(
            "Findling connects to this address, and to where that leads, only this once. What comes from "
            "there becomes part of the program: take it from where you took Findling."
        )
        self.body.addWidget(label(about, "muted", wrap=True))
        self.address = QLineEdit()
        self.address.setAccessibleName(self.tr("Address"))
        self.address.setPlaceholderText("https://…/findling-training-….zip")
        self.body.addWidget(self.address)
        self.close_button.setText(self.tr("Cancel"))
        self.fetch_button = Button(theme, self.tr("Fetch and install"), "down", "primary")
        self.fetch_button.setDefault(True)
        self.fetch_button.setEnabled(False)
        self.buttons.addWidget(self.fetch_button)
        self.address.textChanged.connect(self._check)
        self.fetch_button.clicked.connect(self._done)

    def _check(self, text: str) -> None:
        parts = urlsplit(text.strip())
        self.fetch_button.setEnabled(parts.scheme in ("http", "https") and bool(parts.netloc))

    def _done(self) -> None:
        self.wanted.emit(self.address.text().strip())
        self.close()
