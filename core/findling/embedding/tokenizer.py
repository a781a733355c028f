"""Texts to token ids, for one model: its length, its final token, no padding but what a batch needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from findling.errors import ModelDamaged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

#: Texts handed to the tokenizer at once; bounds memory, and a cancel is noticed between two.
_BULK = 1024


class TextTokenizer:
    """A `tokenizers` tokenizer with the settings of its file undone.

    `tokenizer.json` may carry a truncation and a padding of its own (MiniLM's: 128 tokens, always), which
    would silently halve every passage; both are replaced. `eos` is a token to end every text with where the
    tokenizer's own post-processor adds none; it survives truncation, because last-token pooling reads it.
    """

    def __init__(self, path: Path, max_tokens: int, eos: str = "") -> None:
        from tokenizers import Tokenizer

        try:
            self._cutting = Tokenizer.from_file(str(path))
            self._counting = Tokenizer.from_file(str(path))
        except Exception as error:  # the Rust side raises bare Exception
            raise ModelDamaged(f"The tokenizer {path} cannot be read: {error}.") from error
        self._eos: int | None = self._cutting.token_to_id(eos) if eos else None
        if eos and self._eos is None:
            raise ModelDamaged(f"The tokenizer {path} does not know the final token {eos!r}.")
        self._cutting.no_padding()
        room = max_tokens - (self._eos is not None)
        self._cutting.enable_truncation(max_length=room)  # pyright: ignore[reportUnknownMemberType]
        self._counting.no_padding()
        self._counting.no_truncation()
        self.max_tokens = max_tokens
        self.special_tokens = len(self.encode([""])[0])

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, special tokens included, at most `max_tokens`."""
        rows: list[list[int]] = []
        for start in range(0, len(texts), _BULK):
            bulk = self._cutting.encode_batch_fast(list(texts[start : start + _BULK]))
            rows.extend(encoding.ids for encoding in bulk)
        if self._eos is not None:
            rows = [row if row[-1:] == [self._eos] else [*row, self._eos] for row in rows]
        return rows

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens not counted, nothing cut off."""
        counts: list[int] = []
        for start in range(0, len(texts), _BULK):
            bulk = self._counting.encode_batch_fast(
                list(texts[start : start + _BULK]), add_special_tokens=False
            )
            counts.extend(len(encoding) for encoding in bulk)
        return counts


def pad(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`input_ids` and `attention_mask`, both int64 (B, T) with T the longest row, padded on the right."""
    length = max(1, *(len(row) for row in rows))
    ids = np.zeros((len(rows), length), np.int64)  # (B, T)
    mask = np.zeros((len(rows), length), np.int64)  # (B, T)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask
