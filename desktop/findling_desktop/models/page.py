"""Models by what they are for: those that are here, and those that can be downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QVBoxLayout,
)

from findling.errors import Cancelled
from findling_desktop import texts
from findling_desktop.pages import ScrolledPage
from findling_desktop.widgets import Button, ElidedLabel, Problem, ProgressBar, clear, label, line

if TYPE_CHECKING:
    from findling.jobs import Progress
    from findling.library.keeping_models import KeptModel
    from findling.models.catalogue import CatalogueEntry
    from findling_desktop.model_jobs import ModelJobs, Shelf
    from findling_desktop.theme import Theme


class ModelsPage(ScrolledPage):
    """Renders the workspace's models."""

    def __init__(self, models: ModelJobs, theme: Theme) -> None:
        super().__init__(theme)
        self._models = models
        self._theme = theme
        self._dialog: QFileDialog | None = None
        self.folder_button = Button(theme, self.tr("Add from a folder…"), "folder")
        self.file_button = Button(theme, self.tr("Add a GGUF file…"), "document")
        self.problem = Problem()
        self.doing = label(role="heading")
        self.figures = ElidedLabel("muted")
        self.progress = ProgressBar(self.tr("Progress"))
        self.stop_button = Button(theme, self.tr("Stop"), "clear")
        self.work = QFrame()
        #: By kind: "embedder", "reranker", "generator".
        self.cards: dict[str, QVBoxLayout] = {}
        self._arrange()
        self._connect()

    def open(self) -> None:
        """Look at what there is, and be ready for the keyboard."""
        self._models.read()
        self.folder_button.setFocus()

    # -- arranging ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.strip.addWidget(self.folder_button)
        self.strip.addWidget(self.file_button)
        column = self.column
        column.addWidget(label(self.tr("Models"), "display"))
        told = self.tr(
            "A download connects to the model hub, and it is the only thing here that connects at all. What "
            "was cut off goes on where it stopped."
        )
        column.addWidget(label(told, "lead", wrap=True))
        column.addWidget(self.problem)
        column.addWidget(self._work())
        for kind, title, explained in self._kinds():
            column.addSpacing(8)
            column.addWidget(label(title, "title"))
            column.addWidget(label(explained, "muted"))
            card = QFrame()
            card.setObjectName("card")
            self.cards[kind] = QVBoxLayout(card)
            self.cards[kind].setContentsMargins(24, 12, 24, 12)
            self.cards[kind].setSpacing(4)
            column.addWidget(card)
        self.work.hide()

    def _kinds(self) -> tuple[tuple[str, str, str], ...]:
        """Kinds, their titles, and what they are for."""
        return (
            (
                "embedder",
                self.tr("Search models"),
                self.tr("They find passages by meaning, and can be tuned."),
            ),
            (
                "reranker",
                self.tr("For a second look"),
                self.tr("They put the best results in a better order."),
            ),
            (
                "generator",
                self.tr("Language models"),
                self.tr("They write the questions that tuning learns from."),
            ),
        )

    def _work(self) -> QFrame:
        self.work.setObjectName("card")
        column = QVBoxLayout(self.work)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.addWidget(self.doing, 1)
        row.addWidget(self.stop_button)
        column.addLayout(row)
        column.addWidget(self.progress)
        column.addWidget(self.figures)
        return self.work

    def _connect(self) -> None:
        models = self._models
        self.folder_button.clicked.connect(self._ask_for_folder)
        self.file_button.clicked.connect(self._ask_for_file)
        self.stop_button.clicked.connect(self._stop)
        models.read_anew.connect(self._take_shelf)
        models.begun.connect(self._take_begin)
        models.progressed.connect(self._take_progress)
        models.ended.connect(self._take_end)
        models.failed.connect(self.problem.say)

    # -- what a person wants ------------------------------------------------------------------------

    def _ask_for_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("A model's folder"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._ask(dialog)

    def _ask_for_file(self) -> None:
        dialog = QFileDialog(self, self.tr("A language model"), str(Path.home()), "GGUF (*.gguf)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask(dialog)

    def _ask(self, dialog: QFileDialog) -> None:
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, self.tr("Add"))
        dialog.fileSelected.connect(lambda path: self._models.bring(path, fetched=False))
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        dialog.open()

    def _stop(self) -> None:
        self.stop_button.setEnabled(False)
        self.doing.setText(self.tr("Stopping…"))
        self._models.cancel()

    # -- what is so ---------------------------------------------------------------------------------

    def _take_begin(self, source: str) -> None:
        self.problem.hide()
        self.work.show()
        self.stop_button.setEnabled(True)
        doing = self.tr("Measuring {}") if self._models.measuring else self.tr("Bringing {}")
        self.doing.setText(doing.format(Path(source).name))
        self.figures.setText("")
        self.progress.show_share(None)
        self._models.read()

    def _take_progress(self, progress: Progress) -> None:
        if not self.stop_button.isEnabled():
            return
        self.progress.show_share(progress.fraction)
        parts: list[str] = []
        if progress.total and progress.unit == "bytes":
            parts.append(self.tr("{} of {}").format(texts.size(progress.done), texts.size(progress.total)))
        if progress.per_second and progress.unit == "bytes":
            parts.append(self.tr("{} a second").format(texts.size(round(progress.per_second))))
        if progress.remaining_seconds is not None:
            parts.append(texts.time_left(progress.remaining_seconds))
        self.figures.setText("  ·  ".join(parts) or progress.detail)

    def _take_end(self, error: Exception | None) -> None:
        self.work.hide()
        if error is not None and not isinstance(error, Cancelled):
            self.problem.say(error)

    def _take_shelf(self, shelf: Shelf) -> None:
        for kind, column in self.cards.items():
            clear(column)
            rows = [self._kept(model) for model in shelf.kept if model.kind == kind]
            rows += [self._offered(entry) for entry in shelf.offered if entry.kind == kind]
            for place, row in enumerate(rows):
                if place:
                    column.addWidget(line())
                column.addWidget(row)

    def _kept(self, model: KeptModel) -> QFrame:
        told = [self.tr("built in")] if model.built_in else []
        told += [texts.size(model.size_bytes)] if model.size_bytes else []
        told += [model.licence] if model.licence else []
        if model.libraries:
            told.append(self.tr("used by {}").format(", ".join(model.libraries)))
        elif model.settings:
            told.append(self.tr("chosen in the settings"))
        if model.precision:
            speed = f"{model.passages_per_second:.3g}"
            told.append(self.tr("{}: {} passages a second here").format(model.precision, speed))
        measure = Button(self._theme, self.tr("Measure"), "update", "quiet")
        measure.setToolTip(self.tr("Find out in which precision this computer runs it fastest"))
        measure.setAccessibleDescription(model.name)
        measure.setVisible(model.measurable)
        measure.setEnabled(not self._models.working)
        measure.clicked.connect(lambda: self._models.measure(model.id))
        remove = Button(self._theme, self.tr("Remove"), "clear", "quiet")
        remove.setAccessibleDescription(model.name)
        remove.setVisible(model.removable)
        remove.clicked.connect(lambda: self._models.remove(model.id))
        return _row(model.name, told, measure, remove)

    def _offered(self, entry: CatalogueEntry) -> QFrame:
        told = [entry.licence, self.tr("takes {} of memory").format(texts.size(entry.memory_mebibytes << 20))]
        if entry.gated:
            told.append(self.tr("its licence has to be accepted on the hub"))
        fetch = Button(self._theme, self.tr("Download {}").format(texts.size(entry.size_bytes)), "down")
        fetch.setAccessibleDescription(entry.name)
        fetch.setEnabled(not self._models.working)
        fetch.clicked.connect(lambda: self._models.bring(entry.id, fetched=True))
        return _row(entry.name, told, fetch)


def _row(name: str, told: list[str], *buttons: Button) -> QFrame:
    made = QFrame()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 6, 0, 6)
    row.setSpacing(12)
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addWidget(label(name, "heading"))
    column.addWidget(label("  ·  ".join(told), "muted"))
    row.addLayout(column, 1)
    for button in buttons:
        row.addWidget(button)
    return made
