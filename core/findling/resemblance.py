"""How much two documents have in common, by signatures of 64 bytes.

The resemblance of two texts is the share of the runs of three words that both have of all that either has
(Broder 1997, "On the resemblance and containment of documents"). The least of many hashes of all runs is
equal in two texts with just that probability; a byte of each is enough to see it (Li and König 2010, "b-Bit
Minwise Hashing"). With 64 of them the standard error is 0.06 at most.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

import numpy as np

from findling.analysis import fold

#: Texts that resemble each other at least so much are the same but for details.
NEAR_DUPLICATE = 0.8
_HASHES = 64
_RUN_WORDS = 3
#: Shorter texts give none: two short notes resemble each other soon.
_LEAST_WORDS = 20
#: Hashed at a time.
_SLICE = 1 << 14
_WORD = re.compile(r"\w+")
#: Odd multipliers and offsets of 64 hash functions (multiply-shift, Dietzfelbinger et al. 1997).
_MULTIPLIERS, _OFFSETS = np.random.default_rng(20261121).integers(
    0, 2**63, (2, _HASHES), np.uint64
) | np.uint64(1)


def signature_of(text: str) -> str:
    """The signature of a text, 128 hexadecimal digits; "" for one of fewer than 20 words."""
    words = np.fromiter((_hash(word) for word in _WORD.findall(text)), np.uint64)
    if len(words) < _LEAST_WORDS:
        return ""
    first, second, third = words[:-2], words[1:-1], words[_RUN_WORDS - 1 :]
    runs = first * np.uint64(0x9E3779B97F4A7C15) ^ second * np.uint64(0xC2B2AE3D27D4EB4F) ^ third
    runs = np.unique(runs)
    least = np.full(_HASHES, 2**64 - 1, np.uint64)
    for start in range(0, len(runs), _SLICE):
        part = runs[start : start + _SLICE, None] * _MULTIPLIERS + _OFFSETS  # (runs, 64)
        least = np.minimum(least, part.min(axis=0))
    return (least >> np.uint64(56) ^ least >> np.uint64(20) & np.uint64(255)).astype(np.uint8).tobytes().hex()


def resemblance(one: str, other: str) -> float:
    """Of two signatures, 0 … 1; 0 where a text has none."""
    if not one or not other:
        return 0.0
    same = (int(one, 16) ^ int(other, 16)).to_bytes(_HASHES, "big").count(0)
    return max(0.0, (same / _HASHES - 1 / 256) / (1 - 1 / 256))


@lru_cache(1 << 16)
def _hash(word: str) -> int:
    return zlib.crc32(fold(word).encode()) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
