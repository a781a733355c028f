"""Losses of contrastive training, and which candidates they leave out: pure functions of tensors.

Vectors are of length 1 and D dimensions, so that a product of two is their cosine, here the score. Of the
candidates of a batch of B queries the first B are the positives, in the order of the queries, and the others
are negatives; whatever a mask says, a query's own positive is never left out. Losses are float32, also under
autocast: bfloat16 has three digits, too few for a score that is divided by a temperature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def info_nce(
    queries: Any,
    positives: Any,
    negatives: Any = None,
    *,
    temperature: float,
    masked: Any = None,
    weights: Any = None,
) -> Any:
    """The mean of -log softmax(score / temperature) of each query's own positive among all candidates of the
    batch: every other query's positive, and everybody's negatives.

    queries, positives   (B, D)
    negatives            (B, N, D), or (M, D) where queries have unequally many, or None
    masked               bool (B, B + B * N) or (B, B + M): candidates that a query leaves out
    weights              (B,): how much a query counts, at least 0
    returns              float32 ()

    van den Oord et al. 2018, arXiv 1807.03748; with in-batch negatives as in Henderson et al. 2017,
    arXiv 1705.00652.
    """
    import torch

    candidates = positives
    if negatives is not None:
        candidates = torch.cat([positives, negatives.reshape(-1, positives.shape[1])])  # (C, D)
    scores = _scores(queries, candidates) / temperature  # (B, C)
    if masked is not None:
        scores = scores.masked_fill(_but_own(masked), -torch.inf)
    return _mean(scores.logsumexp(1) - scores.diagonal(), weights)


def listwise_kl(
    scores: Any,
    teacher: Any,
    *,
    temperature: float,
    teacher_temperature: float,
    listed: Any = None,
    weights: Any = None,
) -> Any:
    """The mean of KL(teacher || model) over each query's list of passages, both as softmax of their scores.

    scores    (B, L), the model's, to be divided by `temperature`
    teacher   (B, L), on the teacher's own scale, to be divided by `teacher_temperature`
    listed    bool (B, L): what is on the list, where lists are of unequal length; the rest may be anything
    weights   (B,): how much a query counts, at least 0
    returns   float32 (), not multiplied with temperatures; a list of fewer than two adds 0 to the mean

    Tamber et al. 2025, arXiv 2505.19274, who add a tenth of `info_nce`, and whose code has 0.05 and 0.3;
    after Cao et al. 2007 (ListNet).
    """
    import torch

    found, wanted = scores.float() / temperature, teacher.float() / teacher_temperature  # (B, L)
    if listed is not None:
        # The lowest number and not -inf: a list of none is then 0 and not NaN.
        lowest = torch.finfo(torch.float32).min
        found, wanted = found.masked_fill(~listed, lowest), wanted.masked_fill(~listed, lowest)
    functional = torch.nn.functional
    divergence = functional.kl_div(
        functional.log_softmax(found, 1), functional.log_softmax(wanted, 1), reduction="none", log_target=True
    )  # (B, L)
    return _mean(divergence.sum(1), weights)


def matryoshka(loss: Callable[..., Any], *vectors: Any, dims: Sequence[int]) -> Any:
    """The mean of `loss(*vectors)` over the first `dims` dimensions of all vectors, at length 1 again.

    Only for a base that was trained so: others lose more in all their dimensions than they gain in a few.
    `vectors` are (…, D), or None, which stays None. Raises ValueError for more dimensions than D.

    Kusupati et al. 2022, arXiv 2205.13147.
    """
    import torch

    width = min(each.shape[-1] for each in vectors if each is not None)
    if not dims or not 0 < min(dims) <= max(dims) <= width:
        raise ValueError(f"Vectors of {width} dimensions have no prefixes of {list(dims)}.")

    def prefix(each: Any, dim: int) -> Any:
        return None if each is None else torch.nn.functional.normalize(each[..., :dim].float(), dim=-1)

    return sum(loss(*(prefix(each, dim) for each in vectors)) for dim in dims) / len(dims)


def false_negatives(scores: Any, own: Any = None, *, margin: float) -> Any:
    """Candidates that the model itself finds better than the positive by more than `margin`: they probably
    answer too.

    scores    (B, C), cosines by the model that learns
    own       int64 (B,): where each query's positive is among the candidates; without, query i's is at i
    returns   bool (B, C), never True at a positive

    Qwen3-Embedding (Zhang et al. 2025, arXiv 2506.05176), whose margin is 0.1.
    """
    own = _own(scores, own)
    return (scores > scores.gather(1, own) + margin).scatter(1, own, value=False)


def false_negatives_by_base(scores: Any, own: Any = None, *, margin: float, relative: bool = False) -> Any:
    """Candidates that a frozen model finds about as good as the positive: closer to it than `margin`, or
    better.

    `scores` (B, C) are that model's, `own` and what is returned as of `false_negatives`. With `relative` the
    margin is a share of the positive's score: 0.05 leaves out what has more than 95 % of it.

    GISTEmbed (Solatorio 2024, arXiv 2402.16829), whose margin is 0.
    """
    own = _own(scores, own)
    positive = scores.gather(1, own)  # (B, 1)
    room = positive.abs() * margin if relative else margin
    return (scores > positive - room).scatter(1, own, value=False)


def same(positives: Sequence[str], candidates: Sequence[str]) -> Any:
    """Candidates that are a query's own positive once more, by their ids: as another query's positive, or as
    anybody's negative.

    `positives` are B ids, `candidates` C, of which the first B are the positives. Returns bool (B, C) on the
    processor, False for the positive itself.
    """
    import torch

    numbers = {each: number for number, each in enumerate(dict.fromkeys([*candidates, *positives]))}
    one = torch.tensor([numbers[each] for each in positives])  # (B)
    other = torch.tensor([numbers[each] for each in candidates])  # (C)
    return _but_own(one[:, None] == other)


def _scores(queries: Any, candidates: Any) -> Any:
    """float32 (…, B, C) of (…, B, D) and (…, C, D), also under autocast."""
    import torch

    with torch.autocast(queries.device.type, enabled=False):
        return queries.float() @ candidates.float().mT


def _own(scores: Any, own: Any) -> Any:
    """(B, 1)."""
    import torch

    return (torch.arange(len(scores), device=scores.device) if own is None else own)[:, None]


def _but_own(masked: Any) -> Any:
    """`masked`, (B, C), without the positives."""
    return masked.masked_fill(masked.new_ones(masked.shape).tril().triu(), value=False)


def _mean(losses: Any, weights: Any) -> Any:
    """() of (B,); 0 where nothing weighs anything."""
    if weights is None:
        return losses.mean()
    weights = weights.to(losses.dtype)
    return (losses * weights).sum() / weights.sum().clamp(min=1e-12)
