"""One stage of a pipeline ahead of the next."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from findling.jobs.prefetch import prefetched

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_items_come_in_order_and_end() -> None:
    with prefetched(iter(range(1000)), 3) as items:
        assert list(items) == list(range(1000))


def test_items_are_made_ahead_but_no_further_than_asked() -> None:
    made: list[int] = []
    ahead = threading.Event()

    def make() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            if number == 3:
                ahead.set()
            yield number

    with prefetched(make(), 3) as items:
        assert ahead.wait(10)  # 0, 1, 2 wait in the queue and 3 in the producer's hand
        assert made == [0, 1, 2, 3]
        assert next(items) == 0


def test_an_error_is_raised_where_its_item_would_be_taken() -> None:
    def make() -> Iterator[int]:
        yield 1
        raise ValueError("broken source")

    with prefetched(make(), 5) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="broken source"):
            next(items)


def test_leaving_early_closes_the_source_in_its_thread() -> None:
    closed: list[str] = []

    def make() -> Iterator[int]:
        try:
            while True:
                yield 0
        finally:
            closed.append(threading.current_thread().name)

    with prefetched(make(), 2) as items:
        next(items)
    assert closed == ["prefetch"]
    assert "prefetch" not in [thread.name for thread in threading.enumerate()]
