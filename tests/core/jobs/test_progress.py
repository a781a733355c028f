"""Progress as a value, and the pace of work."""

from __future__ import annotations

import json

import pytest

from findling.jobs import Progress, Rate, ignore_progress, progress


def test_progress_survives_json() -> None:
    value = Progress("embedding", 3, 7, "passages", "a.pdf", 2.5, 1.6, {"indexed": 3})
    assert Progress.from_json(json.loads(json.dumps(value.to_json()))) == value
    assert ignore_progress(value) is None


@pytest.mark.parametrize(
    ("done", "total", "fraction"),
    [(0, None, None), (5, None, None), (0, 4, 0.0), (1, 4, 0.25), (4, 4, 1.0), (9, 4, 1.0), (0, 0, 1.0)],
)
def test_fraction(done: int, total: int | None, fraction: float | None) -> None:
    assert Progress("p", done, total).fraction == fraction


def test_a_share_speaks_louder_than_the_count() -> None:
    assert Progress("p", 9, 10, share=0.25).fraction == 0.25
    assert Progress("p", 9, None, share=0.25).fraction == 0.25


def test_the_share_of_the_weight_that_is_done() -> None:
    rate = Rate(40)
    assert rate.share() == 0
    rate.add(10)
    assert rate.share() == 0.25
    rate.add(70)
    assert rate.share() == 1
    assert Rate(0).share() == 1


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_nothing_is_said_before_anything_is_known(clock: Clock) -> None:
    rate = Rate(100)
    assert (rate.per_second(), rate.remaining_seconds()) == (None, None)
    rate.add(10)
    assert (rate.per_second(), rate.remaining_seconds()) == (None, None)
    clock.now += 30
    assert Rate(100).remaining_seconds() is None


def test_a_slow_beginning_is_forgotten_and_its_work_is_not(clock: Clock) -> None:
    rate = Rate(100)
    clock.now += 20
    rate.add(10, count=2)
    rate.restart()
    assert (rate.per_second(), rate.remaining_seconds()) == (None, None)
    clock.now += 10
    rate.add(30, count=5)
    assert rate.share() == 0.4
    assert rate.per_second() == pytest.approx(0.5)
    assert rate.remaining_seconds() == pytest.approx(20)


def test_time_left_follows_the_weight_and_not_the_count(clock: Clock) -> None:
    rate = Rate(100)
    clock.now += 10
    rate.add(20, count=4)
    assert rate.per_second() == pytest.approx(0.4)
    assert rate.remaining_seconds() == pytest.approx(40)


def test_only_the_window_counts(clock: Clock) -> None:
    rate = Rate(1000, window_seconds=30)
    for _ in range(100):
        clock.now += 1
        rate.add(1)
    for _ in range(40):
        clock.now += 1
        rate.add(10)
    assert rate.per_second() == pytest.approx(1.0)
    assert rate.remaining_seconds() == pytest.approx((1000 - 500) / 10, rel=0.05)


def test_more_work_than_was_thought_leaves_no_negative_time(clock: Clock) -> None:
    rate = Rate(10)
    clock.now += 5
    rate.add(50)
    assert rate.remaining_seconds() == 0.0


def test_what_is_expected_may_change_on_the_way(clock: Clock) -> None:
    rate = Rate(100)
    clock.now += 10
    rate.add(50)
    rate.expect(150)
    assert rate.share() == pytest.approx(0.25)
    assert rate.remaining_seconds() == pytest.approx(30)
