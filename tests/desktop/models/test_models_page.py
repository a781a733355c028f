"""The models view: what is here and what uses it, and how a model comes and goes."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from findling.errors import UserError
from findling.jobs import JobState, Progress
from findling.library import keeping_models
from findling.models.card import CARD_FILE

if TYPE_CHECKING:
    from findling.settings import Home
    from findling_desktop.models import ModelsPage

BASE = "all-minilm-l6-v2"


@pytest.fixture
def two_models(indexed, own_home) -> Home:
    """A model that nothing uses is installed beside that of the library."""
    own_home.models.unlink()
    for name in (BASE, "spare"):
        shutil.copytree(indexed.models / BASE, own_home.models / name)
    card = json.loads((own_home.models / BASE / CARD_FILE).read_text())
    spare = {**card, "id": "spare", "name": "A spare model"}
    (own_home.models / "spare" / CARD_FILE).write_text(json.dumps(spare))
    return own_home


@pytest.fixture
def page(open_window, two_models, qtbot) -> ModelsPage:
    """The view, with its models read."""
    window = open_window(two_models)
    window.menus.models.trigger()
    assert window.pages.currentWidget() is window.models
    qtbot.waitUntil(lambda: "A spare model" in names(window.models, "embedder"), timeout=10_000)
    return window.models


def names(page: ModelsPage, kind: str) -> list[str]:
    rows = page.cards[kind].parentWidget()
    return [
        each.text()
        for each in rows.findChildren(QLabel)
        if each.property("role") == "heading" and each.isVisible()
    ]


def told(page: ModelsPage, name: str) -> str:
    [row] = [
        each.parentWidget()
        for each in page.findChildren(QLabel)
        if each.text() == name and each.property("role") == "heading" and each.isVisible()
    ]
    return " ".join(each.text() for each in row.findChildren(QLabel))


def button(page: ModelsPage, name: str, text: str) -> QPushButton | None:
    found = [
        each
        for each in page.findChildren(QPushButton)
        if each.accessibleDescription() == name and each.text().strip().startswith(text) and each.isVisible()
    ]
    return found[0] if found else None


def test_models_are_listed_with_what_uses_them(page):
    assert names(page, "embedder")[:2] == ["all-MiniLM-L6-v2", "A spare model"]
    assert "used by default" in told(page, "all-MiniLM-L6-v2")
    assert "Apache-2.0" in told(page, "all-MiniLM-L6-v2")
    assert button(page, "all-MiniLM-L6-v2", "Remove") is None
    assert "built in" in told(page, "SmolLM2-135M-Instruct")
    assert button(page, "SmolLM2-135M-Instruct", "Remove") is None
    offered = names(page, "embedder")[2:]
    assert len(offered) > 3
    assert "of memory" in told(page, offered[0])
    assert button(page, offered[0], "Download") is not None


def test_a_model_that_nothing_uses_can_go(page, own_home, qtbot):
    button(page, "A spare model", "Remove").click()
    qtbot.waitUntil(lambda: "A spare model" not in names(page, "embedder"), timeout=10_000)
    assert not (own_home.models / "spare").exists()
    assert (own_home.models / BASE).exists()


def test_a_download_is_followed_stopped_and_told_of(page, a_job, qtbot, monkeypatch):
    jobs, asked = [], []

    def start(_, source, *, fetched):
        asked.append((source, fetched))
        jobs.append(a_job())
        return jobs[-1]

    monkeypatch.setattr(keeping_models, "start_bringing", start)
    name = names(page, "embedder")[2]
    button(page, name, "Download").click()
    qtbot.waitUntil(lambda: bool(jobs), timeout=10_000)
    assert asked[0][1] is True
    assert page.work.isVisible()

    def refused() -> bool:  # rows are made anew when models are read
        there = button(page, name, "Download")
        return there is not None and not there.isEnabled()

    qtbot.waitUntil(refused, timeout=10_000)
    jobs[0].progress = Progress("downloading", 2**20, 2**22, "bytes", "x", 2**19, 30.0)
    qtbot.waitUntil(lambda: page.progress.value() == 250, timeout=10_000)
    assert page.figures.text() == "1.0 MiB of 4.0 MiB  ·  512.0 KiB a second  ·  about 30 seconds left"
    page.stop_button.click()
    assert jobs[0].state is JobState.CANCELLED
    qtbot.waitUntil(lambda: not page.work.isVisible(), timeout=10_000)
    assert not page.problem.isVisible()
    page._models.bring("/somewhere/model.gguf", fetched=False)
    qtbot.waitUntil(lambda: len(jobs) == 2, timeout=10_000)
    assert asked[1] == ("/somewhere/model.gguf", False)
    jobs[1].error = UserError("The hub is not reached.", "Try again later.")
    jobs[1].state = JobState.FAILED
    qtbot.waitUntil(page.problem.isVisible, timeout=10_000)
    assert page.problem.text() == "The hub is not reached. Try again later."
    page._models.bring("publisher/model", fetched=True)
    qtbot.waitUntil(lambda: len(jobs) == 3, timeout=10_000)
    assert not page.problem.isVisible()
    jobs[2].end({"id": "model"})
    qtbot.waitUntil(lambda: not page.work.isVisible(), timeout=10_000)


def test_what_is_no_model_is_said(page, tmp_path, qtbot):
    page._models.bring(str(tmp_path), fetched=False)
    qtbot.waitUntil(page.problem.isVisible, timeout=240_000)
    assert page.problem.text()
    assert not page.work.isVisible()


def test_closing_ends_a_download(page, a_job, qtbot, monkeypatch):
    job = a_job()
    monkeypatch.setattr(keeping_models, "start_bringing", lambda *_, **__: job)
    page._models.bring("publisher/model", fetched=True)
    qtbot.waitUntil(lambda: page._models.process_id == 0 and page._models._job is job, timeout=10_000)
    window = page.window()
    with qtbot.waitSignal(window.closed, timeout=20_000):
        window.close()
    assert job.closed


def test_escape_goes_back(page, qtbot):
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.window().pages.currentWidget() is page.window().search


def test_how_fast_a_model_is_here_is_measured(page, own_home, qtbot):
    for file in (own_home.state / "calibration").glob("spare*"):
        file.unlink()
    assert "passages a second" not in told(page, "A spare model")
    assert button(page, "SmolLM2-135M-Instruct", "Measure") is None
    button(page, "A spare model", "Measure").click()
    assert page.doing.text() == "Measuring spare"

    def measured() -> bool:  # rows are made anew when models are read
        there = "A spare model" in names(page, "embedder")
        return there and "passages a second here" in told(page, "A spare model")

    qtbot.waitUntil(measured, timeout=120_000)
    assert "fp32: " in told(page, "A spare model") or "int8: " in told(page, "A spare model")
    assert not page.work.isVisible()
