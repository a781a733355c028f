"""The library's runs, the last one first, with what can be done with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from findling_desktop.tuning import words
from findling_desktop.widgets import Button, clear, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.adaptation.runs import Run
    from findling_desktop.theme import Theme
    from findling_desktop.tuning_runs import TuningState

_SHOWN_RUNS = 8


class History(QWidget):
    """Hidden while there are no runs."""

    #: Run, all four.
    continue_wanted = Signal(object)
    report_wanted = Signal(object)
    rollback_wanted = Signal(object)
    delete_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(label(self.tr("Earlier runs"), "title"))
        column.addLayout(self._rows)
        self.hide()

    def show_runs(self, runs: Sequence[Run], state: TuningState, *, working: bool) -> None:
        """Show these; while a run goes on, none can be begun again."""
        clear(self._rows)
        shown = list(runs[:_SHOWN_RUNS])
        shown += [run for run in runs[_SHOWN_RUNS:] if run.id == state.in_use]
        for place, run in enumerate(shown):
            self._rows.addWidget(self._row(run, state, working=working, first=place == 0))
        self.setVisible(bool(shown))

    def _row(self, run: Run, state: TuningState, *, working: bool, first: bool) -> QFrame:
        line = QFrame()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        row.addWidget(label(when(run)))
        in_use = run.id == state.in_use
        told = self.tr("In use") if in_use else words.standing(run)
        row.addWidget(label("  ·  ".join(filter(None, (told, words.gain(run)))), "muted"), 1)
        if not run.verdict:
            text = self.tr("Look at the questions") if words.waits(run) else self.tr("Continue")
            again = self._button(run, text, "resume", self.continue_wanted, quiet=False)
            again.setEnabled(not working)
            row.addWidget(again)
        if in_use and not first:  # the first is told of at length, with this button
            row.addWidget(
                self._button(run, self.tr("Go back to the former model"), "history", self.rollback_wanted)
            )
        if run.id in state.reported:
            row.addWidget(self._button(run, self.tr("Report"), "document", self.report_wanted))
        if not in_use:
            row.addWidget(self._button(run, self.tr("Delete"), "clear", self.delete_wanted))
        return line

    def _button(
        self, run: Run, text: str, icon: str, wanted: SignalInstance, *, quiet: bool = True
    ) -> Button:
        made = Button(self._theme, text, icon, "quiet" if quiet else "")
        made.setAccessibleDescription(when(run))
        made.clicked.connect(lambda: wanted.emit(run))
        return made


def when(run: Run) -> str:
    """When a run was begun, as the locale writes it."""
    began = QDateTime.fromString(run.id[:15], "yyyyMMdd-HHmmss")
    return QLocale().toString(began, QLocale.FormatType.ShortFormat) or run.id
