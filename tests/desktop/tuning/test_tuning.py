"""Tuning from the window: what a person sees of a run, and what becomes of one that is stopped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QTableView

from findling.adaptation import flow
from findling.adaptation.plan import TuningPlan
from findling.adaptation.runs import Run, Stage, new_run, runs_of
from findling.errors import JobFailed
from findling.jobs import JobState, Progress
from findling.library import Libraries
from findling.models.card import CARD_FILE
from findling.settings import Home, Settings
from findling.synthesis.pair import Origin, Pair, Positive, Provenance, Verdict
from findling.synthesis.pair_file import PairWriter, read_pairs

if TYPE_CHECKING:
    from pathlib import Path

    from findling_desktop.tuning import TuningPage

BASE = "all-minilm-l6-v2"
TUNED = "all-minilm-l6-v2-tuned"
WRITER = "smollm2-135m"
ARMS = ("keyword", "base", "tuned", "base hybrid", "tuned hybrid")


def judgement(verdict: str = "better") -> dict[str, Any]:
    means = {arm: {"mean": 0.4 + place / 20, "low": 0.35, "high": 0.7} for place, arm in enumerate(ARMS)}
    return {
        "verdict": verdict,
        "reason": "+5.0 points over 210 questions.",
        "arms": {arm: {"ndcg@10": each["mean"]} for arm, each in means.items()},
        "metrics": {"ndcg@10": {"arms": means}},
        "questions": [
            {"query": "who has the keys", "gain": -0.4, "base_rank": 1, "tuned_rank": 3},
            {"query": "when is the soup", "gain": 0.0, "base_rank": 2, "tuned_rank": 2},
            {"query": "what is the rope for", "gain": 0.5, "base_rank": 4, "tuned_rank": 2},
            {"query": "who painted the hut", "gain": 0.8, "base_rank": None, "tuned_rank": 1},
        ],
    }


MAP = {
    "of": "passages",
    "coloured_by": "folder",
    "neighbours": 10,
    "kept": 0.75,
    "groups": [{"name": "minutes", "points": 2}, {"name": "letters", "points": 1}],
    "points": [
        {"title": "Board", "group": 0, "before": [0.0, 0.5], "after": [0.0, 0.4]},
        {"title": "Assembly", "group": 0, "before": [1.0, 0.5], "after": [0.9, 0.6]},
        {"title": "Ropes", "group": 1, "before": [0.5, 0.0], "after": [0.5, 1.0]},
    ],
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
        plan = TuningPlan(library, 0, "", wishes.base, wishes.generator, review=wishes.review)
        return new_run(libraries, library, plan.to_json())

    def next_job(self, _: Libraries, run: Run) -> Any:
        if run.verdict or run.stage is Stage.REVIEW:
            return None
        self.stages.append(run.stage)
        self.jobs.append(self._make_job())
        return self.jobs[-1]

    def after(self, run: Run, _: dict[str, Any]) -> Run:
        following = {Stage.GENERATE: Stage.QUESTIONS, Stage.QUESTIONS: Stage.TRAIN}
        if run.plan["review"]:
            following[Stage.GENERATE] = Stage.REVIEW
        if run.stage in following:
            return run.at(following[run.stage])
        run.report.write_text("<p>A report</p>")
        (run.directory / "report.json").write_text(json.dumps({"version": 1, "map": MAP}))
        return run.at(Stage.JUDGED, judgement=judgement(self.verdict), model=TUNED)


@pytest.fixture
def play(monkeypatch, a_job) -> Play:
    played = Play(a_job)
    for name in ("begin", "next_job", "after"):
        monkeypatch.setattr(flow, name, getattr(played, name))
    return played


@pytest.fixture
def tuned_home(indexed, own_home) -> Home:
    """Runs may be begun there, and their model is installed."""
    own_home.models.unlink()
    for name in (BASE, TUNED):
        model = own_home.models / name
        model.mkdir(parents=True)
        for each in (indexed.models / BASE).iterdir():
            (model / each.name).symlink_to(each)
    card = json.loads((indexed.models / BASE / CARD_FILE).read_text())
    (model / CARD_FILE).unlink()
    (model / CARD_FILE).write_text(json.dumps({**card, "id": TUNED, "name": "Tuned"}))
    return own_home


@pytest.fixture
def page(open_window, tuned_home, qtbot) -> TuningPage:
    """The view, with the index read."""
    window = open_window(tuned_home)
    qtbot.waitUntil(lambda: window.workspace.status is not None, timeout=10_000)
    with qtbot.waitSignal(window.workspace.tuning.read_anew, timeout=10_000):
        window.menus.tuning.trigger()
    assert window.pages.currentWidget() is window.tuning
    return window.tuning


def wait_for(qtbot, page: TuningPage, play: Play, stage: Stage) -> Any:
    qtbot.waitUntil(lambda: play.stages[-1:] == [stage], timeout=10_000)
    qtbot.waitUntil(page.work.isVisible, timeout=10_000)
    return play.jobs[-1]


def to_the_end(qtbot, page: TuningPage, play: Play) -> None:
    qtbot.mouseClick(page.plan.start_button, Qt.MouseButton.LeftButton)
    for stage in (Stage.GENERATE, Stage.QUESTIONS, Stage.TRAIN):
        wait_for(qtbot, page, play, stage).end()
    qtbot.waitUntil(
        lambda: page.outcome.isVisible() and page.outcome.report_button.isVisible(), timeout=10_000
    )


def buttons(page: TuningPage, text: str) -> list[QPushButton]:
    return [
        each for each in page.findChildren(QPushButton) if each.text().strip() == text and each.isVisible()
    ]


def shown(table: QTableView) -> list[list[str]]:
    """The texts of a table."""
    model = table.model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_a_run_goes_from_the_start_to_a_model_that_may_be_used(page, play, qtbot):
    page.plan.pairs.setValue(300)
    page.plan.minutes.setValue(7)
    assert "19 minutes" in page.plan.estimate.text()
    assert not page.outcome.isVisible()
    qtbot.mouseClick(page.plan.start_button, Qt.MouseButton.LeftButton)
    writing = wait_for(qtbot, page, play, Stage.GENERATE)
    assert (play.wishes[0].pairs, play.wishes[0].minutes, play.wishes[0].generator) == (300, 7, WRITER)
    assert not page.plan.isVisible()
    for number, query in enumerate(("who feeds the goats", "when is the dome open")):
        writing.progress = Progress("writing", number + 1, 300, "pairs", query, 1.5, 199.0, {"rejected": 4})
        qtbot.waitUntil(
            lambda query=query: bool(page.work.queries.count()) and page.work.queries.item(0).text() == query
        )
    assert "2 of 300 pairs" in page.work.figures.text()
    assert "4 were not good enough" in page.work.figures.text()
    assert "90 a minute" in page.work.figures.text()
    assert page.work.steps.accessibleName() == "Step: 1  Write questions"
    writing.end()
    wait_for(qtbot, page, play, Stage.QUESTIONS).end()
    training = wait_for(qtbot, page, play, Stage.TRAIN)
    for step in range(1, 5):
        quality = (0.4, 0.4, 0.5, 0.5)[step - 1]
        training.progress = Progress("training", step, 60, "steps", value=1.0 / step, quality=quality)
        qtbot.waitUntil(lambda step=step: page.work.progress.value() == round(1000 * step / 60))
    assert page.work.loss.isVisible()
    assert page.work.quality.isVisible()
    assert "held-out questions" in page.work.quality.accessibleName()
    assert not page.work.queries.isVisible()
    training.progress = Progress("judging", 3, 100, "questions", "base")
    qtbot.waitUntil(lambda: page.work.steps.accessibleName() == "Step: 4  Compare")
    assert not page.work.loss.isVisible()
    training.end()
    qtbot.waitUntil(page.outcome.report_button.isVisible, timeout=10_000)
    assert not page.work.isVisible()
    assert page.plan.isVisible()
    assert page.outcome.verdict.text() == "The tuned model is better"
    assert page.outcome.reason.text() == "+5.0 points over 210 questions."
    assert page.outcome.promote_button.isVisible()
    assert page.outcome.bars.isVisible()
    assert page.outcome.bars.heightForWidth(460) > 100
    rows = shown(page.outcome.changes.table)
    assert rows == [
        ["who painted the hut", "not found", "result 1"],
        ["what is the rope for", "result 4", "result 2"],
    ]
    page.outcome.changes.switch.button("worse").click()
    assert shown(page.outcome.changes.table) == [["who has the keys", "result 1", "result 3"]]
    qtbot.waitUntil(lambda: page.outcome.maps is not None, timeout=10_000)
    maps = page.outcome.maps
    qtbot.waitUntil(maps.isVisible, timeout=10_000)
    assert "3 passages" in maps.words.text()
    assert "75 %" in maps.words.text()
    assert [entry.accessibleName() for entry in maps.legend.entries] == [
        "minutes, 2 passages",
        "letters, 1 passage",
    ]
    maps.after.select(2)
    assert maps.before.current == 2
    assert maps.chosen.text() == "Ropes  ·  letters"
    page.outcome.report_button.click()
    [report] = page.window()._shell.opened
    assert report.name == "report.html"


def test_a_model_that_is_promoted_answers_and_can_be_taken_back(page, play, qtbot, tuned_home):
    to_the_end(qtbot, page, play)
    libraries = Libraries(Settings(tuned_home))
    jobs = page.window().workspace.jobs
    with qtbot.waitSignal(jobs.ended, timeout=240_000):
        page.outcome.promote_button.click()
    qtbot.waitUntil(lambda: page.outcome.verdict.text() == "The tuned model is in use", timeout=10_000)
    assert libraries.info("default").active.model == TUNED
    assert [run.stage for run in runs_of(libraries, "default")] == [Stage.PROMOTED]
    assert not page.outcome.promote_button.isVisible()
    page.outcome.back_to_base.click()
    qtbot.waitUntil(page.outcome.promote_button.isVisible, timeout=10_000)
    assert libraries.info("default").active.model == BASE
    assert [run.stage for run in runs_of(libraries, "default")] == [Stage.JUDGED]
    assert not page.outcome.back_to_base.isVisible()


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
    assert page.outcome.verdict.text() == says
    assert page.outcome.promote_button.isVisible() == offered


def test_a_run_that_was_stopped_goes_on_where_it_was(page, play, qtbot):
    page.plan.generator.setCurrentIndex(page.plan.generator.findData("none"))
    assert not page.plan.pairs.isEnabled()
    qtbot.mouseClick(page.plan.start_button, Qt.MouseButton.LeftButton)
    wait_for(qtbot, page, play, Stage.GENERATE).end()
    assert play.wishes[0].generator == "none"
    asking = wait_for(qtbot, page, play, Stage.QUESTIONS)
    page.work.pause_button.click()
    assert asking.paused
    assert page.work.pause_button.text().strip() == "Resume"
    page.work.pause_button.click()
    assert not asking.paused
    page.work.stop_button.click()
    assert page.work.doing.text() == "Stopping…"
    qtbot.waitUntil(lambda: bool(buttons(page, "Continue")), timeout=10_000)
    assert page.plan.isVisible()
    assert not page.problem.isVisible()
    buttons(page, "Continue")[0].click()
    qtbot.waitUntil(lambda: len(play.jobs) == 3, timeout=10_000)
    assert play.stages[-1] is Stage.QUESTIONS
    assert len(play.wishes) == 1


def test_a_failure_is_told_and_the_run_can_be_deleted(page, play, qtbot, tuned_home):
    qtbot.mouseClick(page.plan.start_button, Qt.MouseButton.LeftButton)
    job = wait_for(qtbot, page, play, Stage.GENERATE)
    job.error = JobFailed("There is no memory for this model.")
    job.state = JobState.FAILED
    qtbot.waitUntil(lambda: page.problem.isVisible() and bool(buttons(page, "Delete")), timeout=10_000)
    assert "There is no memory" in page.problem.text()
    buttons(page, "Delete")[0].click()
    qtbot.waitUntil(lambda: not buttons(page, "Delete"), timeout=10_000)
    assert not runs_of(Libraries(Settings(tuned_home)), "default")


def test_closing_the_window_ends_the_run_which_is_there_afterwards(open_window, tuned_home, play, qtbot):
    window = open_window(tuned_home)
    qtbot.waitUntil(lambda: window.workspace.status is not None, timeout=10_000)
    window.show_tuning()
    qtbot.mouseClick(window.tuning.plan.start_button, Qt.MouseButton.LeftButton)
    job = wait_for(qtbot, window.tuning, play, Stage.GENERATE)
    with qtbot.waitSignal(window.closed, timeout=20_000):
        window.close()
    assert job.closed
    again = open_window(tuned_home)
    qtbot.waitUntil(lambda: again.workspace.status is not None, timeout=10_000)
    again.show_tuning()
    qtbot.waitUntil(lambda: bool(buttons(again.tuning, "Continue")), timeout=10_000)


def test_the_keyboard_leads_there_and_back(page, qtbot):
    assert page.window().focusWidget() is page.plan.start_button
    assert page.plan.start_button.isEnabled()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.window().pages.currentWidget() is page.window().search


def a_pair(number: int, query: str, kind: str, document: str, reason: str = "") -> Pair:
    passage = Positive(f"p{number}", document, 0, 40, f"The text of passage {number}.")
    origin = Origin.DOCUMENT if kind == "heading" else Origin.GENERATED
    verdict = Verdict("round trip", not reason, reason=reason)
    return Pair(f"id{number}", query, passage, Provenance(origin, kind), "en", (verdict,))


@pytest.fixture
def review(page, play, qtbot, tuned_home) -> tuple[Any, Path]:
    """The questions of a run that waits, and the file that they are kept in."""
    with Libraries(Settings(tuned_home)).open("default") as library:
        [soup] = [file.document_id for file in library.files() if "soup" in file.name]
    page.plan.review.setChecked(True)
    qtbot.mouseClick(page.plan.start_button, Qt.MouseButton.LeftButton)
    job = wait_for(qtbot, page, play, Stage.GENERATE)
    [run] = runs_of(Libraries(Settings(tuned_home)), "default")
    with PairWriter(run.pairs, {"library": "default"}) as writer:
        writer.append(
            (
                a_pair(1, "how many eat the soup", "question", soup),
                a_pair(2, "barley how long", "keywords", soup),
                a_pair(3, "Ingredients", "heading", soup),
                a_pair(4, "what is it", "question", soup, "its passage is not found"),
            )
        )
    job.end()
    qtbot.waitUntil(page.review.isVisible, timeout=10_000)
    assert not page.plan.isVisible()
    return page.review, run.pairs


def test_questions_are_looked_at_before_they_are_learned(page, play, review, qtbot):
    card, file = review
    table = card.table
    assert [row[:2] for row in shown(table)] == [
        ["how many eat the soup", "question"],
        ["barley how long", "keywords"],
    ]
    assert "soup" in shown(table)[0][2].lower()
    assert card.passage.toPlainText() == "The text of passage 1."
    assert card.switch.button("documents").text() == "From the documents 1"
    table.model().setData(table.model().index(0, 0), "for how many is  the soup")
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert [row[0] for row in shown(table)] == ["for how many is the soup"]
    card.own.setText("may I have the soup warm")
    card.add_button.click()
    assert shown(table)[0][:2] == ["may I have the soup warm", "your own"]
    table.selectRow(1)
    card.mark_button.click()
    assert shown(table)[1][0] == "★ for how many is the soup"
    card.switch.button("left out").click()
    assert [row[2] for row in shown(table)] == ["dropped in a review", "its passage is not found"]
    table.selectRow(1)
    card.drop_button.click()
    assert len(shown(table)) == 1
    card.filter.setText("nothing that is there")
    assert not shown(table)
    assert not card.drop_button.isEnabled()

    def on_disk() -> bool:
        found = read_pairs(file)
        return len(list(found.kept)) == 4 and found.examples == {"id1"} and set(found.dropped) == {"id2"}

    qtbot.waitUntil(on_disk, timeout=10_000)
    assert {pair.query for pair in read_pairs(file).kept} == {
        "for how many is the soup",
        "may I have the soup warm",
        "Ingredients",
        "what is it",
    }
    card.go_button.click()
    wait_for(qtbot, page, play, Stage.QUESTIONS)
    assert not card.isVisible()


def test_a_review_waits_for_the_window_to_be_opened_again(open_window, page, play, review, tuned_home, qtbot):
    first = page.window()
    with qtbot.waitSignal(first.closed, timeout=20_000):
        first.close()
    again = open_window(tuned_home)
    qtbot.waitUntil(lambda: again.workspace.status is not None, timeout=10_000)
    again.show_tuning()
    qtbot.waitUntil(lambda: bool(buttons(again.tuning, "Look at the questions")), timeout=10_000)
    buttons(again.tuning, "Look at the questions")[0].click()
    qtbot.waitUntil(again.tuning.review.isVisible, timeout=10_000)
    assert len(shown(again.tuning.review.table)) == 2


def test_a_change_that_cannot_be_kept_is_told_and_taken_back(page, review, qtbot):
    card, file = review
    with PairWriter(file):
        card.drop_button.click()
        qtbot.waitUntil(page.problem.isVisible, timeout=10_000)
        assert "Another process" in page.problem.text()
        qtbot.waitUntil(lambda: len(shown(card.table)) == 2, timeout=10_000)


def test_models_can_be_chosen(page, play, qtbot):
    qtbot.waitUntil(lambda: page.plan.base.count() > 1, timeout=10_000)
    assert "(in use)" in page.plan.base.itemText(0)
    assert "(built in)" in page.plan.generator.itemText(0)
    page.plan.base.setCurrentIndex(page.plan.base.findData(WRITER))
    qtbot.mouseClick(page.plan.start_button, Qt.MouseButton.LeftButton)
    wait_for(qtbot, page, play, Stage.GENERATE)
    assert (play.wishes[0].base, play.wishes[0].generator) == (WRITER, WRITER)
