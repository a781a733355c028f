"""What runs a graph: one interface over the runtimes, and the truth about what it runs on."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: What the runtimes say, in their many ways, when memory is short. 8007000E is DirectML's E_OUTOFMEMORY.
_OUT_OF_MEMORY = re.compile(r"alloc|out.?of.?memory|not enough memory|8007000e", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ProviderReport:
    """`actual` is what runs ("CPU", "CUDA", …); `problems` says why faster ones do not, a line each."""

    actual: str
    problems: tuple[str, ...] = ()

    def adding(self, problem: str) -> ProviderReport:
        """The same with one problem more, unless it is known."""
        return self if problem in self.problems else replace(self, problems=(*self.problems, problem))


class OutOfMemory(Exception):
    """A batch did not fit into the memory of the device. A smaller one, in the same session, may."""


class Session(Protocol):
    """A loaded graph. Thread-safe. `batch_tokens` is the batch that suits it, in tokens with padding;
    `last_resort` says that nothing simpler is left to try when it fails."""

    report: ProviderReport
    batch_tokens: int
    last_resort: bool

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        ...

    def run(
        self, ids: NDArray[np.int64], mask: NDArray[np.int64], types: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """What the graph gives, float32 (B, D), for token ids and mask, int64 (B, T): unit vectors, or for
        pairs of texts a score each. Token types tell the texts of a pair apart; a graph that knows none is
        not given any.

        Raises `OutOfMemory`, and whatever else the runtime raises.
        """
        ...


def default_threads() -> int:
    """All cores but one, for the person; of two, both: children are niced."""
    cores = os.cpu_count() or 1
    return cores if cores <= 2 else cores - 1


def out_of_memory(error: BaseException) -> bool:
    """Whether a runtime's exception says that memory was short."""
    return isinstance(error, MemoryError) or bool(_OUT_OF_MEMORY.search(str(error)))
