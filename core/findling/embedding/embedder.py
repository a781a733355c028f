"""The embedder: texts in, unit vectors out, in bulk for an index and one at a time for a query."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from findling.embedding.chance import PASSAGES, QUESTIONS, Chance
from findling.embedding.runtimes import open_session
from findling.embedding.session import OutOfMemory, ProviderReport
from findling.embedding.tokenizer import TextTokenizer, pad
from findling.errors import ModelDamaged, UserError, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from findling.embedding.session import Session
    from findling.jobs import CancelToken
    from findling.models import InstalledModel, ModelCard

    Vectors = NDArray[np.float32]

_RECENT_QUERIES = 256


class Embedder:
    """One model in one session. Thread-safe; needs no closing.

    `precision` is one of the model's `runtimes.precisions` ("" is the highest); `provider` is the setting
    `embedder_provider`; `bulk` is for a process that does nothing but embed.

    What fails while it works, or has no room for a single text, is given up for ONNX Runtime on the CPU; a
    batch for which there is no room is halved, and those after it. `providers` says so.
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
        self.card: ModelCard = model.card
        self.tokenizer = TextTokenizer(model.tokenizer, model.card.max_tokens, model.card.eos)
        self.precision = precision or model.card.highest
        self._open: Callable[[str], Session] = lambda on: open_session(
            model, self.precision, threads, bulk=bulk, provider=on
        )
        self._session = self._open(provider)
        if self._session.dim != model.card.dim:
            raise ModelDamaged(
                f"The graph of {model.directory} gives {self._session.dim} dimensions, its card says "
                f"{model.card.dim}."
            )
        self._batch_tokens = self._session.batch_tokens
        self._recent: OrderedDict[str, Future[Vectors]] = OrderedDict()
        self._lock = threading.Lock()
        self._chances: dict[str, Chance] = {}
        self._measuring = threading.Lock()

    @property
    def providers(self) -> ProviderReport:
        """What it runs on, and why not on more."""
        return self._session.report

    def note(self, problem: str) -> None:
        """Add a line to what `providers` says."""
        self._session.report = self._session.report.adding(problem)

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
        rows = self.tokenizer.encode([prefix + text for text in texts])
        vectors = np.empty((len(rows), self.card.dim), np.float32)  # (N, D)
        tokens = sum(map(len, rows))
        for batch in self._batches(rows):
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
                queries = np.stack([self.embed_query(text, instruction) for text in QUESTIONS])
                cosines = queries @ self.embed_passages(PASSAGES).T
                self._chances[instruction] = Chance(float(cosines.mean()), float(cosines.std()))
            return self._chances[instruction]

    def _batches(self, rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        """Indices of rows, longest first, in batches of at most `_batch_tokens` with padding.

        Longest first: the runtime's arena takes its full size at once and memory stays flat after.
        """
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]), reverse=True)
        start = 0
        while start < len(order):
            size = max(1, self._batch_tokens // max(1, len(rows[order[start]])))
            yield order[start : start + size]
            start += size

    def _run(self, rows: Sequence[Sequence[int]]) -> Vectors:
        """Vectors (len(rows), dim). Raises `ModelDamaged`, `UserError` when there is no way left."""
        session = self._session
        ids, mask = pad(rows)
        try:
            return session.run(ids, mask)
        except OutOfMemory as error:
            if len(rows) > 1:
                problem = f"{session.report.actual}: too little memory, now in smaller batches"
                session.report = session.report.adding(problem)
                self._batch_tokens = min(self._batch_tokens, ids.size // 2)
                middle = len(rows) // 2
                return np.concatenate([self._run(rows[:middle]), self._run(rows[middle:])])
            if session.last_resort:
                raise UserError(
                    f"There is too little memory to run {self.card.id}.", "Close other programs."
                ) from error
            self._leave(session, "too little memory")
        except Exception as error:
            if session.last_resort:
                raise ModelDamaged(f"The model {self.card.id} cannot be run: {one_line(error)}.") from error
            self._leave(session, one_line(error))
        return self._run(rows)

    def _leave(self, failed: Session, problem: str) -> None:
        """Go on with ONNX Runtime on the CPU, unless another thread has seen to that already."""
        with self._lock:
            if self._session is not failed:
                return
            name = f"{failed.report.actual}, {self.precision}"
            if self.precision not in self.card.variants:
                self.precision = self.card.highest
            session = self._open("CPU")
            session.report = replace(
                session.report, problems=(*failed.report.problems, f"{name}: {problem}; the CPU goes on")
            )
            self._batch_tokens = min(self._batch_tokens, session.batch_tokens)
            self._session = session
