"""Centre and scale of vectors: decoders that were not tuned point nearly all texts the same way.

A few dimensions are a hundred times as large as the others, whatever the text says. Taking the mean away and
dividing by the standard deviation, dimension by dimension, over texts of many kinds, makes an untuned decoder
an embedder at all: the figures of SmolLM2-135M come from tests/bench/export.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from findling.embedding.export.samples import paragraphs
from findling.embedding.tokenizer import pad

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from findling.embedding.export.pooled import PooledEncoder
    from findling.embedding.tokenizer import TextTokenizer
    from findling.jobs import CancelToken

_BATCH = 8
#: Smallest standard deviation that is divided by, relative to the mean one.
_SCALE_FLOOR = 1e-3


@dataclass(frozen=True, slots=True)
class Centre:
    """`vector`, float32 (D,), is taken from every pooled vector before it is normalised, and the rest is
    multiplied with `scale`, float32 (D,), where there is one."""

    vector: NDArray[np.float32]
    scale: NDArray[np.float32] | None = None


def of_sample(module: PooledEncoder, tokenizer: TextTokenizer, prefix: str, cancel: CancelToken) -> Centre:
    """`of_rows` of the sample library's paragraphs."""
    return of_rows(module, tokenizer.encode([prefix + text for text in paragraphs()]), cancel)


def of_rows(module: PooledEncoder, rows: Iterable[Sequence[int]], cancel: CancelToken) -> Centre:
    """Mean, and one over the standard deviation, of the pooled vectors of texts, given as token ids. Raises
    `Cancelled`."""
    import torch

    rows = sorted(rows, key=len)
    device = next(module.model.parameters()).device
    pooled: list[NDArray[np.float64]] = []
    for start in range(0, len(rows), _BATCH):
        cancel.check()
        ids, mask = (torch.from_numpy(array).to(device) for array in pad(rows[start : start + _BATCH]))
        with torch.inference_mode():
            vectors = module.pooled(module.states(ids, mask).float(), mask)  # (B, D)
        pooled.append(vectors.double().cpu().numpy())
    stacked = np.concatenate(pooled)  # (N, D)
    deviation = stacked.std(0)
    floor = _SCALE_FLOOR * deviation.mean()
    # Only the proportions matter; the mean one as unit keeps the numbers of the graph ordinary.
    scale = deviation.mean() / np.maximum(deviation, floor)
    return Centre(stacked.mean(0).astype(np.float32), scale.astype(np.float32))
