"""Tuning from the window: what a person sees of a run, and what becomes of one that is stopped."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from findling.adaptation import flow
from findling.adaptation.runs import Run, Stage, new_run, runs_of
from findling.errors import JobFailed
from findling.jobs import JobState, Progress
from findling.library import Libraries
from findling.models.card import CARD_FILE
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from findling_desktop.tuning import TuningPage

BASE = "all-minilm-l6-v2"
TUNED = "all-minilm-l6-v2-tuned"
ARMS = ("keyword", "base", "tuned", "base hybrid", "tuned hybrid")


def judgement(verdict: str = "better") -> dict[str, Any]:
    means = {arm: {"mean": 0.4 + place / 20, "low": 0.35, "high": 0.7} for place, arm in enumerate(ARMS)}
    return {
        "verdict": verdict,
        "reason": "+5.0 points over 210 questions.",
        "arms": {arm: {"ndcg@10": each["mean"]} for arm, each in means.items()},
        "metrics": {"ndcg@10": {"arms": means}},
    }


class Play:
    """Stages as `findling.adaptation.flow` takes them, with played jobs; `verdict` is what they come to."""

    def __init__(self, make_job: Any) -> None:
        self.stages: list[Stage] = []
        self.jobs: list[Any] = []
        self.wishes: list[Any] = []
        self.verdict = "better"
        self._make_job = make_job

    def begin(self, libraries: Libraries, library: str, wishes: Any) -> Run:
        self.wishes.append(wishes)
        return new_run(libraries, library, {"promotion": "ask"})

    def next_job(self, _: Libraries, run: Run) -> Any:
        if run.verdict:
            return None
        self.stages.append(run.stage)
        self.jobs.append(self._make_job())
        return self.jobs[-1]

    def after(self, run: Run, _: dict[str, Any]) -> Run:
        following = {Stage.GENERATE: Stage.QUESTIONS, Stage.QUESTIONS: Stage.TRAIN}
        if run.stage in following:
            return run.at(following[run.stage])
        run.report.write_text("<p>A report</p>")
        return run.at(Stage.JUDGED, judgement=judgement(self.verdict), model=TUNED)


@pytest.fixture
def play(monkeypatch, a_job) -> Play:
    played = Play(a_job)
    for name in ("begin", "next_job", "after"):
        monkeypatch.setattr(flow, name, getattr(played, name))
    return played


@pytest.fixture
def own_home(indexed, fresh_home) -> Home:
    """A copy of the indexed library, in which runs may be begun; their model is installed."""
    shutil.copytree(indexed.data / "libraries", fresh_home.data / "libraries")
    fresh_home.models.unlink()
    for name in (BASE, TUNED):
        model = fresh_home.models / name
        model.mkdir(parents=True)
        for each in (indexed.models / BASE).iterdir():
            (model / each.name).symlink_to(each)
    card = json.loads((indexed.models / BASE / CARD_FILE).read_text())
    (model / CARD_FILE).unlink()
    (model / CARD_FILE).write_text(json.dumps({**card, "id": TUNED, "name": "Tuned"}))
    return fresh_home


@pytest.fixture
def page(open_window, own_home, qtbot) -> TuningPage:
    """The view, with the index read."""
    window = open_window(own_home)
    qtbot.waitUntil(lambda: window.workspace.status is not None, timeout=10_000)
    with qtbot.waitSignal(window.workspace.tuning.read_anew, timeout=10_000):
        window.menus.tuning.trigger()
    assert window.pages.currentWidget() is window.tuning
    return window.tuning


def wait_for(qtbot, page: TuningPage, play: Play, stage: Stage) -> Any:
    qtbot.waitUntil(lambda: play.stages[-1:] == [stage], timeout=10_000)
    qtbot.waitUntil(page.work_card.isVisible, timeout=10_000)
    return play.jobs[-1]


def to_the_end(qtbot, page: TuningPage, play: Play) -> None:
    qtbot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    for stage in (Stage.GENERATE, Stage.QUESTIONS, Stage.TRAIN):
        wait_for(qtbot, page, play, stage).end()
    qtbot.waitUntil(lambda: page.outcome_card.isVisible() and page.report_button.isVisible(), timeout=10_000)


def buttons(page: TuningPage, text: str) -> list[QPushButton]:
    return [
        each for each in page.findChildren(QPushButton) if each.text().strip() == text and each.isVisible()
    ]


def test_a_run_goes_from_the_start_to_a_model_that_may_be_used(page, play, qtbot):
    page.pairs.setValue(300)
    page.minutes.setValue(7)
    assert "19 minutes" in page.estimate.text()
    assert not page.outcome_card.isVisible()
    qtbot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    writing = wait_for(qtbot, page, play, Stage.GENERATE)
    assert (play.wishes[0].pairs, play.wishes[0].minutes, play.wishes[0].generator) == (300, 7, None)
    assert not page.plan_card.isVisible()
    for number, query in enumerate(("who feeds the goats", "when is the dome open")):
        writing.progress = Progress("writing", number + 1, 300, "pairs", query, 1.5, 199.0, {"rejected": 4})
        qtbot.waitUntil(
            lambda query=query: bool(page.queries.count()) and page.queries.item(0).text() == query
        )
    assert "2 of 300 pairs" in page.figures.text()
    assert "4 were not good enough" in page.figures.text()
    assert "90 a minute" in page.figures.text()
    assert page.steps.accessibleName() == "Step: 1  Write questions"
    writing.end()
    wait_for(qtbot, page, play, Stage.QUESTIONS).end()
    training = wait_for(qtbot, page, play, Stage.TRAIN)
    for step in range(1, 5):
        training.progress = Progress("training", step, 60, "steps", value=1.0 / step)
        qtbot.waitUntil(lambda step=step: page.progress.value() == round(1000 * step / 60))
    assert page.loss.isVisible()
    assert not page.queries.isVisible()
    training.progress = Progress("judging", 3, 100, "questions", "base")
    qtbot.waitUntil(lambda: page.steps.accessibleName() == "Step: 4  Compare")
    assert not page.loss.isVisible()
    training.end()
    qtbot.waitUntil(page.report_button.isVisible, timeout=10_000)
    assert not page.work_card.isVisible()
    assert page.plan_card.isVisible()
    assert page.verdict.text() == "The tuned model is better"
    assert page.reason.text() == "+5.0 points over 210 questions."
    assert page.promote_button.isVisible()
    assert page.bars.isVisible()
    assert page.bars.heightForWidth(460) > 100
    page.report_button.click()
    [report] = page.window()._shell.opened
    assert report.name == "report.html"


def test_a_model_that_is_promoted_answers_and_can_be_taken_back(page, play, qtbot, own_home):
    to_the_end(qtbot, page, play)
    libraries = Libraries(Settings(own_home))
    jobs = page.window().workspace.jobs
    with qtbot.waitSignal(jobs.ended, timeout=60_000):
        page.promote_button.click()
    qtbot.waitUntil(lambda: page.verdict.text() == "The tuned model is in use", timeout=10_000)
    assert libraries.info("default").active.model == TUNED
    assert [run.stage for run in runs_of(libraries, "default")] == [Stage.PROMOTED]
    assert not page.promote_button.isVisible()
    page.back_to_base.click()
    qtbot.waitUntil(page.promote_button.isVisible, timeout=10_000)
    assert libraries.info("default").active.model == BASE
    assert [run.stage for run in runs_of(libraries, "default")] == [Stage.JUDGED]
    assert not page.back_to_base.isVisible()


@pytest.mark.parametrize(
    ("verdict", "says", "offered"),
    [
        ("probably better", "The tuned model is probably better", True),
        ("keep base", "The present model stays", False),
        ("cannot tell", "Whether the tuned model is better cannot be told", False),
    ],
)
def test_what_is_not_better_is_not_offered(page, play, qtbot, verdict, says, offered):
    play.verdict = verdict
    to_the_end(qtbot, page, play)
    assert page.verdict.text() == says
    assert page.promote_button.isVisible() == offered


def test_a_run_that_was_stopped_goes_on_where_it_was(page, play, qtbot):
    page.generate.setChecked(False)
    assert not page.pairs.isEnabled()
    qtbot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    wait_for(qtbot, page, play, Stage.GENERATE).end()
    assert play.wishes[0].generator == "none"
    asking = wait_for(qtbot, page, play, Stage.QUESTIONS)
    page.pause_button.click()
    assert asking.paused
    assert page.pause_button.text().strip() == "Resume"
    page.pause_button.click()
    assert not asking.paused
    page.stop_button.click()
    assert page.doing.text() == "Stopping…"
    qtbot.waitUntil(lambda: bool(buttons(page, "Continue")), timeout=10_000)
    assert page.plan_card.isVisible()
    assert not page.problem.isVisible()
    buttons(page, "Continue")[0].click()
    qtbot.waitUntil(lambda: len(play.jobs) == 3, timeout=10_000)
    assert play.stages[-1] is Stage.QUESTIONS
    assert len(play.wishes) == 1


def test_a_failure_is_told_and_the_run_can_be_deleted(page, play, qtbot, own_home):
    qtbot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    job = wait_for(qtbot, page, play, Stage.GENERATE)
    job.error = JobFailed("There is no memory for this model.")
    job.state = JobState.FAILED
    qtbot.waitUntil(lambda: page.problem.isVisible() and bool(buttons(page, "Delete")), timeout=10_000)
    assert "There is no memory" in page.problem.text()
    buttons(page, "Delete")[0].click()
    qtbot.waitUntil(lambda: not buttons(page, "Delete"), timeout=10_000)
    assert not runs_of(Libraries(Settings(own_home)), "default")


def test_closing_the_window_ends_the_run_which_is_there_afterwards(open_window, own_home, play, qtbot):
    window = open_window(own_home)
    qtbot.waitUntil(lambda: window.workspace.status is not None, timeout=10_000)
    window.show_tuning()
    qtbot.mouseClick(window.tuning.start_button, Qt.MouseButton.LeftButton)
    job = wait_for(qtbot, window.tuning, play, Stage.GENERATE)
    with qtbot.waitSignal(window.closed, timeout=20_000):
        window.close()
    assert job.closed
    again = open_window(own_home)
    qtbot.waitUntil(lambda: again.workspace.status is not None, timeout=10_000)
    again.show_tuning()
    qtbot.waitUntil(lambda: bool(buttons(again.tuning, "Continue")), timeout=10_000)


def test_the_keyboard_leads_there_and_back(page, qtbot):
    assert page.window().focusWidget() is page.start_button
    assert page.start_button.isEnabled()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.window().pages.currentWidget() is page.window().search
