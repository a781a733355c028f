"""The reranker of the settings: off without one, opened once when first wanted, another when they change."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from findling.embedding import add_model, install
from findling.errors import Cancelled, ModelNotFound, UserError
from findling.jobs import CancelToken
from findling.library import Libraries, rerankers
from findling.library.rerankers import SharedReranker
from findling.models import InstalledModels
from findling.search import Question

if TYPE_CHECKING:
    from pathlib import Path

    from findling.embedding import Reranker
    from findling.models import InstalledModel
    from findling.search.searcher import Rerank
    from findling.settings import Settings

PASSAGES = ["the budget of the river", "owls hunts at night", "the glacier moves"]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the models that were opened, none of which is measured."""
    monkeypatch.setattr(install, "precisions", lambda *_: ("fp32",))
    ids: list[str] = []
    open_reranker = rerankers.open_reranker

    def counted(settings: Settings, model: InstalledModel) -> Reranker:
        ids.append(model.card.id)
        return open_reranker(settings, model)

    monkeypatch.setattr(rerankers, "open_reranker", counted)
    return ids


@pytest.fixture
def chosen(settings: Settings, overlap_reranker: Path) -> Settings:
    """With a reranker that is installed."""
    add_model(settings, str(overlap_reranker), "overlap")
    return replace(settings, reranker="overlap")


def look_of(shared: SharedReranker, settings: Settings, cancel: CancelToken | None = None) -> Rerank:
    """What looks again at what a search has found."""
    look = shared.with_second_look(settings, Question("owls", cancel=cancel)).rerank
    assert look is not None
    return look


def test_without_a_setting_there_is_none(settings: Settings, opened: list[str]) -> None:
    shared = SharedReranker()
    look = shared.with_second_look(settings, Question("owls")).rerank
    assert (shared.chosen(settings), shared.open(settings), look) == (None, None, None)
    assert opened == []


def test_one_is_opened_at_its_first_use_and_kept(
    settings: Settings, chosen: Settings, overlap_reranker: Path, opened: list[str]
) -> None:
    shared = SharedReranker()
    rerank = look_of(shared, chosen)
    assert opened == []
    with ThreadPoolExecutor(3) as threads:
        orders = list(threads.map(lambda _: rerank("owls at night", PASSAGES).argmax(), range(6)))
    assert orders == [1] * 6
    assert opened == ["overlap"]
    cancel = CancelToken()
    cancel.cancel()
    cancelled = look_of(shared, chosen, cancel)
    with pytest.raises(Cancelled):
        cancelled("owls at night", PASSAGES)
    add_model(settings, str(overlap_reranker), "other")
    shared.open(replace(chosen, reranker="other"))
    assert opened == ["overlap", "other"]
    held = weakref.ref(shared.open(replace(chosen, reranker="other")))
    assert shared.open(settings) is None
    gc.collect()
    assert held() is None  # its memory is given back


def test_one_that_is_not_there_or_is_none_is_named_before_anything_is_loaded(settings: Settings) -> None:
    shared = SharedReranker()
    with pytest.raises(ModelNotFound, match="'missing'"):
        shared.chosen(replace(settings, reranker="missing"))
    with pytest.raises(UserError, match="all-minilm-l6-v2 is no reranker"):
        shared.chosen(replace(settings, reranker="all-minilm-l6-v2"))


@pytest.mark.usefixtures("opened")
def test_one_that_was_removed_meanwhile_is_not_found(chosen: Settings) -> None:
    rerank = look_of(SharedReranker(), chosen)
    rerank("owl", PASSAGES)
    InstalledModels(chosen.home.models).remove("overlap")
    with pytest.raises(ModelNotFound):
        rerank("owl", PASSAGES)


@pytest.fixture
def notes(libraries: Libraries, tmp_path: Path) -> Libraries:
    """A library of three notes, and the reranker of the settings."""
    place = tmp_path / "notes"
    place.mkdir()
    (place / "night.txt").write_text("owls hunts at night the fox sleeps")
    (place / "ice.txt").write_text("the glacier moves cold ice river")
    (place / "money.txt").write_text("budget of the river owl")
    libraries.index("default", [place])
    return libraries


@pytest.mark.usefixtures("opened")
def test_a_search_looks_again_where_the_settings_name_a_reranker(
    notes: Libraries, overlap_reranker: Path
) -> None:
    add_model(notes.settings, str(overlap_reranker), "overlap")
    again = Libraries(replace(notes.settings, reranker="overlap"))
    query = "the cold glacier river"
    with (
        notes.open("default") as plain,
        again.open("default") as looking,
        again.open_several(["default"]) as all_,
    ):
        first = plain.answer(Question(query))
        second = looking.answer(Question(query))
        assert [hit.explanation.reranker for hit in first.hits if hit.explanation] == [None] * 3
        seen = [hit.explanation.reranker for hit in second.hits if hit.explanation]
        assert None not in seen
        assert second.hits[0].path.endswith("ice.txt")
        assert max(score for score in seen if score is not None) == seen[0]
        assert [hit.path for hit in all_.answer(Question(query)).hits] == [hit.path for hit in second.hits]
        for quick in (Question(query, once=True), Question(query, typing=True)):
            hits = looking.answer(quick).hits
            assert [hit.path for hit in hits] == [hit.path for hit in first.hits]


def test_a_reranker_that_is_not_there_is_told_and_does_not_stop_the_search(notes: Libraries) -> None:
    with Libraries(replace(notes.settings, reranker="gone")).open("default") as library:
        answer = library.answer(Question("owls at night"))
    assert answer.hits[0].path.endswith("night.txt")
    assert "gone" in answer.notes[0]
