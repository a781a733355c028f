"""The tuning view: what will happen, how far it is, what came of it, and the runs of before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from findling.errors import Cancelled
from findling_desktop.pages import ScrolledPage
from findling_desktop.tuning import words
from findling_desktop.tuning.component_card import ComponentCard
from findling_desktop.tuning.history import History
from findling_desktop.tuning.outcome_card import OutcomeCard
from findling_desktop.tuning.plan_card import PlanCard
from findling_desktop.tuning.review_card import ReviewCard
from findling_desktop.tuning.work_card import WorkCard
from findling_desktop.widgets import Problem, label

if TYPE_CHECKING:
    from findling.adaptation.runs import Run
    from findling.jobs import Progress
    from findling_desktop.theme import Theme
    from findling_desktop.tuning_runs import RunPairs, TuningState
    from findling_desktop.workspace import LibraryStatus, Workspace


class TuningPage(ScrolledPage):
    """Renders the workspace's tuning runs: the card of a plan is there, or that of work, or of a review."""

    #: Path of a report.
    report_wanted = Signal(object)

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__(theme)
        self._tuning = workspace.tuning
        self._workspace = workspace
        # The run whose pairs are looked at, and whether they are there.
        self._reviewed: Run | None = None
        self._pairs_read = False
        self.problem = Problem()
        self.component = ComponentCard(theme, workspace.component)
        self.plan = PlanCard(theme)
        self.work = WorkCard(theme)
        self.review = ReviewCard(theme)
        self.outcome = OutcomeCard(theme)
        self.history = History(theme)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        column = self.column
        column.setSpacing(16)
        column.addWidget(label(self.tr("Learn my documents"), "display"))
        told = self.tr(
            "Findling reads your documents, writes questions about them, and trains its search model to "
            "find the right one. Then it compares the tuned model with the present one on documents that "
            "it has not learned from. You decide whether to use it, and can always go back. Nothing "
            "leaves this computer."
        )
        self._explained = label(told, "lead", wrap=True)
        column.addWidget(self._explained)
        column.addWidget(self.problem)
        for card in (self.component, self.plan, self.work, self.review, self.outcome, self.history):
            column.addWidget(card)
        for hidden in (self.component, self.work, self.review, self.outcome):
            hidden.hide()

    def _connect(self) -> None:
        tuning = self._tuning
        self.component.changed.connect(self._show_cards)
        self.plan.wanted.connect(self._begin)
        self.work.pause_wanted.connect(self._pause)
        self.work.stop_wanted.connect(tuning.cancel)
        self.review.pairs.changed.connect(self._change_pairs)
        self.review.done.connect(lambda: self._reviewed and self._go_on(self._reviewed))
        self.outcome.promotion_wanted.connect(tuning.promote)
        self.outcome.maps_wanted.connect(lambda run: tuning.read_maps(run, self.outcome.show_maps))
        for rolling in (self.outcome.rollback_wanted, self.history.rollback_wanted):
            rolling.connect(tuning.roll_back)
        for reporting in (self.outcome.report_wanted, self.history.report_wanted):
            reporting.connect(lambda run: self.report_wanted.emit(run.report))
        self.history.continue_wanted.connect(
            lambda run: (self._look_at if words.waits(run) else self._go_on)(run)
        )
        self.history.delete_wanted.connect(tuning.delete)
        tuning.read_anew.connect(self._take_state)
        tuning.advanced.connect(self._take_run)
        tuning.progressed.connect(self._take_progress)
        tuning.waiting.connect(self._look_at)
        tuning.ended.connect(self._take_end)
        tuning.failed.connect(self.problem.say)
        self._workspace.status_changed.connect(self._take_status)
        # A promotion, perhaps.
        self._workspace.job_ended.connect(lambda _: self.isVisible() and tuning.read())

    # -- what a person wants ------------------------------------------------------------------------

    def open(self) -> None:
        """Read what there is, and be ready for the keyboard."""
        self._workspace.component.read()
        self._tuning.read()
        first = self.component.file_button if self.component.needed else self.plan.start_button
        (self.work.stop_button if self._tuning.working else first).setFocus()

    def _begin(self, wishes: dict[str, Any]) -> None:
        from findling.adaptation.plan import TuningWishes

        self._show_work()
        self._tuning.begin(TuningWishes(**wishes))

    def _go_on(self, run: Run) -> None:
        self._show_work()
        self._tuning.go_on(run)

    def _pause(self) -> None:
        if self._tuning.paused:
            self._tuning.resume()
        else:
            self._tuning.pause()
        self.work.show_pause(paused=self._tuning.paused)

    def _look_at(self, run: Run) -> None:
        """Show the pairs of a run that waits."""
        self._reviewed, self._pairs_read = run, False
        self._tuning.read_pairs(run, self._take_pairs)

    def _change_pairs(self, record: dict[str, Any]) -> None:
        if self._reviewed is not None:
            self._tuning.change_pairs(self._reviewed, record, self._take_pairs)

    # -- what is so ---------------------------------------------------------------------------------

    def _take_status(self, status: LibraryStatus) -> None:
        self.plan.allow(something=status.passages > 0)

    def _take_state(self, state: TuningState) -> None:
        working = self._tuning.working
        self.plan.offer(state.choices)
        if self._reviewed is not None and self._reviewed.id not in {run.id for run in state.runs}:
            self._reviewed = None
        self._show_cards()
        judged = next((run for run in state.runs if run.verdict), None)
        if judged is not None and not working:
            self.outcome.show_run(judged, state)
        self.outcome.setVisible(judged is not None and not working and self._reviewed is None)
        now = self._tuning.run.id if self._tuning.run is not None else ""
        self.history.show_runs([run for run in state.runs if run.id != now], state, working=working)

    def _show_cards(self) -> None:
        working, reviewing = self._tuning.working, self._reviewed is not None
        self.work.setVisible(working)
        self.review.setVisible(reviewing and self._pairs_read and not working)
        idle = not working and not reviewing
        self.component.setVisible(idle and self.component.needed)
        self.plan.setVisible(idle and not self.component.needed)
        self._explained.setVisible(not reviewing or working)

    def _show_work(self) -> None:
        self._reviewed = None
        for hidden in (self.problem, self.plan, self.review, self.outcome):
            hidden.hide()
        self.work.begin()
        self.work.show()

    def _take_run(self, run: Run) -> None:
        self.outcome.hide()
        self._show_cards()
        self.work.show_run(run)

    def _take_progress(self, progress: Progress) -> None:
        run = self._tuning.run
        if run is not None and not self._tuning.stopping:
            self.work.show_progress(run, progress, paused=self._tuning.paused)

    def _take_pairs(self, found: RunPairs) -> None:
        if self._reviewed is None or found.run.id != self._reviewed.id:
            return
        self._pairs_read = True
        self.review.show_pairs(found.pairs, found.titles)
        self.outcome.hide()
        self._show_cards()
        self.review.table.setFocus()

    def _take_end(self, error: Exception | None) -> None:
        self._show_cards()
        if error is None or isinstance(error, Cancelled):
            self.problem.hide()
        else:
            self.problem.say(error)
