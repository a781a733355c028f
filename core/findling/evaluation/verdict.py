"""The judge: whether a tuned model shall take the place of its base, and why, in words and figures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from findling.evaluation.general import Forgetting
    from findling.evaluation.significance import Difference

#: Fewer questions tell nothing: with so many, only differences of about 0.1 are found.
LEAST_QUERIES = 50
#: Questions that would not even show so large a difference tell nothing either. nDCG@10, 0 … 1.
LARGEST_SMALLEST = 0.1
#: So much may be lost, at worst, where a gain is only probable. nDCG@10, 0 … 1.
TOLERATED_LOSS = 0.01


class Arm(StrEnum):
    """What is measured side by side: words alone, meaning by either model, and both at once."""

    KEYWORD = "keyword"
    BASE = "base"
    TUNED = "tuned"
    BASE_HYBRID = "base hybrid"
    TUNED_HYBRID = "tuned hybrid"


class Verdict(StrEnum):
    """What is to be done: take the tuned model, let the person choose, or keep the base (the other two)."""

    BETTER = "better"
    PROBABLY_BETTER = "probably better"
    KEEP_BASE = "keep base"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, its `reason` in one sentence for a person, and the difference it rests on: tuned minus base
    in nDCG@10, 0 … 1, as `Difference` has it, over so many `queries`. `real` is whether people judged."""

    verdict: Verdict
    reason: str
    mean: float
    low: float
    high: float
    p: float
    queries: int
    smallest: float | None
    real: bool


def decide(
    difference: Difference,
    *,
    real: bool,
    forgetting: Forgetting | None = None,
    hard_stops: Iterable[str] = (),
    base: float | None = None,
) -> Decision:
    """Judge a tuned model by its `difference` from the base in nDCG@10, 0 … 1, over questions on documents
    that it was not tuned on.

    Real judgements override generated questions: where there are any, give their difference and `real`. A
    tuned model has seen the style of the generator, so that what it gains on generated questions is an upper
    bound, and the reason says so. `hard_stops` are checks that failed, each a phrase; `base` is the base's
    own nDCG@10, for the reason. The first that holds:

    - *keep base*: a hard stop, or `forgetting` is not passed
    - *cannot tell*: fewer than 50 questions
    - *better*: the interval is above 0
    - *keep base*: the interval is below 0
    - *cannot tell*: the smallest difference that would show is above 0.1
    - *probably better*: at worst less than 0.01 is lost, and the interval reaches less far below 0 than its
      mean lies above. Without that last condition, of models that hardly differ every second one would be
      called so; with it, the mean of one that is no better lies so high in about one case of six
    - *keep base*: everything else
    """
    queries = difference.queries
    figures = _figures(difference, base, queries, real=real)
    stops = list(hard_stops)
    if stops:
        verdict, reason = Verdict.KEEP_BASE, f"The tuned model is not used: {'; '.join(stops)}"
    elif forgetting is not None and not forgetting.passed:
        verdict, reason = Verdict.KEEP_BASE, f"Forgets too much of what it knew: {_lost(forgetting)}"
    elif queries < LEAST_QUERIES:
        verdict = Verdict.CANNOT_TELL
        reason = f"Too few questions to tell, at least {LEAST_QUERIES} are needed: {figures}"
    else:
        verdict, words = _verdict(difference)
        reason = f"{words}: {figures}"
    return Decision(
        verdict,
        f"{reason}.",
        difference.mean,
        difference.low,
        difference.high,
        difference.p,
        queries,
        difference.smallest,
        real,
    )


def _verdict(difference: Difference) -> tuple[Verdict, str]:
    mean, low, high, smallest = difference.mean, difference.low, difference.high, difference.smallest
    if low > 0:
        return Verdict.BETTER, "Finds the right document more often"
    if high < 0:
        return Verdict.KEEP_BASE, "Finds the right document less often"
    if smallest is not None and smallest > LARGEST_SMALLEST:
        return Verdict.CANNOT_TELL, f"Too few questions to tell, {smallest:.3f} is the least that would show"
    if mean > 0 and low > -TOLERATED_LOSS and -low < mean:
        return Verdict.PROBABLY_BETTER, "Probably finds the right document more often"
    if mean > 0:
        return Verdict.KEEP_BASE, "The gain may be chance"
    return Verdict.KEEP_BASE, "Does not find the right document more often"


def _figures(difference: Difference, base: float | None, queries: int, *, real: bool) -> str:
    change = f"{difference.mean:+.3f}" if base is None else f"{base:.3f} → {base + difference.mean:.3f}"
    asked = "judged" if real else "generated"
    bound = "" if real else ", an upper bound for such questions resemble what it was tuned on"
    return (
        f"nDCG@10 {change} over {queries:,} {asked} question{'' if queries == 1 else 's'} "
        f"(95 %: {difference.low:+.3f} … {difference.high:+.3f}){bound}"
    )


def _lost(forgetting: Forgetting) -> str:
    difference = forgetting.difference
    return (
        f"nDCG@10 {forgetting.base:.1f} → {forgetting.tuned:.1f} points over {difference.queries:,} general "
        f"questions (95 %: {difference.low:+.1f} … {difference.high:+.1f})"
    )
