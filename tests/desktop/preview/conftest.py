"""A library of documents to be looked at: pages, headings, lists, tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import findling
from findling.library import Libraries
from findling.settings import Home, Settings

SAMPLE = Path(findling.__file__).parent / "sample_library"


@pytest.fixture(scope="session")
def readable(tmp_path_factory, indexed) -> Home:
    """The home of a library of documents with a form of their own. Tests only read it."""
    folder = tmp_path_factory.mktemp("readable")
    for name in (
        "manual/goods-ropeway-manual.pdf",
        "policies/travel-and-expenses.docx",
        "policies/visitor-policy.html",
    ):
        shutil.copy(SAMPLE / name, folder)
    home = Home.at(tmp_path_factory.mktemp("home"))
    shutil.copytree(indexed.state / "calibration", home.state / "calibration")
    home.data.mkdir(parents=True)
    home.models.symlink_to(indexed.models)
    with Libraries(Settings(home)).start_index("default", [folder]) as job:
        assert job.result()["files"]["indexed"] == len(list(folder.iterdir()))
    return home


@pytest.fixture
def readable_home(readable, tmp_path) -> Home:
    """That library, with settings and window state of the test's own."""
    home = Home(config=tmp_path / "config", data=readable.data, state=tmp_path / "state")
    Settings(home, keep_up_to_date=False).save()
    return home


@pytest.fixture
def read(window, qtbot):
    """Searches by words and shows the best hit of a kind of file."""

    def ask(query: str, kind: str):
        window.search.choose_mode("keyword")
        window.search.box.setText(query)
        qtbot.waitUntil(lambda: window.search.answered_query == query, timeout=10_000)
        results = window.search.results
        kinds = [results.hits.hit(row).kind for row in range(results.hits.rowCount())]
        results.setCurrentIndex(results.hits.index(kinds.index(kind)))
        return window.preview

    return ask
