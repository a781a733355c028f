"""A run that goes on: which step it does, how far and how well, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QVBoxLayout

from findling.adaptation.report_charts import curve
from findling_desktop.tuning import words
from findling_desktop.tuning.chart import Chart
from findling_desktop.tuning.steps import Steps
from findling_desktop.widgets import Button, ElidedLabel, ProgressBar, label

if TYPE_CHECKING:
    from findling.adaptation.runs import Run
    from findling.jobs import Progress
    from findling_desktop.theme import Theme

#: Of the queries that were written last, so many are shown.
_SHOWN_QUERIES = 40
#: Points of a curve of losses: the means of as many steps as it takes.
_POINTS = 30


class WorkCard(QFrame):
    """Shows what it is told; its two buttons tell what is wanted."""

    pause_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self.steps = Steps(self.tr("Step"), words.steps())
        self.doing = label(role="heading")
        self.figures = ElidedLabel("muted")
        self.progress = ProgressBar(self.tr("Progress of the step"))
        self.queries = QListWidget()
        self.loss = Chart(theme)
        self.quality = Chart(theme)
        self.pause_button = Button(theme, self.tr("Pause"), "pause")
        self.stop_button = Button(theme, self.tr("Stop"), "clear")
        self._losses: list[tuple[float, float]] = []
        self._qualities: list[tuple[float, float]] = []
        self._arrange()
        self.pause_button.clicked.connect(self.pause_wanted)
        self.stop_button.clicked.connect(self._stop)

    def begin(self) -> None:
        """Show that a run begins, or goes on."""
        self.steps.show_step(words.WRITE)
        self.doing.setText(self.tr("Preparing…"))
        self.figures.setText("")
        self.progress.show_share(None)
        self.queries.clear()
        self._losses, self._qualities = [], []
        for part in (self.queries, self.loss, self.quality):
            part.hide()
        self.pause_button.setEnabled(True)
        self.stop_button.setEnabled(True)
        self.show_pause(paused=False)

    def show_run(self, run: Run) -> None:
        """A job of the run's stage works from now on."""
        self.steps.show_only(words.steps_of(run))
        self.steps.show_step(words.step_of(run))

    def show_pause(self, *, paused: bool) -> None:
        """Offer to resume what is paused."""
        self.pause_button.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self.pause_button.show_icon("resume" if paused else "pause")

    def show_progress(self, run: Run, progress: Progress, *, paused: bool) -> None:
        """How far the job is."""
        self.steps.show_step(words.step_of(run, progress))
        self.doing.setText(self.tr("Paused") if paused else words.doing(run, progress))
        self.figures.setText(words.figures(progress))
        self.progress.show_share(progress.fraction)
        writing = progress.phase in ("writing", "own words", "rewriting")
        self.queries.setVisible(writing)
        if writing and progress.detail:
            self._show_query(progress.detail)
        training = progress.phase == "training"
        if training and progress.value is not None:
            self._show_curves(progress.done, progress.value, progress.quality)
        self.loss.setVisible(training and bool(self._losses))
        self.quality.setVisible(training and bool(self._qualities))

    def _arrange(self) -> None:
        self.queries.setAccessibleName(self.tr("Questions written last"))
        self.queries.setMinimumHeight(180)
        self.queries.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(self.steps)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.doing, 1)
        row.addWidget(self.pause_button)
        row.addWidget(self.stop_button)
        column.addLayout(row)
        column.addWidget(self.progress)
        column.addWidget(self.figures)
        column.addWidget(self.queries)
        charts = QHBoxLayout()
        charts.setSpacing(16)
        charts.addWidget(self.loss, 1)
        charts.addWidget(self.quality, 1)
        column.addLayout(charts)
        column.addWidget(
            label(self.tr("You may search meanwhile, or close Findling: it goes on where it was."), "small")
        )

    def _stop(self) -> None:
        self.doing.setText(self.tr("Stopping…"))
        self.pause_button.setEnabled(False)
        self.stop_button.setEnabled(False)
        self.stop_wanted.emit()

    def _show_query(self, query: str) -> None:
        first = self.queries.item(0)
        if first is None or first.text() != query:
            self.queries.insertItem(0, query)
            self.queries.takeItem(_SHOWN_QUERIES)

    def _show_curves(self, step: int, loss: float, quality: float | None) -> None:
        if self._losses and self._losses[-1][0] == step:
            return
        self._losses.append((step, loss))
        each = -(-len(self._losses) // _POINTS)
        parts = [self._losses[at : at + each] for at in range(0, len(self._losses), each)]
        means = [(part[-1][0], sum(value for _, value in part) / len(part)) for part in parts]
        told = self.tr("The loss: it falls while the model learns")
        self.loss.draw(curve(told, means, below=self.tr("loss, by steps"), kind="tuned"), told)
        # It is told with the steps that follow a measure, and was measured before the first of them.
        if quality is None or (self._qualities and self._qualities[-1][1] == 100 * quality):
            return
        self._qualities.append((step - 1, 100 * quality))
        told = self.tr("How well it finds the answers to held-out questions (nDCG@10, of 100)")
        below = self.tr("held-out questions, by steps")
        self.quality.draw(curve(told, self._qualities, below=below, kind="tuned", digits=1), told)
