"""Texts as token ids, made once and kept in one array: a tenth of the memory that lists of numbers take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.embedding.tokenizer import pad

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from findling.embedding.tokenizer import TextTokenizer
    from findling.jobs import CancelToken

#: Of a query and of a passage, special tokens included.
QUERY_TOKENS, PASSAGE_TOKENS = 64, 256
#: Lengths of batches are multiples of it, which matrix units want.
STEP = 8
#: Texts whose ids are lists at a time.
_BULK = 1024


@dataclass(frozen=True, slots=True, eq=False)
class TokenisedTexts:
    """Token ids of N texts: those of text n are `ids[offsets[n]:offsets[n + 1]]`, int32, at most `limit`.
    A sequence of rows, one for each text, for all that takes such."""

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    limit: int

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, place: int) -> NDArray[np.int32]:
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        place %= len(self)
        return self.ids[self.offsets[place] : self.offsets[place + 1]]

    def __iter__(self) -> Iterator[NDArray[np.int32]]:
        return (self[place] for place in range(len(self)))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each text, int64 (N,)."""
        return np.diff(self.offsets)

    def padded(
        self, places: Sequence[int] | NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """`padded` of the texts at these places, never above `limit`."""
        return padded([self[int(place)] for place in places], self.limit)


@dataclass(frozen=True, slots=True)
class MicroBatches:
    """Places of texts in batches, the longest texts first. What is computed batch after batch comes into the
    order of the texts by `np.concatenate(parts)[inverse]`."""

    batches: tuple[NDArray[np.int64], ...]
    inverse: NDArray[np.int64]


def tokenised(
    texts: Sequence[str], tokenizer: TextTokenizer, cancel: CancelToken | None = None
) -> TokenisedTexts:
    """Token ids of texts, prefixes included by the caller, at most `tokenizer.max_tokens` each. Raises
    `Cancelled`."""
    parts: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    for start in range(0, len(texts), _BULK):
        if cancel is not None:
            cancel.check()
        rows = tokenizer.encode(texts[start : start + _BULK])
        lengths.extend(map(len, rows))
        parts.append(np.fromiter((each for row in rows for each in row), np.int32))
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)  # (N + 1,)
    return TokenisedTexts(np.concatenate([*parts, np.empty(0, np.int32)]), offsets, tokenizer.max_tokens)


def padded(rows: Sequence[Any], limit: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`input_ids` and `attention_mask` of rows of token ids, both int64 (B, T): T is a multiple of `STEP`,
    but never above `limit`: beyond it a model may have no positions."""
    ids, mask = pad(rows, STEP)
    return ids[:, :limit], mask[:, :limit]


def micro_batches(lengths: Sequence[int] | NDArray[np.integer], tokens: int) -> MicroBatches:
    """Texts of these lengths in batches of at most `tokens` tokens, padding to `STEP` included; a text
    that is longer by itself has one of its own."""
    counts = np.asarray(lengths, np.int64)
    order = np.argsort(-counts, kind="stable")
    inverse = np.empty_like(order)
    inverse[order] = np.arange(len(order))
    batches: list[NDArray[np.int64]] = []
    start = 0
    while start < len(order):
        longest = max(1, -(-int(counts[order[start]]) // STEP)) * STEP
        size = max(1, tokens // longest)
        batches.append(order[start : start + size])
        start += size
    return MicroBatches(tuple(batches), inverse)
