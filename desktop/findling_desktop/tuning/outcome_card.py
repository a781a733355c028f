"""What a run has found out, in words, bars and questions; and what can be done with its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from findling.adaptation.report_charts import bars
from findling_desktop.tuning import words
from findling_desktop.tuning.changes import Changes
from findling_desktop.tuning.chart import Chart
from findling_desktop.widgets import Button, label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findling.adaptation.runs import Run
    from findling_desktop.theme import Theme
    from findling_desktop.tuning.maps import Maps
    from findling_desktop.tuning_runs import TuningState


class OutcomeCard(QFrame):
    """Shows one judged run; its buttons tell what is wanted with it."""

    #: Run, all four; the last one is answered by `show_maps`.
    promotion_wanted = Signal(object)
    rollback_wanted = Signal(object)
    report_wanted = Signal(object)
    maps_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self.verdict = label(role="title", wrap=True)
        self.meaning = label(role="lead", wrap=True)
        self.reason = label(role="muted", wrap=True)
        self.bars = Chart(theme)
        self.changes = Changes()
        #: Made when there are some: it brings numpy, which the window does not wait for.
        self.maps: Maps | None = None
        self._theme = theme
        self.promote_button = Button(theme, self.tr("Use the tuned model"), "check", "primary")
        self.report_button = Button(theme, self.tr("Open the report"), "document")
        self.back_to_base = Button(theme, self.tr("Go back to the former model"), "history")
        self._run: Run | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        for part in (self.verdict, self.meaning, self.bars, self.reason, self.changes):
            column.addWidget(part)
        self._below = QVBoxLayout()
        column.addLayout(self._below)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button, wanted in (
            (self.promote_button, self.promotion_wanted),
            (self.back_to_base, self.rollback_wanted),
            (self.report_button, self.report_wanted),
        ):
            row.addWidget(button)
            button.clicked.connect(lambda _=False, wanted=wanted: wanted.emit(self._run))
        row.addStretch(1)
        column.addSpacing(4)
        column.addLayout(row)
        self.promotion_wanted.connect(lambda _: self.show_promotion(coming=True))

    def show_run(self, run: Run, state: TuningState) -> None:
        """Show this one, judged."""
        if self._run is None or self._run.id != run.id:
            if self.maps is not None:
                self.maps.show_maps(None)
            self.maps_wanted.emit(run)
        self._run = run
        used = run.id == state.in_use
        headline, meaning = words.verdict(run)
        self.verdict.setText(self.tr("The tuned model is in use") if used else headline)
        self.meaning.setText(meaning)
        self.reason.setText(run.judgement.get("reason", ""))
        self._show_bars(run)
        self.changes.show_questions(run.judgement.get("questions", ()))
        self.show_promotion(coming=run.id == state.coming)
        self.promote_button.setVisible(run.id in state.offered)
        self.back_to_base.setVisible(used)
        self.report_button.setVisible(run.id in state.reported)

    def show_maps(self, run: Run, told: Mapping[str, Any] | None) -> None:
        """Show those of a run's report, if it is the one that is shown."""
        if self._run is None or self._run.id != run.id:
            return
        if self.maps is None and told is not None:
            from findling_desktop.tuning.maps import Maps

            self.maps = Maps(self._theme)
            self._below.addWidget(self.maps)
        if self.maps is not None:
            self.maps.show_maps(told)

    def show_promotion(self, *, coming: bool) -> None:
        """Say that the model is about to take over, or offer it."""
        self.promote_button.setEnabled(not coming)
        self.promote_button.setText(
            self.tr("The library is being read anew…") if coming else self.tr("Use the tuned model")
        )

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
