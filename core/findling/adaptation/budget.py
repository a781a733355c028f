"""What a tuning run is given where nobody says otherwise, and how long it takes.

Imports nothing: a window and a command line have it before they do anything.
"""

from __future__ import annotations

#: Pairs that are wanted, and minutes for the training: with what follows, half an hour on two cores.
PAIRS = 800
MINUTES = 10.0
#: Of the built-in generator on two cores, kept: 60 to 130 (tests/bench/RESULTS.md).
_PAIRS_A_MINUTE = 80
#: For the questions that judge, a graph of the model, a trial library and its comparison.
_OTHER_MINUTES = 8
#: Of the time for training, what steps and measures may take; the rest is for loading and mining.
_TIME_SHARE = 0.9


def affordable_steps(minutes: float, a_step: float, a_measure: float, measures: int) -> int:
    """How many steps there is time for beside so many measures, where each takes that many seconds."""
    return max(0, int((_TIME_SHARE * 60 * minutes - measures * a_measure) / a_step))


def expected_minutes(pairs: int, minutes: float) -> int:
    """What a whole run takes at most with the built-in models on two cores, of which the training has
    `minutes`; `pairs` of the generator, 0 without one. A slower machine or a larger model takes longer."""
    return round(pairs / _PAIRS_A_MINUTE + minutes + (_OTHER_MINUTES if pairs else _OTHER_MINUTES / 2))
