"""Texts, or pairs of them, to token ids, for one model: its length, no padding but what a batch needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
        self._cutting = _read(path)
        self._counting = _read(path)
        self._eos: int | None = self._cutting.token_to_id(eos) if eos else None
        if eos and self._eos is None:
            raise ModelDamaged(f"The tokenizer {path} does not know the final token {eos!r}.")
        self._cutting.no_padding()
        room = max_tokens - (self._eos is not None)
        self._cutting.enable_truncation(max_length=room)
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


class PairTokenizer:
    """The tokenizer of a model that reads a query and a passage together, joined as its file says: for BERT
    `[CLS] query [SEP] passage [SEP]`.

    Where both are longer than `max_tokens` the passage is cut; the query only beyond half of the room, so
    that something of the passage is always read.
    """

    def __init__(self, path: Path, max_tokens: int) -> None:
        self._tokenizer = _read(path)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        special = self._tokenizer.num_special_tokens_to_add(is_pair=True)
        self._room = max_tokens - special
        if not special or self._room < 2:
            raise ModelDamaged(f"The tokenizer {path} does not join a query and a passage.")

    def encode(self, query: str, passages: Sequence[str]) -> tuple[list[list[int]], list[list[int]]]:
        """Token ids and token types of each pair, special tokens included, at most `max_tokens`."""
        tokenizer = self._tokenizer
        asked = tokenizer.encode_batch_fast([query], add_special_tokens=False)[0]
        asked.truncate(self._room // 2)
        rows: list[list[int]] = []
        types: list[list[int]] = []
        for start in range(0, len(passages), _BULK):
            bulk = list(passages[start : start + _BULK])
            for passage in tokenizer.encode_batch_fast(bulk, add_special_tokens=False):
                passage.truncate(self._room - len(asked))
                pair = tokenizer.post_process(asked, passage)
                rows.append(pair.ids)
                types.append(pair.type_ids)
        return rows, types


def _read(path: Path) -> Any:
    """The `tokenizers` library's own, typed in part only. Raises `ModelDamaged`."""
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the Rust side raises bare Exception
        raise ModelDamaged(f"The tokenizer {path} cannot be read: {error}.") from error


def pad(rows: Sequence[Sequence[int]], step: int = 1) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """`input_ids` and `attention_mask`, both int64 (B, T) with T the longest row, or the next multiple of
    `step`, padded on the right."""
    length = -(-max(1, *(len(row) for row in rows)) // step) * step
    ids = np.zeros((len(rows), length), np.int64)  # (B, T)
    mask = np.zeros((len(rows), length), np.int64)  # (B, T)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask
