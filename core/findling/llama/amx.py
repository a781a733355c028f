"""Whether llama.cpp can be trusted with a processor's matrix unit (AMX).

On such a processor llama.cpp computes almost twice as much, or crashes in its first batch: GCC before 12.4
and 13.3 believes that only 8 of the 64 bytes that configure the tiles are read, and drops what writes the
rest (GCC bug 114098; llama.cpp#20824). It depends on how llama.cpp was built, so it is tried, in a process
that may die.
"""

from __future__ import annotations

import multiprocessing
from functools import cache
from typing import TYPE_CHECKING

from findling.llama.weights import Weights, library, uses_amx

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE_SECONDS = 120.0
#: Two matrices by the unit and by other instructions agree; activations are rounded to 8 bits in both.
_LEAST_COSINE = 0.99
_TOKENS = 64


@cache
def amx_works(path: Path) -> bool:
    """Whether the model in a GGUF file can be evaluated with AMX, and gives what it gives without; False
    where llama.cpp would not use it. Takes a second on a processor that has it."""
    if not uses_amx(library()):
        return False
    trial = multiprocessing.get_context("spawn").Process(target=_try, args=(path,), daemon=True)
    trial.start()
    trial.join(_PATIENCE_SECONDS)
    if trial.is_alive():
        trial.kill()
        trial.join()
    return trial.exitcode == 0


def _try(path: Path) -> None:
    import numpy as np

    _without_core_file()
    logits: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    for with_amx in (False, True):
        with Weights(path, with_amx=with_amx) as weights:
            logits.append(weights.trial(_TOKENS))
    expected, found = logits
    cosine = float(expected @ found) / float(np.linalg.norm(expected) * np.linalg.norm(found))
    raise SystemExit(0 if cosine > _LEAST_COSINE else 1)


def _without_core_file() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
