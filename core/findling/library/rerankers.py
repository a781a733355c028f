"""The reranker that a person has chosen: opened when a search first wants it, one for all libraries."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from findling.embedding import open_reranker
from findling.models import InstalledModels, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from findling.embedding import Reranker
    from findling.models import InstalledModel
    from findling.search import Question
    from findling.settings import Settings


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

    def with_second_look(self, settings: Settings, question: Question) -> Question:
        """The question with the reranker of the settings, unless it is to be answered at once or says itself
        what looks again. It is opened when it is first asked, which raises as `open` and `Reranker.scores`:
        one that cannot be had is told with the answer."""
        wants = question.rerank is None and not (
            question.once or question.typing or question.like is not None
        )
        if not wants or not settings.reranker:
            return question

        def scores(query: str, passages: Sequence[str]) -> NDArray[np.float32]:
            reranker = self.open(settings)
            if reranker is None:
                raise AssertionError("the settings of a search do not change")
            return reranker.scores(query, passages, question.cancel)

        return replace(question, rerank=scores)
