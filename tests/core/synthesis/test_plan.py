"""Plans: what cannot be is refused before any work is done, and a file gives back what it was begun with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from findling.errors import UserError
from findling.synthesis.kinds import Purpose
from findling.synthesis.plan import SynthesisPlan
from findling.synthesis.self_supervised import Source


def plan_of(**values: Any) -> SynthesisPlan:
    return SynthesisPlan("l", 1, "f", **{"generator": "g"} | values)


def test_a_plan_comes_back_from_json_as_it_was() -> None:
    plan = plan_of(
        kinds=("title",),
        sources=(Source.TITLE,),
        augmentations=("typos", "synonyms"),
        examples=(("query", "passage"),),
        tasks=("find ropes",),
        documents=("d1", "d2"),
        passages=("p1",),
        purpose=Purpose.JUDGE,
        seed=4,
    )
    assert SynthesisPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert SynthesisPlan.from_json(plan.to_json() | {"of a later version": 1}) == plan
    assert plan_of().purpose is Purpose.LEARN
    older = plan_of().to_json()
    del older["purpose"], older["passages"]
    assert SynthesisPlan.from_json(older) == plan_of()
    with pytest.raises((KeyError, TypeError)):
        SynthesisPlan.from_json({"library": "l"})


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        ({"pairs": 0}, "At least one pair", "above 0"),
        ({"generator": "", "sources": ()}, "neither a generator nor a source", "Choose"),
        ({"kinds": ("questoin",)}, "no kind of query 'questoin'", "Did you mean 'question'?"),
        ({"sources": ("titel",)}, "no source 'titel'", "Did you mean 'title'?"),
        ({"sources": ("zzz",)}, "no source 'zzz'", "There are: heading, title, "),
        ({"augmentations": ("typo",)}, "no augmentation 'typo'", "Did you mean 'typos'?"),
        (
            {"generator": "", "augmentations": ("typos", "synonyms")},
            "'synonyms' without a generator",
            "Name one",
        ),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(UserError) as told:
        plan_of(**values).check()
    assert message in told.value.message
    assert hint in told.value.hint


def test_more_pairs_are_wanted_of_the_documents_which_cost_nothing_than_of_the_generator() -> None:
    plan_of(augmentations=("typos", "back_translation")).check()
    assert plan_of(pairs=40).pairs_of_documents == 160
    assert plan_of(pairs=40, sources=()).pairs_of_documents == 0
