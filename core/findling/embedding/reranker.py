"""The reranker: a cross-encoder that reads a query and a passage together and says how well the one answers
the other. Slower than comparing vectors by far, and better: for the few best passages of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from findling.embedding.enduring import EnduringSession
from findling.embedding.runtimes import open_session
from findling.embedding.tokenizer import PairTokenizer
from findling.errors import ModelDamaged
from findling.models import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from findling.embedding.session import ProviderReport
    from findling.jobs import CancelToken
    from findling.models import InstalledModel, ModelCard

    Scores = NDArray[np.float32]


class Reranker:
    """One cross-encoder in one session, an `EnduringSession`. Thread-safe; needs no closing.

    `precision` is one of the model's `runtimes.precisions` ("" is the highest); `provider` is the setting
    `embedder_provider`. Raises `ModelDamaged`, and `UserError` for a model that is no reranker.
    """

    def __init__(
        self, model: InstalledModel, threads: int = 0, *, precision: str = "", provider: str = "auto"
    ) -> None:
        model.card.check_kind(Kind.RERANKER)
        self.card: ModelCard = model.card
        self._tokenizer = PairTokenizer(model.tokenizer, model.card.max_tokens)
        self._session = EnduringSession(
            model.card,
            precision or model.card.highest,
            provider,
            lambda on, precision: open_session(model, precision, threads, provider=on),
        )

    @property
    def precision(self) -> str:
        """What it computes in."""
        return self._session.precision

    @property
    def providers(self) -> ProviderReport:
        """What it runs on, and why not on more."""
        return self._session.report

    def note(self, problem: str) -> None:
        """Add a line to what `providers` says."""
        self._session.note(problem)

    def scores(self, query: str, passages: Sequence[str], cancel: CancelToken | None = None) -> Scores:
        """How well each passage answers the query: float32 (len(passages),), in their order, the model's own
        numbers without bounds (`probabilities` has them as 0 … 1). Of what is too long for the model the
        passage's end is not read.

        Pairs go through the model sorted by length. Raises `Cancelled` between two batches, `ModelDamaged`
        and `UserError` when the model cannot be run.
        """
        rows, types = self._tokenizer.encode(query, passages)
        scores = np.empty(len(rows), np.float32)  # (N,)
        for batch in self._session.batches(rows):
            if cancel is not None:
                cancel.check()
            given = self._session.run([rows[at] for at in batch], [types[at] for at in batch])
            if given.shape != (len(batch), 1) or not np.isfinite(given).all():
                raise ModelDamaged(f"The model {self.card.id} does not give one number for each passage.")
            scores[batch] = given[:, 0]
        return scores


def probabilities(scores: Scores) -> Scores:
    """Scores as 0 … 1, float32 (N,): of a model trained on right and wrong answers, how likely it takes the
    passage for a right one."""
    return (0.5 * (1 + np.tanh(0.5 * scores))).astype(np.float32)  # the logistic function, without overflow
