"""How far a tuned model goes from its base is what held-out questions say, as far as they can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from findling.adaptation.budget import affordable_steps
from findling.adaptation.measure import interpolated
from findling.training.loop import Outcome, Point

if TYPE_CHECKING:
    from findling.adaptation.measure import DevMeasure
    from findling.training.model import TrainableModel


def test_measures_are_paid_for_out_of_the_same_minutes() -> None:
    for minutes, a_step, a_measure in ((10.0, 3.0, 4.0), (12.0, 9.8, 25.0), (1.0, 0.2, 0.1)):
        steps = affordable_steps(minutes, a_step, a_measure, 13)
        assert 0.8 * minutes <= (steps * a_step + 13 * a_measure) / 60 <= minutes
    assert affordable_steps(1.0, 1.0, 60.0, 13) == 0


class AtAShare:
    """A model that knows how far it is from its base."""

    share = 1.0

    def put(self, weights: dict[str, Any], share: float = 1.0) -> None:
        assert weights == {}
        self.share = share


@pytest.mark.parametrize(
    ("measures", "chosen"),
    [
        ((0.50, 0.52, 0.55, 0.556, 0.558), 0.5),  # further is not further beyond chance
        ((0.50, 0.52, 0.55, 0.59, 0.60), 0.75),  # the least that gains most of it
        ((0.50, 0.53, 0.51, 0.45, 0.40), 0.25),
        ((0.50, 0.495, 0.492, 0.48, 0.47), 0.5),  # as good as the base: whoever judges may say
        ((0.50, 0.45, 0.40, 0.30, 0.20), 0.0),
    ],
)
def test_half_way_is_gone_unless_another_way_is_clearly_better(
    measures: tuple[float, ...], chosen: float
) -> None:
    model = AtAShare()
    of_share = dict(zip((0.0, 0.25, 0.5, 0.75, 1.0), measures, strict=True))
    outcome = Outcome({}, [Point(0, 0.0, measures[0]), Point(9, 1.0, measures[-1])], 9, 9, 1.0, "finished")
    share, measured = interpolated(
        cast("TrainableModel", model), outcome, cast("DevMeasure", lambda each: of_share[each.share])
    )
    assert share == model.share == chosen
    assert [(each["share"], each["measure"]) for each in measured] == list(of_share.items())


def test_a_training_that_only_lost_leaves_the_base() -> None:
    outcome = Outcome({}, [Point(0, 0.0, 0.5)], 0, 9, 1.0, "patience")
    found = interpolated(cast("TrainableModel", AtAShare()), outcome, cast("DevMeasure", lambda _: 0.9))
    assert found == (0.0, [{"share": 0.0, "measure": 0.5}])
