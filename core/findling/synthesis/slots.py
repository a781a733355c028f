"""Slots: how one query shall differ from the next of its kind, drawn anew for each.

They are those of the paper's prompts (Wang et al. 2024, arXiv 2401.00368) as far as they suit documents that
are real: length, clarity, specificity, difficulty; and how near its words shall be to the passage's. A
generator that follows instructions is told in words; with one that completes text, length, specificity and
vocabulary set how it is sampled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling.synthesis.kinds import Purpose

if TYPE_CHECKING:
    import random

#: Of each slot its values, how often each is drawn, and what a generator is told.
SLOTS: dict[str, dict[str, tuple[int, str]]] = {
    "length": {
        "short": (3, "Use at most {most} words."),
        "medium": (5, "Use {least} to {most} words."),
        "long": (2, "Use at least {least} words."),
    },
    "clarity": {
        "clear": (6, "It can be understood at once."),
        "some effort": (3, "It takes some thought to see what is meant."),
        "loose": (1, "It is put loosely, as by somebody who lacks the right terms."),
    },
    "specificity": {
        "specific": (6, "It is about a detail that this passage alone settles."),
        "broad": (4, "It is about what the whole passage is for."),
    },
    "difficulty": {
        "everyday": (4, "It is in everyday language."),
        "trained": (4, "It is in the language of somebody who works in the field."),
        "expert": (2, "It is in the language of an expert."),
    },
    "vocabulary": {
        "any": (6, ""),
        "other": (4, "Use other words than the passage wherever there are some."),
    },
}
#: How often instead, for questions that judge: people who search do not have the passage's words before them.
JUDGING = {
    "clarity": {"clear": 4, "some effort": 3, "loose": 3},
    "vocabulary": {"any": 2, "other": 8},
}


def drawn(choose: random.Random, purpose: Purpose = Purpose.LEARN) -> dict[str, str]:
    """A value of every slot."""
    found: dict[str, str] = {}
    for slot, values in SLOTS.items():
        shares = {value: share for value, (share, _) in values.items()}
        if purpose is Purpose.JUDGE:
            shares |= JUDGING.get(slot, {})
        found[slot] = choose.choices(list(shares), list(shares.values()))[0]
    return found


def in_words(slots: dict[str, str], words: tuple[int, int]) -> str:
    """What a generator is told of the slots; `words` are the least and most of the length drawn."""
    told = [SLOTS[slot][value][1] for slot, value in slots.items()]
    least, most = words
    return " ".join(text.format(least=least, most=most) for text in told if text)
