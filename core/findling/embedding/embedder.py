"""The embedder: texts in, unit vectors out, in bulk for an index and one at a time for a query."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from findling.embedding.chance import PASSAGES, QUESTIONS, Chance
from findling.embedding.enduring import EnduringSession
from findling.embedding.runtimes import open_session
from findling.embedding.tokenizer import TextTokenizer
from findling.errors import ModelDamaged
from findling.models import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from findling.embedding.session import ProviderReport
    from findling.jobs import CancelToken
    from findling.models import InstalledModel, ModelCard

    Vectors = NDArray[np.float32]

_RECENT_QUERIES = 256


class Embedder:
    """One model in one session, an `EnduringSession`. Thread-safe; needs no closing.

    `precision` is one of the model's `runtimes.precisions` ("" is the highest); `provider` is the setting
    `embedder_provider`; `bulk` is for a process that does nothing but embed. Raises `ModelDamaged`, and
    `UserError` for a model that is no embedder.
    """

    def __init__(
        self,
        model: InstalledModel,
        threads: int = 0,
        *,
        precision: str = "",
        provider: str = "auto",
        bulk: bool = False,
    ) -> None:
        model.card.check_kind(Kind.EMBEDDER)
        self.card: ModelCard = model.card
        self.tokenizer = TextTokenizer(model.tokenizer, model.card.max_tokens, model.card.eos)
        self._session = EnduringSession(
            model.card,
            precision or model.card.highest,
            provider,
            lambda on, precision: open_session(model, precision, threads, bulk=bulk, provider=on),
        )
        if self._session.dim != model.card.dim:
            raise ModelDamaged(
                f"The graph of {model.directory} gives {self._session.dim} dimensions, its card says "
                f"{model.card.dim}."
            )
        self._recent: OrderedDict[str, Future[Vectors]] = OrderedDict()
        self._lock = threading.Lock()
        self._chances: dict[str, Chance] = {}
        self._measuring = threading.Lock()

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

    @property
    def max_passage_tokens(self) -> int:
        """Room for a passage's own tokens, beside special tokens and the document prefix."""
        prefix = self.tokenizer.count([self.card.document_prefix])[0]
        return self.card.max_tokens - self.tokenizer.special_tokens - prefix

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special ones: what chunking asks for."""
        return self.tokenizer.count(texts)

    def embed_passages(
        self,
        texts: Sequence[str],
        cancel: CancelToken | None = None,
        count: Callable[[int, float], None] | None = None,
    ) -> Vectors:
        """Embed document texts: float32 (len(texts), dim), unit rows, in the order of `texts`.

        Texts go through the model sorted by length, so that a batch pads little; `count` is told the size
        of each batch that is done, and its share of the work, by tokens: 1 in the sum. Raises `Cancelled`
        between two batches.
        """
        prefix = self.card.document_prefix
        return self._embedded([prefix + text for text in texts], cancel, count)

    def embed_queries(
        self, texts: Sequence[str], cancel: CancelToken | None = None, instruction: str = ""
    ) -> Vectors:
        """As `embed_query`, of many at once: float32 (len(texts), dim); none is remembered. Raises
        `Cancelled` between two batches."""
        return self._embedded([self.card.query_text(text, instruction) for text in texts], cancel)

    def _embedded(
        self,
        texts: Sequence[str],
        cancel: CancelToken | None,
        count: Callable[[int, float], None] | None = None,
    ) -> Vectors:
        rows = self.tokenizer.encode(texts)
        vectors = np.empty((len(rows), self.card.dim), np.float32)  # (N, D)
        tokens = sum(map(len, rows))
        for batch in self._session.batches(rows):
            if cancel is not None:
                cancel.check()
            vectors[batch] = self._run([rows[index] for index in batch])
            if count is not None:
                count(len(batch), sum(len(rows[index]) for index in batch) / tokens)
        return vectors

    def embed_stream(
        self, texts: Iterable[str], cancel: CancelToken | None = None, at_once: int = 512
    ) -> Iterator[Vectors]:
        """As `embed_passages`, for any number of texts: arrays of at most `at_once` rows, in order.

        Memory is bounded whatever the number: nothing but `at_once` texts and their vectors is held.
        """
        waiting = iter(texts)
        while part := list(islice(waiting, at_once)):
            yield self.embed_passages(part, cancel)

    def embed_query(self, text: str, instruction: str = "") -> Vectors:
        """Embed one query: float32 (dim,), unit length. Recent ones are remembered, and who asks for one that
        is being embedded waits for it.

        `instruction` is the task, in place of the card's own, for a model that takes one.
        """
        full = self.card.query_text(text, instruction)
        with self._lock:
            known = self._recent.get(full)
            embedding = self._recent.setdefault(full, Future())
            self._recent.move_to_end(full)
            if len(self._recent) > _RECENT_QUERIES:
                self._recent.popitem(last=False)
        if known is None:
            try:
                vector = self._run(self.tokenizer.encode([full]))[0]
                vector.flags.writeable = False
                embedding.set_result(vector)
            except BaseException as error:
                with self._lock:
                    self._recent.pop(full, None)
                embedding.set_exception(error)
                raise
        return embedding.result()

    def chance(self, instruction: str = "") -> Chance:
        """What queries and passages get that have nothing to do with each other; measured the first time, as
        long as 32 short texts take."""
        with self._measuring:
            if instruction not in self._chances:
                cosines = (
                    self.embed_queries(QUESTIONS, instruction=instruction) @ self.embed_passages(PASSAGES).T
                )
                self._chances[instruction] = Chance(float(cosines.mean()), float(cosines.std()))
            return self._chances[instruction]

    def _run(self, rows: Sequence[Sequence[int]]) -> Vectors:
        """Vectors (len(rows), dim). Raises `ModelDamaged`, `UserError` when there is no way left."""
        return self._session.run(rows)
