"""A session that gives way: what fails, or has no room, goes on in smaller batches or on the CPU."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from findling.embedding.session import OutOfMemory, ProviderReport
from findling.embedding.tokenizer import pad
from findling.errors import ModelDamaged, UserError, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from findling.embedding.session import Session
    from findling.models import ModelCard

    Rows = Sequence[Sequence[int]]


class EnduringSession:
    """Runs the model of `card`, in `precision`, in the session that `open_on` gives for a provider.

    What fails while it works, or has no room for a single text, is given up for ONNX Runtime on the CPU; a
    batch for which there is no room is halved, and those after it. `report` says so. Thread-safe.
    """

    def __init__(
        self, card: ModelCard, precision: str, provider: str, open_on: Callable[[str, str], Session]
    ) -> None:
        self._card = card
        self.precision = precision
        self._open_on = open_on
        self._session = open_on(provider, precision)
        self.batch_tokens = self._session.batch_tokens
        self._lock = threading.Lock()

    @property
    def report(self) -> ProviderReport:
        """What it runs on, and why not on more."""
        return self._session.report

    @property
    def dim(self) -> int:
        """Length of what comes of a text."""
        return self._session.dim

    def note(self, problem: str) -> None:
        """Add a line to the report."""
        self._session.report = self._session.report.adding(problem)

    def batches(self, rows: Rows) -> Iterator[list[int]]:
        """Indices of rows, longest first, in batches of at most `batch_tokens` with padding.

        Longest first: the runtime's arena takes its full size at once and memory stays flat after.
        """
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]), reverse=True)
        start = 0
        while start < len(order):
            size = max(1, self.batch_tokens // max(1, len(rows[order[start]])))
            yield order[start : start + size]
            start += size

    def run(self, rows: Rows, types: Rows | None = None) -> NDArray[np.float32]:
        """What the graph gives for rows of token ids, and token types where there are any: float32
        (len(rows), D). Raises `ModelDamaged`, `UserError` when there is no way left."""
        session = self._session
        ids, mask = pad(rows)
        try:
            return session.run(ids, mask, None if types is None else pad(types)[0])
        except OutOfMemory as error:
            if len(rows) > 1:
                problem = f"{session.report.actual}: too little memory, now in smaller batches"
                session.report = session.report.adding(problem)
                self.batch_tokens = min(self.batch_tokens, ids.size // 2)
                middle = len(rows) // 2
                first, last = (None, None) if types is None else (types[:middle], types[middle:])
                return np.concatenate([self.run(rows[:middle], first), self.run(rows[middle:], last)])
            if session.last_resort:
                raise UserError(
                    f"There is too little memory to run {self._card.id}.", "Close other programs."
                ) from error
            self._leave(session, "too little memory")
        except Exception as error:
            if session.last_resort:
                raise ModelDamaged(f"The model {self._card.id} cannot be run: {one_line(error)}.") from error
            self._leave(session, one_line(error))
        return self.run(rows, types)

    def _leave(self, failed: Session, problem: str) -> None:
        """Go on with ONNX Runtime on the CPU, unless another thread has seen to that already."""
        with self._lock:
            if self._session is not failed:
                return
            name = f"{failed.report.actual}, {self.precision}"
            if self.precision not in self._card.variants:
                self.precision = self._card.highest
            session = self._open_on("CPU", self.precision)
            session.report = replace(
                session.report, problems=(*failed.report.problems, f"{name}: {problem}; the CPU goes on")
            )
            self.batch_tokens = min(self.batch_tokens, session.batch_tokens)
            self._session = session
