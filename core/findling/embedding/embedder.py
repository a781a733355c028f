"""The embedder: texts in, unit vectors out, in bulk for an index and one at a time for a query."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.embedding.session import ProviderReport, open_session
from findling.embedding.tokenizer import TextTokenizer, pad
from findling.errors import ModelDamaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from findling.jobs import CancelToken
    from findling.models import InstalledModel, ModelCard

    Vectors = NDArray[np.float32]

#: Tokens in a batch, padding included. On a CPU, batches that overflow its caches are slower by a fifth
#: (bench_embedding); a GPU wants to be filled.
_BATCH_TOKENS = {"CPU": 1024}
_BATCH_TOKENS_OF_A_GPU = 16384
_RECENT_QUERIES = 256


class Embedder:
    """One model in one session. Thread-safe; needs no closing.

    `instruction` replaces the card's own; `precision` names one of the card's variants (fp32 if it has no
    such one); `bulk` is for a process that does nothing but embed.
    """

    def __init__(
        self,
        model: InstalledModel,
        threads: int = 0,
        *,
        instruction: str = "",
        precision: str = "fp32",
        bulk: bool = False,
    ) -> None:
        self.card: ModelCard = model.card
        self._instruction = instruction
        self.tokenizer = TextTokenizer(model.tokenizer, model.card.max_tokens, model.card.eos)
        has = precision in model.card.variants
        self.precision = precision if has else model.card.highest
        graph = model.variant(self.precision)
        self._session, self.providers = self._open(graph, threads, model.card.dim, bulk=bulk)
        self._batch_tokens = _BATCH_TOKENS.get(self.providers.actual, _BATCH_TOKENS_OF_A_GPU)
        self._recent: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    @staticmethod
    def _open(graph: Path, threads: int, dim: int, *, bulk: bool) -> tuple[Any, ProviderReport]:
        session, report = open_session(graph, threads, bulk=bulk)
        shape = session.get_outputs()[0].shape
        if shape[-1] != dim:
            raise ModelDamaged(f"The graph {graph} gives {shape[-1]} dimensions, its card says {dim}.")
        return session, report

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
        count: Callable[[int], None] | None = None,
    ) -> Vectors:
        """Embed document texts: float32 (len(texts), dim), unit rows, in the order of `texts`.

        Texts go through the model sorted by length, so that a batch pads little; `count` is told the size
        of each batch that is done. Raises `Cancelled` between two batches.
        """
        prefix = self.card.document_prefix
        rows = self.tokenizer.encode([prefix + text for text in texts])
        vectors = np.empty((len(rows), self.card.dim), np.float32)  # (N, D)
        for batch in _batches(rows, self._batch_tokens):
            if cancel is not None:
                cancel.check()
            vectors[batch] = self._run([rows[index] for index in batch])
            if count is not None:
                count(len(batch))
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """Embed one query: float32 (dim,), unit length. Recent ones are remembered."""
        with self._lock:
            if (known := self._recent.get(text)) is not None:
                self._recent.move_to_end(text)
                return known
        vector = self._run(self.tokenizer.encode([self.card.query_text(text, self._instruction)]))[0]
        vector.flags.writeable = False
        with self._lock:
            self._recent[text] = vector
            if len(self._recent) > _RECENT_QUERIES:
                self._recent.popitem(last=False)
        return vector

    def _run(self, rows: Sequence[Sequence[int]]) -> Vectors:
        ids, mask = pad(rows)
        feeds = {"input_ids": ids, "attention_mask": mask}
        return self._session.run(["sentence_embedding"], feeds)[0]


def _batches(rows: Sequence[Sequence[int]], tokens: int) -> Iterator[list[int]]:
    """Indices of rows, longest first, in batches of at most `tokens` with padding.

    Longest first: the runtime's arena takes its full size at once and memory stays flat after.
    """
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]), reverse=True)
    start = 0
    while start < len(order):
        size = max(1, tokens // max(1, len(rows[order[start]])))
        yield order[start : start + size]
        start += size
