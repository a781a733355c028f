"""The reranker that a person has chosen: opened when a search first wants it, one for all libraries."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from findling.embedding import open_reranker
from findling.models import InstalledModels, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from findling.embedding import Reranker
    from findling.jobs import CancelToken
    from findling.models import InstalledModel
    from findling.search import Question
    from findling.settings import Settings

    #: Scores, float32 (N,), of a query and N passages.
    Rerank = Callable[[str, Sequence[str]], NDArray[np.float32]]


class SharedReranker:
    """Holds the reranker of the settings, loaded on first use, until they name another. Thread-safe; its
    memory is given back when nobody holds this any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[tuple[object, ...], Reranker] | None = None

    def chosen(self, settings: Settings) -> InstalledModel | None:
        """The model of the setting `reranker`; None where that is empty. Nothing is loaded.

        Raises `ModelNotFound`, `ModelDamaged`, `UserError` for a model that is no reranker.
        """
        if not settings.reranker:
            return None
        model = InstalledModels(settings.home.models).get(settings.reranker)
        model.card.check_kind(Kind.RERANKER)
        return model

    def open(self, settings: Settings) -> Reranker | None:
        """The reranker of the settings, or None; loading takes about a second, and some more the first time
        on a machine (`open_reranker`). Raises as `chosen` and `open_reranker`."""
        model = self.chosen(settings)
        with self._lock:  # others that want it wait for it
            if model is None:
                self._held = None
                return None
            wanted = (model.directory, model.card, settings.embedder_provider, settings.embedder_threads)
            if self._held is None or self._held[0] != wanted:
                self._held = None  # never two in memory
                self._held = (wanted, open_reranker(settings, model))
            return self._held[1]

    def rerank(self, settings: Settings, cancel: CancelToken | None = None) -> Rerank | None:
        """What gives scores to a query and passages, for one search; None where no reranker is chosen. It is
        loaded at the first call. Raises as `chosen`; the call raises as `open` and `Reranker.scores`."""
        if self.chosen(settings) is None:
            return None

        def scores(query: str, passages: Sequence[str]) -> NDArray[np.float32]:
            reranker = self.open(settings)
            if reranker is None:
                raise AssertionError("the settings of a search do not change")
            return reranker.scores(query, passages, cancel)

        return scores

    def with_second_look(self, settings: Settings, question: Question) -> Question:
        """The question with the reranker of the settings, unless it is to be answered at once or says itself
        what looks again. A reranker that cannot be had is told with the answer."""
        wants = question.rerank is None and not (
            question.once or question.typing or question.like is not None
        )
        if not wants or not settings.reranker:
            return question

        def scores(query: str, passages: Sequence[str]) -> NDArray[np.float32]:
            look = self.rerank(settings, question.cancel)
            return np.zeros(len(passages), np.float32) if look is None else look(query, passages)

        return replace(question, rerank=scores)
