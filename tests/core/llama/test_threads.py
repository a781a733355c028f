"""How many threads write, on cores that others use as well."""

from __future__ import annotations

from findling.llama.threads import Threads


class _Machine:
    """Cores of which others take some; batches of a tenth of a second."""

    def __init__(self, cores: int) -> None:
        self.cores = cores
        self.threads = Threads(cores)
        self.count = cores

    def counts(self, seconds: float, *, taken: float = 0) -> list[int]:
        """The number of threads of each batch, for so long."""
        found: list[int] = []
        for _ in range(round(seconds / 0.1)):
            found.append(self.count)
            self.count = self.threads.computed(0.1, 0.1 * min(self.count, self.cores - taken))
        return found


def test_a_machine_of_ones_own_is_used_whole() -> None:
    assert set(_Machine(8).counts(100)) == {8}


def test_a_core_that_somebody_else_needs_is_left_to_them() -> None:
    machine = _Machine(2)
    machine.counts(5)
    while_shared = machine.counts(120, taken=1)
    assert while_shared[:10].count(2) < 10, "after less than a second"
    assert while_shared.count(1) > 0.9 * len(while_shared)


def test_a_core_is_taken_back_once_it_is_free() -> None:
    machine = _Machine(4)
    machine.counts(10, taken=1)
    assert 4 in machine.counts(10)
    assert set(machine.counts(10)) == {4}


def test_it_is_tried_more_rarely_the_longer_it_was_in_vain() -> None:
    machine = _Machine(2)
    first = machine.counts(20, taken=1).count(2)
    machine.counts(200, taken=1)
    assert machine.counts(20, taken=1).count(2) < first
    assert 2 in machine.counts(70), "but within a minute"


def test_a_moment_of_others_is_no_reason() -> None:
    machine = _Machine(4)
    machine.counts(1, taken=0.1)
    assert machine.count == 4


def test_one_core_has_one_thread() -> None:
    assert set(_Machine(1).counts(10, taken=0.5)) == {1}
