"""Focus and keys of the search page."""

from __future__ import annotations

import pytest

from findling.library import Libraries
from findling.settings import Settings


@pytest.fixture
def type_in(window, qtbot):
    """Types into the box, as a person does, and waits for nothing."""

    def type_one(text: str) -> None:
        window.activateWindow()
        window.search.box.setFocus()
        qtbot.waitUntil(window.search.box.hasFocus)
        qtbot.keyClicks(window.search.box, text)

    return type_one


@pytest.fixture
def personal(home):
    """What is kept of the library, read past the window; nothing before the test and after it."""
    with Libraries(Settings(home)).open("default") as library:
        _forget(library.personal)
        yield library.personal
        _forget(library.personal)


def _forget(personal):
    personal.clear_history()
    personal.withdraw(judgement.id for judgement in personal.judgements())
    for search in personal.saved():
        personal.remove_saved(search.name)
