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


def expected_minutes(pairs: int, minutes: float) -> int:
    """What a whole run takes at most with the built-in models on two cores, of which the training has
    `minutes`; `pairs` of the generator, 0 without one. A slower machine or a larger model takes longer."""
    return round(pairs / _PAIRS_A_MINUTE + minutes + (_OTHER_MINUTES if pairs else _OTHER_MINUTES / 2))
