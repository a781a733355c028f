"""How many threads write, on cores that others use as well."""

from __future__ import annotations

import pytest

from findling.llama.threads import Threads

BATCH_SECONDS = 0.1


class _Machine:
    """Cores of which others take some, seen or, from outside of a container, unseen."""

    def __init__(self, cores: int) -> None:
        self.cores = cores
        self.now = self.idle = 0.0
        self.threads = Threads(cores, clock=lambda: self.now, idle=lambda: self.idle)

    def counts(self, seconds: float, *, taken: float = 0, unseen: float = 0) -> list[int]:
        """The number of threads of each batch, for so long."""
        found: list[int] = []
        for _ in range(round(seconds / BATCH_SECONDS)):
            found.append(self.threads.count)
            used = min(found[-1], self.cores - taken - unseen)
            self.now += BATCH_SECONDS
            self.idle += BATCH_SECONDS * (self.cores - taken - used)
            self.threads.computed(BATCH_SECONDS, BATCH_SECONDS * used)
        return found


def test_a_machine_of_ones_own_is_used_whole() -> None:
    machine = _Machine(8)
    assert machine.counts(3)[0] == 7, "it is not known yet whether it is"
    assert set(machine.counts(100)) == {8}


@pytest.mark.parametrize("cores", [2, 16])
def test_a_core_that_somebody_else_needs_is_left_to_them(cores: int) -> None:
    machine = _Machine(cores)
    machine.counts(5)
    assert machine.counts(600, taken=1).count(cores) < 10, "for less than a second, and never again"
    machine.counts(3)
    assert set(machine.counts(10)) == {cores}, "and taken back once they no longer do"


def test_what_only_looks_free_is_tried_more_and_more_rarely() -> None:
    machine = _Machine(4)
    first = machine.counts(30, unseen=1).count(4)
    machine.counts(300, unseen=1)
    assert 0 < machine.counts(70, unseen=1).count(4) < first
    machine.counts(65)
    assert set(machine.counts(10)) == {4}


def test_a_moment_of_others_is_no_reason() -> None:
    machine = _Machine(4)
    machine.counts(3)
    assert set(machine.counts(1, taken=0.1)) == {4}


def test_one_core_has_one_thread() -> None:
    assert set(_Machine(1).counts(10, taken=0.5)) == {1}
