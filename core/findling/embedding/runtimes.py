"""Which runtime runs which precision of a model.

"fp32", "fp16" and "int8" are graphs of the model, run by ONNX Runtime. "bf16" is the graph of its highest
precision, computed in bfloat16 by OpenVINO: where the processor has instructions for that (AMX), nothing else
is as fast, and vectors stay nearer to fp32 than those of int8 (tests/bench/RESULTS.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling.embedding import onnx_session, openvino_session
from findling.embedding.session import default_threads
from findling.errors import ModelDamaged

if TYPE_CHECKING:
    from findling.embedding.session import Session
    from findling.models import InstalledModel, ModelCard

#: The precision that is no graph of its own.
BF16 = "bf16"
#: Settings of the provider that leave the work to the CPU, or may.
_CPU_TOO = ("auto", "CPU")


def open_session(
    model: InstalledModel,
    precision: str,
    threads: int = 0,
    *,
    bulk: bool = False,
    provider: str = "auto",
    fall_back: bool = True,
) -> Session:
    """A session of the model in one of its `precisions`, on `provider` or, where that does not work, on what
    does; its report says which and why. `threads` 0 means by the number of cores. `bulk` is for a process
    that does nothing but embed. A precision that does not work, or not any more, gives way to the highest,
    unless `fall_back` is False.

    Raises `ModelDamaged` when the graph cannot be run even on the CPU.
    """
    threads = threads or default_threads()
    problem = ""
    graph = model.graph
    if precision in model.card.variants:
        graph = model.variant(precision)
    elif precision == BF16:
        try:
            return openvino_session.opened(graph, threads, model.card.max_tokens)
        except ModelDamaged as error:
            if not fall_back:
                raise
            problem = error.message
    session = onnx_session.opened(graph, threads, bulk=bulk, provider=provider)
    if problem:
        session.report = session.report.adding(problem)
    return session


def precisions(card: ModelCard, provider: str = "auto") -> tuple[str, ...]:
    """What the model can be asked for on this machine and `provider`, the highest first."""
    own = tuple(sorted(card.variants, key=lambda name: name != card.highest))
    more = BF16 not in own and provider in _CPU_TOO and openvino_session.computes_bf16()
    return (*own, BF16) if more else own
