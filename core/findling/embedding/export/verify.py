"""Proof that an exported graph is the model: parity to torch, and nothing that depends on its neighbours.

The reference is the torch model as transformers runs it, on each text alone and without padding, pooled in
numpy: it shares neither masks nor positions nor pooling with the graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from findling.embedding.export.samples import PROBES
from findling.errors import ModelRefused, one_line
from findling.models import Pooling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from findling.embedding.export.pooled import PooledEncoder
    from findling.embedding.tokenizer import TextTokenizer

    Vectors = NDArray[np.float32]
    Rows = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Bars:
    """What a precision must reach. `difference` is of the vectors' numbers, absolute; `cosine` to the
    reference: of the worst text, or of their mean."""

    difference: float | None
    worst_cosine: float
    mean_cosine: float


#: What an exported graph may differ by; tests/bench/RESULTS.md has what they do differ by.
BARS = {
    "fp32": Bars(1e-5, 0.99999, 0.99999),
    "fp16": Bars(None, 0.999, 0.999),
    "int8": Bars(None, 0.9, 0.98),
}
#: Texts in the larger of the two batches that are compared.
_BATCH = 7
#: A normalised vector is shorter than this only if it is zero.
_ZERO = 1e-3


def rows_of(tokenizer: TextTokenizer) -> list[list[int]]:
    """Token ids of the probes: short, long, cut off, in several scripts, and empty."""
    rows = tokenizer.encode([*PROBES, ""])
    return [row or [0] for row in rows]


def reference(module: PooledEncoder, rows: Rows) -> Vectors:
    """Unit vectors of `rows` by transformers and numpy, float32 (N, D).

    In float64, where memory has room for that: torch rounds, too, and on processors without AVX-512 its
    vector of a single token by SmolLM2 was 1e-5 to 2e-5 from the exact one, of which the graph's was 4e-7.
    """
    import torch

    if _bytes_in_float64(module.model) < psutil.virtual_memory().available:
        module.model.to(torch.float64)
    try:
        vectors = [_reference_of(module, row) for row in rows]
    finally:
        module.model.to(torch.float32)
    stacked = np.stack(vectors)
    lengths = np.linalg.norm(stacked, axis=1, keepdims=True)
    return (stacked / np.maximum(lengths, 1e-12)).astype(np.float32)


def _reference_of(module: PooledEncoder, row: Sequence[int]) -> NDArray[np.float64]:
    """Of one text, (D,)."""
    import torch

    ids = torch.tensor([list(row)], dtype=torch.int64)  # (1, T)
    with torch.inference_mode():
        states = module.model(input_ids=ids, attention_mask=torch.ones_like(ids))[0][0]  # (T, D)
        pooled = torch.from_numpy(_pooled(states.numpy(), module.pooling))
        vector = module.dense(pooled.to(torch.float32)).numpy().astype(np.float64)
    if module.centre is None:
        return vector
    return (vector - module.centre.numpy()) * module.scale.numpy()


def _bytes_in_float64(model: Any) -> int:
    return 8 * sum(each.numel() for each in model.parameters())


def _pooled(states: NDArray[np.floating[Any]], pooling: Pooling) -> NDArray[np.float64]:
    """(T, D) to (D,), in float64."""
    wide = states.astype(np.float64)
    if pooling is Pooling.CLS:
        return wide[0]
    if pooling is Pooling.LAST_TOKEN:
        return wide[-1]
    weights = np.arange(1, len(wide) + 1) if pooling is Pooling.WEIGHTED_MEAN else np.ones(len(wide))
    return (wide * weights[:, None]).sum(0) / weights.sum()


def check(
    graph: Path, precision: str, rows: Rows, expected: Vectors, *, left: bool, step: Callable[[], None]
) -> dict[str, str]:
    """Run the graph on the CPU and compare; returns the figures by name, for the card.

    `left`: padding may stand on the left too. `step` is called between runs, to cancel. Raises
    `ModelRefused` with the figures of what is not good enough.
    """
    session = _session(graph)
    alone = np.concatenate([_embed(session, [row], left=False) for row in _each(rows, step)])
    batched: dict[str, Vectors] = {"right": _in_batches(session, rows, step, left=False)}
    if left:
        batched["left"] = _in_batches(session, rows, step, left=True)
    nothing = _embed(session, [[], *rows[:1]], left=False)  # a text of no token at all
    bars = BARS[precision]
    difference = float(np.abs(alone - expected).max())
    cosines = _cosines(alone, expected)
    worst, mean = float(cosines.min()), float(cosines.mean())
    figures = {
        "max_difference": f"{difference:.1e}",
        "min_cosine": f"{worst:.6f}",
        "mean_cosine": f"{mean:.6f}",
    }
    bad: list[str] = []
    if not all(np.isfinite(vectors).all() for vectors in (alone, nothing, *batched.values())):
        bad.append("some numbers are not finite")
    if not (worst >= bars.worst_cosine and mean >= bars.mean_cosine):
        bad.append(f"cosine {worst:.6f} at worst, {mean:.6f} in the mean (bar {bars.mean_cosine})")
    if bars.difference is not None and not difference <= bars.difference:
        bad.append(f"difference up to {difference:.1e} (bar {bars.difference:.0e})")
    for side, vectors in batched.items():
        drift = float(np.abs(vectors - alone).max())
        cosines = _cosines(vectors, alone)
        figures[f"{side}_padding_difference"] = f"{drift:.1e}"
        apart = not (float(cosines.min()) >= bars.worst_cosine and float(cosines.mean()) >= bars.mean_cosine)
        if apart or (bars.difference is not None and not drift <= bars.difference):
            bad.append(f"a batch padded on the {side} changes vectors by up to {drift:.1e}")
    if bad:
        raise ModelRefused(
            f"The {precision} graph does not agree with the original: {'; '.join(bad)}.",
            "Nothing was installed. Please report this with the model's name.",
        )
    return {f"{precision}_{name}": value for name, value in figures.items()}


def _cosines(some: Vectors, others: Vectors) -> NDArray[np.float32]:
    """Row by row, (N); 1 where both are zero, as a text of nothing but padding tokens may be."""
    empty = (np.linalg.norm(some, axis=1) < _ZERO) & (np.linalg.norm(others, axis=1) < _ZERO)
    return np.where(empty, np.float32(1), (some * others).sum(1))


def _session(graph: Path) -> Any:
    """A CPU session: the reference is computed there too, and a GPU's TF32 would blur the comparison."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own exceptions, of many kinds
        raise ModelRefused(f"The exported graph cannot be loaded: {one_line(error)}.") from error


def _each(rows: Rows, step: Callable[[], None]) -> Any:
    for row in rows:
        step()
        yield row


def _in_batches(session: Any, rows: Rows, step: Callable[[], None], *, left: bool) -> Vectors:
    """In batches of 7, in the order of `rows`: short and long ones meet."""
    starts = range(0, len(rows), _BATCH)
    batches = _each([rows[start : start + _BATCH] for start in starts], step)  # pyright: ignore[reportArgumentType]
    return np.concatenate([_embed(session, batch, left=left) for batch in batches])


def _embed(session: Any, rows: Rows, *, left: bool) -> Vectors:
    length = max(len(row) for row in rows)
    ids = np.zeros((len(rows), length), np.int64)  # (B, T)
    mask = np.zeros((len(rows), length), np.int64)  # (B, T)
    for index, row in enumerate(rows):
        span = slice(length - len(row), length) if left else slice(0, len(row))
        ids[index, span] = row
        mask[index, span] = 1
    return session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": mask})[0]
