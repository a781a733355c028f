"""The tuning view: what will happen, how far it is, what came of it, and the runs of before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QProgressBar,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from findling.adaptation.budget import MINUTES, PAIRS, expected_minutes
from findling.adaptation.report_charts import bars, curve
from findling.errors import Cancelled
from findling_desktop import texts
from findling_desktop.tuning import words
from findling_desktop.tuning.chart import Chart
from findling_desktop.tuning.steps import Steps
from findling_desktop.widgets import Button, ElidedLabel, Toggle, label

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from findling.adaptation.runs import Run
    from findling.jobs import Progress
    from findling_desktop.theme import Theme
    from findling_desktop.tuning_runs import TuningState
    from findling_desktop.workspace import LibraryStatus, Workspace

_STEPS = 1000
#: Of the queries that were written last, so many are shown.
_SHOWN_QUERIES = 40
#: Points of a curve: the means of as many steps as it takes.
_POINTS = 30
_SHOWN_RUNS = 8
_WIDTH = 860


class TuningPage(QWidget):
    """Renders the workspace's tuning runs."""

    back_wanted = Signal()
    #: Path of a report.
    report_wanted = Signal(object)

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("page")
        self._theme = theme
        self._tuning = workspace.tuning
        self._workspace = workspace
        self._judged: Run | None = None
        self._losses: list[tuple[int, float]] = []
        self.back_button = Button(theme, self.tr("Back to search"), "back", "quiet")
        self.generate = Toggle(theme, self.tr("Write questions with the built-in language model"))
        self.pairs = QSpinBox()
        self.minutes = QSpinBox()
        self.estimate = label(role="muted", wrap=True)
        self.start_button = Button(theme, self.tr("Start"), "resume", "primary")
        self.steps = Steps(self.tr("Step"), words.steps())
        self.doing = label(role="heading")
        self.figures = ElidedLabel("muted")
        self.progress = QProgressBar()
        self.queries = QListWidget()
        self.loss = Chart(theme)
        self.pause_button = Button(theme, self.tr("Pause"), "pause")
        self.stop_button = Button(theme, self.tr("Stop"), "clear")
        self.verdict = label(role="title", wrap=True)
        self.meaning = label(role="lead", wrap=True)
        self.reason = label(role="muted", wrap=True)
        self.bars = Chart(theme)
        self.promote_button = Button(theme, self.tr("Use the tuned model"), "check", "primary")
        self.report_button = Button(theme, self.tr("Open the report"), "document")
        self.back_to_base = Button(theme, self.tr("Go back to the former model"), "history")
        self.problem = label(role="danger", wrap=True)
        self.plan_card, self.work_card, self.outcome_card = (_card() for _ in range(3))
        self._history = QVBoxLayout()
        self._history_title = label(self.tr("Earlier runs"), "title")
        self._arrange()
        self._connect()

    # -- arranging ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._arrange_plan()
        self._arrange_work()
        self._arrange_outcome()
        top = QFrame()
        top.setObjectName("header")
        row = QHBoxLayout(top)
        row.setContentsMargins(16, 12, 16, 12)
        row.addWidget(self.back_button)
        row.addStretch(1)
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(label(self.tr("Learn my documents"), "display"))
        column.addWidget(self._explained())
        column.addWidget(self.problem)
        for card in (self.plan_card, self.work_card, self.outcome_card):
            column.addWidget(card)
        column.addSpacing(8)
        column.addWidget(self._history_title)
        self._history.setSpacing(4)
        column.addLayout(self._history)
        column.addStretch(1)
        ground = QWidget()
        ground.setObjectName("page")
        middle = QHBoxLayout(ground)
        middle.setContentsMargins(32, 24, 32, 24)
        middle.addStretch(1)
        middle.addWidget(inner, 100)
        middle.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(ground)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(top)
        page.addWidget(area, 1)
        for hidden in (self.problem, self.work_card, self.outcome_card, self._history_title):
            hidden.hide()

    def _explained(self) -> QLabel:
        return label(
            self.tr(
                "Findling reads your documents, writes questions about them, and trains its search model to "
                "find the right one. Then it compares the tuned model with the present one on documents that "
                "it has not learned from. You decide whether to use it, and can always go back. Nothing "
                "leaves this computer."
            ),
            "lead",
            wrap=True,
        )

    def _arrange_plan(self) -> None:
        for box, most, step, value, name in (
            (self.pairs, 10_000, 100, PAIRS, self.tr("Questions to write")),
            (self.minutes, 600, 5, round(MINUTES), self.tr("Minutes of training")),
        ):
            box.setRange(100 if box is self.pairs else 1, most)
            box.setSingleStep(step)
            box.setValue(value)
            box.setAccessibleName(name)
            box.setMinimumSize(110, 30)
        self.generate.setChecked(True)
        self.generate.setToolTip(
            self.tr("Without it, titles, headings and sentences of the documents are learned from alone.")
        )
        self.start_button.setProperty("size", "large")
        column = QVBoxLayout(self.plan_card)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(self.generate, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.setSpacing(12)
        for text, box in (
            (self.tr("Questions"), self.pairs),
            (self.tr("Minutes of training, at most"), self.minutes),
        ):
            named = label(text)
            named.setBuddy(box)
            row.addWidget(named)
            row.addWidget(box)
            row.addSpacing(16)
        row.addStretch(1)
        column.addLayout(row)
        last = QHBoxLayout()
        last.setSpacing(16)
        last.addWidget(self.start_button)
        last.addWidget(self.estimate, 1)
        column.addLayout(last)

    def _arrange_work(self) -> None:
        self.progress.setTextVisible(False)
        self.progress.setRange(0, _STEPS)
        self.progress.setAccessibleName(self.tr("Progress of the step"))
        self.queries.setAccessibleName(self.tr("Questions written last"))
        self.queries.setMinimumHeight(180)
        self.queries.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self.work_card)
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
        column.addWidget(self.loss)
        column.addWidget(
            label(self.tr("You may search meanwhile, or close Findling: it goes on where it was."), "small")
        )

    def _arrange_outcome(self) -> None:
        column = QVBoxLayout(self.outcome_card)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        for part in (self.verdict, self.meaning, self.bars, self.reason):
            column.addWidget(part)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.promote_button, self.back_to_base, self.report_button):
            row.addWidget(button)
        row.addStretch(1)
        column.addSpacing(4)
        column.addLayout(row)

    def _connect(self) -> None:
        tuning = self._tuning
        self.back_button.clicked.connect(self.back_wanted)
        self.start_button.clicked.connect(self._begin)
        self.pairs.valueChanged.connect(lambda _: self._estimate())
        self.minutes.valueChanged.connect(lambda _: self._estimate())
        self.generate.toggled.connect(self._take_generate)
        self.pause_button.clicked.connect(self._pause)
        self.stop_button.clicked.connect(self._stop)
        self.promote_button.clicked.connect(self._promote)
        self.back_to_base.clicked.connect(lambda: self._judged and tuning.roll_back(self._judged))
        self.report_button.clicked.connect(
            lambda: self._judged and self.report_wanted.emit(self._judged.report)
        )
        tuning.read_anew.connect(self._take_state)
        tuning.advanced.connect(self._take_run)
        tuning.progressed.connect(self._take_progress)
        tuning.ended.connect(self._take_end)
        tuning.failed.connect(self._say_problem)
        self._workspace.status_changed.connect(self._take_status)
        # A promotion, perhaps.
        self._workspace.job_ended.connect(lambda _: self.isVisible() and tuning.read())
        self._estimate()

    # -- what a person wants ------------------------------------------------------------------------

    def open(self) -> None:
        """Read what there is, and be ready for the keyboard."""
        self._tuning.read()
        (self.stop_button if self._tuning.working else self.start_button).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _begin(self) -> None:
        from findling.adaptation.plan import TuningWishes

        generator = None if self.generate.isChecked() else "none"
        self._show_work()
        self._tuning.begin(
            TuningWishes(generator=generator, pairs=self.pairs.value(), minutes=self.minutes.value())
        )

    def _go_on(self, run: Run) -> None:
        self._show_work()
        self._tuning.go_on(run)

    def _pause(self) -> None:
        if self._tuning.paused:
            self._tuning.resume()
        else:
            self._tuning.pause()
        self._show_pause()

    def _stop(self) -> None:
        self._tuning.cancel()
        self.doing.setText(self.tr("Stopping…"))
        self.pause_button.setEnabled(False)
        self.stop_button.setEnabled(False)

    def _promote(self) -> None:
        if self._judged is not None:
            self._show_promotion(coming=True)
            self._tuning.promote(self._judged)

    def _show_promotion(self, *, coming: bool) -> None:
        self.promote_button.setEnabled(not coming)
        self.promote_button.setText(
            self.tr("The library is being read anew…") if coming else self.tr("Use the tuned model")
        )

    # -- what is so ---------------------------------------------------------------------------------

    def _take_generate(self, on: bool) -> None:  # noqa: FBT001 — a slot of `toggled`
        self.pairs.setEnabled(on)
        self._estimate()

    def _estimate(self) -> None:
        pairs = self.pairs.value() if self.generate.isChecked() else 0
        whole = words.minutes(expected_minutes(pairs, self.minutes.value()))
        self.estimate.setText(
            self.tr("This takes {} on a computer with two cores, and some hundred megabytes of disk.").format(
                whole
            )
        )

    def _take_status(self, status: LibraryStatus) -> None:
        self.start_button.setEnabled(status.passages > 0)
        self.start_button.setToolTip(
            "" if status.passages else self.tr("Add a folder first: there is nothing to learn from yet.")
        )

    def _take_state(self, state: TuningState) -> None:
        working = self._tuning.working
        self.plan_card.setVisible(not working)
        self.work_card.setVisible(working)
        judged = next((run for run in state.runs if run.verdict), None)
        if not working:
            self._show_outcome(judged, state)
        self._list_runs(state)

    def _show_work(self) -> None:
        self.problem.hide()
        self.plan_card.hide()
        self.outcome_card.hide()
        self.work_card.show()
        self.steps.show_step(words.WRITE)
        self.doing.setText(self.tr("Preparing…"))
        self.figures.setText("")
        self.progress.setRange(0, 0)
        self.queries.clear()
        self.queries.hide()
        self._losses = []
        self.loss.draw("", "")
        self.pause_button.setEnabled(True)
        self.stop_button.setEnabled(True)
        self._show_pause()

    def _show_pause(self) -> None:
        paused = self._tuning.paused
        self.pause_button.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self.pause_button.show_icon("resume" if paused else "pause")

    def _take_run(self, run: Run) -> None:
        self.plan_card.hide()
        self.outcome_card.hide()
        self.work_card.show()
        self.steps.show_step(words.step_of(run))

    def _take_progress(self, progress: Progress) -> None:
        run = self._tuning.run
        if run is None or self._tuning.stopping:
            return
        self.steps.show_step(words.step_of(run, progress))
        self.doing.setText(self.tr("Paused") if self._tuning.paused else words.doing(run, progress))
        self.figures.setText(words.figures(progress))
        fraction = progress.fraction
        self.progress.setRange(0, 0 if fraction is None else _STEPS)
        self.progress.setValue(round((fraction or 0.0) * _STEPS))
        writing = progress.phase in ("writing", "own words", "rewriting")
        self.queries.setVisible(writing)
        if writing and progress.detail:
            self._show_query(progress.detail)
        if progress.value is not None:
            self._show_loss(progress.done, progress.value)
        self.loss.setVisible(progress.phase == "training" and bool(self._losses))

    def _show_query(self, query: str) -> None:
        first = self.queries.item(0)
        if first is None or first.text() != query:
            self.queries.insertItem(0, query)
            self.queries.takeItem(_SHOWN_QUERIES)

    def _show_loss(self, step: int, loss: float) -> None:
        if self._losses and self._losses[-1][0] == step:
            return
        self._losses.append((step, loss))
        each = -(-len(self._losses) // _POINTS)
        parts = [self._losses[at : at + each] for at in range(0, len(self._losses), each)]
        points = [(float(part[-1][0]), sum(value for _, value in part) / len(part)) for part in parts if part]
        told = self.tr("The loss: it falls while the model learns")
        self.loss.draw(curve(told, points, below=self.tr("steps"), kind="tuned"), told)

    def _take_end(self, error: Exception | None) -> None:
        self.work_card.hide()
        self.plan_card.show()
        if error is None or isinstance(error, Cancelled):
            self.problem.hide()
        else:
            self._say_problem(error)

    def _say_problem(self, error: Exception) -> None:
        message, hint = texts.error_texts(error)
        self.problem.setText(f"{message} {hint}".strip())
        self.problem.show()

    def _show_outcome(self, run: Run | None, state: TuningState) -> None:
        self._judged = run
        self.outcome_card.setVisible(run is not None)
        if run is None:
            return
        used = run.id == state.in_use
        headline, meaning = words.verdict(run)
        self.verdict.setText(self.tr("The tuned model is in use") if used else headline)
        self.meaning.setText(meaning)
        self.reason.setText(run.judgement.get("reason", ""))
        self._show_bars(run)
        self._show_promotion(coming=run.id == state.coming)
        self.promote_button.setVisible(run.id in state.offered)
        self.back_to_base.setVisible(used)
        self.report_button.setVisible(run.id in state.reported)

    def _show_bars(self, run: Run) -> None:
        found = run.judgement.get("metrics", {}).get("ndcg@10", {}).get("arms", {})
        rows = [
            (
                text,
                100 * found[arm]["mean"],
                100 * found[arm]["low"],
                100 * found[arm]["high"],
                "tuned" if "tuned" in arm else "base",
            )
            for arm, text in words.arms().items()
            if arm in found
        ]
        told = self.tr("How well each finds the right document (nDCG@10, of 100)")
        self.bars.draw(bars(told, rows) if rows else "", told)

    def _list_runs(self, state: TuningState) -> None:
        while (item := self._history.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        now = self._tuning.run.id if self._tuning.run is not None else ""
        runs = [run for run in state.runs if run.id != now][:_SHOWN_RUNS]
        self._history_title.setVisible(bool(runs))
        for run in runs:
            self._history.addWidget(self._row(run, state))

    def _row(self, run: Run, state: TuningState) -> QFrame:
        line = QFrame()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        row.addWidget(label(_when(run)))
        done = bool(run.verdict)
        in_use = run.id == state.in_use
        told = words.verdict(run)[0] if done else self.tr("Not finished")
        if in_use:
            told = self.tr("In use")
        row.addWidget(label("  ·  ".join(filter(None, (told, words.gain(run)))), "muted"), 1)
        if not done:
            again = Button(self._theme, self.tr("Continue"), "resume")
            again.setEnabled(not self._tuning.working)
            again.clicked.connect(lambda: self._go_on(run))
            row.addWidget(again)
        elif run.id in state.reported:
            report = Button(self._theme, self.tr("Report"), "document", "quiet")
            report.clicked.connect(lambda: self.report_wanted.emit(run.report))
            row.addWidget(report)
        if not in_use:
            remove = Button(self._theme, self.tr("Delete"), "clear", "quiet")
            remove.setAccessibleDescription(_when(run))
            remove.clicked.connect(lambda: self._tuning.delete(run))
            row.addWidget(remove)
        return line


def _card() -> QFrame:
    made = QFrame()
    made.setObjectName("card")
    return made


def _when(run: Run) -> str:
    """When a run was begun, as the locale writes it."""
    began = QDateTime.fromString(run.id[:15], "yyyyMMdd-HHmmss")
    return QLocale().toString(began, QLocale.FormatType.ShortFormat) or run.id
