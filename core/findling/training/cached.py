"""The gradients of a batch as large as one likes, in the memory of a few texts.

A contrastive loss needs the vectors of all texts of a batch, but not all their graphs at a time: the texts
are embedded without a graph, the loss is computed and with it its gradients by the vectors, and then a few
texts after another are embedded again, with a graph that takes these gradients on to the weights. What it
costs is one embedding more. GradCache (Gao et al. 2021, arXiv 2101.06983).
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    #: Token ids of some texts to their vectors (B, D), with a graph where gradients are on.
    Encode = Callable[[Sequence[Sequence[int]]], Any]

#: Tokens that are embedded at once where memory is no matter: so few that texts of one length stand together
#: and a processor's caches hold what is computed of them.
GROUP_TOKENS = 2048


def backward(
    encode: Encode,
    columns: Sequence[Sequence[Sequence[int]]],
    loss_of: Callable[..., Any],
    micro_batch: int = 0,
    group_tokens: int = GROUP_TOKENS,
    around: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> float:
    """The loss of a batch; its gradients are added to those of whatever it depends on.

    `columns` are the batch's queries, positives, and so on, as token ids; `loss_of` is given the vectors of
    each, float32 (len(column), D), and returns the loss. With `micro_batch` 0 all texts have their graph at
    once, which is faster, and are embedded by `group_tokens`, of which a GPU wants more; else so many texts
    of the longest one's length have it, and more where they are shorter. Texts of about one length are
    embedded together, whatever their columns, so that little is padded; `around` all of these may
    be one autocast, which then converts the weights once.

    Both may be called under autocast; the loss is computed without. Dropout draws the same both times. A loss
    that is no finite number is returned and adds no gradients. Where `encode` raises, for instance for lack
    of memory, gradients may have been added in part: clear them.
    """
    rows = [row for column in columns for row in column]
    batches = _micro_batches([len(row) for row in rows], micro_batch, group_tokens)
    sizes = [len(column) for column in columns]

    def embed(places: Sequence[int]) -> Any:
        return encode([rows[place] for place in places]).float()

    if micro_batch:
        return _cached(embed, batches, sizes, loss_of)
    with around():
        parts = [embed(places) for places in batches]
    loss = _loss(_in_order(parts, batches), sizes, loss_of)
    value = float(loss.detach())
    if math.isfinite(value):
        loss.backward()
    return value


def _cached(
    embed: Callable[[Sequence[int]], Any],
    batches: Sequence[Sequence[int]],
    sizes: Sequence[int],
    loss_of: Callable[..., Any],
) -> float:
    import torch

    parts: list[Any] = []
    states: list[_RandomState] = []
    with torch.no_grad():
        for places in batches:
            states.append(_RandomState())
            parts.append(embed(places))
        vectors = _in_order(parts, batches).requires_grad_()  # (M, D)
    del parts
    # Autocast may have kept the weights as it converted them, without a graph (pytorch#112583, open in 2.8).
    torch.clear_autocast_cache()
    loss = _loss(vectors, sizes, loss_of)
    value = float(loss.detach())
    if not math.isfinite(value):
        return value
    loss.backward()
    afterwards = _RandomState()
    try:
        for places, state in zip(batches, states, strict=True):
            state.put_back()
            embed(places).backward(vectors.grad[list(places)])
    finally:
        afterwards.put_back()
    return value


def _loss(vectors: Any, sizes: Sequence[int], loss_of: Callable[..., Any]) -> Any:
    import torch

    with torch.autocast(vectors.device.type, enabled=False):
        return loss_of(*vectors.split(list(sizes)))


def _in_order(parts: Sequence[Any], batches: Sequence[Sequence[int]]) -> Any:
    """(M, D): the vectors of all texts, each at its place."""
    import torch

    places = torch.tensor([place for batch in batches for place in batch])  # (M)
    vectors = torch.cat(list(parts))
    return vectors[places.argsort().to(vectors.device)]


def _micro_batches(lengths: Sequence[int], micro_batch: int, group_tokens: int) -> list[list[int]]:
    """Places of texts that are embedded at once, the longest first: what does not fit is known at once."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    tokens = micro_batch * max(1, lengths[order[0]]) if micro_batch else group_tokens
    batches: list[list[int]] = []
    start = 0
    while start < len(order):
        count = max(1, tokens // max(1, lengths[order[start]]))
        batches.append(order[start : start + count])
        start += count
    return batches


class _RandomState:
    """What torch's generators draw next, on the processor and on devices that are in use."""

    def __init__(self) -> None:
        import torch

        self._processor = torch.get_rng_state()
        self._cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
        self._metal = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None

    def put_back(self) -> None:
        """Draw it again."""
        import torch

        torch.set_rng_state(self._processor)
        if self._cuda is not None:
            torch.cuda.set_rng_state_all(self._cuda)
        if self._metal is not None:
            torch.mps.set_rng_state(self._metal)
