"""How much work the files of a run are: nobody knows before they are read, but each one that is read says
what a byte of its kind comes to.

Bytes alone mislead: a kilobyte of a text file has hundreds of tokens, one of a scanned PDF none, and the
larger a file is, the larger a part of it tends to be pictures. So the tokens of a kind's files are taken to
grow as a power of their size, at most 1, fitted to those that are done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

#: What a file costs beside its tokens, in tokens: it is read, its rows are written.
FILE_TOKENS = 100.0
#: Before any file has been read, as in plain text.
_TOKENS_A_BYTE = 0.25
#: A power is fitted to so many files that differ so much in the logarithm of their size; 1 until then.
_LEAST_FILES = 8
_LEAST_SPREAD = 0.3
#: The latest files of a kind are gone by: small ones come first, so those still to come are most like them.
_LATEST = 500


class Effort:
    """Tokens of files of which kind and size in bytes are known."""

    def __init__(self, files: Iterable[tuple[str, int]]) -> None:
        sizes: dict[str, list[int]] = {}
        for kind, size in files:
            sizes.setdefault(kind, []).append(size)
        #: By kind, float64 (N,).
        self._sizes = {kind: np.array(of_kind, np.float64) for kind, of_kind in sizes.items()}
        self._done: dict[str, tuple[list[float], list[float]]] = {kind: ([], []) for kind in sizes}

    def learn(self, kind: str, size: int, tokens: int) -> None:
        """A file is done: it had so many tokens."""
        sizes, found = self._done.setdefault(kind, ([], []))
        sizes.append(float(size))
        found.append(float(tokens))

    def left(self) -> float:
        """Work of the files that are not done, about, in tokens."""
        return sum(self._left(kind, sizes) for kind, sizes in self._sizes.items())

    def _left(self, kind: str, sizes: NDArray[np.float64]) -> float:
        done, tokens = (np.array(values, np.float64) for values in self._done[kind])
        files = max(0, len(sizes) - len(done))
        if not files:
            return 0.0
        if not len(done):
            return files * FILE_TOKENS + self._tokens_a_byte() * float(sizes.sum())
        latest, found = done[-_LATEST:], tokens[-_LATEST:]
        power = _power(latest, found)
        level = float(found.sum()) / max(1.0, float((latest**power).sum()))
        remaining = max(0.0, float((sizes**power).sum() - (done**power).sum()))
        return files * FILE_TOKENS + level * remaining

    def _tokens_a_byte(self) -> float:
        """Over all kinds that have been met."""
        size = sum(sum(sizes) for sizes, _ in self._done.values())
        return sum(sum(tokens) for _, tokens in self._done.values()) / size if size else _TOKENS_A_BYTE


def _power(sizes: NDArray[np.float64], tokens: NDArray[np.float64]) -> float:
    """Of the size, with which tokens grow: the slope of their logarithms, between 0 and 1."""
    there = (tokens > 0) & (sizes > 0)
    if there.sum() < _LEAST_FILES:
        return 1.0
    x, y = np.log(sizes[there]), np.log(tokens[there])
    if x.std() < _LEAST_SPREAD:
        return 1.0
    slope = float(((x - x.mean()) * (y - y.mean())).mean() / x.var())
    return min(1.0, max(0.0, slope))
